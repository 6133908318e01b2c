//! A picture in characters: greys as a ramp, what moves, masks, zones, tripwires, the box, rulers in percent. Pure.
//!
//! ASCII only, one character a cell, so that it reads on every terminal and in a log. Must not ask anybody.

use crate::control::{Look, View};
use crate::settings::{Place, Settings};

/// From dark to bright. None of it is used for anything that is drawn.
pub const RAMP: &[u8; 10] = b" .,:;ox%#@";
/// What a mask hides.
pub const MASKED: u8 = b'/';
/// What moves, on one cell in so many, so that one sees what it is.
pub const MOVING: u8 = b'*';
const MOVING_EVERY: u16 = 4;
/// A picture with less between its dark and bright than that is shown with less contrast: noise is no picture.
const SPREAD_MIN: i32 = 48;
/// So many cells of a hundred may be darker than black, and as many brighter than white.
const CUT_PERCENT: usize = 2;
/// A hundred percent, in the hundredths that places are in.
const FULL: u32 = 10_000;
/// A number stands at every so many percent of the rulers.
const RULED_PERCENT: u32 = 10;
/// Width of the left ruler: a number and a space.
pub const MARGIN: usize = 4;

/// The picture with its rulers, row by row.
pub fn rows(view: &View, settings: &Settings) -> Vec<String> {
    let mut canvas = Canvas::of(view);
    for (number, zone) in (b'1'..).zip(settings.zones()) {
        if let Some(zone) = zone {
            canvas.polygon(&zone.corners, number);
        }
    }
    for (letter, line) in (b'A'..).zip(settings.lines()) {
        if let Some(line) = line {
            canvas.line(line.from, line.to, letter);
        }
    }
    canvas.outline(&view.now);
    let mut rows = vec![top_ruler(view.columns)];
    rows.extend((0..view.rows).map(|row| left_ruler(row, view.rows) + &canvas.row(row)));
    rows
}

struct Canvas {
    columns: u16,
    rows: u16,
    cells: Vec<u8>,
}

impl Canvas {
    /// Greys, what moves, and masks.
    fn of(view: &View) -> Canvas {
        let (black, white) = range(view);
        let top = RAMP.len() as i32 - 1;
        let shade = |&grey: &u8| {
            let level = (i32::from(grey) - black) * (top + 1) / (white - black + 1).max(1);
            RAMP[usize::try_from(level.clamp(0, top)).unwrap_or(0)]
        };
        let mut cells: Vec<u8> = view.grey.iter().map(shade).collect();
        cells.resize(usize::from(view.columns) * usize::from(view.rows), b' ');
        let columns = view.columns.max(1);
        let is_on =
            |number: &&u16| ((*number / columns) * 2 + *number % columns).is_multiple_of(MOVING_EVERY);
        let moving = view.moving.iter().filter(is_on).map(|number| (number, MOVING));
        for (number, mark) in moving.chain(view.masked.iter().map(|number| (number, MASKED))) {
            if let Some(cell) = cells.get_mut(usize::from(*number)) {
                *cell = mark;
            }
        }
        Canvas { columns: view.columns, rows: view.rows, cells }
    }

    fn row(&self, row: u16) -> String {
        let from = usize::from(row) * usize::from(self.columns);
        let cells = self.cells.get(from..from + usize::from(self.columns)).unwrap_or_default();
        cells.iter().map(|&cell| char::from(cell)).collect()
    }

    fn set(&mut self, column: i32, row: i32, mark: u8) {
        let (Ok(column), Ok(row)) = (u16::try_from(column), u16::try_from(row)) else { return };
        if column < self.columns && row < self.rows {
            self.cells[usize::from(row) * usize::from(self.columns) + usize::from(column)] = mark;
        }
    }

    fn polygon(&mut self, corners: &[Place], mark: u8) {
        let next = corners.iter().cycle().skip(1);
        corners.iter().zip(next).for_each(|(&from, &to)| self.line(from, to, mark));
    }

    fn line(&mut self, from: Place, to: Place, mark: u8) {
        let cell = |place: Place| (cell_of(place.x, self.columns), cell_of(place.y, self.rows));
        let ((x1, y1), (x2, y2)) = (cell(from), cell(to));
        let steps = (x2 - x1).abs().max((y2 - y1).abs()).max(1);
        for step in 0..=steps {
            // To the nearest cell.
            let between = |a: i32, b: i32| a + ((b - a) * step * 2 + steps).div_euclid(steps * 2);
            self.set(between(x1, x2), between(y1, y2), mark);
        }
    }

    /// The box around what the verdict is about.
    fn outline(&mut self, look: &Look) {
        let Some([x1, y1, x2, y2]) = look.region else { return };
        let (left, top) = (cell_of(x1, self.columns), cell_of(y1, self.rows));
        // The right and lower bounds are outside.
        let (right, bottom) =
            (cell_of(x2.saturating_sub(1), self.columns), cell_of(y2.saturating_sub(1), self.rows));
        for column in left..=right {
            self.set(column, top, b'-');
            self.set(column, bottom, b'-');
        }
        for row in top..=bottom {
            self.set(left, row, b'|');
            self.set(right, row, b'|');
        }
        for (column, row) in [(left, top), (right, top), (left, bottom), (right, bottom)] {
            self.set(column, row, b'+');
        }
    }
}

/// The cell of a row of `count` in which a place lies.
fn cell_of(place: u16, count: u16) -> i32 {
    let cell = u32::from(place) * u32::from(count) / FULL;
    i32::try_from(cell.min(u32::from(count).saturating_sub(1))).unwrap_or(0)
}

/// The greys that are shown as black and white: a dark scene is shown bright.
fn range(view: &View) -> (i32, i32) {
    let mut greys: Vec<u8> = view.grey.clone();
    for &number in view.masked.iter().rev() {
        if usize::from(number) < greys.len() {
            greys.swap_remove(usize::from(number));
        }
    }
    greys.sort_unstable();
    let cut = greys.len() * CUT_PERCENT / 100;
    let at = |place: usize| greys.get(place).map_or(0, |&grey| i32::from(grey));
    let (black, white) = (at(cut), at(greys.len().saturating_sub(cut + 1)));
    let missing = SPREAD_MIN - (white - black);
    if missing > 0 { (black - missing / 2, white + missing - missing / 2) } else { (black, white) }
}

fn top_ruler(columns: u16) -> String {
    let mut ruler = " ".repeat(MARGIN);
    for percent in (0..100).step_by(RULED_PERCENT as usize) {
        let at = MARGIN + percent * usize::from(columns) / 100;
        // In a narrow picture the numbers stand close; then some are left out.
        if ruler.trim_end().len() < at || percent == 0 {
            ruler.truncate(ruler.trim_end().len().max(MARGIN));
            ruler = format!("{ruler:<at$}{percent}");
        }
    }
    ruler
}

/// The number of the tenth that begins in this row, if one does.
fn left_ruler(row: u16, rows: u16) -> String {
    let (from, to) = (u32::from(row) * 100, (u32::from(row) + 1) * 100);
    let rows = u32::from(rows);
    let ruled =
        (0..100).step_by(RULED_PERCENT as usize).find(|percent| (from..to).contains(&(percent * rows)));
    ruled.map_or_else(|| " ".repeat(MARGIN), |percent| format!("{percent:>3} "))
}

#[cfg(test)]
mod tests {
    use super::{MARGIN, rows};
    use crate::control::{Look, View};
    use crate::settings::Settings;

    fn view(columns: u16, rows: u16) -> View {
        let count = columns * rows;
        let grey = (0..count).map(|n| (n % columns * 255 / columns.max(1)) as u8).collect();
        View { columns, rows, grey, ..View::default() }
    }

    fn settings(all: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        all.iter().for_each(|(name, value)| settings.set(name, value).expect("allowed"));
        settings
    }

    fn at(rows: &[String], x: usize, y: usize) -> char {
        rows[y + 1].chars().nth(MARGIN + x).expect("a cell")
    }

    #[test]
    fn greys_get_brighter_to_the_right_and_the_rulers_tell_the_percent() {
        let got = rows(&view(40, 10), &Settings::default());
        assert_eq!(got[0], "    0   10  20  30  40  50  60  70  80  90");
        assert_eq!(got[1], "  0     ....,,,,::::;;;;ooooxxxx%%%%####@@@@");
        assert_eq!(&got[10][..4], " 90 ");
        let twenty_one = rows(&view(75, 21), &Settings::default());
        let ruled = twenty_one[1..].iter().filter(|row| !row.starts_with("    ")).count();
        assert_eq!((ruled, twenty_one.len()), (10, 22), "each tenth has its row");
        assert!(twenty_one.iter().all(|row| row.len() <= 79));
        assert_eq!(rows(&view(10, 1), &Settings::default())[0], "    0 20 50 80");
    }

    #[test]
    fn a_flat_picture_is_not_blown_up() {
        let noisy = View { grey: (0..400).map(|n| 100 + n as u8 % 3).collect(), ..view(40, 10) };
        let got = rows(&noisy, &Settings::default());
        let used: std::collections::BTreeSet<char> =
            got[1..].iter().flat_map(|r| r[MARGIN..].chars()).collect();
        assert!(used.len() <= 2, "{used:?}");
    }

    #[test]
    fn zones_tripwires_masks_motion_and_the_box_are_drawn() {
        let mut seen = view(40, 10);
        seen.masked = vec![0, 1, 40, 41];
        seen.moving = vec![4 * 40 + 20, 4 * 40 + 21, 5 * 40 + 21, 5 * 40 + 22];
        seen.now = Look { region: Some([4000, 3000, 6500, 8000]), ..Look::default() };
        let drawn = settings(&[
            ("motion.zone2", "include 0,50 25,50 25,99.9 0,99.9"),
            ("motion.line1", "75,0 75,100"),
        ]);
        let got = rows(&seen, &drawn);
        assert_eq!((at(&got, 0, 0), at(&got, 1, 1)), ('/', '/'));
        assert_eq!((at(&got, 0, 5), at(&got, 10, 7), at(&got, 5, 9)), ('2', '2', '2'));
        assert_eq!((at(&got, 30, 0), at(&got, 30, 9)), ('A', 'A'));
        assert_eq!((at(&got, 20, 4), at(&got, 22, 5)), ('*', '*'));
        assert!(at(&got, 21, 4) != '*' && at(&got, 21, 5) != '*', "one cell in four");
        assert_eq!(
            (at(&got, 16, 3), at(&got, 25, 7), at(&got, 16, 5), at(&got, 20, 3)),
            ('+', '+', '|', '-')
        );
        assert_ne!(at(&got, 26, 7), '-', "the right bound is outside");
    }

    #[test]
    fn what_makes_no_sense_does_no_harm() {
        let odd = View {
            columns: 7,
            rows: 3,
            grey: vec![1, 2],
            masked: vec![9999],
            moving: vec![65535],
            now: Look { region: Some([65535, 65535, 0, 0]), ..Look::default() },
            ..View::default()
        };
        assert_eq!(rows(&odd, &settings(&[("motion.line1", "0,0 100,100")])).len(), 4);
        assert_eq!(rows(&View::default(), &Settings::default()).len(), 1);
    }
}
