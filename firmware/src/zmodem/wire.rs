//! What goes over the line: headers, subpackets, escapes and checksums.
//!
//! Must not know in which order any of them comes.

/// Begins every header.
pub const ZPAD: u8 = b'*';
/// Escapes what follows it (7.2); five and more of it are a cancel (8.4). Ctrl-X.
pub const ZDLE: u8 = 0x18;
/// Lets a stopped line go on: ends a hex header.
pub const XON: u8 = 0x11;
/// Stops a line.
pub const XOFF: u8 = 0x13;
/// Behind [`ZPAD`] and [`ZDLE`]: how the header is written.
pub const HEX: u8 = b'B';
/// Binary, 16 bits of checksum.
pub const BINARY: u8 = b'A';
/// Binary, 32 bits of checksum.
pub const BINARY_32: u8 = b'C';
/// A type and four bytes.
pub const HEADER_BYTES: usize = 5;
/// Ends a session at once, whatever the other side is doing: ten times Ctrl-X, and as many backspaces for whoever looks at it (8.4;
/// there are eight, lrzsz says ten).
pub const CANCEL: &[u8] = b"\x18\x18\x18\x18\x18\x18\x18\x18\x18\x18\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08";
/// The last word: over and out (8.3).
pub const OVER_AND_OUT: &[u8] = b"OO";

/// Types of headers (11); those that a sender neither says nor hears are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The sender asks whether somebody receives.
    Rqinit = 0,
    /// The receiver is ready for a file.
    Rinit = 1,
    /// So far, so good.
    Ack = 3,
    /// A file is offered.
    File = 4,
    /// The receiver does not want it.
    Skip = 5,
    /// The last header was damaged.
    Nak = 6,
    /// The receiver ends the session.
    Abort = 7,
    /// All is done.
    Fin = 8,
    /// Send from here on.
    Rpos = 9,
    /// What comes is the file from here on.
    Data = 10,
    /// The file ends here.
    Eof = 11,
    /// The receiver's disk.
    Ferr = 12,
    /// Say this number.
    Challenge = 14,
}

impl Kind {
    const ALL: [Kind; 13] = [
        Kind::Rqinit,
        Kind::Rinit,
        Kind::Ack,
        Kind::File,
        Kind::Skip,
        Kind::Nak,
        Kind::Abort,
        Kind::Fin,
        Kind::Rpos,
        Kind::Data,
        Kind::Eof,
        Kind::Ferr,
        Kind::Challenge,
    ];

    /// The type with that number.
    pub fn of(number: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

/// One header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its type.
    pub kind: Kind,
    /// Flags, the last of them first; or a place in the file, the lowest byte first.
    pub word: [u8; 4],
}

impl Header {
    /// A header with a place in the file.
    pub fn at(kind: Kind, at: u32) -> Header {
        Header { kind, word: at.to_le_bytes() }
    }

    /// The place in the file.
    pub fn place(self) -> u32 {
        u32::from_le_bytes(self.word)
    }

    fn bytes(self) -> [u8; HEADER_BYTES] {
        let [a, b, c, d] = self.word;
        [self.kind as u8, a, b, c, d]
    }
}

/// What follows a subpacket (7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum End {
    /// A header.
    Header = b'h',
    /// The next subpacket.
    Subpacket = b'i',
    /// The next subpacket, and the receiver says how far it is.
    SubpacketAndAck = b'j',
    /// A header, once the receiver has said how far it is.
    Ack = b'k',
}

/// How this receiver wants it written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// 32 bits of checksum instead of 16.
    pub is_crc32: bool,
    /// Every control character is escaped.
    pub escapes_control: bool,
}

/// A header that can be read on a line of seven bits.
pub fn put_hex(out: &mut Vec<u8>, header: Header) {
    out.extend([ZPAD, ZPAD, ZDLE, HEX]);
    let bytes = header.bytes();
    for byte in bytes.into_iter().chain(crc16(&[&bytes]).to_be_bytes()) {
        out.extend([byte >> 4, byte & 0xf].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
    }
    out.extend([b'\r', b'\n' | 0x80]);
    // After the last header nobody is there to swallow it (7.3.3).
    if header.kind != Kind::Fin {
        out.push(XON);
    }
}

/// A header in binary.
pub fn put_header(out: &mut Vec<u8>, style: Style, header: Header) {
    out.extend([ZPAD, ZDLE, if style.is_crc32 { BINARY_32 } else { BINARY }]);
    let bytes = header.bytes();
    put_escaped(out, style, &bytes);
    put_crc(out, style, &[&bytes]);
}

/// Content.
pub fn put_subpacket(out: &mut Vec<u8>, style: Style, content: &[u8], end: End) {
    put_escaped(out, style, content);
    out.extend([ZDLE, end as u8]);
    put_crc(out, style, &[content, &[end as u8]]);
}

fn put_crc(out: &mut Vec<u8>, style: Style, parts: &[&[u8]]) {
    match style.is_crc32 {
        true => put_escaped(out, style, &crc32(parts).to_le_bytes()),
        false => put_escaped(out, style, &crc16(parts).to_be_bytes()),
    }
}

fn put_escaped(out: &mut Vec<u8>, style: Style, bytes: &[u8]) {
    for &byte in bytes {
        match must_be_escaped(byte, style) {
            true => out.extend([ZDLE, byte ^ 0x40]),
            false => out.push(byte),
        }
    }
}

/// ZDLE; what stops and starts a line; DLE and the carriage return, of which networks made something (7.2).
fn must_be_escaped(byte: u8, style: Style) -> bool {
    match byte & 0x7f {
        0x10 | XON | XOFF | b'\r' => true,
        low => byte == ZDLE || (style.escapes_control && low < b' '),
    }
}

/// CRC-16 with the polynomial 0x1021, as XMODEM has it.
pub fn crc16(parts: &[&[u8]]) -> u16 {
    let fold =
        |crc: u16, byte: &u8| {
            (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
            })
        };
    parts.iter().copied().flatten().fold(0, fold)
}

/// CRC-32 as everybody has it.
pub fn crc32(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}
