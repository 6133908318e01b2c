//! Reads files from the root folder of a FAT16 volume, as a boot loader does.
//!
//! Trusts nothing in the volume: every number is checked before it is used.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::{
    ATTRIBUTE_LABEL, ATTRIBUTE_LONG_NAME, CLUSTERS_MAX, CLUSTERS_MIN, ENTRY_BYTES, SECTOR_BYTES,
    names::LongName,
};

/// Attribute of a folder.
const ATTRIBUTE_FOLDER: u8 = 0x10;
/// First byte of an entry that was deleted.
const DELETED: u8 = 0xe5;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The image file.
    #[error("the card image cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Something else lies there.
    #[error("there is no FAT16 volume at byte {0} of the card image")]
    NotFat16(u64),
    /// No such file.
    #[error("there is no file {0} on the volume")]
    NoFile(String),
    /// The chain of clusters is broken.
    #[error("the file {0} is damaged: its chain of clusters leads nowhere")]
    Damaged(String),
}

/// A file as the folder describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Long name, or the short one where there is no long one.
    pub name: String,
    /// Length in bytes.
    pub length_bytes: u32,
    first_cluster: u16,
}

/// A volume inside a card image.
#[derive(Debug)]
pub struct Volume {
    file: File,
    offset: u64,
    cluster_bytes: usize,
    clusters: usize,
    table: u64,
    root: u64,
    root_bytes: usize,
    data: u64,
}

/// Reads one file of the volume that starts at byte `volume_offset` of the image.
///
/// # Errors
/// When the image cannot be read, has no volume there, or the volume has no such file.
pub fn read_file(image: &Path, volume_offset: u64, name: &str) -> Result<Vec<u8>, Error> {
    Volume::open(File::open(image)?, volume_offset)?.read(name)
}

impl Volume {
    /// Opens the volume at byte `offset` of the file.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(file: File, offset: u64) -> Result<Self, Error> {
        let mut boot = [0; SECTOR_BYTES];
        file.read_exact_at(&mut boot, offset)?;
        let not_fat = || Error::NotFat16(offset);
        let word = |at: usize| u16::from_le_bytes([boot[at], boot[at + 1]]);
        let number = |at: usize| usize::from(word(at));
        let (per_cluster, tables) = (usize::from(boot[13]), usize::from(boot[16]));
        if word(510) != 0xaa55 || number(11) != SECTOR_BYTES || !per_cluster.is_power_of_two() {
            return Err(not_fat());
        }
        let sectors = match number(19) {
            0 => usize::try_from(u32::from_le_bytes([boot[32], boot[33], boot[34], boot[35]]))
                .map_err(|_| not_fat())?,
            sectors => sectors,
        };
        let root_bytes = number(17) * ENTRY_BYTES;
        let table_sector = number(14);
        let root_sector = table_sector + tables * number(22);
        let data_sector = root_sector + root_bytes.div_ceil(SECTOR_BYTES);
        let clusters = sectors.checked_sub(data_sector).ok_or_else(not_fat)? / per_cluster;
        if !(CLUSTERS_MIN..=CLUSTERS_MAX).contains(&clusters)
            || (clusters + 2) * 2 > number(22) * SECTOR_BYTES
        {
            return Err(not_fat());
        }
        let at = |sector: usize| offset + (sector * SECTOR_BYTES) as u64;
        Ok(Self {
            offset,
            cluster_bytes: per_cluster * SECTOR_BYTES,
            clusters,
            table: at(table_sector),
            root: at(root_sector),
            root_bytes,
            data: at(data_sector),
            file,
        })
    }

    /// The files in the root folder, in its order.
    ///
    /// # Errors
    /// When the image cannot be read.
    pub fn files(&mut self) -> Result<Vec<FileEntry>, Error> {
        let mut root = vec![0; self.root_bytes];
        self.file.read_exact_at(&mut root, self.root)?;
        let mut files = Vec::new();
        let mut long = LongName::default();
        for entry in root.chunks_exact(ENTRY_BYTES) {
            let Ok(entry) = <&[u8; ENTRY_BYTES]>::try_from(entry) else { break };
            let mut short = [0; 11];
            short.copy_from_slice(&entry[..11]);
            match (entry[0], entry[11]) {
                (0, _) => break,
                (DELETED, _) => {}
                (_, ATTRIBUTE_LONG_NAME) => long.add(entry),
                (_, attribute) if attribute & (ATTRIBUTE_LABEL | ATTRIBUTE_FOLDER) != 0 => {
                    long.take(&short);
                }
                _ => files.push(FileEntry {
                    name: long.take(&short),
                    length_bytes: u32::from_le_bytes([entry[28], entry[29], entry[30], entry[31]]),
                    first_cluster: u16::from_le_bytes([entry[26], entry[27]]),
                }),
            }
        }
        Ok(files)
    }

    /// A file's content. Names are compared as FAT does, without regard to case.
    ///
    /// # Errors
    /// When there is no such file, or it is damaged.
    pub fn read(&mut self, name: &str) -> Result<Vec<u8>, Error> {
        let found = self.files()?.into_iter().find(|file| file.name.eq_ignore_ascii_case(name));
        let entry = found.ok_or_else(|| Error::NoFile(name.to_owned()))?;
        let damaged = || Error::Damaged(name.to_owned());
        let length = usize::try_from(entry.length_bytes).map_err(|_| damaged())?;
        if length > self.clusters * self.cluster_bytes {
            return Err(damaged());
        }
        let mut content = vec![0; length];
        let mut cluster = entry.first_cluster;
        // The count of pieces is bounded by the length, so that a chain that is a ring ends too.
        for piece in content.chunks_mut(self.cluster_bytes) {
            let index = usize::from(cluster).checked_sub(2).filter(|index| *index < self.clusters);
            let index = index.ok_or_else(damaged)?;
            self.file.read_exact_at(piece, self.data + (index * self.cluster_bytes) as u64)?;
            let mut next = [0; 2];
            self.file.read_exact_at(&mut next, self.table + u64::from(cluster) * 2)?;
            cluster = u16::from_le_bytes(next);
        }
        Ok(content)
    }

    /// First byte of the volume in the image.
    #[must_use]
    pub const fn offset_bytes(&self) -> u64 {
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom, Write as _};
    use std::time::Duration;

    use super::super::{File, format};
    use super::{Error, read_file};

    /// A card image with the volume at 1 MiB, after `spoil` has changed it.
    fn image(spoil: impl FnOnce(&mut Vec<u8>)) -> tempfile::NamedTempFile {
        let content = vec![7; 10_000];
        let files = [File { name: "kernel", bytes: &content }];
        let mut head = format("L", 0, 0, 16 << 20, Duration::ZERO, &files).expect("made");
        spoil(&mut head);
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.seek(SeekFrom::Start(1 << 20)).expect("sought");
        file.write_all(&head).expect("written");
        file.as_file().set_len(17 << 20).expect("sized");
        file
    }

    #[test]
    fn names_do_not_depend_on_case() {
        let image = image(|_| ());
        assert_eq!(read_file(image.path(), 1 << 20, "KERNEL").expect("read").len(), 10_000);
        let missing = read_file(image.path(), 1 << 20, "initramfs").expect_err("not there");
        assert_eq!(missing.to_string(), "there is no file initramfs on the volume");
        assert!(matches!(read_file(image.path(), 0, "kernel"), Err(Error::NotFat16(0))));
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        // Table at sector 4, first file's chain starts at cluster 2.
        let cell = |cluster: usize| 4 * 512 + cluster * 2;
        let cut = image(|head| head[cell(3)..cell(4)].copy_from_slice(&[0xff, 0xff]));
        assert!(matches!(read_file(cut.path(), 1 << 20, "kernel"), Err(Error::Damaged(_))));
        let wild = image(|head| head[cell(2)..cell(3)].copy_from_slice(&[0xf0, 0xff]));
        assert!(matches!(read_file(wild.path(), 1 << 20, "kernel"), Err(Error::Damaged(_))));
        // Every single byte of the boot sector, turned over.
        for at in 0..512 {
            let broken = image(|head| head[at] ^= 0xff);
            let _ = read_file(broken.path(), 1 << 20, "kernel");
        }
    }
}
