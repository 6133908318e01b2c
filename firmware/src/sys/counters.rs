//! One page of counters that several of our processes share.
//!
//! It has no name: init makes it and hands its descriptor to the others. Its size is sealed, so that no process can take
//! the page away from under another.

use super::PAGE_BYTES;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap};
use std::io;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::AtomicU32;

/// Size of the mapping: one page.
const MAPPED: NonZeroUsize = NonZeroUsize::new(PAGE_BYTES).expect("not zero");
/// Counters in it: more than there will ever be parts to watch.
pub const COUNTERS: usize = 64;

const _: () = assert!(COUNTERS * size_of::<AtomicU32>() <= PAGE_BYTES);

/// Makes a page, all zero.
pub fn create() -> io::Result<OwnedFd> {
    let file = memfd_create(c"progress", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?;
    nix::unistd::ftruncate(&file, PAGE_BYTES as _)?;
    let size = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(size))?;
    Ok(file)
}

/// Maps the page for the life of the process. Refuses a file that was not made by [`create`]: one whose size may change.
pub fn map(file: impl AsFd) -> io::Result<&'static [AtomicU32; COUNTERS]> {
    let seals = fcntl(&file, FcntlArg::F_GET_SEALS)?;
    // Not fstat(2) of the C library: on 32-bit CPUs it refuses files whose times are beyond 2038.
    let long_enough =
        std::fs::File::from(file.as_fd().try_clone_to_owned()?).metadata()?.len() >= PAGE_BYTES as u64;
    if !long_enough || !SealFlag::from_bits_retain(seals).contains(SealFlag::F_SEAL_SHRINK) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // SAFETY: a new mapping at a place of the kernel's choice: it overlaps nothing of ours.
    let page = unsafe {
        mmap(None, MAPPED, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED, file, 0)
    }?;
    // SAFETY: the mapping is page-aligned, a page long, and never unmapped; the file cannot shrink below it (sealed, checked
    // above). Every process touches it through atomics only, for which any bit pattern is valid.
    Ok(unsafe { page.cast::<[AtomicU32; COUNTERS]>().as_ref() })
}

#[cfg(test)]
mod tests {
    use super::{create, map};
    use std::sync::atomic::Ordering;

    #[test]
    #[cfg_attr(miri, ignore = "Miri knows no memfd")]
    fn two_mappings_show_the_same_counters_and_only_sealed_files_are_taken() {
        let file = create().expect("a page");
        let (one, other) = (map(&file).expect("mapped"), map(&file).expect("mapped again"));
        assert!(one.iter().all(|c| c.load(Ordering::Relaxed) == 0));
        one[7].fetch_add(3, Ordering::Relaxed);
        assert_eq!(other[7].load(Ordering::Relaxed), 3);
        assert!(nix::unistd::ftruncate(&file, 0).is_err(), "the size is sealed");
        let ordinary = tempfile::tempfile().expect("a file");
        ordinary.set_len(4096).expect("size");
        assert!(map(&ordinary).is_err());
    }
}
