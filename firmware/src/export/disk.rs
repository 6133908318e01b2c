//! The stick among the disks: on USB, not our card, not one of our cards, with a file system that we write.
//!
//! Reads the kernel's views and the first bytes of partitions. It must not write, and must not take the disk on which the camera's
//! own card is, whatever that hangs on.

use super::format::{self, Format, HEAD_BYTES, Kind};
use crate::card::bus;
use boards::layout;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A stick that can be written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stick {
    /// The kernel's name of the disk.
    pub disk: String,
    /// The number that the kernel gives to no other disk, whatever its name.
    pub sequence: String,
    /// The partition, or the disk where it has none.
    pub device: PathBuf,
    /// Its file system.
    pub kind: Kind,
    /// Whether that says that it was not taken out in order the last time.
    pub is_dirty: bool,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// No disk on USB.
    #[error("no USB stick was found; push one in and try again")]
    None,
    /// Another camera's card, or this one's spare.
    #[error("{0} is a camera's card and no stick; nothing was written to it")]
    Card(String),
    /// NTFS and others.
    #[error(
        "the stick ({0}) is formatted with {1}, which this camera does not write; format it with exFAT or FAT32"
    )]
    OtherFormat(String, &'static str),
    /// Nothing known.
    #[error("the stick ({0}) has no file system that this camera knows; format it with exFAT or FAT32")]
    NoFormat(String),
    /// Its switch.
    #[error("the stick ({0}) is write-protected; move its switch, or take another")]
    WriteProtected(String),
    /// It does not answer.
    #[error("the stick ({0}) cannot be read: {1}; take another")]
    Unreadable(String, io::Error),
}

/// Where disks are looked for: other places in tests.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// `/sys/block`
    pub block: &'a Path,
    /// `/dev`
    pub dev: &'a Path,
}

/// The places of the real system.
pub const SYSTEM: (&str, &str) = (bus::BLOCK, "/dev");

/// The first stick that can be written to, or what is wrong with the first that cannot. `own` is the camera's card.
///
/// # Errors
/// See [`DiskError`].
pub fn find(places: Places<'_>, own: Option<&Path>) -> Result<Stick, DiskError> {
    let own = own.and_then(Path::file_name);
    let mut why = DiskError::None;
    for name in bus::disks(places.block) {
        let has_medium = attribute(places, &name, "size").is_some_and(|sectors| sectors != "0");
        if !bus::hangs_on_usb(places.block, &name) || own == Some(name.as_ref()) || !has_medium {
            continue;
        }
        match look(places, &name) {
            Ok(stick) => return Ok(stick),
            Err(error) if matches!(why, DiskError::None) => why = error,
            Err(_) => {}
        }
    }
    Err(why)
}

/// Whether the stick is still in its port: one that was pulled and pushed in again is another.
pub fn is_there(places: Places<'_>, stick: &Stick) -> bool {
    attribute(places, &stick.disk, "diskseq").is_some_and(|sequence| sequence == stick.sequence)
}

fn look(places: Places<'_>, disk: &str) -> Result<Stick, DiskError> {
    let unreadable = |name: &str| {
        let name = name.to_owned();
        move |error| DiskError::Unreadable(name, error)
    };
    let whole = head(&places.dev.join(disk)).map_err(unreadable(disk))?;
    if whole[440..444] == layout::DISK_SIGNATURE.to_le_bytes() {
        return Err(DiskError::Card(disk.to_owned()));
    }
    let parts = partitions(places, disk);
    let names = if parts.is_empty() { vec![disk.to_owned()] } else { parts };
    let mut why = DiskError::NoFormat(disk.to_owned());
    for name in names {
        let device = places.dev.join(&name);
        let content = head(&device).map_err(unreadable(&name))?;
        match format::recognise(&content) {
            Format::Ours { .. } if attribute(places, disk, "ro").as_deref() == Some("1") => {
                return Err(DiskError::WriteProtected(disk.to_owned()));
            }
            Format::Ours { kind, is_dirty } => {
                let sequence = attribute(places, disk, "diskseq").unwrap_or_default();
                return Ok(Stick { disk: disk.to_owned(), sequence, device, kind, is_dirty });
            }
            Format::Other(format) if matches!(why, DiskError::NoFormat(_)) => {
                why = DiskError::OtherFormat(name, format);
            }
            Format::Other(_) | Format::Unknown => {}
        }
    }
    Err(why)
}

/// The names of a disk's partitions in order, but for the one that macOS makes for a computer's firmware and nobody sees.
fn partitions(places: Places<'_>, disk: &str) -> Vec<String> {
    let folder = places.block.join(disk);
    let Ok(entries) = fs::read_dir(&folder) else { return Vec::new() };
    let mut numbered: Vec<(u32, String)> = entries
        .flatten()
        .filter_map(|entry| {
            let number = fs::read_to_string(entry.path().join("partition")).ok()?;
            let uevent = fs::read_to_string(entry.path().join("uevent")).unwrap_or_default();
            let is_firmwares =
                uevent.lines().any(|line| line.eq_ignore_ascii_case("PARTNAME=EFI System Partition"));
            let name = entry.file_name().to_string_lossy().into_owned();
            (!is_firmwares).then_some((number.trim().parse().ok()?, name))
        })
        .collect();
    numbered.sort();
    numbered.into_iter().map(|(_, name)| name).collect()
}

fn attribute(places: Places<'_>, disk: &str, name: &str) -> Option<String> {
    Some(fs::read_to_string(places.block.join(disk).join(name)).ok()?.trim().to_owned())
}

fn head(device: &Path) -> io::Result<[u8; HEAD_BYTES]> {
    let mut bytes = [0; HEAD_BYTES];
    File::open(device)?.read_exact_at(&mut bytes, 0)?;
    Ok(bytes)
}
