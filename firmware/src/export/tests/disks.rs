//! Which disk is a stick, and what is said of those that are none.

use super::super::disk::{DiskError, Places, Stick, find, is_there};
use super::super::format::{Format, HEAD_BYTES, Kind, recognise};
use super::super::stick::MountError;
use super::super::work::WorkError;
use super::super::{ExportError, vanishes};
use boards::layout;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const USB: &str = "devices/pci0000:00/0000:00:02.0/usb1/1-1/1-1:1.0/host0/target0:0:0/0:0:0:0/block";
const MMC: &str = "devices/platform/1c0f000.mmc/mmc_host/mmc0/mmc0:aaaa/block";

/// The kernel's views of some disks, and the disks.
struct Computer {
    folder: TempDir,
}

impl Computer {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["block", "dev"] {
            fs::create_dir(folder.path().join(path)).expect("made");
        }
        Self { folder }
    }

    fn disk(self, bus: &str, name: &str, head: &[u8; HEAD_BYTES]) -> Self {
        let at = self.folder.path().join(bus).join(name);
        fs::create_dir_all(&at).expect("made");
        for (file, text) in [("size", "8192\n"), ("ro", "0\n"), ("diskseq", "7\n")] {
            fs::write(at.join(file), text).expect("written");
        }
        symlink(Path::new("..").join(bus).join(name), self.block().join(name)).expect("linked");
        fs::write(self.dev().join(name), head).expect("written");
        self
    }

    fn partition(self, bus: &str, disk: &str, number: u8, uevent: &str, head: &[u8; HEAD_BYTES]) -> Self {
        let name = format!("{disk}{number}");
        let at = self.folder.path().join(bus).join(disk).join(&name);
        fs::create_dir(&at).expect("made");
        fs::write(at.join("partition"), format!("{number}\n")).expect("written");
        fs::write(at.join("uevent"), uevent).expect("written");
        fs::write(self.dev().join(name), head).expect("written");
        self
    }

    fn set(self, bus: &str, disk: &str, file: &str, text: &str) -> Self {
        fs::write(self.folder.path().join(bus).join(disk).join(file), text).expect("written");
        self
    }

    fn block(&self) -> PathBuf {
        self.folder.path().join("block")
    }

    fn dev(&self) -> PathBuf {
        self.folder.path().join("dev")
    }

    fn find(&self, own: &str) -> Result<Stick, DiskError> {
        find(Places { block: &self.block(), dev: &self.dev() }, Some(Path::new(own)))
    }

    fn refusal(&self) -> String {
        self.find("/dev/mmcblk0").expect_err("refused").to_string()
    }
}

/// The first bytes of a FAT32, as mkfs.fat writes them.
fn fat32() -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..17].copy_from_slice(&[
        0xeb, 0x58, 0x90, b'm', b'k', b'f', b's', b'.', b'f', b'a', b't', 0, 2, 8, 32, 0, 2,
    ]);
    head[510..512].copy_from_slice(&[0x55, 0xaa]);
    head
}

fn marked(at: usize, mark: &[u8]) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[at..at + mark.len()].copy_from_slice(mark);
    head
}

/// A partition table and nothing else.
fn table() -> [u8; HEAD_BYTES] {
    marked(510, &[0x55, 0xaa])
}

#[test]
fn the_first_partition_with_fat_or_exfat_is_taken_and_macos_hidden_one_is_not() {
    let computer = Computer::new()
        .disk(MMC, "mmcblk0", &fat32())
        .disk(USB, "sda", &table())
        .partition(USB, "sda", 1, "PARTNAME=EFI System Partition\n", &fat32())
        .partition(USB, "sda", 2, "", &marked(3, b"EXFAT   "))
        .partition(USB, "sda", 3, "", &fat32());
    let stick = computer.find("/dev/mmcblk0").expect("found");
    assert_eq!((stick.device, stick.kind), (computer.dev().join("sda2"), Kind::ExFat));
    let whole = Computer::new().disk(USB, "sdb", &fat32());
    let stick = whole.find("/dev/mmcblk0").expect("found");
    assert_eq!((&stick.device, stick.kind), (&whole.dev().join("sdb"), Kind::Fat));
    let (block, dev) = (whole.block(), whole.dev());
    let places = Places { block: &block, dev: &dev };
    assert!(is_there(places, &stick));
    let whole = whole.set(USB, "sdb", "diskseq", "8\n");
    assert!(!is_there(places, &stick), "pushed in again it is another");
    drop(whole);
}

/// A pulled stick refuses everything before it is gone from the kernel's views: it is waited for, and not called broken.
#[test]
fn a_stick_that_fails_and_is_gone_soon_was_pulled_and_one_that_stays_is_broken() {
    let computer = Computer::new().disk(USB, "sdb", &fat32());
    let stick = computer.find("/dev/mmcblk0").expect("found");
    let (block, dev) = (computer.block(), computer.dev());
    let places = Places { block: &block, dev: &dev };
    assert!(!vanishes(places, &stick, 300_000), "it stays");
    std::thread::scope(|scope| {
        scope.spawn(|| fs::rename(&block, block.with_extension("gone")).expect("cleared away"));
        assert!(vanishes(places, &stick, 60_000_000));
    });
    let fails = || std::io::Error::from_raw_os_error(19);
    for (error, is_of_the_stick) in [
        (WorkError::Stick("a.mp4".into(), fails()).into(), true),
        (WorkError::Damaged.into(), true),
        (MountError::Unmount(fails()).into(), true),
        (MountError::WriteProtected.into(), false),
        (WorkError::Stopped.into(), false),
        (WorkError::Full("a.mp4".into(), 1).into(), false),
        (WorkError::Card(fails()).into(), false),
    ] {
        let error: ExportError = error;
        assert_eq!(error.is_of_the_stick(), is_of_the_stick, "{error}");
    }
}

#[test]
fn the_camera_s_card_and_what_is_not_on_usb_is_never_a_stick() {
    let signed = |mut head: [u8; HEAD_BYTES]| {
        head[440..444].copy_from_slice(&layout::DISK_SIGNATURE.to_le_bytes());
        head
    };
    let none = "no USB stick was found; push one in and try again";
    assert_eq!(Computer::new().refusal(), none);
    assert_eq!(Computer::new().disk(MMC, "mmcblk0", &fat32()).disk(MMC, "sdc", &fat32()).refusal(), none);
    let own = Computer::new().disk(USB, "sda", &fat32());
    assert_eq!(own.find("/dev/sda").expect_err("refused").to_string(), none, "a camera whose card is on USB");
    let other = Computer::new().disk(USB, "sda", &signed(table())).partition(USB, "sda", 1, "", &fat32());
    assert_eq!(other.refusal(), "sda is a camera's card and no stick; nothing was written to it");
    let reader = Computer::new().disk(USB, "sda", &fat32()).set(USB, "sda", "size", "0\n");
    assert_eq!(reader.refusal(), none, "a reader without a card");
}

#[test]
fn each_stick_that_cannot_be_used_has_its_own_sentence() {
    let with = |head: &[u8; HEAD_BYTES]| {
        Computer::new().disk(USB, "sda", &table()).partition(USB, "sda", 1, "", head).refusal()
    };
    for (head, format) in [
        (marked(3, b"NTFS    "), "NTFS"),
        (marked(1080, &[0x53, 0xef]), "ext4 (or an older ext)"),
        (marked(32, b"NXSB"), "macOS's APFS"),
        (marked(3, b"-FVE-FS-"), "BitLocker"),
    ] {
        let expected = format!(
            "the stick (sda1) is formatted with {format}, which this camera does not write; format it with exFAT or FAT32"
        );
        assert_eq!(with(&head), expected);
    }
    assert!(with(&[0; HEAD_BYTES]).starts_with("the stick (sda) has no file system that this camera knows"));
    let locked = Computer::new().disk(USB, "sda", &fat32()).set(USB, "sda", "ro", "1\n");
    assert!(locked.refusal().starts_with("the stick (sda) is write-protected"));
    let gone = Computer::new().disk(USB, "sda", &fat32());
    fs::remove_file(gone.dev().join("sda")).expect("removed");
    assert!(gone.refusal().starts_with("the stick (sda) cannot be read"));
}

#[test]
fn a_stick_that_was_not_taken_out_in_order_is_known() {
    let dirty = |head: [u8; HEAD_BYTES], kind, is_dirty| {
        assert_eq!(recognise(&head), Format::Ours { kind, is_dirty });
    };
    dirty(fat32(), Kind::Fat, false);
    let mut head = fat32();
    head[0x41] = 1;
    dirty(head, Kind::Fat, true);
    let mut head = fat32();
    // FAT16: its tables' length stands at 22.
    (head[22], head[0x25]) = (32, 1);
    dirty(head, Kind::Fat, true);
    let mut head = marked(3, b"EXFAT   ");
    dirty(head, Kind::ExFat, false);
    head[106] = 2;
    dirty(head, Kind::ExFat, true);
    assert_eq!(recognise(&table()), Format::Unknown);
}
