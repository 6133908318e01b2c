//! A USB stick as a file: partitioned and formatted by the host's own tools, and read back with them.
//!
//! Must not ask the firmware what is on it.

use crate::card::{run, text};
use crate::{Failure, exfat};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the partitions begin: the hidden one of macOS's sticks, and the one with the files. In sectors of 512 bytes.
const HIDDEN_SECTOR: u64 = 2048;
const FILES_SECTOR: u64 = 10240;
const SECTOR_BYTES: u64 = 512;
/// A smaller stick has too few clusters for FAT32.
const FAT32_MIB_MIN: u64 = 64;

/// What a stick is formatted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// FAT in a partition of a classic table, as sticks are sold: FAT32 where it is large enough.
    Fat,
    /// exFAT behind a small hidden FAT in a GPT, as macOS makes them.
    ExFat,
}

/// A stick.
pub struct Stick {
    path: PathBuf,
    format: Format,
}

impl Stick {
    /// Makes one of so many MiB in `folder`.
    pub fn new(folder: &Path, format: Format, mib: u64) -> Result<Stick, Failure> {
        let path = folder.join(format!("stick-{format:?}.img"));
        File::create(&path)?.set_len(mib << 20)?;
        let (table, kind) = match format {
            Format::Fat => ("label: dos\nstart=10240, type=c\n", "fat"),
            Format::ExFat => (
                "label: gpt\n\
                 start=2048, size=8192, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=\"EFI System Partition\"\n\
                 start=10240, type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7\n",
                "exfat",
            ),
        };
        partition(&path, table)?;
        // Room for the second copy of a GPT behind it.
        let files_bytes = (mib << 20) - (FILES_SECTOR + 2048) * SECTOR_BYTES;
        let part = folder.join(format!("{kind}.part"));
        File::create(&part)?.set_len(files_bytes)?;
        match format {
            Format::Fat => {
                let kind = if mib < FAT32_MIB_MIN { "16" } else { "32" };
                run("/sbin/mkfs.fat", &["-F", kind, "-n", "STICK", &text(&part)])?;
            }
            Format::ExFat => {
                run("/sbin/mkfs.exfat", &[&text(&part)])?;
                let hidden = folder.join("hidden.part");
                File::create(&hidden)?.set_len(8192 * SECTOR_BYTES)?;
                run("/sbin/mkfs.fat", &["-n", "EFI", &text(&hidden)])?;
                put(&hidden, &path, HIDDEN_SECTOR)?;
            }
        }
        put(&part, &path, FILES_SECTOR)?;
        std::fs::remove_file(part)?;
        Ok(Stick { path, format })
    }

    /// The file behind it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The partition with the files, as bytes.
    fn partition(&self) -> Result<Vec<u8>, Failure> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(FILES_SECTOR * SECTOR_BYTES))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The host's own checker finds the file system whole, and taken out in order.
    pub fn is_clean(&self) -> Result<(), Failure> {
        let part = self.path.with_extension("check");
        std::fs::write(&part, self.partition()?)?;
        match self.format {
            Format::Fat => run("/sbin/fsck.fat", &["-n", &text(&part)])?,
            Format::ExFat => run("/sbin/fsck.exfat", &["-n", &text(&part)])?,
        };
        Ok(std::fs::remove_file(part)?)
    }

    /// The files of a folder.
    pub fn files(&self, folder: &str) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        if self.format == Format::ExFat {
            return exfat::files(&self.partition()?, folder);
        }
        let to = tempfile::tempdir()?;
        let image = format!("{}@@{}", text(&self.path), FILES_SECTOR * SECTOR_BYTES);
        run("mcopy", &["-s", "-i", &image, &format!("::/{folder}"), &text(to.path())])?;
        crate::chain::files_in(&to.path().join(folder))
    }

    /// The names in a folder of a FAT, whatever state their contents are in.
    fn names(&self, folder: &str) -> Result<Vec<String>, Failure> {
        let image = format!("{}@@{}", text(&self.path), FILES_SECTOR * SECTOR_BYTES);
        let listed = run("mdir", &["-b", "-i", &image, &format!("::/{folder}")])?;
        Ok(listed.lines().filter_map(|line| line.rsplit('/').next()).map(str::to_owned).collect())
    }

    /// Leaves in the folder of a FAT32 a file with a length and a first cluster, and no note anywhere of
    /// its clusters: what is there when a stick is pulled out between the two.
    pub fn tear(&self, folder: &str, name: &str) -> Result<(), Failure> {
        let bytes = self.partition()?;
        let word = |at: usize| u64::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        // Reserved sectors, sectors of a table (Microsoft's FAT specification, BPB_RsvdSecCnt and the low half of BPB_FATSz32).
        let (first, sectors) = (word(14), word(36));
        let tables = first * SECTOR_BYTES..(first + 2 * sectors) * SECTOR_BYTES;
        let before = &bytes[usize::try_from(tables.start)?..usize::try_from(tables.end)?];
        let content = tempfile::NamedTempFile::new()?;
        content.as_file().set_len(1 << 20)?;
        let image = format!("{}@@{}", text(&self.path), FILES_SECTOR * SECTOR_BYTES);
        run("mcopy", &["-i", &image, &text(content.path()), &format!("::/{folder}/{name}")])?;
        let mut file = File::options().write(true).open(&self.path)?;
        file.seek(SeekFrom::Start(FILES_SECTOR * SECTOR_BYTES + tables.start))?;
        file.write_all(before)?;
        if self.names(folder)?.iter().any(|found| found == name) {
            Ok(())
        } else {
            Err("the folder is torn".into())
        }
    }

    /// How many bytes of the partition are not zero, in MiB that have any: how far a copy is.
    pub fn mib_used(&self) -> Result<usize, Failure> {
        Ok(self.partition()?.chunks(1 << 20).filter(|mib| mib.iter().any(|byte| *byte != 0)).count())
    }
}

fn partition(image: &Path, table: &str) -> Result<(), Failure> {
    let mut sfdisk = Command::new("/sbin/sfdisk");
    sfdisk.args(["--quiet", &text(image)]).stdin(Stdio::piped());
    let mut child = sfdisk.spawn()?;
    child.stdin.take().ok_or("no way to sfdisk")?.write_all(table.as_bytes())?;
    if child.wait()?.success() { Ok(()) } else { Err("sfdisk refused".into()) }
}

/// Puts a partition where it belongs, without the zeroes.
fn put(partition: &Path, image: &Path, sector: u64) -> Result<(), Failure> {
    let seek = format!("seek={}", (sector * SECTOR_BYTES) >> 20);
    let (from, to) = (format!("if={}", text(partition)), format!("of={}", text(image)));
    run("dd", &[&from, &to, "bs=1M", &seek, "conv=notrunc,sparse", "status=none"]).map(drop)
}
