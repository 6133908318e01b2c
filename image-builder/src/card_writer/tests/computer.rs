//! A computer made of files: the parts of /sys, /proc, /run and /dev that the card writer looks at.

use std::path::PathBuf;

use super::super::choose::{self, Error};
use super::super::disks::{Disk, Host, Number};
use super::super::judge::judge_reading;

/// Size of a card of "32 GB", in sectors.
pub const CARD_SECTORS: u64 = 62_333_952;

/// The files.
pub struct Computer {
    folder: tempfile::TempDir,
}

impl Computer {
    /// Without any disk, and with nothing mounted.
    pub fn new() -> Self {
        let computer = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        computer.put("proc/self/mountinfo", "22 27 0:21 / /proc rw - proc proc rw\n");
        computer.put("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
        std::fs::create_dir_all(computer.folder.path().join("sys/block")).expect("a folder");
        computer
    }

    /// With an internal disk `sda` that holds the system on LVM in LUKS, and a card `sdb` in a USB reader.
    pub fn with_card() -> Self {
        let computer = Self::new();
        computer.disk("sda", "8:0", 500_118_192, "ATA", "Samsung SSD 870");
        computer.partition("sda", "sda1", "8:1");
        computer.partition("sda", "sda2", "8:2");
        computer.layer("sda/sda2", "dm-0", "254:0");
        computer.layer("dm-0", "dm-1", "254:1");
        computer.mount("254:1", "/dev/mapper/vg-root", "/");
        computer.disk("sdb", "8:16", CARD_SECTORS, "Generic-", "SD/MMC");
        computer.put("sys/block/sdb/removable", "1");
        computer.partition("sdb", "sdb1", "8:17");
        computer.partition("sdb", "sdb2", "8:18");
        computer
    }

    pub fn host(&self) -> Host {
        Host::at(self.folder.path())
    }

    pub fn put(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    }

    pub fn add(&self, path: &str, text: &str) {
        let old = std::fs::read_to_string(self.folder.path().join(path)).expect("a file");
        self.put(path, &(old + text));
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.folder.path().join(path)).expect("removed");
    }

    /// A SCSI or USB disk.
    pub fn disk(&self, name: &str, number: &str, sectors: u64, vendor: &str, model: &str) {
        let put = |file: &str, text: &str| self.put(&format!("sys/block/{name}/{file}"), text);
        put("dev", &format!("{number}\n"));
        put("size", &format!("{sectors}\n"));
        put("removable", "0\n");
        put("ro", "0\n");
        put("device/type", "0\n");
        put("device/delete", "");
        put("device/vendor", &format!("{vendor}  \n"));
        put("device/model", &format!("{model}   \n"));
        std::fs::create_dir_all(self.folder.path().join(format!("sys/block/{name}/holders")))
            .expect("a folder");
    }

    pub fn partition(&self, disk: &str, name: &str, number: &str) {
        self.put(&format!("sys/block/{disk}/{name}/partition"), "1\n");
        self.put(&format!("sys/block/{disk}/{name}/dev"), &format!("{number}\n"));
    }

    /// A layer on top of a disk, a partition (`sda/sda2`) or another layer.
    pub fn layer(&self, below: &str, name: &str, number: &str) {
        self.put(&format!("sys/block/{below}/holders/{name}"), "");
        self.put(&format!("sys/block/{name}/dev"), &format!("{number}\n"));
    }

    pub fn mount(&self, number: &str, source: &str, at: &str) {
        self.add("proc/self/mountinfo", &format!("36 35 {number} / {at} rw shared:1 - ext4 {source} rw\n"));
    }

    /// The disk with this number, as if somebody had named its device file.
    pub fn choose(&self, major: u64, minor: u64) -> Result<Disk, Error> {
        choose::find(&self.host(), &PathBuf::from("/dev/named"), Number { major, minor })
    }

    /// As [`Computer::choose`], for a disk that is only read.
    pub fn choose_for_reading(&self, major: u64, minor: u64) -> Result<Disk, Error> {
        choose::find_for(&self.host(), &PathBuf::from("/dev/named"), Number { major, minor }, judge_reading)
    }

    /// Why the card in the reader is refused.
    pub fn refusal(&self) -> String {
        self.choose(8, 16).expect_err("refused").to_string()
    }
}
