//! Settings: one table, typed values, TOML text, two raw slots on the card.
//!
//! Everything that a user can set is one row of [`table::SETTINGS`] and one field of [`Settings`]; parser, help,
//! completion and the commented `kerberos.toml` come from there. This module must not act on a setting.

mod camera_format;
pub mod controls;
mod dictionary;
pub mod document;
pub mod drawing;
pub mod kinds;
mod manual;
mod nearest;
mod password;
pub mod slots;
pub mod store;
pub mod table;
pub mod values;
pub mod wiring;

#[cfg(test)]
mod tests;

pub use camera_format::CameraFormat;
pub use controls::Controls;
pub use dictionary::dictionary;
pub use document::{Complaint, Reading, apply_bytes, apply_toml, from_toml, template, to_toml};
pub use drawing::{Line, Mask, Perspective, Place, Purpose, Zone};
pub use kinds::{
    AlarmMode, CameraPrefer, CameraSize, ClockModule, ClockUnknown, InstanceName, RecordMode, ScreenShow,
    Stamp, StampPlace, TamperMode,
};
pub use manual::manual;
pub use nearest::nearest;
pub use password::{HASH_BYTES, PasswordHash, SALT_BYTES};
pub use slots::Slot;
pub use store::{Loaded, Store, StoreError, toml_crc};
pub use table::{Kind, SETTINGS, Setting};
pub use values::{SettingError, Settings};
