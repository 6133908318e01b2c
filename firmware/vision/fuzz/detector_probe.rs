//! What the fuzz target `detector` does with bytes: shared with the test that feeds it the kept corpus in every run.
//!
//! The bytes are a small program of frames, sizes, times and settings. The probe panics when a promise is broken, and on nothing
//! else: what the detector decides is its own affair.
use vision::motion::{
    Config, Decision, Detector, Lines, Perspective, Point, Polygon, Sensitivity, Tripwire, Use, Verdict, Zone,
};
use vision::{PLANE_PX_MAX, PlaneSize};

/// Plane pixels that one input may have looked at: an input must not take long.
const WORK_PX_MAX: usize = PLANE_PX_MAX;
/// The second detector's clock is ahead by this.
const AHEAD_US: u64 = 123_456_789;

/// Any sequence of frames and settings: never a panic; the same verdicts on another clock that runs as fast; what is found at some
/// sensitivity is found at a higher one; and a verdict speaks of what can be.
pub fn detector(bytes: &[u8]) {
    let mut script = Script(bytes);
    let mut rig = Rig::new();
    while let Some(order) = script.byte() {
        match order % 8 {
            0 => rig.configure(&mut script),
            1 => rig.resize(&mut script),
            2 => rig.now_us = u64::from_le_bytes(script.array()),
            3 => rig.step_us = script.long().into(),
            4 => rig.paint(&mut script),
            5 => rig.show_misfit(&mut script),
            _ => rig.play(&mut script),
        }
        if rig.work_px > WORK_PX_MAX {
            break;
        }
    }
}

/// The bytes that are left; zeroes behind their end.
struct Script<'a>(&'a [u8]);

impl Script<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }
    fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte().unwrap_or_default())
    }
    fn short(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }
    fn long(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }
    fn small(&mut self) -> usize {
        self.byte().unwrap_or_default().into()
    }
}

/// Three detectors that see the same frames: as told, on another clock, and at a higher sensitivity.
struct Rig {
    told: Box<Detector>,
    ahead: Box<Detector>,
    keener: Box<Detector>,
    size: PlaneSize,
    plane: Vec<u8>,
    now_us: u64,
    step_us: u64,
    /// The clock that is ahead has not gone over its end.
    clocks_agree: bool,
    work_px: usize,
}

impl Rig {
    fn new() -> Self {
        let new = || Box::new(Detector::new());
        let size = PlaneSize { width: 40, height: 24 };
        let plane = vec![100; size.pixels()];
        Self {
            told: new(),
            ahead: new(),
            keener: new(),
            size,
            plane,
            now_us: 0,
            step_us: 40_000,
            clocks_agree: true,
            work_px: 0,
        }
    }

    /// Sensitivity and how much keener the third is, perspective, zones, tripwires.
    fn configure(&mut self, script: &mut Script<'_>) {
        let [value, keener, zones] = script.array();
        let perspective = Perspective { top_percent: script.short(), bottom_percent: script.short() };
        let mut lines = Lines::default();
        for line in lines.iter_mut().take(usize::from(zones / 10 % 5)) {
            let mut point = || Point { x: script.short() % 10_100, y: script.short() % 10_100 };
            *line = Tripwire::new(point(), point());
        }
        let zones: Vec<Zone> = (0..zones % 10).filter_map(|_| zone(script)).collect();
        let at = |rise: u8| {
            let mut config = Config::at(sensitivity(value, rise)).with_tripwires(lines);
            config.perspective = perspective;
            let rise = |zone: &Zone| match zone.kind {
                Use::Include { sensitivity: of_zone, blob_ppm_min } => {
                    let sensitivity = sensitivity(of_zone.get(), rise);
                    Zone { kind: Use::Include { sensitivity, blob_ppm_min }, ..*zone }
                }
                Use::Exclude => *zone,
            };
            let zones: Vec<Zone> = zones.iter().map(rise).collect();
            let with_zones = config.with_zones(&zones);
            assert_eq!(with_zones.is_some(), zones.len() <= 8);
            with_zones.unwrap_or(config)
        };
        self.told.configure(at(0));
        self.ahead.configure(at(0));
        self.keener.configure(at(keener));
    }

    /// Any size at all; what no detector takes is shown with as many bytes as memory allows.
    fn resize(&mut self, script: &mut Script<'_>) {
        self.size = PlaneSize { width: script.short() % 330, height: script.short() % 330 };
        self.plane = vec![100; self.size.pixels()];
    }

    /// Bytes of the plane from somewhere on.
    fn paint(&mut self, script: &mut Script<'_>) {
        let (from, count) = (usize::from(script.short()), script.small());
        for at in from..from + count {
            let grey = script.byte().unwrap_or_default();
            if let Some(px) = self.plane.get_mut(at) {
                *px = grey;
            }
        }
    }

    /// A plane whose bytes do not fit its size.
    fn show_misfit(&mut self, script: &mut Script<'_>) {
        let (luma, size) =
            (vec![7; script.small()], PlaneSize { width: script.short(), height: script.short() });
        if size.pixels() != luma.len() {
            let verdict = self.look(&luma, size);
            assert_eq!(verdict, Verdict::default());
        }
    }

    /// Frames in which a square goes over the plane, under changing light, with noise.
    fn play(&mut self, script: &mut Script<'_>) {
        let [frames, x, y, dx, dy, side, grey, gain, noise] = script.array();
        let width = usize::from(self.size.width).max(1);
        let mut random = u32::from(noise) << 8 | u32::from(x);
        for frame in 0..i32::from(frames % 32) {
            let step = |from: u8, by: u8| i32::from(from) + frame * i32::from(by as i8) / 4;
            let (left, top, side) = (step(x, dx), step(y, dy), i32::from(side));
            let light = 128 + frame * i32::from(gain as i8) / 8;
            let seen = |(at, &px): (usize, &u8)| {
                let (x, y) = ((at % width) as i32, (at / width) as i32);
                let inside = (left..left + side).contains(&x) && (top..top + side).contains(&y);
                let px = if inside { grey ^ (at % 8) as u8 } else { px };
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let stray = (random >> 24) as i32 * i32::from(noise % 16) / 256;
                (i32::from(px) * light / 128 + stray).clamp(0, 255) as u8
            };
            let luma: Vec<u8> = self.plane.iter().enumerate().map(seen).collect();
            self.look(&luma, self.size);
            if self.work_px > 4 * WORK_PX_MAX {
                return;
            }
        }
    }

    /// Shows all three a frame and holds their verdicts against each other.
    fn look(&mut self, luma: &[u8], size: PlaneSize) -> Verdict {
        self.work_px += luma.len() + 100;
        let now_us = self.now_us;
        self.now_us = now_us.wrapping_add(self.step_us);
        let verdict = self.told.analyse(luma, size, now_us);
        // Where the other clock goes over its end, it has gone back and this one has not.
        self.clocks_agree &= now_us.checked_add(AHEAD_US).is_some();
        let ahead = self.ahead.analyse(luma, size, now_us.wrapping_add(AHEAD_US));
        if self.clocks_agree {
            assert_eq!(ahead, verdict, "only the time between frames counts");
            assert_eq!(self.ahead.counts(), self.told.counts());
        }
        let keener = self.keener.analyse(luma, size, now_us);
        assert_eq!(keener.changes, verdict.changes, "the model does not know the sensitivity");
        assert!(verdict.decision != Decision::Motion || keener.decision == Decision::Motion, "less is found");
        is_possible(&verdict, size);
        assert!(self.told.marks().is_empty() || self.told.marks().len() == size.pixels());
        verdict
    }
}

/// A sensitivity from any byte, raised by another.
fn sensitivity(value: u8, rise: u8) -> Sensitivity {
    let from = u16::from(value.clamp(1, 100));
    Sensitivity::new((from + u16::from(rise)).min(100) as u8).expect("1..=100")
}

/// A zone, if these bytes make one.
fn zone(script: &mut Script<'_>) -> Option<Zone> {
    let [kind, value, corners] = script.array();
    let points: Vec<Point> =
        (0..corners % 18).map(|_| Point { x: script.short() % 10_100, y: script.short() % 10_100 }).collect();
    let blob_ppm_min = (kind & 2 != 0).then(|| script.long());
    let include = Use::Include { sensitivity: sensitivity(value, 0), blob_ppm_min };
    Some(Zone { polygon: Polygon::new(&points)?, kind: if kind & 1 == 0 { include } else { Use::Exclude } })
}

/// What a verdict says can be true of a plane of this size.
fn is_possible(verdict: &Verdict, size: PlaneSize) {
    let px = size.pixels() as u32;
    assert!(verdict.changes <= px);
    assert!(verdict.crossings.iter().all(|crossing| crossing.line < 4 && crossing.track > 0));
    let speaks = verdict.decision >= Decision::Outside;
    assert_eq!(verdict.subject.is_some(), speaks, "{verdict:?}");
    let Some(subject) = verdict.subject else { return };
    let region = subject.region;
    assert!(region.x1 < region.x2 && region.x2 <= size.width, "{region:?}");
    assert!(region.y1 < region.y2 && region.y2 <= size.height, "{region:?}");
    let area = u32::from(region.x2 - region.x1) * u32::from(region.y2 - region.y1);
    assert!(subject.blob_px >= 1 && subject.blob_px <= area, "{subject:?}");
    assert_eq!(subject.zone.is_some(), verdict.decision > Decision::Outside, "{verdict:?}");
    assert!(subject.zone.is_none_or(|zone| zone < 8), "{subject:?}");
    assert!(subject.contrast <= 255 && subject.travel_px <= 640, "{subject:?}");
}
