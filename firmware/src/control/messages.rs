//! The questions and answers. Plain data; the console turns it into words.

use super::view::{Looking, Picture, View};
use crate::alarm::line::OutputLine;
use crate::alarm::place::Address;
use crate::restart::Ending;
use serde::{Deserialize, Serialize};

/// What one process may ask of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// To the guard: how are things?
    Status,
    /// To the guard: the last events.
    Events,
    /// To the guard: why was there an event, and why not?
    Why,
    /// To the guard: what does the camera see?
    View(Looking),
    /// To the guard: the same, as finely as the detector sees it.
    Picture,
    /// To the guard: the settings in force have changed, read them again.
    Reload,
    /// To the guard: the clock was set.
    ClockSet,
    /// To the guard: motion shall not count for so many minutes.
    Pause(u32),
    /// To the guard: it shall count again.
    Resume,
    /// To the guard: switch the alarm output on for a pulse.
    AlarmTest,
    /// To the guard: switch this output of the owner's on for a pulse.
    OutputTest(u8),
    /// To the guard: what has become of the owner's outputs and inputs?
    Wires,
    /// To the guard: somebody knows that the clips partition was made anew.
    CardSeen,
    /// To the guard: do this with the clip of that name (without extension).
    Clip(ClipOrder, String),
    /// To init: how are the services?
    Services,
    /// To init, from the guard, which has nothing of the card open: let the one-shot mount what card there is.
    Mount,
    /// To init, from the guard: hold exactly these outputs, and hand over those that can be had.
    Outputs(Vec<OutputLine>),
    /// To init: start the export, whose order lies ready (`export::order`).
    Export,
    /// To init: have the export stop in order.
    ExportStop,
    /// To init: stop everything in order and restart.
    Reboot,
    /// To init: stop everything in order and switch off.
    Poweroff,
    /// To the witness: this is how the system is about to end.
    LastWords(Ending),
    /// To init: kill a service outright (test images only).
    #[cfg(feature = "test-hooks")]
    Kill(String),
    /// To the guard: let this thread panic; to init: panic, or with `kernel` end without a word (test images only).
    #[cfg(feature = "test-hooks")]
    Panic(String),
    /// To whoever the part belongs to: let it hang for ever (test images only).
    #[cfg(feature = "test-hooks")]
    Hang(String),
    /// To init: shorten this part's `stall_ms_max` (test images only).
    #[cfg(feature = "test-hooks")]
    StallLimit(String, u64),
}

/// What to do with a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClipOrder {
    /// Never delete it to make room.
    Protect,
    /// It is as others again.
    Release,
    /// It goes now.
    Delete,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Question::Status`].
    Status(Box<Status>),
    /// To [`Question::Events`]: newest last.
    Events(Vec<EventLine>),
    /// To [`Question::Why`].
    Why(Box<Why>),
    /// To [`Question::View`].
    View(Box<View>),
    /// To [`Question::Picture`]; an open file with its pixels comes with it.
    Picture(Box<Picture>),
    /// To [`Question::Wires`].
    Wires {
        /// Those that are set.
        list: Vec<WireStatus>,
        /// From an event's frame to the alarm line switched for it, microseconds: of the last event, and the longest; 0: none yet.
        latency_us: [u64; 2],
    },
    /// To [`Question::Outputs`]: for each why it cannot be had, or nothing; the descriptors of the others come with it.
    Outputs(Vec<Option<String>>),
    /// To [`Question::Services`].
    Services(Vec<ServiceLine>),
    /// It is done, or on its way.
    Done,
    /// It was not done, and why: a sentence.
    Refused(String),
}

/// The state of the guard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Whether events are acted upon.
    pub armed: bool,
    /// Why it is so: a sentence, or nothing.
    pub armed_why: String,
    /// The camera.
    pub camera: CameraStatus,
    /// What the detector last said: a sentence.
    pub motion: String,
    /// Sensitivity in force, 1..=100.
    pub sensitivity: u32,
    /// Zones in which motion counts, and in which it does not.
    pub zones: (u32, u32),
    /// The tripwires, with what crossed them.
    pub lines: Vec<LineCount>,
    /// What is done to the camera.
    pub tamper: TamperStatus,
    /// Events since the guard started.
    pub events: u64,
    /// Whether an event goes on now.
    pub event_now: bool,
    /// Milliseconds since the last event began, if there was one.
    pub last_event_ago_ms: Option<u64>,
    /// Whether the alarm output is on.
    pub alarm_on: bool,
    /// What the alarm line read as after it was last switched, if there is a line and it was switched.
    pub alarm_reads: Option<bool>,
    /// The card.
    pub card: CardStatus,
    /// What is put into recorded pictures, in words; empty: nothing.
    pub marks: String,
    /// Whether it is dark, in words, if anything depends on it.
    #[serde(default)]
    pub light: Option<String>,
    /// Keys that clips are sealed to.
    pub seal_keys: u32,
    /// Frames that could not be marked.
    pub unmarked: u64,
    /// Why the last of them could not.
    pub unmarked_why: String,
    /// The frame ledger: name and count, in the order of the balance.
    pub captured: u64,
    /// Frames written to a clip.
    pub recorded: u64,
    /// Frames looked at and not part of an event.
    pub skipped: u64,
    /// Frames in the pre-roll or on their way to the card at this moment.
    pub held: u64,
    /// Frames lost, by reason; only reasons that happened.
    pub dropped: Vec<(String, u64)>,
    /// Frames that the camera or its driver counted and never delivered (not part of the balance).
    pub missed: u64,
    /// Frames kept without having been looked at, because motion detection was behind.
    pub unanalysed: u64,
    /// Memory in use by the frame slots, bytes.
    pub ring_bytes: u64,
    /// Pre-roll that is there now, milliseconds.
    pub pre_roll_ms: u64,
    /// For how long the guard runs, milliseconds: what was written was written in that time.
    pub running_ms: u64,
}

/// The camera as the guard sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CameraStatus {
    /// Whether frames arrive.
    pub ok: bool,
    /// A sentence: what is wrong, or the model.
    pub text: String,
    /// How it sends its pictures; empty without a camera.
    pub format: String,
    /// Pixels; 0 without a camera.
    pub width: u32,
    /// Pixels; 0 without a camera.
    pub height: u32,
    /// Frames a second asked for, in tenths.
    pub fps_wanted_tenths: u32,
    /// Frames a second measured, in tenths.
    pub fps_tenths: u32,
    /// What is mended in its pictures; empty if nothing is.
    #[serde(default)]
    pub mended: String,
    /// The mode that would be used, and why it is not; empty if it is.
    #[serde(default)]
    pub refused: String,
}

/// A tripwire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCount {
    /// The number of its setting.
    pub number: u8,
    /// What went in since it was drawn.
    pub inward: u32,
    /// What went out.
    pub outward: u32,
}

/// Tampering with the camera.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TamperStatus {
    /// What is done to it now: a sentence.
    pub now: Option<String>,
    /// For how long, milliseconds.
    pub for_ms: u64,
    /// How often each kind began since the guard started; only kinds that did.
    pub counts: Vec<(String, u32)>,
}

/// Why there was an event, and why none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// Whether motion makes events now.
    pub armed: bool,
    /// Why it is so: a sentence, or nothing.
    pub armed_why: String,
    /// The last event's number.
    pub event: Option<u64>,
    /// What it began with; nothing if that was tampering with the camera.
    pub event_subject: Option<Explained>,
    /// The last thing that became motion, whether or not an event came of it.
    pub motion: Option<Explained>,
    /// The last thing that did not.
    pub suppressed: Option<Explained>,
    /// Things by the most that they came to; only kinds that there were.
    pub things: Vec<ThingCount>,
    /// Frames by verdict; only verdicts that there were.
    pub frames: Vec<(String, u64)>,
    /// Pixels of the detection plane, which sizes are parts of.
    pub plane_px: u32,
}

/// One thing, with what it was held against.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// What was decided: a sentence.
    pub sentence: String,
    /// Milliseconds since then.
    pub ago_ms: u64,
    /// Whether it was anywhere where motion counts; if not, nothing was asked of it.
    pub is_judged: bool,
    /// The zone's number; none for the whole picture.
    pub zone: Option<u8>,
    /// Its plane pixels there.
    pub blob_px: u32,
    /// The fewest that count.
    pub blob_px_min: u32,
    /// How far it went, plane pixels.
    pub travel_px: u32,
    /// How far it had to.
    pub travel_px_min: u32,
    /// Grey levels from the background.
    pub contrast: u32,
}

/// Things of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThingCount {
    /// What they were, to follow their number.
    pub what: String,
    /// How many since the guard started.
    pub count: u32,
    /// Milliseconds since the last one.
    pub last_ago_ms: Option<u64>,
}

/// The clips partition as the guard sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CardStatus {
    /// Whether clips can be written.
    pub ok: bool,
    /// A sentence: what is wrong, or nothing.
    pub text: String,
    /// When the clips partition was made anew, seconds since 1970, until somebody acknowledges it.
    pub made_anew_s: Option<u64>,
    /// Bytes free.
    pub free_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// Bytes that may still be written before the oldest clips have to make room.
    pub room_bytes: u64,
    /// Clips written since the guard started.
    pub clips_written: u64,
    /// Bytes of these clips.
    pub clip_bytes: u64,
    /// Bytes that the card was given to write meanwhile: clips, descriptions, the file system's own.
    pub written_bytes: u64,
    /// Links of the chain of hashes over the clips, 0 while it is not known.
    pub links: u64,
    /// The hash of the newest link, 64 hexadecimal digits; empty while it is not known.
    pub head: String,
}

/// One event, for a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventLine {
    /// Counts from 1 since the guard started.
    pub number: u64,
    /// When it began, microseconds since 1970 by the clock as it was.
    pub wall_us: u64,
    /// When it began, monotonic microseconds.
    pub monotonic_us: u64,
    /// Whether that clock was set by somebody who knew the time.
    pub clock_trusted: bool,
    /// x1, y1, x2, y2 in pixels of the frame.
    pub region: [u32; 4],
    /// Pixels of the detection plane that had changed.
    pub changes: u32,
    /// The input that the event is made of, if it is.
    pub input: Option<u8>,
    /// What was done to the camera, if the event is made of that: a sentence.
    pub tamper: Option<String>,
    /// How long it took, once it is over.
    pub length_ms: Option<u64>,
}

/// An output or input of the owner's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WireStatus {
    /// Its setting.
    pub setting: String,
    /// Its line, once it is found.
    pub address: Option<Address>,
    /// Why it does not work: a sentence, or nothing.
    pub trouble: String,
    /// Whether the output is on, or the input active.
    pub on: bool,
    /// Changes of an input since it is watched.
    pub edges: u64,
    /// Changes for which we were too late.
    pub missed: u64,
}

/// One service, for a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceLine {
    /// Its name in the table.
    pub name: String,
    /// Its process, when it runs.
    pub pid: Option<i32>,
    /// How often it was restarted.
    pub restarts: u32,
    /// Why it last ended: a sentence, or nothing.
    pub last_end: String,
}
