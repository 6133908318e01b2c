//! Cards that misbehave: pulled, failing, silent, slow, missing, full, foreign.
//!
//! Watching and alarming go on, the trouble is told and shown, and recording comes back by itself; every frame is
//! accounted for.

use std::path::Path;
use std::time::{Duration, Instant};
use tests::clip::Clip;
use tests::rig::BOARD;
use tests::{CardImage, Failure, Ledger, Outcome, Rig, led, report};

/// The LED's code for trouble with the card, in flashes.
const CARD_TROUBLE: usize = 3;
/// A trouble is told, and the LED begins to show it, after this time.
const TOLD_WITHIN: Duration = Duration::from_secs(2);
/// From the beginning of the code to the end of its third flash.
const CODE: Duration = Duration::from_millis(1000);

/// Watches the LED from the moment of a fault; the time in which the host did not let the machine run does not count.
fn led_tells(rig: &mut Rig, what: &str, since: Instant) -> Outcome {
    let seen = led::watch(rig, CARD_TROUBLE, since)?;
    report::figure(
        &format!("{what} to the end of the LED's first three flashes, ms"),
        seen.read_after.as_millis(),
    );
    let own = seen.read_after.saturating_sub(seen.blind).saturating_sub(CODE);
    assert!(own <= TOLD_WITHIN, "{what}: read from the LED after {seen:?}");
    Ok(())
}

/// A card in trouble as `status` shows it.
fn in_trouble(rig: &mut Rig) -> Result<bool, Failure> {
    Ok(rig.serial.command("status")?.contains("card      trouble: "))
}

/// Starts an event and lets it go on, with alarm pulses too short to hide the LED's codes.
fn begin_event(rig: &mut Rig) -> Outcome {
    rig.settle()?;
    rig.serial.command("set alarm.pulse_ms 100")?;
    rig.camera.scene_moving();
    rig.serial.expect(": motion at ")?;
    Ok(())
}

/// Waits until the event's frames reach the card.
fn recording(rig: &mut Rig) -> Outcome {
    let before = rig.ledger()?.recorded;
    rig.until("frames on the card", |rig| Ok(rig.ledger()?.recorded > before + 15))
}

/// Ends the event and the machine; the ledger must be exact.
fn finish(mut rig: Rig) -> Result<(Ledger, tempfile::TempDir), Failure> {
    rig.camera.scene_still();
    rig.serial.expect(": over after ")?;
    // The last clip is closed: nothing waits for the card any more, however slow it is emulated.
    rig.serial.expect(".mp4: ")?;
    let died = rig.serial.has(" died: ");
    let (ledger, folder) = rig.poweroff()?;
    assert!(!died, "nobody died");
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    for reason in ["no slot", "memory"] {
        assert_eq!(ledger.lost(reason), 0, "capture found room always: {ledger:?}");
    }
    Ok((ledger, folder))
}

/// As [`finish`]; what the ledger calls recorded must be on the card, frame for frame.
fn finish_on_one_card(rig: Rig) -> Result<Ledger, Failure> {
    let (ledger, folder) = finish(rig)?;
    assert_eq!(frames_on(&card_in(&folder), folder.path())?, ledger.recorded, "{ledger:?}");
    Ok(ledger)
}

/// The frames of all clips on a card, which must be clean and play without an error.
fn frames_on(card: &Path, folder: &Path) -> Result<u64, Failure> {
    let clips = CardImage::new(card).clips(folder)?;
    let mut frames = 0;
    for clip in &clips {
        frames += Clip::probe(clip)?.times_s.len() as u64;
    }
    Ok(frames)
}

/// B1: a card that is pulled while nothing happens is told and shown within two seconds; what is set meanwhile is in force;
/// the card is used again when it is back.
#[test]
fn a_card_pulled_when_idle_is_told_and_used_again_when_it_is_back() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.card_is_in_use()?;
    rig.pull_card()?;
    led_tells(&mut rig, "card pulled when idle", Instant::now())?;
    rig.serial.expect("card: it was pulled out; nothing is recorded until it is back")?;
    assert!(in_trouble(&mut rig)?);
    rig.serial.command("set motion.sensitivity 61")?;
    let answer = rig.serial.command("save")?;
    assert!(answer.contains("There is no card to save to"), "{answer}");
    assert!(rig.serial.command("clips")?.contains("The clips cannot be listed"));
    let card = rig.card();
    rig.push_card(&card)?;
    rig.serial.expect("card: it is in use again")?;
    rig.until("a card in order", |rig| Ok(!in_trouble(rig)?))?;
    assert!(rig.serial.command("show motion.sensitivity")?.contains("* motion.sensitivity        61"));
    assert!(rig.serial.command("save")?.contains("Saved."));
    begin_event(&mut rig)?;
    recording(&mut rig)?;
    let ledger = finish_on_one_card(rig)?;
    assert_eq!(ledger.dropped, 0, "{ledger:?}");
    Ok(())
}

/// B2: a card that is pulled while it is written to: the frames until it is back are lost and counted, the event goes on in
/// the next clip.
#[test]
fn a_card_pulled_while_recording_costs_the_frames_until_it_is_back() -> Outcome {
    let mut rig = Rig::boot()?;
    begin_event(&mut rig)?;
    recording(&mut rig)?;
    rig.pull_card()?;
    led_tells(&mut rig, "card pulled while recording", Instant::now())?;
    rig.serial.expect("card: it was pulled out")?;
    let before = rig.ledger()?;
    // Capture goes on.
    rig.frames_captured(20)?;
    let after = rig.ledger()?;
    assert_eq!(after.recorded, before.recorded, "nothing is recorded");
    let card = rig.card();
    rig.push_card(&card)?;
    rig.serial.expect("card: it is in use again")?;
    recording(&mut rig)?;
    let ledger = finish_on_one_card(rig)?;
    assert_eq!(ledger.dropped, ledger.lost("card missing") + ledger.lost("card error"), "{ledger:?}");
    assert!(ledger.lost("card missing") > 20, "{ledger:?}");
    Ok(())
}

/// B3: transfers fail while an event goes on: told and shown within two seconds of the first failure, frames counted, and
/// when the card is well again recording goes on without a restart.
#[test]
fn a_card_that_fails_is_used_again_when_it_is_well() -> Outcome {
    let mut rig = Rig::boot()?;
    begin_event(&mut rig)?;
    recording(&mut rig)?;
    rig.card_faults.failing()?;
    // The first sign: the kernel has tried a request in vain, several times.
    rig.serial.expect("error, dev mmcblk")?;
    led_tells(&mut rig, "transfers fail", Instant::now())?;
    rig.until("trouble", in_trouble)?;
    rig.frames_pass(60)?;
    rig.card_faults.healed()?;
    rig.serial.expect("card: it is in use again")?;
    recording(&mut rig)?;
    let ledger = finish_on_one_card(rig)?;
    assert!(ledger.lost("card error") > 0, "{ledger:?}");
    assert_eq!(ledger.dropped, ledger.lost("card missing") + ledger.lost("card error"), "{ledger:?}");
    Ok(())
}

/// B4: a card that does not answer for two seconds and more costs nothing: frames wait in memory. It is shown all the same.
#[test]
fn a_silent_card_costs_nothing() -> Outcome {
    let mut rig = Rig::boot()?;
    begin_event(&mut rig)?;
    recording(&mut rig)?;
    rig.card_faults.silent()?;
    rig.until("a request that is not answered", |rig| rig.card_faults.is_unheard())?;
    led_tells(&mut rig, "card silent", Instant::now())?;
    // Capture goes on.
    rig.frames_captured(10)?;
    rig.card_faults.healed()?;
    rig.serial.expect("card: it answers again after ")?;
    recording(&mut rig)?;
    let ledger = finish_on_one_card(rig)?;
    assert_eq!(ledger.dropped, 0, "{ledger:?}");
    Ok(())
}

/// B6: without a card at the start watching and alarming begin all the same, and a card that comes later is used, with
/// the settings that are saved on it.
#[test]
fn a_card_that_comes_after_the_start_is_used_with_its_settings() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.card_is_in_use()?;
    rig.serial.command("set motion.sensitivity 67")?;
    assert!(rig.serial.command("save")?.contains("Saved."));
    let mut rig = rig.power_cycle_without_card()?;
    rig.was_said("card: no card was found")?;
    led_tells(&mut rig, "no card at the start (from the prompt)", Instant::now())?;
    rig.streams()?;
    rig.serial.command("alarm test")?;
    rig.until("the line to rise", Rig::alarm_high)?;
    let card = rig.card();
    rig.push_card(&card)?;
    rig.serial.expect("card: it is in use again")?;
    assert!(rig.serial.command("show motion.sensitivity")?.contains("motion.sensitivity        67"));
    begin_event(&mut rig)?;
    recording(&mut rig)?;
    let ledger = finish_on_one_card(rig)?;
    assert_eq!(ledger.dropped, 0, "{ledger:?}");
    Ok(())
}

/// B9: a card that is full of things that are not ours: told and shown, nothing of them is deleted, the alarm works, frames are
/// counted; another card is used at once.
#[test]
fn a_full_card_is_told_and_another_one_is_used() -> Outcome {
    // Filled after the first boot, which grows the partition.
    let mut rig = Rig::boot()?.restart_with(fill)?;
    begin_event(&mut rig)?;
    assert!(rig.serial.has("event 1: motion at "));
    rig.serial.expect("No space left on device")?;
    led_tells(&mut rig, "card full", Instant::now())?;
    rig.serial.command("set alarm.pulse_ms 3000")?;
    rig.serial.command("alarm test")?;
    rig.until("the line to rise", Rig::alarm_high)?;
    let full = rig.card();
    let other = rig.folder().join("other.img");
    Rig::fresh_card(BOARD, &other)?;
    rig.pull_card()?;
    rig.serial.expect("card: it was pulled out")?;
    rig.push_card(&other)?;
    rig.serial.expect("card: it is in use again")?;
    recording(&mut rig)?;
    let (ledger, folder) = finish(rig)?;
    assert!(ledger.lost("card full") > 0, "{ledger:?}");
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    std::fs::create_dir(&first)?;
    std::fs::create_dir(&second)?;
    assert_eq!(frames_on(&full, &first)? + frames_on(&other, &second)?, ledger.recorded, "{ledger:?}");
    tests::card::run("/sbin/debugfs", &["-R", "stat /foreign", &CardImage::new(&full).clips_in_place()])?;
    Ok(())
}

/// Fills the clips partition but for 1 MiB with a file that is not ours.
fn fill(card: &Path) -> Outcome {
    const BLOCKS_LEFT: u64 = 256;
    let partition = CardImage::new(card).clips_in_place();
    let blocks = head_number(&partition, "Free blocks:")? - BLOCKS_LEFT;
    let size = blocks * 4096;
    for request in [
        "write /dev/null foreign",
        &format!("fallocate foreign 0 {}", blocks - 1),
        &format!("sif foreign size {size}"),
    ] {
        tests::card::run("/sbin/debugfs", &["-w", "-R", request, &partition])?;
    }
    Ok(())
}

/// B12: a card with room, but without an inode for one more file, is a full card.
#[test]
fn a_card_without_inodes_is_a_full_card() -> Outcome {
    let mut rig = Rig::boot()?.restart_with(fill_with_names)?;
    // It can be read.
    rig.card_is_in_use()?;
    begin_event(&mut rig)?;
    rig.serial.expect("No space left on device")?;
    led_tells(&mut rig, "no inodes", Instant::now())?;
    rig.camera.scene_still();
    rig.serial.expect(": over after ")?;
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.lost("card full") > 0 && ledger.recorded == 0, "{ledger:?}");
    assert_eq!(frames_on(&card_in(&folder), folder.path())?, 0);
    Ok(())
}

/// Takes every inode with empty files that are not ours.
fn fill_with_names(card: &Path) -> Outcome {
    let partition = CardImage::new(card).clips_in_place();
    let commands = tempfile::NamedTempFile::new()?;
    let script: String = (0..head_number(&partition, "Free inodes:")?)
        .map(|n| format!("write /dev/null foreign-{n}\n"))
        .collect();
    std::fs::write(commands.path(), script)?;
    tests::card::run("/sbin/debugfs", &["-w", "-f", &tests::card::text(commands.path()), &partition])?;
    assert_eq!(head_number(&partition, "Free inodes:")?, 0);
    Ok(())
}

/// A number of a file system's superblock, as dumpe2fs names it.
fn head_number(partition: &str, name: &str) -> Result<u64, Failure> {
    let head = tests::card::run("/sbin/dumpe2fs", &["-h", partition])?;
    let number = head.lines().find_map(|line| line.strip_prefix(name)).ok_or(format!("no `{name}`"))?;
    Ok(number.trim().parse()?)
}

/// B13: a card that takes every write and keeps none, as worn-out cards do, is told and shown from the start; settings are not called
/// saved, and the alarm works.
#[test]
fn a_card_that_keeps_nothing_is_told_from_the_start() -> Outcome {
    let folder = tempfile::tempdir()?;
    let card = card_in(&folder);
    let mut profile = Rig::fresh_card(BOARD, &card)?;
    let emulator = profile.emulator.as_mut().ok_or("no emulator")?;
    for text in &mut emulator.card {
        *text = text.replace("format=raw,file={card}", FORGETFUL);
    }
    let before = std::fs::read(&card)?;
    let mut rig = Rig::power_on(folder, profile, None)?;
    rig.serial.prompt()?;
    led_tells(&mut rig, "a card that keeps nothing (from the prompt)", Instant::now())?;
    rig.was_said("it returned other data than were written")?;
    rig.until("trouble", in_trouble)?;
    rig.serial.command("set motion.sensitivity 61")?;
    let answer = rig.serial.command("save")?;
    assert!(!answer.contains("Saved."), "{answer}");
    rig.streams()?;
    rig.serial.command("alarm test")?;
    rig.until("the line to rise", Rig::alarm_high)?;
    let folder = rig.off()?;
    assert!(std::fs::read(card_in(&folder))? == before, "it kept nothing");
    Ok(())
}

/// QEMU's `blkdebug` fails every write; its SD card says nothing of that to the machine.
const FORGETFUL: &str = "driver=blkdebug,image.driver=raw,image.file.driver=file,image.file.filename={card},\
    inject-error.0.event=none,inject-error.0.iotype=write,inject-error.0.errno=5,inject-error.0.once=off";

/// B10: a card that is not ours is told and not touched.
#[test]
fn a_foreign_card_is_told_and_not_touched() -> Outcome {
    const CARD_BYTES: usize = 64 * 1024 * 1024;
    let mut rig = Rig::boot()?;
    rig.streams()?;
    rig.card_is_in_use()?;
    rig.pull_card()?;
    rig.serial.expect("card: it was pulled out")?;
    let foreign = rig.folder().join("foreign.img");
    std::fs::write(&foreign, vec![0x5a; CARD_BYTES])?;
    rig.push_card(&foreign)?;
    rig.serial.expect("is not one of this product's")?;
    assert!(in_trouble(&mut rig)?);
    assert!(rig.serial.command("save")?.contains("There is no card to save to"));
    rig.pull_card()?;
    rig.serial.expect("card: it was pulled out")?;
    let card = rig.card();
    rig.push_card(&card)?;
    rig.serial.expect("card: it is in use again")?;
    let folder = rig.off()?;
    assert!(std::fs::read(folder.path().join("foreign.img"))?.iter().all(|&byte| byte == 0x5a), "untouched");
    Ok(())
}

/// B11: a card that is too slow for long: what finds no room in memory is lost and counted as such, capture goes on, and all
/// the rest is on the card.
#[test]
fn a_card_that_is_slow_for_long_costs_counted_frames() -> Outcome {
    let mut rig = Rig::boot()?;
    begin_event(&mut rig)?;
    recording(&mut rig)?;
    let mut slow = 0;
    for round in 0.. {
        rig.card_faults.silent()?;
        std::thread::sleep(Duration::from_millis(200));
        rig.card_faults.healed()?;
        std::thread::sleep(Duration::from_millis(5));
        if round % 20 == 0 {
            slow = rig.ledger()?.lost("card slow");
        }
        if slow > 15 {
            break;
        }
        assert!(round < 2000, "the backlog does not fill: {:?}", rig.ledger()?);
    }
    rig.camera.scene_still();
    rig.serial.expect(": over after ")?;
    // The pre-roll alone is held: five seconds of frames.
    rig.until("the backlog to be on the card", |rig| Ok(rig.ledger()?.held < 100))?;
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    assert_eq!(ledger.dropped, ledger.lost("card slow"), "{ledger:?}");
    assert_eq!(frames_on(&card_in(&folder), folder.path())?, ledger.recorded);
    Ok(())
}

fn card_in(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("card.img")
}
