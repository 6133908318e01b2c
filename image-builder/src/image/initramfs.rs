//! The initramfs: one program, the profile of each board, the pristine p4, two devices, places to mount on.

use std::io::Write as _;
use std::time::Duration;

use boards::layout::{CLIPS_TEMPLATE_FILE, OTHER_PROFILES_FOLDER, PROFILE_FILE, other_profile};

use super::cpio::{Entry, Kind, archive};
use super::siblings::Sibling;

/// zstd's strongest ordinary level: packed once, unpacked at each boot at the same speed as any other.
const ZSTD_LEVEL: i32 = 19;
/// Folders to mount on.
const FOLDERS: [&str; 6] = ["proc", "sys", "dev", "run", "boot", "clips"];

/// Packs the initramfs. `others` are further boards that it is for.
///
/// # Errors
/// When the packer fails.
pub fn pack(
    init: &[u8],
    profile: &str,
    others: &[Sibling],
    clips: &[u8],
    time: Duration,
) -> std::io::Result<Vec<u8>> {
    let paths: Vec<String> = others.iter().map(|other| other_profile(&other.compatible)).collect();
    let mut entries: Vec<Entry<'_>> =
        FOLDERS.iter().map(|path| Entry { path, mode: 0o755, kind: Kind::Folder }).collect();
    entries.extend([
        // The kernel opens the console for init, and Rust's start-up wants a null device: both before devtmpfs.
        Entry { path: "dev/console", mode: 0o600, kind: Kind::Device(5, 1) },
        Entry { path: "dev/null", mode: 0o666, kind: Kind::Device(1, 3) },
        Entry { path: PROFILE_FILE, mode: 0o444, kind: Kind::File(profile.as_bytes()) },
        Entry { path: CLIPS_TEMPLATE_FILE, mode: 0o444, kind: Kind::File(clips) },
        Entry { path: "init", mode: 0o555, kind: Kind::File(init) },
    ]);
    if !others.is_empty() {
        entries.push(Entry { path: OTHER_PROFILES_FOLDER, mode: 0o755, kind: Kind::Folder });
    }
    entries.extend(paths.iter().zip(others).map(|(path, other)| Entry {
        path,
        mode: 0o444,
        kind: Kind::File(other.resolved.as_bytes()),
    }));
    let plain = archive(&entries, time);
    let mut encoder = zstd::Encoder::new(Vec::new(), ZSTD_LEVEL)?;
    // The kernel checks the sum: a card that read wrongly is found before init runs.
    encoder.include_checksum(true)?;
    encoder.set_pledged_src_size(Some(plain.len() as u64))?;
    encoder.write_all(&plain)?;
    encoder.finish()
}
