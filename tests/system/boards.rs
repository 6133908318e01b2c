//! Every tier-1 board starts from its own card image, and does the product's whole job there.
//!
//! The list is what the profiles say; nothing here knows a board by name. What is the same on all boards is tested once, on
//! the board that the other tests use.

use boards::{Loader, Profile};
use std::path::Path;
use std::time::Duration;
use tests::clip::Clip;
use tests::rig::{BOARD, root};
use tests::{CardImage, Failure, Outcome, Rig, report};

/// Slower than the board that everything else is tested on: four emulated cores on whatever the host has.
const BOOT_LIMIT: Duration = Duration::from_secs(300);

/// The tier-1 boards with an emulator, but for the one that everything else is tested on.
fn boards() -> Result<Vec<Profile>, Failure> {
    let folder = root().join("boards");
    let mut found = Vec::new();
    for id in boards::list(&folder)? {
        let profile = boards::load(&folder, &id)?;
        if profile.tier == 1 && profile.emulator.is_some() && id != BOARD {
            found.push(profile);
        }
    }
    Ok(found)
}

fn loader(profile: &Profile) -> Loader {
    profile.emulator.as_ref().map_or_else(Loader::default, |emulator| emulator.loader)
}

fn boot(profile: &Profile) -> Result<Rig, Failure> {
    boot_with(profile, |_| Ok(()))
}

fn boot_with(profile: &Profile, prepare: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<Rig, Failure> {
    let mut rig = Rig::switch_on(&profile.id, prepare)?;
    rig.serial.expect_within("kerberos> ", BOOT_LIMIT)?;
    Ok(rig)
}

/// D1: from the untouched image to a clip on the card, an alarm on the line, and the board's own watchdog fed.
#[test]
fn every_board_boots_watches_alarms_and_records() -> Outcome {
    for profile in boards()? {
        whole_job(&profile).map_err(|error| format!("{}: {error}", profile.id))?;
    }
    Ok(())
}

fn whole_job(profile: &Profile) -> Outcome {
    let mut rig = boot(profile)?;
    rig.streams()?;
    rig.serial.command("set camera.size 640x480")?;
    rig.settle()?;
    let status = rig.serial.command("status")?;
    let limit = profile.watchdog.as_ref().and_then(|watchdog| watchdog.timeout_s).ok_or("no watchdog")?;
    assert!(status.contains(&format!(", {limit} s\n")), "{status}");
    assert!(status.contains("card      ok: "), "{status}");
    let watched = profile.emulator.as_ref().is_some_and(|emulator| emulator.gpio.is_some());
    if watched {
        assert!(!rig.alarm_high()?, "the line is safe before anything happens");
    }
    rig.camera.scene_moving();
    if watched {
        rig.until("the alarm line", Rig::alarm_high)?;
    }
    rig.until("an event", |rig| Ok(rig.serial.has("event 1: motion at ")))?;
    rig.camera.scene_still();
    rig.until("a clip", |rig| Ok(rig.serial.has(".mp4: ")))?;
    if watched {
        rig.until("the end of the pulse", |rig| Ok(!rig.alarm_high()?))?;
    }
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    report::figure(&format!("{}: frames captured, recorded, lost", profile.id), format!("{ledger:?}"));
    let clips = CardImage::new(&folder.path().join("card.img")).clips(folder.path())?;
    let clip = Clip::probe(clips.first().ok_or("no clip on the card")?)?;
    assert!(
        clip.times_s.len() as u64 <= ledger.recorded && clip.times_s.len() > 10,
        "{}",
        clip.times_s.len()
    );
    assert!(clip.times_s.windows(2).all(|pair| pair[0] < pair[1]), "times rise");
    Ok(())
}

/// D2: bytes on the serial line, as an open input makes them, do not stop the boot.
#[test]
fn line_noise_does_not_stop_the_boot() -> Outcome {
    for profile in boards()? {
        let mut rig = Rig::switch_on(&profile.id, |_| Ok(()))?;
        // From the first moment until somebody answers: letters, returns, Ctrl-C, as a boot loader would take for keys.
        while !rig.serial.has("kerberos> ") {
            rig.serial.send(b"x \r\x03\n\xff")?;
            if rig.serial.expect_within("kerberos> ", Duration::from_millis(50)).is_ok() {
                break;
            }
        }
        rig.until("an answer", |rig| Ok(rig.serial.command("clock").is_ok()))?;
        assert!(!rig.serial.has("=> "), "{}: a boot loader's prompt", profile.id);
    }
    Ok(())
}

/// D3: the slot that is selected is empty: a boot chain that can, starts the other one.
#[test]
fn an_empty_slot_falls_back_to_the_other_one() -> Outcome {
    let chains: Vec<Profile> = boards()?.into_iter().filter(|board| loader(board) == Loader::Card).collect();
    assert!(!chains.is_empty(), "no board has a boot chain of its own");
    for profile in chains {
        let rig = boot_with(&profile, |card| {
            CardImage::new(card).put_boot_file(boards::layout::SLOT_FILE, b"b\n")
        })?;
        drop(rig);
    }
    Ok(())
}

/// D4: dates beyond 2038 are told, kept across a power cut and used for clips, whatever the word size.
#[test]
fn dates_beyond_2038_are_right_on_every_board() -> Outcome {
    for profile in boards()? {
        let mut rig = boot(&profile)?;
        rig.streams()?;
        rig.settle()?;
        // 2_240_524_800 s, beyond 2^31 and beyond the 2038 of signed 32-bit seconds.
        let said = rig.serial.command("clock 2040-12-31 00:00")?;
        assert!(said.contains("2040-12-31 00:00:0"), "{said}");
        rig.camera.scene_moving();
        rig.until("an event", |rig| Ok(rig.serial.has("event 1: motion at ")))?;
        rig.camera.scene_still();
        rig.until("a clip", |rig| Ok(rig.serial.has(".mp4: ")))?;
        let clips = rig.serial.command("clips")?;
        assert!(clips.contains(" 22405"), "the clip's name starts with its time: {clips}");
        rig.serial.send(b"reboot\r")?;
        rig.serial.expect_within("kerberos> ", BOOT_LIMIT)?;
        let status = rig.serial.command("status")?;
        assert!(status.contains("2040-12-31 00:"), "{}: {status}", profile.id);
    }
    Ok(())
}

/// D5: PID 1 hangs: the board's own watchdog resets it, and the next start knows why.
#[test]
fn the_boards_own_watchdog_resets_a_hanging_board() -> Outcome {
    for profile in boards()? {
        let mut rig = boot(&profile)?;
        rig.serial.send(b"test-hang init\r")?;
        rig.machine.event("RESET", BOOT_LIMIT)?.ok_or("no reset came")?;
        rig.serial.expect_within("restart: the system went down by watchdog (init)", BOOT_LIMIT)?;
        rig.serial.expect_within("kerberos> ", BOOT_LIMIT)?;
        let status = rig.serial.command("status")?;
        assert!(status.contains("restart   watchdog (init) at "), "{}: {status}", profile.id);
    }
    Ok(())
}
