//! The peers: other detectors that see the same frames and zones. What they raise is judged by the same code as ours.
//!
//! A peer gets JPEGs with times and zones, and gives intervals of frames. `evaluate/peers/install.sh` installs them.
mod error;
mod motion;
mod motion_server;
mod opencv;
mod table;

pub use error::Error;
pub(crate) use motion::QUIET as MOTION_QUIET;
pub(crate) use motion_server::serve as serve_motion;
pub use opencv::opencv_python;
pub use table::{Case, compare};

use crate::input::Kept;
use crate::labels::Zone;
use crate::score::Interval;

/// A clip for a peer: its frames, and what a detector may know of it.
pub struct Task<'a> {
    /// The frames.
    pub frames: &'a Kept,
    /// The zones to watch.
    pub zones: &'a [Zone],
    /// The time of each frame, in microseconds.
    pub times_us: &'a [u64],
    /// The picture's width and height in pixels.
    pub size: (u32, u32),
}

/// Another detector.
pub trait Peer: Sync {
    /// Name, version and manner of use.
    fn name(&self) -> String;

    /// The alarms that it raises on a clip.
    ///
    /// # Errors
    /// It is not installed, fails, or cannot take such a clip.
    fn alarms(&self, task: &Task<'_>) -> Result<Vec<Interval>, Error>;
}
