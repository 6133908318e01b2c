//! Our own detector: the crate `vision`, used as the firmware uses it.
//!
//! Nothing else here knows its interface.
use vision::luma::{FrameSize, LumaDecoder, RawFormat, RawFrame, header};
use vision::motion::{
    Config, Decision, Detector, Direction, Point, Polygon, Sensitivity, TRIPWIRES_MAX, Tripwire, Use, Verdict,
};
use vision::{PLANE_PX_MAX, PlaneSize};

use super::{Crossed, FrameIn, Seen, Watcher};
use crate::labels::{Area, LINES_MAX, Line, Zone};

const _: () = assert!(LINES_MAX == TRIPWIRES_MAX);

/// Our detector.
pub struct Kerberos {
    decoder: Box<LumaDecoder>,
    detector: Box<Detector>,
    plane: Vec<u8>,
    config: Config,
}

/// A sensitivity from the command line, none outside of 1..=100.
#[must_use]
pub fn sensitivity(value: u8) -> Option<Sensitivity> {
    Sensitivity::new(value)
}

impl Kerberos {
    /// A detector that has not seen a frame.
    #[must_use]
    pub fn new(sensitivity: Sensitivity) -> Kerberos {
        let config = Config::at(sensitivity);
        let mut detector = Box::new(Detector::new());
        detector.configure(config);
        Kerberos { decoder: Box::new(LumaDecoder::new()), detector, plane: vec![0; PLANE_PX_MAX], config }
    }
}

/// A frame as the detector sees it.
pub(crate) struct Plane {
    luma: Vec<u8>,
    size: PlaneSize,
}

/// The parts of the work, for who measures what each costs.
impl Kerberos {
    /// What the detector would see of a frame; nothing for a damaged one.
    pub(crate) fn plane(&mut self, jpeg: &[u8]) -> Option<Plane> {
        let size = self.decoder.decode(jpeg, &mut self.plane).ok()?;
        Some(Plane { luma: self.plane[..size.pixels()].to_vec(), size })
    }

    /// Detects without decoding.
    pub(crate) fn detect(&mut self, plane: &Plane, timestamp_us: u64) -> bool {
        self.detector.analyse(&plane.luma, plane.size, timestamp_us).decision == Decision::Motion
    }

    /// Looks at an uncompressed frame, YUYV without padding; nothing for one that cannot be.
    pub(crate) fn watch_yuyv(
        &mut self,
        bytes: &[u8],
        (width, height): (u32, u32),
        timestamp_us: u64,
    ) -> Option<bool> {
        let format = RawFormat::find(*b"YUYV")?;
        let size = FrameSize { width: width.try_into().ok()?, height: height.try_into().ok()? };
        let frame = RawFrame::new(format, size, format.row_bytes(size.width), bytes).ok()?;
        let size = frame.reduce(&mut self.plane).ok()?;
        let verdict = self.detector.analyse(&self.plane[..size.pixels()], size, timestamp_us);
        Some(verdict.decision == Decision::Motion)
    }
}

impl Watcher for Kerberos {
    fn name(&self) -> String {
        format!("kerberos {}", env!("CARGO_PKG_VERSION"))
    }

    fn set_zones(&mut self, zones: &[Zone]) {
        let kind = Use::Include { sensitivity: self.config.sensitivity, blob_ppm_min: None };
        let ours: Vec<_> = zones
            .iter()
            .filter_map(|zone| Some(vision::motion::Zone { polygon: polygon(zone)?, kind }))
            .collect();
        self.config = self.config.with_zones(&ours).unwrap_or(self.config);
        self.detector.configure(self.config);
    }

    fn set_lines(&mut self, lines: &[Line]) {
        let mut ours = [None; TRIPWIRES_MAX];
        for (place, line) in ours.iter_mut().zip(lines) {
            *place = Tripwire::new(point(line.from), point(line.to));
        }
        self.config = self.config.with_tripwires(ours);
        self.detector.configure(self.config);
    }

    fn watch(&mut self, frame: &FrameIn<'_>) -> Seen {
        let size = match self.decoder.decode(frame.jpeg, &mut self.plane) {
            Ok(size) => size,
            Err(damage) => return Seen { why: damage.to_string(), ..Seen::default() },
        };
        let verdict = self.detector.analyse(&self.plane[..size.pixels()], size, frame.timestamp_us);
        let Verdict { decision, changes, subject, tamper, crossings } = verdict;
        let relative = |px: u16, of: u16| f32::from(px) / f32::from(of.max(1));
        let region = subject.map(|subject| subject.region).map(|r| Area {
            x1: relative(r.x1, size.width),
            y1: relative(r.y1, size.height),
            x2: relative(r.x2, size.width),
            y2: relative(r.y2, size.height),
        });
        Seen {
            alarm: Some(decision == Decision::Motion),
            tamper: tamper.map(|kind| kind.word().to_string()),
            regions: region.into_iter().collect(),
            why: decision.to_string(),
            changes,
            blob_px: subject.map_or(0, |subject| subject.blob_px),
            crossings: crossings
                .iter()
                .map(|crossing| Crossed {
                    line: crossing.line.into(),
                    is_in: crossing.direction == Direction::In,
                })
                .collect(),
        }
    }
}

/// A label's polygon as the detector takes it; none for one that it cannot (more than 16 corners, or outside of the picture).
fn polygon(zone: &Zone) -> Option<Polygon> {
    let corners: Vec<Point> = zone.corners.iter().copied().map(point).collect();
    Polygon::new(&corners)
}

fn point((x, y): (f32, f32)) -> Point {
    let scaled = |share: f32| (share * 10_000.0).round() as u16;
    Point { x: scaled(x), y: scaled(y) }
}

/// The size that a frame's header gives, in pixels; 0 x 0 for a damaged one.
pub(crate) fn frame_size(jpeg: &[u8]) -> (u32, u32) {
    header(jpeg).map_or((0, 0), |size| (size.width.into(), size.height.into()))
}
