//! Which modes a camera was refused since it was plugged in, and what is not tried again for that. Pure.
//!
//! USB has only so much bandwidth, which a camera reserves for the mode that it is asked for: `uvcvideo` then refuses to start the stream, or,
//! on a bus that is overloaded in another way, starts it and no frame ever comes. Something smaller may do. Must not know how to ask a camera.

use super::{Format, Mode, Wish};
use nix::errno::Errno;
use std::fmt;
use std::io;
use vision::luma::RawFormat;

/// Starts without any frame, in a mode in which there never was one, after which the mode counts as refused.
const SILENT_STARTS_MAX: u32 = 2;
/// Once every mode was refused, what is known is forgotten after this time: what took the bandwidth may be gone.
const ALL_AGAIN_US: u64 = 30_000_000;

/// One time that a camera was plugged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plug(pub u64);

/// Why a mode is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The system's answer.
    Refused(Errno),
    /// No frame came.
    Silent,
}

/// A mode that is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    plug: Plug,
    /// What was asked for.
    pub mode: Mode,
    /// What happened.
    pub why: Why,
}

/// A mode that may have to count as refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Doubt {
    plug: Plug,
    mode: Mode,
    /// Starts that failed so far.
    starts: u32,
}

/// See the head of this file.
#[derive(Debug, Default)]
pub struct Refusals {
    /// With another wish everything is tried again.
    wish: Option<Wish>,
    all: Vec<Refusal>,
    doubt: Option<Doubt>,
    /// Frames came in this mode: whatever is wrong with it later, the bandwidth is there.
    proven: Option<(Plug, Mode)>,
    /// Since when nothing is left to be tried.
    hopeless_since_us: Option<u64>,
}

impl Refusals {
    /// Forgets everything if the wish is another one, and what is known of cameras that are no longer plugged in.
    pub fn are_for(&mut self, wish: Wish, is_plugged: impl Fn(Plug) -> bool) {
        if self.wish != Some(wish) {
            *self = Refusals { wish: Some(wish), ..Refusals::default() };
        }
        self.all.retain(|refusal| is_plugged(refusal.plug));
        self.doubt = self.doubt.filter(|doubt| is_plugged(doubt.plug));
        self.proven = self.proven.filter(|(plug, _)| is_plugged(*plug));
    }

    /// The first of these modes, the best at the front, that is not ruled out.
    pub fn next(&self, plug: Plug, ranked: &[Mode]) -> Option<Mode> {
        let is_ruled_out = |mode: &Mode| self.of(plug).any(|refusal| refusal.rules_out(mode));
        ranked.iter().copied().find(|mode| !is_ruled_out(mode))
    }

    /// The mode was asked for and this came back. Nothing if that says nothing of the mode; else the reason, and whether the mode is ruled out now.
    pub fn refused(&mut self, plug: Plug, mode: Mode, error: &io::Error) -> Option<(Errno, bool)> {
        let errno = Errno::from_raw(error.raw_os_error()?);
        let tries = match errno {
            // "This request would overcommit the USB bandwidth" and "cannot schedule that many ISO frames" (Linux' USB error codes).
            Errno::ENOSPC | Errno::EFBIG => 1,
            // `uvcvideo` makes one of every failed negotiation, a hiccup of the camera included; the first one of a camera is asked again.
            Errno::EIO | Errno::EPIPE | Errno::ENOMEM => 2,
            // Above all: busy, when somebody else has the camera, and gone.
            _ => return None,
        };
        let tries = if self.of(plug).next().is_some() { 1 } else { tries };
        Some((errno, self.failed(plug, mode, tries, Why::Refused(errno))))
    }

    /// The mode was started and nothing came; whether it is ruled out now.
    pub fn silent(&mut self, plug: Plug, mode: Mode) -> bool {
        self.proven != Some((plug, mode)) && self.failed(plug, mode, SILENT_STARTS_MAX, Why::Silent)
    }

    /// Frames come in this mode.
    pub fn streams(&mut self, plug: Plug, mode: Mode) {
        self.proven = Some((plug, mode));
        self.doubt = None;
    }

    /// Nothing is left to be tried: after a while everything is tried again.
    pub fn hopeless(&mut self, now_us: u64) {
        let since_us = *self.hopeless_since_us.get_or_insert(now_us);
        if now_us.saturating_sub(since_us) >= ALL_AGAIN_US {
            *self = Refusals { wish: self.wish, ..Refusals::default() };
        }
    }

    /// What was refused first: the mode that would be used.
    pub fn first(&self, plug: Plug) -> Option<&Refusal> {
        self.of(plug).next()
    }

    fn of(&self, plug: Plug) -> impl Iterator<Item = &Refusal> {
        self.all.iter().filter(move |refusal| refusal.plug == plug)
    }

    fn failed(&mut self, plug: Plug, mode: Mode, tries: u32, why: Why) -> bool {
        self.hopeless_since_us = None;
        let same = self.doubt.filter(|doubt| (doubt.plug, doubt.mode) == (plug, mode));
        let starts = same.map_or(0, |doubt| doubt.starts) + 1;
        let is_settled = starts >= tries;
        self.doubt = (!is_settled).then_some(Doubt { plug, mode, starts });
        if is_settled {
            self.all.push(Refusal { plug, mode, why });
        }
        is_settled
    }
}

impl Refusal {
    /// Of the same kind of pictures, compressed or not: what is larger, and what is as large and not slower. What a smaller one reserves nobody knows: cameras
    /// say what they like (a Logitech C615 reserves the same for every size of MJPEG). Each start that stays silent takes seconds, so after one only what asks for half of it at the most is worth a try.
    fn rules_out(&self, mode: &Mode) -> bool {
        let (own, other) = (frame_size(&self.mode), frame_size(mode));
        let is_as_much = other > own || (other == own && mode.fps_tenths >= self.mode.fps_tenths);
        let half = own * u64::from(self.mode.fps_tenths) / 2;
        let is_half = other * u64::from(mode.fps_tenths) <= half;
        is_raw(&self.mode) == is_raw(mode) && (is_as_much || (self.why == Why::Silent && !is_half))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.mode, self.why)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Refused(Errno::ENOSPC | Errno::EFBIG) => f.write_str("USB has not so much bandwidth left"),
            Why::Refused(errno) => f.write_str(errno.desc()),
            Why::Silent => f.write_str("no frame came"),
        }
    }
}

fn is_raw(mode: &Mode) -> bool {
    matches!(mode.format, Format::Raw(_))
}

/// Bytes of a frame; of a compressed one, whose length nobody knows, something that grows with it.
fn frame_size(mode: &Mode) -> u64 {
    let side = |px: u32| u16::try_from(px).unwrap_or(u16::MAX);
    match mode.format {
        Format::Raw(fourcc) => RawFormat::find(fourcc)
            .map_or(0, |raw| raw.frame_bytes(raw.row_bytes(side(mode.width)), side(mode.height)) as u64),
        Format::Mjpeg | Format::H264 => u64::from(mode.width) * u64::from(mode.height),
    }
}

#[cfg(test)]
#[path = "refusals_tests.rs"]
mod tests;
