//! Our own detector: the firmware's crate `vision`, used as the firmware uses it. Nothing else here knows its interface.
use vision::PLANE_PX_MAX;
use vision::luma::{LumaDecoder, header};
use vision::motion::{Decision, Detector, Sensitivity, Verdict};

use super::{FrameIn, Seen, Watcher};
use crate::labels::{Area, Zone};

/// Our detector.
pub struct Kerberos {
    decoder: Box<LumaDecoder>,
    detector: Box<Detector>,
    plane: Vec<u8>,
    zones: Vec<Zone>,
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
        let mut detector = Box::new(Detector::new());
        detector.configure(sensitivity);
        Kerberos {
            decoder: Box::new(LumaDecoder::new()),
            detector,
            plane: vec![0; PLANE_PX_MAX],
            zones: Vec::new(),
        }
    }
}

impl Watcher for Kerberos {
    fn name(&self) -> String {
        format!("kerberos {}", env!("CARGO_PKG_VERSION"))
    }

    fn set_zones(&mut self, zones: &[Zone]) {
        self.zones = zones.to_vec();
    }

    fn watch(&mut self, frame: &FrameIn<'_>) -> Seen {
        let size = match self.decoder.decode(frame.jpeg, &mut self.plane) {
            Ok(size) => size,
            Err(damage) => return Seen { why: damage.to_string(), ..Seen::default() },
        };
        let verdict = self.detector.analyse(&self.plane[..size.pixels()], size, frame.timestamp_us);
        let Verdict { decision, changes, blob_px, region } = verdict;
        let relative = |px: u16, of: u16| f32::from(px) / f32::from(of.max(1));
        let region = region.map(|r| Area {
            x1: relative(r.x1, size.width),
            y1: relative(r.y1, size.height),
            x2: relative(r.x2, size.width),
            y2: relative(r.y2, size.height),
        });
        // The detector has no zones yet: its one region decides.
        let is_in_zone = |area: &Area| self.zones.iter().any(|zone| zone.touches(area));
        let is_watched = self.zones.is_empty() || region.as_ref().is_none_or(is_in_zone);
        Seen {
            alarm: Some(decision == Decision::Motion && is_watched),
            tamper: None,
            regions: region.into_iter().collect(),
            why: decision.to_string(),
            changes,
            blob_px,
        }
    }
}

/// The size that a frame's header gives, in pixels; 0 x 0 for a damaged one.
pub(super) fn frame_size(jpeg: &[u8]) -> (u32, u32) {
    header(jpeg).map_or((0, 0), |size| (size.width.into(), size.height.into()))
}
