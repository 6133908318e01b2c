//! The same frames, the same verdicts, whatever the CPU: the detector built as for the boards, beside this host's.
//!
//! The program `verdicts` plays generated scenes; the ARM builds of it run in QEMU's emulation of a process. What is compared is their
//! output, line by line. No output is pinned: what the detector decides is for other tests.

use image_builder::firmware::{cargo, ensure_target, flags};
use image_builder::host::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::{Failure, Outcome};

/// The boards' CPUs, and what emulates them: the oldest one of each target, which knows no newer instruction.
const OTHERS: [(&str, &[&str]); 3] = [
    ("aarch64-unknown-linux-musl", &["qemu-aarch64"]),
    ("arm-unknown-linux-gnueabi", &["qemu-arm", "-cpu", "arm1176"]),
    ("armv7-unknown-linux-gnueabihf", &["qemu-arm", "-cpu", "cortex-a8"]),
];
/// Light that changes, a camera that shakes, noise, water, and things that come within this time.
const SECONDS: &str = "10";
const SCENES: [&str; 5] = ["van-exposure", "walker-shake", "headlights", "car-night", "walker-water"];

/// Builds `verdicts` in the firmware's profile, for a board's CPU with the firmware's flags.
fn build(workspace: &Workspace, target: Option<&str>) -> Result<PathBuf, Failure> {
    let mut command = Command::new(cargo());
    command.args(["build", "--quiet", "--release", "--locked", "--package", "verdicts"]);
    command.current_dir(&workspace.root).env("CARGO_TARGET_DIR", &workspace.target);
    let mut folder = workspace.target.clone();
    if let Some(target) = target {
        ensure_target(workspace, target)?;
        command.args(["--target", target]);
        command.env("CARGO_ENCODED_RUSTFLAGS", flags(workspace, target)?.join("\x1f"));
        folder.push(target);
    }
    assert!(command.status()?.success(), "verdicts does not build for {target:?}");
    Ok(folder.join("release/verdicts"))
}

/// What it prints, run by itself or by an emulator.
fn verdicts(emulator: &[&str], program: &Path) -> Result<String, String> {
    let mut command = match emulator {
        [emulator, arguments @ ..] => {
            let mut command = Command::new(emulator);
            command.args(arguments).arg(program);
            command
        }
        [] => Command::new(program),
    };
    let output = command.arg(SECONDS).args(SCENES).output().map_err(|e| format!("{command:?}: {e}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|e| e.to_string())
}

/// N6: every field of every verdict, and the planes and frames before it.
#[test]
fn every_cpu_gives_the_same_verdicts() -> Outcome {
    let workspace = Workspace::find();
    let here = verdicts(&[], &build(&workspace, None)?)?;
    let motion = here.matches("decision: Motion").count();
    println!("{} verdicts, {motion} of them motion", here.lines().count());
    assert!(motion > 50 && here.lines().count() > 1000, "too little happens to compare anything");
    let programs = OTHERS.map(|(target, _)| build(&workspace, Some(target)));
    // Side by side: the emulation takes a minute.
    std::thread::scope(|scope| -> Outcome {
        let runs = OTHERS.into_iter().zip(programs).map(|((target, emulator), program)| {
            let program = program?;
            Ok((target, scope.spawn(move || verdicts(emulator, &program))))
        });
        for (target, run) in runs.collect::<Result<Vec<_>, Failure>>()? {
            let there = run.join().map_err(|_| "the thread broke off")??;
            for (here, there) in here.lines().zip(there.lines()) {
                assert_eq!(here, there, "this host, then {target}");
            }
            assert_eq!(here.lines().count(), there.lines().count(), "{target}");
        }
        Ok(())
    })
}
