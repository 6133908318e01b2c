//! `erase all`: an order on the card, obeyed by the next start before anything is read from it.
//!
//! The order is a sector of its own. It goes last, so a power cut in between has the next start begin again. Gone are the clips, the
//! settings (both slots, and what `kerberos.toml` says), and the seed for randomness; the clock's record and the reason of the last
//! restart stay. The card is told to forget p4's bytes; whether it does is the card's business. Must not decide whether it is meant.

use super::boot_files;
use super::clips::Partition;
use super::disk::Disk;
use super::partition::{self, OnCard, PartitionError};
use crate::sys::block;
use crate::{notice, warning};
use boards::layout::{self, Area};
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The order, at the beginning of its sector.
const ORDER: &[u8; 8] = b"KRBERA01";
/// What `kerberos.toml` says afterwards. No setting, so that none comes back.
const ERASED: &str = "# Everything was erased. Settings can be written here again, one to a line.\n";

/// Why the card could not be erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// The card.
    #[error("the card cannot be read or written: {0}")]
    Io(#[from] io::Error),
    /// Its p4.
    #[error(transparent)]
    Partition(#[from] PartitionError),
}

/// Leaves the order for the next start.
///
/// # Errors
/// The card.
pub fn order(disk: &Path) -> io::Result<()> {
    let mut sector = [0; layout::SECTOR_BYTES as usize];
    sector[..ORDER.len()].copy_from_slice(ORDER);
    let card = std::fs::File::options().write(true).open(disk)?;
    card.write_all_at(&sector, layout::ERASE.offset_bytes)?;
    card.sync_data()
}

/// Obeys an order if there is one; whether there was.
pub fn obey(disk: &Disk) -> bool {
    match erase_if_ordered(disk) {
        Ok(is_erased) => is_erased,
        Err(error) => {
            warning!("card: it could not be erased, which is tried again at the next start: {error}");
            false
        }
    }
}

fn erase_if_ordered(disk: &Disk) -> Result<bool, EraseError> {
    let is_ordered = is_ordered(disk)?;
    if is_ordered {
        erase(disk)?;
        notice!("card: everything was erased: clips, settings and keys");
    }
    Ok(is_ordered)
}

fn is_ordered(disk: &Disk) -> Result<bool, EraseError> {
    let mut found = [0; ORDER.len()];
    disk.open()?.read_exact_at(&mut found, layout::ERASE.offset_bytes)?;
    Ok(found == *ORDER)
}

fn erase(disk: &Disk) -> Result<(), EraseError> {
    let card = disk.open()?;
    for area in [layout::SETTINGS[0], layout::SETTINGS[1], layout::SEED] {
        zero(&card, area)?;
    }
    boot_files::overwrite(disk, layout::SETTINGS_FILE, ERASED)?;
    boot_files::overwrite(disk, layout::ERRORS_FILE, "")?;
    let template = partition::read_template()?;
    let mut device = std::fs::File::options().write(true).open(disk.partition(layout::CLIPS.number))?;
    let length_bytes = device.seek(SeekFrom::End(0))?;
    // Not every card can; what it keeps lies where new clips will be.
    let _ = block::discard(&device, 0, length_bytes);
    OnCard::open(disk, &template)?.make_anew()?;
    card.sync_data()?;
    zero(&card, layout::ERASE)?;
    card.sync_data()?;
    Ok(())
}

fn zero(card: &std::fs::File, area: Area) -> io::Result<()> {
    let length = usize::try_from(area.length_bytes).map_err(io::Error::other)?;
    card.write_all_at(&vec![0; length], area.offset_bytes)
}
