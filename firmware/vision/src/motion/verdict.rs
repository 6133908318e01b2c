//! What the detector says about a frame, and why.
//!
//! Plain data with a plain sentence for each decision; no policy.
use core::fmt;

macro_rules! decisions {
    ($($name:ident => $text:literal,)+) => {
        /// Why a frame is, or is not, motion; `Display` gives a sentence for the log.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum Decision { #[default] $(#[doc = $text] $name,)+ }

        impl Decision {
            /// Every decision, in declaration order: for counters and their names.
            pub const ALL: &'static [Decision] = &[$(Decision::$name,)+];

            const fn sentence(self) -> &'static str {
                match self { $(Decision::$name => $text,)+ }
            }
        }
    };
}

decisions! {
    Learning => "The detector is still learning what the scene looks like.",
    Quiet => "Nothing differs from the background.",
    TooSmall => "Something differs, but no part of it is large enough at this sensitivity.",
    TooShort => "Something large enough differs, but not yet in two of three frames.",
    SceneChange => "Most of the picture changed at once, as when a light is switched; the background is taken anew.",
    Motion => "Something large enough differs in two of three frames.",
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

/// A rectangle in plane pixels; the right and lower bounds are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Left column, inside.
    pub x1: u16,
    /// Upper row, inside.
    pub y1: u16,
    /// Right column, outside.
    pub x2: u16,
    /// Lower row, outside.
    pub y2: u16,
}

/// The detector's verdict on one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Motion or not, and why.
    pub decision: Decision,
    /// Plane pixels that differ from the background, after the 3 x 3 opening.
    pub changes: u32,
    /// Plane pixels of the largest connected blob among them.
    pub blob_px: u32,
    /// Bounds of that blob, none without one; may be none in the third frame of a `Motion`.
    pub region: Option<Region>,
}
