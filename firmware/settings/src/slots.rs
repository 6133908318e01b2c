//! The two raw settings slots: their bytes, and which of them is in force.
//!
//! A slot is a header and a TOML text, each slot 64 KiB. The valid one with the higher sequence is in force; a write
//! goes to the other one, so that at every moment one whole slot stands on the card. Two layers, as in smoltcp's
//! `wire`: [`Slot`] is a checked view of bytes, [`Repr`] is their meaning. Must not do I/O: see [`super::store`].

use std::fmt;

/// Bytes reserved for a slot on the card.
pub const SLOT_BYTES: usize = 64 * 1024;
/// What a slot is padded to: no write touches a sector that it does not fill.
pub const SECTOR_BYTES: usize = 512;
/// The longest TOML text in a slot. The full template is about 6 KiB.
pub const TOML_BYTES_MAX: usize = super::document::DOCUMENT_BYTES_MAX;

const MAGIC: &[u8; 8] = b"KRBSET01";
/// Raised when the layout below changes; a slot with another version counts as damaged.
const VERSION: u32 = 1;

const _: () = assert!(field::HEADER_BYTES + TOML_BYTES_MAX <= SLOT_BYTES);

/// Where everything is, in bytes from the start of the slot. Numbers are little-endian.
mod field {
    use std::ops::Range;

    pub const MAGIC: Range<usize> = 0..8;
    pub const VERSION: Range<usize> = 8..12;
    pub const SEQUENCE: Range<usize> = 12..20;
    pub const TOML_LENGTH: Range<usize> = 20..24;
    pub const APPLIED_TOML_CRC: Range<usize> = 24..28;
    /// What the CRC covers of the header; it goes on with the payload.
    pub const CHECKED: Range<usize> = 0..28;
    pub const CRC: Range<usize> = 28..32;
    pub const HEADER_BYTES: usize = 32;
}

/// Why a slot's bytes are not settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// All zero or all ones: as the card came.
    #[error("it was never written")]
    NeverWritten,
    /// Fewer bytes than its header or its length promise.
    #[error("it is damaged: it ends too early")]
    TooShort,
    /// The first bytes are not ours.
    #[error("it is damaged: it does not start with the mark of a settings slot")]
    WrongMagic,
    /// Written by a firmware that lays slots out differently.
    #[error("it was written by another version of the firmware (format {0})")]
    OtherVersion(u32),
    /// The length is beyond the slot.
    #[error("it is damaged: its length of {0} bytes is not possible")]
    ImpossibleLength(u32),
    /// The CRC does not match: a torn write or a bad card.
    #[error("it is damaged: its checksum is wrong")]
    WrongChecksum,
    /// The text is not UTF-8, although the CRC matches.
    #[error("it is damaged: it does not hold text")]
    NotText,
    /// The card could not be read there.
    #[error("the card could not be read there ({0})")]
    Unreadable(std::io::ErrorKind),
}

/// A checked view of a slot's bytes. Once [`Slot::new_checked`] was `Ok`, no accessor panics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot<T: AsRef<[u8]>> {
    bytes: T,
}

impl<T: AsRef<[u8]>> Slot<T> {
    /// Checks magic, version, length and CRC. Bytes after the payload do not matter.
    pub fn new_checked(bytes: T) -> Result<Self, SlotError> {
        let slot = Self { bytes };
        slot.check()?;
        Ok(slot)
    }

    /// How many bytes of the slot its header claims, header included; `None` where no header of ours stands. For
    /// reading no more of the card than needed; nothing is checked yet.
    pub fn claimed_bytes(header: &[u8]) -> Option<usize> {
        let length = usize::try_from(u32_at(header, field::TOML_LENGTH)?).ok()?;
        let ours = header.get(field::MAGIC)? == MAGIC && length <= TOML_BYTES_MAX;
        ours.then_some(field::HEADER_BYTES + length)
    }

    fn check(&self) -> Result<(), SlotError> {
        let bytes = self.bytes.as_ref();
        let header = bytes.get(..field::HEADER_BYTES).ok_or(SlotError::TooShort)?;
        if header.iter().all(|byte| *byte == 0) || header.iter().all(|byte| *byte == 0xff) {
            return Err(SlotError::NeverWritten);
        }
        if header.get(field::MAGIC) != Some(MAGIC.as_slice()) {
            return Err(SlotError::WrongMagic);
        }
        let length = u32_at(header, field::TOML_LENGTH).ok_or(SlotError::TooShort)?;
        let length = usize::try_from(length)
            .ok()
            .filter(|length| *length <= TOML_BYTES_MAX)
            .ok_or(SlotError::ImpossibleLength(length))?;
        let payload = bytes.get(field::HEADER_BYTES..).and_then(|rest| rest.get(..length));
        let payload = payload.ok_or(SlotError::TooShort)?;
        if u32_at(header, field::CRC) != Some(checksum(header, payload)) {
            return Err(SlotError::WrongChecksum);
        }
        // Only after the CRC: a flipped bit here is damage, not another firmware.
        match u32_at(header, field::VERSION) {
            Some(VERSION) => Ok(()),
            version => Err(SlotError::OtherVersion(version.unwrap_or_default())),
        }
    }

    /// The sequence number.
    pub fn sequence(&self) -> u64 {
        u64_at(self.bytes.as_ref(), field::SEQUENCE).unwrap_or_default()
    }

    /// The CRC-32 of the `kerberos.toml` last taken over from p1; 0 where none ever was.
    pub fn applied_toml_crc(&self) -> u32 {
        u32_at(self.bytes.as_ref(), field::APPLIED_TOML_CRC).unwrap_or_default()
    }

    /// The payload, not yet known to be text.
    pub fn payload(&self) -> &[u8] {
        let bytes = self.bytes.as_ref();
        let end = Self::claimed_bytes(bytes).unwrap_or(field::HEADER_BYTES);
        bytes.get(field::HEADER_BYTES..end).unwrap_or_default()
    }
}

/// The meaning of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repr {
    /// Higher is newer; wraps around.
    pub sequence: u64,
    /// CRC-32 of the `kerberos.toml` last taken over from p1; 0 where none ever was.
    pub applied_toml_crc: u32,
    /// The settings that differ from the defaults.
    pub toml: String,
}

impl Repr {
    /// The meaning of a checked slot.
    ///
    /// # Errors
    /// [`SlotError::NotText`].
    pub fn parse<T: AsRef<[u8]>>(slot: &Slot<T>) -> Result<Self, SlotError> {
        let toml = std::str::from_utf8(slot.payload()).map_err(|_| SlotError::NotText)?;
        Ok(Self { sequence: slot.sequence(), applied_toml_crc: slot.applied_toml_crc(), toml: toml.into() })
    }

    /// The bytes to write: header, text, zeros up to a whole sector. `None` where the text is longer than
    /// [`TOML_BYTES_MAX`]. `Repr::parse(Slot::new_checked(emit(x))) == x`.
    pub fn emit(&self) -> Option<Vec<u8>> {
        let length = u32::try_from(self.toml.len()).ok().filter(|_| self.toml.len() <= TOML_BYTES_MAX)?;
        let mut bytes = Vec::with_capacity(SLOT_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.sequence.to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(&self.applied_toml_crc.to_le_bytes());
        let crc = checksum(&bytes, self.toml.as_bytes());
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes.extend_from_slice(self.toml.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(SECTOR_BYTES), 0);
        Some(bytes)
    }
}

/// CRC-32 (ISO-HDLC) over the header without its CRC, then the payload.
fn checksum(header: &[u8], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header.get(field::CHECKED).unwrap_or_default());
    hasher.update(payload);
    hasher.finalize()
}

fn u32_at(bytes: &[u8], range: std::ops::Range<usize>) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(range)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], range: std::ops::Range<usize>) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(range)?.try_into().ok()?))
}

/// Which slot is in force, and what the other one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What each slot holds.
    pub slots: [Result<Repr, SlotError>; 2],
    /// The slot in force; `None`: neither, the defaults are.
    pub in_force: Option<usize>,
}

/// Where the next write goes. Never the slot in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextWrite {
    /// 0 or 1.
    pub slot: usize,
    /// The sequence to write.
    pub sequence: u64,
}

/// Which slot is in force, from the bytes of both.
pub fn choose(slot0: &[u8], slot1: &[u8]) -> Choice {
    choose_read([Ok(slot0), Ok(slot1)])
}

/// As [`choose`], where reading a slot may have failed.
pub(super) fn choose_read(slots: [Result<&[u8], SlotError>; 2]) -> Choice {
    let slots = slots.map(|bytes| Repr::parse(&Slot::new_checked(bytes?)?));
    let in_force = match &slots {
        [Ok(first), Ok(second)] if is_newer(second.sequence, first.sequence) => Some(1),
        [Ok(_), _] => Some(0),
        [Err(_), Ok(_)] => Some(1),
        [Err(_), Err(_)] => None,
    };
    Choice { slots, in_force }
}

/// Serial number arithmetic (RFC 1982): right across the wrap-around.
fn is_newer(a: u64, b: u64) -> bool {
    a != b && a.wrapping_sub(b) < 1 << 63
}

impl Choice {
    /// The settings in force; `None` where neither slot can be used.
    pub fn repr(&self) -> Option<&Repr> {
        self.slots.get(self.in_force?)?.as_ref().ok()
    }

    /// Whether the card is as flashed: both slots never written. No reason to complain.
    pub fn is_fresh(&self) -> bool {
        self.slots.iter().all(|slot| *slot == Err(SlotError::NeverWritten))
    }

    /// Whether something is wrong that a person should hear of: a damaged slot.
    pub fn is_damaged(&self) -> bool {
        self.slots.iter().any(|slot| !matches!(slot, Ok(_) | Err(SlotError::NeverWritten)))
    }

    /// The slot to write next and its sequence.
    pub fn next_write(&self) -> NextWrite {
        match (self.in_force, self.repr()) {
            (Some(slot), Some(repr)) => NextWrite { slot: 1 - slot, sequence: repr.sequence.wrapping_add(1) },
            _ => NextWrite { slot: 0, sequence: 1 },
        }
    }
}

/// One sentence: what is in force, and why the other slot is not.
impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.slots;
        match self.in_force {
            Some(used) => {
                write!(f, "Settings slot {used} is in force; slot {} is not used: ", 1 - used)?;
                match if used == 0 { second } else { first } {
                    Ok(_) => f.write_str("it is older."),
                    Err(error) => write!(f, "{error}."),
                }
            }
            None if self.is_fresh() => f.write_str("No settings were ever saved; the defaults are in force."),
            None => {
                f.write_str("Neither settings slot can be used; the defaults are in force.")?;
                for (index, error) in
                    [first, second].iter().enumerate().filter_map(|(i, s)| Some((i, s.as_ref().err()?)))
                {
                    write!(f, " Slot {index}: {error}.")?;
                }
                Ok(())
            }
        }
    }
}
