//! The emulator: plays the boot loader, starts QEMU, plugs the camera in. Used by people and by tests.

mod boot;
mod error;
mod machine;
mod qmp;
mod raspberry_pi;
mod session;
mod stick;

pub use boot::{Slot, read_slot};
pub use error::Error;
pub use machine::{Machine, MachineOptions, Serial, machine_arguments};
pub use session::{EmulateOptions, run};
pub use stick::StickOptions;
