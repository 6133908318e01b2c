//! Writes an image to a card and reads it back. Knows no device and no terminal.
//!
//! The order is the promise. First the card's start is made empty; then samples over its whole size and the image
//! without its start are written, flushed, and read back; only when all of that is right comes the start with the
//! partition table and what boots. A card that was interrupted, or does not keep what it is given, never looks complete.
//!
//! Every byte of the image is written, also its zeros: what an earlier system left in a settings slot or in the places
//! of ext4's tables would otherwise be taken for ours, and a discard promises no zeros. It costs seconds.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use super::samples::{self, Samples};

/// A card, or what a test puts in its place. Offsets, lengths and buffers are multiples of [`ALIGN_BYTES`].
pub trait Card {
    /// Size in bytes, rounded down to a multiple of [`ALIGN_BYTES`].
    fn bytes(&self) -> u64;
    /// Writes all of the buffer.
    ///
    /// # Errors
    /// The system's.
    fn write_at(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Fills the buffer from the card itself, not from a cache of this computer.
    ///
    /// # Errors
    /// The system's.
    fn read_at(&mut self, bytes: &mut [u8], offset: u64) -> io::Result<()>;
    /// Returns when everything that was written is on the card.
    ///
    /// # Errors
    /// The system's.
    fn flush(&mut self) -> io::Result<()>;
}

/// Which part of the work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Writing samples over the whole card.
    Sample,
    /// Writing the image.
    Write,
    /// Reading the image back.
    Check,
    /// Reading the samples back.
    CheckSamples,
}

/// Somebody who sees how far the work is, and may end it.
pub trait Watch {
    /// `done` of `total` bytes of this step are behind us: of the image, or, with samples, of the card.
    fn progress(&mut self, step: Step, done: u64, total: u64);
    /// Whether to stop now.
    fn stop(&mut self) -> bool;
}

/// Why the card does not hold the image.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The image file.
    #[error("the image cannot be read: {0}")]
    Image(io::Error),
    /// A write.
    #[error("writing failed at byte {offset}: {source}")]
    Write {
        /// Where.
        offset: u64,
        /// The system's reason.
        source: io::Error,
    },
    /// A flush.
    #[error("the card did not take what was written: {0}")]
    Flush(io::Error),
    /// A read.
    #[error("reading back failed at byte {offset}: {source}")]
    Read {
        /// Where.
        offset: u64,
        /// The system's reason.
        source: io::Error,
    },
    /// It read something else.
    #[error("the card does not hold what was written to it at byte {0}: it is broken or fake")]
    Differs(u64),
    /// The person.
    #[error("stopped")]
    Stopped,
}

/// What every offset and length on a card is a multiple of: its largest sector, and a page of memory.
pub const ALIGN_BYTES: usize = 4096;
/// Written and read together: large enough for full speed, small enough that a stop is heard at once.
const CHUNK_BYTES: usize = 4 << 20;
/// The start, written last: holds the partition table and, on boards that boot from a fixed sector, the first loader.
pub const START_BYTES: u64 = 1 << 20;
/// The end, made empty: other systems keep a second partition table or a RAID's label there.
const END_BYTES: u64 = 1 << 20;

/// Memory that starts where direct input and output want it.
struct Buffer {
    memory: Vec<u8>,
    start: usize,
}

impl Buffer {
    fn new(bytes: usize) -> Self {
        let memory = vec![0; bytes + ALIGN_BYTES];
        let start = memory.as_ptr().align_offset(ALIGN_BYTES);
        Self { memory, start }
    }

    fn part(&mut self, bytes: usize) -> &mut [u8] {
        &mut self.memory[self.start..][..bytes]
    }
}

/// A transfer under way.
pub(super) struct Transfer<'a> {
    card: &'a mut dyn Card,
    image: &'a File,
    image_bytes: u64,
    watch: &'a mut dyn Watch,
    buffer: Buffer,
    expected: Vec<u8>,
}

/// Writes `image` to the card and checks it. `nonce` tells this card's samples from those of earlier runs.
///
/// # Errors
/// When the card does not hold the image for sure; its start is empty then, if it can still be written.
pub fn transfer(card: &mut dyn Card, image: &File, nonce: u64, watch: &mut dyn Watch) -> Result<(), Error> {
    let image_bytes = image.metadata().map_err(Error::Image)?.len();
    if image_bytes <= START_BYTES || image_bytes % ALIGN_BYTES as u64 != 0 || image_bytes > card.bytes() {
        let reason = format!("its length, {image_bytes} bytes, is not one of a card image that fits");
        return Err(Error::Image(io::Error::new(io::ErrorKind::InvalidData, reason)));
    }
    let samples = Samples::new(image_bytes, card.bytes(), nonce);
    let (buffer, expected) = (Buffer::new(CHUNK_BYTES), vec![0; CHUNK_BYTES]);
    let mut transfer = Transfer { card, image, image_bytes, watch, buffer, expected };
    let result = transfer.run(&samples);
    if result.is_err() {
        // Whatever went wrong, it went wrong already: this only takes away what may look complete.
        let _ = transfer.empty(0, START_BYTES).and_then(|()| transfer.flush());
    }
    result
}

impl Transfer<'_> {
    fn run(&mut self, samples: &Samples) -> Result<(), Error> {
        let (image_bytes, card_bytes) = (self.image_bytes, self.card.bytes());
        self.empty(0, START_BYTES)?;
        let end = card_bytes.saturating_sub(END_BYTES).max(image_bytes);
        self.write_samples(samples)?;
        self.flush()?;
        self.write(START_BYTES, image_bytes)?;
        self.flush()?;
        self.check(START_BYTES, image_bytes)?;
        self.check_samples(samples)?;
        self.check_empty(0, START_BYTES)?;
        self.empty(end, card_bytes)?;
        self.write(0, START_BYTES)?;
        self.flush()?;
        self.check_empty(end, card_bytes)?;
        self.check(0, START_BYTES)
    }

    /// Writes zeros.
    fn empty(&mut self, from: u64, to: u64) -> Result<(), Error> {
        for (offset, length) in chunks(from, to) {
            let part = self.buffer.part(length);
            part.fill(0);
            self.card.write_at(part, offset).map_err(|source| Error::Write { offset, source })?;
        }
        Ok(())
    }

    fn write(&mut self, from: u64, to: u64) -> Result<(), Error> {
        for (offset, length) in chunks(from, to) {
            self.go_on(Step::Write, offset, from)?;
            let part = self.buffer.part(length);
            self.image.read_exact_at(part, offset).map_err(Error::Image)?;
            self.card.write_at(part, offset).map_err(|source| Error::Write { offset, source })?;
        }
        self.go_on(Step::Write, to, from)
    }

    fn check(&mut self, from: u64, to: u64) -> Result<(), Error> {
        for (offset, length) in chunks(from, to) {
            self.go_on(Step::Check, offset, from)?;
            let expected = &mut self.expected[..length];
            self.image.read_exact_at(expected, offset).map_err(Error::Image)?;
            let part = self.buffer.part(length);
            self.card.read_at(part, offset).map_err(|source| Error::Read { offset, source })?;
            compare(expected, part, offset)?;
        }
        self.go_on(Step::Check, to, from)
    }

    /// Reads zeros back.
    fn check_empty(&mut self, from: u64, to: u64) -> Result<(), Error> {
        self.expected.fill(0);
        for (offset, length) in chunks(from, to) {
            let part = self.buffer.part(length);
            self.card.read_at(part, offset).map_err(|source| Error::Read { offset, source })?;
            compare(&self.expected[..length], part, offset)?;
        }
        Ok(())
    }

    fn write_samples(&mut self, samples: &Samples) -> Result<(), Error> {
        for offset in samples.places() {
            self.watch.progress(Step::Sample, offset, self.card.bytes());
            self.not_stopped()?;
            let part = self.buffer.part(samples::SAMPLE_BYTES);
            samples.fill(offset, part);
            self.card.write_at(part, offset).map_err(|source| Error::Write { offset, source })?;
        }
        self.watch.progress(Step::Sample, self.card.bytes(), self.card.bytes());
        Ok(())
    }

    fn check_samples(&mut self, samples: &Samples) -> Result<(), Error> {
        for offset in samples.places() {
            self.watch.progress(Step::CheckSamples, offset, self.card.bytes());
            self.not_stopped()?;
            let expected = &mut self.expected[..samples::SAMPLE_BYTES];
            samples.fill(offset, expected);
            let part = self.buffer.part(samples::SAMPLE_BYTES);
            self.card.read_at(part, offset).map_err(|source| Error::Read { offset, source })?;
            compare(expected, part, offset)?;
        }
        self.watch.progress(Step::CheckSamples, self.card.bytes(), self.card.bytes());
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.card.flush().map_err(Error::Flush)
    }

    /// Shows the way; the start, which comes at the end, counts as there from the beginning.
    fn go_on(&mut self, step: Step, offset: u64, from: u64) -> Result<(), Error> {
        if from >= START_BYTES {
            self.watch.progress(step, offset, self.image_bytes);
        }
        self.not_stopped()
    }

    fn not_stopped(&mut self) -> Result<(), Error> {
        if self.watch.stop() { Err(Error::Stopped) } else { Ok(()) }
    }
}

/// Offsets and lengths that cover a range.
fn chunks(from: u64, to: u64) -> impl Iterator<Item = (u64, usize)> {
    let starts = (from..to).step_by(CHUNK_BYTES);
    // Shorter than a chunk, which is a `usize`.
    starts.map(move |offset| (offset, (to - offset).min(CHUNK_BYTES as u64) as usize))
}

fn compare(expected: &[u8], found: &[u8], offset: u64) -> Result<(), Error> {
    if expected == found {
        return Ok(());
    }
    let at = expected.iter().zip(found).position(|(expected, found)| expected != found).unwrap_or(0);
    Err(Error::Differs(offset + at as u64))
}
