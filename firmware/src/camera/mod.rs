//! The camera: found, configured, streamed into the ring; gone and back again.
//!
//! It must not look at pixels and must not wait for anybody but the camera.

pub mod choose;
pub mod controls;
pub mod device;
pub mod integrity;
pub mod offer;
pub mod order;
pub mod taken;
pub mod uevent;

pub use choose::{Format, Mode, Wish};
pub use device::{Camera, CameraError};
