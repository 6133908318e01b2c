//! The controls that a user can turn: brightness, contrast, power line frequency.
//!
//! Values only: the picture stays as it is. UVC 1.1 chapters 3.7.2.5 (processing unit), 4.2.2.3 (its controls). Plugging the camera in anew sets them back. No sockets, no frames.

use super::uvc::request;

/// The processing unit's number.
pub const UNIT: u8 = 3;
/// `bmControls`: brightness, contrast, power line frequency.
pub const BITS: [u8; 2] = [0b0000_0011, 0b0000_0100];
/// `GET_INFO`: can be read and written.
const INFO_GET_SET: u8 = 3;

/// A control.
struct Row {
    selector: u8,
    bytes: usize,
    min: i32,
    max: i32,
    default: i32,
}

static ROWS: [Row; 3] = [
    Row { selector: 2, bytes: 2, min: -64, max: 64, default: 0 },
    Row { selector: 3, bytes: 2, min: 0, max: 95, default: 32 },
    Row { selector: 5, bytes: 1, min: 0, max: 2, default: 1 },
];

/// Where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// Brightness, contrast, power line frequency.
    pub values: [i32; ROWS.len()],
}

impl Default for Turned {
    fn default() -> Turned {
        Turned { values: std::array::from_fn(|row| ROWS[row].default) }
    }
}

impl Turned {
    /// Brightness, -64 to 64.
    pub fn brightness(&self) -> i32 {
        self.values[0]
    }

    /// Contrast, 0 to 95.
    pub fn contrast(&self) -> i32 {
        self.values[1]
    }

    /// The answer to a question; nothing for one that is not known.
    pub(super) fn get(&self, request: u8, selector: u8) -> Option<Vec<u8>> {
        let (row, value) = ROWS.iter().zip(self.values).find(|(row, _)| row.selector == selector)?;
        let number = match request {
            request::GET_CUR => value,
            request::GET_MIN => row.min,
            request::GET_MAX => row.max,
            request::GET_RES => 1,
            request::GET_DEF => row.default,
            request::GET_INFO => return Some(vec![INFO_GET_SET]),
            request::GET_LEN => return Some(vec![row.bytes as u8, 0]),
            _ => return None,
        };
        Some(number.to_le_bytes()[..row.bytes].to_vec())
    }

    /// Turns one; whether it was in its range.
    pub(super) fn set(&mut self, selector: u8, data: &[u8]) -> bool {
        let Some(at) = ROWS.iter().position(|row| row.selector == selector) else { return false };
        let number = match *data {
            [low, high, ..] if ROWS[at].bytes == 2 => i32::from(i16::from_le_bytes([low, high])),
            [byte, ..] if ROWS[at].bytes == 1 => i32::from(byte),
            _ => return false,
        };
        let is_in_range = (ROWS[at].min..=ROWS[at].max).contains(&number);
        if is_in_range {
            self.values[at] = number;
        }
        is_in_range
    }
}

#[cfg(test)]
mod tests {
    use super::{Turned, request};

    #[test]
    fn controls_are_asked_for_turned_and_kept_in_their_range() {
        let mut turned = Turned::default();
        assert_eq!(turned.get(request::GET_MIN, 2), Some((-64_i16).to_le_bytes().to_vec()));
        assert_eq!(turned.get(request::GET_LEN, 5), Some(vec![1, 0]));
        assert!(turned.set(2, &(-7_i16).to_le_bytes()) && turned.set(5, &[2]));
        assert_eq!((turned.brightness(), turned.contrast(), turned.values[2]), (-7, 32, 2));
        assert_eq!(turned.get(request::GET_CUR, 2), Some((-7_i16).to_le_bytes().to_vec()));
        assert!(!turned.set(2, &65_i16.to_le_bytes()) && !turned.set(2, &[1]) && !turned.set(9, &[1, 0]));
        assert_eq!(turned.brightness(), -7, "refused values change nothing");
        assert_eq!((turned.get(request::GET_CUR, 9), turned.get(0x55, 2)), (None, None));
    }
}
