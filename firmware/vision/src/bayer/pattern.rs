//! Which colour a photosite of a mosaic sees.
//!
//! The arrangement is Bayer's (US patent 3971065, 1976): cells of two by two, green twice.

/// A colour of the mosaic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Red.
    Red,
    /// Green, twice in each cell.
    Green,
    /// Blue.
    Blue,
}

/// A cell, read from left to right and from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Red at the upper left.
    Rggb,
    /// Blue at the upper left.
    Bggr,
    /// Green at the upper left, red to its right.
    Grbg,
    /// Green at the upper left, blue to its right.
    Gbrg,
}

impl Pattern {
    /// Where in a cell red is: column and row. Blue is at the opposite corner.
    #[must_use]
    pub const fn red_at(self) -> (usize, usize) {
        match self {
            Self::Rggb => (0, 0),
            Self::Bggr => (1, 1),
            Self::Grbg => (1, 0),
            Self::Gbrg => (0, 1),
        }
    }

    /// What the photosite in column `x` and row `y` sees.
    #[must_use]
    pub const fn channel(self, x: usize, y: usize) -> Channel {
        let (red_x, red_y) = self.red_at();
        match (x % 2 == red_x, y % 2 == red_y) {
            (true, true) => Channel::Red,
            (false, false) => Channel::Blue,
            _ => Channel::Green,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Channel, Pattern};

    #[test]
    fn a_cell_reads_as_it_is_called() {
        for (pattern, name) in [
            (Pattern::Rggb, "RGGB"),
            (Pattern::Bggr, "BGGR"),
            (Pattern::Grbg, "GRBG"),
            (Pattern::Gbrg, "GBRG"),
        ] {
            for (at, letter) in name.chars().enumerate() {
                let letter_of = |channel| match channel {
                    Channel::Red => 'R',
                    Channel::Green => 'G',
                    Channel::Blue => 'B',
                };
                assert_eq!(letter_of(pattern.channel(at % 2 + 4, at / 2 + 6)), letter, "{name}, {at}");
            }
        }
    }
}
