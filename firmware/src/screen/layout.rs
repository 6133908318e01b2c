//! Where everything is on a display of any size: a bar, a band, the picture, the words beside it or below. Pure.
//!
//! Letters grow with the display, so that the same is readable from the same distance. Must not draw.

use super::canvas::LETTER;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// The display that letters of their own size are meant for: they are doubled on one that is twice as wide and as high.
const PLAIN_PX: (u32, u32) = (688, 480);
const SCALE_MAX: u32 = 8;
/// Letters in a row of the words beside the picture.
const SIDE_LETTERS: u32 = 24;
/// The band's letters are twice as large as the others.
pub const BAND_SCALE: u32 = 2;
/// Free around everything, and between things, in pixels of a letter.
const GAP: u32 = 4;
/// Everything wanders by so many pixels of a letter, step by step: what never moves burns in.
const WANDER_STEPS: u64 = 4;
const WANDER_EVERY_US: u64 = 300_000_000;

/// The areas of a display.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How much letters are enlarged.
    pub scale: u32,
    /// Name and clock.
    pub bar: Rectangle,
    /// The state.
    pub band: Rectangle,
    /// The camera's picture; nothing of it need be filled.
    pub picture: Rectangle,
    /// The words.
    pub words: Rectangle,
}

/// By how much everything has wandered, in pixels of a letter.
pub fn wandered(now_us: u64) -> u32 {
    u32::try_from(now_us / WANDER_EVERY_US % WANDER_STEPS).unwrap_or(0)
}

/// The areas of a display of that size, with or without a picture.
pub fn layout(size: Size, has_picture: bool, wandered: u32) -> Layout {
    // To the nearest.
    let times = |px: u32, plain: u32| (2 * px + plain) / (2 * plain);
    let scale = times(size.width, PLAIN_PX.0).min(times(size.height, PLAIN_PX.1)).clamp(1, SCALE_MAX);
    let (letter_width, letter_height) = (LETTER.0 * scale, LETTER.1 * scale);
    let gap = GAP * scale;
    let edge = gap + (WANDER_STEPS as u32 - 1) * scale;
    let inner = cut(Size::new(size.width.saturating_sub(2 * edge), size.height.saturating_sub(2 * edge)));
    let offset = i32::try_from(gap + wandered * scale).unwrap_or(0);
    let area = |x: u32, y: u32, width: u32, height: u32| {
        let place = |at: u32| i32::try_from(at).unwrap_or(i32::MAX).saturating_add(offset);
        Rectangle::new(Point::new(place(x), place(y)), Size::new(width, height))
    };
    let band_y = letter_height + gap;
    let band_height = BAND_SCALE * letter_height + 2 * gap;
    let y = band_y + band_height + gap;
    let height = inner.height.saturating_sub(y);
    let (picture, words) = match (has_picture, inner.width < inner.height) {
        (false, _) => (area(0, y, 0, 0), area(0, y, inner.width, height)),
        (true, true) => {
            let picture = (inner.width * 3 / 4).min(height / 2);
            let below = (picture + gap).min(height);
            (area(0, y, inner.width, picture), area(0, y + below, inner.width, height - below))
        }
        (true, false) => {
            let side = (SIDE_LETTERS * letter_width).min(inner.width / 2);
            let picture = (inner.width - side).saturating_sub(2 * gap);
            (area(0, y, picture, height), area(inner.width - side, y, side, height))
        }
    };
    Layout {
        scale,
        bar: area(0, 0, inner.width, letter_height),
        band: area(0, band_y, inner.width, band_height),
        picture,
        words,
    }
}

/// No display is larger than what numbers are reckoned in.
fn cut(size: Size) -> Size {
    let most = 1 << 16;
    Size::new(size.width.min(most), size.height.min(most))
}

/// The largest area of these proportions within another, in its middle.
pub fn fit(within: &Rectangle, proportions: (u32, u32)) -> Rectangle {
    let (width, height) = (u64::from(within.size.width), u64::from(within.size.height));
    let (wide, high) = (u64::from(proportions.0.max(1)), u64::from(proportions.1.max(1)));
    let side = |px: u64| u32::try_from(px).unwrap_or(u32::MAX);
    let size = match wide * height >= high * width {
        true => Size::new(side(width), side(high * width / wide)),
        false => Size::new(side(wide * height / high), side(height)),
    };
    let half = |all: u32, part: u32| i32::try_from((all - part) / 2).unwrap_or(0);
    let corner = Point::new(half(within.size.width, size.width), half(within.size.height, size.height));
    Rectangle::new(within.top_left + corner, size)
}

#[cfg(test)]
mod tests {
    use super::{
        LETTER, Layout, Point, Rectangle, SIDE_LETTERS, Size, WANDER_EVERY_US, fit, layout, wandered,
    };

    const SIZES: [(u32, u32); 8] = [
        (640, 480),
        (800, 600),
        (1024, 768),
        (1280, 720),
        (1280, 800),
        (1920, 1080),
        (3840, 2160),
        (1080, 1920),
    ];

    fn is_within(inner: &Rectangle, outer: &Rectangle) -> bool {
        inner.intersection(outer) == *inner
    }

    #[test]
    fn nothing_lies_over_anything_else_or_outside_on_any_display() {
        for ((width, height), wander) in
            SIZES.into_iter().flat_map(|size| (0..4).map(move |step| (size, step)))
        {
            let all = Rectangle::new(Point::zero(), Size::new(width, height));
            let Layout { bar, band, picture, words, .. } = layout(all.size, true, wander);
            let areas = [bar, band, picture, words];
            for (number, area) in areas.iter().enumerate() {
                assert!(is_within(area, &all) && area.size.width > 0, "{width}x{height}: {area:?}");
                for other in &areas[..number] {
                    assert!(area.intersection(other).is_zero_sized(), "{width}x{height}: {area:?} {other:?}");
                }
            }
            let part = picture.size.width * picture.size.height * 100 / (width * height);
            assert!(part >= 30, "{width}x{height}: the picture has {part} %");
        }
    }

    #[test]
    fn letters_grow_with_the_display_and_enough_of_them_fit() {
        for ((width, height), scale) in SIZES.into_iter().zip([1, 1, 1, 2, 2, 2, 5, 2]) {
            let layout = layout(Size::new(width, height), true, 0);
            assert_eq!(layout.scale, scale, "{width}x{height}");
            assert!(layout.bar.size.width / (LETTER.0 * scale) >= 50, "{width}x{height}: name and clock");
            assert!(layout.words.size.width / (LETTER.0 * scale) >= SIDE_LETTERS, "{width}x{height}");
            assert!(layout.words.size.height / (LETTER.1 * scale) >= 12, "{width}x{height}");
        }
    }

    #[test]
    fn a_display_of_no_use_does_no_harm_and_without_a_picture_the_words_have_its_place() {
        for size in [(0, 0), (1, 1), (9, 900), (u32::MAX, 1), (u32::MAX, u32::MAX)] {
            layout(Size::new(size.0 / 4, size.1 / 4), true, 3);
        }
        let words = layout(Size::new(1280, 720), false, 0).words;
        assert!(words.size.width > 1200 && words.top_left.x < 40);
    }

    #[test]
    fn everything_wanders_and_comes_back() {
        let places: Vec<u32> = (0..5).map(|step| wandered(step * WANDER_EVERY_US + 7)).collect();
        assert_eq!(places, [0, 1, 2, 3, 0]);
        let at = |step| layout(Size::new(1280, 720), true, step).band;
        assert_eq!(at(3).top_left - at(0).top_left, Point::new(6, 6));
        assert_eq!(at(3).size, at(0).size);
    }

    #[test]
    fn a_picture_keeps_its_shape_in_the_middle() {
        let within = Rectangle::new(Point::new(10, 20), Size::new(800, 600));
        assert_eq!(fit(&within, (1280, 720)), Rectangle::new(Point::new(10, 95), Size::new(800, 450)));
        assert_eq!(fit(&within, (720, 1280)), Rectangle::new(Point::new(241, 20), Size::new(337, 600)));
        assert_eq!(fit(&within, (0, 0)).size, Size::new(600, 600));
    }
}
