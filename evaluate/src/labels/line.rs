//! A line that things are counted at, in relative coordinates.

/// Most lines of one picture: as many as the detector watches.
pub const LINES_MAX: usize = 4;

/// A line with a name. Whoever stands at its first point and looks to its second sees things go in from his left to his right.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Line {
    /// As labels call it.
    pub name: String,
    /// Its first point.
    pub from: (f32, f32),
    /// Its second one.
    pub to: (f32, f32),
}
