//! Parts of a camera that have device nodes of their own (linux/v4l2-subdev.h): formats on their pads.
//!
//! Asked for and set; and controls that are longer than 32 bits. No policy.

use nix::errno::Errno;
use std::os::fd::{AsFd, AsRawFd};

/// `V4L2_SUBDEV_FORMAT_ACTIVE`.
const ACTIVE: u32 = 1;
/// `V4L2_FIELD_NONE`: whole pictures.
const FIELD_NONE: u32 = 1;

/// `struct v4l2_mbus_framefmt`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusFormat {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// `MEDIA_BUS_FMT_...`.
    pub code: u32,
    field: u32,
    colorspace: u32,
    encodings: [u16; 4],
    reserved: [u16; 10],
}

impl BusFormat {
    /// Whole pictures of that code and size.
    pub fn new(code: u32, width: u32, height: u32) -> Self {
        Self { width, height, code, field: FIELD_NONE, ..Self::default() }
    }
}

/// `struct v4l2_subdev_format`.
#[repr(C)]
#[derive(Default)]
struct PadFormat {
    which: u32,
    pad: u32,
    format: BusFormat,
    stream: u32,
    reserved: [u32; 7],
}

/// `struct v4l2_subdev_mbus_code_enum`.
#[repr(C)]
#[derive(Default)]
struct CodeQuery {
    pad: u32,
    index: u32,
    code: u32,
    which: u32,
    flags: u32,
    stream: u32,
    reserved: [u32; 6],
}

/// `struct v4l2_subdev_frame_size_enum`.
#[repr(C)]
#[derive(Default)]
struct SizeQuery {
    index: u32,
    pad: u32,
    code: u32,
    width_min: u32,
    width_max: u32,
    height_min: u32,
    height_max: u32,
    which: u32,
    stream: u32,
    reserved: [u32; 7],
}

/// `struct v4l2_ext_control`, which is packed; its union being that of a 64-bit number.
#[repr(C, packed)]
#[derive(Default)]
struct Control {
    id: u32,
    size: u32,
    reserved: u32,
    value: i64,
}

/// `struct v4l2_ext_controls`.
#[repr(C)]
struct Controls {
    which: u32,
    count: u32,
    error_index: u32,
    request: i32,
    reserved: u32,
    controls: *mut Control,
}

// The kernel's sizes; a wrong layout must not compile.
const _: () = assert!(size_of::<BusFormat>() == 48);
const _: () = assert!(size_of::<PadFormat>() == 88);
const _: () = assert!(size_of::<CodeQuery>() == 48);
const _: () = assert!(size_of::<SizeQuery>() == 64);
const _: () = assert!(size_of::<Control>() == 20);
const _: () = assert!(size_of::<Controls>() == if size_of::<usize>() == 8 { 32 } else { 24 });

/// The requests of linux/v4l2-subdev.h and linux/videodev2.h, as functions.
#[allow(missing_docs)]
mod request {
    use super::{CodeQuery, Controls, PadFormat, SizeQuery};
    nix::ioctl_readwrite!(code, b'V', 2, CodeQuery);
    nix::ioctl_readwrite!(get_format, b'V', 4, PadFormat);
    nix::ioctl_readwrite!(set_format, b'V', 5, PadFormat);
    nix::ioctl_readwrite!(get_controls, b'V', 71, Controls);
    nix::ioctl_readwrite!(size, b'V', 74, SizeQuery);
}

/// The code that a pad offers under that index; nothing behind the last.
pub fn code(part: &impl AsFd, pad: u32, index: u32) -> Option<u32> {
    let mut query = CodeQuery { pad, index, which: ACTIVE, ..CodeQuery::default() };
    // SAFETY: the descriptor is open for the call; `query` has the kernel's layout and is exclusively ours.
    unsafe { request::code(part.as_fd().as_raw_fd(), &mut query) }.ok()?;
    Some(query.code)
}

/// The frame sizes that a pad offers for a code under that index, smallest and largest; nothing behind the last.
pub fn sizes(part: &impl AsFd, pad: u32, code: u32, index: u32) -> Option<[(u32, u32); 2]> {
    let mut query = SizeQuery { pad, code, index, which: ACTIVE, ..SizeQuery::default() };
    // SAFETY: as in `code`.
    unsafe { request::size(part.as_fd().as_raw_fd(), &mut query) }.ok()?;
    Some([(query.width_min, query.height_min), (query.width_max, query.height_max)])
}

/// The format of a pad.
pub fn format(part: &impl AsFd, pad: u32) -> Result<BusFormat, Errno> {
    let mut query = PadFormat { which: ACTIVE, pad, ..PadFormat::default() };
    // SAFETY: as in `code`.
    unsafe { request::get_format(part.as_fd().as_raw_fd(), &mut query) }?;
    Ok(query.format)
}

/// Sets the format of a pad; what the part made of it.
pub fn set_format(part: &impl AsFd, pad: u32, format: BusFormat) -> Result<BusFormat, Errno> {
    let mut query = PadFormat { which: ACTIVE, pad, format, ..PadFormat::default() };
    // SAFETY: as in `code`.
    unsafe { request::set_format(part.as_fd().as_raw_fd(), &mut query) }?;
    Ok(query.format)
}

/// The value of a control of 64 bits.
pub fn long_value(part: &impl AsFd, id: u32) -> Result<i64, Errno> {
    let mut control = Control { id, ..Control::default() };
    let mut controls =
        Controls { which: 0, count: 1, error_index: 0, request: 0, reserved: 0, controls: &raw mut control };
    // SAFETY: the descriptor is open for the call; both structures have the kernel's layout and are exclusively ours, and the pointer is to
    // as many controls as the count says.
    unsafe { request::get_controls(part.as_fd().as_raw_fd(), &mut controls) }?;
    Ok(control.value)
}
