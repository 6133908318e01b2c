//! Proves that a mounted card takes data and keeps them: a mount alone only reads.
//!
//! Must not judge what that says of the card, and leaves its file behind only when it cannot be deleted.

use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

/// What the card did not do.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The file cannot be made.
    #[error("it cannot be opened: {0}")]
    Open(io::Error),
    /// The data do not reach the card.
    #[error("it cannot be written: {0}")]
    Write(io::Error),
    /// They cannot be read back.
    #[error("it cannot be read: {0}")]
    Read(io::Error),
    /// Something else is read.
    #[error("it returned other data than were written")]
    Differs,
    /// The file stays.
    #[error("the file cannot be deleted: {0}")]
    Delete(io::Error),
}

impl ProofError {
    /// Whether it is only that there is no room, for the file or for its name: a full card is no broken one.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Open(error) | Self::Write(error) if error.kind() == io::ErrorKind::StorageFull)
    }
}

/// For whoever goes by the system's own reason.
impl From<ProofError> for io::Error {
    fn from(error: ProofError) -> io::Error {
        match error {
            ProofError::Open(error)
            | ProofError::Write(error)
            | ProofError::Read(error)
            | ProofError::Delete(error) => error,
            ProofError::Differs => io::Error::other(error),
        }
    }
}

/// Writes `content` to a new file at `path`, has the kernel bring it to the card and forget it, reads it back and deletes it.
///
/// # Errors
/// The first of these that fails.
pub fn prove(path: &Path, content: &[u8]) -> Result<(), ProofError> {
    let proven = write_and_read(path, content);
    match (proven, std::fs::remove_file(path)) {
        (Ok(()), Err(error)) => Err(ProofError::Delete(error)),
        (proven, _) => proven,
    }
}

fn write_and_read(path: &Path, content: &[u8]) -> Result<(), ProofError> {
    let file = File::options().read(true).write(true).create(true).truncate(true).open(path);
    let mut file = file.map_err(ProofError::Open)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(ProofError::Write)?;
    // Advice only: a kernel that keeps the pages makes the proof weaker, not wrong.
    let _ = posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
    let mut found = Vec::with_capacity(content.len());
    file.rewind().and_then(|()| file.read_to_end(&mut found)).map_err(ProofError::Read)?;
    if found == content { Ok(()) } else { Err(ProofError::Differs) }
}

#[cfg(test)]
mod tests {
    use super::prove;

    #[test]
    fn the_file_is_read_back_and_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x");
        prove(&path, &[7; 5000]).expect("it works");
        assert!(!path.exists());
        let error = prove(&folder.path().join("no/x"), b"x").expect_err("refused");
        assert!(error.to_string().starts_with("it cannot be opened") && !error.is_full());
    }
}
