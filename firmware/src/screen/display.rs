//! The display: whether one is plugged in, its framebuffer, pixels put on it.
//!
//! Through the kernel's framebuffer file (Documentation/fb/api.rst): plain writes, nothing mapped, and the kernel follows the plug. Must not
//! know what is drawn.

use super::canvas::Canvas;
use super::colour::Palette;
use crate::sys::framebuffer::{self, Shape};
use embedded_graphics::geometry::Size;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The first display; there is no board with two.
const DEVICE: &str = "dev/fb0";
/// Where the kernel shows its sockets for displays (Documentation/gpu/drm-uapi.rst).
const SOCKETS: &str = "sys/class/drm";
/// More pixels than any display has: what a broken driver says must not cost all memory.
const PIXELS_MAX: u64 = 1 << 24;

/// Why there is nothing to draw on.
#[derive(Debug, thiserror::Error)]
pub enum DisplayError {
    /// It cannot be opened or asked.
    #[error("the display cannot be used: {0}")]
    Device(#[source] io::Error),
    /// Its mode cannot be set.
    #[error("the display's mode cannot be set: {0}; another display or cable may help")]
    Mode(#[source] io::Error),
    /// Its pixels are of a kind that we do not know.
    #[error(
        "the display's pixels of {bits_per_pixel} bits are of a kind that is not known; nothing is shown"
    )]
    Pixels {
        /// Bits of a pixel.
        bits_per_pixel: u32,
    },
    /// Its size makes no sense.
    #[error("the display says that it has {width_px}x{height_px} pixels; nothing is shown")]
    Size {
        /// Pixels in a row.
        width_px: u32,
        /// Rows.
        height_px: u32,
    },
    /// It does not take pixels.
    #[error("the display takes no picture: {0}")]
    Write(#[source] io::Error),
}

/// A display that can be drawn on.
pub struct Display {
    device: File,
    shape: Shape,
    palette: Palette,
    /// The pixels on their way.
    pixels: Vec<u8>,
    is_dark: bool,
}

/// Whether there is a framebuffer, and anything plugged into a socket. `root` is where `/dev` and `/sys` are.
pub fn is_there(root: &Path) -> bool {
    if !root.join(DEVICE).exists() {
        return false;
    }
    let sockets = std::fs::read_dir(root.join(SOCKETS)).into_iter().flatten().flatten();
    let mut states = sockets.filter_map(|socket| std::fs::read_to_string(socket.path().join("status")).ok());
    // A framebuffer without sockets is soldered on. Only "disconnected" is known to be nobody: not every socket can tell.
    match states.next() {
        None => true,
        Some(first) => first.trim() != "disconnected" || states.any(|state| state.trim() != "disconnected"),
    }
}

impl Display {
    /// Opens it and lights it up.
    ///
    /// # Errors
    /// It is gone, or cannot be drawn on.
    pub fn open(root: &Path) -> Result<Display, DisplayError> {
        let device = File::options().read(true).write(true).open(root.join(DEVICE));
        let device = device.map_err(DisplayError::Device)?;
        framebuffer::set_mode(&device).map_err(DisplayError::Mode)?;
        let shape = framebuffer::shape(&device).map_err(DisplayError::Device)?;
        // Not every driver can; the mode that was just set is lit anyway.
        let _ = framebuffer::darken(&device, false);
        Display::on(device, shape)
    }

    fn on(device: File, shape: Shape) -> Result<Display, DisplayError> {
        let Shape { width_px, height_px, line_bytes, bits_per_pixel, .. } = shape;
        let palette = Palette::of(&shape).ok_or(DisplayError::Pixels { bits_per_pixel })?;
        let pixels = u64::from(width_px) * u64::from(height_px);
        let row_bytes = u64::from(width_px) * palette.pixel_bytes as u64;
        if pixels == 0 || pixels > PIXELS_MAX || row_bytes > u64::from(line_bytes) {
            return Err(DisplayError::Size { width_px, height_px });
        }
        Ok(Display { device, shape, palette, pixels: Vec::new(), is_dark: false })
    }

    /// One without a screen.
    #[cfg(test)]
    pub fn in_memory() -> Display {
        Display::on(tempfile::tempfile().expect("a file"), tests::SHAPE).expect("it can be drawn on")
    }

    /// Its size.
    pub fn size(&self) -> Size {
        Size::new(self.shape.width_px, self.shape.height_px)
    }

    /// As it is told in the log.
    pub fn words(&self) -> String {
        let Shape { width_px, height_px, bits_per_pixel, .. } = self.shape;
        format!("{width_px}x{height_px}, {bits_per_pixel} bits a pixel")
    }

    /// Puts on it what of the canvas it does not show yet.
    ///
    /// # Errors
    /// It is gone.
    pub fn show(&mut self, canvas: &mut Canvas) -> Result<(), DisplayError> {
        let Display { device, shape, palette, pixels, .. } = self;
        let line_bytes = shape.line_bytes as usize;
        let put = |y: usize, inks: &[u8]| {
            pixels.clear();
            for row in inks.chunks(shape.width_px as usize) {
                // What a row has beyond its pixels is not seen.
                pixels.resize(pixels.len().next_multiple_of(line_bytes), 0);
                palette.translate(row, pixels);
            }
            device.write_all_at(pixels, (y * line_bytes) as u64)
        };
        canvas.show(put).map_err(DisplayError::Write)
    }

    /// Gives it no signal, or one again.
    pub fn darken(&mut self, is_dark: bool) {
        if self.is_dark != is_dark {
            self.is_dark = is_dark;
            // Where that cannot be done a black picture has to do.
            let _ = framebuffer::darken(&self.device, is_dark);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Display, DisplayError, Shape, is_there};
    use crate::screen::canvas::Canvas;
    use crate::screen::colour::Ink;
    use crate::sys::framebuffer::Bits;
    use embedded_graphics::geometry::{Point, Size};
    use embedded_graphics::primitives::Rectangle;
    use std::fs;

    pub const SHAPE: Shape = Shape {
        width_px: 20,
        height_px: 10,
        line_bytes: 96,
        bits_per_pixel: 32,
        colours: [Bits::new(16, 8), Bits::new(8, 8), Bits::new(0, 8)],
    };

    #[test]
    fn a_display_is_there_unless_nothing_is_plugged_in() {
        let root = tempfile::tempdir().expect("a folder");
        let path = |name: &str| root.path().join(name);
        assert!(!is_there(root.path()), "no framebuffer");
        fs::create_dir_all(path("dev")).expect("a folder");
        fs::write(path("dev/fb0"), "").expect("a file");
        assert!(is_there(root.path()), "a framebuffer without sockets");
        for socket in ["card0", "card0-HDMI-A-1", "card0-Composite-1"] {
            fs::create_dir_all(path("sys/class/drm").join(socket)).expect("a folder");
        }
        let status = |socket: &str, state: &str| {
            fs::write(path("sys/class/drm").join(socket).join("status"), state).expect("a file");
        };
        status("card0-HDMI-A-1", "disconnected\n");
        assert!(!is_there(root.path()));
        status("card0-Composite-1", "unknown\n");
        assert!(is_there(root.path()), "a socket that cannot tell");
        status("card0-Composite-1", "disconnected\n");
        status("card0-HDMI-A-1", "connected\n");
        assert!(is_there(root.path()));
    }

    #[test]
    fn pixels_go_to_their_rows_whatever_a_row_takes() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let mut display = Display::on(file.reopen().expect("a file"), SHAPE).expect("it can be drawn on");
        let mut canvas = Canvas::new(display.size());
        canvas.fill(&Rectangle::new(Point::new(3, 4), Size::new(2, 1)), Ink::RED);
        display.show(&mut canvas).expect("it takes it");
        let shown = fs::read(file.path()).expect("the pixels");
        let [red, green, blue] = Ink::RED.rgb();
        for (at, pixel) in shown.chunks(4).enumerate() {
            let (x, y) = (at % 24, at / 24);
            let expected = if y == 4 && (3..5).contains(&x) { [blue, green, red, 0] } else { [0; 4] };
            assert_eq!(pixel, expected, "{x},{y}");
        }
        assert_eq!(shown.len(), 9 * 96 + 80, "and no further");
    }

    #[test]
    fn a_display_that_makes_no_sense_is_told() {
        let on = |shape| Display::on(tempfile::tempfile().expect("a file"), shape).err();
        for shape in [
            Shape { width_px: 0, ..SHAPE },
            Shape { width_px: 25, ..SHAPE },
            Shape { width_px: 1 << 20, height_px: 1 << 20, line_bytes: 1 << 23, ..SHAPE },
        ] {
            assert!(matches!(on(shape), Some(DisplayError::Size { .. })), "{shape:?}");
        }
        let error = on(Shape { bits_per_pixel: 8, ..SHAPE }).expect("an error").to_string();
        assert_eq!(error, "the display's pixels of 8 bits are of a kind that is not known; nothing is shown");
        assert!(on(SHAPE).is_none());
    }
}
