//! A receiver after Forsberg's description, with what `rz` does where that leaves a choice.
//!
//! It decodes by itself. Must not be told what the sender means.

use std::mem;

const ZDLE: u8 = 0x18;
/// As `rz`.
const TIMEOUT_US: u64 = 10_000_000;

/// What the receiver is like.
#[derive(Clone, Copy, Debug)]
pub struct Can {
    /// Flags of ZRINIT.
    pub flags: u8,
    /// Its buffer; 0: as much as comes.
    pub buffer_bytes: u16,
}

/// Streaming and 32 bits of checksum, as `rz`.
pub const STOCK: Can = Can { flags: 0x23, buffer_bytes: 0 };

/// What it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Want {
    File,
    Data,
    Subpackets,
    Over,
}

/// How the bytes at hand are read.
enum Reading {
    /// For a header; so many of its pads have come.
    Between(usize),
    Hex(Vec<u8>),
    Binary {
        crc32: bool,
        bytes: Vec<u8>,
    },
    /// A subpacket: its content; then its end and the checksum's bytes.
    Subpacket {
        bytes: Vec<u8>,
        end: Option<(u8, Vec<u8>)>,
    },
}

/// See the head of this file.
pub struct Model {
    can: Can,
    want: Want,
    reading: Reading,
    is_escaped: bool,
    is_crc32: bool,
    /// The subpacket is a file's name and not its content.
    is_name: bool,
    out: Vec<u8>,
    heard_us: u64,
    /// What is there: whole files.
    pub files: Vec<(String, Vec<u8>)>,
    /// The one that comes, and how long it will be.
    pub current: Option<(String, Vec<u8>)>,
    announced_bytes: usize,
    /// Files that it does not want.
    pub refuses: Vec<String>,
    /// Bytes of the current file that it has already.
    pub has: usize,
    /// Bytes of control characters that came unescaped.
    pub plain_control: usize,
    /// The longest run of subpackets without a pause, in bytes.
    pub longest_segment: usize,
    segment: usize,
    /// It has heard the farewell.
    pub heard_over: bool,
}

impl Model {
    /// Ready, and says so.
    pub fn new(can: Can) -> Model {
        let mut model = Model {
            can,
            want: Want::File,
            reading: Reading::Between(0),
            is_escaped: false,
            is_crc32: false,
            is_name: false,
            out: Vec::new(),
            heard_us: 0,
            files: Vec::new(),
            current: None,
            announced_bytes: 0,
            refuses: Vec::new(),
            has: 0,
            plain_control: 0,
            longest_segment: 0,
            segment: 0,
            heard_over: false,
        };
        model.ready();
        model
    }

    /// What it says.
    pub fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.out)
    }

    /// When it speaks up by itself.
    pub fn deadline_us(&self) -> u64 {
        if self.want == Want::Over { u64::MAX } else { self.heard_us + TIMEOUT_US }
    }

    /// It may be time to speak up.
    pub fn pass_time(&mut self, now_us: u64) {
        if now_us >= self.deadline_us() {
            self.heard_us = now_us;
            self.complain();
        }
    }

    /// Says a header by number.
    pub fn say(&mut self, kind: u8, word: [u8; 4]) {
        let mut bytes = vec![kind];
        bytes.extend(word);
        bytes.extend(crc16(&bytes).to_be_bytes());
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.out.extend(format!("**\x18B{digits}\r\n\x11").bytes());
    }

    fn ready(&mut self) {
        let [low, high] = self.can.buffer_bytes.to_le_bytes();
        self.say(1, [low, high, 0, self.can.flags]);
    }

    fn complain(&mut self) {
        self.reading = Reading::Between(0);
        match self.want {
            Want::File => self.ready(),
            Want::Data | Want::Subpackets => self.position(9),
            Want::Over => {}
        }
        if self.want == Want::Subpackets {
            self.want = Want::Data;
        }
    }

    fn position(&mut self, kind: u8) {
        let bytes = self.current.as_ref().map_or(0, |(_, content)| content.len());
        self.say(kind, (bytes as u32).to_le_bytes());
    }

    /// These came.
    pub fn hear(&mut self, bytes: &[u8], now_us: u64) {
        for &byte in bytes {
            self.heard_us = now_us;
            if self.want == Want::Over {
                self.heard_over |= byte == b'O';
            } else if !matches!(byte & 0x7f, 0x11 | 0x13) {
                self.feed(byte);
            }
        }
    }

    fn feed(&mut self, byte: u8) {
        if matches!(self.reading, Reading::Binary { .. } | Reading::Subpacket { .. }) {
            if byte == ZDLE && !self.is_escaped {
                self.is_escaped = true;
                return;
            }
            self.plain_control += usize::from(!self.is_escaped && byte & 0x7f < b' ');
        }
        let is_escaped = mem::take(&mut self.is_escaped);
        match &mut self.reading {
            Reading::Between(pads) => match byte {
                b'*' => *pads = 1,
                ZDLE if *pads == 1 => *pads = 2,
                b'B' if *pads == 2 => self.reading = Reading::Hex(Vec::new()),
                b'A' | b'C' if *pads == 2 => {
                    self.reading = Reading::Binary { crc32: byte == b'C', bytes: Vec::new() };
                }
                _ => *pads = 0,
            },
            Reading::Hex(digits) => {
                digits.push(byte & 0x7f);
                if digits.len() == 14 {
                    let text = String::from_utf8_lossy(digits).into_owned();
                    let bytes: Option<Vec<u8>> = (0..7)
                        .map(|place| u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok())
                        .collect();
                    self.reading = Reading::Between(0);
                    if let Some(bytes) = bytes.filter(|bytes| crc16(&bytes[..5]).to_be_bytes() == bytes[5..])
                    {
                        self.header(&bytes, self.is_crc32);
                    }
                }
            }
            Reading::Binary { crc32: is_crc32, bytes } => {
                bytes.push(if is_escaped { byte ^ 0x40 } else { byte });
                let is_crc32 = *is_crc32;
                if bytes.len() == if is_crc32 { 9 } else { 7 } {
                    let bytes = mem::take(bytes);
                    self.reading = Reading::Between(0);
                    if is_whole(is_crc32, &bytes[..5], &bytes[5..]) {
                        self.header(&bytes, is_crc32);
                    }
                }
            }
            Reading::Subpacket { bytes, end } => {
                let decoded = if is_escaped { byte ^ 0x40 } else { byte };
                match end {
                    None if is_escaped && (b'h'..=b'k').contains(&byte) => *end = Some((byte, Vec::new())),
                    None if bytes.len() > 1024 => self.complain(),
                    None => bytes.push(decoded),
                    Some((_, crc)) => {
                        crc.push(decoded);
                        if crc.len() == if self.is_crc32 { 4 } else { 2 } {
                            self.subpacket();
                        }
                    }
                }
            }
        }
    }

    fn header(&mut self, bytes: &[u8], is_crc32: bool) {
        let place = u32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]) as usize;
        let subpacket = Reading::Subpacket { bytes: Vec::new(), end: None };
        let at = self.current.as_ref().map_or(0, |(_, content)| content.len());
        match bytes[0] {
            0 if self.want == Want::File => self.ready(),
            4 => (self.is_crc32, self.is_name, self.reading) = (is_crc32, true, subpacket),
            10 if self.want == Want::Data && place == at => {
                (self.is_crc32, self.is_name, self.segment) = (is_crc32, false, 0);
                (self.want, self.reading) = (Want::Subpackets, subpacket);
            }
            10 if self.want == Want::Data => self.position(9),
            11 if self.want == Want::Data && place == at => {
                let file = self.current.take().expect("there is one");
                assert_eq!(file.1.len(), self.announced_bytes, "the end is where it was said to be");
                self.files.push(file);
                self.want = Want::File;
                self.ready();
            }
            11 if self.want == Want::File => self.ready(),
            8 if self.want == Want::File => {
                self.say(8, [0; 4]);
                self.want = Want::Over;
            }
            _ => {}
        }
    }

    fn subpacket(&mut self) {
        let Reading::Subpacket { bytes, end: Some((end, crc)) } =
            mem::replace(&mut self.reading, Reading::Between(0))
        else {
            unreachable!("only called with one");
        };
        let mut all = bytes.clone();
        all.push(end);
        if !is_whole(self.is_crc32, &all, &crc) {
            return self.complain();
        }
        if self.is_name {
            return self.named(&bytes);
        }
        let (_, content) = self.current.as_mut().expect("there is one");
        content.extend(&bytes);
        self.segment += bytes.len();
        self.longest_segment = self.longest_segment.max(self.segment);
        match end {
            b'h' => self.want = Want::Data,
            b'k' => {
                self.want = Want::Data;
                self.position(3);
            }
            _ => {
                if end == b'j' {
                    self.position(3);
                }
                self.reading = Reading::Subpacket { bytes: Vec::new(), end: None };
            }
        }
    }

    fn named(&mut self, bytes: &[u8]) {
        let mut parts = bytes.split(|byte| *byte == 0).map(|part| String::from_utf8_lossy(part).into_owned());
        let (name, numbers) = (parts.next().expect("a name"), parts.next().expect("numbers"));
        if self.refuses.contains(&name) {
            self.want = Want::File;
            return self.say(5, [0; 4]);
        }
        if self.current.is_none() {
            self.announced_bytes = numbers.split(' ').next().and_then(|n| n.parse().ok()).expect("a length");
            self.current = Some((name, vec![0; self.has]));
        }
        self.want = Want::Data;
        self.position(9);
    }
}

fn is_whole(is_crc32: bool, bytes: &[u8], crc: &[u8]) -> bool {
    if is_crc32 { crc32(bytes).to_le_bytes() == *crc } else { crc16(bytes).to_be_bytes() == *crc }
}

/// Bit by bit, as on paper.
fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = 0u16;
    for bit in bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
        let carry = (crc >> 15) as u8 ^ bit;
        crc = crc << 1 ^ if carry == 1 { 0x1021 } else { 0 };
    }
    crc
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for bit in bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1)) {
        let carry = crc as u8 & 1 ^ bit;
        crc = crc >> 1 ^ if carry == 1 { 0xedb8_8320 } else { 0 };
    }
    !crc
}
