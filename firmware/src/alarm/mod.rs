//! Alarm lines and LEDs: levels, pulses, codes. It must not decide whether there is an alarm.

pub mod led;
pub mod line;
pub mod output;
