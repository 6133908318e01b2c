//! The recorder: an event becomes one clip, or several that join without a gap, whatever the card does.
//!
//! States: idle; recording with a clip open; recording without one, because the card failed and the next try is not
//! yet due. Every frame comes back through the [`Sink`] exactly once. Time is an argument; the one caller is the
//! record thread. Must not wait for anything but the card.

mod upkeep;

use upkeep::Undescribed;

use super::clip::{CAPTION_BYTES_MAX, Clip, ClipError, FRAGMENT_BYTES_MAX, Follower};
use super::event::{Event, EventStart, Note};
use super::folder::Folder;
use super::mp4::{Codec, Film};
use super::name::{ClipName, Extension};
use super::random;
use super::retention::Keep;
use super::shelf::{self, Shelf};
use super::shot::{Shot, parameter_sets};
use super::sidecar::{Cause, DroppedFrames, Sidecar};
use super::still::Still;
use super::unlinked::Unlinked;
use super::verdict::{DropReason, Outcome, Sink, Verdict};
use super::writer::{Keys, seal_all};
use evidence::Why;

/// The biggest frame that is recorded: one fragment.
pub const FRAME_BYTES_MAX: usize = FRAGMENT_BYTES_MAX;
/// After a failure the next clip is tried this much later: soon enough for a card that is put back, seldom enough not
/// to wear out one that fails.
pub const RETRY_US: u64 = 3_000_000;
/// The same failure is reported again only after this time, so that a full card does not fill the log.
pub const REPORT_AGAIN_US: u64 = 60_000_000;
/// Kept frames are written after this time even when no more come: half a second over a fragment, so that a stalled
/// camera costs no more in a power cut than a running one.
pub const STALL_US: u64 = 1_500_000;
/// Clips that are not in the chain are read on this often: a piece each time, so that what is recorded comes first.
pub const LINK_EVERY_US: u64 = 500_000;
/// A clip never grows beyond this, even when timestamps stand still: players with signed 32-bit offsets still play it.
pub const CLIP_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// A clip goes on for this much longer at the most when the next one cannot begin: cameras send key frames every few seconds.
const KEY_WAIT_US: u64 = 10_000_000;
/// Room wanted before a clip or the next fragment: two fragments, one that is due and one that gathers meanwhile.
pub const NEED_BYTES: u64 = 2 * FRAGMENT_BYTES_MAX as u64;

/// The settings that the recorder obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest clip.
    pub clip_ms_max: u32,
    /// The part of the card to keep free.
    pub keep_free_percent: u32,
    /// The most of the card that may be in use.
    pub used_bytes_max: Option<u64>,
    /// Whom clips are sealed to.
    pub seal_keys: Keys,
}

/// A clip on the card that is being written.
struct Open<F, W> {
    clip: Clip<F, W>,
    name: ClipName,
    video: Extension,
    /// Whom it is sealed to.
    keys: Keys,
    /// Which pictures it can hold.
    film: FilmKind,
}

/// What the beginning of a clip says of its pictures: others need another clip.
#[derive(PartialEq, Eq)]
struct FilmKind {
    codec: Codec,
    /// The parameter sets of H.264, one after the other.
    sets: Vec<u8>,
}

impl FilmKind {
    fn of(shot: &impl Shot) -> Self {
        let codec = shot.codec();
        let sets = (codec == Codec::Avc).then(|| parameter_sets(shot.as_ref())).flatten();
        Self { codec, sets: sets.map_or_else(Vec::new, |sets| [sets.sequence, sets.picture].concat()) }
    }

    /// Whether this picture can be held; of H.264 only key pictures say.
    fn holds(&self, shot: &impl Shot) -> bool {
        match shot.codec() {
            Codec::Jpeg => self.codec == Codec::Jpeg,
            Codec::Avc if shot.is_key() => *self == Self::of(shot),
            Codec::Avc => self.codec == Codec::Avc,
        }
    }
}

impl<F, W> Open<F, W> {
    fn is_sealed(&self) -> bool {
        self.video == Extension::SealedVideo
    }

    fn still(&self) -> Extension {
        if self.is_sealed() { Extension::SealedStill } else { Extension::Still }
    }
}

/// See the head of this file. `F` owns a ring slot; dropping the recorder drops kept frames.
pub struct Recorder<F, D: Folder> {
    shelf: Shelf<D>,
    limits: Limits,
    event: Option<Event>,
    open: Option<Open<F, D::File>>,
    /// The best picture of the open clip.
    still: Still,
    /// The last clip whose description could not be stored.
    undescribed: Option<Undescribed>,
    /// Clips that are not in the chain yet.
    unlinked: Unlinked<D::File>,
    /// They are read on then.
    link_due_us: u64,
    /// The failure last reported, and when.
    reported: Option<(DropReason, u64)>,
    /// Why the card must not be used now, if so.
    suspended: Option<DropReason>,
    /// What is told beside the pictures, where it could not be put into them.
    caption: Option<Caption>,
}

/// A line of text.
type Caption = heapless::String<CAPTION_BYTES_MAX>;

impl<F: Shot, D: Folder> Recorder<F, D> {
    /// An idle recorder.
    pub fn new(folder: D, limits: Limits) -> Self {
        Self {
            shelf: Shelf::new(folder),
            limits,
            event: None,
            open: None,
            still: Still::new(),
            undescribed: None,
            unlinked: Unlinked::new(),
            link_due_us: 0,
            reported: None,
            suspended: None,
            caption: None,
        }
    }

    /// What is to be told beside the next frames, because it is not in their pictures: date and time. A clip that begins while there is
    /// such a text gets a track for it. What is too long is cut.
    pub fn set_caption(&mut self, text: Option<&str>) {
        self.caption = text.map(|text| text.chars().take(CAPTION_BYTES_MAX).filter(char::is_ascii).collect());
    }

    /// New settings; they count from the next frame.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The folder of the clips.
    pub fn folder(&self) -> &D {
        self.shelf.folder()
    }

    /// Whether an event is being recorded.
    pub fn is_recording(&self) -> bool {
        self.event.is_some()
    }

    /// The clip being written.
    pub fn current(&self) -> Option<&ClipName> {
        self.open.as_ref().map(|open| &open.name)
    }

    /// Frames given and not yet back.
    pub fn frames_held(&self) -> usize {
        self.open.as_ref().map_or(0, |open| open.clip.frames_pending())
    }

    /// An event begins; its first clip is made with its first frame, the oldest of the pre-roll. An event that is
    /// still open ends.
    pub fn begin(&mut self, start: EventStart, sink: &mut impl Sink<F>) {
        self.end(sink);
        self.event = Some(Event::new(start));
    }

    /// Something for the description of the event, if there is one; it is in that of the clip that is closed next.
    pub fn note(&mut self, note: Note) {
        if let Some(event) = &mut self.event {
            event.note(note);
        }
    }

    /// Takes a frame of the event, `timestamp_us` on the clock of [`EventStart::monotonic_us`]; what moves in it covers
    /// `subject_px` of the detection plane. It comes back through `sink`, now or later, exactly once.
    pub fn frame(&mut self, frame: F, timestamp_us: u64, subject_px: u32, sink: &mut impl Sink<F>) {
        if self.event.is_none() {
            return sink.settle(frame, Verdict::Skipped);
        }
        let frame_bytes = frame.as_ref().len();
        if !(1..=FRAME_BYTES_MAX).contains(&frame_bytes) {
            return self.drop_frame(frame, DropReason::BadFrame, sink);
        }
        let is_other = |open: &Open<F, D::File>| !open.film.holds(&frame);
        if self.open.as_ref().is_some_and(|open| open.clip.is_jump_back(timestamp_us) || is_other(open)) {
            self.finish(Follower::Nothing, sink);
        } else if self.open.as_ref().is_some_and(|open| self.is_over(&open.clip, &frame, timestamp_us)) {
            self.finish(Follower::At(timestamp_us), sink);
        } else if self.open.as_ref().is_some_and(|open| open.clip.is_due(frame_bytes, timestamp_us)) {
            self.write(Follower::At(timestamp_us), timestamp_us, sink);
        }
        let pushed = match self.ensure_open(&frame, timestamp_us, sink) {
            Ok(()) => self.keep(frame, timestamp_us, subject_px),
            Err(reason) => Err((frame, reason)),
        };
        if let Err((frame, reason)) = pushed {
            self.drop_frame(frame, reason, sink);
        }
    }

    /// Into the open clip.
    fn keep(&mut self, frame: F, timestamp_us: u64, subject_px: u32) -> Result<(), (F, DropReason)> {
        let Some(open) = &mut self.open else { return Err((frame, DropReason::CardError)) };
        if frame.codec() == Codec::Jpeg {
            self.still.consider(frame.as_ref(), subject_px);
        }
        open.clip.caption(self.caption.as_deref().unwrap_or_default());
        open.clip.push(frame, timestamp_us).map_err(|frame| (frame, DropReason::CardError))
    }

    /// To be called about every half second: writes what waits when the camera has stalled, and reads on in clips that are not
    /// in the chain yet while no event is recorded.
    pub fn tick(&mut self, now_us: u64, sink: &mut impl Sink<F>) {
        if self.open.as_ref().is_some_and(|open| open.clip.waiting_us(now_us) >= STALL_US) {
            self.write(Follower::NotYetKnown, now_us, sink);
        }
        let is_calm = self.event.as_ref().is_none_or(|event| event.start.cause == Cause::Continuous);
        if is_calm && self.suspended.is_none() && now_us >= self.link_due_us {
            self.link_due_us = now_us.saturating_add(LINK_EVERY_US);
            self.describe_again(sink);
            self.link_next(sink);
        }
    }

    /// The event is over: writes what is kept and closes the clip.
    pub fn end(&mut self, sink: &mut impl Sink<F>) {
        self.finish(Follower::Nothing, sink);
        self.event = None;
    }

    /// The card must not be used until [`Recorder::resume`]: the open clip is let go of as it is, kept frames and those that
    /// come meanwhile are lost to `reason`. The event goes on.
    pub fn suspend(&mut self, reason: DropReason, sink: &mut impl Sink<F>) {
        self.suspended = Some(reason);
        self.unlinked.forget();
        // It is mended when the card is taken up.
        self.undescribed = None;
        if let Some(mut open) = self.open.take() {
            if let Some(event) = &mut self.event {
                (0..open.clip.frames_pending()).for_each(|_| event.dropped.count(reason));
            }
            open.clip.give_up(reason, sink);
        }
    }

    /// The card can be used again; an event that goes on gets its next clip with its next frame.
    pub fn resume(&mut self, sink: &mut impl Sink<F>) {
        if self.suspended.take().is_some() {
            self.reported = None;
            self.take_up(sink);
            if let Some(event) = &mut self.event {
                event.retry_at_us = 0;
            }
        }
    }

    /// Whether the card is not used.
    pub fn is_suspended(&self) -> bool {
        self.suspended.is_some()
    }

    /// Frames of this event that were lost before they got here, for the sidecar.
    pub fn note_lost_upstream(&mut self, frames: u64) {
        if let Some(event) = &mut self.event {
            event.dropped.upstream = event.dropped.upstream.saturating_add(frames);
        }
    }

    /// Whether the clip ends before this frame: it is as long as it may be, and another can begin with the frame. Where none can for too
    /// long, it ends all the same.
    fn is_over(&self, clip: &Clip<F, D::File>, frame: &F, timestamp_us: u64) -> bool {
        let limit_us = u64::from(self.limits.clip_ms_max) * 1000;
        let length_us = timestamp_us.saturating_sub(clip.start_us());
        let is_long = length_us >= limit_us || clip.bytes() >= CLIP_BYTES_MAX;
        is_long && (frame.is_key() || length_us >= limit_us + KEY_WAIT_US || clip.bytes() >= CLIP_BYTES_MAX)
    }

    fn drop_frame(&mut self, frame: F, reason: DropReason, sink: &mut impl Sink<F>) {
        if let Some(event) = &mut self.event {
            event.dropped.count(reason);
        }
        sink.settle(frame, Verdict::Dropped(reason));
    }

    /// Opens a new clip where there is none, if it is time to try.
    fn ensure_open(&mut self, frame: &F, now_us: u64, sink: &mut impl Sink<F>) -> Result<(), DropReason> {
        if let Some(reason) = self.suspended {
            return Err(reason);
        }
        if self.open.is_none() {
            let event = self.event.as_ref().ok_or(DropReason::CardError)?;
            if now_us < event.retry_at_us {
                return Err(event.reason);
            }
            if !frame.is_key() {
                return Err(DropReason::NoKeyFrame);
            }
            match self.start_clip(frame, now_us, sink) {
                Ok(open) => {
                    self.still.clear();
                    self.open = Some(open);
                }
                Err((reason, sentence)) => {
                    self.failed(reason, sentence, now_us, sink);
                    return Err(reason);
                }
            }
        }
        Ok(())
    }

    /// Makes room, creates video and sidecar.
    fn start_clip(
        &mut self,
        first: &F,
        first_us: u64,
        sink: &mut impl Sink<F>,
    ) -> Result<Open<F, D::File>, (DropReason, String)> {
        if !self.shelf.folder().is_present() {
            let sentence = "There is no card for clips: nothing is recorded.".into();
            return Err((DropReason::CardMissing, sentence));
        }
        if let Err((reason, sentence)) = self.make_room(None, sink) {
            // Said, but tried all the same: there may be room enough for a clip.
            self.say(reason, sentence, first_us, sink);
        }
        let event = self.event.as_mut().ok_or((DropReason::CardError, String::new()))?;
        let mut name = event.next_name(first_us);
        let (width_px, height_px) = (event.start.width_px, event.start.height_px);
        let keys = self.limits.seal_keys;
        let video = if keys.iter().any(Option::is_some) { Extension::SealedVideo } else { Extension::Video };
        let file = self.shelf.create(&mut name, video).map_err(|error| {
            (DropReason::of(&error), format!("The clip {name} could not be made: {error}."))
        })?;
        let avc = (first.codec() == Codec::Avc).then(|| parameter_sets(first.as_ref())).flatten();
        let film = Film { width_px, height_px, avc, has_text: self.caption.is_some() };
        let clip = Clip::start(file, &keys, &film, first_us).map_err(|error| {
            // Best effort: retention deletes it some day.
            let _ = shelf::remove_clip(self.shelf.folder(), &name);
            (error.reason(), format!("The clip {name} could not be started: {error}."))
        })?;
        let open = Open { clip, name, video, keys, film: FilmKind::of(first) };
        sink.report(Outcome::ClipStarted { name: open.name.clone(), video });
        self.store_sidecar(&open, false, sink);
        Ok(open)
    }

    /// Writes the kept frames. On a full card room is made and the same fragment tried once more; any other failure
    /// closes the clip.
    fn write(&mut self, follower: Follower, now_us: u64, sink: &mut impl Sink<F>) {
        let Some(mut open) = self.open.take() else { return };
        let mut written = open.clip.write(follower, sink);
        let is_full = |result: &Result<_, ClipError>| {
            result.as_ref().is_err_and(|error| error.reason() == DropReason::CardFull)
        };
        if is_full(&written) && self.make_room(Some(&open.name), sink).is_ok_and(|deleted| deleted > 0) {
            written = open.clip.write(follower, sink);
        }
        match written {
            Ok(()) => {
                // Its failure shows when the next fragment is written.
                let _ = self.make_room(Some(&open.name), sink);
                self.open = Some(open);
            }
            Err(error) => self.close_failed(open, &error, now_us, sink),
        }
    }

    /// Gives up the kept frames and the clip; what is in it stays, an empty one goes.
    fn close_failed(
        &mut self,
        mut open: Open<F, D::File>,
        error: &ClipError,
        now_us: u64,
        sink: &mut impl Sink<F>,
    ) {
        let reason = error.reason();
        let lost = open.clip.frames_pending();
        if let Some(event) = &mut self.event {
            for _ in 0..lost {
                event.dropped.count(reason);
            }
        }
        open.clip.give_up(reason, sink);
        if open.clip.frames() == 0 {
            // Best effort, on a card that has just failed.
            let _ = shelf::remove_clip(self.shelf.folder(), &open.name);
        } else {
            // The failure is reported already; a sidecar that stays as it was says the same: not complete.
            let json = self.sidecar(&open, false).to_json();
            let _ = shelf::store_sidecar(self.shelf.folder(), &open.name, &json);
            self.unlinked.push(open.name.clone());
        }
        let sentence = format!("The clip {} ends early, {lost} frames are lost: {error}.", open.name);
        self.failed(reason, sentence, now_us, sink);
    }

    /// Closes the open clip in order.
    fn finish(&mut self, follower: Follower, sink: &mut impl Sink<F>) {
        let now_us = match follower {
            Follower::At(next_us) => next_us,
            _ => self.open.as_ref().map_or(0, |open| open.clip.end_us()),
        };
        self.write(follower, now_us, sink);
        let Some(mut open) = self.open.take() else { return };
        if let Err(error) = open.clip.finish() {
            return self.close_failed(open, &error, now_us, sink);
        }
        let (frames, bytes) = (open.clip.frames(), open.clip.bytes());
        self.store_still(&open, sink);
        let is_described = self.store_sidecar(&open, true, sink)
            // The card may have been full.
            || self.make_room(Some(&open.name), sink).is_ok_and(|deleted| deleted > 0)
                && self.store_sidecar(&open, true, sink);
        if is_described {
            self.link(&open.name, open.video, open.clip.hash(), sink);
        } else {
            self.describe_later(&open);
        }
        if let Some(event) = &mut self.event {
            event.dropped = DroppedFrames::default();
        }
        self.reported = None;
        sink.report(Outcome::ClipFinished { name: open.name, video: open.video, frames, bytes });
    }

    fn store_still(&mut self, open: &Open<F, D::File>, sink: &mut impl Sink<F>) {
        let Some(picture) = self.still.picture() else { return };
        let folder = self.shelf.folder();
        let stored = if open.is_sealed() {
            seal_all(&open.keys, &mut random::fill, picture)
                .and_then(|sealed| shelf::store_still(folder, &open.name, open.still(), &sealed))
        } else {
            shelf::store_still(folder, &open.name, open.still(), picture)
        };
        if let Err(error) = stored {
            // The description shall not name a picture that is not there.
            self.still.clear();
            let sentence =
                format!("The still picture of the clip {} could not be written: {error}.", open.name);
            sink.report(Outcome::Failed { reason: DropReason::of(&error), sentence });
        }
    }

    /// Whether it could be stored.
    fn store_sidecar(&mut self, open: &Open<F, D::File>, complete: bool, sink: &mut impl Sink<F>) -> bool {
        let json = self.sidecar(open, complete).to_json();
        let stored = shelf::store_sidecar(self.shelf.folder(), &open.name, &json);
        if let Err(error) = &stored {
            let sentence =
                format!("The description of the clip {} could not be written: {error}.", open.name);
            sink.report(Outcome::Failed { reason: DropReason::of(error), sentence });
        }
        stored.is_ok()
    }

    fn sidecar(&self, open: &Open<F, D::File>, complete: bool) -> Sidecar {
        let clip = &open.clip;
        let mut sidecar =
            Sidecar { complete, frames: clip.frames(), bytes: clip.bytes(), ..Sidecar::of(&open.name) };
        sidecar.path_to_video = open.name.file_name(open.video);
        if let Some(event) = &self.event {
            event.describe(clip, &mut sidecar);
        }
        if complete && self.still.picture().is_some() {
            sidecar.path_to_image = open.name.file_name(open.still());
        }
        sidecar
    }

    /// Deletes the oldest clips where there is too little room; how many.
    fn make_room(
        &mut self,
        writing: Option<&ClipName>,
        sink: &mut impl Sink<F>,
    ) -> Result<u32, (DropReason, String)> {
        let Limits { keep_free_percent, used_bytes_max, .. } = self.limits;
        let keep = Keep { need_bytes: NEED_BYTES, keep_free_percent, used_bytes_max };
        let (room, failed) = self.shelf.make_room(keep, writing).map_err(|error| {
            (DropReason::of(error.io()), format!("No room could be made for clips. {error}"))
        })?;
        self.tell_deleted(room.deleted, Why::Room, failed, sink);
        Ok(room.deleted)
    }

    /// Notes a failure and when to try again.
    fn failed(&mut self, reason: DropReason, sentence: String, now_us: u64, sink: &mut impl Sink<F>) {
        if let Some(event) = &mut self.event {
            event.retry_at_us = now_us.saturating_add(RETRY_US);
            event.reason = reason;
        }
        self.say(reason, sentence, now_us, sink);
    }

    /// Reports a failure unless one of the same kind was reported lately.
    fn say(&mut self, reason: DropReason, sentence: String, now_us: u64, sink: &mut impl Sink<F>) {
        let said = |(said, at_us)| said == reason && now_us.saturating_sub(at_us) < REPORT_AGAIN_US;
        if !self.reported.is_some_and(said) {
            self.reported = Some((reason, now_us));
            sink.report(Outcome::Failed { reason, sentence });
        }
    }
}
