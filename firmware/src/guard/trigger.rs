//! What an event begins with: motion at a place, or tampering with the camera. Pure.

use crate::ring::Meta;
use vision::PlaneSize;
use vision::motion::{Decision, Occasion, Tamper, Verdict};

/// What an event begins with.
pub struct Trigger {
    /// x1, y1, x2, y2 in pixels of the frame.
    pub region: [u32; 4],
    /// Pixels of the detection plane that differ.
    pub changes: u32,
    /// What is done to the camera, if the event is made of that.
    pub tamper: Option<Tamper>,
    /// The thing that moved, if it is made of motion.
    pub occasion: Option<Occasion>,
}

impl Trigger {
    /// Of the frame that begins it. `tamper` is what is done to the camera, if that shall be an event; motion comes before it.
    pub fn of(verdict: &Verdict, tamper: Option<Tamper>, plane: PlaneSize, frame: &Meta) -> Trigger {
        let (width, height) = (frame.width, frame.height);
        let scale = |v: u32, of: u32, to: u32| (v * to).checked_div(of).unwrap_or(0).min(to);
        let is_motion = verdict.decision == Decision::Motion;
        let region = verdict.subject.filter(|_| is_motion).map_or([0, 0, width, height], |subject| {
            let r = subject.region;
            [
                scale(r.x1.into(), plane.width.into(), width),
                scale(r.y1.into(), plane.height.into(), height),
                scale(r.x2.into(), plane.width.into(), width),
                scale(r.y2.into(), plane.height.into(), height),
            ]
        });
        let occasion = verdict.subject.map(|subject| Occasion {
            decision: verdict.decision,
            subject,
            timestamp_us: frame.timestamp_us,
        });
        Trigger {
            region,
            changes: verdict.changes,
            tamper: tamper.filter(|_| !is_motion),
            occasion: occasion.filter(|_| is_motion),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Decision, Meta, PlaneSize, Tamper, Trigger, Verdict};
    use vision::motion::{Region, Subject};

    const PLANE: PlaneSize = PlaneSize { width: 160, height: 90 };

    fn verdict(decision: Decision) -> Verdict {
        let region = Region { x1: 8, y1: 9, x2: 16, y2: 90 };
        let subject = Some(Subject { region, blob_px: 40, ..Subject::default() });
        Verdict { decision, changes: 77, subject, ..Verdict::default() }
    }

    fn frame() -> Meta {
        Meta { width: 1280, height: 720, timestamp_us: 5_000_000, ..Meta::default() }
    }

    #[test]
    fn motion_has_its_place_in_the_frame() {
        let trigger = Trigger::of(&verdict(Decision::Motion), None, PLANE, &frame());
        assert_eq!((trigger.region, trigger.changes, trigger.tamper), ([64, 72, 128, 720], 77, None));
        assert_eq!(trigger.occasion.map(|occasion| occasion.timestamp_us), Some(5_000_000));
    }

    #[test]
    fn an_event_of_tampering_is_the_whole_picture_and_explained_by_no_thing() {
        let tamper = Some(Tamper::Covered);
        let trigger = Trigger::of(&verdict(Decision::TooSmall), tamper, PLANE, &frame());
        assert_eq!((trigger.region, trigger.tamper, trigger.occasion), ([0, 0, 1280, 720], tamper, None));
        let both = Trigger::of(&verdict(Decision::Motion), tamper, PLANE, &frame());
        assert!(both.tamper.is_none() && both.occasion.is_some(), "motion comes first");
    }
}
