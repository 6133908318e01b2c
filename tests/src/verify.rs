//! The judge of a card after a power cut.
//!
//! Partition table, settings, file system, clips. The firmware is not asked.
//! It must not repair what a start of the product would not: replaying the journal and dropping orphans is all that
//! e2fsck may find to do.

use crate::card::{run, text};
use crate::sparse_card::SparseCard;
use crate::witness::Save;
use crate::{Failure, block_log, fragments, settings_slots};
use boards::layout;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where ext4 has its superblock, how long that is, and where in it its checksum stands.
const SUPERBLOCK_AT: u64 = 1024;
const SUPERBLOCK_BYTES: usize = 1024;
const CHECKSUM_AT: usize = 1020;

/// The files of the clips' folder.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A clip that was there or reported complete.
#[derive(Clone, Debug)]
pub struct Known {
    /// File name of the video.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// It must be on a card that has finished this many sectors,
    pub from: usize,
    /// and until this many were begun, when it may have been deleted to make room.
    pub until: usize,
}

/// When a clip was filmed, oldest first: seconds and microseconds of its name.
pub fn filmed_at(name: &str) -> Option<(u64, u64)> {
    let mut fields = name.split('_');
    let seconds = fields.next()?.parse().ok()?;
    Some((seconds, fields.next()?.split_once('-')?.1.parse().ok()?))
}

/// A folder to check file systems in.
pub struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    /// In memory where the host has such a place: e2fsck syncs what it writes.
    pub fn new() -> Result<Bench, Failure> {
        let memory = Path::new("/dev/shm");
        let builder = tempfile::Builder::new();
        let folder = if memory.is_dir() { builder.tempdir_in(memory)? } else { builder.tempdir()? };
        Ok(Bench { folder })
    }

    /// The files of the clips partition after its journal was replayed, if nothing else was wrong with it.
    pub fn files(&self, card: &SparseCard) -> Result<Files, Failure> {
        let partition = self.folder.path().join("p4.img");
        card.save(&partition, layout::CLIPS.offset_bytes, clips_bytes(card)?)?;
        if superblock_is_torn(card) {
            untear(&partition)?;
        }
        replay(&partition)?;
        let to = self.folder.path().join("files");
        std::fs::create_dir(&to)?;
        let dump = format!("rdump /{} {}", layout::CLIPS_FOLDER, to.display());
        run("/sbin/debugfs", &["-R", &dump, &text(&partition)])?;
        let mut files = Files::new();
        for entry in std::fs::read_dir(to.join(layout::CLIPS_FOLDER))? {
            let path = entry?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            files.insert(name.unwrap_or_default(), std::fs::read(&path)?);
        }
        std::fs::remove_dir_all(&to)?;
        Ok(files)
    }
}

/// Length of the clips partition as the partition table has it; the table must be sound.
pub fn clips_bytes(card: &SparseCard) -> Result<u64, Failure> {
    let sector = card.bytes_at(0, block_log::SECTOR_BYTES);
    let signature = u32::from_le_bytes(sector[440..444].try_into()?);
    if signature != layout::DISK_SIGNATURE || !sector.ends_with(&[0x55, 0xaa]) {
        return Err("the partition table is damaged".into());
    }
    let mut clips_bytes = 0;
    for (partition, entry) in layout::PARTITIONS.iter().zip(sector[446..510].chunks_exact(16)) {
        let start = u64::from(u32::from_le_bytes(entry[8..12].try_into()?)) * layout::SECTOR_BYTES;
        let length = u64::from(u32::from_le_bytes(entry[12..16].try_into()?)) * layout::SECTOR_BYTES;
        let as_laid_out = partition.length_bytes.is_none_or(|bytes| bytes == length);
        let fits = start + length <= card.bytes && length > 0;
        if entry[4] != partition.kind || start != partition.offset_bytes || !as_laid_out || !fits {
            return Err(format!("the partition table's entry {} is wrong", partition.number).into());
        }
        clips_bytes = length;
    }
    Ok(clips_bytes)
}

/// Whether the superblock's checksum is not that of its content: it was torn between its two sectors. The product mends that
/// from a backup, which a test that boots such a card shows.
pub fn superblock_is_torn(card: &SparseCard) -> bool {
    let superblock = card.bytes_at(layout::CLIPS.offset_bytes + SUPERBLOCK_AT, SUPERBLOCK_BYTES);
    superblock[CHECKSUM_AT..] != crc32c(&superblock[..CHECKSUM_AT]).to_le_bytes()
}

/// Gives a torn superblock a checksum. Everything else in it has to be right as it is: what changes while a file system is used
/// stands in the first of its two sectors.
fn untear(partition: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::options().read(true).write(true).open(partition)?;
    let mut superblock = [0; SUPERBLOCK_BYTES];
    file.read_exact_at(&mut superblock, SUPERBLOCK_AT)?;
    let checksum = crc32c(&superblock[..CHECKSUM_AT]).to_le_bytes();
    Ok(file.write_all_at(&checksum, SUPERBLOCK_AT + CHECKSUM_AT as u64)?)
}

/// CRC-32C (Castagnoli) as ext4 has it: from all ones, not inverted at the end.
fn crc32c(bytes: &[u8]) -> u32 {
    let bit = |crc: u32| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
    bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc)))
}

/// What e2fsck may say in preen mode when a power cut did no more than power cuts do.
fn is_harmless(line: &str) -> bool {
    let line = line.split_once(": ").map_or(line, |(_, rest)| rest);
    let summary = line.contains(" files (") && line.ends_with(" blocks");
    line == "recovering journal" || line.starts_with("Clearing orphaned inode ") || summary
}

/// Replays the journal and drops orphans; anything else that e2fsck finds is a failure, and so is what it finds afterwards.
fn replay(partition: &PathBuf) -> Result<(), Failure> {
    let output = Command::new("/sbin/e2fsck").args(["-f", "-p"]).arg(partition).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let clean = matches!(output.status.code(), Some(0 | 1));
    if let Some(line) = said.lines().find(|line| !line.is_empty() && !is_harmless(line)) {
        return Err(format!("the file system is damaged: {line}").into());
    }
    if !clean {
        return Err(format!("the file system is damaged: e2fsck ends with {}: {said}", output.status).into());
    }
    run("/sbin/e2fsck", &["-f", "-n", &text(partition)]).map(drop)
}

/// The settings in force must be the last that were acknowledged by `durable`, or a later save that was begun by `latest`.
/// `saves` have positions in sectors; the first is what was there before, acknowledged at 0.
pub fn settings(card: &SparseCard, saves: &[Save], durable: u64, latest: u64) -> Result<(), Failure> {
    let slots = layout::SETTINGS.map(|area| card.bytes_at(area.offset_bytes, area.length_bytes as usize));
    let in_force =
        settings_slots::in_force([&slots[0], &slots[1]]).map(|saved| saved.toml).unwrap_or_default();
    let last = saves.iter().rposition(|save| save.acknowledged.is_some_and(|at| at <= durable)).unwrap_or(0);
    let allowed = saves[last..].iter().filter(|save| save.started <= latest);
    if allowed.clone().any(|save| save.settings == in_force) {
        return Ok(());
    }
    let allowed: Vec<String> = allowed.map(|save| save.settings.to_string()).collect();
    Err(format!("the settings in force are {in_force}, allowed were {allowed:?}").into())
}

/// Every clip that is promised is there, byte for byte; none that is there differs; the oldest went first.
pub fn clips(files: &Files, known: &[Known], durable: usize, latest: usize) -> Result<(), Failure> {
    let mut promised: Vec<&Known> = known.iter().filter(|clip| clip.from <= durable).collect();
    promised.sort_by_key(|clip| filmed_at(&clip.name));
    let mut present = None;
    for clip in promised {
        match files.get(&clip.name) {
            Some(content) if *content == clip.content => present = present.or(Some(&clip.name)),
            Some(_) => return Err(format!("the complete clip {} has changed", clip.name).into()),
            None if latest < clip.until => {
                return Err(format!("the complete clip {} is gone", clip.name).into());
            }
            None if present.is_some() => {
                return Err(format!("{} was deleted before the older {present:?}", clip.name).into());
            }
            None => {}
        }
    }
    Ok(())
}

/// What of a clip that was cut off can be played: a prefix of what was filmed.
pub fn cut_clip(file: &[u8], filmed: &[u8]) -> Result<fragments::Playable, Failure> {
    let playable = fragments::read(file);
    if file.get(..playable.bytes) == filmed.get(..playable.bytes) {
        Ok(playable)
    } else {
        Err("the cut clip plays something that was never filmed".into())
    }
}

#[cfg(test)]
mod tests {
    use super::{Bench, Files, Known, clips, filmed_at, settings, superblock_is_torn};
    use crate::sparse_card::SparseCard;
    use crate::witness::Save;
    use boards::layout::{self, CLIPS};
    use image_builder::image::mbr::mbr;

    fn known(name: &str, from: usize, until: usize) -> Known {
        Known { name: name.into(), content: b"content".to_vec(), from, until }
    }

    #[test]
    fn a_promised_clip_that_is_gone_or_changed_is_found() {
        let (old, new) = ("9_1-1_c_0-0-1-1_1_1.mp4", "10_1-1_c_0-0-1-1_1_1.mp4");
        assert!(filmed_at(old) < filmed_at(new), "times are numbers");
        let promised = [known(old, 10, 20), known(new, 15, usize::MAX)];
        let files = |names: &[&str]| -> Files {
            names.iter().map(|name| ((*name).to_owned(), b"content".to_vec())).collect()
        };
        assert!(clips(&files(&[]), &promised, 9, 9).is_ok(), "not promised yet");
        assert!(clips(&files(&[]), &promised, 10, 12).is_err(), "gone");
        assert!(clips(&files(&[new]), &promised, 15, 19).is_err(), "gone before it may");
        assert!(clips(&files(&[new]), &promised, 15, 20).is_ok(), "deleted to make room");
        assert!(clips(&files(&[old]), &promised, 15, 20).is_err(), "the younger went first");
        let mut changed = files(&[old, new]);
        changed.insert(old.into(), b"contenT".to_vec());
        assert!(clips(&changed, &promised, 15, 25).is_err(), "changed");
    }

    #[test]
    fn settings_that_were_never_or_no_longer_promised_are_found() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        file.as_file().set_len(CLIPS.offset_bytes).expect("sized");
        let card = SparseCard::read(file.path()).unwrap_or_else(|e| panic!("{e}"));
        let save = |started, acknowledged, value: i64| {
            let table = [("value".to_owned(), value.into())].into_iter().filter(|_| value > 0).collect();
            Save { started, acknowledged, settings: table }
        };
        let saves = [save(0, Some(0), 0), save(10, Some(20), 1)];
        assert!(settings(&card, &saves, 0, 5).is_ok(), "none: the defaults");
        assert!(settings(&card, &saves, 15, 15).is_ok(), "not acknowledged yet");
        assert!(settings(&card, &saves, 20, 20).is_err(), "the acknowledged ones are lost");
    }

    #[test]
    fn a_damaged_file_system_is_found_and_a_torn_superblock_is_not_taken_for_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let partition = folder.path().join("p4");
        std::fs::File::create(&partition).and_then(|file| file.set_len(32 << 20)).expect("sized");
        let features = "has_journal,extent,64bit,metadata_csum";
        let arguments = ["-q", "-F", "-b", "4096", "-O", features, &crate::card::text(&partition)];
        crate::card::run("/sbin/mke2fs", &arguments).unwrap_or_else(|e| panic!("{e}"));
        let made = [("mkdir clips", "")].map(|(command, _)| ["-w", "-R", command]);
        crate::card::run("/sbin/debugfs", &[&made[0][..], &[&crate::card::text(&partition)]].concat())
            .unwrap_or_else(|e| panic!("{e}"));
        let image = folder.path().join("card");
        let bytes = CLIPS.offset_bytes + (32 << 20);
        std::fs::File::create(&image).and_then(|file| file.set_len(bytes)).expect("sized");
        let mut card = SparseCard::read(&image).unwrap_or_else(|e| panic!("{e}"));
        card.write(0, &mbr(bytes));
        card.write(CLIPS.offset_bytes, &std::fs::read(&partition).expect("read"));
        let bench = Bench::new().unwrap_or_else(|e| panic!("{e}"));
        assert!(bench.files(&card).is_ok_and(|files| files.is_empty()));

        let mut torn = card.clone();
        torn.write(CLIPS.offset_bytes + 1024 + 0x2c, &[1, 2, 3, 4]);
        assert!(superblock_is_torn(&torn) && !superblock_is_torn(&card));
        assert!(bench.files(&torn).is_ok(), "another mount time is no damage");

        let mut damaged = card.clone();
        damaged.write(CLIPS.offset_bytes + 4096, &[0xff; 64]);
        assert!(bench.files(&damaged).is_err(), "group descriptors");
        let mut table = card.clone();
        table.write(layout::MBR.offset_bytes + 446 + 8, &[1, 1, 1, 1]);
        assert!(bench.files(&table).is_err(), "the partition table");
    }
}
