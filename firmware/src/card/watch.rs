//! What can be seen of the card without touching it: the kernel's own views, which answer at once on the worst card.
//!
//! Nothing here reads or writes the card, so nothing here can hang on it. It must not judge.

use super::report::CardReport;
use crate::paths;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

/// Where the kernel lists its block devices.
const BLOCK: &str = "/sys/block";

/// One look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Whether the device that was mounted is still there: a card that was pulled and pushed in again is another device.
    pub is_there: bool,
    /// Whether the file system has stopped to take data: read-only, or an error noted since it was mounted.
    pub is_stopped: bool,
    /// Every block device there is, each with the number that the kernel gives to no other.
    pub disks: Vec<(String, u64)>,
    /// What the device has to do.
    pub requests: Requests,
}

/// The requests of a block device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Given to the device and not answered yet.
    pub waiting: u64,
    /// Answered, ever.
    pub answered: u64,
}

/// Looks at the card that `report` describes.
pub fn look(report: &CardReport) -> Sight {
    let disks = disks();
    let name = report.disk.as_deref().and_then(Path::file_name).and_then(OsStr::to_str).unwrap_or_default();
    let is_there = disks.iter().any(|(n, sequence)| n == name && Some(*sequence) == report.sequence);
    let stat = if is_there { read(&format!("{BLOCK}/{name}/stat")) } else { String::new() };
    Sight {
        is_there,
        is_stopped: is_read_only(&read("/proc/self/mounts")) || fs_errors() > report.fs_errors,
        requests: requests(&stat).unwrap_or_default(),
        disks,
    }
}

/// Errors that the mounted file system has noted, ever: the count is kept on the card.
pub fn fs_errors() -> u64 {
    let mounts = read("/proc/self/mounts");
    let device = clips_mount(&mounts).and_then(|mut fields| fields.next()).unwrap_or_default();
    let name = device.trim_start_matches("/dev/");
    read(&format!("/sys/fs/ext4/{name}/errors_count")).trim().parse().unwrap_or(0)
}

/// The number that tells one device from all others since the start, whatever its name.
pub fn sequence(name: &str) -> Option<u64> {
    read(&format!("{BLOCK}/{name}/diskseq")).trim().parse().ok()
}

fn disks() -> Vec<(String, u64)> {
    let names = super::disk::block_devices();
    names.into_iter().filter_map(|name| sequence(&name).map(|number| (name, number))).collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The fields of the clips partition in `/proc/self/mounts` (proc(5)): device, place, type, options.
fn clips_mount(mounts: &str) -> Option<std::str::SplitWhitespace<'_>> {
    let at = |line: &&str| line.split_whitespace().nth(1) == Some(paths::CLIPS_MOUNT);
    mounts.lines().rev().find(at).map(str::split_whitespace)
}

fn is_read_only(mounts: &str) -> bool {
    let options = clips_mount(mounts).and_then(|mut fields| fields.nth(3)).unwrap_or_default();
    options.split(',').any(|option| matches!(option, "ro" | "emergency_ro" | "shutdown"))
}

/// Documentation/block/stat.rst: reads, writes, discards and flushes answered stand at 0, 4, 11 and 15, those under way
/// at 8.
fn requests(stat: &str) -> Option<Requests> {
    let fields: heapless::Vec<u64, 17> =
        stat.split_whitespace().take(17).map_while(|f| f.parse().ok()).collect();
    let answered = [0, 4, 11, 15].iter().filter_map(|&at| fields.get(at)).sum();
    Some(Requests { waiting: *fields.get(8)?, answered })
}

#[cfg(test)]
mod tests {
    use super::{Requests, is_read_only, requests};

    #[test]
    fn requests_are_read_from_the_kernels_line() {
        let stat = "     446    61   29312   127   55   40   7344   300   2   200   427   1 0 0 0 9 3\n";
        assert_eq!(requests(stat), Some(Requests { waiting: 2, answered: 446 + 55 + 1 + 9 }));
        assert_eq!(requests("1 2 3"), None);
    }

    #[test]
    fn only_the_clips_count_and_the_last_mount_is_the_visible_one() {
        let line = |options| format!("proc /proc proc ro 0 0\n/dev/mmcblk0p4 /clips ext4 {options} 0 0\n");
        assert!(!is_read_only(&line("rw,noatime,errors=remount-ro")));
        assert!(is_read_only(&line("ro,noatime")));
        assert!(is_read_only(&line("rw,emergency_ro")));
        assert!(!is_read_only(&(line("ro") + &line("rw"))));
        assert!(!is_read_only("proc /proc proc ro 0 0\n"));
    }
}
