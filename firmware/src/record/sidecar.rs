//! The description beside each clip: Kerberos' event in JSON, and what we know beyond it.
//!
//! Kerberos' keys keep their names and types: `timestamp` is a string, `microseconds` the field of the clip's name,
//! paths are relative to the directory of the clips. Must not do I/O.

use serde::{Deserialize, Serialize};

use super::name::{ClipName, Extension};
use super::verdict::DropReason;

/// A description larger than this is not one of ours.
pub const SIDECAR_BYTES_MAX: u64 = 64 * 1024;

/// Whether the wall time in `timestamp` can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockState {
    /// Set by a person or from the network since the start.
    Trusted,
    /// Carried over from before the start; only the order of clips is right.
    Unknown,
}

/// What an event is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// Something moved.
    #[default]
    Motion,
    /// Somebody tampered with the camera.
    Tamper,
    /// An input became active.
    Input,
    /// Nothing: it is part of a continuous recording.
    Continuous,
}

/// What crossed tripwires, all of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crossed {
    /// Things that went in.
    pub incoming: u32,
    /// Things that went out.
    pub outgoing: u32,
}

/// Frames of the event lost since the clip before was closed in order, or since the event's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DroppedFrames {
    /// The card had no room.
    pub card_full: u64,
    /// The card refused to write.
    pub card_error: u64,
    /// There was no card.
    pub card_missing: u64,
    /// The frame was empty or too big.
    pub bad_frame: u64,
    /// No clip could begin with it (H.264).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub no_key_frame: u64,
    /// Lost before they reached the recorder.
    pub upstream: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl DroppedFrames {
    /// Counts a frame.
    pub fn count(&mut self, reason: DropReason) {
        match reason {
            DropReason::CardFull => self.card_full += 1,
            DropReason::CardError => self.card_error += 1,
            DropReason::CardMissing => self.card_missing += 1,
            DropReason::BadFrame => self.bad_frame += 1,
            DropReason::NoKeyFrame => self.no_key_frame += 1,
        }
    }

    /// All of them; what a file says may be any number.
    pub fn total(&self) -> u64 {
        let card = [self.card_full, self.card_error, self.card_missing];
        let all = card.into_iter().chain([self.bad_frame, self.no_key_frame, self.upstream]);
        all.fold(0, u64::saturating_add)
    }
}

/// The description of one clip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sidecar {
    /// x1, y1, x2, y2 of the motion in pixels.
    pub region_coordinates: [u16; 4],
    /// Changed pixels.
    pub number_of_changes: u32,
    /// The camera's name.
    pub name: String,
    /// Unix seconds.
    pub timestamp: String,
    /// `6-161868`: digits and microseconds.
    pub microseconds: String,
    /// 0..=999.
    pub token: u16,
    /// The file name of the picture that shows most; empty where there is none, as in a clip that was cut short.
    pub path_to_image: String,
    /// The clip's file name.
    pub path_to_video: String,
    /// The camera's name again, as Kerberos has it.
    pub instance_name: String,
    /// What the event is made of.
    #[serde(default)]
    pub cause: Cause,
    /// What was done to the camera during the event so far, the last of it: a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tamper: Option<String>,
    /// The input that became active during the event so far, the last of them: its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<u8>,
    /// Things that crossed a tripwire inwards during the event so far; the key of Kerberos' counter, only where there are lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incoming: Option<u32>,
    /// And outwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outgoing: Option<u32>,
    /// Whether the clip was closed in order. `false`: it is still being written, or power or card failed.
    pub complete: bool,
    /// Whether `timestamp` can be trusted.
    pub clock: ClockState,
    /// The moment of the event, microseconds since the start of the kernel.
    pub monotonic_start_us: u64,
    /// The first frame, relative to the event: negative where there is pre-roll.
    pub start_us: i64,
    /// The end of the last frame, relative to the event.
    pub end_us: i64,
    /// How much pre-roll was asked for.
    pub pre_roll_ms: u32,
    /// Frames in the clip.
    pub frames: u64,
    /// The clip's size.
    pub bytes: u64,
    /// Frames lost.
    pub dropped_frames: DroppedFrames,
    /// The pictures' width in pixels.
    pub width: u16,
    /// The pictures' height in pixels.
    pub height: u16,
}

impl Sidecar {
    /// The fields that follow from the clip's name; all others empty, `complete` false.
    pub fn of(name: &ClipName) -> Self {
        Self {
            region_coordinates: name.region,
            number_of_changes: name.changes,
            name: name.name.as_str().into(),
            timestamp: name.seconds.to_string(),
            microseconds: name.microseconds_field(),
            token: name.token,
            path_to_image: String::new(),
            path_to_video: name.file_name(Extension::Video),
            instance_name: name.name.as_str().into(),
            cause: Cause::Motion,
            tamper: None,
            input: None,
            incoming: None,
            outgoing: None,
            complete: false,
            clock: ClockState::Unknown,
            monotonic_start_us: 0,
            start_us: 0,
            end_us: 0,
            pre_roll_ms: 0,
            frames: 0,
            bytes: 0,
            dropped_frames: DroppedFrames::default(),
            width: 0,
            height: 0,
        }
    }

    /// As JSON text with a final newline.
    pub fn to_json(&self) -> Vec<u8> {
        // Only a map with keys that are not text could fail, and there is none.
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        json
    }
}
