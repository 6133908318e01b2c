//! Evaluate: what the detector makes of clips and scenes, scored against labels.
//!
//! ```text
//! input (clip, joined JPEGs, folder, scene) -> watch (a detector) -> rows -> score against labels -> report, sheet
//! ```
//! It must not help the detector: a watcher gets the bytes and times that a camera would deliver, and nothing else.
#![forbid(unsafe_code)]

pub mod cli;
pub mod cost;
pub mod input;
pub mod labels;
pub mod peers;
pub mod report;
pub mod score;
pub mod sheet;
pub mod watch;
