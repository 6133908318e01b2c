//! The USB and UVC descriptors, made from the table of modes. What the camera *says* it is; no behaviour.
//!
//! USB 2.0 specification chapter 9.6; USB Device Class Definition for Video Devices 1.1 chapters 3.6 to 3.10 and its
//! payload documents for MJPEG and uncompressed video. Topology: camera terminal 1 → processing unit 3 → output terminal 2, one streaming interface whose only
//! setting has a bulk endpoint: no bandwidth to choose, which every host controller that QEMU emulates can carry.

use super::format::PixelFormat;
use super::modes::{self, FPS_DEFAULT, SIZES, Size};
use super::turnable::{CAMERA_TERMINAL, TERMINAL_BITS, UNIT, UNIT_BITS};
use super::wire::{self, ENDPOINTS, Endpoint, Interface};

/// Number of the control interface.
pub const CONTROL_INTERFACE: u8 = 0;
/// Number of the streaming interface.
pub const STREAMING_INTERFACE: u8 = 1;
/// Address of the bulk IN endpoint.
pub const VIDEO_ENDPOINT: u8 = 0x81;
/// Largest packet of a high-speed bulk endpoint (USB 2.0, 5.8.3).
pub const PACKET_BYTES: usize = 512;
/// The only configuration.
pub const CONFIGURATION: u8 = 1;
/// Ticks of the camera's clock per second: presentation times are microseconds.
pub const CLOCK_HZ: u32 = 1_000_000;

/// Vendor and product.
pub type UsbId = (u16, u16);
/// Linux Foundation, "Webcam Gadget": the identity that the kernel's own emulated webcam uses.
pub const USB_ID: UsbId = (0x1d6b, 0x0102);
const VERSION_BCD: u16 = 0x0100;

/// UVC 1.1.
const UVC_BCD: u16 = 0x0110;
/// USB 2.0.
const USB_BCD: u16 = 0x0200;
/// Miscellaneous device with interface association (USB ECN "Interface Association Descriptors").
const DEVICE_CLASS: [u8; 3] = [0xef, 2, 1];
const CLASS_VIDEO: u8 = 0x0e;
const SUBCLASS_CONTROL: u8 = 1;
const SUBCLASS_STREAMING: u8 = 2;
const SUBCLASS_COLLECTION: u8 = 3;

const OUTPUT_TERMINAL: u8 = 2;

/// Descriptor types.
pub mod kind {
    pub const DEVICE: u8 = 1;
    pub const CONFIGURATION: u8 = 2;
    pub const STRING: u8 = 3;
    pub const INTERFACE: u8 = 4;
    pub const ENDPOINT: u8 = 5;
    pub const ASSOCIATION: u8 = 11;
    pub const CLASS_INTERFACE: u8 = 0x24;
}

const STRINGS: &[&str] = &["Kerberos", "Emulated camera", "1"];
const STRING_MAKER: u8 = 1;
const STRING_PRODUCT: u8 = 2;
const STRING_SERIAL: u8 = 3;
/// US English, the language every host asks for first.
const LANGUAGE: u16 = 0x0409;

/// A descriptor: its length byte is put in front, so it is never wrong.
fn descriptor(kind: u8, fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0, kind];
    for field in fields {
        bytes.extend_from_slice(field);
    }
    bytes[0] = bytes.len() as u8;
    bytes
}

/// The device descriptor.
pub fn device((vendor, product): UsbId) -> Vec<u8> {
    let [vendor, product, version] = [vendor, product, VERSION_BCD].map(u16::to_le_bytes);
    let strings = [STRING_MAKER, STRING_PRODUCT, STRING_SERIAL];
    let fields: [&[u8]; 8] =
        [&USB_BCD.to_le_bytes(), &DEVICE_CLASS, &[64], &vendor, &product, &version, &strings, &[1]];
    descriptor(kind::DEVICE, &fields)
}

/// The configuration descriptor with everything under it.
pub fn configuration(formats: &[PixelFormat]) -> Vec<u8> {
    let association = descriptor(
        kind::ASSOCIATION,
        // No name of its own: the guest would add it to the product's.
        &[&[CONTROL_INTERFACE, 2, CLASS_VIDEO, SUBCLASS_COLLECTION, 0, 0]],
    );
    let endpoint =
        descriptor(kind::ENDPOINT, &[&[VIDEO_ENDPOINT, 2], &(PACKET_BYTES as u16).to_le_bytes(), &[0]]);
    let body = [
        association,
        interface(CONTROL_INTERFACE, 0, SUBCLASS_CONTROL),
        control_interface(),
        interface(STREAMING_INTERFACE, 1, SUBCLASS_STREAMING),
        streaming_interface(formats),
        endpoint,
    ]
    .concat();
    // Bus powered, 500 mA, like a webcam.
    let total = (9 + body.len()) as u16;
    let mut bytes =
        descriptor(kind::CONFIGURATION, &[&total.to_le_bytes(), &[2, CONFIGURATION, 0, 0x80, 250]]);
    bytes.extend(body);
    bytes
}

fn interface(number: u8, endpoints: u8, subclass: u8) -> Vec<u8> {
    descriptor(kind::INTERFACE, &[&[number, 0, endpoints, CLASS_VIDEO, subclass, 0, 0]])
}

/// Class-specific control interface: header, the two terminals, and between them the unit; camera terminal and unit have controls that a user can turn.
fn control_interface() -> Vec<u8> {
    const HEADER_BYTES: usize = 13;
    const ITT_CAMERA: u16 = 0x0201;
    const TT_STREAMING: u16 = 0x0101;
    let camera = descriptor(
        kind::CLASS_INTERFACE,
        &[
            &[2, CAMERA_TERMINAL],
            &ITT_CAMERA.to_le_bytes(),
            &[0, 0],
            &[0; 6],
            &[TERMINAL_BITS.len() as u8],
            &TERMINAL_BITS,
        ],
    );
    let output = descriptor(
        kind::CLASS_INTERFACE,
        &[&[3, OUTPUT_TERMINAL], &TT_STREAMING.to_le_bytes(), &[0, UNIT, 0]],
    );
    let processing = descriptor(
        kind::CLASS_INTERFACE,
        &[&[5, UNIT, CAMERA_TERMINAL, 0, 0, UNIT_BITS.len() as u8], &UNIT_BITS, &[0, 0]],
    );
    let total = (HEADER_BYTES + camera.len() + output.len() + processing.len()) as u16;
    let fields: [&[u8]; 5] = [
        &[1],
        &UVC_BCD.to_le_bytes(),
        &total.to_le_bytes(),
        &CLOCK_HZ.to_le_bytes(),
        &[1, STREAMING_INTERFACE],
    ];
    [descriptor(kind::CLASS_INTERFACE, &fields), camera, output, processing].concat()
}

/// Class-specific streaming interface: header, and for each format itself, a frame per size, and its colours.
fn streaming_interface(formats: &[PixelFormat]) -> Vec<u8> {
    /// And one more for each format, whose controls it has none of.
    const HEADER_BYTES: usize = 13;
    let body: Vec<u8> =
        (1..).zip(formats).flat_map(|(index, pixels)| format_with_frames(index, *pixels)).collect();
    let total = (HEADER_BYTES + formats.len() + body.len()) as u16;
    let (count, controls) = (formats.len() as u8, vec![0; formats.len()]);
    let tail = [VIDEO_ENDPOINT, 0, OUTPUT_TERMINAL, 0, 0, 0, 1];
    let header = descriptor(kind::CLASS_INTERFACE, &[&[1, count], &total.to_le_bytes(), &tail, &controls]);
    [header, body].concat()
}

fn format_with_frames(index: u8, pixels: PixelFormat) -> Vec<u8> {
    let frames: Vec<u8> = (1..).zip(SIZES).flat_map(|(index, size)| frame(index, size, pixels)).collect();
    // BT.709 primaries and gamma, BT.601 matrix: what MJPEG webcams say.
    let colour = descriptor(kind::CLASS_INTERFACE, &[&[13, 1, 1, 4]]);
    [format(index, pixels), frames, colour].concat()
}

/// What the format is: the descriptor's subtype, its number, and what follows that of its frames.
fn format(index: u8, pixels: PixelFormat) -> Vec<u8> {
    let sizes = SIZES.len() as u8;
    match pixels.guid() {
        // A format of frames that somebody compressed (UVC Frame Based Payload 1.1, 3.1.1), of no fixed size.
        Some(guid) if pixels == PixelFormat::H264 => {
            let tail = [pixels.row().bits_per_px, 1, 0, 0, 0, 0, 1];
            descriptor(kind::CLASS_INTERFACE, &[&[0x10, index, sizes], &guid, &tail])
        }
        None => descriptor(kind::CLASS_INTERFACE, &[&[6, index, sizes, 0, 1, 0, 0, 0, 0]]),
        Some(guid) => {
            let bits = pixels.row().bits_per_px;
            descriptor(kind::CLASS_INTERFACE, &[&[4, index, sizes], &guid, &[bits, 1, 0, 0, 0, 0]])
        }
    }
}

fn frame(index: u8, size: &Size, pixels: PixelFormat) -> Vec<u8> {
    let frame_bytes = modes::frame_bytes_max(size, pixels);
    let bits = |fps: u16| frame_bytes.saturating_mul(8).saturating_mul(u32::from(fps));
    // A frame of MJPEG, or of uncompressed video; the fields are the same. That of compressed frames says bytes a line at another place.
    let subtype = match pixels {
        PixelFormat::Mjpeg => 7,
        PixelFormat::H264 => 0x11,
        _ => 5,
    };
    let (largest, line): (&[u8], &[u8]) =
        if pixels == PixelFormat::H264 { (&[], &[0; 4]) } else { (&frame_bytes.to_le_bytes(), &[]) };
    let slowest = size.fps.last().copied().unwrap_or(FPS_DEFAULT);
    let fastest = size.fps.first().copied().unwrap_or(FPS_DEFAULT);
    let intervals: Vec<u8> = size.fps.iter().flat_map(|fps| modes::interval_of(*fps).to_le_bytes()).collect();
    let fields: [&[u8]; 10] = [
        &[subtype, index, 0],
        &size.width.to_le_bytes(),
        &size.height.to_le_bytes(),
        &bits(slowest).to_le_bytes(),
        &bits(fastest).to_le_bytes(),
        largest,
        &modes::interval_of(FPS_DEFAULT).to_le_bytes(),
        &[size.fps.len() as u8],
        line,
        &intervals,
    ];
    descriptor(kind::CLASS_INTERFACE, &fields)
}

/// A string descriptor; `None` for an index that no descriptor names.
pub fn string(index: u8) -> Option<Vec<u8>> {
    let Some(at) = usize::from(index).checked_sub(1) else {
        return Some(descriptor(kind::STRING, &[&LANGUAGE.to_le_bytes()]));
    };
    let text: Vec<u8> = STRINGS.get(at)?.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Some(descriptor(kind::STRING, &[&text]))
}

/// The same facts for QEMU, which does not read descriptors: identity.
pub fn connect((vendor, product): UsbId) -> wire::DeviceConnect {
    let [class, subclass, protocol] = DEVICE_CLASS;
    wire::DeviceConnect {
        speed: wire::SPEED_HIGH,
        class,
        subclass,
        protocol,
        vendor,
        product,
        version_bcd: VERSION_BCD,
    }
}

/// The same facts for QEMU: interfaces.
pub fn interfaces() -> Vec<Interface> {
    [(CONTROL_INTERFACE, SUBCLASS_CONTROL), (STREAMING_INTERFACE, SUBCLASS_STREAMING)]
        .map(|(number, subclass)| Interface { number, class: CLASS_VIDEO, subclass, protocol: 0 })
        .to_vec()
}

/// The same facts for QEMU: endpoints, 16 out then 16 in.
pub fn endpoints() -> Box<[Endpoint; ENDPOINTS]> {
    let unused = Endpoint { kind: wire::endpoint_type::INVALID, interval: 0, interface: 0, max_packet: 0 };
    let control = Endpoint { kind: wire::endpoint_type::CONTROL, max_packet: 64, ..unused };
    let mut endpoints = Box::new([unused; ENDPOINTS]);
    endpoints[0] = control;
    endpoints[16] = control;
    endpoints[16 + usize::from(VIDEO_ENDPOINT & 0x0f)] = Endpoint {
        kind: wire::endpoint_type::BULK,
        interval: 0,
        interface: STREAMING_INTERFACE,
        max_packet: PACKET_BYTES as u16,
    };
    endpoints
}

#[cfg(test)]
mod tests {
    use super::{SIZES, USB_ID, configuration, device, kind, string};
    use crate::camera::format::{FORMATS, PixelFormat};
    use crate::camera::modes::interval_of;

    fn u16_at(bytes: &[u8], at: usize) -> usize {
        usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
    }

    fn u32_at(bytes: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
    }

    /// Walks the configuration as a host does.
    fn parts(format: PixelFormat) -> Vec<Vec<u8>> {
        let bytes = configuration(&[format]);
        let mut parts = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let length = usize::from(bytes[at]);
            assert!(length >= 2 && at + length <= bytes.len(), "length {length} at {at}");
            parts.push(bytes[at..at + length].to_vec());
            at += length;
        }
        parts
    }

    #[test]
    fn totals_cover_what_follows() {
        FORMATS.iter().for_each(|row| totals_cover(row.format));
    }

    fn totals_cover(format: PixelFormat) {
        let parts = parts(format);
        assert_eq!(u16_at(&parts[0], 2), configuration(&[format]).len());
        for (subtype, total_at, ends_before) in [(1, 5, kind::INTERFACE), (1, 4, kind::ENDPOINT)] {
            // The control header (13 bytes) comes first, the streaming header (14) second.
            let header_bytes = if total_at == 5 { 13 } else { 14 };
            let from = parts
                .iter()
                .position(|part| part[..3] == [header_bytes, kind::CLASS_INTERFACE, subtype])
                .unwrap();
            let group = parts[from..].iter().take_while(|part| part[1] != ends_before);
            assert_eq!(u16_at(&parts[from], total_at), group.map(Vec::len).sum::<usize>());
        }
    }

    #[test]
    fn every_mode_has_its_frame() {
        FORMATS.iter().for_each(|row| mode_has_frame(row.format));
    }

    fn mode_has_frame(format: PixelFormat) {
        let parts = parts(format);
        // Where the default interval and the number of intervals are.
        let (subtype, default_at, count_at) = match format {
            PixelFormat::Mjpeg => (7, 21, 25),
            PixelFormat::H264 => (0x11, 17, 21),
            _ => (5, 21, 25),
        };
        let frames: Vec<_> = parts
            .iter()
            .filter(|part| part[1] == kind::CLASS_INTERFACE && part[2] == subtype && part.len() > 29)
            .collect();
        assert_eq!(frames.len(), SIZES.len());
        for (index, (frame, size)) in frames.iter().zip(SIZES).enumerate() {
            assert_eq!(frame.len(), 26 + 4 * size.fps.len());
            assert_eq!(usize::from(frame[3]), index + 1);
            assert_eq!((u16_at(frame, 5), u16_at(frame, 7)), (size.width.into(), size.height.into()));
            assert_eq!(usize::from(frame[count_at]), size.fps.len());
            let found: Vec<_> = (0..size.fps.len()).map(|at| u32_at(frame, 26 + 4 * at)).collect();
            assert_eq!(found, size.fps.iter().map(|fps| interval_of(*fps)).collect::<Vec<_>>());
            assert!(found.contains(&u32_at(frame, default_at)), "the default is one of the intervals");
        }
    }

    #[test]
    fn formats_stand_one_behind_the_other_under_their_numbers() {
        let one = configuration(&[PixelFormat::Mjpeg]);
        let two = configuration(&[PixelFormat::Mjpeg, PixelFormat::Nv12]);
        assert_eq!(u16_at(&two, 2), two.len());
        let is_format = |format: &[u8; 4]| two.windows(4).any(|bytes| bytes == format);
        // Class-specific interface, subtype, number, frames.
        assert!(is_format(&[kind::CLASS_INTERFACE, 6, 1, 3]) && is_format(&[kind::CLASS_INTERFACE, 4, 2, 3]));
        // The header is one byte longer, and says that there are two.
        assert!(is_format(&[15, kind::CLASS_INTERFACE, 1, 2]) && two.len() > one.len() + 1);
    }

    #[test]
    fn device_and_strings_have_their_lengths() {
        let device = device(USB_ID);
        assert_eq!((device.len(), device[0], &device[8..12]), (18, 18, &[0x6b, 0x1d, 2, 1][..]));
        assert_eq!(string(0), Some(vec![4, 3, 9, 4]));
        assert_eq!(string(2).unwrap().len(), 2 + 2 * "Emulated camera".len());
        assert_eq!(string(9), None);
    }
}
