//! The hardware watchdog's requests (`linux/watchdog.h`).

use nix::libc::c_int;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// Set in the boot status when the watchdog caused the last reset (`WDIOF_CARDRESET`).
const CARD_RESET: c_int = 0x0020;

/// `struct watchdog_info`.
#[repr(C)]
pub struct Info {
    options: u32,
    firmware_version: u32,
    identity: [u8; 32],
}

/// The requests themselves; the safe ones around them are [`Watchdog`]'s.
#[allow(missing_docs)]
mod request {
    use super::{Info, c_int};

    nix::ioctl_read!(get_support, b'W', 0, Info);
    nix::ioctl_read!(get_boot_status, b'W', 2, c_int);
    nix::ioctl_read!(keep_alive, b'W', 5, c_int);
    nix::ioctl_readwrite!(set_timeout, b'W', 6, c_int);
    nix::ioctl_read!(get_timeout, b'W', 7, c_int);
}

/// An open watchdog. It runs from the moment it is opened, and our kernels never let it be stopped again.
pub struct Watchdog {
    device: File,
}

impl Watchdog {
    /// Opens it: from now on it must be fed.
    pub fn open(path: &str) -> io::Result<Watchdog> {
        Ok(Watchdog { device: File::options().write(true).open(path)? })
    }

    /// The driver's name of it.
    pub fn identity(&self) -> io::Result<String> {
        let mut info = Info { options: 0, firmware_version: 0, identity: [0; 32] };
        // SAFETY: the descriptor is open and the kernel fills a structure of exactly this layout, which outlives the call.
        unsafe { request::get_support(self.device.as_raw_fd(), &raw mut info) }?;
        let end = info.identity.iter().position(|&b| b == 0).unwrap_or(info.identity.len());
        Ok(String::from_utf8_lossy(&info.identity[..end]).into_owned())
    }

    /// Whether the watchdog caused the last reset, as far as the hardware remembers.
    pub fn caused_last_reset(&self) -> io::Result<bool> {
        let mut status = 0;
        // SAFETY: the descriptor is open and the kernel writes one integer, which outlives the call.
        unsafe { request::get_boot_status(self.device.as_raw_fd(), &raw mut status) }?;
        Ok(status & CARD_RESET != 0)
    }

    /// Asks for a time limit in seconds. The driver may take another one: see [`Watchdog::timeout_s`].
    pub fn set_timeout_s(&self, seconds: u32) -> io::Result<()> {
        let mut seconds = c_int::try_from(seconds).map_err(|_| io::ErrorKind::InvalidInput)?;
        // SAFETY: the descriptor is open and the kernel reads and writes one integer, which outlives the call.
        unsafe { request::set_timeout(self.device.as_raw_fd(), &raw mut seconds) }?;
        Ok(())
    }

    /// The time limit in force, seconds.
    pub fn timeout_s(&self) -> io::Result<u32> {
        let mut seconds = 0;
        // SAFETY: the descriptor is open and the kernel writes one integer, which outlives the call.
        unsafe { request::get_timeout(self.device.as_raw_fd(), &raw mut seconds) }?;
        u32::try_from(seconds).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    /// Feeds it: the time limit begins anew.
    pub fn feed(&self) -> io::Result<()> {
        let mut unused = 0;
        // SAFETY: the descriptor is open; the request has no argument, and the integer that stands for it outlives the call.
        unsafe { request::keep_alive(self.device.as_raw_fd(), &raw mut unused) }?;
        Ok(())
    }
}
