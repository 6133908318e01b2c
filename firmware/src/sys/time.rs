//! The kernel's clocks with 64-bit time on every CPU: dates beyond 2038 also where `long` has 32 bits.
//!
//! The C library's `struct timespec`, as Rust's `libc` declares it for 32-bit ARM, ends in January 2038. The kernel has had calls
//! without that limit since Linux 5.1 (`clock_gettime64`), and those are made here. No policy.

use nix::errno::Errno;
use nix::libc;

// The same numbers on all 32-bit CPUs (linux, scripts/syscall.tbl, 403 and 404); `libc` does not have them.
#[cfg(target_pointer_width = "32")]
const CLOCK_GETTIME: libc::c_long = 403;
#[cfg(target_pointer_width = "64")]
const CLOCK_GETTIME: libc::c_long = libc::SYS_clock_gettime;
#[cfg(target_pointer_width = "32")]
const CLOCK_SETTIME: libc::c_long = 404;
#[cfg(target_pointer_width = "64")]
const CLOCK_SETTIME: libc::c_long = libc::SYS_clock_settime;

/// Which clock.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// Time since start-up; nothing sets it.
    Monotonic,
    /// Time since 1970, as far as anybody knows.
    Wall,
}

impl Clock {
    fn id(self) -> libc::clockid_t {
        match self {
            Clock::Monotonic => libc::CLOCK_MONOTONIC,
            Clock::Wall => libc::CLOCK_REALTIME,
        }
    }
}

/// `struct __kernel_timespec` (linux/time_types.h): two 64-bit words on every CPU.
#[repr(C)]
#[derive(Default)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

/// Microseconds on a clock; a time before its start counts as its start.
pub fn read_us(clock: Clock) -> Result<u64, Errno> {
    let mut time = Timespec::default();
    // SAFETY: the kernel writes one `__kernel_timespec`, which `time` is, and keeps no reference.
    let result = unsafe { libc::syscall(CLOCK_GETTIME, clock.id(), &raw mut time) };
    Errno::result(result)?;
    let us = time.seconds.saturating_mul(1_000_000).saturating_add(time.nanoseconds / 1000);
    Ok(u64::try_from(us).unwrap_or(0))
}

/// Sets the wall clock to microseconds since 1970.
pub fn set_wall_us(us: u64) -> Result<(), Errno> {
    let seconds = i64::try_from(us / 1_000_000).unwrap_or(i64::MAX);
    let nanoseconds = i64::try_from(us % 1_000_000).unwrap_or(0) * 1000;
    let time = Timespec { seconds, nanoseconds };
    // SAFETY: the kernel reads one `__kernel_timespec`, which `time` is, and keeps no reference.
    let result = unsafe { libc::syscall(CLOCK_SETTIME, Clock::Wall.id(), &raw const time) };
    Errno::result(result).map(drop)
}

#[cfg(test)]
mod tests {
    use super::{Clock, read_us};

    #[test]
    fn clocks_go_forward_and_the_wall_clock_is_of_this_century() {
        let first = read_us(Clock::Monotonic).expect("read");
        let second = read_us(Clock::Monotonic).expect("read");
        assert!(first > 0 && second >= first);
        assert!(read_us(Clock::Wall).expect("read") > 1_700_000_000_000_000);
    }
}
