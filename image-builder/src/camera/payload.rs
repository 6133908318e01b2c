//! Splits a JPEG into UVC payloads, and payloads into the bulk transfers that the guest has queued.
//!
//! UVC 1.1 chapter 2.4.3.2.2 and the MJPEG payload document. It must not know a clock or a socket.
//!
//! The end of a bulk payload is a short packet, or the size that was negotiated. A shorter payload of a whole number
//! of packets would need a zero-length packet after it. usb-redir cannot say that: it answers a *transfer*, and host
//! controllers differ in what a short answer of whole packets means. xHCI ends the transfer; QEMU's dwc2 (Raspberry
//! Pi) asks for more, and the next frame is glued to this one. So no such payload is ever made: it gives its last
//! byte to one payload more.

use super::descriptors::PACKET_BYTES;

/// The negotiated payload size. 32 packets: the largest that Linux' `uvcvideo` receives in one transfer
/// (`UVC_MAX_PACKETS`), so that a payload is a transfer.
pub const PAYLOAD_BYTES_MAX: usize = 32 * PACKET_BYTES;

mod flags {
    pub const FRAME_ID: u8 = 1 << 0;
    pub const END_OF_FRAME: u8 = 1 << 1;
    pub const PTS: u8 = 1 << 2;
    pub const ERROR: u8 = 1 << 6;
    pub const END_OF_HEADER: u8 = 1 << 7;
}

/// What all headers of a frame have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameHeader {
    /// Toggles from frame to frame.
    pub frame_id: bool,
    /// The camera says that the frame is bad.
    pub error: bool,
    /// When the frame was taken, in ticks of the camera's clock.
    pub pts: Option<u32>,
}

impl FrameHeader {
    fn bytes(&self) -> usize {
        if self.pts.is_some() { 6 } else { 2 }
    }

    fn write(&self, end: bool, out: &mut Vec<u8>) {
        let bit = |set: bool, flag: u8| if set { flag } else { 0 };
        out.push(self.bytes() as u8);
        out.push(
            flags::END_OF_HEADER
                | bit(self.frame_id, flags::FRAME_ID)
                | bit(end, flags::END_OF_FRAME)
                | bit(self.pts.is_some(), flags::PTS)
                | bit(self.error, flags::ERROR),
        );
        out.extend(self.pts.iter().flat_map(|pts| pts.to_le_bytes()));
    }
}

/// A frame on its way: gives out its payloads piece by piece.
#[derive(Debug)]
pub struct Outgoing {
    header: FrameHeader,
    image: Vec<u8>,
    /// Bytes of the image that are in payloads already.
    packed: usize,
    payload: Vec<u8>,
    /// Bytes of the payload that are given out already.
    given: usize,
    ended: bool,
}

impl Outgoing {
    /// A frame with these bytes; an empty one is a single payload without data.
    pub fn new(header: FrameHeader, image: Vec<u8>) -> Outgoing {
        Outgoing { header, image, packed: 0, payload: Vec::new(), given: 0, ended: false }
    }

    /// Bytes for a transfer of at most `bytes_max`; never of two payloads. `None` when the frame is complete.
    pub fn next(&mut self, bytes_max: usize) -> Option<Vec<u8>> {
        if self.given == self.payload.len() {
            if self.ended {
                return None;
            }
            self.pack();
        }
        let end = self.payload.len().min(self.given.saturating_add(bytes_max));
        let piece = self.payload[self.given..end].to_vec();
        self.given = end;
        Some(piece)
    }

    /// Whether everything is given out.
    pub fn is_complete(&self) -> bool {
        self.ended && self.given == self.payload.len()
    }

    fn pack(&mut self) {
        let left = self.image.len() - self.packed;
        let header_bytes = self.header.bytes();
        let mut data = left.min(PAYLOAD_BYTES_MAX - header_bytes);
        let total = header_bytes + data;
        if total < PAYLOAD_BYTES_MAX && total.is_multiple_of(PACKET_BYTES) {
            data -= 1;
        }
        self.ended = data == left;
        self.payload.clear();
        self.given = 0;
        self.header.write(self.ended, &mut self.payload);
        self.payload.extend_from_slice(&self.image[self.packed..self.packed + data]);
        self.packed += data;
    }
}

#[cfg(test)]
#[path = "payload_tests.rs"]
mod tests;
