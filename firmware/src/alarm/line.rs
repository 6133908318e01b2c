//! An alarm line: found by the profile, requested at its safe level, switched by whoever holds the descriptor.
//!
//! init requests it and keeps it for the life of the product, so that it can set the safe level when the guard dies: a
//! closed descriptor would leave a siren as it was. "Active" is logical; the kernel turns it into a level.

use boards::Alarm;
use gpiocdev_uapi::v2::{
    LineConfig, LineFlags, LineRequest, LineValues, Name, Offsets, get_chip_info, get_line, get_line_info,
    get_line_values, set_line_values,
};
use std::fs::File;

/// Shown by the kernel as the line's user.
const CONSUMER: &[u8] = b"kerberos-alarm";
/// Chips looked at: no board has more.
const CHIPS_MAX: usize = 32;

/// Why there is no alarm line.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// No chip of the profile's label, or no line of its name.
    #[error("this board has no alarm line `{0}`; check the board's profile")]
    NotFound(String),
    /// The kernel refused the line.
    #[error("the alarm line `{line}` cannot be used: {reason}")]
    Refused {
        /// Which line.
        line: String,
        /// The system's reason.
        reason: String,
    },
}

/// Requests the profile's alarm line as an output at its inactive level.
pub fn request(wanted: &Alarm) -> Result<File, LineError> {
    let shown = describe(wanted);
    let (chip, offset) = find(wanted).ok_or_else(|| LineError::NotFound(shown.clone()))?;
    let mut flags = LineFlags::OUTPUT;
    if wanted.active_low {
        flags |= LineFlags::ACTIVE_LOW;
    }
    // No value is given: an output's initial value is inactive.
    let config = LineConfig { flags, ..LineConfig::default() };
    let request = LineRequest {
        offsets: Offsets::from_slice(&[offset]),
        consumer: Name::from_bytes(CONSUMER),
        config,
        num_lines: 1,
        ..LineRequest::default()
    };
    get_line(&chip, request).map_err(|e| LineError::Refused { line: shown, reason: e.to_string() })
}

/// Makes the line active or inactive. A register write: it does not wait.
pub fn set(line: &File, active: bool) -> Result<(), LineError> {
    set_line_values(line, &LineValues { bits: u64::from(active), mask: 1 })
        .map_err(|e| LineError::Refused { line: "alarm".into(), reason: e.to_string() })
}

/// Whether the line reads as active: what the chip says, not what was last set.
pub fn get(line: &File) -> Result<bool, LineError> {
    let mut values = LineValues { bits: 0, mask: 1 };
    get_line_values(line, &mut values)
        .map_err(|e| LineError::Refused { line: "alarm".into(), reason: e.to_string() })?;
    Ok(values.bits & 1 == 1)
}

fn find(wanted: &Alarm) -> Option<(File, u32)> {
    for number in 0..CHIPS_MAX {
        let Ok(chip) = File::open(format!("/dev/gpiochip{number}")) else { continue };
        let Ok(info) = get_chip_info(&chip) else { continue };
        if let (Some(label), Some(offset)) = (&wanted.chip, wanted.offset)
            && info.label.as_os_str() == label.as_str()
            && offset < info.num_lines
        {
            return Some((chip, offset));
        }
        if let Some(name) = &wanted.line {
            let named = |&o: &u32| get_line_info(&chip, o).is_ok_and(|l| l.name.as_os_str() == name.as_str());
            if let Some(offset) = (0..info.num_lines).find(named) {
                return Some((chip, offset));
            }
        }
    }
    None
}

/// The line as the profile names it.
pub fn describe(wanted: &Alarm) -> String {
    match (&wanted.line, &wanted.chip, wanted.offset) {
        (Some(name), ..) => name.clone(),
        (None, Some(chip), Some(offset)) => format!("{chip} {offset}"),
        _ => "(nothing named)".into(),
    }
}
