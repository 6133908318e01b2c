//! Whoever has the card open: we ourselves, or, where only root may, the same program started by sudo.
//!
//! The card is opened before the image is built, so that a card that cannot be had, or a wrong password, shows at once
//! and not after minutes, and nobody can mount it meanwhile. Building itself never runs as root.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::block_card::{self, BlockCard};
use super::disks::{Disk, Host};
use super::interrupt::Interrupt;
use super::meter::Meter;
use super::{Error, choose, release, transfer};
use crate::host::packages::find_program;
use crate::host::progress;

/// The command of ours that sudo starts. Not for people.
pub const COMMAND: &str = "write-card";
/// What it says once it has the card.
const READY: &str = "ready";

/// An open card.
#[derive(Debug)]
pub enum Writer {
    /// Opened by us.
    Here(BlockCard),
    /// Opened by our helper.
    AsRoot(Helper),
}

impl Writer {
    /// Opens the disk, as root if need be.
    ///
    /// # Errors
    /// When it cannot be had.
    pub fn open(host: &Host, disk: &Disk) -> Result<Self, Error> {
        match BlockCard::open(host, disk) {
            Err(block_card::Error::NotRoot(device)) => {
                if find_program("sudo").is_none() {
                    return Err(Error::NoSudo(device));
                }
                progress::step(&format!("{} can only be written by root: sudo", device.display()));
                let program = std::env::current_exe().map_err(Error::Program)?;
                let mut sudo = Command::new("sudo");
                sudo.arg("--").arg(program).arg(COMMAND).arg(&device).arg(disk.identity());
                Ok(Self::AsRoot(Helper::start(&mut sudo, device)?))
            }
            opened => Ok(Self::Here(opened?)),
        }
    }

    /// Writes the image, checks it, and lets go of the card.
    ///
    /// # Errors
    /// When the card does not hold the image; it is not usable then.
    pub fn write(self, host: &Host, image: &Path) -> Result<(), Error> {
        match self {
            Self::Here(card) => write(host, card, image),
            Self::AsRoot(helper) => helper.write(image),
        }
    }
}

/// Our program as root, waiting with the card open.
#[derive(Debug)]
pub struct Helper {
    child: Child,
    orders: Option<ChildStdin>,
    device: PathBuf,
}

impl Helper {
    /// Starts it, and returns when it has the card.
    ///
    /// # Errors
    /// When it does not get so far. It has said itself why.
    fn start(command: &mut Command, device: PathBuf) -> Result<Self, Error> {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(Error::Program)?;
        let orders = child.stdin.take();
        let mut said = String::new();
        if let Some(output) = child.stdout.take() {
            // What cannot be read is no "ready".
            let _ = BufReader::new(output).read_line(&mut said);
        }
        let mut helper = Self { child, orders, device };
        if said.trim() == READY {
            return Ok(helper);
        }
        helper.orders = None;
        let _ = helper.child.wait();
        Err(Error::NotOpened(helper.device.clone()))
    }

    fn write(mut self, image: &Path) -> Result<(), Error> {
        // Ctrl-C reaches the helper as well: it is the one to say what the card is worth, and we wait for that.
        let _interrupt = Interrupt::catch().map_err(|error| Error::Program(error.into()))?;
        let image = image.canonicalize().map_err(Error::Program)?;
        if let Some(mut orders) = self.orders.take() {
            // A helper that is gone shows in its exit status.
            let _ = orders.write_all(image.as_os_str().as_encoded_bytes());
        }
        match self.child.wait() {
            Ok(status) if status.success() => Ok(()),
            _ => Err(Error::NotWritten(self.device.clone())),
        }
    }
}

/// The helper's side: opens the card that was agreed to, says so, and writes the image that it is told.
///
/// # Errors
/// When the card is another one, cannot be had, or does not hold the image.
pub fn help(device: &Path, identity: &str) -> Result<(), Error> {
    let host = Host::this();
    let disk = choose::choose(&host, device)?;
    if disk.identity() != identity {
        return Err(block_card::Error::Another(device.to_owned()).into());
    }
    let card = BlockCard::open(&host, &disk)?;
    println!("{READY}");
    let mut image = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin(), &mut image).map_err(Error::Program)?;
    if image.is_empty() {
        // There is no image: whoever started us has said why.
        return Ok(());
    }
    let image = String::from_utf8_lossy(&image).into_owned();
    write(&host, card, Path::new(&image))
}

fn write(host: &Host, mut card: BlockCard, image: &Path) -> Result<(), Error> {
    let device = card.device();
    let file = File::open(image)
        .map_err(|error| Error::Transfer { device: device.clone(), source: transfer::Error::Image(error) })?;
    // A build takes minutes, in which a reader may have got another card.
    card.check(host)?;
    progress::step(&format!("Writing {} to {}", image.display(), device.display()));
    let interrupt = Interrupt::catch().map_err(|error| Error::Program(error.into()))?;
    let mut meter = Meter::new(interrupt);
    let result = transfer::transfer(&mut card, &file, nonce(), &mut meter);
    drop(meter);
    result.map_err(|source| Error::Transfer { device, source })?;
    progress::detail(&release::release(host, card));
    Ok(())
}

/// A number that no earlier run had: what is found on the card was written now.
fn nonce() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use super::{Error, Helper};

    fn helper(script: &str) -> Result<Helper, Error> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Helper::start(&mut command, PathBuf::from("/dev/card"))
    }

    #[test]
    fn a_helper_gets_the_image_once_it_is_ready() {
        let image = tempfile::NamedTempFile::new().expect("a temporary file");
        let script = format!("echo ready; [ \"$(cat)\" = '{}' ]", image.path().display());
        helper(&script).expect("started").write(image.path()).expect("written");
    }

    #[test]
    fn a_helper_that_fails_is_told() {
        let error = helper("exit 1").expect_err("not ready").to_string();
        assert!(error.starts_with("/dev/card could not be opened as root"), "{error}");
        let image = tempfile::NamedTempFile::new().expect("a temporary file");
        let started = helper("echo ready; cat >/dev/null; exit 1").expect("started");
        let error = started.write(image.path()).expect_err("not written").to_string();
        assert!(error.starts_with("/dev/card was not written"), "{error}");
    }
}
