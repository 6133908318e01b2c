//! The block map of an image (bmap-tools, format 2.0): which blocks a card writer must write, and their hashes.

use std::ops::Range;

use crate::digest;

/// Bytes of a block, as in every map that `bmaptool create` makes.
const BLOCK_BYTES: u64 = 4096;
/// What stands in the place of the map's own hash while that is computed.
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The map. `mapped` are the bytes that must be written, zeros too, sorted and apart.
pub fn text(image: &[u8], mapped: &[Range<u64>]) -> String {
    let ranges = blocks(mapped);
    let count: u64 = ranges.iter().map(|range| range.end - range.start).sum();
    let mut text = format!(
        "<?xml version=\"1.0\" ?>\n<bmap version=\"2.0\">\n    <ImageSize> {} </ImageSize>\n    <BlockSize> {BLOCK_BYTES} </BlockSize>\n    \
         <BlocksCount> {} </BlocksCount>\n    <MappedBlocksCount> {count} </MappedBlocksCount>\n    \
         <ChecksumType> sha256 </ChecksumType>\n    <BmapFileChecksum> {NO_HASH} </BmapFileChecksum>\n    <BlockMap>\n",
        image.len(),
        (image.len() as u64).div_ceil(BLOCK_BYTES),
    );
    for range in ranges {
        let bytes = |block: u64| usize::try_from(block * BLOCK_BYTES).unwrap_or(usize::MAX).min(image.len());
        let hash = digest::sha256(image.get(bytes(range.start)..bytes(range.end)).unwrap_or_default());
        let last = range.end - 1;
        let place = if range.start == last { last.to_string() } else { format!("{}-{last}", range.start) };
        text.push_str(&format!("        <Range chksum=\"{hash}\"> {place} </Range>\n"));
    }
    text.push_str("    </BlockMap>\n</bmap>\n");
    let hash = digest::sha256(text.as_bytes());
    text.replacen(NO_HASH, &hash, 1)
}

/// Whole blocks, those that touch as one range.
fn blocks(mapped: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut ranges: Vec<Range<u64>> = Vec::new();
    for bytes in mapped.iter().filter(|bytes| !bytes.is_empty()) {
        let (start, end) = (bytes.start / BLOCK_BYTES, bytes.end.div_ceil(BLOCK_BYTES));
        match ranges.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => ranges.push(start..end),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::{NO_HASH, blocks, text};
    use crate::digest;

    #[test]
    fn ranges_are_whole_blocks_and_those_that_touch_are_one() {
        let mapped = [0..1, 4096..8192, 8192..8193, 40_960..40_961, 50_000..50_000];
        assert_eq!(blocks(&mapped), [0..3, 10..11]);
    }

    #[test]
    fn the_map_has_the_hash_of_each_range_and_of_itself() {
        let image: Vec<u8> = (0..5 * 4096_u32).map(|byte| byte as u8 ^ (byte >> 8) as u8).collect();
        let map = text(&image, &[0..8192, 16_384..16_385]);
        for expected in [
            "<ImageSize> 20480 </ImageSize>".to_owned(),
            "<BlocksCount> 5 </BlocksCount>".to_owned(),
            "<MappedBlocksCount> 3 </MappedBlocksCount>".to_owned(),
            format!("<Range chksum=\"{}\"> 0-1 </Range>", digest::sha256(&image[..8192])),
            format!("<Range chksum=\"{}\"> 4 </Range>", digest::sha256(&image[16_384..])),
        ] {
            assert!(map.contains(&expected), "{expected} in {map}");
        }
        let own = map.split("<BmapFileChecksum> ").nth(1).and_then(|rest| rest.get(..64)).expect("a hash");
        assert_eq!(own, digest::sha256(map.replacen(own, NO_HASH, 1).as_bytes()));
    }
}
