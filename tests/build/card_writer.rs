//! `flash.sh card` as a person uses it, on loop devices where the host has them; each test says whether it had one.

use boards::layout::{BOOT, IMAGE_BYTES, SETTINGS_FILE};
use image_builder::card_writer::{HELPER_COMMAND, human};
use image_builder::fat;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tests::card::{run, text};
use tests::rig::{BOARD, Rig, root};
use tests::{Failure, LoopDevice, Outcome};

/// What was on the card before.
const OLD: &[u8] = &[0xa5; 4096];
/// How often an interruption may come too late, because this test's own process was not given the CPU.
const ATTEMPTS: usize = 5;
/// A card so large that its samples alone take seconds: the file behind it is sparse.
const HUGE_BYTES: u64 = 4 << 40;

/// Starts `flash.sh card BOARD ...`; the output can be read while it runs.
fn start(arguments: &[&str]) -> Result<Child, Failure> {
    Ok(Command::new(root().join("flash.sh"))
        .args(["card", BOARD])
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?)
}

/// Runs it to its end; `typed` is what the person types.
fn card(arguments: &[&str], typed: &str) -> Result<Output, Failure> {
    let mut child = start(arguments)?;
    if let Some(mut input) = child.stdin.take() {
        // Whoever refuses at once does not read.
        let _ = input.write_all(typed.as_bytes());
    }
    Ok(child.wait_with_output()?)
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The one sentence with which it refused.
fn refusal(arguments: &[&str], typed: &str) -> Result<String, Failure> {
    let output = card(arguments, typed)?;
    let error = said(&output.stderr);
    assert!(!output.status.success(), "{arguments:?}: {error}");
    let lines: Vec<&str> = error.lines().filter(|l| l.starts_with("error: ")).collect();
    assert_eq!(lines.len(), 1, "{arguments:?}: {error}");
    Ok(lines[0].trim_start_matches("error: ").to_owned())
}

/// Fills the card's start, the place of the clips and the card's end with something that must go.
fn use_card(card: &LoopDevice) -> Outcome {
    let file = File::options().write(true).open(card.file())?;
    let length = file.metadata()?.len();
    for offset in [0, 15 << 20, 100 << 20, IMAGE_BYTES - 4096, length - 4096] {
        file.write_all_at(OLD, offset)?;
    }
    Ok(())
}

fn untouched(card: &LoopDevice) -> Result<bool, Failure> {
    let mut start = vec![0; OLD.len()];
    File::open(card.file())?.read_exact(&mut start)?;
    Ok(start == OLD)
}

/// CW1: without a device it lists the cards, says how to go on, and needs no root.
#[test]
fn the_list_needs_nothing_and_writes_nothing() -> Outcome {
    let output = card(&[], "")?;
    let (list, error) = (said(&output.stdout), said(&output.stderr));
    assert!(output.status.success(), "{error}");
    let none = list.starts_with("There is no card in this computer.");
    let some = list.starts_with("DEVICE") && list.contains("Nothing was written.");
    assert!(none || some, "{list}");
    assert!(list.contains(&format!("./flash.sh card {BOARD} ")), "{list}");
    Ok(())
}

/// CW2: what is no disk, a part of one, or the running system's is refused with a sentence that says so.
#[test]
fn what_is_not_a_free_disk_is_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("card.img");
    File::create(&file)?.set_len(IMAGE_BYTES)?;
    assert!(refusal(&[&text(&file), "--yes"], "")?.contains("is a plain file"));
    assert!(refusal(&["/dev/null", "--yes"], "")?.contains("is not a disk (a block device)"));
    assert!(refusal(&["/dev/no-such-disk", "--yes"], "")?.contains("No such file"));

    let system = run("findmnt", &["--noheadings", "--output", "SOURCE", "/"])?;
    let system = system.trim();
    if Path::new(system).exists() {
        let sentence = refusal(&[system, "--yes"], "")?;
        let partition = sentence.contains("is a partition; the image needs the whole disk: /dev/");
        assert!(sentence.contains("holds the running system (/ is on it)") || partition, "{sentence}");
    } else {
        println!("NOT RUN: / is on {system}, which is no device here");
    }
    Ok(())
}

/// CW2: mounted, locked, too small, a partition: on real block devices.
#[test]
fn a_disk_in_use_locked_or_small_is_refused() -> Outcome {
    let Some(small) = LoopDevice::new(IMAGE_BYTES - 4096, &[])? else { return Ok(()) };
    let sentence = refusal(&[&text(small.device()), "--yes"], "")?;
    assert!(sentence.ends_with("has 255.9 MiB; the image needs 256.0 MiB"), "{sentence}");

    let Some(locked) = LoopDevice::new(IMAGE_BYTES, &["--read-only"])? else { return Ok(()) };
    let sentence = refusal(&[&text(locked.device()), "--yes"], "")?;
    assert!(sentence.contains("is write-protected"), "{sentence}");

    let Some(mounted) = LoopDevice::new(IMAGE_BYTES, &[])? else { return Ok(()) };
    let device = text(mounted.device());
    run("/sbin/mke2fs", &["-q", &device])?;
    let at = mounted.folder().join("mounted here");
    std::fs::create_dir(&at)?;
    run("mount", &[&device, &text(&at)])?;
    // The right size does not help.
    let sentence = refusal(&[&device, "--yes"], "256.0 MiB\n");
    run("umount", &[&text(&at)])?;
    let sentence = sentence?;
    assert!(sentence.contains(&format!("is mounted at {}", text(&at))), "{sentence}");
    Ok(())
}

/// CW3: a disk that is not removable wants its size typed back; `--yes` does not do it.
#[test]
fn a_disk_that_is_no_card_wants_its_size() -> Outcome {
    let Some(disk) = LoopDevice::new(2 * IMAGE_BYTES, &[])? else { return Ok(()) };
    use_card(&disk)?;
    for typed in ["", "y\n", "512\n", "512.0 MB\n"] {
        let output = card(&[&text(disk.device()), "--yes"], typed)?;
        let error = said(&output.stderr);
        assert!(!output.status.success() && error.contains("error: nothing was written"), "{error}");
        assert!(error.contains("type its size: 512.0 MiB"), "{error}");
        assert!(untouched(&disk)?, "{typed:?}");
    }
    Ok(())
}

/// CW7: the part that sudo runs, spoken to directly (here the test is root already): another identity than the agreed one
/// is refused; without an image it goes without having written anything.
#[test]
fn the_writer_that_sudo_starts_writes_only_the_card_that_was_agreed_to() -> Outcome {
    let Some(disk) = LoopDevice::new(2 * IMAGE_BYTES, &[])? else { return Ok(()) };
    use_card(&disk)?;
    let device = text(disk.device());
    let write = |identity: &str| {
        Command::new(root().join("flash.sh"))
            .args([HELPER_COMMAND, &device, identity])
            .stdin(Stdio::null())
            .output()
    };
    let refused = write("7:0 1 0 another")?;
    assert!(!refused.status.success());
    assert!(said(&refused.stderr).contains("is not the card any more"), "{}", said(&refused.stderr));

    let name = disk.device().file_name().and_then(|n| n.to_str()).ok_or("a name")?;
    let fact = |file: &str| std::fs::read_to_string(format!("/sys/block/{name}/{file}")).unwrap_or_default();
    // As much of the name of the file behind it as is shown.
    let model: String = text(&disk.file()).chars().take(40).collect();
    let sequence = fact("diskseq").trim().parse::<u64>().unwrap_or_default();
    let identity = format!("{} {} {sequence} {model}", fact("dev").trim(), 2 * IMAGE_BYTES);
    let ready = write(&identity)?;
    assert!(ready.status.success(), "{}", said(&ready.stderr));
    assert_eq!(said(&ready.stdout), "ready\n");
    assert!(untouched(&disk)?);
    Ok(())
}

/// CW8: a wrong `--config` is told with its line, before a question is asked.
#[test]
fn a_wrong_config_is_told_before_anything_is_built_or_asked() -> Outcome {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("mine.toml");
    std::fs::write(&config, "name = \"gate\"\nmotion.sensitivity = 900\n")?;
    let output = card(&["/dev/null", "--config", &text(&config)], "")?;
    let error = said(&output.stderr);
    assert!(!output.status.success());
    assert!(error.contains("mine.toml: line 2: motion.sensitivity must be "), "{error}");
    assert!(!error.contains("==>"), "{error}");
    Ok(())
}

/// CW4, CW8: every byte of the image is on the device, with the settings of `--config`, and what was there is gone; the
/// device boots, and the board has applied the settings.
#[test]
fn a_written_card_holds_the_image_and_boots_with_its_settings() -> Outcome {
    let Some(disk) = LoopDevice::new(2 * IMAGE_BYTES, &[])? else { return Ok(()) };
    use_card(&disk)?;
    let config = disk.folder().join("mine.toml");
    std::fs::write(&config, "name = \"gate\"\nmotion.sensitivity = 70\n")?;
    let size = format!("{}\n", human(2 * IMAGE_BYTES));
    let output = card(&[&text(disk.device()), "--config", &text(&config)], &size)?;
    let error = said(&output.stderr);
    assert!(output.status.success(), "{error}");
    for word in ["writing 100 %", "reading back 100 %", "complete: "] {
        assert!(error.contains(word), "{word}: {error}");
    }
    assert!(said(&output.stdout).contains("every byte is right"), "{}", said(&output.stdout));

    let end = format!(" to {}", disk.device().display());
    let image = error.lines().find_map(|l| l.strip_prefix("==> Writing ")?.strip_suffix(end.as_str()));
    let image = image.ok_or(format!("which image was it? {error}"))?;
    run("cmp", &["--bytes", &IMAGE_BYTES.to_string(), image, &text(disk.device())])?;
    let on_card = fat::read_file(disk.device(), BOOT.offset_bytes, SETTINGS_FILE)?;
    assert_eq!(on_card, std::fs::read(&config)?);
    // Of an earlier system's second partition table, nothing is left.
    let mut end = vec![1; 1 << 20];
    File::open(disk.file())?.read_exact_at(&mut end, 2 * IMAGE_BYTES - (1 << 20))?;
    assert!(end.iter().all(|byte| *byte == 0));

    let mut rig = Rig::boot_with(|card| {
        run("cp", &["--sparse=always", &text(disk.device()), &text(card)])?;
        Ok(())
    })?;
    for (name, value) in [("name", "gate"), ("motion.sensitivity", "70")] {
        let answer = rig.serial.command(&format!("show {name}"))?;
        assert!(answer.contains(value), "{name} should be {value}: {answer}");
    }
    Ok(())
}

/// CW6: Ctrl-C in the middle says that the card is not usable, and nothing on it looks like a card of ours.
#[test]
fn an_interrupted_card_is_said_to_be_unusable_and_has_no_partition_table() -> Outcome {
    let Some(disk) = LoopDevice::new(HUGE_BYTES, &[])? else { return Ok(()) };
    for _ in 0..ATTEMPTS {
        use_card(&disk)?;
        let mut child = start(&[&text(disk.device())])?;
        child.stdin.take().ok_or("no input")?.write_all(format!("{}\n", human(HUGE_BYTES)).as_bytes())?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no output")?).lines();
        let mut error = String::new();
        // A terminal's Ctrl-C once the first progress is seen.
        for line in lines.by_ref() {
            let line = line?;
            error += &format!("{line}\n");
            if line.contains("sampling the card") {
                run("kill", &["-INT", &child.id().to_string()])?;
                break;
            }
        }
        for line in lines {
            error += &format!("{}\n", line?);
        }
        if child.wait()?.success() {
            println!("the interruption came too late: again");
            continue;
        }
        let sentence = format!("error: stopped; the card in {} is not usable now", disk.device().display());
        assert!(error.contains(&sentence), "{error}");
        let mut start = vec![1; 1 << 20];
        File::open(disk.device())?.read_exact(&mut start)?;
        assert!(start.iter().all(|byte| *byte == 0));
        return Ok(());
    }
    Err("no interruption came in time".into())
}
