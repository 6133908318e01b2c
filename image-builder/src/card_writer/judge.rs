//! What speaks against writing to a disk. A pure decision; the sentences are for the person who named the disk.

use boards::layout::IMAGE_BYTES;

use super::disks::Disk;
use super::size::human;
use super::uses::Use;

/// Why a disk is never written, whatever a person says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The running system lives there.
    #[error("{device} holds the running system ({at} is on it)")]
    System {
        /// The disk.
        device: String,
        /// Mount point.
        at: String,
    },
    /// Something is mounted.
    #[error("{node} is mounted at {at}: unmount it first, in the file manager or with `sudo umount '{at}'`")]
    Mounted {
        /// Partition or layer.
        node: String,
        /// Mount point.
        at: String,
    },
    /// Swap space.
    #[error("{node} is in use as swap space")]
    Swap {
        /// Partition or layer.
        node: String,
    },
    /// LUKS, LVM, RAID or the like.
    #[error("{node} is held by {by} (encryption, LVM, RAID): close that first")]
    Held {
        /// Partition or disk.
        node: String,
        /// The layer on top.
        by: String,
    },
    /// Empty reader.
    #[error("there is no card in {device}")]
    Empty {
        /// The disk.
        device: String,
    },
    /// Write-protected.
    #[error("{device} is write-protected: is the lock switch on the card's side on?")]
    ReadOnly {
        /// The disk.
        device: String,
    },
    /// Too small.
    #[error("{device} has {}; the image needs {}", human(*bytes), human(IMAGE_BYTES))]
    Small {
        /// The disk.
        device: String,
        /// Its size.
        bytes: u64,
    },
}

/// The weightiest thing that speaks against it.
///
/// # Errors
/// That thing.
pub fn judge(disk: &Disk) -> Result<(), Refusal> {
    judge_reading(disk)?;
    let device = disk.device().display().to_string();
    match disk {
        Disk { read_only: true, .. } => Err(Refusal::ReadOnly { device }),
        Disk { bytes, .. } if *bytes < IMAGE_BYTES => Err(Refusal::Small { device, bytes: *bytes }),
        _ => Ok(()),
    }
}

/// The weightiest thing that speaks against reading it: what is in use changes while it is read.
///
/// # Errors
/// That thing.
pub fn judge_reading(disk: &Disk) -> Result<(), Refusal> {
    let device = disk.device().display().to_string();
    let first = |system: bool| disk.uses.iter().find(|one| !system || one.is_system());
    // The running system first: of all its partitions, that is the one which says why.
    if let Some(one) = first(true).or_else(|| first(false)) {
        return Err(in_use(one.clone(), device));
    }
    if disk.bytes == 0 { Err(Refusal::Empty { device }) } else { Ok(()) }
}

fn in_use(one: Use, device: String) -> Refusal {
    let is_system = one.is_system();
    match one {
        Use::Mounted { at, .. } if is_system => Refusal::System { device, at },
        Use::Mounted { node, at } => Refusal::Mounted { node, at },
        Use::Swap { node } => Refusal::Swap { node },
        Use::Held { node, by } => Refusal::Held { node, by },
    }
}
