//! What the receiver says, made out of bytes of a line on which anything may come.
//!
//! Only whole headers with a good checksum are heard, and the owner's wish to end it. Must not know what they mean.

use super::wire::{BINARY, BINARY_32, HEADER_BYTES, HEX, Header, Kind, XOFF, XON, ZDLE, ZPAD, crc16, crc32};

/// So many times Ctrl-X, one after the other, ends the session (8.4).
const CANCELS: u8 = 5;
/// Ctrl-C.
const INTERRUPT: u8 = 0x03;
/// The longest header: binary, with 32 bits of checksum.
const BYTES_MAX: usize = HEADER_BYTES + 4;

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A header.
    Header(Header),
    /// The receiver, or whoever sits before it, ends the session.
    Cancel,
    /// Ctrl-C, between headers.
    Interrupt,
}

/// Listens.
#[derive(Default)]
pub struct Ear {
    state: State,
    bytes: [u8; BYTES_MAX],
    length: usize,
    cancels: u8,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Between,
    Pad,
    Format,
    /// The upper half of the byte, if it has come.
    Hex(Option<u8>),
    Binary {
        crc_bytes: usize,
        is_escaped: bool,
    },
}

impl Ear {
    /// Takes one byte.
    pub fn feed(&mut self, byte: u8) -> Option<Heard> {
        self.cancels = if byte == ZDLE { self.cancels + 1 } else { 0 };
        if self.cancels == CANCELS {
            *self = Ear::default();
            return Some(Heard::Cancel);
        }
        // Whatever is between the two may put these in.
        if matches!(byte & 0x7f, XON | XOFF) {
            return None;
        }
        match self.state {
            State::Between if byte == INTERRUPT => return Some(Heard::Interrupt),
            State::Between | State::Pad => {
                self.state = match (self.state, byte) {
                    (_, ZPAD) => State::Pad,
                    (State::Pad, ZDLE) => State::Format,
                    _ => State::Between,
                };
            }
            State::Format => {
                self.length = 0;
                self.state = match byte {
                    HEX => State::Hex(None),
                    BINARY => State::Binary { crc_bytes: 2, is_escaped: false },
                    BINARY_32 => State::Binary { crc_bytes: 4, is_escaped: false },
                    _ => State::Between,
                };
            }
            State::Hex(upper) => return self.feed_hex(upper, byte),
            State::Binary { crc_bytes, is_escaped: false } if byte == ZDLE => {
                self.state = State::Binary { crc_bytes, is_escaped: true };
            }
            State::Binary { crc_bytes, is_escaped } => {
                self.state = State::Binary { crc_bytes, is_escaped: false };
                return self.push(if is_escaped { byte ^ 0x40 } else { byte }, crc_bytes);
            }
        }
        None
    }

    fn feed_hex(&mut self, upper: Option<u8>, byte: u8) -> Option<Heard> {
        // The eighth bit may be a parity.
        let digit = match byte & 0x7f {
            digit @ b'0'..=b'9' => digit - b'0',
            digit @ b'a'..=b'f' => digit - b'a' + 10,
            _ => {
                self.state = if byte == ZPAD { State::Pad } else { State::Between };
                return None;
            }
        };
        self.state = State::Hex(if upper.is_some() { None } else { Some(digit) });
        upper.and_then(|upper| self.push(upper << 4 | digit, 2))
    }

    /// One more byte of a header; the header, if that was the last and nothing is damaged.
    fn push(&mut self, byte: u8, crc_bytes: usize) -> Option<Heard> {
        self.bytes[self.length] = byte;
        self.length += 1;
        if self.length < HEADER_BYTES + crc_bytes {
            return None;
        }
        self.state = State::Between;
        let (bytes, crc) = self.bytes.split_at(HEADER_BYTES);
        let is_whole = match crc_bytes {
            2 => crc[..2] == crc16(&[bytes]).to_be_bytes(),
            _ => crc == crc32(&[bytes]).to_le_bytes(),
        };
        let kind = Kind::of(bytes[0]).filter(|_| is_whole)?;
        let word = [bytes[1], bytes[2], bytes[3], bytes[4]];
        Some(Heard::Header(Header { kind, word }))
    }
}
