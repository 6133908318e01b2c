//! What is done about a clips partition that does not come up: the table of findings and remedies. Pure.
//!
//! Clips are only given up when the card works and the file system is what is broken. Whatever else it may be (a card that
//! does not answer, that is write-protected, that was pulled) leaves p4 as it is: the next start may find it well.

use super::raw::Look;
use super::superblock;
use nix::errno::Errno;
use std::io;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Write this primary superblock and mount again.
    Mend(Box<[u8; superblock::BYTES]>),
    /// Make p4 anew; why, in words that follow "because".
    MakeAnew(String),
    /// Touch nothing; what to tell, a sentence.
    Leave(String),
}

/// What the kernel says of a file system that is damaged. The rest is said of the card, the kernel or the mount point.
fn speaks_of_damage(refused: Errno) -> bool {
    // Where ext4 has no number of its own: EUCLEAN is "corrupted", EBADMSG "bad checksum", EINVAL "not a file system".
    const DAMAGE: [Errno; 8] = [
        Errno::EUCLEAN,
        Errno::EBADMSG,
        Errno::EINVAL,
        Errno::EIO,
        Errno::EFBIG,
        Errno::EOVERFLOW,
        Errno::ENOTDIR,
        Errno::ESTALE,
    ];
    DAMAGE.contains(&refused)
}

/// Decides, after several tries, from what the kernel `refused` with and a look at the partition of `length_bytes` itself.
/// `mended`: that was tried already.
pub fn decide(refused: Errno, look: &io::Result<Look>, length_bytes: u64, mended: bool) -> Remedy {
    let words = refused.desc();
    if !speaks_of_damage(refused) {
        return Remedy::Leave(format!("the clips partition cannot be mounted: {words}"));
    }
    match look {
        Err(error) => Remedy::Leave(format!(
            "the card cannot be read ({error}); clips on it are kept, but it should be replaced"
        )),
        Ok(Look { primary: Some(primary), .. }) if primary.length_bytes() > length_bytes => {
            Remedy::MakeAnew("the card is a copy of a larger one".into())
        }
        Ok(Look { primary: None, substitute: Some(substitute) }) if !mended => {
            Remedy::Mend(Box::new(substitute.to_primary()))
        }
        Ok(Look { primary: Some(_), .. }) => {
            Remedy::MakeAnew(format!("its file system is damaged ({words})"))
        }
        Ok(Look { primary: None, .. }) => Remedy::MakeAnew("there was no file system on it any more".into()),
    }
}
