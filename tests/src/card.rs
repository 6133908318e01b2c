//! The card image, read with the host's own tools while nobody runs.

use crate::Failure;
use boards::layout::{self, Area, Partition};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A card image on the host.
pub struct CardImage {
    path: PathBuf,
}

impl CardImage {
    /// The image at `path`.
    pub fn new(path: &Path) -> CardImage {
        CardImage { path: path.to_owned() }
    }

    /// The restart records in the gap before the first partition, in the order in which they were written: for each sector
    /// that has one, its JSON. Magic at 0, sequence at 8, length at 16 (little-endian), JSON from 20.
    pub fn restart_records(&self) -> Result<Vec<serde_json::Value>, Failure> {
        let mut card = File::open(&self.path)?;
        card.seek(SeekFrom::Start(layout::RESTART.offset_bytes))?;
        let mut bytes = vec![0; usize::try_from(layout::RESTART.length_bytes)?];
        card.read_exact(&mut bytes)?;
        let mut records = Vec::new();
        for sector in bytes.chunks_exact(usize::try_from(layout::SECTOR_BYTES)?) {
            if sector.starts_with(b"KRBRST01") {
                let sequence = u64::from_le_bytes(sector[8..16].try_into()?);
                let length = usize::try_from(u32::from_le_bytes(sector[16..20].try_into()?))?;
                let json = sector.get(20..20 + length).ok_or("a record longer than its sector")?;
                records.push((sequence, serde_json::from_slice(json)?));
            }
        }
        records.sort_by_key(|(sequence, _)| *sequence);
        Ok(records.into_iter().map(|(_, json)| json).collect())
    }

    /// What lies in an area of the card.
    pub fn area(&self, area: &Area) -> Result<Vec<u8>, Failure> {
        let mut bytes = vec![0; usize::try_from(area.length_bytes)?];
        File::open(&self.path)?.read_exact_at(&mut bytes, area.offset_bytes)?;
        Ok(bytes)
    }

    /// Copies a partition into a file of its own.
    pub fn extract(&self, partition: &Partition, to: &Path) -> Result<(), Failure> {
        let mut card = File::open(&self.path)?;
        let size = card.metadata()?.len();
        let length = partition.length_bytes.unwrap_or(size - partition.offset_bytes);
        card.seek(SeekFrom::Start(partition.offset_bytes))?;
        std::io::copy(&mut card.take(length), &mut File::create(to)?)?;
        Ok(())
    }

    /// Puts a file on the boot partition, as a person with a card reader would.
    pub fn put_boot_file(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), content)?;
        let image = format!("{}@@{}", text(&self.path), layout::BOOT.offset_bytes);
        run("mcopy", &["-o", "-i", &image, &text(file.path()), &format!("::/{name}")]).map(drop)
    }

    /// Makes the image as long as a card of this size, or as short.
    pub fn resize(&self, bytes: u64) -> Result<(), Failure> {
        Ok(File::options().write(true).open(&self.path)?.set_len(bytes)?)
    }

    /// The clips partition where it lies, as the tools of e2fsprogs take it.
    pub fn clips_in_place(&self) -> String {
        format!("{}?offset={}", text(&self.path), layout::CLIPS.offset_bytes)
    }

    /// Length of p4 in the partition table, in bytes, as sfdisk reads it.
    pub fn clips_partition_bytes(&self) -> Result<u64, Failure> {
        let table = run("/sbin/sfdisk", &["--json", &text(&self.path)])?;
        let table: serde_json::Value = serde_json::from_str(&table)?;
        let entry = &table["partitiontable"]["partitions"][usize::from(layout::CLIPS.number) - 1];
        Ok(entry["size"].as_u64().ok_or("no p4")? * layout::SECTOR_BYTES)
    }

    /// Length of the file system on p4 in bytes, as dumpe2fs reads it.
    pub fn clips_file_system_bytes(&self) -> Result<u64, Failure> {
        let said = run("/sbin/dumpe2fs", &["-h", &self.clips_in_place()])?;
        let blocks = said.lines().find_map(|l| l.strip_prefix("Block count:")).ok_or("no block count")?;
        Ok(blocks.trim().parse::<u64>()? * boards::template::BLOCK_BYTES as u64)
    }

    /// Checks the clips partition with `e2fsck -fn` and copies its clips into `folder`.
    pub fn clips(&self, folder: &Path) -> Result<Vec<PathBuf>, Failure> {
        let partition = folder.join("p4.img");
        self.extract(&layout::CLIPS, &partition)?;
        run("/sbin/e2fsck", &["-f", "-n", &text(&partition)])?;
        run(
            "/sbin/debugfs",
            &["-R", &format!("rdump /{} {}", layout::CLIPS_FOLDER, folder.display()), &text(&partition)],
        )?;
        std::fs::remove_file(&partition)?;
        let mut clips = Vec::new();
        for entry in std::fs::read_dir(folder.join(layout::CLIPS_FOLDER))? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "mp4") {
                clips.push(path);
            }
        }
        clips.sort();
        Ok(clips)
    }
}

/// Copies a card image.
pub fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    run("cp", &["--sparse=always", &text(from), &text(to)]).map(drop)
}

/// Runs a tool of the host; its output, or what it said when it failed.
pub fn run(program: &str, arguments: &[&str]) -> Result<String, Failure> {
    let output = Command::new(program).args(arguments).output().map_err(|e| format!("{program}: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    Err(format!(
        "{program} {}: {}\n{said}{}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr)
    )
    .into())
}

/// A path as text for a command line.
pub fn text(path: &Path) -> String {
    path.display().to_string()
}
