//! `clips export`: what is on a stick afterwards, and what a sick one costs the others: nothing.

use image_builder::emulate::StickOptions;
use image_builder::verify_clips;
use std::collections::BTreeMap;
use std::path::Path;
use tests::chain::files_in;
use tests::stick::{Format, Stick};
use tests::{CardImage, Failure, Ledger, Outcome, Rig, card, report};

/// The folder on the stick: the camera has its first name.
const FOLDER: &str = "clips-camera";

/// How often a test that comes too late may try again.
const ATTEMPTS: u32 = 20;

/// Makes an event, and waits until its clip is on the card.
fn make_clip(rig: &mut Rig) -> Outcome {
    rig.camera.scene_moving();
    rig.serial.expect(": motion at ")?;
    rig.camera.scene_still();
    rig.serial.expect(".mp4: ")?;
    Ok(())
}

/// A machine that has seen its scene, with clips that are quickly made.
fn boot() -> Result<Rig, Failure> {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    for setting in ["record.pre_ms 1000", "record.post_ms 1000"] {
        rig.serial.command(&format!("set {setting}"))?;
    }
    Ok(rig)
}

/// Begins an export, once the process of the one before has ended: it does so a moment after its last word.
fn begin(rig: &mut Rig, line: &str) -> Outcome {
    rig.until("an export to begin", |rig| Ok(rig.serial.command(line)?.contains("The export begins")))
}

/// What an export says that finds no stick.
const NO_STICK: &str = "export: no USB stick was found; push one in and try again";
/// What an export says that has begun to copy.
const COPIES: &str = ", folder clips-camera, ";

/// Begins exports until one says this: on a busy host the machine takes longer to see a stick that was pushed in than the export waits.
fn begin_until(rig: &mut Rig, line: &str, sentence: &str) -> Outcome {
    for _ in 0..ATTEMPTS {
        let (missing, said) = (times(rig, NO_STICK), times(rig, sentence));
        begin(rig, line)?;
        rig.until(sentence, |rig| Ok(times(rig, NO_STICK) > missing || times(rig, sentence) > said))?;
        if times(rig, sentence) > said {
            return Ok(());
        }
    }
    Err("the stick was never found".into())
}

/// How often this was said.
fn times(rig: &Rig, text: &str) -> usize {
    rig.serial.transcript().matches(text).count()
}

/// As [`begin`], with the stick that was pushed in.
fn begin_with_stick(rig: &mut Rig, line: &str) -> Outcome {
    begin_until(rig, line, COPIES)
}

/// The card's clips and chain, read from outside.
fn on_card(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    CardImage::new(&folder.join("card.img")).clips(folder)?;
    files_in(&folder.join(boards::layout::CLIPS_FOLDER))
}

/// Nothing was lost, and nobody died.
fn off_without_loss(mut rig: Rig) -> Result<tempfile::TempDir, Failure> {
    let status = rig.serial.command("status")?;
    assert!(status.contains(", 0 missed by the camera"), "{status}");
    assert!(
        status.contains("guard running, console running, screen running\n"),
        "nobody was started again: {status}"
    );
    let (ledger, folder): (Ledger, _) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0 && ledger.dropped == 0, "{ledger:?}");
    Ok(folder)
}

/// What `verify-clips` finds in these files.
fn verify(files: &BTreeMap<String, Vec<u8>>, head: &str) -> Outcome {
    let folder = tempfile::tempdir()?;
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content)?;
    }
    let report = verify_clips::verify(folder.path(), Some(head))?;
    assert!(report.is_good(), "{report}");
    Ok(())
}

/// The head that `status` shows.
fn head(rig: &mut Rig) -> Result<String, Failure> {
    let status = rig.serial.command("status")?;
    let line = status.lines().find(|line| line.starts_with("evidence")).ok_or("no head")?;
    Ok(line.rsplit(' ').next().unwrap_or_default().to_owned())
}

/// Y1, Y2, Y3: what was recorded is on a stick with FAT and on one with exFAT, byte for byte, with the chain; both are clean; the second
/// time only what is new is copied.
#[test]
fn clips_are_on_fat_and_exfat_byte_for_byte_and_verify_there() -> Outcome {
    let mut rig = boot()?;
    make_clip(&mut rig)?;
    let fat = Stick::new(rig.folder(), Format::Fat, 256)?;
    let exfat = Stick::new(rig.folder(), Format::ExFat, 256)?;
    rig.machine.push_stick(fat.path(), StickOptions::default())?;
    begin_with_stick(&mut rig, "clips export")?;
    rig.serial.expect("export: 1 clip, ")?;
    rig.serial.expect("to sda1 (FAT), folder clips-camera, ")?;
    rig.serial.expect("export: done: 1 clip copied, ")?;
    rig.serial.expect("; the stick may be pulled out")?;
    make_clip(&mut rig)?;
    begin(&mut rig, "clips export")?;
    rig.serial.expect("export: done: 1 clip copied, ")?;
    rig.serial.expect("; 1 were there already; the stick may be pulled out")?;
    begin(&mut rig, "clips export all")?;
    rig.serial.expect("export: done: 0 clips copied, 0 KiB; 2 were there already")?;
    rig.machine.pull_stick()?;

    rig.machine.push_stick(exfat.path(), StickOptions::default())?;
    begin_with_stick(&mut rig, "clips export all")?;
    rig.serial.expect("(exFAT), folder clips-camera, ")?;
    rig.serial.expect("export: done: 2 clips copied, ")?;
    let (read, written) = rig.machine.stick_moved()?;
    rig.machine.pull_stick()?;
    assert!(!rig.serial.has("was not taken out in order"), "each was unmounted");
    let head = head(&mut rig)?;
    let folder = off_without_loss(rig)?;

    let card = on_card(folder.path())?;
    assert_eq!(card.keys().filter(|name| name.ends_with(".mp4")).count(), 2);
    let bytes = card.values().map(|content| content.len() as u64).sum();
    assert!(
        written >= bytes && read >= bytes,
        "read back from the device: {read} of {bytes}, {written} written"
    );
    for stick in [&fat, &exfat] {
        stick.is_clean()?;
        let files = stick.files(FOLDER)?;
        assert_eq!(files.keys().collect::<Vec<_>>(), card.keys().collect::<Vec<_>>());
        assert!(files == card, "every byte");
        verify(&files, &head)?;
    }
    Ok(())
}

/// Begins exports on fresh sticks until one was pulled out in the middle; that one. The stick is not slowed down for it: QEMU (10.0) dies of
/// requests that its throttle holds when their device goes.
fn pull_in_the_middle(rig: &mut Rig) -> Result<Stick, Failure> {
    let pulled = |rig: &Rig| times(rig, "export: the stick was pulled out too early");
    let done = |rig: &Rig| times(rig, "export: done: ");
    for _ in 0..ATTEMPTS {
        let stick = Stick::new(rig.folder(), Format::Fat, 256)?;
        let (before, pulled_before, done_before) = (stick.mib_used()?, pulled(rig), done(rig));
        rig.machine.push_stick(stick.path(), StickOptions::default())?;
        begin_with_stick(rig, "clips export")?;
        rig.until("some of the clips on the stick", |_| Ok(stick.mib_used()? > before))?;
        rig.machine.pull_stick()?;
        // By itself: whoever asks by `clips export stop` before it is noticed stops it.
        rig.until("what came of it", |rig| Ok(pulled(rig) > pulled_before || done(rig) > done_before))?;
        ended(rig)?;
        if pulled(rig) > pulled_before {
            return Ok(stick);
        }
        // A test that was kept waiting: it was done already.
        assert!(rig.serial.has("export: done: "), "{}", rig.serial.transcript());
    }
    Err("the test always came too late".into())
}

/// The export's process is gone, which is a moment after its last word. Not asked before that word: the question stops it.
fn ended(rig: &mut Rig) -> Outcome {
    rig.until("an end", |rig| Ok(rig.serial.command("clips export stop")?.contains("no export is under way")))
}

/// Y4, Y5: a stick is pulled out in the middle, while an event is recorded: a sentence, no frame lost; the next export is whole.
#[test]
fn a_stick_pulled_in_the_middle_costs_nothing_and_the_next_export_is_whole() -> Outcome {
    let mut rig = boot()?;
    // Enough that an export takes a while.
    while times(&rig, ".mp4: ") < 4 {
        make_clip(&mut rig)?;
    }
    rig.camera.scene_moving();
    rig.serial.expect(": motion at ")?;
    let stick = pull_in_the_middle(&mut rig)?;
    rig.frames_pass(30)?;
    rig.camera.scene_still();
    rig.until("the event to be over", |rig| Ok(!rig.serial.command("status")?.contains("one goes on now")))?;
    stick.tear(FOLDER, "torn.mp4.part")?;

    rig.machine.push_stick(stick.path(), StickOptions::default())?;
    begin_with_stick(&mut rig, "clips export")?;
    rig.serial.expect("export: the stick was not taken out in order the last time")?;
    rig.serial.expect("; the stick may be pulled out")?;
    // The event's clip takes its time.
    rig.until("an export with every clip", |rig| {
        begin(rig, "clips export")?;
        Ok(!rig.serial.expect("; the stick may be pulled out")?.contains("not finished yet"))
    })?;
    rig.machine.pull_stick()?;
    let head = head(&mut rig)?;
    let folder = off_without_loss(rig)?;
    // The second export took what had a clip's name already as it was: so nothing half had one.
    let files = stick.files(FOLDER)?;
    let card = on_card(folder.path())?;
    assert!(card.iter().all(|(name, content)| files.get(name) == Some(content)), "{:?}", files.keys());
    verify(&files, &head)
}

/// Y6, Y7: a stick that does not answer holds nobody up, and no second export is started; Ctrl-C stops a slow one in order.
#[test]
fn a_stick_that_hangs_holds_nobody_up_and_ctrl_c_stops_a_slow_one() -> Outcome {
    let mut rig = boot()?;
    make_clip(&mut rig)?;
    let stick = Stick::new(rig.folder(), Format::Fat, 256)?;
    rig.machine
        .push_stick(stick.path(), StickOptions { bytes_per_s: Some(1 << 20), ..StickOptions::default() })?;
    begin_with_stick(&mut rig, "clips export")?;
    rig.serial.expect("export: 1 clip, ")?;
    rig.serial.send(b"\x03")?;
    rig.serial.expect("The export stops after this piece.")?;
    rig.serial.expect("export: 0 clips copied, 0 KiB; the stick may be pulled out")?;
    rig.serial.expect("export: stopped as asked")?;
    ended(&mut rig)?;
    stick.is_clean()?;

    rig.machine.pace_stick(1 << 20)?;
    begin(&mut rig, "clips export")?;
    rig.serial.expect("export: 1 clip, ")?;
    // A request takes a quarter of a minute: a stick as good as dead. (QEMU itself stands still when the kernel gives up a request that its
    // throttle holds, after half a minute.)
    rig.machine.pace_stick(16 << 10)?;
    rig.camera.scene_moving();
    rig.serial.expect(": motion at ")?;
    rig.frames_pass(45)?;
    let again = rig.serial.command("clips export")?;
    assert!(again.contains("Not done: an export is under way"), "{again}");
    let stopping = rig.serial.command("clips export stop")?;
    assert!(stopping.contains("It stops after this piece."), "{stopping}");
    let again = rig.serial.command("clips export")?;
    assert!(again.contains("Not done: the export is being stopped"), "{again}");
    rig.camera.scene_still();
    rig.serial.expect_all(&[".mp4: ", "export takes too long; it is killed"])?;
    let hangs = rig.serial.command("clips export")?;
    report::figure("an export on a stick that hangs", hangs.trim());
    assert!(
        hangs.contains("Not done: the export hangs in the stick's driver; pull the stick out"),
        "{hangs}"
    );
    // QEMU does not survive its being pulled out then; it comes to life again instead.
    rig.machine.pace_stick(0)?;
    ended(&mut rig)?;
    off_without_loss(rig).map(drop)
}

/// Y8, Y9: a stick that cannot be used is told by its own sentence, and a camera's card is never written to.
#[test]
fn each_stick_that_cannot_be_used_is_told_and_a_card_is_never_taken_for_one() -> Outcome {
    let mut rig = boot()?;
    make_clip(&mut rig)?;
    let says = |rig: &mut Rig, sentence: &str| -> Outcome {
        begin_until(rig, "clips export", sentence)?;
        ended(rig)
    };
    says(&mut rig, NO_STICK)?;

    let ext4 = rig.folder().join("ext4.img");
    std::fs::File::create(&ext4)?.set_len(16 << 20)?;
    rig.machine.push_stick(&ext4, StickOptions::default())?;
    says(&mut rig, "export: the stick (sda) has no file system that this camera knows")?;
    rig.machine.pull_stick()?;
    card::run("/sbin/mke2fs", &["-q", "-F", &card::text(&ext4)])?;
    rig.machine.push_stick(&ext4, StickOptions::default())?;
    says(&mut rig, "is formatted with ext4 (or an older ext), which this camera does not write")?;
    rig.machine.pull_stick()?;

    let small = Stick::new(rig.folder(), Format::Fat, 16)?;
    let locked = StickOptions { is_write_protected: true, ..StickOptions::default() };
    rig.machine.push_stick(small.path(), locked)?;
    says(&mut rig, ") is write-protected; move its switch, or take another")?;
    rig.machine.pull_stick()?;

    // A camera's card in a reader: not written to, and not taken for the card that is in use.
    let other = rig.folder().join("other.img");
    card::copy(&tests::rig::image(tests::rig::BOARD)?.0, &other)?;
    let before = std::fs::read(&other)?;
    rig.machine.push_stick(&other, StickOptions::default())?;
    says(&mut rig, "is a camera's card and no stick; nothing was written to it")?;
    rig.machine.pull_stick()?;
    assert!(std::fs::read(&other)? == before, "nothing was written to it");
    assert!(rig.serial.command("status")?.contains("card      ok: "));
    off_without_loss(rig).map(drop)
}

/// Y10: a stick that is too small: said before with how much is missing, and at the end; what fits is whole.
#[test]
fn a_stick_that_is_too_small_is_told_before_and_has_what_fits() -> Outcome {
    let mut rig = boot()?;
    let stick = Stick::new(rig.folder(), Format::Fat, 16)?;
    // More clips than fit: each has two or three MiB.
    while times(&rig, ".mp4: ") < 7 {
        make_clip(&mut rig)?;
    }
    rig.machine.push_stick(stick.path(), StickOptions::default())?;
    begin_with_stick(&mut rig, "clips export")?;
    rig.serial.expect(" MiB are missing there, the newest clips come first")?;
    rig.serial.expect("; the stick may be pulled out")?;
    rig.serial.expect("export: the stick is full: for ")?;
    rig.machine.pull_stick()?;
    let folder = off_without_loss(rig)?;
    stick.is_clean()?;
    let (files, card) = (stick.files(FOLDER)?, on_card(folder.path())?);
    assert!(!files.is_empty() && files.len() < card.len());
    assert!(files.iter().all(|(name, content)| card.get(name) == Some(content)));
    let newest = card.keys().rev().find(|name| name.ends_with(".mp4")).ok_or("no clip")?;
    assert!(files.contains_key(newest), "the newest came first");
    Ok(())
}
