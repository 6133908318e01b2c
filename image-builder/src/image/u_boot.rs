//! The two files that U-Boot reads its orders from: its environment, and a script. Formats only, no orders.

use std::collections::BTreeMap;

/// First number of a legacy image (U-Boot, `include/image.h`, `IH_MAGIC`).
const MAGIC: u32 = 0x2705_1956;
/// Bytes of its header (`struct legacy_img_hdr`), of which the last are a name.
const HEADER_BYTES: usize = 64;
/// Where the header's own checksum stands in it; it is taken over a header in which it is zero.
const CHECKSUM: std::ops::Range<usize> = 4..8;
/// `IH_OS_LINUX`, `IH_ARCH_ARM`, `IH_TYPE_SCRIPT`, `IH_COMP_NONE`. Of these only the type is looked at in a script.
const KIND: [u8; 4] = [5, 2, 6, 0];

/// U-Boot's environment as a file (U-Boot, `include/env_internal.h`, `environment_t` without the redundancy flag): CRC-32
/// of all that follows, little-endian; `name=value` pairs, each ended by NUL; one more NUL; padding. The profile's checks
/// made sure that it fits.
pub fn environment(bytes: u32, variables: &BTreeMap<String, String>) -> Vec<u8> {
    let mut data: Vec<u8> =
        variables.iter().flat_map(|(name, value)| format!("{name}={value}\0").into_bytes()).collect();
    data.resize((bytes as usize).saturating_sub(size_of::<u32>()), 0);
    let mut whole = crc32fast::hash(&data).to_le_bytes().to_vec();
    whole.extend(data);
    whole
}

/// A script as a file: a legacy image (U-Boot, `include/image.h`) of type script, whose data are a list of lengths, ended by zero, and the
/// text. Big-endian. Its time is zero, so that the same script is the same file.
pub fn script(text: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut data = [length(text).to_be_bytes(), 0_u32.to_be_bytes()].concat();
    data.extend_from_slice(text);
    let numbers = [MAGIC, 0, 0, length(&data), 0, 0, crc32fast::hash(&data)];
    let mut image: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    image.extend(KIND);
    image.resize(HEADER_BYTES, 0);
    let checksum = crc32fast::hash(&image).to_be_bytes();
    image.splice(CHECKSUM, checksum);
    image.extend(data);
    image
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{HEADER_BYTES, environment, script};

    #[test]
    fn an_environment_has_its_checksum_and_its_size() {
        let variables =
            BTreeMap::from([("b".to_owned(), "2".to_owned()), ("a".to_owned(), "1 x".to_owned())]);
        let made = environment(32, &variables);
        assert_eq!(made.len(), 32);
        assert_eq!(&made[4..15], b"a=1 x\0b=2\0\0");
        // The checksum that Python's zlib.crc32 gives for those 28 bytes.
        assert_eq!(&made[..4], 0xda87_3dea_u32.to_le_bytes());
    }

    #[test]
    fn a_script_is_what_mkimage_makes_of_it() {
        let made = script(b"echo a\n");
        // `SOURCE_DATE_EPOCH=0 mkimage -A arm -O linux -T script -C none -d FILE boot.scr` of u-boot-tools 2023.01.
        assert_eq!(made.len(), HEADER_BYTES + 8 + 7);
        assert_eq!(made[..16], *b"\x27\x05\x19\x56\x66\x71\x6b\xc6\0\0\0\0\0\0\0\x0f");
        assert_eq!(
            made[16..HEADER_BYTES],
            [&[0; 8][..], &[0x9a, 0xdc, 0xda, 0x1f, 5, 2, 6], &[0; 33]].concat()
        );
        assert_eq!(made[HEADER_BYTES..], *b"\0\0\0\x07\0\0\0\0echo a\n");
    }
}
