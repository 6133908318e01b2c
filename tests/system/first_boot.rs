//! The clips partition from the first boot on: it fills the card, and it comes back when it was destroyed.

use boards::layout::{self, CLIPS};
use image_builder::emulate::{Machine, MachineOptions};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};
use tests::card::{run, text};
use tests::rig::{BOARD, root};
use tests::serial::PATIENCE;
use tests::{CardImage, Failure, Outcome, Rig, report};

const GIB: u64 = 1 << 30;
const CARD_BYTES: u64 = 8 * GIB;
/// What `status` shows at least of a file system that fills it: its own tables take some.
const FILLED_MIB: u64 = 7 * 1024;
/// Line of the status LED.
const STATUS_LED: u32 = 4;
/// Stands among the clips for all of them; the firmware leaves it alone, for the name is not one of its own.
const KEEPSAKE: &str = "keepsake";
const KEPT: &str = "what somebody wants to see again";

fn enlarge(card: &Path) -> Outcome {
    CardImage::new(card).resize(CARD_BYTES)
}

/// Table and file system reach to the end of a card of this size, and the file system is clean.
fn fills_the_card(card: &Path, card_bytes: u64) -> Outcome {
    let image = CardImage::new(card);
    assert_eq!(image.clips_partition_bytes()?, card_bytes - CLIPS.offset_bytes, "the table");
    assert_eq!(image.clips_file_system_bytes()?, card_bytes - CLIPS.offset_bytes, "the file system");
    run("/sbin/e2fsck", &["-f", "-n", &image.clips_in_place()])?;
    Ok(())
}

/// Size of the clips' file system as `status` shows it.
fn total_mib(rig: &mut Rig) -> Result<u64, Failure> {
    let status = rig.serial.command("status")?;
    let words =
        status.lines().find(|l| l.starts_with("card ")).ok_or("no card in status")?.split_whitespace();
    Ok(words.skip(4).find_map(|word| word.parse().ok()).unwrap_or(0))
}

/// When the first frame was looked at: what the growth costs.
fn report_start(rig: &mut Rig, what: &str) -> Outcome {
    rig.until("the first frame", |rig| Ok(rig.serial.has("motion: watching, ")))?;
    let said = rig.serial.transcript();
    let watching =
        said.lines().find_map(|l| l.split_once("motion: watching, ")).map_or("?", |(_, l)| l.trim());
    report::figure(&format!("{what}: watching"), watching);
    Ok(())
}

/// Waits until the clips' file system has more than `mib`. On a machine so slow that init gives the growth up, the next start
/// goes on with it.
fn grown(mut rig: Rig, mib: u64) -> Result<Rig, Failure> {
    for _ in 0..5 {
        rig.streams()?;
        if !rig.serial.has("takes too long") {
            rig.until("the growth", |rig| Ok(total_mib(rig)? > mib))?;
        }
        if total_mib(&mut rig)? > mib {
            return Ok(rig);
        }
        rig = rig.power_cycle()?;
    }
    Err("five starts were not enough to grow".into())
}

/// F1, F2: at the first boot p4 and its file system come to fill the card; the second boot has nothing to do.
#[test]
fn the_first_boot_fills_the_card_and_the_second_has_nothing_to_do() -> Outcome {
    let mut rig = grown(Rig::boot_with(enlarge)?, FILLED_MIB)?;
    // A machine so slow that init does not wait for the end of the growth has no line for it.
    let said = rig.serial.transcript();
    assert!(
        said.contains("card: clips partition grown to 7.9 GiB") || said.contains("takes too long"),
        "{said}"
    );
    let status = rig.serial.command("status")?;
    let card = status.lines().find(|l| l.starts_with("card ")).ok_or("no card in status")?;
    report::figure("card", card);
    report_start(&mut rig, "first boot")?;
    assert!(card.contains("ok: ") && !card.contains("made anew"), "{card}");
    let mut rig = rig.restart_with(|card| fills_the_card(card, CARD_BYTES))?;
    rig.streams()?;
    assert!(!rig.serial.has("clips partition grown"), "{}", rig.serial.transcript());
    report_start(&mut rig, "second boot")?;
    let folder = rig.off()?;
    fills_the_card(&folder.path().join("card.img"), CARD_BYTES)
}

/// F3: power is cut at moments of the first growth; the next boot goes on where it ended, and needs nobody.
#[test]
fn a_power_cut_while_it_grows_is_made_good_by_the_next_boot() -> Outcome {
    let profile = boards::load(&root().join("boards"), BOARD)?;
    for after_ms in [0, 60, 150, 300, 700] {
        let rig = Rig::boot_with(|card| {
            enlarge(card)?;
            let options = MachineOptions { usb: false, ..MachineOptions::new(profile.clone(), card) };
            let machine = Machine::start(&options)?;
            let deadline = Instant::now() + PATIENCE;
            while CardImage::new(card).clips_partition_bytes()? < CARD_BYTES - CLIPS.offset_bytes {
                assert!(Instant::now() < deadline, "the table was never written");
                std::thread::sleep(Duration::from_millis(2));
            }
            std::thread::sleep(Duration::from_millis(after_ms));
            machine.kill();
            let size = CardImage::new(card).clips_file_system_bytes()?;
            report::figure(&format!("file system {after_ms} ms after the table, MiB"), size >> 20);
            Ok(())
        })?;
        let said = rig.serial.transcript();
        assert!(!said.contains("made anew") && !said.contains("cannot"), "{said}");
        fills_the_card(&grown(rig, FILLED_MIB)?.off()?.path().join("card.img"), CARD_BYTES)?;
    }
    Ok(())
}

/// A card that was in use: filled, with a file among its clips and a saved setting.
fn used(folder: &Path, prepare: impl Fn(&Path) -> Outcome) -> Result<Rig, Failure> {
    let mut rig = grown(Rig::boot_with(enlarge)?, FILLED_MIB)?;
    rig.card_is_in_use()?;
    rig.serial.command("set motion.sensitivity 63")?;
    let answer = rig.serial.command("save")?;
    assert!(answer.contains("Saved."), "{answer}: {}", rig.serial.transcript());
    let clip = folder.join("clip");
    std::fs::write(&clip, KEPT)?;
    rig.restart_with(|card| {
        let write = format!("write {} {}/{KEEPSAKE}", text(&clip), layout::CLIPS_FOLDER);
        run("/sbin/debugfs", &["-w", "-R", &write, &CardImage::new(card).clips_in_place()])?;
        prepare(card)
    })
}

/// F4: a superblock that is gone comes back from its backup, and no clip is lost.
#[test]
fn a_lost_superblock_is_mended_and_costs_no_clip() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut rig = used(folder.path(), |card| {
        Ok(File::options().write(true).open(card)?.write_all_at(&[0; 4096], CLIPS.offset_bytes)?)
    })?;
    rig.was_said("was mended from its backup")?;
    rig.card_is_in_use()?;
    assert!(!rig.serial.command("status")?.contains("made anew"));
    let folder = rig.off()?;
    let card = folder.path().join("card.img");
    let read = format!("cat {}/{KEEPSAKE}", layout::CLIPS_FOLDER);
    assert_eq!(run("/sbin/debugfs", &["-R", &read, &CardImage::new(&card).clips_in_place()])?, KEPT);
    fills_the_card(&card, CARD_BYTES)
}

/// F5, F6: a clips partition of noise is made anew: told, shown on the LED until it is acknowledged, settings kept, and the
/// next clip is recorded.
#[test]
fn a_destroyed_partition_is_made_anew_and_records_again() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut rig = used(folder.path(), |card| {
        let noise: Vec<u8> =
            (0..1 << 20_u32).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let file = File::options().write(true).open(card)?;
        // All of the first file system's tables, and every backup in reach.
        for mib in (0..64).chain((128..8064).step_by(128)) {
            file.write_all_at(&noise, CLIPS.offset_bytes + (mib << 20))?;
        }
        Ok(())
    })?;
    rig.was_said("the clips partition was made anew because there was no file system")?;
    rig.card_is_in_use()?;
    assert!(rig.serial.command("show motion.sensitivity")?.contains("63"), "settings are kept");
    rig.settle()?;
    told_as_made_anew(&mut rig)?;
    // Three flashes in 2.2 s; no other code has three edges so close but the one for an alarm.
    let mut edges: Vec<Instant> = Vec::new();
    let mut was = rig.line_high(STATUS_LED)?;
    rig.until("three flashes", |rig| {
        let is = rig.line_high(STATUS_LED)?;
        if is && !was {
            edges.push(Instant::now());
        }
        was = is;
        Ok(edges.windows(3).any(|e| e[2].duration_since(e[0]) < Duration::from_millis(1200)))
    })?;
    rig.camera.scene_moving();
    rig.serial.expect("event 1: motion at ")?;
    rig.camera.scene_still();
    rig.serial.expect(".mp4: ")?;
    // Not acknowledged yet: still told after a power cut.
    let mut rig = rig.power_cycle()?;
    rig.streams()?;
    told_as_made_anew(&mut rig)?;
    assert!(rig.serial.command("card seen")?.contains("Noted."));
    rig.until("the acknowledgement", |rig| Ok(!rig.serial.command("status")?.contains("made anew")))?;
    let mut rig = rig.restart_with(|card| fills_the_card(card, CARD_BYTES))?;
    rig.streams()?;
    rig.card_is_in_use()?;
    assert!(!rig.serial.command("status")?.contains("made anew"), "acknowledged for good");
    assert!(rig.serial.command("clips")?.contains("1 of 1 clips"));
    Ok(())
}

/// `status` says so, as soon as the record thread has taken up the card.
fn told_as_made_anew(rig: &mut Rig) -> Outcome {
    rig.until("`made anew`", |rig| Ok(rig.serial.command("status")?.contains("made anew on 20")))
}

/// F7: a copy on a smaller card: the table is cut to what is there and the partition made anew.
#[test]
fn a_copy_on_a_smaller_card_is_made_anew_at_its_size() -> Outcome {
    let folder = tempfile::tempdir()?;
    let smaller = CARD_BYTES / 2;
    let mut rig = used(folder.path(), |card| CardImage::new(card).resize(smaller))?;
    rig.was_said("made anew because the card is a copy of a larger one")?;
    fills_the_card(&grown(rig, FILLED_MIB / 2)?.off()?.path().join("card.img"), smaller)
}
