//! Boards: a board is a TOML file; this crate reads, checks and resolves it.
//!
//! Shared by the firmware (which reads the resolved profile from `/board.toml`) and by the host tools (which read
//! the files in this folder). Contains no code for one board, and does no I/O beyond reading those files.

pub mod blobs;
mod document;
mod error;
pub mod files;
#[cfg(test)]
mod guide;
pub mod header;
pub mod layout;
mod load;
mod profile;
pub mod template;

pub use error::Error;
pub use header::{Chip, ChipView, Header, Pin, Pwm};
pub use load::{list, load};
pub use profile::{
    Alarm, Architecture, Blob, Card, CardFile, ClockModule, DevicePort, DeviceTree, DeviceTreeSource,
    Emulator, EmulatorGpio, GpioKind, Kernel, Leds, Loader, Profile,
};
