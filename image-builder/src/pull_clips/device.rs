//! Opens what a person named: a card image, or a card in this computer. For reading, and for nothing else.
//!
//! The one part of this that knows the system: cards are found, and refused, as the card writer does it.

use std::fs::File;
use std::path::Path;

use super::Error;
use super::root::Helper;
use crate::card_writer::{self, reading};
use crate::ext4::Bytes;
use crate::host::packages::find_program;
use crate::host::progress;

/// The card's bytes.
///
/// # Errors
/// When it is not there, is in use, or may not be read.
pub fn open(path: &Path) -> Result<Box<dyn Bytes>, Error> {
    let failed = |source| Error::Open { path: path.to_owned(), source };
    let kind = std::fs::metadata(path).map_err(failed)?.file_type();
    if kind.is_file() {
        return Ok(Box::new(File::open(path).map_err(failed)?));
    }
    if !reading::is_device(kind) {
        return Err(Error::Neither(path.to_owned()));
    }
    let host = card_writer::Host::this();
    let disk = reading::find(&host, path)?;
    if let Some(file) = reading::open(&host, &disk)? {
        return Ok(Box::new(file));
    }
    let device = disk.device();
    if find_program("sudo").is_none() {
        return Err(Error::NoSudo(device));
    }
    progress::step(&format!("{} can only be read by root: sudo (only for reading it)", device.display()));
    Ok(Box::new(Helper::start(&device, &disk.identity())?))
}
