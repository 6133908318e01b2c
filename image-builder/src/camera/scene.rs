//! The generated scene over time: what is seen in which frame, encoded as cheaply as possible.
//!
//! The scene repeats after `LOOP_S` seconds. A frame of the loop is encoded the first time it is shown and kept; with
//! restart markers after every row of units, only the top row that holds the frame number is encoded for each frame.
//! So after one loop a frame costs a copy. Uncompressed frames are painted each time. It must not know who asks for frames, or a clock: time is the frame index.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::f64::consts::TAU;

use jpeg_encoder::{Encoder, SamplingFactor};
use serde::Serialize;

use super::counter;
use super::error::CameraError;
use super::format::PixelFormat;
use super::jpeg;
use super::modes::Mode;
use super::picture::{Backdrop, Figure, Picture, Rect, View};

/// Length of the loop in seconds; the figure walks through the frame in the first `WALK_S` of them.
const LOOP_S: u64 = 6;
const WALK_S: u64 = 4;
/// Swings of the foliage in one loop: a period of 3 s.
const SWINGS: f64 = 2.0;
/// JPEG quality (1 to 100), and 4:2:2 as webcams have it.
const QUALITY: u8 = 60;
const SAMPLING: SamplingFactor = SamplingFactor::F_2_1;
/// A row of units is 8 lines at 4:2:2, so the counter's 16 lines are two restart segments.
const UNIT_WIDTH: u16 = 16;
const COUNTER_SEGMENTS: usize = 2;
/// Switches of motion and mode that are remembered for the truth; older ones are forgotten.
const CHAPTERS_MAX: usize = 10_000;

/// What is really in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Truth {
    /// The frame's index, which is also the number drawn into it (modulo `counter::MODULUS`).
    pub index: u64,
    /// Size and rate of the frame.
    pub mode: Mode,
    /// The visible part of the moving object, if there is one.
    pub object: Option<Rect>,
}

/// What happens in the scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// The foliage sways.
    Still,
    /// That, and the figure walks.
    Moving,
    /// A hand lies on the lens.
    Covered,
    /// The foliage sways in so many percent of the day's light.
    Dim(u8),
}

/// From which frame on the scene was shown how.
#[derive(Debug, Clone, Copy)]
struct Chapter {
    from: u64,
    mode: Mode,
    act: Act,
}

/// The parts of an encoded frame around the counter's segments.
#[derive(Debug)]
struct Encoded {
    head: Vec<u8>,
    tail: Vec<u8>,
}

/// The scene.
#[derive(Debug)]
pub struct Scene {
    seed: u64,
    format: PixelFormat,
    act: Act,
    chapters: Vec<Chapter>,
    /// Of the current mode only: another mode starts anew.
    backdrop: Option<(Mode, Backdrop)>,
    frames: HashMap<(u64, Act), Encoded>,
}

impl Scene {
    /// A moving scene.
    pub fn new(seed: u64, format: PixelFormat) -> Scene {
        Scene { seed, format, act: Act::Moving, chapters: Vec::new(), backdrop: None, frames: HashMap::new() }
    }

    /// What happens from the next frame on.
    pub fn set_act(&mut self, act: Act) {
        self.act = act;
    }

    /// The frame with this index.
    pub fn frame(&mut self, mode: Mode, index: u64) -> Result<Vec<u8>, CameraError> {
        self.note(mode, index);
        let backdrop = match self.backdrop.take() {
            Some((known, backdrop)) if known == mode => backdrop,
            _ => {
                self.frames.clear();
                Backdrop::new(mode.width, mode.height, self.seed)
            }
        };
        let image = self.compose(&backdrop, mode, index);
        self.backdrop = Some((mode, backdrop));
        image
    }

    /// What is in a frame that was shown; `None` for one that was not, or that is forgotten.
    pub fn truth(&self, index: u64) -> Option<Truth> {
        let chapter = self.chapters.iter().rfind(|chapter| chapter.from <= index)?;
        let mode = chapter.mode;
        let figure = figure(mode, index).filter(|_| chapter.act == Act::Moving);
        Some(Truth { index, mode, object: figure.and_then(|figure| figure.visible(mode.width, mode.height)) })
    }

    fn note(&mut self, mode: Mode, index: u64) {
        let act = self.act;
        let same = |chapter: &Chapter| chapter.mode == mode && chapter.act == act;
        if !self.chapters.last().is_some_and(same) {
            if self.chapters.len() == CHAPTERS_MAX {
                self.chapters.remove(0);
            }
            self.chapters.push(Chapter { from: index, mode, act });
        }
    }

    fn compose(&mut self, backdrop: &Backdrop, mode: Mode, index: u64) -> Result<Vec<u8>, CameraError> {
        let view = view(mode, index, self.act);
        if self.format != PixelFormat::Mjpeg {
            let mut whole = backdrop.paint(0..mode.height, &view);
            counter::draw(index, &mut whole.luma, usize::from(mode.width));
            return self.format.pack(&whole).ok_or_else(damaged);
        }
        // While the figure is out of sight the scene is the still one.
        let act = if self.act == Act::Moving && view.figure.is_none() { Act::Still } else { self.act };
        let key = (index % loop_frames(mode), act);
        let encoded = match self.frames.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(split(&encode(backdrop.paint(0..mode.height, &view))?)?),
        };
        let mut top = backdrop.paint(0..counter::AREA.height, &view);
        counter::draw(index, &mut top.luma, usize::from(mode.width));
        let top = encode(top)?;
        let start = jpeg::data_start(&top).ok().flatten().ok_or_else(damaged)?;
        let segments = top.get(start..top.len() - 2).ok_or_else(damaged)?;
        Ok([&encoded.head, segments, &encoded.tail].concat())
    }
}

fn loop_frames(mode: Mode) -> u64 {
    LOOP_S * u64::from(mode.fps)
}

/// Where the figure is in a frame: it walks from the left edge to the right, then the frame is empty for a while.
fn figure(mode: Mode, index: u64) -> Option<Figure> {
    let at = index % loop_frames(mode);
    let steps = WALK_S * u64::from(mode.fps);
    if at >= steps {
        return None;
    }
    let (width, height) = (i32::from(mode.width) / 9, i32::from(mode.height) * 2 / 5);
    let way = i64::from(i32::from(mode.width) + width);
    let x = way * (at as i64 + 1) / (steps as i64 + 1);
    Some(Figure { x: x as i32 - width, y: i32::from(mode.height) / 2, width, height })
}

fn view(mode: Mode, index: u64, act: Act) -> View {
    let at = index % loop_frames(mode);
    let swing = (TAU * SWINGS * at as f64 / loop_frames(mode) as f64).sin();
    let figure = figure(mode, index)
        .filter(|figure| act == Act::Moving && figure.visible(mode.width, mode.height).is_some());
    let light_percent = if let Act::Dim(percent) = act { percent.min(100) } else { 100 };
    let is_covered = act == Act::Covered;
    View { noise: at + 1, swing_q8: (swing * 256.0) as i32, figure, is_covered, light_percent }
}

fn encode(picture: Picture) -> Result<Vec<u8>, CameraError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, QUALITY);
    encoder.set_sampling_factor(SAMPLING);
    encoder.set_restart_interval(picture.width / UNIT_WIDTH);
    encoder.encode_image(picture).map_err(|error| CameraError::Encode(error.to_string()))?;
    Ok(bytes)
}

fn split(image: &[u8]) -> Result<Encoded, CameraError> {
    let start = jpeg::data_start(image).ok().flatten().ok_or_else(damaged)?;
    let tail = jpeg::after_segments(image, start, COUNTER_SEGMENTS).ok_or_else(damaged)?;
    Ok(Encoded { head: image[..start].to_vec(), tail: image[tail..].to_vec() })
}

fn damaged() -> CameraError {
    CameraError::Encode("the encoder did not write the restart markers that it was asked for".into())
}

#[cfg(test)]
#[path = "scene_tests.rs"]
mod tests;
