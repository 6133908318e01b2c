//! The camera: found, configured, streamed into the ring; gone and back again.
//!
//! It must not wait for anybody but the camera, and looks at pixels only where a bare sensor has nobody else who does.

mod bus;
pub mod choose;
pub mod controls;
pub mod device;
mod graph;
pub mod heal;
pub mod integrity;
pub mod offer;
pub mod order;
pub mod quirks;
mod reach;
pub mod refusals;
pub mod sensor;
mod sensors;
pub mod taken;
pub mod uevent;

pub use choose::{Format, Mode, Wish};
pub use device::{Camera, CameraError};
pub use refusals::{Plug, Refusals};
