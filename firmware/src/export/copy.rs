//! One file from the card to the stick: written under another name, synced, read back from the device, then named.
//!
//! Memory is two blocks, whatever the file's length. Both sides are traits, so that tests can let every operation fail. It must not
//! open the card's file for longer than a block: a card that has to be mounted anew must not be held by a stick that hangs.

use crate::record::folder::{Folder, FolderFile, Open, append_all};
use evidence::{Hash, Hasher};
use std::io::{self, ErrorKind, IoSlice};

/// Read and written at once.
pub const BLOCK_BYTES: usize = 64 * 1024;
/// Written before it is brought to the device. The kernel makes everybody wait who writes, to whatever disk, once a tenth of the memory
/// waits to be written; this is far below it on the smallest board, and so many bytes make small files' overhead small.
pub const SYNC_BYTES: u64 = 4 * 1024 * 1024;
/// What is not whole yet is called so.
pub const PART: &str = ".part";
/// Files of one name and other content that are kept beside each other.
const SAME_NAME_MAX: u32 = 9;

/// A folder whose files can be read past every cache of ours.
pub trait ReadBack: Folder {
    /// Reads from the device itself, whatever the kernel has in memory; how many bytes, fewer only at the file's end. `at` is a
    /// multiple of [`BLOCK_BYTES`], and `bytes` a whole [`Block`].
    ///
    /// # Errors
    /// The device refused, or there is no such file.
    fn read_back(&self, name: &str, at: u64, bytes: &mut [u8; BLOCK_BYTES]) -> io::Result<usize>;
}

/// A block at the beginning of a page: what goes past the cache is put there by the USB controller itself.
#[repr(C, align(4096))]
pub struct Block(pub [u8; BLOCK_BYTES]);

/// Whoever is told, and may end it.
pub trait Owner {
    /// So many bytes were read or written on the stick; whether to go on.
    fn moved(&mut self, bytes: u64) -> bool;
    /// A clip is whole on the stick, or was.
    fn has_clip(&mut self);
    /// This was left out, and why: a sentence.
    fn left_out(&mut self, what: &str, why: &str);
}

/// Why a file was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Retention or the owner.
    #[error("it was deleted meanwhile")]
    Gone,
    /// It was cut back.
    #[error("it changed while it was copied; export it once more")]
    Changed,
    /// FAT's limit.
    #[error("it is larger than 4 GiB, which FAT cannot hold; format the stick with exFAT")]
    TooLarge,
    /// The card.
    #[error("the card cannot read it: {0}")]
    Card(io::Error),
    /// See [`SAME_NAME_MAX`].
    #[error("the stick has too many other files of its name; move them elsewhere")]
    NamesTaken,
    /// There is less room than it needs: how much less.
    #[error("there is no room for it: {0} bytes are missing")]
    NoRoom(u64),
    /// The stick.
    #[error("the stick reports '{0}'")]
    Stick(io::Error),
    /// The stick lied.
    #[error(
        "what was read back is not what was written: the stick is worn out or a fake; trust nothing on it"
    )]
    Differs,
    /// Somebody wanted that.
    #[error("stopped")]
    Stopped,
}

impl CopyError {
    /// Whether there is nothing wrong with anything but this file.
    pub fn is_of_the_file(&self) -> bool {
        matches!(self, Self::Gone | Self::Changed | Self::TooLarge | Self::Card(_) | Self::NamesTaken)
    }

    fn of_card(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::Gone,
            ErrorKind::UnexpectedEof => Self::Changed,
            _ => Self::Card(error),
        }
    }
}

/// When a file of the same length counts as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// At once: what bears its name was read back when it was written.
    ByLength,
    /// When all of its bytes are.
    ByContent,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// So many bytes were written.
    Written(u64),
    /// It was there.
    WasThere,
}

/// From a card to a stick.
pub struct Copier<'a, C, S> {
    card: &'a C,
    stick: &'a S,
    file_bytes_max: Option<u64>,
    block: Box<Block>,
    other: Box<Block>,
}

impl<'a, C: Folder, S: ReadBack> Copier<'a, C, S> {
    /// From this folder into that one, which holds no longer files than these.
    pub fn new(card: &'a C, stick: &'a S, file_bytes_max: Option<u64>) -> Self {
        let block = || Box::new(Block([0; BLOCK_BYTES]));
        Self { card, stick, file_bytes_max, block: block(), other: block() }
    }

    /// Copies a file, or its first `bytes`. A file of its name that is the same is left; one that is its beginning is replaced; beside
    /// any other it gets a number.
    ///
    /// # Errors
    /// See [`CopyError`]. Nothing that is not whole has the file's name afterwards.
    pub fn copy(
        &mut self,
        name: &str,
        bytes: Option<u64>,
        same: Same,
        owner: &mut dyn Owner,
    ) -> Result<Copied, CopyError> {
        let there = self.card.bytes(name).map_err(CopyError::of_card)?;
        let bytes = bytes.map_or(there, |bytes| bytes.min(there));
        if self.file_bytes_max.is_some_and(|max| bytes > max) {
            return Err(CopyError::TooLarge);
        }
        for number in 1..=SAME_NAME_MAX {
            let target = numbered(name, number);
            match self.stick.bytes(&target) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return self.write(name, &target, bytes, owner);
                }
                Err(error) => return Err(CopyError::Stick(error)),
                Ok(found) if found == bytes => {
                    if same == Same::ByLength || self.is_beginning(name, &target, found, owner)? {
                        return Ok(Copied::WasThere);
                    }
                }
                Ok(found) if found < bytes && self.is_beginning(name, &target, found, owner)? => {
                    return self.write(name, &target, bytes, owner);
                }
                Ok(_) => {}
            }
        }
        Err(CopyError::NamesTaken)
    }

    /// Whether the first `bytes` on the stick are those on the card.
    fn is_beginning(
        &mut self,
        name: &str,
        target: &str,
        bytes: u64,
        owner: &mut dyn Owner,
    ) -> Result<bool, CopyError> {
        let mut at = 0;
        while at < bytes {
            let length = self.read_card(name, at, bytes)?;
            let found = self.stick.read_back(target, at, &mut self.other.0).map_err(CopyError::Stick)?;
            if found < length || self.block.0[..length] != self.other.0[..length] {
                return Ok(false);
            }
            at += length as u64;
            go_on(owner, length)?;
        }
        Ok(true)
    }

    fn write(
        &mut self,
        name: &str,
        target: &str,
        bytes: u64,
        owner: &mut dyn Owner,
    ) -> Result<Copied, CopyError> {
        let free_bytes = self.stick.free().map_err(CopyError::Stick)?.free_bytes;
        if bytes > free_bytes {
            return Err(CopyError::NoRoom(bytes - free_bytes));
        }
        let part = format!("{target}{PART}");
        let written = self.write_part(name, &part, bytes, owner).and_then(|()| {
            self.stick.rename(&part, target).and_then(|()| self.stick.sync()).map_err(CopyError::Stick)
        });
        if written.is_err() {
            // Best effort: what is left of it goes with the next export.
            let _ = self.stick.remove(&part);
        }
        written.map(|()| Copied::Written(bytes))
    }

    fn write_part(
        &mut self,
        name: &str,
        part: &str,
        bytes: u64,
        owner: &mut dyn Owner,
    ) -> Result<(), CopyError> {
        let hash = self.pour(name, part, bytes, owner)?;
        // What the card cut back meanwhile was written only partly from what is there now.
        match self.card.bytes(name) {
            Ok(now) if now < bytes => return Err(CopyError::Changed),
            _ => {}
        }
        if self.hash_back(part, bytes, owner)? == hash { Ok(()) } else { Err(CopyError::Differs) }
    }

    /// Writes the file and brings it to the device.
    fn pour(&mut self, name: &str, part: &str, bytes: u64, owner: &mut dyn Owner) -> Result<Hash, CopyError> {
        let mut file = self.stick.open(part, Open::Anew).map_err(CopyError::Stick)?;
        let mut hasher = Hasher::default();
        let (mut at, mut unsynced_bytes) = (0, 0);
        while at < bytes {
            let length = self.read_card(name, at, bytes)?;
            let block = &self.block.0[..length];
            hasher.update(block);
            append_all(&mut file, &mut [IoSlice::new(block)]).map_err(CopyError::Stick)?;
            at += length as u64;
            unsynced_bytes += length as u64;
            if unsynced_bytes >= SYNC_BYTES {
                file.sync().map_err(CopyError::Stick)?;
                unsynced_bytes = 0;
            }
            go_on(owner, length)?;
        }
        file.sync().map_err(CopyError::Stick)?;
        Ok(hasher.hash())
    }

    /// The hash of what the device has.
    fn hash_back(&mut self, part: &str, bytes: u64, owner: &mut dyn Owner) -> Result<Hash, CopyError> {
        let mut hasher = Hasher::default();
        let mut at = 0;
        while at < bytes {
            let found = self.stick.read_back(part, at, &mut self.other.0).map_err(CopyError::Stick)?;
            let length = block_length(bytes - at);
            if found < length {
                return Err(CopyError::Differs);
            }
            hasher.update(&self.other.0[..length]);
            at += length as u64;
            go_on(owner, length)?;
        }
        Ok(hasher.hash())
    }

    /// Fills our block from the card; how much of it.
    fn read_card(&mut self, name: &str, at: u64, end: u64) -> Result<usize, CopyError> {
        let length = block_length(end - at);
        let file = self.card.open(name, Open::Existing).map_err(CopyError::of_card)?;
        file.read_exact_at(&mut self.block.0[..length], at).map_err(CopyError::of_card)?;
        Ok(length)
    }
}

fn block_length(left_bytes: u64) -> usize {
    usize::try_from(left_bytes).map_or(BLOCK_BYTES, |left| left.min(BLOCK_BYTES))
}

fn go_on(owner: &mut dyn Owner, bytes: usize) -> Result<(), CopyError> {
    if owner.moved(bytes as u64) { Ok(()) } else { Err(CopyError::Stopped) }
}

/// The name that a further file of this name gets: `NAME.2.mp4`, as on a computer (`pull-clips`).
fn numbered(name: &str, number: u32) -> String {
    match name.split_once('.') {
        Some((stem, extension)) if number > 1 => format!("{stem}.{number}.{extension}"),
        _ => name.to_owned(),
    }
}
