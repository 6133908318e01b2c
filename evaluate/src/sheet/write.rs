//! Reads the chosen frames again and writes the sheet: a PNG with a row for each incident, or a GIF that shows them.
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use super::Error;
use super::canvas::Canvas;
use super::compose::{CELL_WIDTH_PX, HEAD_PX, cell, cell_size, head};
use super::incident::{Incident, STILLS, incidents};
use crate::input::{Frame, Frames};
use crate::labels::{Labels, Truth};
use crate::report::Report;
use crate::watch::Rows;

/// Hundredths of a second that a picture of a GIF stands.
const GIF_DELAY_CS: u16 = 20;
/// How hard the GIF's colours are looked for: 1 is best, 30 is fastest.
const GIF_SPEED: i32 = 10;

/// Writes `path`, a `.gif` or a `.png`. `frames` is the input once more, at its first frame.
///
/// # Errors
/// The input cannot be read again, or the file not be written.
pub fn write(
    path: &Path,
    frames: &mut dyn Frames,
    rows: &Rows,
    (labels, truth): (&Labels, &Truth),
    report: &Report,
) -> Result<(), Error> {
    let is_moving = path.extension().is_some_and(|ending| ending == "gif");
    let incidents = incidents(report, is_moving);
    let cells = draw(frames, rows, labels, report.has_labels, &incidents)?;
    let failed = |reason: String| Error::Write { file: path.display().to_string(), reason };
    let file = BufWriter::new(File::create(path).map_err(|error| failed(error.to_string()))?);
    let written = if is_moving {
        write_gif(file, &cells, &incidents, report, truth).map_err(|error| error.to_string())
    } else {
        write_png(file, &assemble(&cells, &incidents, report, truth)).map_err(|error| error.to_string())
    };
    written.map_err(failed)
}

/// Every chosen frame, drawn, by its number.
fn draw(
    frames: &mut dyn Frames,
    rows: &Rows,
    labels: &Labels,
    has_labels: bool,
    incidents: &[Incident],
) -> Result<BTreeMap<usize, Canvas>, Error> {
    let words = |incident: &Incident| {
        let word = incident.kind.word(has_labels);
        incident.frames.clone().into_iter().map(move |frame| (frame, word))
    };
    let wanted: BTreeMap<usize, &'static str> = incidents.iter().flat_map(words).collect();
    let (size, mut frame, mut cells) = (cell_size(rows.size), Frame::default(), BTreeMap::new());
    while cells.len() < wanted.len() && frames.next(&mut frame)? {
        if let (Some(word), Some(row)) = (wanted.get(&frame.index), rows.rows.get(frame.index)) {
            cells.insert(frame.index, cell(size, &frame.jpeg, frame.index, row, labels, word));
        }
    }
    Ok(cells)
}

/// A row of four frames for each incident, under the head.
fn assemble(
    cells: &BTreeMap<usize, Canvas>,
    incidents: &[Incident],
    report: &Report,
    truth: &Truth,
) -> Canvas {
    let width = STILLS * CELL_WIDTH_PX;
    let cell_height = cells.values().next().map_or(0, |cell| cell.height);
    let mut sheet = Canvas::new(width, HEAD_PX + incidents.len() * cell_height, [255; 3]);
    sheet.put((0, 0), &head(width, report, truth, None));
    for (row, incident) in incidents.iter().enumerate() {
        for (column, frame) in incident.frames.iter().enumerate() {
            if let Some(cell) = cells.get(frame) {
                sheet.put((column * CELL_WIDTH_PX, HEAD_PX + row * cell_height), cell);
            }
        }
    }
    sheet
}

fn write_png(file: BufWriter<File>, sheet: &Canvas) -> Result<(), png::EncodingError> {
    // A sheet of twelve rows is some thousand pixels high.
    let side = |px: usize| u32::try_from(px).unwrap_or(u32::MAX);
    let mut encoder = png::Encoder::new(file, side(sheet.width), side(sheet.height));
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&sheet.pixels)?;
    writer.finish()
}

fn write_gif(
    file: BufWriter<File>,
    cells: &BTreeMap<usize, Canvas>,
    incidents: &[Incident],
    report: &Report,
    truth: &Truth,
) -> Result<(), gif::EncodingError> {
    let cell_height = cells.values().next().map_or(0, |cell| cell.height);
    // A cell is some hundred pixels high.
    let side = |px: usize| u16::try_from(px).unwrap_or(u16::MAX);
    let (width, height) = (side(CELL_WIDTH_PX), side(HEAD_PX + cell_height));
    let mut encoder = gif::Encoder::new(file, width, height, &[])?;
    encoder.set_repeat(gif::Repeat::Infinite)?;
    for number in incidents.iter().flat_map(|incident| &incident.frames) {
        let Some(cell) = cells.get(number) else { continue };
        let mut picture = Canvas::new(CELL_WIDTH_PX, HEAD_PX + cell_height, [255; 3]);
        picture.put((0, 0), &head(CELL_WIDTH_PX, report, truth, Some(*number)));
        picture.put((0, HEAD_PX), cell);
        let mut frame = gif::Frame::from_rgb_speed(width, height, &picture.pixels, GIF_SPEED);
        frame.delay = GIF_DELAY_CS;
        encoder.write_frame(&frame)?;
    }
    Ok(())
}
