//! The one-shot before the other services: finds our card and takes from it what the others need.
//!
//! Everything here may hang on a dying card, which is why it is a process that init can give up. What it finds it leaves in
//! `/run/kerberos`: the settings in force, and a [`report::CardReport`]. Nothing here is fatal: without a card the
//! product watches and alarms all the same. When the card was in trouble, the guard has it run again: it lets go of what
//! was mounted and mounts what is there. It must not be run while anybody has a file on the card open.

pub mod clock_record;
pub mod disk;
pub mod errors;
pub mod report;
mod seed;
pub mod watch;

use crate::settings::{self, Settings, Store};
use crate::sys::version;
use crate::{board, clock, log, notice, paths, restart, warning};
use boards::layout;
use disk::Disk;
use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use report::CardReport;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::ExitCode;

/// A `kerberos.toml` larger than this is not one.
const SETTINGS_FILE_BYTES_MAX: u64 = 64 * 1024;
/// After an error nothing more is written until the partition was mounted anew, which replays its journal.
const CLIPS_OPTIONS: &str = "errors=remount-ro";

/// Runs once, at start-up or again.
pub fn run() -> ExitCode {
    log::install_epitaph("card");
    let last = CardReport::last();
    let is_first = last.is_none();
    let last = last.unwrap_or_default();
    let mut report = CardReport {
        round: last.round + 1,
        settings: last.settings,
        restart: last.restart.clone(),
        ..CardReport::default()
    };
    // Nothing is mounted at the first run. A mount that is busy is only hidden; it goes when its last file is closed.
    for left in [paths::CLIPS_MOUNT, paths::BOOT_MOUNT] {
        let _ = umount2(left, MntFlags::MNT_DETACH);
    }
    match if is_first { Disk::await_it() } else { Disk::find() } {
        Ok(disk) => take(&disk, &mut report),
        Err(error) => report.trouble = error.to_string(),
    }
    let is_joining = report.settings && !last.settings;
    if is_first || (is_joining && !clock::is_trusted()) {
        set_clock_floor(report.disk.as_deref());
    }
    if is_first && !report.trouble.is_empty() {
        warning!("card: {}", report.trouble);
    }
    match report.leave() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            warning!("card: what was found cannot be handed on: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Takes from the card what the others need.
fn take(disk: &Disk, report: &mut CardReport) {
    (report.disk, report.sequence) = (Some(disk.path()), disk.sequence());
    limit_requests(disk);
    // Early: until then the card still says how the last run ended. Once: a card that comes back says how this run began.
    report.restart.get_or_insert_with(|| restart::settle(&disk.path()));
    if !report.settings {
        seed::renew(disk);
        report.settings = put_in_force(&settings(disk));
    }
    match mount_clips(disk).and_then(|()| prove_clips()) {
        Ok(()) => (report.clips, report.fs_errors) = (true, watch::fs_errors()),
        Err(error) => {
            report.trouble = format!("the clips partition cannot be used: {error}");
            let _ = umount2(paths::CLIPS_MOUNT, MntFlags::MNT_DETACH);
        }
    }
}

/// Hands the settings on; whether that was done. Settings that somebody has changed since the start, before there was a
/// card, stay: they are what the owner last said.
fn put_in_force(settings: &Settings) -> bool {
    if std::fs::exists(paths::SETTINGS).unwrap_or(false) {
        return true;
    }
    let handed = std::fs::write(paths::SETTINGS, settings::to_toml(settings));
    handed.map_err(|error| warning!("settings: they cannot be handed on: {error}")).is_ok()
}

/// The settings in force: the slots', with a new `kerberos.toml` of p1 on top, which is then saved to the slots.
fn settings(disk: &Disk) -> Settings {
    let mut store = match disk.open() {
        Ok(file) => Store::new(file, layout::SETTINGS.map(|area| area.offset_bytes)),
        Err(error) => {
            warning!("settings: the card cannot be read ({error}); the defaults are in force");
            return Settings::default();
        }
    };
    let loaded = store.load();
    if loaded.choice.is_damaged() {
        warning!("settings: {}", loaded.choice);
    }
    let saved = complain(settings::from_toml(&loaded.toml, "saved settings"));
    let Some(text) = settings_file(disk) else { return saved };
    let crc = settings::toml_crc(&text);
    if crc == loaded.applied_toml_crc {
        return saved;
    }
    let merged = complain(settings::apply_bytes(&saved, &text, layout::SETTINGS_FILE));
    match store.save(&settings::to_toml(&merged), crc) {
        Ok(()) if merged == saved => {}
        Ok(()) => notice!("settings: {} was applied and saved", layout::SETTINGS_FILE),
        Err(error) => warning!("settings: {} is in force, but {error}", layout::SETTINGS_FILE),
    }
    merged
}

/// The text of `kerberos.toml` on p1, if there is one. p1 is mounted for reading, and only for that moment.
fn settings_file(disk: &Disk) -> Option<Vec<u8>> {
    use std::io::Read;
    let device = disk.partition(layout::BOOT.number);
    let flags = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    if let Err(error) = mount(Some(&device), paths::BOOT_MOUNT, Some("vfat"), flags, None::<&str>) {
        warning!(
            "settings: the boot partition cannot be read ({}); {} is not looked at",
            error.desc(),
            layout::SETTINGS_FILE
        );
        return None;
    }
    let path = Path::new(paths::BOOT_MOUNT).join(layout::SETTINGS_FILE);
    let mut text = Vec::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(SETTINGS_FILE_BYTES_MAX).read_to_end(&mut text));
    // It was mounted for reading only: leaving it mounted would do no harm.
    let _ = umount2(paths::BOOT_MOUNT, MntFlags::MNT_DETACH);
    read.is_ok().then_some(text)
}

fn complain(reading: settings::Reading) -> Settings {
    for complaint in &reading.complaints {
        warning!("settings: {complaint}");
    }
    reading.settings
}

/// Obeys the board's limit on the size of requests to the card, if it has one.
fn limit_requests(disk: &Disk) {
    // init has complained already if there is no profile.
    if let Some(kib) = board::profile().ok().and_then(|profile| profile.card.request_kib_max)
        && let Err(error) = disk.limit_requests(kib)
    {
        warning!("card: its requests cannot be limited to {kib} KiB: {error}");
    }
}

fn mount_clips(disk: &Disk) -> io::Result<()> {
    let device = disk.partition(layout::CLIPS.number);
    let flags = MsFlags::MS_NOATIME | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some(&device), paths::CLIPS_MOUNT, Some("ext4"), flags, Some(CLIPS_OPTIONS))?;
    match std::fs::create_dir(paths::CLIPS_DIR) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Proves that the card takes data and keeps them, as far as one block can: a mount alone only reads.
fn prove_clips() -> io::Result<()> {
    let content = clock::monotonic_us().to_le_bytes();
    let mut file =
        File::options().read(true).write(true).create(true).truncate(true).open(paths::CLIPS_PROOF)?;
    let proven = file.write_all(&content).and_then(|()| file.sync_all()).and_then(|()| {
        // Only advice: where it does not work the comparison is with the cache.
        let _ = posix_fadvise(&file, 0, 0, PosixFadviseAdvice::POSIX_FADV_DONTNEED);
        let mut read = [0; 8];
        file.read_exact_at(&mut read, 0)?;
        if read == content { Ok(()) } else { Err(io::Error::other("it does not keep what is written")) }
    });
    std::fs::remove_file(paths::CLIPS_PROOF)?;
    match proven {
        // A full card is no broken one: the oldest clips go when the next is made.
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(()),
        proven => proven,
    }
}

/// No board has a clock that runs without power: time starts at the latest moment that we know has passed.
fn set_clock_floor(disk: Option<&Path>) {
    let saved_us = disk.and_then(clock_record::load).unwrap_or(0);
    let newest_clip_us = newest_clip_us();
    let floor_us = saved_us.max(newest_clip_us).max(version::build_time_s() * 1_000_000);
    if clock::wall_us() < floor_us
        && let Err(error) = clock::set_wall_us(floor_us)
    {
        warning!("clock: it cannot be set: {}", error.desc());
    }
    notice!("clock: not known; counting on from {} UTC", clock::Utc::from_us(clock::wall_us()));
}

fn newest_clip_us() -> u64 {
    let newest = crate::record::retention::list(Path::new(paths::CLIPS_DIR), 1);
    newest.ok().and_then(|list| list.newest.into_iter().next()).map_or(0, |clip| clip.name.wall_us())
}
