//! What the receiver says, and what follows from it: on, back, again, or the end.
//!
//! What no receiver says in a phase is an echo or noise, and shows nobody alive. Must not write to the line but by saying what is due.

use super::{BLOCK_BYTES_MAX, Ending, OVER_AND_OUT, Phase, Sender, Style, put_hex};
use crate::zmodem::wire::{Header, Kind};

/// On a bad line: small enough to come through, large enough not to be all headers.
const BLOCK_BYTES_MIN: u32 = 64;
/// A receiver that starts late finds old questions in its buffer and answers each: what was just said is not said again.
const ANSWER_AGAIN_US: u64 = 1_000_000;
/// What a receiver can (11.2): receive while it sends, and while its disk writes.
const CAN_STREAM: u8 = 0x01 | 0x02;
/// It knows 32 bits of checksum.
const CAN_CRC32: u8 = 0x20;
/// It wants every control character escaped.
const ESCAPE_CONTROL: u8 = 0x40;

impl Sender {
    /// See the head of this file.
    pub(super) fn answer(&mut self, header: Header, now_us: u64) {
        let place = header.place();
        let may_repeat = now_us >= self.said_us + ANSWER_AGAIN_US;
        match (self.phase, header.kind) {
            // Whoever asks shall see that we are no echo.
            (_, Kind::Challenge) if self.out.is_empty() => {
                return put_hex(&mut self.out, Header { kind: Kind::Ack, ..header });
            }
            (_, Kind::Abort | Kind::Ferr) => self.fail(Ending::Failed, now_us),
            (Phase::Calling, Kind::Rinit) => {
                self.adopt(header.word);
                self.offer(now_us);
            }
            (Phase::Offering | Phase::Sending | Phase::Ended, Kind::Skip) => {
                self.refused += 1;
                self.pass_on(now_us);
            }
            (Phase::Offering | Phase::Sending | Phase::Ended, Kind::Rpos) => self.go_to(place, now_us),
            (Phase::Sending, Kind::Ack) => self.acknowledged(place),
            (Phase::Sending, Kind::Nak) if may_repeat => self.go_to(self.acked, now_us),
            // Somebody started it anew.
            (Phase::Sending, Kind::Rinit) if may_repeat => {
                self.adopt(header.word);
                self.phase = Phase::Offering;
                self.say_again(now_us);
            }
            (Phase::Ended, Kind::Rinit) => self.pass_on(now_us),
            (Phase::Leaving, Kind::Fin) => {
                self.out.extend(OVER_AND_OUT);
                self.end(Ending::Done { refused: self.refused }, now_us);
            }
            (Phase::Offering | Phase::Ended | Phase::Leaving, Kind::Nak)
            | (Phase::Offering | Phase::Leaving, Kind::Rinit)
                if may_repeat =>
            {
                self.say_again(now_us);
            }
            (Phase::Ended, Kind::Ack) => {}
            _ => return,
        }
        self.heard_us = now_us;
    }

    /// What the receiver can (11.2): the length of its buffer, and flags.
    fn adopt(&mut self, [low, high, _, flags]: [u8; 4]) {
        let buffer_bytes = u32::from(u16::from_le_bytes([low, high]));
        let can_stream = flags & CAN_STREAM == CAN_STREAM;
        self.style = Style { is_crc32: flags & CAN_CRC32 != 0, escapes_control: flags & ESCAPE_CONTROL != 0 };
        self.segment_bytes = match (buffer_bytes, can_stream) {
            (0, true) => None,
            (0, false) => Some(BLOCK_BYTES_MAX),
            _ => Some(buffer_bytes),
        };
    }

    fn acknowledged(&mut self, place: u32) {
        // An older one may come late, and one from beyond is none of ours.
        if (self.acked..=self.at).contains(&place) {
            self.acked = place;
            self.progress(place);
            self.is_waiting = self.is_waiting && place < self.at;
            self.block_bytes = (self.block_bytes * 2).min(self.block_bytes_max());
        }
    }

    /// A buffer that is smaller than a subpacket gets no larger ones.
    fn block_bytes_max(&self) -> u32 {
        self.segment_bytes.map_or(BLOCK_BYTES_MAX, |bytes| bytes.min(BLOCK_BYTES_MAX))
    }

    fn progress(&mut self, place: u32) {
        if place > self.furthest {
            (self.furthest, self.repeats) = (place, 0);
        }
    }

    /// The receiver has everything up to there, and wants what follows.
    fn go_to(&mut self, place: u32, now_us: u64) {
        let place = place.min(self.bytes());
        if self.phase == Phase::Offering {
            self.block_bytes = self.block_bytes_max();
        } else {
            self.progress(place);
            self.block_bytes = (self.block_bytes / 2).max(BLOCK_BYTES_MIN.min(self.block_bytes_max()));
        }
        (self.phase, self.acked) = (Phase::Sending, place);
        self.say_again(now_us);
    }

    pub(super) fn rewind(&mut self, place: u32, now_us: u64) {
        (self.at, self.acked, self.stream, self.is_waiting) = (place, place, None, false);
        if place == self.bytes() {
            self.enter(Phase::Ended, now_us);
        }
    }
}
