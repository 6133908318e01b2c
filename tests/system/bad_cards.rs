//! Cards that misbehave: pulled, failing, silent, slow, missing, foreign. Watching and alarming go on, the trouble is told
//! and shown, and recording comes back by itself; every frame is accounted for.

use std::path::Path;
use std::time::{Duration, Instant};
use tests::clip::Clip;
use tests::{CardImage, Failure, Ledger, Outcome, Rig, led, report};

/// The LED's code for trouble with the card, in flashes.
const CARD_TROUBLE: usize = 3;
/// A trouble is told and can be read from the LED after this time.
const TOLD_WITHIN: Duration = Duration::from_secs(2);

/// Watches the LED from the moment of a fault; the time in which the host did not let the machine run does not count.
fn led_tells(rig: &mut Rig, what: &str, since: Instant) -> Outcome {
    let seen = led::watch(rig, CARD_TROUBLE, since)?;
    report::figure(
        &format!("{what} to the end of the LED's first three flashes, ms"),
        seen.read_after.as_millis(),
    );
    let own = seen.read_after.saturating_sub(seen.blind);
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
    let died = rig.serial.has(" died: ");
    let (ledger, folder) = rig.poweroff()?;
    assert!(!died, "nobody died");
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    for reason in ["no slot", "memory"] {
        assert_eq!(ledger.lost(reason), 0, "capture found room always: {ledger:?}");
    }
    Ok((ledger, folder))
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
    let (ledger, folder) = finish(rig)?;
    assert_eq!(ledger.dropped, 0, "{ledger:?}");
    assert_eq!(frames_on(&card_in(&folder), folder.path())?, ledger.recorded);
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
    rig.frames_pass(30)?;
    let after = rig.ledger()?;
    assert!(after.captured >= before.captured + 20, "capture goes on: {before:?} {after:?}");
    assert_eq!(after.recorded, before.recorded, "nothing is recorded");
    let card = rig.card();
    rig.push_card(&card)?;
    rig.serial.expect("card: it is in use again")?;
    recording(&mut rig)?;
    let (ledger, folder) = finish(rig)?;
    assert_eq!(ledger.dropped, ledger.lost("card missing") + ledger.lost("card error"), "{ledger:?}");
    assert!(ledger.lost("card missing") > 20, "{ledger:?}");
    assert_eq!(frames_on(&card_in(&folder), folder.path())?, ledger.recorded);
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
    let since = Instant::now();
    led_tells(&mut rig, "transfers fail", since)?;
    assert!(in_trouble(&mut rig)?);
    rig.frames_pass(60)?;
    rig.card_faults.healed()?;
    rig.serial.expect("card: it is in use again")?;
    recording(&mut rig)?;
    let (ledger, folder) = finish(rig)?;
    assert!(ledger.lost("card error") > 0, "{ledger:?}");
    assert_eq!(ledger.dropped, ledger.lost("card missing") + ledger.lost("card error"), "{ledger:?}");
    assert_eq!(frames_on(&card_in(&folder), folder.path())?, ledger.recorded);
    Ok(())
}

/// B4: a card that does not answer for two seconds and more costs nothing: frames wait in memory. It is shown all the same.
#[test]
fn a_silent_card_costs_nothing() -> Outcome {
    let mut rig = Rig::boot()?;
    begin_event(&mut rig)?;
    recording(&mut rig)?;
    rig.card_faults.silent()?;
    let since = Instant::now();
    std::thread::sleep(Duration::from_secs(1));
    led_tells(&mut rig, "card silent", since)?;
    let before = rig.ledger()?;
    rig.frames_pass(15)?;
    let after = rig.ledger()?;
    assert!(after.captured >= before.captured + 10, "capture goes on: {before:?} {after:?}");
    rig.card_faults.healed()?;
    rig.serial.expect("card: it answers again after ")?;
    recording(&mut rig)?;
    let (ledger, folder) = finish(rig)?;
    assert_eq!(ledger.dropped, 0, "{ledger:?}");
    assert_eq!(frames_on(&card_in(&folder), folder.path())?, ledger.recorded);
    Ok(())
}

/// B6: without a card at the start watching and alarming begin all the same, and a card that comes later is used, with
/// the settings that are saved on it.
#[test]
fn a_card_that_comes_after_the_start_is_used_with_its_settings() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.serial.command("set motion.sensitivity 67")?;
    assert!(rig.serial.command("save")?.contains("Saved."));
    let mut rig = rig.power_cycle_without_card()?;
    rig.serial.expect("card: no card was found")?;
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
    let (ledger, folder) = finish(rig)?;
    assert_eq!(ledger.dropped, 0, "{ledger:?}");
    assert_eq!(frames_on(&card_in(&folder), folder.path())?, ledger.recorded);
    Ok(())
}

fn card_in(folder: &tempfile::TempDir) -> std::path::PathBuf {
    folder.path().join("card.img")
}
