//! Bare sensors reached through a media graph, their mosaics recorded as pictures. Needs a kernel of its own.
//!
//! It has the kernel's simulated sensors (`vimc`): two of them, one of which also feeds a scaler.

use std::path::Path;
use tests::{CardImage, Failure, Ledger, Outcome, Rig, report};

const WIDTH: usize = 320;
const HEIGHT: usize = 240;
/// Frames that are recorded of each.
const FRAMES: u64 = 30;

/// The sensor's bars, as light: 191 of 255, or none. From left to right.
const BARS: [[bool; 3]; 8] = [
    [true, true, true],
    [true, true, false],
    [false, true, true],
    [false, true, false],
    [true, false, true],
    [true, false, false],
    [false, false, true],
    [false, false, false],
];
/// What a screen gets for 191 of 255 of light: 0.749 is 0.882 of its range (IEC 61966-2-1).
const BRIGHT: u8 = 225;
/// Off by this much is still right: JPEG, and gains that are found by looking.
const OFF_MAX: u8 = 14;

/// RW7: the sensor is found through its graph, links and formats are set, its mosaic is seen and recorded; the recorded picture has the
/// colours of the sensor's bars; and the books balance.
#[test]
fn the_mosaic_of_a_bare_sensor_is_recorded_in_its_colours() -> Outcome {
    let mut rig = Rig::boot_on_kernel("vimc")?;
    let said = rig.serial.command("cameras")?;
    for part in ["Sensor A, driver vimc", "Sensor B, driver vimc", "RGGB", "BG10", "GB12"] {
        assert!(said.contains(part), "`cameras` tells {part}: {said}");
    }
    for (name, value) in
        [("camera.controls", "show_information 2"), ("camera.size", "320x240"), ("record.mode", "always")]
    {
        let said = rig.serial.command(&format!("set {name} {value}"))?;
        assert!(said.contains("In force."), "{said}");
    }
    let mut status = String::new();
    rig.until("the sensor in the new size", |rig| {
        status = rig.serial.command("status")?;
        Ok(status.contains(", 320x240 RGGB, "))
    })?;
    assert!(status.contains("ok: Sensor "), "{status}");
    rig.until("frames on the card", |rig| Ok(rig.ledger()?.recorded >= FRAMES))?;
    let (ledger, folder) = rig.poweroff()?;
    judge(&ledger, folder.path())
}

/// The clips' last picture is that of the bars, and is kept to be looked at.
fn judge(ledger: &Ledger, folder: &Path) -> Outcome {
    assert!(ledger.balances() && ledger.held == 0, "{ledger:?}");
    let clips = CardImage::new(&folder.join("card.img")).clips(folder)?;
    let clip = clips.last().ok_or("no clip")?;
    let kept = tests::rig::artefacts()?.join("vimc");
    if kept.exists() {
        std::fs::remove_dir_all(&kept)?;
    }
    tests::clip::Clip::pictures(clip, &kept)?;
    println!("frames to look at: {}", kept.display());
    let rgb = rgb_frames(clip)?;
    let last = rgb.chunks_exact(WIDTH * HEIGHT * 3).last().ok_or("no picture")?;
    let mut found = Vec::new();
    for (bar, expected) in BARS.iter().enumerate() {
        let expected = expected.map(|is_lit| if is_lit { BRIGHT } else { 0 });
        let colour = mean(last, (2 * bar + 1) * WIDTH / 16);
        found.push(colour);
        let off = colour.iter().zip(expected).map(|(found, expected)| found.abs_diff(expected)).max();
        assert!(off <= Some(OFF_MAX), "bar {bar}: {colour:?}, not {expected:?}");
    }
    report::figure("colours of the simulated sensor's bars in the clip", format!("{found:?}"));
    Ok(())
}

/// The mean colour around a column, in the lower half, where nothing is written.
fn mean(rgb: &[u8], x: usize) -> [u8; 3] {
    let mut sums = [0_usize; 3];
    let mut pixels = 0;
    for row in rgb.chunks_exact(3 * WIDTH).skip(HEIGHT / 2) {
        for pixel in row[3 * (x - 6)..3 * (x + 6)].chunks_exact(3) {
            sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += usize::from(*value));
            pixels += 1;
        }
    }
    sums.map(|sum| (sum / pixels) as u8)
}

/// Every frame of a clip, three bytes a pixel.
fn rgb_frames(clip: &Path) -> Result<Vec<u8>, Failure> {
    let arguments =
        ["-v", "error", "-i", &tests::card::text(clip), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"];
    let output = std::process::Command::new("ffmpeg").args(arguments).output()?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into())
    }
}
