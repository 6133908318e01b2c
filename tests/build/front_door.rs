//! `flash.sh` as a newcomer meets it: usage, boards, and one clear sentence for each mistake.

use std::process::{Command, Output};
use tests::card::run;
use tests::rig::root;
use tests::{Failure, Outcome};

fn flash(arguments: &[&str]) -> Result<Output, Failure> {
    Ok(Command::new(root().join("flash.sh")).args(arguments).current_dir(root()).output()?)
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a command as root, with sudo where this is not root.
fn as_root(command: &[&str]) -> Outcome {
    let script = "[ \"$(id -u)\" = 0 ] || set -- sudo \"$@\"; exec \"$@\"";
    run("sh", &[&["-c", script, "sh"], command].concat())?;
    Ok(())
}

/// U1: alone it prints usage and the boards; `boards` lists id, name and tier.
#[test]
fn usage_and_boards() -> Outcome {
    for arguments in [&[][..], &["boards"]] {
        let output = flash(arguments)?;
        assert!(output.status.success(), "{}", said(&output.stderr));
        assert!(said(&output.stdout).contains("virt"), "{}", said(&output.stdout));
    }
    assert!(said(&flash(&[])?.stdout).contains("emulate"));
    Ok(())
}

/// U2: a mistake is one sentence and a non-zero exit, without a backtrace.
#[test]
fn mistakes_are_sentences() -> Outcome {
    let cases: [(&[&str], &str); 5] = [
        (&["image", "toaster"], "toaster"),
        (&["emulate", "toaster"], "toaster"),
        (&["frobnicate"], "frobnicate"),
        (&["emulate", "virt", "--clip", "/does/not/exist.mp4"], "/does/not/exist.mp4"),
        (&["image", "virt", "/does/not/exist/card.img"], "/does/not/exist"),
    ];
    for (arguments, word) in cases {
        let output = flash(arguments)?;
        let error = said(&output.stderr);
        assert!(!output.status.success(), "{arguments:?}");
        let line =
            error.lines().find(|l| l.starts_with("error: ")).ok_or(format!("{arguments:?}: {error}"))?;
        assert!(line.contains(word), "{arguments:?}: {line}");
        assert!(!error.contains("panicked") && !error.contains("RUST_BACKTRACE"), "{error}");
    }
    Ok(())
}

/// U3: a full disk is told, and no half image is left behind. The disk is a small file system in memory.
#[test]
fn a_full_disk_is_told() -> Outcome {
    let folder = tempfile::tempdir()?;
    let disk = folder.path().display().to_string();
    as_root(&["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "tmpfs", &disk])?;
    let output = flash(&["image", "virt", &format!("{disk}/card.img")]);
    let left: Vec<_> = std::fs::read_dir(folder.path())?.flatten().collect();
    as_root(&["umount", &disk])?;
    let output = output?;
    let error = said(&output.stderr);
    assert!(!output.status.success(), "{error}");
    assert!(
        error.lines().any(|l| l.starts_with("error: ") && l.contains("No space left on device")),
        "{error}"
    );
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}

/// U5: a device is never overwritten by `image`.
#[test]
fn a_device_is_not_taken_for_a_file() -> Outcome {
    let output = flash(&["image", "virt", "/dev/null"])?;
    assert!(!output.status.success());
    assert!(
        said(&output.stderr).contains("error: /dev/null: is not a plain file"),
        "{}",
        said(&output.stderr)
    );
    assert!(!std::fs::metadata("/dev/null")?.is_file());
    Ok(())
}
