//! An emulated USB camera: a UVC webcam that a host thread plays to QEMU.
//!
//! It speaks the usb-redir protocol over QEMU's Unix socket, so the guest sees an ordinary webcam, MJPEG or uncompressed, through its
//! own USB stack and `uvcvideo`: on the very image that a user flashes. It shows a generated scene with known truth
//! or real footage, and can damage frames, stall, unplug and plug. It must not know anything of the firmware.
//!
//! Layers, from the socket up: `link` (thread, socket, clock) → `device` (state, no I/O) → `wire` + `layout`
//! (usb-redir), `uvc` + `turnable` + `descriptors` + `modes` + `format` (control requests), `stream` + `payload` (frames into bulk transfers)
//! ← `source` (`scene`: `picture`, `counter`, `jpeg`; or `clip`), `faults`.

mod clip;
pub mod command;
pub mod counter;
mod descriptors;
mod device;
mod error;
mod faults;
mod format;
mod habits;
mod handle;
mod jpeg;
mod layout;
mod limit;
mod link;
mod modes;
mod payload;
mod picture;
pub mod random;
mod scene;
mod source;
mod stats;
mod stream;
mod turnable;
mod uvc;
mod wire;

pub use descriptors::UsbId;
pub use error::CameraError;
pub use faults::Damage;
pub use format::{FORMATS, PixelFormat};
pub use habits::Habit;
pub use handle::{Camera, Options};
pub use limit::{Limit, Shortage};
pub use modes::{Mode, SIZES, Size};
pub use picture::Rect;
pub use scene::{Act, Scene, Truth};
pub use source::SourceKind;
pub use stats::{Damaged, Stats};
pub use turnable::Turned;
