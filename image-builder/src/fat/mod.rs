//! FAT16: writes a small file system once, and reads files back.
//!
//! After Microsoft's "FAT: General Overview of On-Disk Format" 1.03. One folder, long names, no changes in place.
//! Not a general FAT library: `fatfs` 0.3.6 writes volumes that fsck.fat does not accept, and ours must be the same
//! bytes at each build.

mod names;
mod read;
mod write;

pub use read::{Error as ReadError, Volume, read_file};
pub use write::{Error as WriteError, File, format};

/// Bytes of a sector.
const SECTOR_BYTES: usize = 512;
/// Bytes of a folder entry.
const ENTRY_BYTES: usize = 32;
/// Attribute of an entry that holds a part of a long name.
const ATTRIBUTE_LONG_NAME: u8 = 0x0f;
/// Attribute of the entry that holds the volume's label.
const ATTRIBUTE_LABEL: u8 = 0x08;
/// Attribute of an ordinary file ("archive").
const ATTRIBUTE_FILE: u8 = 0x20;
/// Fewer clusters make a FAT12, by the specification.
const CLUSTERS_MIN: usize = 4085;
/// More clusters make a FAT32.
const CLUSTERS_MAX: usize = 65524;
/// Marks the last cluster of a file; anything from 0xfff8 does.
const END_OF_CHAIN: u16 = 0xffff;
