//! The requests of a framebuffer device (`linux/fb.h`): its shape, its mode set, dark and lit again.

use nix::libc::{c_int, c_ulong};
use std::fs::File;
use std::io;
use std::mem::offset_of;
use std::os::fd::AsRawFd;

/// The mode is set at once, and even if it is the one that is thought to be set: without a console on it nobody has set any yet.
const ACTIVATE_NOW_BY_FORCE: u32 = 128;
/// The display gets no signal and may sleep (`FB_BLANK_POWERDOWN`).
const DARK: c_int = 4;
/// (`FB_BLANK_UNBLANK`)
const LIT: c_int = 0;

/// Where one colour is in a pixel: `struct fb_bitfield`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    /// From the lowest bit.
    pub offset: u32,
    /// How many.
    pub length: u32,
    is_mirrored: u32,
}

impl Bits {
    /// So many bits from there.
    #[must_use]
    pub const fn new(offset: u32, length: u32) -> Bits {
        Bits { offset, length, is_mirrored: 0 }
    }
}

/// `struct fb_var_screeninfo`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Variable {
    width_px: u32,
    height_px: u32,
    virtual_px: [u32; 2],
    offset_px: [u32; 2],
    bits_per_pixel: u32,
    grayscale: u32,
    red: Bits,
    green: Bits,
    blue: Bits,
    transparency: Bits,
    nonstandard: u32,
    activate: u32,
    size_mm: [u32; 2],
    acceleration: u32,
    timing: [u32; 11],
    reserved: [u32; 4],
}

/// `struct fb_fix_screeninfo`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Fixed {
    name: [u8; 16],
    memory: c_ulong,
    memory_bytes: u32,
    kind: [u32; 2],
    visual: u32,
    steps_px: [u16; 3],
    line_bytes: u32,
    registers: c_ulong,
    registers_bytes: u32,
    accelerator: u32,
    capabilities: u16,
    reserved: [u16; 2],
}

// They are laid out as the kernel's, whose `memory` and `registers` are as wide as the processor's words.
const IS_64_BIT: bool = size_of::<c_ulong>() == 8;
const _: () = assert!(size_of::<Variable>() == 160 && offset_of!(Variable, activate) == 84);
const _: () = assert!(size_of::<Fixed>() == if IS_64_BIT { 80 } else { 68 });
const _: () = assert!(offset_of!(Fixed, line_bytes) == if IS_64_BIT { 48 } else { 44 });

/// The requests themselves; the safe ones around them follow.
#[allow(missing_docs)]
mod request {
    use super::{Fixed, Variable};

    nix::ioctl_read_bad!(variable, 0x4600, Variable);
    nix::ioctl_readwrite_bad!(set_variable, 0x4601, Variable);
    nix::ioctl_read_bad!(fixed, 0x4602, Fixed);
    nix::ioctl_write_int_bad!(blank, 0x4611);
}

/// How pixels lie in the framebuffer's file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Pixels in a row that are seen.
    pub width_px: u32,
    /// Rows that are seen.
    pub height_px: u32,
    /// From row to row.
    pub line_bytes: u32,
    /// Bits of a pixel.
    pub bits_per_pixel: u32,
    /// Red, green and blue in it.
    pub colours: [Bits; 3],
}

/// What the display is now.
///
/// # Errors
/// The device is gone, or no framebuffer.
pub fn shape(device: &File) -> io::Result<Shape> {
    let (variable, mut fixed) = (variable(device)?, Fixed::default());
    // SAFETY: the descriptor is open and the kernel writes one `struct fb_fix_screeninfo`, which `fixed` is, all integers.
    unsafe { request::fixed(device.as_raw_fd(), &raw mut fixed) }?;
    Ok(Shape {
        width_px: variable.width_px,
        height_px: variable.height_px,
        line_bytes: fixed.line_bytes,
        bits_per_pixel: variable.bits_per_pixel,
        colours: [variable.red, variable.green, variable.blue],
    })
}

/// Has the kernel set the mode that it has chosen for the display.
///
/// # Errors
/// The device is gone, or the mode cannot be set.
pub fn set_mode(device: &File) -> io::Result<()> {
    let mut variable = Variable { activate: ACTIVATE_NOW_BY_FORCE, ..variable(device)? };
    // SAFETY: the descriptor is open and the kernel reads and writes one `struct fb_var_screeninfo`, which `variable` is, all integers.
    unsafe { request::set_variable(device.as_raw_fd(), &raw mut variable) }?;
    Ok(())
}

/// Switches the signal off, or on again.
///
/// # Errors
/// The device is gone, or cannot do that.
pub fn darken(device: &File, is_dark: bool) -> io::Result<()> {
    // SAFETY: the descriptor is open and the request takes a number.
    unsafe { request::blank(device.as_raw_fd(), if is_dark { DARK } else { LIT }) }?;
    Ok(())
}

fn variable(device: &File) -> io::Result<Variable> {
    let mut variable = Variable::default();
    // SAFETY: the descriptor is open and the kernel writes one `struct fb_var_screeninfo`, which `variable` is, all integers.
    unsafe { request::variable(device.as_raw_fd(), &raw mut variable) }?;
    Ok(variable)
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg_attr(miri, ignore = "Miri knows no requests")]
    fn what_is_no_framebuffer_is_an_error() {
        let file = tempfile::tempfile().expect("a file");
        assert!(super::shape(&file).is_err() && super::set_mode(&file).is_err());
        assert!(super::darken(&file, true).is_err());
    }
}
