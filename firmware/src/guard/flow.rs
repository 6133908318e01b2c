//! What flows from motion to the card: an event's beginning, frames, notes, its end.
//!
//! The same words all the way, so that what stands in between may add frames to an event without anybody noticing. No behaviour.

use crate::clock;
use crate::record::{Cause, EventStart, Note};
use crate::ring::{Frame, Meta, SLOTS};
use crate::settings::Settings;

/// Words that wait at the most: every slot there is, and the beginnings and ends of events among them.
pub const QUEUE: usize = 2 * SLOTS;

/// One word, in the order of the frames.
pub enum Command {
    /// An event begins; its frames follow.
    Begin(Box<EventStart>),
    /// A frame: of the event, if one goes on.
    Frame(Frame),
    /// Something that the event's description is to tell.
    Note(Note),
    /// The event is over.
    End,
}

/// What every recording that begins with this frame begins with.
pub fn start_of(settings: &Settings, frame: &Meta, cause: Cause) -> EventStart {
    EventStart {
        // Of the frame, not of our looking at it.
        wall_us: clock::wall_us_at(frame.timestamp_us),
        wall_trusted: clock::is_trusted(),
        monotonic_us: frame.timestamp_us,
        region: [0; 4],
        changes: 0,
        token_seed: u32::try_from(clock::monotonic_us() % 1000).unwrap_or(0),
        instance_name: settings.name.clone(),
        width_px: side(frame.width),
        height_px: side(frame.height),
        pre_roll_ms: 0,
        cause,
        has_lines: false,
    }
}

/// A frame's coordinate as clip names hold it; no camera has frames of more than 65535 pixels.
pub fn side(px: u32) -> u16 {
    u16::try_from(px).unwrap_or(u16::MAX)
}
