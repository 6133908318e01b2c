//! The controls that a user can turn: brightness, contrast, power line frequency, exposure, focus.
//!
//! Exposure and focus are by hand or automatic. Values only: the picture stays as it is. UVC 1.1 chapters 3.7.2.3 and 3.7.2.5 (camera terminal, processing unit), 4.2.2.1 and 4.2.2.3 (their
//! controls). While an automatic control has its value, the other one is refused, as cameras do. Plugging the camera in anew sets them back. No sockets, no frames.

use super::uvc::{error_code, request};

/// The camera terminal's number.
pub const CAMERA_TERMINAL: u8 = 1;
/// The processing unit's number.
pub const UNIT: u8 = 3;
/// The processing unit's `bmControls`: brightness, contrast, power line frequency.
pub const UNIT_BITS: [u8; 2] = [0b0000_0011, 0b0000_0100];
/// The camera terminal's: auto-exposure mode, exposure time, focus; automatic focus.
pub const TERMINAL_BITS: [u8; 3] = [0b0010_1010, 0, 0b0000_0010];
/// `GET_INFO`: can be read and written.
const INFO_GET_SET: u8 = 0b0_0011;
/// `GET_INFO`: an automatic control has it.
const INFO_TAKEN: u8 = 0b0_0100;

/// Auto-exposure modes are bits: by hand, and by the camera with a fixed aperture.
const EXPOSURE_BY_HAND: i32 = 0b0001;
const EXPOSURE_BY_CAMERA: i32 = 0b1000;

/// A control.
struct Row {
    unit: u8,
    selector: u8,
    bytes: usize,
    min: i32,
    max: i32,
    /// From value to value; of a set of bits, those that there are.
    step: i32,
    default: i32,
    /// The row of the automatic control, and its value with which this one is free.
    master: Option<(usize, i32)>,
}

const AUTO_EXPOSURE: usize = 3;
const EXPOSURE_TIME: usize = 4;
const FOCUS: usize = 5;
const AUTO_FOCUS: usize = 6;

#[rustfmt::skip]
static ROWS: [Row; 7] = [
    Row { unit: UNIT, selector: 2, bytes: 2, min: -64, max: 64, step: 1, default: 0, master: None },
    Row { unit: UNIT, selector: 3, bytes: 2, min: 0, max: 95, step: 1, default: 32, master: None },
    Row { unit: UNIT, selector: 5, bytes: 1, min: 0, max: 2, step: 1, default: 1, master: None },
    Row { unit: CAMERA_TERMINAL, selector: 2, bytes: 1, min: 0, max: 0xff, step: EXPOSURE_BY_HAND | EXPOSURE_BY_CAMERA,
        default: EXPOSURE_BY_CAMERA, master: None },
    // In units of 100 microseconds.
    Row { unit: CAMERA_TERMINAL, selector: 4, bytes: 4, min: 3, max: 2047, step: 1, default: 250,
        master: Some((AUTO_EXPOSURE, EXPOSURE_BY_HAND)) },
    Row { unit: CAMERA_TERMINAL, selector: 6, bytes: 2, min: 0, max: 250, step: 5, default: 0, master: Some((AUTO_FOCUS, 0)) },
    Row { unit: CAMERA_TERMINAL, selector: 8, bytes: 1, min: 0, max: 1, step: 1, default: 1, master: None },
];

/// Where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    values: [i32; ROWS.len()],
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

    /// The exposure time in units of 100 microseconds, if it is set by hand.
    pub fn exposure_100us(&self) -> Option<i32> {
        (self.values[AUTO_EXPOSURE] == EXPOSURE_BY_HAND).then_some(self.values[EXPOSURE_TIME])
    }

    /// The focus, 0 (far) to 250, if it is set by hand.
    pub fn focus(&self) -> Option<i32> {
        (self.values[AUTO_FOCUS] == 0).then_some(self.values[FOCUS])
    }

    /// Whether it is one of the parts that have such controls.
    pub(super) fn has_unit(unit: u8) -> bool {
        [UNIT, CAMERA_TERMINAL].contains(&unit)
    }

    /// The answer to a question; nothing for one that is not known.
    pub(super) fn get(&self, request: u8, unit: u8, selector: u8) -> Option<Vec<u8>> {
        let at = row(unit, selector)?;
        let row = &ROWS[at];
        let number = match request {
            request::GET_CUR => self.values[at],
            request::GET_MIN => row.min,
            request::GET_MAX => row.max,
            request::GET_RES => row.step,
            request::GET_DEF => row.default,
            request::GET_INFO => {
                return Some(vec![INFO_GET_SET | if self.is_taken(row) { INFO_TAKEN } else { 0 }]);
            }
            request::GET_LEN => return Some(vec![row.bytes as u8, 0]),
            _ => return None,
        };
        Some(number.to_le_bytes()[..row.bytes].to_vec())
    }

    /// Turns one; else the code of what is wrong.
    pub(super) fn set(&mut self, unit: u8, selector: u8, data: &[u8]) -> Result<(), u8> {
        let at = row(unit, selector).ok_or(error_code::INVALID_CONTROL)?;
        let number = match (ROWS[at].bytes, data) {
            (4, &[a, b, c, d, ..]) => i32::from_le_bytes([a, b, c, d]),
            (2, &[low, high, ..]) => i32::from(i16::from_le_bytes([low, high])),
            (1, &[byte, ..]) => i32::from(byte),
            _ => return Err(error_code::OUT_OF_RANGE),
        };
        if self.is_taken(&ROWS[at]) {
            return Err(error_code::WRONG_STATE);
        }
        let is_bit_set = at == AUTO_EXPOSURE;
        let is_known = !is_bit_set || [EXPOSURE_BY_HAND, EXPOSURE_BY_CAMERA].contains(&number);
        if !is_known || !(ROWS[at].min..=ROWS[at].max).contains(&number) {
            return Err(error_code::OUT_OF_RANGE);
        }
        self.values[at] = number;
        Ok(())
    }

    fn is_taken(&self, row: &Row) -> bool {
        row.master.is_some_and(|(master, free)| self.values[master] != free)
    }
}

fn row(unit: u8, selector: u8) -> Option<usize> {
    ROWS.iter().position(|row| (row.unit, row.selector) == (unit, selector))
}

#[cfg(test)]
mod tests {
    use super::{CAMERA_TERMINAL, Turned, UNIT, error_code, request};

    #[test]
    fn controls_are_asked_for_turned_and_kept_in_their_range() {
        let mut turned = Turned::default();
        assert_eq!(turned.get(request::GET_MIN, UNIT, 2), Some((-64_i16).to_le_bytes().to_vec()));
        assert_eq!(turned.get(request::GET_LEN, UNIT, 5), Some(vec![1, 0]));
        assert_eq!(turned.set(UNIT, 2, &(-7_i16).to_le_bytes()), Ok(()));
        assert_eq!((turned.brightness(), turned.contrast()), (-7, 32));
        assert_eq!(turned.get(request::GET_CUR, UNIT, 2), Some((-7_i16).to_le_bytes().to_vec()));
        assert_eq!(turned.set(UNIT, 2, &65_i16.to_le_bytes()), Err(error_code::OUT_OF_RANGE));
        assert_eq!(turned.set(UNIT, 2, &[1]), Err(error_code::OUT_OF_RANGE));
        assert_eq!(turned.set(UNIT, 9, &[1, 0]), Err(error_code::INVALID_CONTROL));
        assert_eq!(turned.brightness(), -7, "refused values change nothing");
        assert_eq!((turned.get(request::GET_CUR, UNIT, 9), turned.get(0x55, UNIT, 2)), (None, None));
    }

    #[test]
    fn what_an_automatic_control_has_is_refused_until_it_is_switched_off() {
        let mut turned = Turned::default();
        let (time, focus) = (300_u32.to_le_bytes(), 40_u16.to_le_bytes());
        assert_eq!((turned.exposure_100us(), turned.focus()), (None, None));
        assert_eq!(turned.get(request::GET_INFO, CAMERA_TERMINAL, 4), Some(vec![0b111]));
        assert_eq!(turned.get(request::GET_RES, CAMERA_TERMINAL, 2), Some(vec![0b1001]));
        assert_eq!(turned.set(CAMERA_TERMINAL, 4, &time), Err(error_code::WRONG_STATE));
        assert_eq!(turned.set(CAMERA_TERMINAL, 6, &focus), Err(error_code::WRONG_STATE));
        assert_eq!(turned.set(CAMERA_TERMINAL, 2, &[4]), Err(error_code::OUT_OF_RANGE), "not offered");
        assert_eq!(turned.set(CAMERA_TERMINAL, 2, &[1]), Ok(()));
        assert_eq!(turned.set(CAMERA_TERMINAL, 8, &[0]), Ok(()));
        assert_eq!(turned.set(CAMERA_TERMINAL, 4, &time), Ok(()));
        assert_eq!(turned.set(CAMERA_TERMINAL, 6, &focus), Ok(()));
        assert_eq!((turned.exposure_100us(), turned.focus()), (Some(300), Some(40)));
        assert_eq!(turned.get(request::GET_INFO, CAMERA_TERMINAL, 4), Some(vec![0b011]));
    }
}
