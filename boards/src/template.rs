//! The pristine clips partition as a file: which blocks to write, and what.
//!
//! The image builder packs it, the firmware writes it to a card. Blocks that `mke2fs` leaves alone are not in it, blocks
//! that it zeroes are in it by their number only. The initramfs around it is compressed, so this is not. Must not do I/O.
//!
//! All numbers are little-endian: 8 bytes magic; CRC-32 of everything after it, size of the file system in blocks, number
//! of extents, 4 bytes each; the extents, ordered by place (first block, blocks, 0 zeroes or 1 data: 4
//! bytes each); the blocks of the data extents in their order.

/// Bytes of a block.
pub const BLOCK_BYTES: usize = 4096;

const MAGIC: &[u8; 8] = b"KRBP4T01";
const CRC_END: usize = 12;
const HEADER_BYTES: usize = 20;
const EXTENT_BYTES: usize = 12;
const ZEROES: u32 = 0;
const DATA: u32 = 1;

/// What an extent's blocks hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// Zeroes, which must be written: what the card held there would be taken for inodes or descriptors.
    Zeroes,
    /// These bytes.
    Data(&'a [u8]),
}

/// Some blocks in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent<'a> {
    /// Place, in blocks from the start of the partition.
    pub first: u32,
    /// Length in blocks.
    pub blocks: u32,
    /// What to write.
    pub content: Content<'a>,
}

impl Extent<'_> {
    /// First byte in the partition.
    #[must_use]
    pub fn offset_bytes(&self) -> u64 {
        u64::from(self.first) * BLOCK_BYTES as u64
    }

    /// Length in bytes.
    #[must_use]
    pub fn length_bytes(&self) -> u64 {
        u64::from(self.blocks) * BLOCK_BYTES as u64
    }
}

/// Why a file is not a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Not one, cut, or damaged.
    #[error("the pristine clips partition in the system is damaged; write the card anew")]
    Damaged,
}

/// A template, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<'a> {
    /// Size of the file system in blocks.
    pub blocks: u32,
    /// What to write, ordered by place. Block 0, with the superblock, is data.
    pub extents: Vec<Extent<'a>>,
}

impl<'a> Template<'a> {
    /// Reads a template whole.
    ///
    /// # Errors
    /// When anything in it is not as it was packed.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, TemplateError> {
        parse(bytes).ok_or(TemplateError::Damaged)
    }

    /// Block 0: the superblock is in it.
    #[must_use]
    pub fn first_block(&self) -> Option<&'a [u8]> {
        match self.extents.first() {
            Some(Extent { first: 0, content: Content::Data(data), .. }) => data.get(..BLOCK_BYTES),
            _ => None,
        }
    }
}

fn parse(bytes: &[u8]) -> Option<Template<'_>> {
    let (header, body) = bytes.split_at_checked(HEADER_BYTES)?;
    let (crc, blocks, count) = (u32_at(header, 8)?, u32_at(header, 12)?, u32_at(header, 16)?);
    if !header.starts_with(MAGIC) || crc != crc32fast::hash(bytes.get(CRC_END..)?) {
        return None;
    }
    let (table, mut data) = body.split_at_checked(usize::try_from(count).ok()?.checked_mul(EXTENT_BYTES)?)?;
    let mut extents = Vec::new();
    let mut end = 0;
    for row in table.chunks_exact(EXTENT_BYTES) {
        let (first, length, kind) = (u32_at(row, 0)?, u32_at(row, 4)?, u32_at(row, 8)?);
        let content = match kind {
            ZEROES => Content::Zeroes,
            DATA => {
                let (own, rest) =
                    data.split_at_checked(usize::try_from(length).ok()?.checked_mul(BLOCK_BYTES)?)?;
                data = rest;
                Content::Data(own)
            }
            _ => return None,
        };
        if first < end {
            return None;
        }
        end = first.checked_add(length)?;
        extents.push(Extent { first, blocks: length, content });
    }
    let template = Template { blocks, extents };
    (data.is_empty() && end <= blocks && template.first_block().is_some()).then_some(template)
}

/// Packs extents, ordered by place, of a file system of `blocks` blocks.
#[must_use]
pub fn pack(blocks: u32, extents: &[Extent<'_>]) -> Vec<u8> {
    // Extents are blocks of one small file system: far fewer than 32 bits.
    let count = u32::try_from(extents.len()).unwrap_or(u32::MAX);
    let mut body = [blocks.to_le_bytes(), count.to_le_bytes()].concat();
    for extent in extents {
        let kind = if extent.content == Content::Zeroes { ZEROES } else { DATA };
        body.extend([extent.first, extent.blocks, kind].iter().flat_map(|number| number.to_le_bytes()));
    }
    for extent in extents {
        if let Content::Data(data) = extent.content {
            body.extend_from_slice(data);
        }
    }
    [MAGIC.as_slice(), &crc32fast::hash(&body).to_le_bytes(), &body].concat()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(field.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{BLOCK_BYTES, Content, Extent, Template, TemplateError, pack};

    fn packed() -> Vec<u8> {
        let (one, two) = (vec![1; BLOCK_BYTES], vec![2; 2 * BLOCK_BYTES]);
        let extents = [
            Extent { first: 0, blocks: 1, content: Content::Data(&one) },
            Extent { first: 1, blocks: 7, content: Content::Zeroes },
            Extent { first: 30, blocks: 2, content: Content::Data(&two) },
        ];
        pack(32, &extents)
    }

    #[test]
    fn what_was_packed_is_read() {
        let bytes = packed();
        let template = Template::parse(&bytes).expect("whole");
        assert_eq!(template.blocks, 32);
        assert_eq!(template.extents[1].content, Content::Zeroes);
        assert_eq!(template.extents[1].offset_bytes(), 4096);
        assert_eq!(template.extents[1].length_bytes(), 7 * 4096);
        assert_eq!(template.extents[2].content, Content::Data(&[2; 2 * BLOCK_BYTES]));
        assert_eq!(template.first_block(), Some([1; BLOCK_BYTES].as_slice()));
    }

    #[test]
    fn what_was_cut_or_changed_is_refused() {
        let bytes = packed();
        for end in (0..bytes.len()).step_by(17).chain([bytes.len() - 1]) {
            assert_eq!(Template::parse(&bytes[..end]), Err(TemplateError::Damaged), "cut at {end}");
        }
        for at in (0..bytes.len()).step_by(13) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x3f;
            assert_eq!(Template::parse(&changed), Err(TemplateError::Damaged), "byte {at}");
        }
    }

    #[test]
    fn extents_that_overlap_or_leave_the_file_system_are_refused() {
        let one = vec![1; BLOCK_BYTES];
        let first = Extent { first: 0, blocks: 1, content: Content::Data(&one) };
        let zeroes = |first, blocks| Extent { first, blocks, content: Content::Zeroes };
        for bad in [zeroes(0, 2), zeroes(31, 2), zeroes(u32::MAX, 2)] {
            assert_eq!(Template::parse(&pack(32, &[first, bad])), Err(TemplateError::Damaged), "{bad:?}");
        }
        assert_eq!(Template::parse(&pack(32, &[zeroes(0, 1)])), Err(TemplateError::Damaged), "no superblock");
    }
}
