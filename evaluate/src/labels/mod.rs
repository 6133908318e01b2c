//! Labels: what is true of a clip, in a small text format, and the zones that are watched.
//!
//! `text` reads and writes the format, `truth` puts it on a clip's frames, `zone` holds polygons, `line` tripwires.
mod line;
mod text;
mod truth;
mod zone;

pub use line::{LINES_MAX, Line};
pub use text::{Labels, Range, Span, What};
pub use truth::{Activity, Truth};
pub use zone::{Area, Zone};

/// Why labels cannot be used: always with the file and the line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file.
    #[error("{file} cannot be read: {source}.")]
    Read {
        /// Which.
        file: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line that says nothing.
    #[error("{file}, line {line}: {reason}.")]
    Line {
        /// Which file.
        file: String,
        /// Its line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}
