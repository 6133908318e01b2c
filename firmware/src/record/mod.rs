//! Recording: frames become clips on the card, beside each a description of its event, and old clips make room.
//!
//! [`Recorder`] is the way in; one thread of the guard drives it and gives it the time. Nothing here may wait for
//! anybody but the card, read a clock, or look into a frame.

mod bytes;
pub mod chain;
pub mod clip;
pub mod event;
pub mod folder;
pub mod fragment;
pub mod mend;
pub mod mp4;
pub mod name;
pub mod order;
pub mod random;
pub mod recorder;
pub mod retention;
pub mod shelf;
pub mod shot;
pub mod sidecar;
pub mod still;
pub mod unlinked;
pub mod verdict;
pub mod writer;

#[cfg(test)]
mod tests;

pub use event::{EventStart, Note};
pub use folder::{Directory, Folder, FolderFile};
pub use name::{ClipName, Extension};
pub use order::{Order, OrderError};
pub use recorder::{Limits, NEED_BYTES, Recorder};
pub use retention::{Keep, Listing, list};
pub use sidecar::{Cause, ClockState, Crossed, DroppedFrames, Sidecar};
pub use verdict::{DropReason, Outcome, Sink, Verdict};
