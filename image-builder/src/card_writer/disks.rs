//! The disks of this computer as the kernel shows them under /sys/block; readable by everybody.
//!
//! Whole disks only. Must not open a device, and must not judge: that is `judge`.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::uses::{self, Use};

/// The kernel counts the size of every disk in sectors of this many bytes, whatever the disk's own are.
const SYSFS_SECTOR_BYTES: u64 = 512;
/// What disks of each kind call themselves; the first row of which anything is there counts.
const MODEL_FILES: [&[&str]; 3] =
    [&["device/vendor", "device/model"], &["device/name"], &["loop/backing_file"]];
/// `device/type` of a card in a slot for SD cards. Its `removable` is 0, as that of the eMMC soldered beside it, whose
/// type is `MMC`.
const TYPE_SD: &str = "SD";
/// `device/type` of a SCSI disk: sticks and card readers. An optical drive has another.
const TYPE_SCSI_DISK: &str = "0";
/// Characters of a model or label that are shown.
const SHOWN_CHARACTERS: usize = 40;

/// Major and minor number of a block device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    /// The driver.
    pub major: u64,
    /// The device or partition.
    pub minor: u64,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.major, self.minor)
    }
}

/// A whole disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// The kernel's name.
    pub name: String,
    /// Its number.
    pub number: Number,
    /// Size in bytes; 0: no card in the reader.
    pub bytes: u64,
    /// What it calls itself; may be empty.
    pub model: String,
    /// Whether it is a card or a stick, and not a disk that stays in the computer.
    pub removable: bool,
    /// Whether it refuses to be written, as with a card's lock switch.
    pub read_only: bool,
    /// The kernel's count of media (since 5.15): changes when another card comes into the reader.
    pub sequence: Option<u64>,
    /// Labels, or else kinds, of the file systems on it, as far as udev knows them.
    pub volumes: Vec<String>,
    /// Who uses it or a part of it.
    pub uses: Vec<Use>,
}

impl Disk {
    /// Its device file.
    #[must_use]
    pub fn device(&self) -> PathBuf {
        device_file(&self.name)
    }

    /// What must be the same for it to be the same card in the same place.
    #[must_use]
    pub fn identity(&self) -> String {
        let sequence = self.sequence.unwrap_or_default();
        format!("{} {} {sequence} {}", self.number, self.bytes, self.model)
    }

    /// The model, or a word for it.
    #[must_use]
    pub fn model_or_unnamed(&self) -> &str {
        if self.model.is_empty() { "unnamed" } else { &self.model }
    }
}

/// A name's device file. Where a name would hold a `/`, sysfs writes `!`.
pub(super) fn device_file(name: &str) -> PathBuf {
    Path::new("/dev").join(name.replace('!', "/"))
}

/// Where the kernel shows its state. Tests have one of their own.
#[derive(Debug, Clone)]
pub struct Host {
    root: PathBuf,
}

impl Host {
    /// This computer.
    #[must_use]
    pub fn this() -> Self {
        Self { root: "/".into() }
    }

    /// One whose `sys`, `proc`, `run` and `dev` are in another folder.
    #[cfg(test)]
    pub(super) fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// A path on it.
    pub(super) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// An attribute's text; empty where there is none.
    pub(super) fn attribute(&self, path: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_default().trim().to_owned()
    }

    /// All disks, by name.
    ///
    /// # Errors
    /// When the kernel does not show them, or not what is mounted.
    pub fn disks(&self) -> io::Result<Vec<Disk>> {
        let mut names = self.entries("sys/block")?;
        names.retain(|name| self.attribute(format!("sys/block/{name}/hidden")) != "1");
        names.iter().map(|name| self.disk(name)).collect()
    }

    /// The disk that has this number, or that has the partition with this number.
    ///
    /// # Errors
    /// As [`Host::disks`].
    pub fn owner(&self, number: Number) -> io::Result<Option<Owner>> {
        for name in self.entries("sys/block")? {
            let is = |node: &str| self.attribute(format!("sys/block/{node}/dev")) == number.to_string();
            if is(&name) {
                return Ok(Some(Owner::Disk(self.disk(&name)?)));
            }
            if self.partitions(&name)?.iter().any(|part| is(&format!("{name}/{part}"))) {
                return Ok(Some(Owner::Parent(device_file(&name))));
            }
        }
        Ok(None)
    }

    fn disk(&self, name: &str) -> io::Result<Disk> {
        let folder = format!("sys/block/{name}");
        let attribute = |file: &str| self.attribute(format!("{folder}/{file}"));
        let kind = attribute("device/type");
        let model = MODEL_FILES.iter().find_map(|files| {
            let words: Vec<String> = files.iter().map(|file| attribute(file)).collect();
            let text = printable(&words.join(" "));
            (!text.is_empty()).then_some(text)
        });
        let number = parse_number(&attribute("dev")).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("/{folder}/dev has no number"))
        })?;
        Ok(Disk {
            name: name.to_owned(),
            number,
            bytes: attribute("size").parse::<u64>().unwrap_or(0).saturating_mul(SYSFS_SECTOR_BYTES),
            model: model.unwrap_or_default(),
            removable: kind == TYPE_SD
                || attribute("removable") == "1" && (kind.is_empty() || kind == TYPE_SCSI_DISK),
            read_only: attribute("ro") == "1",
            sequence: attribute("diskseq").parse().ok(),
            volumes: self.volumes(name)?,
            uses: uses::find(self, name)?,
        })
    }

    /// Names of a disk's partitions.
    pub(super) fn partitions(&self, disk: &str) -> io::Result<Vec<String>> {
        let mut names = self.entries(format!("sys/block/{disk}"))?;
        names.retain(|name| self.path(format!("sys/block/{disk}/{name}/partition")).exists());
        Ok(names)
    }

    /// What udev's database says about the disk and its partitions: a hint for people, so that its absence is no fault.
    fn volumes(&self, disk: &str) -> io::Result<Vec<String>> {
        let nodes = self.partitions(disk)?.into_iter().map(|part| format!("{disk}/{part}"));
        let volume = |node: String| {
            let number = self.attribute(format!("sys/block/{node}/dev"));
            let facts = self.attribute(format!("run/udev/data/b{number}"));
            let fact = |key: &str| {
                let found = facts.lines().find_map(|line| line.strip_prefix(key));
                found.map(printable).filter(|text| !text.is_empty())
            };
            fact("E:ID_FS_LABEL=").or_else(|| fact("E:ID_FS_TYPE="))
        };
        Ok(std::iter::once(disk.to_owned()).chain(nodes).filter_map(volume).collect())
    }

    /// Names in a folder, sorted.
    pub(super) fn entries(&self, folder: impl AsRef<Path>) -> io::Result<Vec<String>> {
        let path = self.path(folder);
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&path).map_err(named)? {
            names.extend(entry.map_err(named)?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }
}

/// Whose number it is.
#[derive(Debug)]
pub enum Owner {
    /// A whole disk's.
    Disk(Disk),
    /// That of a partition of this disk.
    Parent(PathBuf),
}

/// `8:16`
fn parse_number(text: &str) -> Option<Number> {
    let (major, minor) = text.split_once(':')?;
    Some(Number { major: major.parse().ok()?, minor: minor.parse().ok()? })
}

/// What a device says of itself, made fit for one line of a terminal: a card may say anything.
fn printable(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").chars().take(SHOWN_CHARACTERS).collect()
}
