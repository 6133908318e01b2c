//! What can be seen of the card without touching it.
//!
//! These are the kernel's own views, which answer at once on the worst card.
//! Nothing here reads or writes the card, so nothing here can hang on it. It must not judge.

use super::bus::BLOCK;
use super::report::CardReport;
use crate::paths;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

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

/// The kernel's name of the card's device; empty when there is none.
pub fn name(report: &CardReport) -> &str {
    report.disk.as_deref().and_then(Path::file_name).and_then(OsStr::to_str).unwrap_or_default()
}

/// Looks at the card that `report` describes.
pub fn look(report: &CardReport) -> Sight {
    let disks = disks();
    let name = name(report);
    let mounts = mounts();
    let is_there = disks.iter().any(|(n, sequence)| n == name && Some(*sequence) == report.sequence);
    let of_disk = |file: &str| if is_there { read(&format!("{BLOCK}/{name}/{file}")) } else { String::new() };
    Sight {
        is_there,
        is_stopped: is_read_only(&mounts) || errors_of(&mounts) > report.fs_errors,
        requests: Requests { waiting: waiting(&of_disk("inflight")), answered: answered(&of_disk("stat")) },
        disks,
    }
}

/// Bytes that the clips partition was given to write since its device is there: by us, and by the file system for itself.
pub fn clips_written_bytes() -> u64 {
    let mounts = mounts();
    let device = clips_mount(&mounts).and_then(|mut fields| fields.next()).unwrap_or_default();
    written_bytes(&read(&format!("/sys/class/block/{}/stat", device.trim_start_matches("/dev/"))))
}

/// Errors that the mounted file system has noted, ever: the count is kept on the card.
pub fn fs_errors() -> u64 {
    errors_of(&mounts())
}

fn errors_of(mounts: &str) -> u64 {
    let device = clips_mount(mounts).and_then(|mut fields| fields.next()).unwrap_or_default();
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

fn mounts() -> String {
    read("/proc/self/mounts")
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

/// Documentation/ABI/stable/sysfs-block, `inflight`: reads and writes under way. (The same in `stat` leaves out, in some
/// kernels, those that were made through a partition.)
fn waiting(inflight: &str) -> u64 {
    inflight.split_whitespace().filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// Documentation/block/stat.rst: reads, writes, discards and flushes answered stand at 0, 4, 11 and 15.
fn answered(stat: &str) -> u64 {
    let at = |&(at, _): &(usize, &str)| matches!(at, 0 | 4 | 11 | 15);
    stat.split_whitespace().enumerate().filter(at).filter_map(|(_, field)| field.parse::<u64>().ok()).sum()
}

/// Documentation/block/stat.rst: sectors written, of 512 bytes whatever the device's are, stand at 6.
fn written_bytes(stat: &str) -> u64 {
    stat.split_whitespace().nth(6).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0) * 512
}

#[cfg(test)]
mod tests {
    use super::{answered, is_read_only, waiting, written_bytes};

    #[test]
    fn requests_are_read_from_the_kernels_lines() {
        let stat = "     446    61   29312   127   55   40   7344   300   2   200   427   1 0 0 0 9 3\n";
        assert_eq!(answered(stat), 446 + 55 + 1 + 9);
        assert_eq!((written_bytes(stat), written_bytes("")), (7344 * 512, 0));
        assert_eq!((waiting("       0        2\n"), waiting(""), answered("")), (2, 0, 0));
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
