//! The request that sets a hardware clock (`linux/rtc.h`).

use nix::libc::c_int;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

/// `struct rtc_time`: a calendar date and time in UTC.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Date {
    /// 0..=59
    pub second: c_int,
    /// 0..=59
    pub minute: c_int,
    /// 0..=23
    pub hour: c_int,
    /// 1..=31
    pub day: c_int,
    /// 0..=11
    pub month: c_int,
    /// Since 1900.
    pub year: c_int,
    /// 0 is Sunday. The kernel computes it; so is what follows.
    pub week_day: c_int,
    /// Unused by the kernel.
    pub year_day: c_int,
    /// Unused by the kernel.
    pub is_dst: c_int,
}

/// The request itself; the safe one around it is [`set`].
#[allow(missing_docs)]
mod request {
    use super::Date;

    nix::ioctl_write_ptr!(set_time, b'p', 0x0a, Date);
}

/// Sets the hardware clock behind that device file.
pub fn set(device: &Path, date: Date) -> io::Result<()> {
    let device = File::options().read(true).write(true).open(device)?;
    // SAFETY: the descriptor is open and the kernel reads one `struct rtc_time`, which `date` is and which outlives the call.
    unsafe { request::set_time(device.as_raw_fd(), &raw const date) }?;
    Ok(())
}
