//! Proves that a mounted card takes data and keeps them, as far as one block can: a mount alone only reads.

use crate::{clock, paths};
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

/// Writes one small file, has it brought to the card, reads it back and deletes it.
///
/// # Errors
/// The first operation that fails, or that something else is read than was written.
pub fn prove() -> io::Result<()> {
    let content = clock::monotonic_us().to_le_bytes();
    let mut file =
        File::options().read(true).write(true).create(true).truncate(true).open(paths::CLIPS_PROOF)?;
    let proven = file.write_all(&content).and_then(|()| file.sync_all()).and_then(|()| {
        // Only advice: where it does not work the comparison is with the cache.
        let _ = posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
        let mut read = [0; 8];
        file.read_exact_at(&mut read, 0)?;
        if read == content { Ok(()) } else { Err(io::Error::other("it does not keep what is written")) }
    });
    std::fs::remove_file(paths::CLIPS_PROOF)?;
    match proven {
        // A full card is no broken one: the oldest clips go when the next is made.
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(()),
        proven => proven,
    }
}
