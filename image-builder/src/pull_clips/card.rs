//! A card that is read: from its bytes to the files in its clips' folder. Must not decide which of them are wanted.

use std::io;
use std::path::{Path, PathBuf};

use boards::layout::CLIPS_FOLDER;

use super::select::Candidate;
use super::{Error, names, table};
use crate::ext4::{self, BLOCK_BYTES, Bytes, Inode, Kind, ROOT, Run, Volume};

/// The clips partition of a card.
struct Part {
    card: Box<dyn Bytes>,
    start: u64,
    length: u64,
}

impl Bytes for Part {
    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        // Never beyond the partition, whatever the file system says.
        match offset.checked_add(into.len() as u64) {
            Some(end) if end <= self.length => self.card.read_at(self.start + offset, into),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// A file whose place on the card is known.
#[derive(Debug)]
pub struct OpenFile {
    /// The file.
    pub inode: Inode,
    runs: Vec<Run>,
}

/// What is in the clips' folder.
#[derive(Debug, Default)]
pub struct Content {
    /// Files that may be copied.
    pub candidates: Vec<Candidate>,
    /// Files that were being written when the power went.
    pub drafts: usize,
    /// What stays on the card: no plain file, or a name that no file of ours has.
    pub refused: Vec<String>,
    /// What of the folder could not be read.
    pub lost: Vec<ext4::Error>,
}

/// A card.
pub struct Card {
    path: PathBuf,
    volume: Volume<Part>,
}

impl Card {
    /// Finds the clips partition and opens its file system; `path` is how the person calls the card.
    ///
    /// # Errors
    /// When it is no card of ours, or its file system cannot be read.
    pub fn open(path: &Path, mut card: Box<dyn Bytes>) -> Result<Self, Error> {
        let clips = table::clips(&mut card);
        let (start, length) = clips.map_err(|source| Error::Table { path: path.to_owned(), source })?;
        let volume = Volume::open(Part { card, start, length });
        let volume = volume.map_err(|source| Error::FileSystem { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), volume })
    }

    /// What a person should know about its state, a sentence each.
    pub fn notes(&mut self) -> Vec<String> {
        let mut notes = Vec::new();
        let replay = self.volume.replayed();
        if replay.transactions > 0 {
            notes.push("the power was cut while it was in use: its journal is taken into account, the card stays as it is".to_owned());
        }
        if replay.lost > 0 {
            notes.push(format!(
                "{} blocks of its journal are damaged: the newest files may be missing",
                replay.lost
            ));
        }
        if self.volume.is_from_backup() {
            notes.push("its superblock is damaged: a backup is used instead".to_owned());
        }
        let mut last = [0; BLOCK_BYTES];
        let end = self.volume.length_bytes().saturating_sub(BLOCK_BYTES as u64);
        if self.volume.bytes().read_at(end, &mut last).is_err() {
            notes.push("its end cannot be read: the image was cut short, or the card is broken".to_owned());
        }
        notes
    }

    /// Whether it is still there, after a read has failed.
    pub fn is_there(&mut self) -> bool {
        self.volume.bytes().card.read_at(0, &mut [0; 512]).is_ok()
    }

    /// How the person calls it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is in the clips' folder.
    ///
    /// # Errors
    /// When the folder is not found, or nothing of it can be read.
    pub fn content(&mut self) -> Result<Content, Error> {
        let path = self.path.clone();
        let failed = |source| Error::FileSystem { path: path.clone(), source };
        let root = self.volume.inode(ROOT).map_err(failed)?;
        let listing = self.volume.list(&root).map_err(failed)?;
        let is_clips = |entry: &&ext4::Entry| entry.name == CLIPS_FOLDER.as_bytes();
        let folder = match (listing.entries.iter().find(is_clips), listing.lost.into_iter().next()) {
            (Some(folder), _) => folder.inode,
            (None, Some(error)) => return Err(failed(error)),
            (None, None) => return Err(Error::NoFolder(path)),
        };
        let folder = self.volume.inode(folder).map_err(failed)?;
        let listing = self.volume.list(&folder).map_err(failed)?;
        let mut content = Content { lost: listing.lost, ..Content::default() };
        for entry in listing.entries {
            let (verdict, name) = names::judge(&entry.name);
            match verdict {
                names::Verdict::Draft => content.drafts += 1,
                _ if entry.kind != Kind::File => content.refused.push(name),
                names::Verdict::Refused => content.refused.push(name),
                verdict => content.candidates.extend(Candidate::new(name, entry.inode, verdict)),
            }
        }
        Ok(content)
    }

    /// The inode of a file.
    ///
    /// # Errors
    /// When it is damaged, cannot be read, or is no plain file's.
    pub fn inode(&mut self, number: u32) -> Result<Inode, ext4::Error> {
        let inode = self.volume.inode(number)?;
        // The folder said that it is one.
        if inode.is_file() {
            Ok(inode)
        } else {
            Err(ext4::Error::Damaged { what: "inode", number: number.into() })
        }
    }

    /// Finds a file's blocks.
    ///
    /// # Errors
    /// When their map is damaged or cannot be read.
    pub fn file(&mut self, inode: Inode) -> Result<OpenFile, ext4::Error> {
        let runs = self.volume.runs(&inode)?;
        Ok(OpenFile { inode, runs })
    }

    /// Fills the buffer from the byte `offset` of a file on, which is a multiple of its length; the part of it that the file has.
    ///
    /// # Errors
    /// When the card cannot be read there.
    pub fn read<'a>(
        &mut self,
        file: &OpenFile,
        offset: u64,
        buffer: &'a mut [u8],
    ) -> Result<&'a [u8], ext4::Error> {
        let mut filled = 0;
        while filled < buffer.len() {
            let rest = buffer.get_mut(filled..).unwrap_or_default();
            match self.volume.read(&file.inode, &file.runs, offset + filled as u64, rest)? {
                0 => break,
                read => filled += read,
            }
            if !filled.is_multiple_of(BLOCK_BYTES) {
                // The file ends in this block.
                break;
            }
        }
        Ok(buffer.get(..filled).unwrap_or_default())
    }
}
