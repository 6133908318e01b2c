//! What the guard says of itself, in the words that console and screen share. Pure.
//!
//! Must not know how wide or high the place is where the words go.

use crate::control::Status;

/// A rate that was measured over less says nothing.
const RATE_MS_MIN: u64 = 3600 * 1000;
const DAY_MS: u64 = 24 * 3600 * 1000;
/// Longer than a card lives.
const YEARS_MS: u64 = 3653 * DAY_MS;

/// Whether motion counts, and why.
pub fn armed(status: &Status) -> String {
    let yes = if status.armed { "yes" } else { "no" };
    if status.armed_why.is_empty() { yes.into() } else { format!("{yes}: {}", status.armed_why) }
}

/// How long until the card is full and the oldest clips make room, at the rate since the guard started.
pub fn days_left(status: &Status) -> String {
    let (card, running_ms) = (&status.card, status.running_ms);
    if running_ms < RATE_MS_MIN {
        return "days left not known yet".into();
    }
    if card.room_bytes < card.total_bytes / 100 {
        return "full: the oldest clips make room".into();
    }
    let left_ms = u128::from(card.room_bytes) * u128::from(running_ms);
    match left_ms.checked_div(u128::from(card.clip_bytes)) {
        None => "nothing was recorded yet".into(),
        Some(left_ms) if left_ms < u128::from(DAY_MS) => {
            format!("{} h left at this rate", left_ms / (u128::from(DAY_MS) / 24))
        }
        Some(left_ms) if left_ms > u128::from(YEARS_MS) => "more than 10 years left at this rate".into(),
        Some(left_ms) => format!("{} days left at this rate", left_ms / u128::from(DAY_MS)),
    }
}

/// With one decimal.
pub fn tenths(value: u32) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// Tenths of frames a second; none at all is a camera whose frames were not counted for long enough yet.
pub fn rate(fps_tenths: u32) -> String {
    match fps_tenths {
        0 => "frames/s not known yet".into(),
        _ => format!("{} frames/s", tenths(fps_tenths)),
    }
}

/// Hours, minutes and seconds; days when there are any.
pub fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3600, seconds % 3600 / 60);
    let clock = format!("{hours:02}:{minutes:02}:{:02}", seconds % 60);
    if days > 0 { format!("{days} d {clock}") } else { clock }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn times_read_well() {
        assert_eq!(duration(59), "00:00:59");
        assert_eq!(duration(90_061), "1 d 01:01:01");
    }
}
