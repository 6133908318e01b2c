//! Alarm lines, the owner's outputs and inputs, LEDs: levels, pulses, codes.
//!
//! It must not decide whether there is an alarm.

pub mod drive;
pub mod held;
pub mod led;
pub mod line;
pub mod output;
pub mod pattern;
pub mod place;
pub mod pwm;
