//! What is seen of disks, and each reason to refuse one.

use std::path::Path;

use super::super::choose::choose;
use super::super::list::table;
use super::computer::Computer;

fn listed(computer: &Computer) -> String {
    table(&computer.host().disks().expect("disks"), "some-board")
}

#[test]
fn a_card_is_listed_with_model_size_and_what_is_on_it() {
    let computer = Computer::with_card();
    computer.put("run/udev/data/b8:17", "S:disk/by-id/x\nE:ID_FS_LABEL=KERBEROS\nE:ID_FS_TYPE=vfat\n");
    computer.put("run/udev/data/b8:18", "E:ID_FS_TYPE=ext4\n");
    let expected = "\
DEVICE                 SIZE  MODEL                    HOLDS
/dev/sdb           29.7 GiB  Generic- SD/MMC          KERBEROS, ext4
Nothing was written. To write to one: ./flash.sh card some-board /dev/sdb
";
    assert_eq!(listed(&computer), expected);
}

#[test]
fn a_refused_card_is_listed_with_the_reason() {
    let computer = Computer::with_card();
    computer.mount("8:17", "/dev/sdb1", "/media/me/my\\040card");
    let text = listed(&computer);
    assert!(text.contains("refused: /dev/sdb1 is mounted at /media/me/my card: unmount it first"), "{text}");
    assert!(text.ends_with("./flash.sh card some-board DEVICE\n"), "{text}");
}

#[test]
fn only_cards_and_sticks_are_listed() {
    let computer = Computer::with_card();
    // An empty slot of the reader, an optical drive, and, as the kernel shows both, an SD card and an eMMC.
    computer.disk("sdc", "8:32", 0, "Generic-", "MS/MS-Pro");
    computer.put("sys/block/sdc/removable", "1");
    computer.disk("sr0", "11:0", 2_097_151, "HL-DT-ST", "DVDRAM");
    computer.put("sys/block/sr0/removable", "1");
    computer.put("sys/block/sr0/device/type", "5\n");
    for (name, number, kind, model) in
        [("mmcblk0", "179:0", "MMC", "DG4016"), ("mmcblk1", "179:8", "SD", "SC16G")]
    {
        computer.put(&format!("sys/block/{name}/dev"), number);
        computer.put(&format!("sys/block/{name}/size"), "31291392");
        computer.put(&format!("sys/block/{name}/removable"), "0");
        computer.put(&format!("sys/block/{name}/device/type"), kind);
        computer.put(&format!("sys/block/{name}/device/name"), model);
    }
    let text = listed(&computer);
    let devices: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("/dev/"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(devices, ["/dev/mmcblk1", "/dev/sdb"], "{text}");
    assert!(text.contains("14.9 GiB  SC16G"), "{text}");
}

#[test]
fn a_computer_without_cards_says_so() {
    let computer = Computer::with_card();
    computer.put("sys/block/sdb/removable", "0");
    let text = listed(&computer);
    assert!(text.starts_with("There is no card in this computer."), "{text}");
    assert!(!text.contains("/dev/sd"), "{text}");
}

#[test]
fn a_name_from_a_card_cannot_play_with_the_terminal() {
    let computer = Computer::with_card();
    computer.put("sys/block/sdb/device/model", "\u{1b}[2J evil\u{7}\n");
    assert!(!listed(&computer).chars().any(|c| c.is_control() && c != '\n'));
}

#[test]
fn what_is_no_whole_disk_is_refused() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let host = Computer::with_card().host();
    let said = |path: &Path| choose(&host, path).expect_err("refused").to_string();
    assert!(
        said(file.path())
            .ends_with("is a plain file; `./flash.sh image BOARD FILE` writes the image to a file")
    );
    assert_eq!(said(Path::new("/")), "/ is not a disk (a block device)");
    assert_eq!(said(Path::new("/dev/null")), "/dev/null is not a disk (a block device)");
    assert!(said(Path::new("/dev/no-such-disk")).starts_with("/dev/no-such-disk: No such file"));

    let computer = Computer::with_card();
    let partition = computer.choose(8, 17).expect_err("refused").to_string();
    assert_eq!(partition, "/dev/named is a partition; the image needs the whole disk: /dev/sdb");
    let unknown = computer.choose(7, 3).expect_err("refused").to_string();
    assert_eq!(unknown, "the kernel knows no disk behind /dev/named");
}

#[test]
fn the_running_system_is_refused_through_every_layer() {
    let computer = Computer::with_card();
    let said = computer.choose(8, 0).expect_err("refused").to_string();
    assert_eq!(said, "/dev/sda holds the running system (/ is on it)");
    // Also where it runs from a card, and / is somewhere else.
    computer.mount("8:18", "/dev/sdb2", "/media/x");
    computer.mount("8:17", "/dev/sdb1", "/boot/firmware");
    assert_eq!(computer.refusal(), "/dev/sdb holds the running system (/boot/firmware is on it)");
}

#[test]
fn anything_in_use_is_refused() {
    for (number, source) in [
        ("8:18", "/dev/sdb2"),
        // btrfs: a number that no device has.
        ("0:45", "/dev/sdb2"),
        // The whole card, without a partition table.
        ("8:16", "/dev/sdb"),
        // A source that says nothing.
        ("8:18", "/dev/root"),
    ] {
        let computer = Computer::with_card();
        computer.mount(number, source, "/home");
        let said = computer.refusal();
        assert!(said.contains("is mounted at /home: unmount it first"), "{number} {source}: {said}");
    }
    let computer = Computer::with_card();
    computer.add("proc/swaps", "/dev/sdb2 partition 1048572 0 -2\n");
    assert_eq!(computer.refusal(), "/dev/sdb2 is in use as swap space");

    let computer = Computer::with_card();
    computer.layer("sdb/sdb2", "md0", "9:0");
    assert_eq!(computer.refusal(), "/dev/sdb2 is held by /dev/md0 (encryption, LVM, RAID): close that first");
    computer.mount("9:0", "/dev/md0", "/srv");
    assert!(computer.refusal().starts_with("/dev/md0 is mounted at /srv"), "{}", computer.refusal());
}

#[test]
fn layers_in_a_circle_end() {
    let computer = Computer::with_card();
    computer.layer("sdb/sdb2", "dm-2", "254:2");
    computer.layer("dm-2", "dm-3", "254:3");
    computer.layer("dm-3", "dm-2", "254:2");
    assert!(computer.refusal().contains("(encryption, LVM, RAID)"));
}

#[test]
fn a_link_is_followed_to_its_device() {
    let computer = Computer::with_card();
    computer.put("dev/sdb2", "");
    let dev = computer.host().path("dev");
    std::fs::create_dir(dev.join("mapper")).expect("a folder");
    std::os::unix::fs::symlink("../sdb2", dev.join("mapper/backup")).expect("a link");
    computer.mount("0:50", "/dev/mapper/backup", "/mnt");
    assert!(computer.refusal().starts_with("/dev/sdb2 is mounted at /mnt"), "{}", computer.refusal());
}

#[test]
fn a_locked_a_small_and_a_missing_card_are_refused() {
    let computer = Computer::with_card();
    computer.put("sys/block/sdb/ro", "1\n");
    assert_eq!(computer.refusal(), "/dev/sdb is write-protected: is the lock switch on the card's side on?");
    computer.put("sys/block/sdb/ro", "0\n");
    computer.put("sys/block/sdb/size", "524287\n");
    assert_eq!(computer.refusal(), "/dev/sdb has 255.9 MiB; the image needs 256.0 MiB");
    computer.put("sys/block/sdb/size", "524288\n");
    assert_eq!(computer.choose(8, 16).expect("accepted").bytes, 256 << 20);
    computer.put("sys/block/sdb/size", "0\n");
    assert_eq!(computer.refusal(), "there is no card in /dev/sdb");
}

#[test]
fn not_knowing_what_is_mounted_refuses_everything() {
    let computer = Computer::with_card();
    computer.remove("proc/self/mountinfo");
    let said = computer.refusal();
    assert!(
        said.starts_with("it cannot be told what is in use on this computer, so nothing is written: "),
        "{said}"
    );
}

#[test]
fn another_card_in_the_same_reader_is_another_card() {
    let computer = Computer::with_card();
    computer.put("sys/block/sdb/diskseq", "9\n");
    let agreed = computer.choose(8, 16).expect("accepted").identity();
    assert_eq!(computer.choose(8, 16).expect("accepted").identity(), agreed);
    computer.put("sys/block/sdb/diskseq", "10\n");
    assert_ne!(computer.choose(8, 16).expect("accepted").identity(), agreed);
    computer.put("sys/block/sdb/diskseq", "9\n");
    computer.put("sys/block/sdb/size", "31291392\n");
    assert_ne!(computer.choose(8, 16).expect("accepted").identity(), agreed);
}

#[test]
fn a_locked_or_small_card_can_be_read_and_one_in_use_cannot() {
    let computer = Computer::with_card();
    computer.put("sys/block/sdb/ro", "1");
    computer.put("sys/block/sdb/size", "4096");
    assert!(computer.choose(8, 16).is_err() && computer.choose_for_reading(8, 16).is_ok());
    computer.mount("8:18", "/dev/sdb2", "/media/clips");
    let refusal = computer.choose_for_reading(8, 16).expect_err("mounted").to_string();
    assert!(refusal.contains("/dev/sdb2 is mounted at /media/clips"), "{refusal}");
    let system = computer.choose_for_reading(8, 0).expect_err("the system").to_string();
    assert!(system.contains("holds the running system"), "{system}");
}
