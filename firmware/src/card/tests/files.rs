//! p4 in a file: mended and made anew, judged by e2fsck, and cut after every single write.

use super::super::raw::{self, Device, Stamp};
use super::super::superblock::{self, BYTES, PRIMARY_OFFSET, Superblock, backup_offset};
use super::{e2fs, template};
use boards::template::{BLOCK_BYTES, Template};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

const GIB: u64 = 1 << 30;
const CLIP: &str = "what somebody wants to see again";

/// The journal's first number says nothing of its own: any will do.
fn stamp(made_s: u64) -> Stamp {
    Stamp { made_s, journal_first: 0x8765_4321 }
}

/// A file that loses power after some writes.
struct Cut<'a> {
    file: &'a mut File,
    writes_left: usize,
}

impl Device for Cut<'_> {
    fn read(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read(bytes, offset)
    }

    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.writes_left = self.writes_left.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
        self.file.write(bytes, offset)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A partition of 1 GiB whose file system was grown to it and holds a clip.
fn grown(packed: &Template<'_>) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.as_file().set_len(GIB).expect("sized");
    raw::make_anew(&mut file.reopen().expect("open"), GIB, packed, stamp(1)).expect("made");
    e2fs("resize2fs", &[], file.path()).expect("grown");
    let clip = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(clip.path(), CLIP).expect("written");
    let write = format!("write {} /clips/a.mp4", clip.path().display());
    e2fs("debugfs", &["-w", "-R", &write], file.path()).expect("written");
    e2fs("e2fsck", &["-fn"], file.path()).expect("clean");
    file
}

fn superblock_of(file: &File, offset: u64) -> Option<Superblock> {
    let mut bytes = [0; BYTES];
    file.read_exact_at(&mut bytes, offset).expect("read");
    Superblock::parse(&bytes)
}

#[test]
fn a_partition_of_noise_becomes_a_clean_file_system_that_can_be_grown() {
    let bytes = template();
    let packed = Template::parse(&bytes).expect("whole");
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let noise: Vec<u8> =
        (0..80 << 20_u32).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    file.as_file().write_all_at(&noise, 0).expect("written");
    file.as_file().set_len(GIB).expect("sized");
    let made_s = 0x1_2345_6789;
    raw::make_anew(&mut file.reopen().expect("open"), GIB, &packed, stamp(made_s)).expect("made");
    e2fs("e2fsck", &["-fn"], file.path()).expect("clean");
    let made = superblock_of(file.as_file(), PRIMARY_OFFSET).expect("whole");
    let journal = e2fs("dumpe2fs", &["-h"], file.path()).expect("read");
    assert!(journal.contains("Journal sequence:         0x87654321"), "{journal}");
    assert_eq!((made.made_s(), made.length_bytes(), made.has_errors()), (made_s, 64 << 20, false));
    e2fs("resize2fs", &[], file.path()).expect("grown");
    e2fs("e2fsck", &["-fn"], file.path()).expect("clean");
    assert_eq!(superblock_of(file.as_file(), PRIMARY_OFFSET).expect("whole").length_bytes(), GIB);
    assert!(e2fs("debugfs", &["-R", "stat /clips"], file.path()).expect("stat").contains("Type: directory"));
}

#[test]
fn a_cut_while_it_is_made_anew_leaves_nothing_that_could_be_mounted() {
    let bytes = template();
    let packed = Template::parse(&bytes).expect("whole");
    let file = grown(&packed);
    let mut device = file.reopen().expect("open");
    // The first write takes the old superblock away; the last one brings the new.
    for writes in 1.. {
        let cut = raw::make_anew(&mut Cut { file: &mut device, writes_left: writes }, GIB, &packed, stamp(2));
        let look = raw::look(&device, GIB, &packed).expect("read");
        if cut.is_ok() {
            assert_eq!(look.primary.expect("whole").made_s(), 2);
            break;
        }
        assert_eq!(look.primary, None, "after {writes} writes");
        // Backups of the old file system are gone before its tables are touched.
        assert!(
            look.substitute.is_none() || writes <= superblock::BACKUP_GROUPS.len(),
            "after {writes} writes"
        );
    }
    e2fs("e2fsck", &["-fn"], file.path()).expect("clean");
}

#[test]
fn a_lost_superblock_comes_back_from_a_backup_with_every_clip() {
    let bytes = template();
    let packed = Template::parse(&bytes).expect("whole");
    let file = grown(&packed);
    let mut device = file.reopen().expect("open");
    // Zeroed; torn at a sector; and the first backup gone as well.
    for (length, backups_lost) in [(BYTES, 0), (BYTES, 1), (BYTES / 2, 2)] {
        device.write_all_at(&vec![0; length], PRIMARY_OFFSET).expect("written");
        for group in &superblock::BACKUP_GROUPS[..backups_lost] {
            device.write_all_at(&[0; BLOCK_BYTES], backup_offset(*group)).expect("written");
        }
        let look = raw::look(&device, GIB, &packed).expect("read");
        assert_eq!(look.primary, None);
        let substitute = look.substitute.expect("a backup");
        assert_eq!(substitute.length_bytes(), GIB);
        raw::write_primary(&mut device, &substitute.to_primary()).expect("written");
        // What a mount does first: the journal, which the backup says nothing about.
        e2fs("e2fsck", &["-E", "journal_only", "-y"], file.path()).expect("replayed");
        let back = e2fs("debugfs", &["-R", "cat /clips/a.mp4"], file.path()).expect("read");
        assert!(back.contains(CLIP));
    }
}

#[test]
fn a_torn_superblock_that_was_never_grown_comes_back_from_the_template() {
    let bytes = template();
    let packed = Template::parse(&bytes).expect("whole");
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.as_file().set_len(160 << 20).expect("sized");
    let mut device = file.reopen().expect("open");
    raw::make_anew(&mut device, 160 << 20, &packed, stamp(7)).expect("made");
    device.write_all_at(&[0; 512], PRIMARY_OFFSET + 512).expect("torn");
    let look = raw::look(&device, 160 << 20, &packed).expect("read");
    assert_eq!((look.primary, look.substitute.is_some()), (None, true));
    // A superblock that is gone is another matter: nothing says that this was the template.
    device.write_all_at(&[0; 1024], PRIMARY_OFFSET).expect("zeroed");
    assert_eq!(raw::look(&device, 160 << 20, &packed).expect("read").substitute, None);
}
