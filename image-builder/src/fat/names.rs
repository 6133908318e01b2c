//! FAT file names: the short one that every entry has, and the long one spread over entries before it.

use super::{ATTRIBUTE_LONG_NAME, ENTRY_BYTES};

/// UTF-16 units of a long name in one entry.
const UNITS_PER_ENTRY: usize = 13;
/// Where the units lie in an entry.
const UNIT_OFFSETS: [usize; UNITS_PER_ENTRY] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
/// Marks the entry that is first on the volume and last of the name.
const LAST_PART: u8 = 0x40;

/// The short name, blank-padded, that is the `number`th to start alike; `None`: no such name can be made.
pub fn short(name: &str, number: usize) -> Option<[u8; 11]> {
    let (base, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let clean = |text: &str| -> Vec<u8> {
        text.bytes()
            .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            .map(|byte| byte.to_ascii_uppercase())
            .collect()
    };
    let (mut base_clean, mut extension_clean) = (clean(base), clean(extension));
    if base_clean.is_empty() {
        return None;
    }
    let fits = base_clean.len() <= 8 && extension_clean.len() <= 3 && name.len() <= 12;
    if !fits || number > 1 {
        let tail = format!("~{number}");
        base_clean.truncate(8_usize.checked_sub(tail.len())?);
        base_clean.extend(tail.bytes());
    }
    extension_clean.truncate(3);
    let mut short = [b' '; 11];
    short[..base_clean.len()].copy_from_slice(&base_clean);
    short[8..8 + extension_clean.len()].copy_from_slice(&extension_clean);
    Some(short)
}

/// Binds the long name's entries to the short name (specification, "ChkSum").
pub fn checksum(short: &[u8; 11]) -> u8 {
    short.iter().fold(0_u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte))
}

/// The entries of a long name, in the order they have on the volume.
pub fn long_entries(name: &str, short: &[u8; 11]) -> Vec<[u8; ENTRY_BYTES]> {
    let units: Vec<u16> = name.encode_utf16().collect();
    let count = units.len().div_ceil(UNITS_PER_ENTRY);
    let mut entries: Vec<_> = units
        .chunks(UNITS_PER_ENTRY)
        .zip(1_u8..)
        .map(|(part, number)| {
            let mut entry = [0_u8; ENTRY_BYTES];
            let last = usize::from(number) == count;
            entry[0] = number | if last { LAST_PART } else { 0 };
            entry[11] = ATTRIBUTE_LONG_NAME;
            entry[13] = checksum(short);
            // The name ends with a zero, unless it fills the entry; what is left is all ones.
            let padded = part.iter().copied().chain([0]).chain(std::iter::repeat(0xffff));
            for (offset, unit) in UNIT_OFFSETS.into_iter().zip(padded) {
                entry[offset..offset + 2].copy_from_slice(&unit.to_le_bytes());
            }
            entry
        })
        .collect();
    entries.reverse();
    entries
}

/// Collects long names while walking a folder.
#[derive(Debug, Default)]
pub struct LongName {
    units: Vec<u16>,
    checksum: u8,
}

impl LongName {
    /// Takes an entry that holds a part of a name.
    pub fn add(&mut self, entry: &[u8; ENTRY_BYTES]) {
        if entry[0] & LAST_PART != 0 {
            self.units.clear();
            self.checksum = entry[13];
        }
        let part = UNIT_OFFSETS.map(|offset| u16::from_le_bytes([entry[offset], entry[offset + 1]]));
        // Parts come last first.
        self.units.splice(0..0, part);
    }

    /// The name of the file whose short entry follows; forgets it.
    pub fn take(&mut self, short: &[u8; 11]) -> String {
        let units = std::mem::take(&mut self.units);
        if units.is_empty() || self.checksum != checksum(short) {
            return short_text(short);
        }
        let name: Vec<u16> = units.into_iter().take_while(|unit| *unit != 0).collect();
        String::from_utf16_lossy(&name)
    }
}

fn short_text(short: &[u8; 11]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    let (base, extension) = (text(&short[..8]), text(&short[8..]));
    if extension.is_empty() { base } else { format!("{base}.{extension}") }
}

#[cfg(test)]
mod tests {
    use super::{LongName, long_entries, short};

    #[test]
    fn short_names_follow_the_rules() {
        for (name, number, expected) in [
            ("slot.txt", 1, "SLOT    TXT"),
            ("kernel", 1, "KERNEL     "),
            ("kerberos.toml", 1, "KERBER~1TOM"),
            ("initramfs", 1, "INITRA~1   "),
            ("initramfs", 12, "INITR~12   "),
            ("README.txt", 2, "README~2TXT"),
        ] {
            let made = short(name, number).expect(name);
            assert_eq!(String::from_utf8_lossy(&made), expected);
        }
        assert_eq!((short(".", 1), short("..", 2)), (None, None));
    }

    #[test]
    fn long_names_of_every_length_survive() {
        for length in 1..60 {
            let name: String = "a-Long näme. ".chars().cycle().take(length).collect::<String>() + "x";
            let short = *b"A       TXT";
            let mut reader = LongName::default();
            for entry in long_entries(&name, &short) {
                reader.add(&entry);
            }
            assert_eq!(reader.take(&short), name);
            assert_eq!(reader.take(&short), "A.TXT", "a name is used once");
        }
    }
}
