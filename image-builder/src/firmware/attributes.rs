//! What a 32-bit ARM binary says about the processor that it was made for: its build attributes. Pure.
//!
//! The linker merges those of all objects, C library included, so that they name the newest that any of them may use. Addenda to, and
//! errata in, the ABI for the Arm Architecture, chapter 3.

use object::read::elf::{AttributesSection, FileHeader};

/// Whose attributes these are.
const VENDOR: &[u8] = b"aeabi";
/// `Tag_File`: of the whole file.
const FILE: u8 = 1;
/// `Tag_CPU_raw_name` and `Tag_CPU_name`, the only ones before the architecture; both are texts.
const NAMES: [u64; 2] = [4, 5];
/// `Tag_CPU_arch`.
const ARCHITECTURE: u64 = 6;

/// Values of `Tag_CPU_arch` that run on an ARMv6K: version 6K itself and everything before, but not 8, which is 6T2 with its
/// Thumb-2. 7 is 6KZ, that is 6K and TrustZone, which no program sees.
pub const UP_TO_V6K: [u64; 9] = [0, 1, 2, 3, 4, 5, 6, 7, 9];
/// Values that run on an ARMv7-A: everything up to 10, version 7. Beyond are microcontrollers and version 8.
pub const UP_TO_V7: [u64; 11] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/// `Tag_CPU_arch` in the content of `.ARM.attributes`; nothing, where it is not said or cannot be read.
pub fn architecture<Header: FileHeader>(endian: Header::Endian, section: &[u8]) -> Option<u64> {
    let section = AttributesSection::<Header>::new(endian, section).ok()?;
    let mut vendors = section.subsections().ok()?.flatten();
    let mut parts = vendors.find(|part| part.vendor() == VENDOR)?.subsubsections().flatten();
    let mut reader = parts.find(|part| part.tag().0 == FILE)?.attributes();
    while let Some(tag) = reader.read_tag().ok()? {
        match tag {
            ARCHITECTURE => return reader.read_integer().ok(),
            name if NAMES.contains(&name) => drop(reader.read_string().ok()?),
            // In the order of their numbers, so it is not there.
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use object::{LittleEndian, elf::FileHeader32};

    use super::architecture;

    /// A section with these attributes of the file.
    fn section(attributes: &[u8]) -> Vec<u8> {
        let length = |more: usize| u32::try_from(attributes.len() + more).expect("short").to_le_bytes();
        [&b"A"[..], &length(15), b"aeabi\0", &[1], &length(5), attributes].concat()
    }

    fn read(section: &[u8]) -> Option<u64> {
        architecture::<FileHeader32<LittleEndian>>(LittleEndian, section)
    }

    #[test]
    fn the_architecture_is_found_behind_the_names() {
        assert_eq!(read(&section(b"\x05arm1176jzf-s\0\x06\x07\x08\x01")), Some(7));
        assert_eq!(read(&section(b"\x06\x0a")), Some(10));
        assert_eq!(read(&section(b"\x08\x01")), None, "it says nothing of it");
        assert_eq!(read(b""), None);
    }

    #[test]
    fn what_is_cut_short_or_broken_is_no_architecture_and_no_panic() {
        let good = section(b"\x05x\0\x06\x0a");
        for length in 0..good.len() {
            assert_eq!(read(&good[..length]), None, "{length}");
        }
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0xff;
            let _ = read(&bytes);
        }
    }
}
