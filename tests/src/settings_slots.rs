//! The settings slots, read by a second reader.
//!
//! Written from ARCHITECTURE.md, "The card", alone.
//! Little-endian: 8 bytes `KRBSET01`, u32 version, u64 sequence, u32 length, u32 (a checksum of no interest here), u32
//! CRC-32 over all that stands before it and the text, then the TOML text. It must not know what the settings mean.

/// The first bytes of a slot.
const MAGIC: &[u8] = b"KRBSET01";
/// The version that this reader knows.
const VERSION: u32 = 1;
/// Bytes before the text.
const HEADER_BYTES: usize = 32;

/// What a slot holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// Higher is newer.
    pub sequence: u64,
    /// The settings that differ from their defaults.
    pub toml: toml::Table,
}

/// The settings of a slot, if it is whole.
pub fn read(slot: &[u8]) -> Option<Saved> {
    let u32_at = |at: usize| Some(u32::from_le_bytes(slot.get(at..at + 4)?.try_into().ok()?));
    let length = usize::try_from(u32_at(20)?).ok()?;
    let text = slot.get(HEADER_BYTES..HEADER_BYTES.checked_add(length)?)?;
    let mut checksum = crc32fast::Hasher::new();
    checksum.update(slot.get(..28)?);
    checksum.update(text);
    let whole = slot.starts_with(MAGIC) && u32_at(8)? == VERSION && u32_at(28)? == checksum.finalize();
    let sequence = u64::from_le_bytes(slot.get(12..20)?.try_into().ok()?);
    let toml = std::str::from_utf8(text).ok()?.parse().ok()?;
    whole.then_some(Saved { sequence, toml })
}

/// The settings in force: the whole slot with the higher sequence; nothing where neither is whole.
pub fn in_force(slots: [&[u8]; 2]) -> Option<Saved> {
    slots.into_iter().filter_map(read).max_by_key(|saved| saved.sequence)
}

#[cfg(test)]
mod tests {
    use super::{in_force, read};

    fn slot(sequence: u64, text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).expect("short");
        let mut head = b"KRBSET01".to_vec();
        head.extend(
            [&1_u32.to_le_bytes()[..], &sequence.to_le_bytes(), &length.to_le_bytes(), &[0; 4]].concat(),
        );
        let checksum = crc32fast::hash(&[&head, text.as_bytes()].concat());
        [&head, &checksum.to_le_bytes()[..], text.as_bytes(), &[0; 400]].concat()
    }

    #[test]
    fn the_newer_whole_slot_is_in_force() {
        let (old, new) = (slot(1, "a = 1\n"), slot(2, "a = 2\n"));
        assert_eq!(in_force([&new, &old]).map(|saved| saved.sequence), Some(2));
        for bit in 0..8 * 38 {
            let mut damaged = new.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(read(&damaged), None, "bit {bit}");
            assert_eq!(in_force([&old, &damaged]).map(|saved| saved.sequence), Some(1));
        }
        assert_eq!(in_force([&[0; 512], &[0xff; 512]]), None);
    }
}
