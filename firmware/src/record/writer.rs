//! The end of a clip's file: pieces are appended as they are, or sealed to the owner's keys.
//!
//! Whatever [`Writer::append`] was given is on the card when it returns, and the file ends with the last of it that was; a failed write is
//! cut off again. Keeps the hash of the file. Must not know what the pieces are.

use std::io::{self, IoSlice};

use evidence::{Hash, Hasher};
use seal::{CHUNK_BYTES, Recipient, SealError, Sealer};

use super::folder::{FolderFile, append_all};

/// What fills a sealed file up to the next whole chunk: an MP4 `free` box (ISO/IEC 14496-12, 8.1.2), which players pass over.
const FREE_BOX_HEADER_BYTES: usize = 8;
/// Most keys that a clip is sealed to: the owner's and a spare one.
pub const KEYS_MAX: usize = 2;

/// The keys that clips are sealed to; none: they are not sealed.
pub type Keys = [Option<Recipient>; KEYS_MAX];

/// Those that there are.
fn recipients(keys: &Keys) -> Vec<Recipient> {
    keys.iter().flatten().copied().collect()
}

/// See the head of this file.
pub struct Writer<W> {
    file: W,
    /// The file's length as far as it is known to be on the card.
    bytes: u64,
    /// Of all these bytes.
    hasher: Hasher,
    /// The file could not be cut back: nothing may be appended any more.
    is_broken: bool,
    seal: Option<Seal>,
}

struct Seal {
    sealer: Sealer,
    /// Zeros, for padding.
    zeros: Box<[u8]>,
    is_finished: bool,
}

impl<W: FolderFile> Writer<W> {
    /// Begins an empty file with `start`. A sealed one has its header on the card afterwards, and `start` with the first piece.
    ///
    /// # Errors
    /// The card refused, or there is no randomness; the file is of no use.
    pub fn begin(
        file: W,
        keys: &Keys,
        random: &mut impl FnMut(&mut [u8]) -> io::Result<()>,
        start: &[u8],
    ) -> io::Result<Self> {
        let mut writer = Self { file, bytes: 0, hasher: Hasher::default(), is_broken: false, seal: None };
        let keys = recipients(keys);
        if keys.is_empty() {
            writer.append(&mut [IoSlice::new(start)])?;
            return Ok(writer);
        }
        let sealer = Sealer::begin(&keys, random, Vec::new()).map_err(io::Error::other)?;
        let zeros = vec![0; CHUNK_BYTES + FREE_BOX_HEADER_BYTES].into_boxed_slice();
        let mut seal = Seal { sealer, zeros, is_finished: false };
        writer.write_out(&mut seal.sealer)?;
        seal.sealer.push(start).map_err(io::Error::other)?;
        writer.seal = Some(seal);
        Ok(writer)
    }

    /// Appends the pieces, synced.
    ///
    /// # Errors
    /// The card refused: the file is as it was before. The next call must be given the same pieces: they may be sealed already, and
    /// nothing is ever sealed twice.
    pub fn append(&mut self, pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
        match self.seal.take() {
            None => self.append_plain(pieces),
            Some(mut seal) => {
                let written = seal
                    .push(pieces)
                    .map_err(io::Error::other)
                    .and_then(|()| self.write_out(&mut seal.sealer));
                self.seal = Some(seal);
                written
            }
        }
    }

    /// Ends the file: what is sealed gets its last chunk.
    ///
    /// # Errors
    /// The card refused: the file is as it was before, and this may be called again.
    pub fn finish(&mut self) -> io::Result<()> {
        let Some(mut seal) = self.seal.take() else { return Ok(()) };
        let written = seal.finish().map_err(io::Error::other).and_then(|()| self.write_out(&mut seal.sealer));
        self.seal = Some(seal);
        written
    }

    /// The file's length.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file's SHA-256.
    pub fn hash(&self) -> Hash {
        self.hasher.hash()
    }

    fn append_plain(&mut self, pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
        let mut left =
            heapless::Vec::<IoSlice<'_>, PIECES_MAX>::from_slice(pieces).map_err(|_| too_many())?;
        self.write(&mut left)?;
        for piece in pieces {
            self.hasher.update(piece);
            self.bytes += piece.len() as u64;
        }
        Ok(())
    }

    fn write_out(&mut self, sealer: &mut Sealer) -> io::Result<()> {
        let sealed = sealer.unwritten();
        self.write(&mut [IoSlice::new(sealed)])?;
        self.hasher.update(sealed);
        self.bytes += sealed.len() as u64;
        sealer.written(sealed.len());
        Ok(())
    }

    /// To the end of the file, and synced; or cut off again.
    fn write(&mut self, pieces: &mut [IoSlice<'_>]) -> io::Result<()> {
        if self.is_broken {
            return Err(io::ErrorKind::Other.into());
        }
        let written = append_all(&mut self.file, pieces).and_then(|()| self.file.sync());
        if written.is_err() {
            self.is_broken = self.file.truncate(self.bytes).is_err();
        }
        written
    }
}

impl Seal {
    /// Seals pieces and what fills them up to a whole chunk, unless that was done before and could not be written.
    fn push(&mut self, pieces: &[IoSlice<'_>]) -> Result<(), SealError> {
        if !self.sealer.unwritten().is_empty() {
            return Ok(());
        }
        pieces.iter().try_for_each(|piece| self.sealer.push(piece))?;
        let padding = self.sealer.padding_bytes(FREE_BOX_HEADER_BYTES);
        self.sealer.push(&free_box_header(padding))?;
        self.sealer.push(self.zeros.get(FREE_BOX_HEADER_BYTES..padding).unwrap_or_default())
    }

    fn finish(&mut self) -> Result<(), SealError> {
        if self.is_finished {
            return Ok(());
        }
        // The last chunk may not be empty.
        self.sealer.finish(&free_box_header(FREE_BOX_HEADER_BYTES))?;
        self.is_finished = true;
        Ok(())
    }
}

/// Most pieces of one call: a fragment's header and its frames.
const PIECES_MAX: usize = super::clip::SAMPLES_MAX + 1;

fn too_many() -> io::Error {
    io::ErrorKind::InvalidInput.into()
}

/// The beginning of a `free` box of so many bytes; nothing for none.
fn free_box_header(bytes: usize) -> heapless::Vec<u8, FREE_BOX_HEADER_BYTES> {
    let mut header = heapless::Vec::new();
    if bytes > 0 {
        // It holds these eight bytes.
        let _ = header.extend_from_slice(&u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes());
        let _ = header.extend_from_slice(b"free");
    }
    header
}

/// Seals a whole small file at once.
///
/// # Errors
/// There is no randomness.
pub fn seal_all(
    keys: &Keys,
    random: &mut impl FnMut(&mut [u8]) -> io::Result<()>,
    content: &[u8],
) -> io::Result<Vec<u8>> {
    let keys = recipients(keys);
    let mut seal = || {
        let mut sealer = Sealer::begin(&keys, random, Vec::new())?;
        sealer.finish(content)?;
        Ok::<_, SealError>(sealer.unwritten().to_vec())
    };
    seal().map_err(io::Error::other)
}
