//! What an event begins with: motion at a place, tampering with the camera, or an input. Pure.

use crate::ring::Meta;
use vision::PlaneSize;
use vision::motion::{Decision, Occasion, Region, Tamper, Verdict};

/// What an event begins with.
pub struct Trigger {
    /// x1, y1, x2, y2 in pixels of the frame.
    pub region: [u32; 4],
    /// Pixels of the detection plane that differ.
    pub changes: u32,
    /// What is done to the camera, if the event is made of that.
    pub tamper: Option<Tamper>,
    /// The input that became active, if the event is made of that.
    pub input: Option<u8>,
    /// The thing that moved, if it is made of motion.
    pub occasion: Option<Occasion>,
}

impl Trigger {
    /// Of the frame that begins it. `tamper` is what is done to the camera, if that shall be an event; motion comes before it.
    pub fn of(verdict: &Verdict, tamper: Option<Tamper>, plane: PlaneSize, frame: &Meta) -> Trigger {
        let (width, height) = (frame.width, frame.height);
        let is_motion = verdict.decision == Decision::Motion;
        let region = verdict
            .subject
            .filter(|_| is_motion)
            .map_or([0, 0, width, height], |subject| region_px(subject.region, plane, frame));
        let occasion = verdict.subject.map(|subject| Occasion {
            decision: verdict.decision,
            subject,
            timestamp_us: frame.timestamp_us,
        });
        Trigger {
            region,
            changes: verdict.changes,
            tamper: tamper.filter(|_| !is_motion),
            input: None,
            occasion: occasion.filter(|_| is_motion),
        }
    }
}

impl Trigger {
    /// Of an input: the whole picture, whatever is in it.
    pub fn of_input(number: u8, frame: &Meta) -> Trigger {
        let region = [0, 0, frame.width, frame.height];
        Trigger { region, changes: 0, tamper: None, input: Some(number), occasion: None }
    }
}

/// A place of the plane in pixels of its frame: x1, y1, x2, y2.
pub fn region_px(region: Region, plane: PlaneSize, frame: &Meta) -> [u32; 4] {
    let scale = |v: u16, of: u16, to: u32| (u32::from(v) * to).checked_div(of.into()).unwrap_or(0).min(to);
    [
        scale(region.x1, plane.width, frame.width),
        scale(region.y1, plane.height, frame.height),
        scale(region.x2, plane.width, frame.width),
        scale(region.y2, plane.height, frame.height),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Decision, Meta, PlaneSize, Region, Tamper, Trigger, Verdict};
    use vision::motion::Subject;

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
    fn an_event_of_an_input_is_the_whole_picture() {
        let trigger = Trigger::of_input(3, &frame());
        assert_eq!((trigger.region, trigger.input, trigger.changes), ([0, 0, 1280, 720], Some(3), 0));
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
