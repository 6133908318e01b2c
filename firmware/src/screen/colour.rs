//! The screen's colours: a palette of one byte a pixel, and how a display wants them. Pure.
//!
//! Greys for the camera's picture, the same in a warm tone for what moves in it, and a few plain colours. Must not know a device.

use crate::sys::framebuffer::{Bits, Shape};
use embedded_graphics::pixelcolor::PixelColor;
use embedded_graphics::pixelcolor::raw::RawU8;

/// An entry of the palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink(pub u8);

impl PixelColor for Ink {
    type Raw = RawU8;
}

/// Shades of grey: more than most displays tell apart.
const GREYS: u8 = 160;
/// Shades of what moves.
const WARM: u8 = 80;
const PLAIN: u8 = GREYS + WARM;

impl Ink {
    /// The ground of everything.
    pub const BLACK: Ink = Ink(0);
    /// What is read.
    pub const WHITE: Ink = Ink(GREYS - 1);
    /// What names it.
    pub const DIM: Ink = Ink(GREYS / 8 * 5);
    /// All is well.
    pub const GREEN: Ink = Ink(PLAIN);
    /// Something happens.
    pub const RED: Ink = Ink(PLAIN + 1);
    /// Something is not as it should be.
    pub const AMBER: Ink = Ink(PLAIN + 2);
    /// Nothing is asked for.
    pub const SLATE: Ink = Ink(PLAIN + 3);
    /// A zone in which motion counts.
    pub const ZONE: Ink = Ink(PLAIN + 4);
    /// One in which it does not.
    pub const EXCLUDED: Ink = Ink(PLAIN + 5);
    /// A tripwire.
    pub const WIRE: Ink = Ink(PLAIN + 6);
    /// The box around what moves.
    pub const BOX: Ink = Ink(PLAIN + 7);
    /// Letters of what is not as it should be.
    pub const ALERT: Ink = Ink(PLAIN + 9);
    /// A privacy mask.
    pub const MASK: Ink = Ink(PLAIN + 8);

    /// A grey of the camera's picture.
    pub fn grey(luma: u8) -> Ink {
        Ink(scaled(luma, GREYS))
    }

    /// The same where something moves.
    pub fn warm(luma: u8) -> Ink {
        Ink(GREYS + scaled(luma, WARM))
    }

    /// Red, green, blue.
    pub fn rgb(self) -> [u8; 3] {
        let spread = |at: u8, shades: u8| (u32::from(at) * 255 / u32::from(shades - 1)) as u8;
        match self {
            Ink(at) if at < GREYS => [spread(at, GREYS); 3],
            Ink(at) if at < PLAIN => {
                // Never dark: also what moves in the night is seen to move.
                let shade = 96 + spread(at - GREYS, WARM) / 8 * 5;
                [shade, shade / 4 * 3, shade / 8]
            }
            Ink::GREEN => [24, 120, 48],
            Ink::RED => [196, 24, 24],
            Ink::AMBER => [176, 104, 0],
            Ink::SLATE => [64, 72, 88],
            Ink::ZONE => [64, 224, 96],
            Ink::EXCLUDED => [128, 128, 160],
            Ink::WIRE => [64, 176, 255],
            Ink::BOX => [255, 64, 48],
            Ink::ALERT => [255, 184, 48],
            Ink::MASK => [40, 40, 56],
            _ => [255, 0, 255],
        }
    }
}

fn scaled(luma: u8, shades: u8) -> u8 {
    (u32::from(luma) * u32::from(shades - 1) / 255) as u8
}

/// Bytes of the largest pixel.
const PIXEL_BYTES_MAX: usize = 4;

/// The palette as a display wants it.
pub struct Palette {
    /// Bytes of a pixel.
    pub pixel_bytes: usize,
    pixels: [[u8; PIXEL_BYTES_MAX]; 256],
}

impl Palette {
    /// For a display of that shape; nothing if its pixels are of a kind that we do not know.
    pub fn of(shape: &Shape) -> Option<Palette> {
        let pixel_bytes = shape.bits_per_pixel as usize / 8;
        let fits = |bits: &Bits| {
            (1..=8).contains(&bits.length) && bits.offset.saturating_add(bits.length) <= shape.bits_per_pixel
        };
        let is_known = matches!(shape.bits_per_pixel, 16 | 24 | 32) && shape.colours.iter().all(fits);
        let pixel = |ink: u8| {
            let parts = Ink(ink).rgb().into_iter().zip(shape.colours);
            let part = |(colour, bits): (u8, Bits)| u32::from(colour) >> (8 - bits.length) << bits.offset;
            parts.map(part).fold(0, |all, part| all | part).to_le_bytes()
        };
        is_known.then(|| Palette { pixel_bytes, pixels: std::array::from_fn(|ink| pixel(ink as u8)) })
    }

    /// Adds the pixels of these.
    pub fn translate(&self, inks: &[u8], into: &mut Vec<u8>) {
        for ink in inks {
            into.extend_from_slice(&self.pixels[usize::from(*ink)][..self.pixel_bytes]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GREYS, Ink, Palette, Shape};
    use crate::sys::framebuffer::Bits;

    fn shape(bits_per_pixel: u32, colours: [Bits; 3]) -> Shape {
        Shape { bits_per_pixel, colours, ..Shape::default() }
    }

    #[test]
    fn colours_come_as_the_display_wants_them() {
        let translated = |shape: Shape| {
            let mut pixels = Vec::new();
            Palette::of(&shape).expect("known").translate(&[Ink::WHITE.0, Ink::RED.0], &mut pixels);
            pixels
        };
        let wide = shape(32, [Bits::new(16, 8), Bits::new(8, 8), Bits::new(0, 8)]);
        assert_eq!(translated(wide), [255, 255, 255, 0, 24, 24, 196, 0]);
        let swapped = shape(32, [Bits::new(0, 8), Bits::new(8, 8), Bits::new(16, 8)]);
        assert_eq!(translated(swapped)[4..], [196, 24, 24, 0]);
        let narrow = shape(16, [Bits::new(11, 5), Bits::new(5, 6), Bits::new(0, 5)]);
        assert_eq!(translated(narrow), [0xff, 0xff, 0xc3, 0xc0]);
    }

    #[test]
    fn pixels_of_an_unknown_kind_are_refused() {
        let bits = Bits::new(0, 8);
        for bits_per_pixel in [1, 8, 12, 64] {
            assert!(Palette::of(&shape(bits_per_pixel, [bits; 3])).is_none(), "{bits_per_pixel}");
        }
        for wrong in [Bits::new(0, 0), Bits::new(0, 10), Bits::new(28, 8), Bits::new(u32::MAX, 8)] {
            assert!(Palette::of(&shape(32, [bits, wrong, bits])).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn greys_rise_and_what_moves_is_warm_at_any_brightness() {
        assert_eq!((Ink::grey(0), Ink::grey(255)), (Ink::BLACK, Ink::WHITE));
        let mut before = 0;
        for luma in 0..=255 {
            let [red, green, blue] = Ink::grey(luma).rgb();
            assert!(
                red == green && green == blue && red >= before && red.abs_diff(luma) <= 2,
                "{luma}: {red}"
            );
            before = red;
            let [red, green, blue] = Ink::warm(luma).rgb();
            assert!(red >= 96 && red > green && green > blue, "{luma}");
            assert!(Ink::warm(luma).0 >= GREYS);
        }
    }
}
