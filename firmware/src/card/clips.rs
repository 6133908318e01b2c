//! The clips partition is brought up, whatever state it is in: mounted, mended, or made anew.
//!
//! The one place with this order of steps. What each step does is in `partition`, what is done about which finding in `decide`.

use super::decide::{Remedy, decide};
use super::raw::Look;
use super::superblock;
use nix::errno::Errno;
use std::io;

/// How often a mount is tried before anything is done about it: a card's hiccup must not cost its clips.
pub const TRIES: u32 = 4;

/// What can be done with p4.
pub trait Partition {
    /// Mounts it; afterwards the folder for clips is there and can be read. When it fails nothing stays mounted.
    fn mount(&mut self) -> Result<(), Errno>;
    /// Waits a little, between tries.
    fn pause(&mut self);
    /// Looks at it below the file system.
    fn look(&mut self) -> io::Result<Look>;
    /// Writes a block of it as it was: whether the card takes anything at all.
    fn rewrite(&mut self) -> io::Result<()>;
    /// Its length in bytes.
    fn length_bytes(&self) -> u64;
    /// Writes its primary superblock.
    fn write_primary(&mut self, bytes: &[u8; superblock::BYTES]) -> io::Result<()>;
    /// Makes it anew.
    fn make_anew(&mut self) -> io::Result<()>;
}

/// What had to be done until p4 was mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BroughtUp {
    /// The primary superblock was damaged, and was mended; no clip is lost by it.
    pub mended: bool,
    /// It was made anew: all clips are lost. Why, in words that follow "because".
    pub anew: Option<String>,
}

/// Brings p4 up. Without `may_repair` it is mounted or left as it is.
///
/// # Errors
/// A sentence: why p4 is not mounted.
pub fn bring_up(partition: &mut impl Partition, may_repair: bool) -> Result<BroughtUp, String> {
    let mut done = BroughtUp::default();
    let mut tries = 0;
    loop {
        let Err(refused) = partition.mount() else { return Ok(done) };
        tries += 1;
        if tries < TRIES {
            partition.pause();
            continue;
        }
        if !may_repair {
            return Err(format!("the clips partition cannot be mounted: {}", refused.desc()));
        }
        if done.anew.is_some() {
            return Err(format!("even a clips partition made anew cannot be mounted: {}", refused.desc()));
        }
        let look = partition.look();
        match decide(refused, &look, partition.length_bytes(), done.mended) {
            Remedy::Mend(primary) => {
                partition.write_primary(&primary).map_err(not_written)?;
                done.mended = true;
            }
            Remedy::MakeAnew(why) => {
                // A mount also fails when the journal cannot be written: then the clips are well, and the card is not.
                partition.rewrite().and_then(|()| partition.make_anew()).map_err(not_written)?;
                done.anew = Some(why);
            }
            Remedy::Leave(sentence) => return Err(sentence),
        }
    }
}

fn not_written(error: io::Error) -> String {
    format!("the card cannot be written ({error}); it should be replaced")
}
