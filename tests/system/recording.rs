//! What is recorded and kept: everything or events, stills, and clips that the owner protects or deletes.

use boards::layout;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tests::clip::frame_numbers;
use tests::{CardImage, Failure, Outcome, Rig, chain, cuts, fragments, report};

/// A clip on the card.
struct Found {
    path: PathBuf,
    event: serde_json::Value,
    content: Vec<u8>,
    /// The numbers that the camera drew into its frames.
    numbers: Vec<u64>,
}

/// The clips on a card, in the order of what they show.
fn found(folder: &Path) -> Result<Vec<Found>, Failure> {
    let mut all = Vec::new();
    for path in CardImage::new(&folder.join("card.img")).clips(folder)? {
        let content = std::fs::read(&path)?;
        let event = serde_json::from_slice(&std::fs::read(path.with_extension("json"))?)?;
        let numbers = frame_numbers(&content)?;
        all.push(Found { path, event, content, numbers });
    }
    all.sort_by_key(|clip| clip.numbers.first().copied());
    Ok(all)
}

/// R13, R14, L1: with `record.mode always` clips follow each other without a lost or doubled frame, an event's clip among them with
/// its pre-roll; each has a still, and that of the event is one of its frames.
#[test]
fn everything_is_recorded_and_an_event_is_a_clip_of_its_own() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    for (name, value) in
        [("record.clip_ms_max", "10000"), ("record.pre_ms", "3000"), ("record.mode", "always")]
    {
        let said = rig.serial.command(&format!("set {name} {value}"))?;
        assert!(said.contains("In force."), "{said}");
    }
    // What was captured before is skipped; from here on nothing is.
    rig.frames_captured(15)?;
    let skipped = rig.ledger()?.skipped;
    rig.frames_pass(15 * 15)?;
    rig.camera.scene_moving();
    rig.serial.expect("event 1: motion at ")?;
    rig.camera.scene_still();
    rig.serial.expect("event 1: over after ")?;
    rig.frames_pass(5 * 15)?;
    // What is kept back is written before the end: the few seconds of an orderly stop may be too short for that on a busy host. And nothing
    // more comes, or what is recorded there might never catch up.
    assert!(rig.serial.command("set record.pre_ms 0")?.contains("In force."));
    rig.frames_captured(5)?;
    rig.camera.stall();
    rig.until("all that was kept back on the card", |rig| Ok(rig.ledger()?.held < 30))?;
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    assert_eq!(ledger.skipped, skipped, "everything is recorded");

    let clips = found(folder.path())?;
    let frames: usize = clips.iter().map(|clip| clip.numbers.len()).sum();
    assert_eq!(frames as u64, ledger.recorded, "frames in the clips and in the ledger");
    let numbers: Vec<u64> = clips.iter().flat_map(|clip| clip.numbers.iter().copied()).collect();
    assert!(numbers.windows(2).all(|w| w[0] < w[1]), "no frame comes twice: {numbers:?}");
    let causes: Vec<_> = clips.iter().map(|clip| clip.event["cause"].as_str().unwrap_or("none")).collect();
    report::figure("clips of a continuous recording with an event", format!("{causes:?}"));
    let at = causes.iter().position(|cause| *cause == "motion").ok_or("no clip of the event")?;
    assert!(at > 0 && at + 1 < causes.len(), "recorded before and after it: {causes:?}");
    assert!(
        causes.iter().enumerate().all(|(index, cause)| index == at || *cause == "continuous"),
        "{causes:?}"
    );
    let pre_roll_us = -clips[at].event["startUs"].as_i64().ok_or("no startUs")?;
    assert!((1_500_000..=3_500_000).contains(&pre_roll_us), "a pre-roll of three seconds: {pre_roll_us} us");
    clips.iter().try_for_each(judge_still)
}

/// The still is a whole picture and, byte for byte, one of the clip's frames.
fn judge_still(clip: &Found) -> Outcome {
    let name = clip.event["pathToImage"].as_str().ok_or("no pathToImage")?;
    let still = std::fs::read(clip.path.with_file_name(name))?;
    let playable = fragments::read(&clip.content);
    assert!(
        playable.fragments.iter().any(|fragment| {
            let bytes = &clip.content[fragment.start..fragment.end];
            bytes.windows(still.len()).any(|window| window == still)
        }),
        "{name} is a frame of its clip"
    );
    tests::card::run(
        "ffmpeg",
        &["-v", "error", "-i", &tests::card::text(&clip.path.with_file_name(name)), "-f", "null", "-"],
    )
    .map(drop)
}

/// O8, O9: masks, stamp and box are in every frame of the clip and in the still, and the frame's number, which no mark covers, is still
/// read; the text changes with the seconds. The pictures are kept, to be looked at.
#[test]
fn masks_stamp_and_box_are_in_every_recorded_picture() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    for (name, value) in [
        ("name", "door"),
        ("picture.stamp", "name"),
        ("picture.stamp_place", "bottom-right"),
        ("picture.box", "true"),
        ("picture.mask1", "75,0 100,0 100,50"),
    ] {
        let said = rig.serial.command(&format!("set {name} {value}"))?;
        assert!(said.contains("In force."), "{said}");
    }
    rig.frames_pass(90)?;
    rig.camera.scene_moving();
    rig.serial.expect("event 1: motion at ")?;
    rig.camera.scene_still();
    rig.serial.expect(".mp4: ")?;
    let status = rig.serial.command("status")?;
    assert!(status.contains("picture   name and time, a box around what moves, 1 mask\n"), "{status}");
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0 && ledger.losses.is_empty(), "{ledger:?}");

    let clips = found(folder.path())?;
    let [clip] = clips.as_slice() else { return Err("one clip was expected".into()) };
    assert_eq!(clip.numbers.len() as u64, ledger.recorded, "every frame has its number");
    judge_still(clip)?;
    let kept = tests::rig::artefacts()?.join("marks");
    if kept.exists() {
        std::fs::remove_dir_all(&kept)?;
    }
    println!("frames to look at: {}", kept.display());
    tests::clip::Clip::pictures(&clip.path, &kept)?;
    let grey = tests::clip::Clip::grey_frames(&clip.path)?;
    let frames: Vec<&[u8]> = grey.chunks_exact(WIDTH * HEIGHT).collect();
    let mut stamps = Vec::new();
    for frame in &frames {
        // The mask is a triangle: its corner at the upper right is deep inside, the middle of the picture far outside.
        let hidden = pixels(frame, WIDTH - 100..WIDTH, 0..100);
        assert!(hidden.iter().all(|pixel| pixel.abs_diff(hidden[0]) <= 1), "one grey");
        let open = pixels(frame, 400..700, 200..400);
        assert!(open.iter().any(|pixel| pixel.abs_diff(open[0]) > 20), "the rest of the picture is there");
        // Two rows of macroblocks for the letters; black and white and little between.
        let stamp = pixels(frame, WIDTH - 320..WIDTH, HEIGHT - 32..HEIGHT);
        let inked = stamp.iter().filter(|pixel| **pixel > 180).count();
        let paper = stamp.iter().filter(|pixel| **pixel < 60).count();
        assert!(inked > 800 && paper > 5000, "white letters on black: {inked} and {paper}");
        stamps.push(stamp);
    }
    let differs = |a: &[u8], b: &[u8]| a.iter().zip(b).filter(|(a, b)| a.abs_diff(**b) > 60).count() > 20;
    let changes = stamps.windows(2).filter(|pair| differs(&pair[0], &pair[1])).count();
    report::figure(
        "changes of the stamp in a clip of so many frames",
        format!("{changes} in {}", frames.len()),
    );
    // Fifteen frames a second; fewer where a slow machine lost some.
    assert!(changes >= 5 && changes <= frames.len() / 3, "the seconds are counted: {changes}");
    Ok(())
}

/// The camera's pictures.
const WIDTH: usize = 1280;
const HEIGHT: usize = 720;

fn pixels(frame: &[u8], x: Range<usize>, y: Range<usize>) -> Vec<u8> {
    frame.chunks_exact(WIDTH).skip(y.start).take(y.len()).flat_map(|row| row[x.clone()].to_vec()).collect()
}

/// Z13, Z14: with an owner's key the clip on the card is an age file that his secret key opens to a whole clip with every frame, and so is the
/// still; neither the card nor the console shows anything of the pictures; a secret key is refused and not repeated. Z3: cut anywhere, it
/// opens to the whole chunks before the cut.
#[test]
fn a_sealed_clip_opens_with_the_owners_key_alone() -> Outcome {
    let keys = tempfile::tempdir()?;
    let identity = keys.path().join("key.txt");
    tests::card::run("age-keygen", &["-o", &tests::card::text(&identity)])?;
    let secret = std::fs::read_to_string(&identity)?;
    let word =
        |start: &str| secret.split_whitespace().find(|word| word.starts_with(start)).map(str::to_owned);
    let (public, secret) = (word("age1").ok_or("no key")?, word("AGE-SECRET-KEY-").ok_or("no secret key")?);

    let mut rig = Rig::boot()?;
    rig.settle()?;
    let said = rig.serial.command(&format!("set record.seal_key1 {secret}"))?;
    // The terminal shows what is typed; the answer does not.
    let answer = said.rsplit(secret.as_str()).next().unwrap_or_default();
    assert!(answer.contains("not 'what was typed'") && answer.contains("secret"), "{said}");
    assert!(rig.serial.command(&format!("set record.seal_key1 {public}"))?.contains("In force."));
    rig.frames_pass(30)?;
    rig.camera.scene_moving();
    rig.serial.expect("event 1: motion at ")?;
    rig.camera.scene_still();
    rig.serial.expect(".mp4.age: ")?;
    let mut status = String::new();
    rig.until("the clip in the chain", |rig| {
        status = rig.serial.command("status")?;
        Ok(status.contains("links, head "))
    })?;
    assert!(status.contains(", sealed to 1 key;"), "{status}");
    let (ledger, folder) = rig.poweroff()?;
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");

    let card = std::fs::read(folder.path().join("card.img"))?;
    for picture in [&b"ftypiso5"[..], b"JFIF", &[0xff, 0xd8, 0xff, 0xdb], &[0xff, 0xd8, 0xff, 0xc0]] {
        let clips = &card[usize::try_from(layout::CLIPS.offset_bytes)?..];
        assert!(
            !clips.windows(picture.len()).any(|window| window == picture),
            "{picture:?} lies open on the card"
        );
    }
    assert!(CardImage::new(&folder.path().join("card.img")).clips(folder.path())?.is_empty(), "no open clip");
    let clips = folder.path().join(layout::CLIPS_FOLDER);
    let files = chain::files_in(&clips)?;
    let sealed = |extension: &str| {
        files.keys().find(|name| name.ends_with(extension)).ok_or("a sealed file is missing")
    };
    for (extension, opened) in [(".mp4.age", "clip.mp4"), (".jpg.age", "still.jpg")] {
        let (from, to) = (clips.join(sealed(extension)?), keys.path().join(opened));
        let (from, to) = (tests::card::text(&from), tests::card::text(&to));
        tests::card::run("age", &["-d", "-i", &tests::card::text(&identity), "-o", &to, &from])?;
    }
    let clip = tests::clip::Clip::probe(&keys.path().join("clip.mp4"))?;
    assert_eq!(clip.times_s.len() as u64, ledger.recorded, "frames in the clip and in the ledger");
    assert!(clip.times_s.windows(2).all(|w| w[0] < w[1]), "times rise");
    let still = keys.path().join("still.jpg");
    tests::card::run("ffmpeg", &["-v", "error", "-i", &tests::card::text(&still), "-f", "null", "-"])?;
    let opened = std::fs::read(keys.path().join("clip.mp4"))?;
    cuts::a_sealed_clip_opens_wherever_it_is_cut(&clips.join(sealed(".mp4.age")?), &identity, &opened)?;
    let promised = [sealed(".mp4.age")?.as_str()];
    chain::judge(&files, &promised, |_, content| image_builder::digest::sha256(content)).map(drop)
}

/// R15, R16: the owner looks at a clip, protects it, may then not delete it, releases and deletes it; the chain tells that it was he.
#[test]
fn the_owner_looks_at_protects_and_deletes_a_clip() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.settle()?;
    rig.camera.scene_moving();
    rig.serial.expect("event 1: motion at ")?;
    let mut being_written = String::new();
    // Motion tells of the event; the clip is begun by the record thread, when it gets to it.
    rig.until("the clip to be begun", |rig| {
        being_written = names_in(&rig.serial.command("clips")?).into_iter().next().unwrap_or_default();
        Ok(!being_written.is_empty())
    })?;
    let said = obeyed(&mut rig, &format!("clips delete {being_written}"))?;
    assert!(said.contains("Not done: the clip ") && said.contains(" is being recorded"), "{said}");
    rig.camera.scene_still();
    rig.serial.expect(".mp4: ")?;
    let mut name = String::new();
    rig.until("the clip to be in the chain", |rig| {
        name = name_in(&rig.serial.command("clips")?)?;
        Ok(rig.serial.command("status")?.contains("links, head "))
    })?;
    let shown = rig.serial.command(&format!("clips show {name}"))?;
    for part in ["  event     ", ": motion at ", "  clip      ", "; complete", "  picture   ", ".jpg"] {
        assert!(shown.contains(part), "`clips show` tells {part}: {shown}");
    }
    // The beginning of its name is enough.
    let start = name.split('_').next().unwrap_or_default().to_owned();
    let mut order = |what: &str| obeyed(&mut rig, &format!("clips {what} {start}"));
    assert!(order("protect")?.contains("Protected"));
    let refused = order("delete")?;
    assert!(refused.contains("Not done: the clip ") && refused.contains("is protected"), "{refused}");
    assert!(order("release")?.contains("Released"));
    assert!(order("delete")?.contains("Deleted."));
    assert!(order("show")?.contains("No clip begins with"), "it is gone");
    let said = rig.serial.command("clips protect nonsense")?;
    assert!(said.contains("No clip begins with `nonsense`"), "{said}");

    let folder = rig.off()?;
    assert!(found(folder.path())?.is_empty());
    let files = chain::files_in(&folder.path().join(layout::CLIPS_FOLDER))?;
    assert!(files.keys().all(|file| file.starts_with("chain-")), "nothing of it is left: {:?}", files.keys());
    let chain = chain::read(&files)?;
    assert!(chain.clips[&name].is_removed);
    assert!(String::from_utf8_lossy(&files["chain-0000000001.jsonl"]).contains(r#""why":"owner""#));
    Ok(())
}

/// The answer to an order, which is given again for as long as the record thread is busy with a slow card.
fn obeyed(rig: &mut Rig, line: &str) -> Result<String, Failure> {
    let mut said = String::new();
    rig.until("the record thread to have time", |rig| {
        said = rig.serial.command(line)?;
        Ok(!said.contains("is busy; try again"))
    })?;
    Ok(said)
}

/// The names, without extension, of the clips in a list.
fn names_in(listed: &str) -> Vec<String> {
    let name = |line: &str| Some(line.split_whitespace().last()?.strip_suffix(".mp4")?.to_owned());
    listed.lines().filter_map(name).collect()
}

/// The name, without extension, of the one clip in a list.
fn name_in(listed: &str) -> Result<String, Failure> {
    match names_in(listed).as_mut_slice() {
        [name] => Ok(std::mem::take(name)),
        _ => Err(format!("one clip was expected: {listed}").into()),
    }
}
