//! The frame number in the upper left corner of generated frames, for people and for tests that read it back.
//!
//! Six block digits of 3 × 5 cells, 3 pixels each: legible in a PNG, and small enough that a motion detector which
//! looks at 8 × 8 blocks sees less than two lines of them change. `AREA` tells a test what to leave out.

use super::picture::Rect;

/// The part of the frame that the counter takes.
pub const AREA: Rect = Rect { x: 0, y: 0, width: 80, height: 16 };

/// The number wraps here.
pub const MODULUS: u64 = 1_000_000;

const DIGITS: u32 = 6;
const CELL: usize = 3;
const COLUMNS: usize = 3;
const ROWS: usize = 5;
const LEFT: usize = 4;
/// A digit and the gap after it.
const PITCH: usize = (COLUMNS + 1) * CELL;
const DARK: u8 = 48;
const LIGHT: u8 = 200;
const MIDDLE: u8 = 124;

/// Each digit's five rows, three bits each, left column in the highest bit.
const SHAPES: [[u8; ROWS]; 10] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 3, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 2, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
];

/// Writes the number of a frame into the first lines of a luma plane (at least `AREA.height` of them).
pub fn draw(number: u64, luma: &mut [u8], width: usize) {
    let digits = digits(number % MODULUS);
    for (y, line) in luma.chunks_exact_mut(width).take(usize::from(AREA.height)).enumerate() {
        for (x, pixel) in line.iter_mut().take(usize::from(AREA.width)).enumerate() {
            *pixel = if lit(&digits, x, y) { LIGHT } else { DARK };
        }
    }
}

fn digits(number: u64) -> [usize; DIGITS as usize] {
    std::array::from_fn(|place| (number / 10_u64.pow(DIGITS - 1 - place as u32) % 10) as usize)
}

fn lit(digits: &[usize], x: usize, y: usize) -> bool {
    let Some(x) = x.checked_sub(LEFT) else { return false };
    let (column, row) = (x % PITCH / CELL, y / CELL);
    let shape = digits.get(x / PITCH).and_then(|digit| SHAPES.get(*digit));
    column < COLUMNS
        && shape.and_then(|rows| rows.get(row)).is_some_and(|bits| bits >> (COLUMNS - 1 - column) & 1 == 1)
}

/// Reads the number from a decoded frame's luma; `None` when there is no counter, or it is damaged.
pub fn read(luma: &[u8], width: usize) -> Option<u64> {
    let cell = |place: usize, column: usize, row: usize| {
        let (x, y) = (LEFT + place * PITCH + column * CELL + 1, row * CELL + 1);
        luma.get(y * width + x).map(|value| u8::from(*value > MIDDLE))
    };
    let mut number = 0;
    for place in 0..DIGITS as usize {
        let mut shape = [0; ROWS];
        for (row, bits) in shape.iter_mut().enumerate() {
            for column in 0..COLUMNS {
                *bits = *bits << 1 | cell(place, column, row)?;
            }
        }
        number = number * 10 + SHAPES.iter().position(|known| *known == shape)? as u64;
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::{AREA, MODULUS, draw, read};

    #[test]
    fn numbers_can_be_read_back() {
        let mut luma = vec![100; 320 * 20];
        assert_eq!(read(&luma, 320), None);
        for number in [0, 1, 123_456, 789_012, MODULUS - 1, MODULUS + 7] {
            draw(number, &mut luma, 320);
            assert_eq!(read(&luma, 320), Some(number % MODULUS));
        }
        let outside =
            (0..luma.len()).filter(|at| at % 320 >= AREA.width.into() || at / 320 >= AREA.height.into());
        assert!(outside.into_iter().all(|at| luma[at] == 100));
        assert_eq!(read(&[], 320), None);
    }
}
