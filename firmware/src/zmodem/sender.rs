//! The sending side as a state machine: what to write, what to read, how long to wait.
//!
//! It streams: data goes out without a pause as long as the receiver keeps saying how far it is, so a cable's delay costs nothing, and a
//! receiver that is gone is noticed within a window. It must not block, and no answer of a receiver makes it go on for ever.

mod answer;

use super::ear::{Ear, Heard};
use super::wire::{CANCEL, End, Header, Kind, OVER_AND_OUT, Style, put_header, put_hex, put_subpacket};

/// Content of one subpacket: as much as every receiver takes (7.4).
const BLOCK_BYTES_MAX: u32 = 1024;
/// On the way and not yet acknowledged: three seconds at 115200 baud, far more than the delay of any cable or adapter.
const WINDOW_BYTES: u32 = 32 * 1024;
/// After so many bytes the receiver is asked how far it is.
const ASK_EVERY_BYTES: u32 = WINDOW_BYTES / 8;
/// Without an answer for so long what was last said is said again. Longer than the 10 s after which `rz` speaks up: whatever it hears, it
/// waits anew, and would never ask for what it lacks.
const RETRY_US: u64 = 15_000_000;
/// A receiver that has not been heard for so long is none: it would have spoken several times. Time enough to start one.
const QUIET_US_MAX: u64 = 60_000_000;
/// A line that does not even take the end of it.
const END_US_MAX: u64 = 2_000_000;
/// Things said again without a byte more that came through.
const REPEATS_MAX: u32 = 20;

/// In the header of a file: its bytes are to stay as they are (11.5, ZCBIN).
const AS_IT_IS: u8 = 1;

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name, without a folder.
    pub name: String,
    /// Its length: ZMODEM has 32 bits for it.
    pub bytes: u32,
    /// When it was last changed, in seconds since 1970.
    pub modified_s: u64,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Write some of these, and say how many with [`Sender::written`].
    Write(&'a [u8]),
    /// Give some of a file's bytes from there on, at least one, with [`Sender::content`]; or stop.
    Read {
        /// Its place among the offers.
        file: usize,
        /// From where on.
        at: u32,
        /// How many at most.
        bytes_max: usize,
    },
    /// Nothing until something is heard, or until that time.
    Wait {
        /// Microseconds of the caller's clock.
        until_us: u64,
    },
    /// It is over.
    Over(Ending),
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The receiver has every file but so many, which it did not want.
    Done {
        /// Files that it refused.
        refused: usize,
    },
    /// The receiver, or whoever sits before it, ended it.
    Cancelled,
    /// The receiver cannot go on.
    Failed,
    /// No receiver ever spoke.
    NobodyThere,
    /// The receiver fell silent.
    Silent,
    /// Too much was damaged on the way.
    TooNoisy,
    /// [`Sender::stop`].
    Stopped,
}

/// Where it is with the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Is anybody there?
    Calling,
    /// A file was offered.
    Offering,
    /// It is on its way.
    Sending,
    /// All of it was sent.
    Ended,
    /// There is no further file.
    Leaving,
}

/// See the head of this file.
pub struct Sender {
    offers: Vec<Offer>,
    file: usize,
    refused: usize,
    phase: Phase,
    ear: Ear,
    style: Style,
    /// After so many bytes the receiver wants to be waited for.
    segment_bytes: Option<u32>,
    out: Vec<u8>,
    out_at: usize,
    /// The next byte to send, and the first that the receiver may lack.
    at: u32,
    acked: u32,
    /// The furthest that this file ever came.
    furthest: u32,
    repeats: u32,
    block_bytes: u32,
    /// Where the current stream of subpackets began, if one is open; and where the receiver was last asked.
    stream: Option<u32>,
    asked_at: u32,
    is_waiting: bool,
    heard_us: u64,
    said_us: u64,
    ending: Option<(Ending, u64)>,
}

impl Sender {
    /// Will send these files.
    pub fn new(offers: Vec<Offer>, now_us: u64) -> Sender {
        let mut sender = Sender {
            offers,
            file: 0,
            refused: 0,
            phase: Phase::Calling,
            ear: Ear::default(),
            style: Style { is_crc32: false, escapes_control: false },
            segment_bytes: None,
            out: Vec::new(),
            out_at: 0,
            at: 0,
            acked: 0,
            furthest: 0,
            repeats: 0,
            block_bytes: BLOCK_BYTES_MAX,
            stream: None,
            asked_at: 0,
            is_waiting: false,
            heard_us: now_us,
            said_us: now_us,
            ending: None,
        };
        sender.say(now_us);
        sender
    }

    /// What is to be done now.
    pub fn next(&mut self, now_us: u64) -> Step<'_> {
        self.pass_time(now_us);
        let is_written = self.out_at == self.out.len();
        match self.ending {
            Some((ending, since_us)) if is_written || now_us >= since_us + END_US_MAX => Step::Over(ending),
            _ if !is_written => Step::Write(&self.out[self.out_at..]),
            _ => self.read_or_wait(),
        }
    }

    /// So many bytes of the last [`Step::Write`] are on their way.
    pub fn written(&mut self, bytes: usize, now_us: u64) {
        self.out_at = self.out.len().min(self.out_at + bytes);
        if self.out_at == self.out.len() {
            self.silence();
            // Only now the receiver can answer it.
            self.said_us = now_us;
        }
    }

    /// These bytes came.
    pub fn heard(&mut self, bytes: &[u8], now_us: u64) {
        for &byte in bytes {
            match self.ear.feed(byte) {
                Some(Heard::Header(header)) if self.ending.is_none() => self.answer(header, now_us),
                Some(Heard::Cancel) => self.fail(Ending::Cancelled, now_us),
                // Nobody else may say it: once a receiver has spoken, it may be anything.
                Some(Heard::Interrupt) if self.phase == Phase::Calling => self.stop(now_us),
                _ => {}
            }
        }
    }

    /// The bytes that the last [`Step::Read`] asked for, or fewer.
    pub fn content(&mut self, content: &[u8], now_us: u64) {
        let left = self.bytes() - self.at;
        let length = u32::try_from(content.len()).map_or(left, |length| length.min(left));
        if self.phase != Phase::Sending || length == 0 || self.ending.is_some() {
            return;
        }
        let began_at = *self.stream.get_or_insert_with(|| {
            put_header(&mut self.out, self.style, Header::at(Kind::Data, self.at));
            self.asked_at = self.at;
            self.at
        });
        self.at += length;
        let is_full = self.segment_bytes.is_some_and(|bytes| self.at - began_at >= bytes);
        let end = if self.at == self.bytes() {
            End::Header
        } else if is_full {
            End::Ack
        } else if self.at - self.asked_at >= ASK_EVERY_BYTES {
            End::SubpacketAndAck
        } else {
            End::Subpacket
        };
        put_subpacket(&mut self.out, self.style, &content[..length as usize], end);
        match end {
            End::Header => self.enter(Phase::Ended, now_us),
            End::Ack => (self.stream, self.is_waiting) = (None, true),
            End::SubpacketAndAck => self.asked_at = self.at,
            End::Subpacket => {}
        }
    }

    /// Ends it from this side, and tells the receiver.
    pub fn stop(&mut self, now_us: u64) {
        self.give_up(Ending::Stopped, now_us);
    }

    fn bytes(&self) -> u32 {
        self.offers.get(self.file).map_or(0, |offer| offer.bytes)
    }

    fn end(&mut self, ending: Ending, now_us: u64) {
        self.ending.get_or_insert((ending, now_us));
    }

    /// Ends it; what is not written yet nobody waits for.
    fn fail(&mut self, ending: Ending, now_us: u64) {
        if self.ending.is_none() {
            self.silence();
            self.end(ending, now_us);
        }
    }

    /// Ends it, and tells the receiver.
    fn give_up(&mut self, ending: Ending, now_us: u64) {
        if self.ending.is_none() {
            self.silence();
            self.out.extend(CANCEL);
            self.end(ending, now_us);
        }
    }

    fn silence(&mut self) {
        self.out.clear();
        self.out_at = 0;
    }

    /// Says what is due again, or that there is nobody.
    fn pass_time(&mut self, now_us: u64) {
        if self.ending.is_some() {
            return;
        }
        if now_us >= self.heard_us + QUIET_US_MAX {
            return match self.phase {
                Phase::Calling => self.fail(Ending::NobodyThere, now_us),
                _ => self.despair(Ending::Silent, now_us),
            };
        }
        let is_streaming = self.phase == Phase::Sending && !self.is_held();
        if now_us >= self.said_us + RETRY_US && self.out.is_empty() && !is_streaming {
            self.say_again(now_us);
        }
    }

    fn despair(&mut self, ending: Ending, now_us: u64) {
        match self.phase {
            // It has every file: only the farewell is missing.
            Phase::Leaving => self.fail(Ending::Done { refused: self.refused }, now_us),
            _ => self.give_up(ending, now_us),
        }
    }

    /// Says it once more; but not for ever.
    fn say_again(&mut self, now_us: u64) {
        self.repeats += 1;
        match self.repeats <= REPEATS_MAX {
            true => self.say(now_us),
            false => self.despair(Ending::TooNoisy, now_us),
        }
    }

    fn read_or_wait(&self) -> Step<'_> {
        if self.phase == Phase::Sending && !self.is_held() {
            let room = self.bytes() - self.at;
            let bytes_max = self.block_bytes.min(room) as usize;
            return Step::Read { file: self.file, at: self.at, bytes_max };
        }
        Step::Wait { until_us: (self.said_us + RETRY_US).min(self.heard_us + QUIET_US_MAX) }
    }

    /// Whether no more may be sent before the receiver says how far it is.
    fn is_held(&self) -> bool {
        self.is_waiting || self.at - self.acked >= WINDOW_BYTES
    }

    fn enter(&mut self, phase: Phase, now_us: u64) {
        self.phase = phase;
        self.say(now_us);
    }

    /// Says what belongs to the phase: for the first time, or again.
    fn say(&mut self, now_us: u64) {
        self.said_us = now_us;
        match self.phase {
            Phase::Calling => put_hex(&mut self.out, Header::at(Kind::Rqinit, 0)),
            Phase::Offering => {
                let Some(offer) = self.offers.get(self.file) else { return };
                let header = Header { kind: Kind::File, word: [0, 0, 0, AS_IT_IS] };
                put_header(&mut self.out, self.style, header);
                // Length, time and mode of the file, and how many files and bytes are to come, as YMODEM has them (13); the mode is
                // that of an ordinary file.
                let Offer { name, bytes, modified_s } = offer;
                let left = &self.offers[self.file..];
                let left_bytes: u64 = left.iter().map(|offer| u64::from(offer.bytes)).sum();
                let count = left.len();
                let text = format!("{name}\0{bytes} {modified_s:o} 100644 0 {count} {left_bytes}\0");
                put_subpacket(&mut self.out, self.style, text.as_bytes(), End::Ack);
            }
            Phase::Sending => self.rewind(self.acked, now_us),
            Phase::Ended => {
                let end = Header::at(Kind::Eof, self.bytes());
                put_hex(&mut self.out, end);
            }
            Phase::Leaving => put_hex(&mut self.out, Header::at(Kind::Fin, 0)),
        }
    }

    /// Goes on to the next file, or to the farewell.
    fn pass_on(&mut self, now_us: u64) {
        self.file += 1;
        (self.furthest, self.repeats) = (0, 0);
        self.offer(now_us);
    }

    fn offer(&mut self, now_us: u64) {
        (self.at, self.acked, self.stream, self.is_waiting) = (0, 0, None, false);
        let phase = if self.file < self.offers.len() { Phase::Offering } else { Phase::Leaving };
        self.enter(phase, now_us);
    }
}
