//! An event that is recorded: what started it and what is known of it.
//!
//! The names and descriptions of its clips come from here. Must not do I/O.

use super::clip::Clip;
use super::folder::FolderFile;
use super::name::{ClipName, TOKEN_END};
use super::shot::Shot;
use super::sidecar::{Cause, ClockState, Crossed, DroppedFrames, Sidecar};
use super::verdict::DropReason;
use crate::settings::InstanceName;

/// What starts a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventStart {
    /// Wall time of the event, microseconds since 1970.
    pub wall_us: u64,
    /// Whether `wall_us` can be trusted.
    pub wall_trusted: bool,
    /// The same moment on the clock of the frames' timestamps.
    pub monotonic_us: u64,
    /// x1, y1, x2, y2 of the motion in pixels.
    pub region: [u16; 4],
    /// Changed pixels.
    pub changes: u32,
    /// Any number; the clips' tokens come from it.
    pub token_seed: u32,
    /// The camera's name.
    pub instance_name: InstanceName,
    /// The pictures' width.
    pub width_px: u16,
    /// The pictures' height.
    pub height_px: u16,
    /// The pre-roll that was asked for.
    pub pre_roll_ms: u32,
    /// What the event is made of.
    pub cause: Cause,
    /// Whether there are tripwires: their counts are told then, also when they are zero.
    pub has_lines: bool,
}

/// Something that the description of an event is to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// So much crossed tripwires in a frame.
    Crossed(Crossed),
    /// This was done to the camera: a word.
    Tampered(&'static str),
    /// The input of this number became active.
    Input(u8),
}

/// The event being recorded.
pub(super) struct Event {
    pub start: EventStart,
    /// Clips started so far.
    parts: u32,
    /// No clip is tried before.
    pub retry_at_us: u64,
    /// Why there is no clip, until `retry_at_us`.
    pub reason: DropReason,
    /// Lost since the last clip was closed in order.
    pub dropped: DroppedFrames,
    /// What crossed tripwires, where there are any.
    crossed: Option<Crossed>,
    /// What was last done to the camera.
    tampered: Option<&'static str>,
    /// The last input that became active.
    input: Option<u8>,
}

impl Event {
    /// It begins; there is no clip yet.
    pub fn new(start: EventStart) -> Self {
        let crossed = start.has_lines.then(Crossed::default);
        let (retry_at_us, reason) = (0, DropReason::CardError);
        let dropped = DroppedFrames::default();
        Self { start, parts: 0, retry_at_us, reason, dropped, crossed, tampered: None, input: None }
    }

    /// Something for its description.
    pub fn note(&mut self, note: Note) {
        match note {
            Note::Tampered(word) => self.tampered = Some(word),
            Note::Input(number) => self.input = Some(number),
            Note::Crossed(more) => {
                let so_far = self.crossed.get_or_insert_default();
                so_far.incoming = so_far.incoming.saturating_add(more.incoming);
                so_far.outgoing = so_far.outgoing.saturating_add(more.outgoing);
            }
        }
    }

    /// The name of its next clip: the first is named after the moment of the event, the following ones after their first frame.
    pub fn next_name(&mut self, first_us: u64) -> ClipName {
        let Self { start, parts: part, .. } = self;
        let wall_us = match part {
            0 => start.wall_us,
            _ => start.wall_us.saturating_add(first_us).saturating_sub(start.monotonic_us),
        };
        let token = start.token_seed.wrapping_add(*part) % u32::from(TOKEN_END);
        *part = part.wrapping_add(1);
        ClipName {
            seconds: wall_us / 1_000_000,
            microseconds: u32::try_from(wall_us % 1_000_000).unwrap_or_default(),
            name: start.instance_name.clone(),
            region: start.region,
            changes: start.changes,
            token: u16::try_from(token).unwrap_or_default(),
        }
    }

    /// What the description of one of its clips says.
    pub fn describe<F: Shot, W: FolderFile>(&self, clip: &Clip<F, W>, sidecar: &mut Sidecar) {
        let Self { start, dropped, crossed, tampered, input, .. } = self;
        sidecar.cause = start.cause;
        sidecar.tamper = tampered.map(Into::into);
        sidecar.input = *input;
        sidecar.incoming = crossed.map(|crossed| crossed.incoming);
        sidecar.outgoing = crossed.map(|crossed| crossed.outgoing);
        sidecar.clock = if start.wall_trusted { ClockState::Trusted } else { ClockState::Unknown };
        sidecar.monotonic_start_us = start.monotonic_us;
        sidecar.start_us = clip.start_us().wrapping_sub(start.monotonic_us).cast_signed();
        sidecar.end_us = clip.end_us().wrapping_sub(start.monotonic_us).cast_signed();
        sidecar.pre_roll_ms = start.pre_roll_ms;
        sidecar.dropped_frames = *dropped;
        (sidecar.width, sidecar.height) = (start.width_px, start.height_px);
    }
}
