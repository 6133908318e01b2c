//! What the console shows of the camera: its picture, its controls, what is wrong with it, how well motion is seen.

mod screen;

use std::path::{Path, PathBuf};
use std::process::Command;
use tests::{Failure, Outcome, Rig, report};

/// The picture's cells on a terminal, for a 16:9 camera.
const COLUMNS: usize = 75;
const ROWS: usize = 21;
/// What 115200 baud carry, and how often the picture is sent.
const LINE_BYTES_PER_S: usize = 11_520;
const SCREENS_PER_S: usize = 4;
/// Width of the left ruler.
const MARGIN: usize = 4;

/// VW4, VW5, VW7, VW8: the camera's controls are listed, turned, and turned again when it comes back; `diag` says what is wrong with a camera that is
/// missing; `motion test` shows motion and gives no alarm, and after it there is one; `watch` and `view` renew themselves until a key. SC1 to SC5:
/// meanwhile all of it is on the display.
#[test]
fn the_camera_is_diagnosed_turned_and_tried_from_the_console() -> Outcome {
    let mut rig = Rig::boot_with_display()?;
    rig.streams()?;
    screen::is_armed(&mut rig)?;
    controls_are_turned(&mut rig)?;
    a_missing_camera_is_diagnosed(&mut rig)?;
    motion_is_tried(&mut rig)?;

    rig.serial.send(b"watch\r")?;
    rig.serial.expect("settings  ")?;
    // Drawn again over the first.
    rig.serial.expect("\x1b[")?;
    rig.serial.send(b"\x1b[A")?;
    rig.serial.prompt()?;
    let log = rig.serial.command("log 500")?;
    assert!(log.contains("motion: watching, ") && !log.contains("kerberos: "), "{log}");
    assert!(rig.serial.command("log kernel 1000")?.contains("  Linux version "), "the kernel's first line");

    // The footage is brighter than a lamp: without that somebody seems to blind the camera.
    for setting in [
        "motion.tamper off",
        "armed false",
        "motion.zone1 include 2,95 98,95 98,99 2,99",
        "picture.mask1 70,5 100,5 100,45 70,45",
    ] {
        let said = rig.serial.command(&format!("set {setting}"))?;
        assert!(said.contains("In force."), "{said}");
    }
    let footage = footage(rig.folder())?;
    rig.plug_footage(&footage)?;
    rig.streams()?;
    the_picture_is_the_cameras(&mut rig)?;
    screen::shows_the_footage(&mut rig)?;
    screen::shows_what_is_wanted(&mut rig)?;

    rig.serial.send(b"view\r\n")?;
    rig.serial.expect("; a key ends")?;
    rig.serial.expect(&format!("\x1b[{}A", ROWS + 2))?;
    let screen = rig.serial.expect("; a key ends")?;
    report::figure("bytes of a screen of `view`", screen.len());
    assert!(screen.len() < LINE_BYTES_PER_S / SCREENS_PER_S, "the line carries it in time: {}", screen.len());
    rig.serial.send(b"q")?;
    rig.serial.prompt()?;
    assert!(
        rig.serial.command("status")?.contains("guard running, console running, screen running\n"),
        "nobody was restarted"
    );
    Ok(())
}

fn controls_are_turned(rig: &mut Rig) -> Outcome {
    let listed = rig.serial.command("cameras")?;
    for expected in [
        "Emulated camera, driver uvcvideo",
        "MJPEG   1280x720  ",
        "brightness ",
        "-64 to 64; default 0",
        "(50 Hz)",
        "1 (Manual Mode), 3 (Aperture Priority Mode); default 3",
        "3 to 2047; default 250; an automatic control has it",
        "0 to 250 in steps of 5; default 0; an automatic control has it",
    ] {
        assert!(listed.contains(expected), "`{expected}` is missing: {listed}");
    }
    let mut check = |line: &str, expected: &str| -> Outcome {
        let said = rig.serial.command(line)?;
        assert!(said.contains(expected), "`{line}`: {said}");
        Ok(())
    };
    check("cameras set brightness -20", "In force: camera.controls is brightness -20.")?;
    check("cameras set brightness 99", "brightness must be -64 to 64, not 99.")?;
    check("cameras set gloss 1", "it has no control gloss.")?;
    rig.until("the camera to be turned", |rig| Ok(rig.camera.turned().brightness() == -20))?;
    assert!(rig.serial.command("cameras")?.contains("brightness                    -20   -64 to 64"));
    exposure_and_focus_are_turned(rig)
}

/// First each automatic control is switched off, then what it had can be set.
fn exposure_and_focus_are_turned(rig: &mut Rig) -> Outcome {
    for (line, expected) in [
        ("exposure_time_absolute 300", "an automatic control has it: turn auto_exposure first."),
        ("focus_absolute 40", "an automatic control has it: turn focus_automatic_continuous first."),
        ("auto_exposure manual_mode", "camera.controls is brightness -20 auto_exposure 1."),
        ("focus_automatic_continuous off", "focus_automatic_continuous 0."),
    ] {
        let said = rig.serial.command(&format!("cameras set {line}"))?;
        assert!(said.contains(expected), "`{line}`: {said}");
    }
    rig.until("the automatic controls to be off", |rig| {
        let turned = rig.camera.turned();
        Ok(turned.exposure_100us().is_some() && turned.focus().is_some())
    })?;
    for line in ["exposure_time_absolute 300", "focus_absolute 40"] {
        let said = rig.serial.command(&format!("cameras set {line}"))?;
        assert!(
            said.contains("In force: camera.controls is brightness -20 auto_exposure 1 "),
            "`{line}`: {said}"
        );
    }
    rig.until("exposure and focus to be set", |rig| {
        let turned = rig.camera.turned();
        Ok((turned.exposure_100us(), turned.focus()) == (Some(300), Some(40)))
    })
}

fn a_missing_camera_is_diagnosed(rig: &mut Rig) -> Outcome {
    let well = rig.serial.command("diag")?;
    assert!(well.starts_with("The camera works: Emulated camera, 1280x720 MJPEG, "), "{well}");
    assert!(well.contains("camera, driver uvcvideo"), "{well}");
    rig.camera.unplug();
    rig.serial.expect("camera: no camera is connected")?;
    // The kernel lets go of the camera's node before it lets go of its place on the bus.
    rig.until("a diagnosis of nothing", |rig| {
        let missing = rig.serial.command("diag")?;
        Ok(missing.starts_with("No camera: nothing is plugged into USB, as far as the board sees.\nPlug"))
    })?;
    assert!(rig.serial.command("cameras")?.contains("No camera is there."));
    // The last picture counts for two seconds.
    rig.until("the last picture to be old", |rig| {
        let once = rig.serial.command("view once")?;
        Ok(once.contains("No picture comes. Camera: no camera is connected."))
    })?;
    rig.camera.plug();
    rig.streams()?;
    rig.until("the camera to be turned again", |rig| {
        let turned = rig.camera.turned();
        Ok((turned.brightness(), turned.exposure_100us(), turned.focus()) == (-20, Some(300), Some(40)))
    })
}

fn motion_is_tried(rig: &mut Rig) -> Outcome {
    rig.settle()?;
    rig.serial.send(b"motion test\r")?;
    rig.serial.expect("A key ends.")?;
    rig.camera.scene_moving();
    rig.serial.expect("; no alarm during `motion test`")?;
    rig.until("a line that would be an alarm", |rig| Ok(rig.serial.has(" -> would be an alarm")))?;
    assert!(!rig.alarm_high()?, "the alarm line stays low");
    rig.camera.scene_still();
    rig.serial.expect("event 1: over after ")?;
    assert!(!rig.alarm_high()?);
    rig.serial.send(b"x")?;
    let last = rig.serial.expect("Alarms are given again.")?;
    assert!(last.contains("Motion was seen. The largest thing was "), "{last}");
    rig.serial.prompt()?;
    rig.camera.scene_moving();
    rig.until("the alarm", Rig::alarm_high)?;
    screen::tells_an_event(rig)?;
    rig.camera.scene_still();
    rig.serial.expect("event 2: over after ")?;
    Ok(())
}

/// A dark ground, a bright box that stands still, one where the mask will be, and a bright square that goes from left to right.
fn footage(folder: &Path) -> Result<PathBuf, Failure> {
    let file = folder.join("square.mp4");
    let graph = "color=c=0x404040:s=640x360:r=15:d=6,\
                 drawbox=x=64:y=72:w=96:h=108:color=white:t=fill,drawbox=x=480:y=36:w=128:h=108:color=white:t=fill[ground];\
                 color=white:s=64x64:r=15:d=6[square];[ground][square]overlay=x=t*96:y=234";
    let made = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-filter_complex", graph, "-pix_fmt", "yuv420p"])
        .arg(&file)
        .output()?;
    if made.status.success() {
        Ok(file)
    } else {
        Err(format!("ffmpeg: {}", String::from_utf8_lossy(&made.stderr)).into())
    }
}

/// The picture's cells, row by row.
fn cells(answer: &str) -> Result<Vec<Vec<char>>, Failure> {
    assert!(!answer.contains('\x1b'), "`view once` sends no escape sequences");
    let lines: Vec<&str> = answer.lines().collect();
    let ruler = lines
        .iter()
        .position(|line| line.starts_with("    0      10 "))
        .ok_or_else(|| format!("no ruler: {answer}"))?;
    let rows = lines.get(ruler + 1..=ruler + ROWS).ok_or("too few rows")?;
    let rows: Vec<Vec<char>> = rows
        .iter()
        .map(|row| format!("{row:<width$}", width = MARGIN + COLUMNS).chars().skip(MARGIN).collect())
        .collect();
    assert!(rows.iter().all(|row| row.len() == COLUMNS), "{answer}");
    Ok(rows)
}

/// The cells in a part of the picture, in percent; without those that it only touches, and those marked as moving, of which there is one in
/// four at most.
fn part(cells: &[Vec<char>], x: [usize; 2], y: [usize; 2]) -> Vec<char> {
    let inside =
        |[from, to]: [usize; 2], count: usize| (from * count).div_ceil(100) + 1..to * count / 100 - 1;
    let all: Vec<char> = inside(y, ROWS).flat_map(|row| cells[row][inside(x, COLUMNS)].to_vec()).collect();
    let plain: Vec<char> = all.iter().copied().filter(|cell| *cell != '*').collect();
    assert!(plain.len() * 3 >= all.len() * 2, "most cells are the picture's: {}", picture(cells));
    plain
}

/// For a person to look at.
fn picture(cells: &[Vec<char>]) -> String {
    cells.iter().map(|row| format!("\n{}", row.iter().collect::<String>())).collect()
}

fn is_bright(cell: char) -> bool {
    "%#@".contains(cell)
}

/// VW1, VW2: bright is where it is bright, the mask is filled and nothing shines through, zones are drawn, and what moves moves.
fn the_picture_is_the_cameras(rig: &mut Rig) -> Outcome {
    let (mut places, mut is_new) = (Vec::new(), false);
    rig.until("the square at two places", |rig| {
        let cells = cells(&rig.serial.command("view once")?)?;
        // The last picture of the other camera counts for two seconds.
        is_new |= part(&cells, [30, 65], [8, 60]).iter().all(|cell| " .".contains(*cell));
        if !is_new {
            return Ok(false);
        }
        assert!(part(&cells, [10, 25], [20, 50]).into_iter().all(is_bright), "the box: {}", picture(&cells));
        assert!(
            part(&cells, [30, 65], [8, 60]).iter().all(|cell| " .".contains(*cell)),
            "the ground: {}",
            picture(&cells)
        );
        assert!(
            part(&cells, [70, 100], [5, 45]).iter().all(|cell| *cell == '/'),
            "the mask: {}",
            picture(&cells)
        );
        assert_eq!(cells[20][COLUMNS / 2], '1', "the zone: {}", picture(&cells));
        // Through the middle of the square; the box and the marks of what moves may be drawn over it.
        let row = &cells[74 * ROWS / 100];
        let bright: Vec<usize> = (0..COLUMNS).filter(|at| is_bright(row[*at])).collect();
        if let (Some(first), Some(last)) = (bright.first(), bright.last()) {
            assert!(last - first < 12, "one square of a tenth of the width: {}", picture(&cells));
            places.push(*first);
        }
        Ok(places.iter().any(|place| place.abs_diff(places[0]) > 5))
    })
}
