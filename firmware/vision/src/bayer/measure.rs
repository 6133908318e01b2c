//! What the loops of exposure and white balance need to know of a frame: sums over a thin grid of cells.
//!
//! The cost does not grow with the frame.
//!
//! Must not decide anything.

use super::{Look, SAMPLE_MAX, UNITY_Q8};
use crate::luma::RawFrame;

/// Columns and rows of the grid: enough for the mean of any scene that is more than a few stripes, and few beside the pixels.
const COLUMNS: usize = 32;
const ROWS: usize = 24;

/// Above this a photosite may be full: what it says is no colour.
const FULL: u32 = SAMPLE_MAX as u32 * 15 / 16;
/// Below this, above the black level, noise is more than colour.
const DIM: u32 = SAMPLE_MAX as u32 / 40;

/// The cells of a frame that are looked at: spread evenly.
#[derive(Clone, Copy, Debug, Default)]
pub struct Grid;

/// Sums of red, green and blue above the black level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Red, green (the mean of the cell's two) and blue.
    pub colours: [u32; 3],
    /// Cells that are in it.
    pub cells: u32,
}

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Mean light of all cells above the black level, 0 to [`SAMPLE_MAX`].
    pub light: u16,
    /// Cells that were looked at.
    pub cells: u32,
    /// Cells of them in which a photosite is full.
    pub full_cells: u32,
    /// Cells that are neither dim nor full.
    pub coloured: Sums,
    /// Cells of them that are nearly grey with the gains of now.
    pub greyish: Sums,
}

impl Grid {
    /// Looks at a frame; nothing if it is no mosaic.
    #[must_use]
    pub fn measure(self, frame: &RawFrame<'_>, look: &Look) -> Option<Measure> {
        let pattern = frame.pattern()?;
        let (red_x, red_y) = pattern.red_at();
        let (cells_x, cells_y) = (usize::from(frame.size().width / 2), usize::from(frame.size().height / 2));
        let (columns, rows) = (COLUMNS.min(cells_x), ROWS.min(cells_y));
        let mut seen = Measure::default();
        let mut light = 0;
        for row in 0..rows {
            let y = 2 * ((2 * row + 1) * cells_y / (2 * rows));
            let lines = [frame.line(y), frame.line(y + 1)];
            for column in 0..columns {
                let x = 2 * ((2 * column + 1) * cells_x / (2 * columns));
                let pair = |line| frame.pair(line, x).map(u32::from);
                let (with_red, with_blue) = (pair(lines[red_y]), pair(lines[1 - red_y]));
                let sites = [with_red[red_x], with_red[1 - red_x], with_blue[red_x], with_blue[1 - red_x]];
                light += seen.add(sites, look);
            }
        }
        seen.cells = (columns * rows) as u32;
        let range = u32::from(SAMPLE_MAX - look.black.min(SAMPLE_MAX / 2));
        let mean = light / (4 * seen.cells.max(1));
        seen.light = (mean * u32::from(SAMPLE_MAX) / range).min(SAMPLE_MAX.into()) as u16;
        Some(seen)
    }
}

impl Measure {
    /// Adds a cell: red, both greens, blue. Its light.
    fn add(&mut self, sites: [u32; 4], look: &Look) -> u32 {
        let [red, green1, green2, blue] = sites.map(|site| site.saturating_sub(look.black.into()));
        if sites.iter().any(|site| *site > FULL) {
            self.full_cells += 1;
        } else {
            let colours = [red, (green1 + green2) / 2, blue];
            if colours[1] > DIM {
                self.coloured.add(colours);
                if is_greyish(colours, look) {
                    self.greyish.add(colours);
                }
            }
        }
        red + green1 + green2 + blue
    }
}

impl Sums {
    fn add(&mut self, colours: [u32; 3]) {
        for (sum, colour) in self.colours.iter_mut().zip(colours) {
            *sum += colour;
        }
        self.cells += 1;
    }
}

/// Whether red and blue, with the gains of now, are within a third of green.
fn is_greyish([red, green, blue]: [u32; 3], look: &Look) -> bool {
    let is_near = |colour: u32, gain_q8: u16| {
        let seen = colour * u32::from(gain_q8) / u32::from(UNITY_Q8);
        3 * seen >= 2 * green && 3 * seen <= 4 * green
    };
    is_near(red, look.red_q8) && is_near(blue, look.blue_q8)
}
