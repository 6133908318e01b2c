//! Draws a frame with what was said about it, the sheet's head, and the line of time.
use super::canvas::{Canvas, Colour};
use super::font::LINE_PX;
use crate::labels::{Labels, Line, Truth};
use crate::report::{LineReport, Report};
use crate::score::Interval;
use crate::watch::{Crossed, Row};

/// Width of a frame on the sheet, in pixels.
pub const CELL_WIDTH_PX: usize = 320;
/// Lines of text under a frame.
const CELL_LINES: usize = 4;
/// Height of the head: two lines of text, two bars, space between.
pub const HEAD_PX: usize = 4 * LINE_PX + 2 * BAR_PX;
const BAR_PX: usize = 8;
const MARGIN_PX: usize = 4;

const PAPER: Colour = [250, 250, 250];
const INK: Colour = [20, 20, 20];
const FAINT: Colour = [222, 222, 222];
const RED: Colour = [225, 30, 30];
const YELLOW: Colour = [240, 190, 0];
const CYAN: Colour = [0, 200, 220];
const GREEN: Colour = [40, 170, 70];
const GREY: Colour = [170, 170, 170];
const PURPLE: Colour = [150, 60, 190];
const ORANGE: Colour = [255, 130, 0];
/// Length of the tick that shows which way is in, as a part of the picture's width.
const TICK: f32 = 0.04;

/// The size of a frame with its text, for frames of this size.
pub fn cell_size((width, height): (u32, u32)) -> (usize, usize) {
    let (width, height) = (width.max(1) as usize, height.max(1) as usize);
    // No picture is drawn higher than it is wide.
    let picture = (CELL_WIDTH_PX * height / width).clamp(8, CELL_WIDTH_PX);
    (CELL_WIDTH_PX, picture + CELL_LINES * LINE_PX + 2 * MARGIN_PX)
}

/// A frame with zones, lines, regions, its number, its time and the detector's words.
pub fn cell(
    size: (usize, usize),
    jpeg: &[u8],
    number: usize,
    row: &Row,
    labels: &Labels,
    word: &str,
) -> Canvas {
    let (width, height) = size;
    let mut canvas = Canvas::new(width, height, PAPER);
    let picture_px = height.saturating_sub(CELL_LINES * LINE_PX + 2 * MARGIN_PX);
    match Canvas::decode(jpeg) {
        Some(picture) => canvas.put((0, 0), &picture.scaled(width, picture_px)),
        None => canvas.fill((0, 0), (width, picture_px), GREY),
    }
    let place = |(x, y): (f32, f32)| {
        // Inside of the picture, so that lines on its rim are seen.
        let clamp = |at: f32, px: usize| ((at * px as f32) as i64).clamp(0, px as i64 - 2);
        (clamp(x, width), clamp(y, picture_px))
    };
    for zone in &labels.zones {
        let corners: Vec<_> = zone.corners.iter().copied().map(place).collect();
        outline(&mut canvas, &corners, CYAN);
    }
    for line in &labels.lines {
        canvas.line(place(line.from), place(line.to), ORANGE);
        let (from, to) = tick(line, picture_px as f32 / width as f32);
        canvas.line(place(from), place(to), ORANGE);
    }
    let is_alarm = row.seen.alarm == Some(true);
    for area in &row.seen.regions {
        let corners =
            [(area.x1, area.y1), (area.x2, area.y1), (area.x2, area.y2), (area.x1, area.y2)].map(place);
        outline(&mut canvas, &corners, if is_alarm { RED } else { YELLOW });
    }
    let text_y = picture_px + MARGIN_PX;
    let seconds = row.timestamp_us as f64 / 1e6;
    let colour = if is_alarm { RED } else { INK };
    let tamper = row.seen.tamper.as_ref().map(|kind| format!("  TAMPER: {kind}")).unwrap_or_default();
    let up = if is_alarm { "  alarm up" } else { "" };
    let crossed: String = row.seen.crossings.iter().map(|crossed| crossed_word(crossed, labels)).collect();
    let first = format!("frame {number}  {seconds:.2} s  {word}{up}{tamper}{crossed}");
    canvas.text((MARGIN_PX, text_y), (width - 2 * MARGIN_PX, 1), &first, colour);
    let rest = (width - 2 * MARGIN_PX, CELL_LINES - 1);
    canvas.text((MARGIN_PX, text_y + LINE_PX), rest, &row.seen.why, INK);
    canvas
}

fn crossed_word(crossed: &Crossed, labels: &Labels) -> String {
    let name = labels.lines.get(crossed.line).map_or("?", |line| line.name.as_str());
    format!("  {name}: {}", if crossed.is_in { "IN" } else { "OUT" })
}

/// From the line's middle to the side that is in. `aspect` is the picture's height for a width of 1.
fn tick(Line { from, to, .. }: &Line, aspect: f32) -> ((f32, f32), (f32, f32)) {
    let middle = ((from.0 + to.0) / 2.0, (from.1 + to.1) / 2.0);
    let (dx, dy) = (to.0 - from.0, (to.1 - from.1) * aspect);
    let length = (dx * dx + dy * dy).sqrt().max(f32::EPSILON);
    (middle, (middle.0 - dy / length * TICK, middle.1 + dx / length * TICK / aspect))
}

fn outline(canvas: &mut Canvas, corners: &[(i64, i64)], colour: Colour) {
    for (from, to) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        canvas.line(*from, *to, colour);
    }
}

/// The head: what was looked at, how it went, labels and alarms along the clip. `now` is a frame to mark.
pub fn head(width: usize, report: &Report, truth: &Truth, now: Option<usize>) -> Canvas {
    let mut canvas = Canvas::new(width, HEAD_PX, PAPER);
    let line = (width - 2 * MARGIN_PX, 1);
    let title = format!("{}: {} frames, {}", report.input, report.frames, report.watcher);
    canvas.text((MARGIN_PX, MARGIN_PX), line, &title, INK);
    canvas.text((MARGIN_PX, MARGIN_PX + LINE_PX), line, &summary(report), INK);
    let top = MARGIN_PX + 2 * LINE_PX + 2;
    let frames = report.frames.max(1);
    let mut bar = |row: usize, interval: Interval, colour: Colour| {
        let x = |frame: usize| frame * width / frames;
        let length = x(interval.last + 1).saturating_sub(x(interval.first)).max(2);
        canvas.fill((x(interval.first), top + row * (BAR_PX + 2)), (length, BAR_PX), colour);
    };
    for row in [0, 1] {
        bar(row, Interval::new(0, frames - 1), FAINT);
    }
    truth.activities.iter().for_each(|activity| bar(0, activity.frames, GREEN));
    truth.ignored.iter().for_each(|frames| bar(0, *frames, GREY));
    truth.tampers.iter().for_each(|(frames, _)| bar(0, *frames, PURPLE));
    for alarm in &report.alarms {
        bar(1, alarm.frames, if report.has_labels && alarm.is_false { RED } else { YELLOW });
    }
    if let Some(now) = now {
        canvas.fill((now * width / frames, top - 2), (2, 2 * BAR_PX + 6), INK);
    }
    canvas
}

fn summary(report: &Report) -> String {
    let count =
        |line: &LineReport| format!("; {} {} in, {} out", line.line.name, line.count_in, line.count_out);
    scores(report) + &report.lines.iter().map(count).collect::<String>()
}

fn scores(report: &Report) -> String {
    if !report.has_labels {
        return format!("{} alarms (lower bar); no labels", report.alarms.len());
    }
    let delay = report.delay_frames_median.map_or("-".into(), |frames| frames.to_string());
    format!(
        "{} of {} found, median delay {delay} frames, {} false alarms; bars: labels, alarms",
        report.found,
        report.activities.len(),
        report.false_alarms.len()
    )
}
