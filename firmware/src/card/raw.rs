//! p4 below its file system: its superblocks looked at, the primary one mended, the whole made anew from the template.
//!
//! Only ever used while p4 is not mounted, but for looking. Each step is safe to be cut: until the last write of
//! [`make_anew`] nothing on the partition can be mounted. Must not decide whether any of it is done.

use super::superblock::{self, BACKUP_GROUPS, PRIMARY_OFFSET, Superblock};
use boards::template::{BLOCK_BYTES, Content, Extent, Template};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Blocks written in one go while there are zeroes to write: large enough for a card's speed, small enough to hold.
static ZEROES: [u8; 64 * BLOCK_BYTES] = [0; 64 * BLOCK_BYTES];

/// What a journal's superblock starts with (linux/jbd2.h, `journal_superblock_t`), and where its first transaction's number is.
const JOURNAL_MAGIC: [u8; 8] = [0xc0, 0x3b, 0x39, 0x98, 0, 0, 0, 4];
const JOURNAL_SEQUENCE_AT: usize = 0x18;

/// A block device, or what stands for one in a test.
pub trait Device {
    /// Fills `bytes` from this place.
    fn read(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;
    /// Writes all of `bytes` to this place, some time.
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Returns once everything written is on the card.
    fn sync(&mut self) -> io::Result<()>;
}

impl Device for File {
    fn read(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.read_exact_at(bytes, offset)
    }

    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// What lies on p4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The primary superblock, if it is whole.
    pub primary: Option<Superblock>,
    /// What a damaged primary superblock can be made from.
    pub substitute: Option<Superblock>,
}

/// Reads the primary superblock and, where that is damaged, what could replace it: the backup of the largest file system that
/// fits the partition. A file system that was never grown has no backup, but only a torn superblock can have hit it (nothing
/// was recorded yet): then it is the template's.
///
/// # Errors
/// When anything cannot be read: then nothing is known.
pub fn look(device: &impl Device, length_bytes: u64, template: &Template<'_>) -> io::Result<Look> {
    let mut bytes = [0; superblock::BYTES];
    device.read(&mut bytes, PRIMARY_OFFSET)?;
    let primary = Superblock::parse(&bytes);
    let damaged = bytes;
    let mut substitute: Option<Superblock> = None;
    if primary.is_none() {
        for group in backups(length_bytes) {
            device.read(&mut bytes, superblock::backup_offset(group))?;
            let fits = |s: &Superblock| s.group() == group && s.length_bytes() <= length_bytes;
            let found = Superblock::parse(&bytes).filter(fits);
            let larger =
                |s: &Superblock| substitute.as_ref().is_none_or(|o| s.length_bytes() > o.length_bytes());
            substitute = found.filter(larger).or(substitute);
        }
        let pristine = || template_superblock(template).filter(|s| s.is_of_the_same(&damaged));
        substitute = substitute.or_else(pristine);
    }
    Ok(Look { primary, substitute })
}

/// Writes the first block as it is.
pub fn rewrite(device: &mut impl Device) -> io::Result<()> {
    let mut block = [0; BLOCK_BYTES];
    device.read(&mut block, 0)?;
    device.write(&block, 0)?;
    device.sync()
}

/// Writes the primary superblock.
pub fn write_primary(device: &mut impl Device, bytes: &[u8; superblock::BYTES]) -> io::Result<()> {
    device.write(bytes, PRIMARY_OFFSET)?;
    device.sync()
}

/// What tells one pristine partition from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When it is made, seconds since 1970.
    pub made_s: u64,
    /// Number of its journal's first transaction. At random: what an earlier journal left in the same blocks, which are not
    /// zeroed (16 MiB would take a slow card too long), then never looks like the next transaction.
    pub journal_first: u32,
}

/// Writes the template with this stamp.
///
/// First everything goes that could be taken for a superblock, or a cut would leave the old one, or a backup of it, with the
/// new file system's tables. The new superblock comes last.
pub fn make_anew(
    device: &mut impl Device,
    length_bytes: u64,
    template: &Template<'_>,
    stamp: Stamp,
) -> io::Result<()> {
    let (Some(first), Some(superblock)) = (template.first_block(), template_superblock(template)) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let block = &ZEROES[..BLOCK_BYTES];
    device.write(block, 0)?;
    for group in backups(length_bytes) {
        device.write(block, superblock::backup_offset(group))?;
    }
    device.sync()?;
    for extent in &template.extents {
        write_extent(device, extent, stamp)?;
    }
    device.sync()?;
    let mut first = first.to_vec();
    if let Some(place) = first.get_mut(PRIMARY_OFFSET as usize..).and_then(|rest| rest.first_chunk_mut()) {
        *place = superblock.made_at(stamp.made_s);
    }
    device.write(&first, 0)?;
    device.sync()
}

/// Writes an extent, but not block 0.
fn write_extent(device: &mut impl Device, extent: &Extent<'_>, stamp: Stamp) -> io::Result<()> {
    match extent.content {
        Content::Data(data) => {
            let skip = if extent.first == 0 { BLOCK_BYTES } else { 0 };
            let mut data = data.get(skip..).unwrap_or_default().to_vec();
            if data.starts_with(&JOURNAL_MAGIC)
                && let Some(place) = data.get_mut(JOURNAL_SEQUENCE_AT..JOURNAL_SEQUENCE_AT + 4)
            {
                place.copy_from_slice(&stamp.journal_first.to_be_bytes());
            }
            device.write(&data, extent.offset_bytes() + skip as u64)
        }
        Content::Zeroes => {
            let (mut at, end) = (extent.offset_bytes(), extent.offset_bytes() + extent.length_bytes());
            while at < end {
                let length = usize::try_from(end - at).unwrap_or(usize::MAX).min(ZEROES.len());
                device.write(&ZEROES[..length], at)?;
                at += length as u64;
            }
            Ok(())
        }
    }
}

/// The template's own superblock.
pub fn template_superblock(template: &Template<'_>) -> Option<Superblock> {
    let bytes = template.first_block()?.get(PRIMARY_OFFSET as usize..)?.first_chunk()?;
    Superblock::parse(bytes)
}

/// The groups whose backups lie within the partition.
fn backups(length_bytes: u64) -> impl Iterator<Item = u32> {
    let inside = move |group: &u32| superblock::backup_offset(*group) + BLOCK_BYTES as u64 <= length_bytes;
    BACKUP_GROUPS.into_iter().filter(inside)
}
