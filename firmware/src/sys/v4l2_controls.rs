//! V4L2 controls (linux/videodev2.h, "User Controls"): asked for, read, set. No policy.
//!
//! The `v4l` crate's own list of controls panics at kinds that it does not know.

use nix::errno::Errno;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

/// `V4L2_CTRL_FLAG_NEXT_CTRL`: the control after this one.
const NEXT: u32 = 0x8000_0000;
const NAME_BYTES: usize = 32;

/// `struct v4l2_queryctrl`.
#[repr(C)]
#[derive(Default)]
struct Query {
    id: u32,
    kind: u32,
    name: [u8; NAME_BYTES],
    minimum: i32,
    maximum: i32,
    step: i32,
    default: i32,
    flags: u32,
    reserved: [u32; 2],
}

/// `struct v4l2_control`.
#[repr(C)]
#[derive(Default)]
struct Value {
    id: u32,
    value: i32,
}

/// `struct v4l2_querymenu`, which is packed; `name` is a union with a 64-bit number.
#[repr(C, packed)]
#[derive(Default)]
struct Menu {
    id: u32,
    index: u32,
    name: [u8; NAME_BYTES],
    reserved: u32,
}

// The kernel's sizes; a wrong layout must not compile.
const _: () = assert!(size_of::<Query>() == 68);
const _: () = assert!(size_of::<Value>() == 8);
const _: () = assert!(size_of::<Menu>() == 44);

/// The requests of linux/videodev2.h, as functions.
#[allow(missing_docs)]
mod request {
    use super::{Menu, Query, Value};
    nix::ioctl_readwrite!(get, b'V', 27, Value);
    nix::ioctl_readwrite!(set, b'V', 28, Value);
    nix::ioctl_readwrite!(query, b'V', 36, Query);
    nix::ioctl_readwrite!(query_menu, b'V', 37, Menu);
}

/// A control as the driver describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Its number.
    pub id: u32,
    /// `V4L2_CTRL_TYPE_...`.
    pub kind: u32,
    /// Its name, for people.
    pub name: String,
    /// Smallest value.
    pub minimum: i32,
    /// Largest value.
    pub maximum: i32,
    /// From value to value.
    pub step: i32,
    /// The value at first.
    pub default: i32,
    /// `V4L2_CTRL_FLAG_...`.
    pub flags: u32,
}

/// The control after the one with that number (0: the first); nothing after the last.
pub fn next(device: &impl AsFd, id: u32) -> Result<Option<Description>, Errno> {
    ask(device, id | NEXT)
}

/// The control with that number, if there is one.
pub fn find(device: &impl AsFd, id: u32) -> Result<Option<Description>, Errno> {
    ask(device, id)
}

fn ask(device: &impl AsFd, id: u32) -> Result<Option<Description>, Errno> {
    let mut query = Query { id, ..Query::default() };
    // SAFETY: the descriptor is open for the call; `query` has the kernel's layout and is exclusively ours.
    match unsafe { request::query(raw(device.as_fd()), &mut query) } {
        Ok(_) => Ok(Some(Description {
            id: query.id,
            kind: query.kind,
            name: text(&query.name),
            minimum: query.minimum,
            maximum: query.maximum,
            step: query.step,
            default: query.default,
            flags: query.flags,
        })),
        // The end of the list, and a device that has none.
        Err(Errno::EINVAL | Errno::ENOTTY) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The name of an entry of a menu; nothing where the menu has a hole.
pub fn menu_entry(device: &impl AsFd, id: u32, index: u32) -> Option<String> {
    let mut menu = Menu { id, index, ..Menu::default() };
    // SAFETY: the descriptor is open for the call; `menu` has the kernel's layout and is exclusively ours.
    unsafe { request::query_menu(raw(device.as_fd()), &mut menu) }.ok()?;
    let name = menu.name;
    Some(text(&name))
}

/// The value of a control now.
pub fn value(device: &impl AsFd, id: u32) -> Result<i32, Errno> {
    let mut value = Value { id, value: 0 };
    // SAFETY: the descriptor is open for the call; `value` has the kernel's layout and is exclusively ours.
    unsafe { request::get(raw(device.as_fd()), &mut value) }?;
    Ok(value.value)
}

/// Sets a control.
pub fn set(device: &impl AsFd, id: u32, value: i32) -> Result<(), Errno> {
    let mut value = Value { id, value };
    // SAFETY: the descriptor is open for the call; `value` has the kernel's layout and is exclusively ours.
    unsafe { request::set(raw(device.as_fd()), &mut value) }.map(drop)
}

fn raw(device: BorrowedFd<'_>) -> RawFd {
    device.as_raw_fd()
}

/// Up to the first zero; the device may have chosen it.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
