//! The figures of BENCHMARKS.md: measured, printed, never judged. Run by hand:
//! `cargo test --profile host -p tests --test figures -- --ignored --nocapture`.

use image_builder::emulate::read_slot;
use std::time::Instant;
use tests::{Outcome, Rig, report};

/// Frames over which a rate is measured.
const RATE_FRAMES: u64 = 300;

/// A line of `status`, without its name.
fn row(status: &str, name: &str) -> String {
    status.lines().find_map(|l| l.strip_prefix(&format!("{name:<10}"))).unwrap_or("?").to_owned()
}

/// Figures of the booted product with a 720p camera and five seconds of pre-roll.
#[test]
#[ignore = "figures for BENCHMARKS.md, not a test"]
fn figures_of_the_booted_image() -> Outcome {
    let started = Instant::now();
    let mut rig = Rig::boot()?;
    report::figure(
        "machine started to console prompt, s of wall time",
        format!("{:.1}", started.elapsed().as_secs_f32()),
    );
    let slot = read_slot(&rig.card())?;
    let parts = [
        ("kernel (gzip)", slot.kernel.len()),
        ("initramfs (zstd)", slot.initramfs.len()),
        ("device tree", slot.device_tree.as_ref().map_or(0, Vec::len)),
    ];
    for (name, bytes) in parts {
        report::figure(&format!("{name}, bytes"), bytes);
    }
    rig.until("the first frame", |rig| Ok(rig.serial.has("motion: watching, ")))?;
    let said = rig.serial.transcript();
    let line =
        said.lines().find_map(|l| l.split_once("motion: watching, ")).map_or("?", |(_, rest)| rest.trim());
    report::figure("first frame analysed", line);
    rig.settle()?;
    rig.frames_pass(120)?;
    let status = rig.serial.command("status")?;
    report::figure("memory with 720p at 15 frames/s and 5 s of pre-roll", row(&status, "memory"));
    report::figure("ring", row(&status, "ring"));
    for fps in [15, 30] {
        rig.serial.command(&format!("set camera.fps {fps}"))?;
        rig.frames_pass(60)?;
        for moving in [false, true] {
            if moving {
                rig.camera.scene_moving();
            }
            let before = (rig.camera.stats(), rig.ledger()?, Instant::now());
            rig.frames_pass(RATE_FRAMES)?;
            let after = (rig.camera.stats(), rig.ledger()?);
            let seconds = before.2.elapsed().as_secs_f64();
            let what = if moving { "recording" } else { "watching" };
            let taken = (after.1.captured - before.1.captured) as f64 / seconds;
            let lost = after.0.not_taken - before.0.not_taken;
            report::figure(
                &format!("1280x720 at {fps}, {what}"),
                format!("{taken:.1} frames/s taken, {lost} of {RATE_FRAMES} lost between camera and driver"),
            );
        }
        rig.camera.scene_still();
        report::figure("status", row(&rig.serial.command("status")?, "ring"));
    }
    let (ledger, _folder) = rig.poweroff()?;
    report::figure("final ledger", format!("{ledger:?}"));
    Ok(())
}
