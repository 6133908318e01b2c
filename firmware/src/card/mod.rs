//! The one-shot before the other services: finds our card and takes from it what the others need.
//!
//! Everything here may hang on a dying card, which is why it is a process that init can give up. What it finds it leaves in
//! `/run/kerberos`: the settings in force, and a [`report::CardReport`]. Nothing here is fatal: without a card the
//! product watches and alarms all the same. When the card was in trouble, the guard has it run again: it lets go of what
//! was mounted and mounts what is there. It must not be run while anybody has a file on the card open.

mod boot_files;
pub mod bus;
mod clips;
pub mod clock_record;
mod decide;
pub mod disk;
pub mod erase;
pub mod errors;
mod partition;
pub mod proof;
mod raw;
pub mod report;
pub mod sector_pair;
mod seed;
mod superblock;
mod table;
pub mod watch;

#[cfg(test)]
mod tests;

use crate::settings::{self, Settings, Store};
use crate::sys::version;
use crate::{board, clock, clock_module, in_force, log, notice, paths, restart, warning};
use boards::layout;
use disk::Disk;
use nix::mount::{MntFlags, umount2};
use partition::{OnCard, PartitionError};
use report::CardReport;
use std::path::Path;
use std::process::ExitCode;

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
    let disk = if is_first { Disk::await_it() } else { Disk::find() };
    match &disk {
        Ok(disk) => take(disk, &mut report),
        Err(error) => report.trouble = error.to_string(),
    }
    let is_joining = report.settings && !last.settings;
    if is_first || (is_joining && !clock::is_trusted()) {
        raise_clock(newest_clip_us());
        clock_module::consult();
    }
    if is_first && !report.trouble.is_empty() {
        warning!("card: {}", report.trouble);
    }
    let left = report.leave();
    // Last: a card so slow that init gives us up meanwhile is used all the same, and goes on growing at the next start.
    if let (true, Ok(disk)) = (report.clips && is_joining, &disk) {
        grow(disk);
    }
    match left {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            warning!("card: what was found cannot be handed on: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Takes from the card what the others need. Only the first card since the start is mended, made anew or grown; one that comes
/// back is mounted and nothing else: what it failed with may pass, and its clips must not be given up for that.
fn take(disk: &Disk, report: &mut CardReport) {
    let is_new = !report.settings;
    (report.disk, report.sequence) = (Some(disk.path()), disk.sequence());
    limit_requests(disk);
    // Early: until then the card still says how the last run ended. Once: a card that comes back says how this run began.
    report.restart.get_or_insert_with(|| restart::settle(&disk.path()));
    let is_erased = is_new && erase::obey(disk);
    if is_new {
        seed::renew(disk);
        report.settings = put_in_force(&settings(disk));
        // Before p4, which may have to be made anew and then bears the time.
        if !clock::is_trusted() {
            raise_clock(clock_record::load(&disk.path()).unwrap_or(0));
        }
    }
    let clips = clips(disk, is_new, is_erased).and_then(|made_anew_s| {
        match proof::prove(Path::new(paths::CLIPS_PROOF), &clock::monotonic_us().to_le_bytes()) {
            // The oldest clips go when the next is made.
            Err(error) if !error.is_full() => {
                Err(format!("the clips partition cannot be used: {}", std::io::Error::from(error)))
            }
            _ => Ok(made_anew_s),
        }
    });
    match clips {
        Ok(made_anew_s) => {
            (report.clips, report.fs_errors) = (true, watch::fs_errors());
            report.made_anew_s = made_anew_s;
        }
        Err(sentence) => {
            report.trouble = sentence;
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
    let handed = in_force::hand_on(settings);
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
    let reading = settings::apply_bytes(&saved, &text, layout::SETTINGS_FILE);
    tell_beside(disk, &reading.complaints);
    let merged = complain(reading);
    match store.save(&settings::to_toml(&merged), crc) {
        Ok(()) if merged == saved => {}
        Ok(()) => notice!("settings: {} was applied and saved", layout::SETTINGS_FILE),
        Err(error) => warning!("settings: {} is in force, but {error}", layout::SETTINGS_FILE),
    }
    merged
}

/// The text of `kerberos.toml` on p1, if there is one.
fn settings_file(disk: &Disk) -> Option<Vec<u8>> {
    let name = layout::SETTINGS_FILE;
    boot_files::settings(disk).unwrap_or_else(|error| {
        warning!("settings: the boot partition cannot be read ({error}); {name} is not looked at");
        None
    })
}

/// Writes what is wrong in `kerberos.toml` beside it, for whoever puts the card into a computer.
fn tell_beside(disk: &Disk, complaints: &[settings::Complaint]) {
    let mut text: String = complaints.iter().map(|complaint| format!("{complaint}\n")).collect();
    if text.is_empty() {
        text = format!("{} was applied; nothing in it is wrong.\n", layout::SETTINGS_FILE);
    }
    if let Err(error) = boot_files::overwrite(disk, layout::ERRORS_FILE, &text) {
        warning!("settings: {} cannot be written: {error}", layout::ERRORS_FILE);
    }
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

/// Brings p4 up, fitted to the card and whatever it takes if it `may_repair`. Returns when it was made anew, if it ever was and
/// nobody has acknowledged it: whoever had the card erased has.
///
/// # Errors
/// A sentence: why there is no place for clips.
fn clips(disk: &Disk, may_repair: bool, is_erased: bool) -> Result<Option<u64>, String> {
    match if may_repair { partition::fit_table(disk) } else { Ok(false) } {
        Ok(false) => {}
        Ok(true) => warning!("card: it is smaller than the one that it is a copy of"),
        Err(error) => warning!("card: {error}"),
    }
    let template = partition::read_template().map_err(|error| PartitionError::from(error).to_string())?;
    let mut p4 = OnCard::open(disk, &template).map_err(|error| error.to_string())?;
    let done = clips::bring_up(&mut p4, may_repair)?;
    if done.mended {
        warning!("card: the clips partition's superblock was damaged and was mended from its backup");
    }
    if let Some(why) = done.anew {
        warning!("card: the clips partition was made anew because {why}; all earlier clips are lost");
    }
    if p4.superblock().is_some_and(|superblock| superblock.has_errors()) {
        warning!("card: the clips' file system has had errors; some clips may be damaged");
    }
    if is_erased {
        // If it cannot be written down, the owner is told what he knows.
        let _ = std::fs::write(paths::MADE_ANEW_SEEN, b"");
    }
    Ok(p4.made_anew_s().filter(|_| !Path::new(paths::MADE_ANEW_SEEN).exists()))
}

/// Grows the file system on p4 to its partition.
fn grow(disk: &Disk) {
    match partition::grow(disk) {
        Ok(Some(bytes)) => notice!("card: clips partition grown to {}", size(bytes)),
        Ok(None) => {}
        Err(error) => warning!("card: the clips partition stays smaller than the card: {error}"),
    }
}

/// A size as people say it.
fn size(bytes: u64) -> String {
    let gib = bytes >> 30;
    if gib == 0 {
        format!("{} MiB", bytes >> 20)
    } else {
        format!("{gib}.{} GiB", ((bytes % (1 << 30)) * 10) >> 30)
    }
}

/// No board has a clock that runs without power: time starts at the latest moment that we know has passed.
fn raise_clock(known_us: u64) {
    let floor_us = known_us.max(version::build_time_s() * 1_000_000);
    if clock::wall_us() < floor_us
        && let Err(error) = clock::set_wall_us(floor_us)
    {
        warning!("clock: it cannot be set: {}", error.desc());
    }
}

fn newest_clip_us() -> u64 {
    let newest = crate::record::list(&crate::record::Directory::new(paths::CLIPS_DIR, false), 1);
    newest.ok().and_then(|list| list.newest.into_iter().next()).map_or(0, |clip| clip.name.wall_us())
}
