//! Colours for what is drawn into a picture in characters, for whoever asks for them. Pure.
//!
//! A mark keeps its character, so that nothing is told by a colour alone. Must not touch the greys: each change of colour costs five bytes
//! of a slow line, and marks are few.

use super::picture::{MARGIN, MASKED, MOVING};

/// Back to the terminal's own (ECMA-48: SGR).
const PLAIN: &str = "\x1b[0m";
/// Of the sixteen that every terminal with colours has.
const RED: &str = "\x1b[91m";
const GREEN: &str = "\x1b[92m";
const YELLOW: &str = "\x1b[93m";
const BLUE: &str = "\x1b[94m";
const CYAN: &str = "\x1b[96m";

/// The rows of a picture with its rulers, which stay as they are.
pub fn paint(rows: Vec<String>) -> Vec<String> {
    rows.into_iter().enumerate().map(|(number, row)| if number == 0 { row } else { painted(&row) }).collect()
}

fn painted(row: &str) -> String {
    let mut out: String = row.chars().take(MARGIN).collect();
    let mut now = PLAIN;
    for letter in row.chars().skip(MARGIN) {
        let wanted = colour(letter);
        if wanted != now {
            out += wanted;
            now = wanted;
        }
        out.push(letter);
    }
    if now != PLAIN {
        out += PLAIN;
    }
    out
}

/// What moves, the box, zones, tripwires, masks; everything else is the picture.
fn colour(letter: char) -> &'static str {
    match letter {
        _ if letter == char::from(MOVING) => RED,
        _ if letter == char::from(MASKED) => BLUE,
        '+' | '-' | '|' => YELLOW,
        '1'..='8' => GREEN,
        'A'..='D' => CYAN,
        _ => PLAIN,
    }
}

#[cfg(test)]
mod tests {
    use super::{PLAIN, colour, paint};
    use crate::console::picture::RAMP;

    #[test]
    fn marks_have_colours_and_the_picture_and_its_rulers_have_none() {
        let rows = ["    0   10", " 10 ..**.", "    11A//", "    +--+;"].map(str::to_owned).to_vec();
        assert_eq!(
            paint(rows),
            [
                "    0   10",
                " 10 ..\x1b[91m**\x1b[0m.",
                "    \x1b[92m11\x1b[96mA\x1b[94m//\x1b[0m",
                "    \x1b[93m+--+\x1b[0m;",
            ]
        );
        assert!(RAMP.iter().all(|&grey| colour(char::from(grey)) == PLAIN));
    }
}
