//! Hours: what the clock on the wall shows, and whether a weekly schedule is on then.
//!
//! Pure: moments are arguments, in seconds since 1970. Must not read a clock or a file.

mod local;
pub mod schedule;
pub mod zone;
pub mod zones;

pub use local::{ABBREVIATION_BYTES_MAX, Local, WEEKDAYS};
pub use schedule::{Schedule, ScheduleError};
pub use zone::{Instants, Zone, ZoneError};
