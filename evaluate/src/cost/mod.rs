//! What a look at a frame costs, side by side: time, and instructions counted by callgrind.
//!
//! Each way of looking is a loop over the same JPEGs that does nothing else (`work` here, `opencv.py` for OpenCV). Two runs of
//! different length are subtracted, so that starting up counts for nothing.
mod measure;
mod motion;
mod work;

pub use measure::{Error, kept, table};
pub use work::{Work, run};
