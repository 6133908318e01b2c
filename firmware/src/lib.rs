//! The firmware's rooms; see ARCHITECTURE.md for how they hang together.
//!
//! A library, so that tests and benchmarks reach every room; the program is `main.rs`.
#![deny(unsafe_code)]

pub mod alarm;
pub mod board;
pub mod camera;
pub mod card;
pub mod clock;
pub mod clock_module;
pub mod conditions;
pub mod console;
pub mod control;
pub mod develop;
mod device;
pub mod export;
pub mod gadget;
pub mod guard;
pub mod in_force;
pub mod init;
pub mod log;
pub mod overlay;
pub mod paths;
mod plain;
pub mod progress;
pub mod record;
pub mod restart;
pub mod ring;
pub mod screen;
pub mod services;
mod stop;
pub mod sys;
mod told;
pub mod wall;
pub mod witness;
pub mod zmodem;

pub use hours;
pub use settings;
