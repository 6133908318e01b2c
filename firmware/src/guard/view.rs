//! The answer to "what does the camera see": the detection plane reduced to a terminal's cells.
//!
//! What a privacy mask touches never leaves this file. Pure.

use super::glimpse::{Said, Scene};
use super::seen::Seen;
use crate::control::{Look, Looking, View, fit};
use crate::overlay;
use crate::settings::Settings;
use std::ops::Range;
use vision::PlaneSize;
use vision::motion::{Decision, Occasion, Region};
use vision::splice::Area;

/// A cell of which this part of the pixels is marked shows motion: one in so many.
const MOVING_PART: usize = 4;
/// No more than one cell in so many is shown as moving: else the light was switched, or the camera turned.
const MOVING_MOST: usize = 2;
/// A hundred percent in hundredths.
const FULL: u32 = 10_000;

/// What there is to see. What came furthest counts from here anew.
pub fn view(scene: &mut Scene, seen: &Seen, settings: &Settings, looking: Looking, now_us: u64) -> View {
    let furthest = scene.furthest.take().unwrap_or(scene.now);
    let (width_px, height_px) = scene.frame_px;
    let (columns, rows) = fit(width_px, height_px, looking);
    let mut view = View {
        frames: scene.frames,
        age_ms: now_us.saturating_sub(scene.now.timestamp_us) / 1000,
        columns,
        rows,
        now: look(scene.now, scene.size, seen, now_us),
        furthest: look(furthest, scene.size, seen, now_us),
        ..View::default()
    };
    let masks = overlay::covered(settings, side(width_px), side(height_px));
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
    for (number, (column, row)) in (0..).zip(cells) {
        let x = part(column, columns, scene.size.width);
        let y = part(row, rows, scene.size.height);
        if masks.iter().any(|mask| touches(mask, &x, &y, scene.size, scene.frame_px)) {
            view.masked.push(number);
            view.grey.push(0);
            continue;
        }
        let (grey, is_moving) = cell(scene, x, y);
        view.grey.push(grey);
        if is_moving {
            view.moving.push(number);
        }
    }
    if is_swamped(view.moving.len(), view.grey.len() - view.masked.len()) {
        view.moving.clear();
    }
    view
}

/// Where all is marked nothing can be told apart, and the marks only hide the picture.
pub(super) fn is_swamped(moving: usize, bare: usize) -> bool {
    moving * MOVING_MOST > bare
}

/// The columns and rows of a plane that a mask, in pixels of the frame, touches: see [`touches`].
pub(super) fn reaches(mask: &Area, plane: PlaneSize, frame_px: (u32, u32)) -> (Range<usize>, Range<usize>) {
    let all = |side: u16| 0..usize::from(side);
    let touched = |side: u16, is_touched: &dyn Fn(&Range<usize>) -> bool| {
        let mut touched = all(side).filter(|at| is_touched(&(*at..at + 1)));
        let first = touched.next();
        first.map_or(0..0, |first| first..touched.last().unwrap_or(first) + 1)
    };
    let x = touched(plane.width, &|x| touches(mask, x, &all(plane.height), plane, frame_px));
    let y = touched(plane.height, &|y| touches(mask, &all(plane.width), y, plane, frame_px));
    (x, y)
}

/// The plane pixels of one of `count` parts of a side; at least one.
fn part(number: u16, count: u16, side: u16) -> Range<usize> {
    let at = |number: u16| usize::from(number) * usize::from(side) / usize::from(count.max(1));
    let from = at(number).min(usize::from(side).saturating_sub(1));
    from..at(number + 1).max(from + 1)
}

/// Whether a mask, in pixels of the frame, touches any of these plane pixels. One more on each side counts as well: how the frame's pixels
/// are divided among them is the decoder's affair, and too much hidden is better than too little.
fn touches(mask: &Area, x: &Range<usize>, y: &Range<usize>, plane: PlaneSize, frame_px: (u32, u32)) -> bool {
    let meets = |first: u16, length: u16, cells: &Range<usize>, side: u16, side_px: u32| {
        let scale = |plane_px: usize| plane_px as u64 * u64::from(side_px);
        let (first, end) = (u64::from(first), u64::from(first) + u64::from(length));
        let side = u64::from(side);
        first * side < scale(cells.end + 1) && scale(cells.start.saturating_sub(1)) < end * side
    };
    meets(mask.left, mask.width, x, plane.width, frame_px.0)
        && meets(mask.top, mask.height, y, plane.height, frame_px.1)
}

/// The mean grey of some plane pixels, and whether enough of them are marked.
fn cell(scene: &Scene, x: Range<usize>, y: Range<usize>) -> (u8, bool) {
    let width = usize::from(scene.size.width);
    let (mut sum, mut marked, mut count) = (0_usize, 0, 0);
    for row in y {
        let row = row * width + x.start..row * width + x.end;
        let luma = scene.luma().get(row.clone()).unwrap_or_default();
        sum += luma.iter().map(|&grey| usize::from(grey)).sum::<usize>();
        count += luma.len();
        marked += scene.marks().get(row).unwrap_or_default().iter().filter(|&&mark| mark != 0).count();
    }
    let grey = (sum + count / 2).checked_div(count).unwrap_or(0);
    (u8::try_from(grey).unwrap_or(u8::MAX), marked * MOVING_PART > count)
}

/// What is said of a frame.
pub(super) fn look(said: Said, plane: PlaneSize, seen: &Seen, now_us: u64) -> Look {
    let Said { verdict, timestamp_us } = said;
    let occasion =
        verdict.subject.map(|subject| Occasion { decision: verdict.decision, subject, timestamp_us });
    Look {
        word: verdict.decision.word().into(),
        is_motion: verdict.decision == Decision::Motion,
        about: occasion.map(|occasion| seen.explain(occasion, now_us)),
        region: verdict.subject.map(|subject| place(subject.region, plane)),
        plane_px: u32::try_from(plane.pixels()).unwrap_or(u32::MAX),
    }
}

fn place(region: Region, plane: PlaneSize) -> [u16; 4] {
    let percent = |px: u16, side: u16| side_of(u32::from(px) * FULL, side);
    [
        percent(region.x1, plane.width),
        percent(region.y1, plane.height),
        percent(region.x2, plane.width),
        percent(region.y2, plane.height),
    ]
}

fn side_of(scaled: u32, side_px: u16) -> u16 {
    self::side(scaled.checked_div(side_px.into()).unwrap_or(0).min(FULL))
}

fn side(px: u32) -> u16 {
    u16::try_from(px).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Looking, Seen, Settings, View, view};
    use crate::guard::glimpse::Glimpse;
    use crate::ring::Meta;
    use vision::PlaneSize;
    use vision::motion::{Decision, Region, Subject, Verdict};

    const SIZE: PlaneSize = PlaneSize { width: 160, height: 90 };

    /// A grey plane with a bright square that moves, at 40,30 to 60,50.
    fn seen_with(settings: &Settings, looking: Looking) -> View {
        let glimpse = Glimpse::default();
        drop(glimpse.look(0));
        let (mut luma, mut marks) = (vec![60; SIZE.pixels()], vec![0; SIZE.pixels()]);
        for y in 30..50 {
            luma[y * 160 + 40..][..20].fill(220);
            marks[y * 160 + 40..][..20].fill(1);
        }
        let meta = Meta { width: 1280, height: 720, timestamp_us: 1_000_000, ..Meta::default() };
        let region = Region { x1: 40, y1: 30, x2: 60, y2: 50 };
        let subject = Subject { region, blob_px: 400, zone: Some(0), ..Subject::default() };
        let verdict = Verdict { decision: Decision::Motion, subject: Some(subject), ..Verdict::default() };
        glimpse.offer(&luma, &marks, SIZE, &meta, verdict);
        view(&mut glimpse.look(2_000_000), &Seen::default(), settings, looking, 3_000_000)
    }

    const SCREEN: Looking = Looking { columns_max: 80, rows_max: 45, is_test: false };

    #[test]
    fn the_picture_its_motion_and_the_verdict_are_in_it() {
        let view = seen_with(&Settings::default(), SCREEN);
        assert_eq!((view.columns, view.rows, view.frames, view.age_ms), (80, 23, 1, 2000));
        assert_eq!(view.grey.len(), 80 * 23);
        let at = |x: u16, y: u16| y * 80 + x;
        assert_eq!((view.grey[usize::from(at(25, 10))], view.grey[usize::from(at(5, 5))]), (220, 60));
        assert!(view.moving.contains(&at(25, 10)) && !view.moving.contains(&at(5, 5)), "{:?}", view.moving);
        assert_eq!((view.now.word.as_str(), view.now.is_motion), ("motion", true));
        assert_eq!(view.now.region, Some([2500, 3333, 3750, 5555]));
        assert_eq!(view.now.about.map(|about| about.blob_px), Some(400));
        assert_eq!(view.furthest.word, "motion");
    }

    #[test]
    fn nothing_of_what_a_mask_touches_leaves() {
        let mut settings = Settings::default();
        settings.set("picture.mask1", "20,30 45,30 45,60 20,60").expect("allowed");
        let view = seen_with(&settings, SCREEN);
        assert!(view.grey.iter().all(|&grey| grey == 60 || grey == 0), "the square is under the mask");
        assert!(view.moving.is_empty());
        for y in 0..23_u16 {
            for x in 0..80_u16 {
                // The cell's box in percent, against the mask's.
                let (left, top) = (f64::from(x) / 0.8, f64::from(y) / 0.23);
                let overlaps = left < 45.0 && left + 1.25 > 20.0 && top < 60.0 && top + 100.0 / 23.0 > 30.0;
                let is_masked = view.masked.contains(&(y * 80 + x));
                assert!(is_masked || !overlaps, "{x},{y} is bare");
                assert_eq!(view.grey[usize::from(y * 80 + x)] == 0, is_masked);
            }
        }
        assert!(view.masked.len() < 80 * 23 / 3, "{} cells are hidden", view.masked.len());
    }

    #[test]
    fn a_picture_that_differs_as_a_whole_is_not_hidden_by_its_marks() {
        let glimpse = Glimpse::default();
        drop(glimpse.look(0));
        let meta = Meta { width: 1280, height: 720, ..Meta::default() };
        let offer = |marked: usize| {
            let mut marks = vec![0; SIZE.pixels()];
            marks[..marked].fill(1);
            glimpse.offer(&vec![60; SIZE.pixels()], &marks, SIZE, &meta, Verdict::default());
            view(&mut glimpse.look(0), &Seen::default(), &Settings::default(), SCREEN, 0).moving.len()
        };
        assert_eq!(offer(SIZE.pixels()), 0);
        assert!(offer(SIZE.pixels() / 3) > 80 * 23 / 4);
    }

    #[test]
    fn without_a_picture_there_is_none_and_a_small_plane_does_no_harm() {
        let glimpse = Glimpse::default();
        let none = view(&mut glimpse.look(0), &Seen::default(), &Settings::default(), SCREEN, 0);
        assert_eq!((none.frames, none.columns, none.grey.len()), (0, 0, 0));
        let tiny = PlaneSize { width: 3, height: 2 };
        let meta = Meta { width: 96, height: 64, ..Meta::default() };
        glimpse.offer(&[9; 6], &[], tiny, &meta, Verdict::default());
        let seen = view(&mut glimpse.look(0), &Seen::default(), &Settings::default(), SCREEN, 0);
        assert_eq!(seen.grey, vec![9; usize::from(seen.columns) * usize::from(seen.rows)]);
    }
}
