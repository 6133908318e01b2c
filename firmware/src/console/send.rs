//! `clips send`: files of one clip over the console's own line, by ZMODEM, to whoever has nothing but the cable.
//!
//! The command only lays files ready; then the console lets this room have the line until the transfer is over. What happens meanwhile
//! stays in the kernel's log and is shown afterwards. Nobody waits for it: it reads a bounded piece of the card at a time, holds no file
//! open, and every round shows init that the console lives. It must not change anything on the card.

use super::clips;
use super::pulse;
use super::terminal::Terminal;
use crate::export::work::is_finished;
use crate::record::folder::{Directory, Folder, FolderFile, Open};
use crate::record::retention::Listing;
use crate::record::{ClipName, Extension};
use crate::zmodem::{Ending, Offer, Sender, Step};
use crate::{clock, paths};
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signalfd::SignalFd;
use std::io;
use std::os::fd::AsFd;

/// Read from the card at once: the line takes a second and more for it, and on a quick one it is few reads.
const PIECE_BYTES: u32 = 16 * 1024;
/// A round's longest pause. Only a bound: bytes wake us.
const ROUND_MS: u16 = 1000;
/// Afterwards the line must have been quiet for so long before anything is said on it: the receiver may still be leaving.
const QUIET_MS: u16 = 300;
/// But a line full of noise is not waited for, in rounds of at most [`QUIET_MS`].
const QUIET_ROUNDS_MAX: u32 = 20;
/// What headers, checksums and escapes add, in percent.
const OVERHEAD_PERCENT: u64 = 5;
/// A start bit, eight of the byte, a stop bit.
const BITS_PER_BYTE: u64 = 10;

/// Why a clip cannot be sent, or not to its end.
#[derive(Debug, thiserror::Error)]
enum SendError {
    /// None of the kind.
    #[error("The clip has no such file.")]
    NoFile,
    /// It is the one that is recorded.
    #[error("The clip is being written; send it when it is finished.")]
    Unfinished,
    /// ZMODEM counts with 32 bits.
    #[error("It is larger than 4 GiB, which ZMODEM cannot send; use `clips export`.")]
    TooLarge,
    /// Retention, or the owner.
    #[error("It was deleted meanwhile.")]
    Gone,
    /// The card.
    #[error("The card cannot read it: {0}.")]
    Card(io::Error),
}

impl SendError {
    fn of_card(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof => Self::Gone,
            _ => Self::Card(error),
        }
    }
}

/// Files of a clip that are ready to be sent.
#[derive(Debug)]
pub struct Batch {
    offers: Vec<Offer>,
}

/// What a word after the clip's name asks for, the small ones first: they are there even if the film is not waited for.
fn wanted(word: Option<&str>) -> &'static [Extension] {
    const FILM: [Extension; 2] = Extension::VIDEOS;
    const STILL: [Extension; 2] = Extension::STILLS;
    const ALL: [Extension; 5] = [STILL[0], STILL[1], Extension::Sidecar, FILM[0], FILM[1]];
    match word {
        Some("still") => &STILL,
        Some("description") => &[Extension::Sidecar],
        Some("all") => &ALL,
        _ => &FILM,
    }
}

/// Lays the files ready that are meant, or says why not. `list` lists the clips, for one that is named by its beginning.
pub fn prepare(
    words: &[&str],
    folder: &Directory,
    list: impl FnOnce() -> Result<Listing, String>,
) -> Result<Batch, String> {
    let (typed, word) = match *words {
        [typed] => (typed, None),
        [typed, word] => (typed, Some(word)),
        // The table of commands lets nothing else come here.
        _ => ("", None),
    };
    let extensions = wanted(word);
    let name = clips::named(typed, list)?;
    lay_ready(folder, &name, extensions).map_err(|error| format!("Not sent: {error}\n"))
}

fn lay_ready(folder: &impl Folder, name: &ClipName, extensions: &[Extension]) -> Result<Batch, SendError> {
    let mut offers = Vec::new();
    for extension in extensions {
        let file = name.file_name(*extension);
        match folder.bytes(&file) {
            Ok(bytes) => offers.push(Offer {
                name: file,
                bytes: u32::try_from(bytes).map_err(|_| SendError::TooLarge)?,
                modified_s: name.wall_us() / 1_000_000,
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(SendError::of_card(error)),
        }
    }
    if offers.is_empty() {
        return Err(SendError::NoFile);
    }
    if !is_finished(folder, name) {
        return Err(SendError::Unfinished);
    }
    Ok(Batch { offers })
}

/// What is about to be sent, and how long that takes.
pub fn announcement(batch: &Batch, baud: Option<u32>) -> String {
    let bytes: u64 = batch.offers.iter().map(|offer| u64::from(offer.bytes)).sum();
    let what = match batch.offers.as_slice() {
        [one] => one.name.clone(),
        several => format!("{} files", several.len()),
    };
    let time = baud.map_or_else(String::new, |baud| {
        let bits = bytes * BITS_PER_BYTE * (100 + OVERHEAD_PERCENT) / 100;
        let seconds = bits.div_ceil(u64::from(baud.max(1)));
        match seconds {
            0..120 => format!(", about {seconds} s at {baud} baud"),
            _ => format!(", about {} min at {baud} baud", seconds.div_ceil(60)),
        }
    });
    format!(
        "{what}, {} KiB{time}.\nReceive it now by ZMODEM (rz). Ctrl-C ends the wait, Ctrl-X five times the transfer.\n",
        bytes.div_ceil(1024)
    )
}

/// What came of it, for the owner.
fn verdict(ending: Ending, files: usize, trouble: Option<&SendError>) -> String {
    let count = |files: usize| if files == 1 { "1 file".into() } else { format!("{files} files") };
    match ending {
        Ending::Done { refused: 0 } => format!("Sent: {}.", count(files)),
        Ending::Done { refused } => {
            format!("Sent: {}; the receiver did not want {}.", count(files - refused), count(refused))
        }
        Ending::Stopped => trouble.map_or_else(|| "Stopped.".into(), ToString::to_string),
        Ending::Cancelled => "The receiver ended it.".into(),
        Ending::Failed => "The receiver cannot go on: is its disk full?".into(),
        Ending::NobodyThere => {
            "Nobody received it within a minute. Start `rz` on your computer, as README says, and try again."
                .into()
        }
        Ending::Silent => "The receiver fell silent: it was given up.".into(),
        Ending::TooNoisy => {
            "Too much was damaged on the line: try a shorter cable, or a terminal without flow control."
                .into()
        }
    }
}

/// Sends what lies ready; what came of it, or nothing when the line is gone. `stop` is looked at and left as it is.
pub fn run(terminal: &mut Terminal, stop: &SignalFd, batch: Batch) -> Option<String> {
    let files = batch.offers.len();
    let names: Vec<String> = batch.offers.iter().map(|offer| offer.name.clone()).collect();
    let mut source = Source::new(Directory::new(paths::CLIPS_DIR, false), names);
    let mut sender = Sender::new(batch.offers, clock::monotonic_us());
    terminal.set_flow_control(true);
    let ending = transfer(terminal, stop, &mut sender, &mut source);
    terminal.set_flow_control(false);
    let ending = ending?;
    settle(terminal);
    // The last header, or the receiver, may have left the cursor anywhere.
    terminal.write("\n");
    Some(verdict(ending, files, source.trouble.as_ref()))
}

/// Nothing when the line is gone.
fn transfer(
    terminal: &mut Terminal,
    stop: &SignalFd,
    sender: &mut Sender,
    source: &mut Source<Directory>,
) -> Option<Ending> {
    loop {
        pulse::beat();
        let now_us = clock::monotonic_us();
        let wakes = match sender.next(now_us) {
            Step::Write(bytes) => {
                let written = terminal.write_some(bytes).ok()?;
                sender.written(written, now_us);
                if written > 0 { None } else { Some((PollFlags::POLLIN | PollFlags::POLLOUT, ROUND_MS)) }
            }
            Step::Read { file, at, bytes_max } => {
                match source.read(file, at, bytes_max) {
                    Some(piece) => sender.content(piece, now_us),
                    None => sender.stop(now_us),
                }
                None
            }
            Step::Wait { until_us } => {
                let pause_ms = until_us.saturating_sub(now_us) / 1000 + 1;
                Some((PollFlags::POLLIN, u16::try_from(pause_ms).map_or(ROUND_MS, |ms| ms.min(ROUND_MS))))
            }
            Step::Over(ending) => return Some(ending),
        };
        if let Some((flags, pause_ms)) = wakes
            && waits(terminal, stop, flags, pause_ms)
        {
            sender.stop(now_us);
        }
        sender.heard(&terminal.read()?, clock::monotonic_us());
    }
}

/// Waits for the line; whether init wants an end.
fn waits(terminal: &Terminal, stop: &SignalFd, flags: PollFlags, pause_ms: u16) -> bool {
    let mut fds = [PollFd::new(terminal.as_fd(), flags), PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
    // An interrupted or failed wait is a short one.
    poll(&mut fds, pause_ms).is_ok_and(|ready| ready > 0) && fds[1].any() == Some(true)
}

/// Lets what the receiver still says pass by: it is nobody's command.
fn settle(terminal: &mut Terminal) {
    for _ in 0..QUIET_ROUNDS_MAX {
        pulse::beat();
        let mut fds = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
        if poll(&mut fds, QUIET_MS) == Ok(0) || terminal.read().is_none() {
            return;
        }
    }
}

/// The files on the card, a piece at a time, each opened anew: a card that has to be mounted anew is not held.
struct Source<F> {
    folder: F,
    names: Vec<String>,
    piece: Vec<u8>,
    /// The file, and from where on the piece is.
    place: (usize, u32),
    trouble: Option<SendError>,
}

impl<F: Folder> Source<F> {
    fn new(folder: F, names: Vec<String>) -> Self {
        Self { folder, names, piece: Vec::new(), place: (0, 0), trouble: None }
    }

    /// At most so many bytes from there on, and at least one; nothing when there is trouble.
    fn read(&mut self, file: usize, at: u32, bytes_max: usize) -> Option<&[u8]> {
        let offset = |place: (usize, u32)| at.checked_sub(place.1).filter(|_| place.0 == file);
        let is_there = offset(self.place).is_some_and(|offset| (offset as usize) < self.piece.len());
        if !is_there && let Err(error) = self.fetch(file, at) {
            self.piece.clear();
            self.trouble = Some(SendError::of_card(error));
            return None;
        }
        let from = offset(self.place)? as usize;
        self.piece.get(from..self.piece.len().min(from + bytes_max)).filter(|piece| !piece.is_empty())
    }

    fn fetch(&mut self, file: usize, at: u32) -> io::Result<()> {
        let name = self.names.get(file).ok_or(io::ErrorKind::NotFound)?;
        let opened = self.folder.open(name, Open::Existing)?;
        let left = opened.bytes()?.saturating_sub(u64::from(at)).min(u64::from(PIECE_BYTES));
        if left == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.piece.resize(usize::try_from(left).map_err(io::Error::other)?, 0);
        opened.read_exact_at(&mut self.piece, u64::from(at))?;
        self.place = (file, at);
        Ok(())
    }
}

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
