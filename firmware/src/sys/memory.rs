//! Memory given back to the kernel while its address space is kept.

use super::PAGE_BYTES;
use nix::sys::mman::{MmapAdvise, madvise};
use std::ffi::c_void;
use std::ptr::NonNull;

/// Gives the whole pages within `bytes` back to the kernel; they read as zeroes afterwards. The bytes at both ends that
/// share a page with others are left as they are. Meant for private anonymous memory, as allocators hand it out.
pub fn release(bytes: &mut [u8]) {
    let start = bytes.as_ptr().align_offset(PAGE_BYTES).min(bytes.len());
    let length = (bytes.len() - start) / PAGE_BYTES * PAGE_BYTES;
    let pages = &mut bytes[start..start + length];
    // Miri knows no madvise.
    if cfg!(miri) || pages.is_empty() {
        return pages.fill(0);
    }
    let Some(first) = NonNull::new(pages.as_mut_ptr().cast::<c_void>()) else { return };
    // SAFETY: the range is exclusively borrowed and made of whole pages, so nobody else's data are in it. MADV_DONTNEED
    // turns private anonymous pages into zero pages, which are valid bytes. Should the memory be of another kind, the kernel
    // refuses or changes nothing that a `u8` could not hold. Refused, it stays ours and is only counted too low.
    let _ = unsafe { madvise(first, length, MmapAdvise::MADV_DONTNEED) };
}

#[cfg(test)]
mod tests {
    use super::{PAGE_BYTES, release};

    #[test]
    fn whole_pages_are_zero_afterwards_and_can_be_written_again() {
        let mut bytes = vec![7; 64 * PAGE_BYTES];
        release(&mut bytes);
        let kept = bytes.iter().filter(|&&b| b == 7).count();
        assert!(kept < 2 * PAGE_BYTES && bytes.iter().all(|&b| b == 7 || b == 0), "{kept}");
        bytes.fill(9);
        assert!(bytes.iter().all(|&b| b == 9));
        release(&mut []);
    }
}
