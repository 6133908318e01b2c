//! What the status screen shows on the emulated display, while the console is tried: `view.rs` asks at its turns.
//!
//! Judged by colours and places of a screendump. Shots are kept as PNG among the test artefacts.

use tests::rig::artefacts;
use tests::shot::{Part, Rgb};
use tests::{Outcome, Rig, Shot, report};

/// The ground of the state: armed, an event, not armed.
const GREEN: Rgb = [24, 120, 48];
const RED: Rgb = [196, 24, 24];
const SLATE: Rgb = [64, 72, 88];
const LETTERS: Rgb = [255; 3];
const MASK: Rgb = [40, 40, 56];
const ZONE: Rgb = [64, 224, 96];
/// The band has a tenth of the display's height at the least, and letters have so much of it.
const BAND_PART: usize = 10;
const LETTERS_PERCENT: std::ops::Range<usize> = 1..30;

/// SC1, SC4: the state is a band of that colour over the display's width, with words in it, above it and below.
fn has_state(shot: &Shot, ground: Rgb) -> bool {
    let Some(band) = shot.bounds(&shot.all(), |pixel| pixel == ground) else { return false };
    let pixels = band.0.len() * band.1.len();
    let letters = shot.count(&band, |pixel| pixel == LETTERS);
    band.0.len() * 10 > shot.width * 9
        && band.1.len() * BAND_PART >= shot.height
        && has_letters(shot, 0..band.1.start)
        && has_letters(shot, band.1.end..shot.height)
        && shot.count(&band, |pixel| pixel == ground) + letters == pixels
        && LETTERS_PERCENT.contains(&(letters * 100 / pixels))
}

fn has_letters(shot: &Shot, rows: std::ops::Range<usize>) -> bool {
    shot.count(&(0..shot.width, rows), |pixel| pixel == LETTERS) > shot.width / 2
}

fn until_state(rig: &mut Rig, what: &str, ground: Rgb, name: &str) -> Outcome {
    rig.until(what, |rig| {
        let shot = Shot::take(rig)?;
        let is_so = has_state(&shot, ground);
        if is_so {
            shot.keep(&artefacts()?.join(name))?;
        }
        Ok(is_so)
    })
}

/// SC1: it is armed, and that is seen.
pub fn is_armed(rig: &mut Rig) -> Outcome {
    until_state(rig, "the state `armed` on the display", GREEN, "screen-armed.png")?;
    let status = rig.serial.command("status")?;
    let memory = status.lines().find(|line| line.starts_with("memory ")).ok_or("no memory in `status`")?;
    report::figure("with a display", memory);
    Ok(())
}

/// SC4: an event goes on, and that is seen.
pub fn tells_an_event(rig: &mut Rig) -> Outcome {
    until_state(rig, "an event on the display", RED, "screen-event.png")
}

/// SC2, SC3: the picture of the footage of `view.rs` is where it belongs, bright where it is bright, hidden under the mask, with the zone
/// drawn in; what moves is warm, and moves.
pub fn shows_the_footage(rig: &mut Rig) -> Outcome {
    let (mut places, mut is_new) = (Vec::new(), false);
    rig.until("the square at two places of the display", |rig| {
        let shot = Shot::take(rig)?;
        match footage(&shot) {
            // The last picture of the other camera counts for two seconds.
            Err(_) if !is_new => return Ok(false),
            Err(wrong) => return Err(wrong.into()),
            Ok(place) => places.extend(place),
        }
        is_new = true;
        shot.keep(&artefacts()?.join("screen-picture.png"))?;
        Ok(places.iter().any(|place| place.abs_diff(places[0]) > 5))
    })
}

/// Where what moves is, in percent of the picture's width, if anything does; or what is wrong with the picture.
fn footage(shot: &Shot) -> Result<Option<usize>, String> {
    let is = |so: bool, what: &str| if so { Ok(()) } else { Err(what.to_owned()) };
    is(has_state(shot, SLATE), "it does not say that it is not armed")?;
    let picture = shot.bounds(&shot.all(), is_ground).ok_or("no picture")?;
    let (width, height) = (picture.0.len(), picture.1.len());
    is((width * 9).abs_diff(height * 16) < 64, &format!("{width}x{height} is not the camera's shape"))?;
    is(width * 100 > shot.width * 45, &format!("{width} of {} pixels are the picture's", shot.width))?;
    let all = |x, y, is_so: fn(Rgb) -> bool| {
        let part = within(&picture, x, y);
        shot.count(&part, is_so) == part.0.len() * part.1.len()
    };
    is(all([12, 23], [22, 48], |[red, ..]| red > 220), "the box is not bright")?;
    is(all([30, 65], [8, 60], is_ground), "the ground is not dark")?;
    is(all([71, 99], [6, 44], |pixel| pixel == MASK), "something shines through the mask")?;
    let zone = shot.bounds(&picture, |pixel| pixel == ZONE).ok_or("no zone")?;
    let near = |at: usize, from: usize, side: usize, percent: usize| {
        ((at - from) * 100).abs_diff(side * percent) <= 2 * side
    };
    let is_drawn = near(zone.0.start, picture.0.start, width, 2)
        && near(zone.0.end, picture.0.start, width, 98)
        && near(zone.1.end, picture.1.start, height, 99);
    is(is_drawn, &format!("the zone is at {zone:?} of {picture:?}"))?;
    let moving = shot.bounds(&within(&picture, [0, 100], [60, 90]), is_warm);
    // While it comes in or goes out again, both edges may be warm.
    let one = moving.filter(|moving| moving.0.len() * 4 < width);
    Ok(one.map(|moving| ((moving.0.start + moving.0.end) / 2 - picture.0.start) * 100 / width))
}

/// SC5: only words, then nothing at all, as the owner wants it.
pub fn shows_what_is_wanted(rig: &mut Rig) -> Outcome {
    rig.serial.command("set screen.show status")?;
    rig.until("the picture to go", |rig| {
        let shot = Shot::take(rig)?;
        Ok(has_state(&shot, SLATE) && shot.count(&shot.all(), is_ground) == 0)
    })?;
    rig.serial.command("set screen.show off")?;
    rig.until("the display to be dark", |rig| {
        let shot = Shot::take(rig)?;
        Ok(shot.count(&shot.all(), |pixel| pixel == SLATE || is_ground(pixel)) == 0)
    })?;
    rig.serial.command("set screen.show picture")?;
    rig.until("the picture to come back", |rig| {
        let shot = Shot::take(rig)?;
        Ok(has_state(&shot, SLATE) && shot.count(&shot.all(), is_ground) > 10_000)
    })
}

/// The footage's dark grey.
fn is_ground([red, green, blue]: Rgb) -> bool {
    red == green && green == blue && (44..=84).contains(&red)
}

/// A bright thing that moves.
fn is_warm([red, green, blue]: Rgb) -> bool {
    red > 200 && green > 120 && blue < 64
}

/// A part of the picture, in percent.
fn within(picture: &Part, x: [usize; 2], y: [usize; 2]) -> Part {
    let part = |side: &std::ops::Range<usize>, [from, to]: [usize; 2]| {
        side.start + side.len() * from / 100..side.start + side.len() * to / 100
    };
    (part(&picture.0, x), part(&picture.1, y))
}
