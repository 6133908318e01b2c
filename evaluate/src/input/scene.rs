//! A generated scene as a camera delivers it: played, encoded, and its truth kept as labels.
use std::collections::BTreeMap;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use scenes::{Picture, Player, TamperKind};

use super::error::Error;
use super::{Frame, Frames};
use crate::labels::{Labels, Range, Span, What};

/// A target counts from the frame on in which this share of the picture shows it, in millionths: 22 pixels of a plane of
/// 160 x 90. Of one that never gets so large, half of its largest share.
pub const VISIBLE_PPM_MIN: u64 = 1500;
/// Sides of a picture, in pixels.
const WIDTH_PX: std::ops::RangeInclusive<usize> = 64..=4096;
const HEIGHT_PX: std::ops::RangeInclusive<usize> = 48..=4096;

/// Which scene to play, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Play {
    /// Its name in the catalogue.
    pub name: String,
    /// Another seed is another course of the same scene.
    pub seed: u64,
    /// Length; the scene's own without it.
    pub seconds: Option<u32>,
    /// Width and height in pixels.
    pub size: (usize, usize),
    /// Of the JPEGs, 1..=100.
    pub quality: u8,
}

impl Default for Play {
    fn default() -> Play {
        Play { name: String::new(), seed: 1, seconds: None, size: (640, 480), quality: 80 }
    }
}

impl Play {
    /// Reads `WIDTHxHEIGHT`.
    ///
    /// # Errors
    /// Anything else, or a size that no scene is played at.
    pub fn parse_size(text: &str) -> Result<(usize, usize), Error> {
        text.split_once('x')
            .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
            .filter(|(width, height)| WIDTH_PX.contains(width) && HEIGHT_PX.contains(height))
            .ok_or_else(|| Error::Size(text.to_owned()))
    }
}

/// A scene that is being played.
pub struct Scene {
    play: Play,
    player: Player,
    picture: Picture,
    /// The picture as the encoder takes it: three bytes a pixel.
    pixels: Vec<u8>,
    log: Log,
}

impl Scene {
    /// Finds the scene in the catalogue.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn open(play: &Play) -> Result<Scene, Error> {
        let scene = scenes::find(&play.name).ok_or_else(|| Error::NoScene(play.name.clone()))?;
        let player = scene.play(play.size.0, play.size.1, play.seed);
        let player = match play.seconds {
            Some(seconds) => player.seconds(seconds),
            None => player,
        };
        Ok(Scene {
            play: play.clone(),
            player,
            picture: Picture::default(),
            pixels: Vec::new(),
            log: Log::default(),
        })
    }

    fn encode(&mut self, jpeg: &mut Vec<u8>) -> Result<(), Error> {
        self.picture.interleave(&mut self.pixels);
        let failed = |reason: String| Error::Encode { scene: self.play.name.clone(), reason };
        let side = |px: usize| u16::try_from(px).map_err(|error| failed(error.to_string()));
        let (width, height) = (side(self.picture.width)?, side(self.picture.height)?);
        jpeg.clear();
        let mut encoder = Encoder::new(jpeg, self.play.quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder
            .encode(&self.pixels, width, height, ColorType::Ycbcr)
            .map_err(|error| failed(error.to_string()))
    }
}

impl Frames for Scene {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, Error> {
        let Some(truth) = self.player.next_frame(&mut self.picture) else { return Ok(false) };
        self.encode(&mut frame.jpeg)?;
        (frame.index, frame.timestamp_us) = (self.log.frames, truth.timestamp_us);
        self.log.note(&truth, (self.picture.width * self.picture.height) as u64);
        Ok(true)
    }

    fn truth(&self) -> Option<Labels> {
        Some(self.log.labels(&self.play.name))
    }
}

/// One target in one frame.
#[derive(Clone, Copy, Debug)]
struct Sighting {
    frame: usize,
    ppm: u64,
    is_moving: bool,
}

/// What was true of the frames so far.
#[derive(Debug, Default)]
struct Log {
    frames: usize,
    targets: BTreeMap<u32, Vec<Sighting>>,
    tampers: Vec<(usize, usize, String)>,
}

impl Log {
    fn note(&mut self, truth: &scenes::Truth, picture_px: u64) {
        for target in &truth.targets {
            let ppm = u64::from(target.visible_px) * 1_000_000 / picture_px.max(1);
            let sighting = Sighting { frame: self.frames, ppm, is_moving: target.is_moving };
            self.targets.entry(target.id).or_default().push(sighting);
        }
        if let Some(kind) = truth.tamper {
            let kind = word(kind).to_owned();
            match self.tampers.last_mut() {
                Some((_, last, same)) if *same == kind && *last + 1 == self.frames => *last = self.frames,
                _ => self.tampers.push((self.frames, self.frames, kind)),
            }
        }
        self.frames += 1;
    }

    /// A target is a `motion` from the first to the last frame in which it moves and is large enough; frames in which it
    /// only stands, is smaller, or is hidden, are `ignore`.
    fn labels(&self, name: &str) -> Labels {
        let mut labels = Labels { file: format!("scene {name}"), ..Labels::default() };
        let mut add =
            |what, (from, to)| labels.spans.push(Span { what, range: Range::Frames(from, to), line: 0 });
        // For each frame: is somebody there; is somebody there who counts.
        let (mut present, mut active) = (vec![false; self.frames], vec![false; self.frames]);
        for sightings in self.targets.values() {
            let largest = sightings.iter().map(|sighting| sighting.ppm).max().unwrap_or_default();
            let enough = VISIBLE_PPM_MIN.min(largest.div_ceil(2));
            let mut counting =
                sightings.iter().filter(|s| s.is_moving && s.ppm >= enough).map(|sighting| sighting.frame);
            let span = counting.next().map(|first| (first, counting.next_back().unwrap_or(first)));
            if let Some((first, last)) = span {
                add(What::Motion(None), (first, last));
                present[first..=last].fill(true);
            }
            for sighting in sightings {
                present[sighting.frame] = true;
                active[sighting.frame] |= sighting.is_moving && sighting.ppm >= enough;
            }
        }
        let ignored: Vec<bool> =
            present.iter().zip(&active).map(|(&present, &active)| present && !active).collect();
        runs(&ignored).into_iter().for_each(|run| add(What::Ignore, run));
        for (from, to, kind) in &self.tampers {
            add(What::Tamper(kind.clone()), (*from, *to));
        }
        labels
    }
}

/// The kind of tampering as labels and detectors call it.
fn word(kind: TamperKind) -> &'static str {
    match kind {
        TamperKind::Covered => "covered",
        TamperKind::Defocused => "defocused",
        TamperKind::TurnedAway => "turned",
        TamperKind::Blinded => "blinded",
        TamperKind::Frozen => "frozen",
    }
}

/// First and last index of each run of `true`.
fn runs(flags: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in flags.iter().enumerate().filter(|(_, flag)| **flag) {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == at => *last = at,
            _ => runs.push((at, at)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use scenes::{Bounds, Target, TargetKind, Truth};

    use super::{Frame, Frames, Log, Play, Scene};

    fn truth(seen: &[(u32, u32, bool)]) -> Truth {
        let target = |&(id, visible_px, is_moving): &(u32, u32, bool)| Target {
            id,
            kind: TargetKind::Walker,
            bounds: Bounds::default(),
            visible_px,
            is_moving,
        };
        Truth { timestamp_us: 0, targets: seen.iter().map(target).collect(), tamper: None }
    }

    #[test]
    fn truth_becomes_labels_from_the_first_frame_that_shows_enough() {
        let mut log = Log::default();
        let enough = 15;
        // Of 10 000 pixels: too small, enough, standing, hidden, enough, too small, gone; then one that stays small.
        let frames: [&[(u32, u32, bool)]; 10] = [
            &[],
            &[(1, enough - 1, true)],
            &[(1, enough, true)],
            &[(1, 99, false)],
            &[],
            &[(1, 99, true)],
            &[(1, 2, true)],
            &[],
            &[(2, 3, true)],
            &[(2, 6, true)],
        ];
        frames.iter().for_each(|seen| log.note(&truth(seen), 10_000));
        let mut tampered = truth(&[]);
        tampered.tamper = Some(scenes::TamperKind::Covered);
        log.note(&tampered, 10_000);
        assert_eq!(
            log.labels("x").to_string(),
            "motion 2-5\nmotion 8-9\nignore 1-1\nignore 3-4\nignore 6-6\ntamper 10-10 covered\n"
        );
    }

    #[test]
    fn every_scene_plays_the_same_bytes_again() {
        let scene = scenes::catalogue().first().unwrap();
        let play = Play { name: scene.name.into(), seconds: Some(1), size: (64, 48), ..Play::default() };
        let record = || {
            let (mut source, mut frame, mut all) =
                (Scene::open(&play).unwrap(), Frame::default(), Vec::new());
            while source.next(&mut frame).unwrap() {
                all.push(frame.clone());
            }
            all
        };
        let first = record();
        assert!(first.len() >= 5 && first.windows(2).all(|two| two[0].timestamp_us < two[1].timestamp_us));
        assert_eq!(first, record());
    }

    #[test]
    fn sizes_and_names_are_checked() {
        assert_eq!(Play::parse_size("1280x720").unwrap(), (1280, 720));
        for wrong in ["", "640", "x", "63x48", "64x47", "9999x9999", "640x480x3"] {
            assert!(Play::parse_size(wrong).is_err(), "{wrong}");
        }
        let error = Scene::open(&Play { name: "moon".into(), ..Play::default() }).err().unwrap().to_string();
        assert_eq!(error, "there is no scene `moon`; `evaluate scenes` lists them.");
    }
}
