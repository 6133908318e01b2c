//! Makes the data that is only written while the program starts read-only (RELRO).
//!
//! A dynamic linker does this for ordinary programs; a static program has none, so it does it itself, first thing. The
//! region stands in the program headers (ELF gABI, `PT_GNU_RELRO`), which the kernel tells us through the auxiliary vector.

use super::PAGE_BYTES;
use nix::libc;
use nix::sys::mman::{ProtFlags, mprotect};
use std::io;
use std::ptr::NonNull;

#[cfg(target_pointer_width = "64")]
type ProgramHeader = libc::Elf64_Phdr;
#[cfg(target_pointer_width = "32")]
type ProgramHeader = libc::Elf32_Phdr;

/// Seals the region. Must run before any other thread starts. Fails when the kernel refuses, or when the program has no
/// such region: then it was not linked as it should be.
pub fn seal() -> io::Result<()> {
    // SAFETY: reads the vector that the kernel put on our stack; no memory of ours is involved.
    let (address, count) = unsafe { (libc::getauxval(libc::AT_PHDR), libc::getauxval(libc::AT_PHNUM)) };
    let first = address as *const ProgramHeader;
    if first.is_null() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    // SAFETY: the kernel mapped this binary's program headers there, read-only and for the life of the process, and
    // `count` is their number; the type is the kernel's own for this word size.
    let headers = unsafe { std::slice::from_raw_parts(first, count as usize) };
    let find = |kind| headers.iter().find(|h| h.p_type == kind);
    // Where the program was loaded, beside where it was linked to: zero unless it is position-independent.
    let bias = find(libc::PT_PHDR).map_or(0, |h| (address as usize).wrapping_sub(h.p_vaddr as usize));
    let region = find(libc::PT_GNU_RELRO).ok_or(io::ErrorKind::NotFound)?;
    let begin = bias.wrapping_add(region.p_vaddr as usize);
    // As every dynamic linker rounds: before the region there is nothing of the segment on its first page, behind it there may be.
    let (start, end) = (begin / PAGE_BYTES, begin.wrapping_add(region.p_memsz as usize) / PAGE_BYTES);
    let length = end.saturating_sub(start) * PAGE_BYTES;
    let start = NonNull::new((start * PAGE_BYTES) as *mut libc::c_void).ok_or(io::ErrorKind::NotFound)?;
    // SAFETY: the linker laid the region out for exactly this: whole pages, once rounded, of data that nothing writes
    // once start-up code has run, which it has when `main` runs.
    unsafe { mprotect(start, length, ProtFlags::PROT_READ) }?;
    Ok(())
}
