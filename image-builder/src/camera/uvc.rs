//! Control requests: standard USB ones and UVC's probe/commit negotiation. No sockets, no frames.
//!
//! USB 2.0 chapter 9.4; UVC 1.1 chapters 4.2.1.7 (request error code) and 4.3.1.1 (probe and commit). What is
//! committed is what is streamed. Everything that is not known is answered with STALL.

use super::descriptors::{
    self, CLOCK_HZ, CONFIGURATION, CONTROL_INTERFACE, STREAMING_INTERFACE, UsbId, VIDEO_ENDPOINT,
};
use super::format::PixelFormat;
use super::modes::{self, Mode};
use super::payload::PAYLOAD_BYTES_MAX;
use super::turnable::Turned;

/// The request of a control transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    pub request_type: u8,
    pub request: u8,
    pub value: u16,
    pub index: u16,
    pub length: u16,
}

/// How the camera answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done; the data of an IN request, at most as much as was asked for.
    Data(Vec<u8>),
    /// Refused.
    Stall,
}

/// What a request means for the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The host committed to a mode.
    Start(Mode, PixelFormat),
    /// The host stopped: it cleared the endpoint's halt, which is how a host ends a bulk stream.
    Stop,
}

pub(super) mod request {
    pub const GET_STATUS: u8 = 0;
    pub const CLEAR_FEATURE: u8 = 1;
    pub const GET_DESCRIPTOR: u8 = 6;
    pub const SET_CUR: u8 = 0x01;
    pub const GET_CUR: u8 = 0x81;
    pub const GET_MIN: u8 = 0x82;
    pub const GET_MAX: u8 = 0x83;
    pub const GET_RES: u8 = 0x84;
    pub const GET_LEN: u8 = 0x85;
    pub const GET_INFO: u8 = 0x86;
    pub const GET_DEF: u8 = 0x87;
}

mod request_type {
    pub const IN_DEVICE: u8 = 0x80;
    pub const IN_INTERFACE: u8 = 0x81;
    pub const IN_ENDPOINT: u8 = 0x82;
    pub const OUT_ENDPOINT: u8 = 0x02;
    pub const OUT_CLASS_INTERFACE: u8 = 0x21;
    pub const IN_CLASS_INTERFACE: u8 = 0xa1;
}

/// Selectors: of the control interface, and of the streaming interface.
const VC_REQUEST_ERROR_CODE: u8 = 2;
const VS_PROBE: u8 = 1;
const VS_COMMIT: u8 = 2;

/// `bRequestErrorCode`.
pub(super) mod error_code {
    pub const NONE: u8 = 0;
    pub const WRONG_STATE: u8 = 2;
    pub const OUT_OF_RANGE: u8 = 4;
    pub const INVALID_CONTROL: u8 = 6;
    pub const INVALID_REQUEST: u8 = 7;
}

/// `GET_INFO`: the control can be read and written.
const INFO_GET_SET: u8 = 3;

/// The probe/commit block of UVC 1.1 (a UVC 1.0 host sends only the first 26 bytes).
mod block {
    use std::ops::Range;
    pub const FORMAT: usize = 2;
    pub const FRAME: usize = 3;
    pub const INTERVAL: Range<usize> = 4..8;
    pub const MAX_FRAME_BYTES: Range<usize> = 18..22;
    pub const MAX_PAYLOAD_BYTES: Range<usize> = 22..26;
    pub const CLOCK_HZ: Range<usize> = 26..30;
    pub const FRAMING: usize = 30;
    pub const BYTES: usize = 34;
    pub const BYTES_MIN: usize = 26;
    /// Frame ids toggle, and the end of a frame is marked.
    pub const FRAMING_FID_AND_EOF: u8 = 3;
}

/// What is negotiated: the rest of the block follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Choice {
    /// From 1.
    format_index: u8,
    format: PixelFormat,
    frame_index: u8,
    fps: u16,
}

impl Choice {
    fn default_of(formats: &[PixelFormat]) -> Choice {
        let format = formats.first().copied().unwrap_or_default();
        Choice { format_index: 1, format, frame_index: 1, fps: modes::FPS_DEFAULT }
    }

    /// The nearest thing that the camera can do; `None` for a block that is too short.
    fn nearest(bytes: &[u8], formats: &[PixelFormat]) -> Option<Choice> {
        if bytes.len() < block::BYTES_MIN {
            return None;
        }
        let frame_index = *bytes.get(block::FRAME)?;
        let interval = u32::from_le_bytes(bytes.get(block::INTERVAL)?.try_into().ok()?);
        let format_index = *bytes.get(block::FORMAT)?;
        let format = usize::from(format_index).checked_sub(1).and_then(|at| formats.get(at));
        let (Some(size), Some(&format)) = (modes::size_of(frame_index), format) else {
            return Some(Choice::default_of(formats));
        };
        Some(Choice { format_index, format, frame_index, fps: modes::nearest_fps(size, interval) })
    }

    /// Exactly what the block says, or `None` when the camera cannot do that.
    fn exact(bytes: &[u8], formats: &[PixelFormat]) -> Option<Choice> {
        let choice = Choice::nearest(bytes, formats)?;
        let block = choice.block();
        let fields = [block::FORMAT..block::FORMAT + 1, block::FRAME..block::FRAME + 1, block::INTERVAL];
        fields.into_iter().all(|field| bytes.get(field.clone()) == block.get(field)).then_some(choice)
    }

    fn mode(&self) -> Option<Mode> {
        let size = modes::size_of(self.frame_index)?;
        Some(Mode { width: size.width, height: size.height, fps: self.fps })
    }

    fn block(&self) -> [u8; block::BYTES] {
        let mut bytes = [0; block::BYTES];
        bytes[block::FORMAT] = self.format_index;
        bytes[block::FRAME] = self.frame_index;
        bytes[block::INTERVAL].copy_from_slice(&modes::interval_of(self.fps).to_le_bytes());
        let frame_bytes =
            modes::size_of(self.frame_index).map_or(0, |size| modes::frame_bytes_max(size, self.format));
        bytes[block::MAX_FRAME_BYTES].copy_from_slice(&frame_bytes.to_le_bytes());
        bytes[block::MAX_PAYLOAD_BYTES].copy_from_slice(&(PAYLOAD_BYTES_MAX as u32).to_le_bytes());
        bytes[block::CLOCK_HZ].copy_from_slice(&CLOCK_HZ.to_le_bytes());
        bytes[block::FRAMING] = block::FRAMING_FID_AND_EOF;
        bytes
    }

    /// The same size at its slowest or fastest rate, for `GET_MIN` (shortest interval) and `GET_MAX`.
    fn extreme(&self, shortest: bool) -> Choice {
        let rates = modes::size_of(self.frame_index).map_or(&[][..], |size| size.fps);
        let fps = if shortest { rates.first() } else { rates.last() };
        Choice { fps: fps.copied().unwrap_or(self.fps), ..*self }
    }
}

/// The state that control requests see and change.
#[derive(Debug)]
pub struct Controls {
    formats: Vec<PixelFormat>,
    usb_id: UsbId,
    probe: Choice,
    commit: Choice,
    turned: Turned,
    last_error: u8,
}

impl Controls {
    /// Of a camera that offers these formats and says that it is this one.
    pub fn new(formats: &[PixelFormat], usb_id: UsbId) -> Controls {
        let choice = Choice::default_of(formats);
        Controls {
            formats: formats.to_vec(),
            usb_id,
            probe: choice,
            commit: choice,
            turned: Turned::default(),
            last_error: error_code::NONE,
        }
    }

    /// Answers one request; `data` is that of an OUT request.
    pub fn answer(&mut self, setup: &Setup, data: &[u8]) -> (Answer, Option<Event>) {
        let (answer, event) = match setup.request_type {
            request_type::OUT_CLASS_INTERFACE => self.set(setup, data),
            request_type::IN_CLASS_INTERFACE => (self.get(setup), None),
            request_type::OUT_ENDPOINT => endpoint_feature(setup),
            _ => (standard(setup, &self.formats, self.usb_id), None),
        };
        match answer {
            Answer::Data(mut bytes) => {
                bytes.truncate(usize::from(setup.length));
                (Answer::Data(bytes), event)
            }
            Answer::Stall => (Answer::Stall, event),
        }
    }

    /// Where the controls stand that a user can turn.
    pub fn turned(&self) -> Turned {
        self.turned
    }

    fn refuse(&mut self, code: u8) -> Answer {
        self.last_error = code;
        Answer::Stall
    }

    fn set(&mut self, setup: &Setup, data: &[u8]) -> (Answer, Option<Event>) {
        if setup.request != request::SET_CUR {
            return (self.refuse(error_code::INVALID_REQUEST), None);
        }
        if let Some(unit) = turnable_unit(setup) {
            return match self.turned.set(unit, selector(setup), data) {
                Ok(()) => (self.done(), None),
                Err(code) => (self.refuse(code), None),
            };
        }
        match (setup.index == u16::from(STREAMING_INTERFACE), selector(setup)) {
            (true, VS_PROBE) => match Choice::nearest(data, &self.formats) {
                Some(choice) => {
                    self.probe = choice;
                    (self.done(), None)
                }
                None => (self.refuse(error_code::OUT_OF_RANGE), None),
            },
            (true, VS_COMMIT) => match Choice::exact(data, &self.formats) {
                Some(choice) => {
                    self.commit = choice;
                    (self.done(), choice.mode().map(|mode| Event::Start(mode, choice.format)))
                }
                None => (self.refuse(error_code::OUT_OF_RANGE), None),
            },
            _ => (self.refuse(error_code::INVALID_CONTROL), None),
        }
    }

    fn done(&mut self) -> Answer {
        self.last_error = error_code::NONE;
        Answer::Data(Vec::new())
    }

    fn get(&mut self, setup: &Setup) -> Answer {
        let interface = setup.index;
        if let Some(unit) = turnable_unit(setup) {
            let found = self.turned.get(setup.request, unit, selector(setup));
            return found.map_or_else(|| self.refuse(error_code::INVALID_CONTROL), Answer::Data);
        }
        match selector(setup) {
            VC_REQUEST_ERROR_CODE if interface == u16::from(CONTROL_INTERFACE) => {
                self.error_code(setup.request)
            }
            selector @ (VS_PROBE | VS_COMMIT) if interface == u16::from(STREAMING_INTERFACE) => {
                self.negotiation(setup.request, selector)
            }
            _ => self.refuse(error_code::INVALID_CONTROL),
        }
    }

    fn error_code(&mut self, request: u8) -> Answer {
        match request {
            request::GET_CUR => Answer::Data(vec![std::mem::replace(&mut self.last_error, error_code::NONE)]),
            request::GET_INFO => Answer::Data(vec![1]),
            _ => self.refuse(error_code::INVALID_REQUEST),
        }
    }

    fn negotiation(&mut self, request: u8, selector: u8) -> Answer {
        let choice = match (request, selector) {
            (request::GET_LEN, _) => return Answer::Data((block::BYTES as u16).to_le_bytes().to_vec()),
            (request::GET_INFO, _) => return Answer::Data(vec![INFO_GET_SET]),
            (request::GET_CUR, VS_COMMIT) => self.commit,
            (request::GET_CUR, _) => self.probe,
            (request::GET_MIN, VS_PROBE) => self.probe.extreme(true),
            (request::GET_MAX, VS_PROBE) => self.probe.extreme(false),
            (request::GET_DEF, VS_PROBE) => Choice::default_of(&self.formats),
            _ => return self.refuse(error_code::INVALID_REQUEST),
        };
        Answer::Data(choice.block().to_vec())
    }
}

/// The part of the camera whose controls a user can turn, if the request is to one: the high byte of `wIndex`.
fn turnable_unit(setup: &Setup) -> Option<u8> {
    let [unit, interface] = setup.index.to_be_bytes();
    (interface == CONTROL_INTERFACE && Turned::has_unit(unit)).then_some(unit)
}

/// The control selector: the high byte of `wValue`.
fn selector(setup: &Setup) -> u8 {
    setup.value.to_be_bytes()[0]
}

fn endpoint_feature(setup: &Setup) -> (Answer, Option<Event>) {
    const ENDPOINT_HALT: u16 = 0;
    let ours = setup.request == request::CLEAR_FEATURE && setup.value == ENDPOINT_HALT;
    if ours && setup.index == u16::from(VIDEO_ENDPOINT) {
        (Answer::Data(Vec::new()), Some(Event::Stop))
    } else {
        (Answer::Stall, None)
    }
}

fn standard(setup: &Setup, formats: &[PixelFormat], usb_id: UsbId) -> Answer {
    let [kind, index] = setup.value.to_be_bytes();
    let found = match (setup.request_type, setup.request) {
        (request_type::IN_DEVICE, request::GET_DESCRIPTOR) => match kind {
            descriptors::kind::DEVICE => Some(descriptors::device(usb_id)),
            descriptors::kind::CONFIGURATION if index == CONFIGURATION - 1 => {
                Some(descriptors::configuration(formats))
            }
            descriptors::kind::STRING => descriptors::string(index),
            _ => None,
        },
        // Bus powered, no remote wake-up, not halted: all bits clear.
        (
            request_type::IN_DEVICE | request_type::IN_INTERFACE | request_type::IN_ENDPOINT,
            request::GET_STATUS,
        ) => Some(vec![0, 0]),
        _ => None,
    };
    found.map_or(Answer::Stall, Answer::Data)
}

#[cfg(test)]
#[path = "uvc_tests.rs"]
mod tests;
