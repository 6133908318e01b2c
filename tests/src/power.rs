//! Cards for power-cut tests, and settings for small clips.
//!
//! It must not judge.

use crate::card::{run, text};
use crate::{CardImage, Failure};
use boards::layout::{self, MIB, SECTOR_BYTES};
use image_builder::camera::random::Random;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Small pictures and short clips: the states of a card are thousands, and each is looked at whole.
pub const SMALL_CLIPS: [(&str, &str); 3] =
    [("camera.size", "320x240"), ("record.pre_ms", "2000"), ("record.post_ms", "1500")];
/// A card that is larger than the image, so that the first boot has something to grow.
pub const LARGE_CARD_BYTES: u64 = 1024 * MIB;
/// A card that a few clips fill.
const SMALL_CARD_BYTES: u64 = 128 * MIB;
/// Old clips on it: they take most of its 15 MiB, more than the product wants to keep free.
const OLD_CLIPS: u64 = 24;
/// Bytes of each.
const OLD_CLIP_BYTES: usize = 512 * 1024;
/// The last number of the fourth entry of the partition table: sectors.
const CLIPS_SECTORS_AT: u64 = 446 + 3 * 16 + 12;
/// Stream of the old clips' bytes.
const STREAM_OLD_CLIPS: u64 = 3;

/// [`SMALL_CLIPS`] and more, as they stand in a settings slot.
pub fn settings(more: &[(&str, &str)]) -> toml::Table {
    let mut table = toml::Table::new();
    for (name, value) in SMALL_CLIPS.iter().chain(more) {
        let value = value.parse().map_or_else(|_| (*value).into(), toml::Value::Integer);
        match name.split_once('.') {
            Some((group, name)) => {
                let group = table.entry(group).or_insert_with(|| toml::Table::new().into());
                if let Some(group) = group.as_table_mut() {
                    group.insert(name.into(), value);
                }
            }
            None => drop(table.insert((*name).into(), value)),
        }
    }
    table
}

/// Turns a fresh image into a card that is full of old clips: a small file system, no room for many new ones.
pub fn fill(card: &Path) -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let partition = folder.path().join("p4.img");
    CardImage::new(card).extract(&layout::CLIPS, &partition)?;
    let clips_bytes = SMALL_CARD_BYTES - layout::CLIPS.offset_bytes;
    run("/sbin/resize2fs", &["-f", &text(&partition), &format!("{}K", clips_bytes / 1024)])?;
    let mut random = Random::new(1, STREAM_OLD_CLIPS);
    let mut script = format!("cd /{}\n", layout::CLIPS_FOLDER);
    for number in 0..OLD_CLIPS {
        let name = format!("{}_1-0_old_0-0-10-10_1_1.mp4", 1_000_000 + number);
        let bytes: Vec<u8> = (0..OLD_CLIP_BYTES / 8).flat_map(|_| random.draw().to_le_bytes()).collect();
        let file = folder.path().join(&name);
        std::fs::write(&file, bytes)?;
        script.push_str(&format!("write {} {name}\n", file.display()));
        let sidecar = folder.path().join(&name).with_extension("json");
        std::fs::write(&sidecar, finished_sidecar(&name).to_string())?;
        let sidecar_name = name.replace(".mp4", ".json");
        script.push_str(&format!("write {} {sidecar_name}\n", sidecar.display()));
    }
    let commands = folder.path().join("commands");
    std::fs::write(&commands, script)?;
    run("/sbin/debugfs", &["-w", "-f", &text(&commands), &text(&partition)])?;
    let image = File::options().write(true).open(card)?;
    image.set_len(layout::CLIPS.offset_bytes)?;
    image.set_len(SMALL_CARD_BYTES)?;
    let sectors = u32::try_from(clips_bytes / SECTOR_BYTES)?;
    image.write_all_at(&sectors.to_le_bytes(), CLIPS_SECTORS_AT)?;
    let clips = std::fs::read(&partition)?;
    Ok(image.write_all_at(&clips[..usize::try_from(clips_bytes)?], layout::CLIPS.offset_bytes)?)
}

/// The description of a clip that was closed in order: without it the product takes a clip for one that was cut.
fn finished_sidecar(name: &str) -> serde_json::Value {
    let lost = ["cardFull", "cardError", "cardMissing", "badFrame", "upstream"].map(|reason| (reason, 0));
    serde_json::json!({
        "regionCoordinates": [0, 0, 10, 10], "numberOfChanges": 1, "name": "old", "instanceName": "old",
        "timestamp": name.split('_').next(), "microseconds": "1-0", "token": 1, "pathToImage": "", "pathToVideo": name,
        "complete": true, "clock": "unknown", "monotonicStartUs": 0, "startUs": 0, "endUs": 1_000_000,
        "preRollMs": 0, "frames": 15, "bytes": OLD_CLIP_BYTES, "width": 320, "height": 240,
        "droppedFrames": std::collections::BTreeMap::from(lost),
    })
}

/// Makes a fresh image larger, as if it had been written to a large card.
pub fn enlarge(card: &Path) -> Result<(), Failure> {
    CardImage::new(card).resize(LARGE_CARD_BYTES)
}
