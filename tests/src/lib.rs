//! The harness of the whole-image tests: it boots the image and judges from outside.
//!
//! It must not ask the firmware whether it is right: it reads the serial line, the emulated GPIO register, the card image
//! and the clips. Time limits are generous, because a slow machine is not a fault; what is counted is frames.

pub mod block_log;
pub mod card;
pub mod card_faults;
pub mod card_rules;
pub mod chain;
pub mod clip;
pub mod crash_states;
pub mod cuts;
pub mod erasure;
pub mod exfat;
mod folded;
pub mod fragments;
mod handover;
pub mod led;
pub mod ledger;
pub mod loop_device;
pub mod power;
pub mod report;
pub mod rig;
pub mod serial;
pub mod sessions;
pub mod settings_slots;
pub mod shot;
pub mod sparse_card;
pub mod starvation;
pub mod stick;
pub mod usb_host;
pub mod verify;
pub mod vivid;
pub mod witness;

pub use card::CardImage;
pub use ledger::Ledger;
pub use loop_device::LoopDevice;
pub use rig::Rig;
pub use serial::Serial;
pub use shot::Shot;

/// Any failure of a test's surroundings; a test simply passes it on.
pub type Failure = Box<dyn std::error::Error>;
/// What a test returns.
pub type Outcome = Result<(), Failure>;
