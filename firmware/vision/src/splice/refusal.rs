//! Why marks could not be put into a frame: one variant a reason, one plain sentence each.
//!
//! No control flow, no recovery: the caller goes on with the frame as it is or, where a mask was wanted, without it.
use crate::luma::Damage;
use core::fmt;

/// The reason why a frame was not spliced; `Display` gives a sentence for the log. What the output holds then is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The frame is damaged, or of a kind that is not read; the reason is the decoder's.
    Frame(Damage),
    /// The components of the picture come in several scans.
    SeveralScans,
    /// Something stands between the picture data and the end-of-image marker.
    AfterScan,
    /// A quantiser of the luma is 0.
    ZeroQuantiser,
    /// The camera's Huffman tables have no code for what would have to be written.
    NoCode,
    /// The index bears the frame's seal and contradicts its data all the same.
    WrongIndex,
    /// The output buffer is too small for the frame with its marks.
    OutputTooSmall,
}

impl From<Damage> for Refusal {
    fn from(damage: Damage) -> Self {
        Self::Frame(damage)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Frame(damage) => return damage.fmt(f),
            Self::SeveralScans => "The frame carries its components in several scans.",
            Self::AfterScan => "The frame goes on after its picture data.",
            Self::ZeroQuantiser => "The quantisation table of the luma holds a zero.",
            Self::NoCode => "The Huffman tables of the frame have no code for what is to be put into it.",
            Self::WrongIndex => "The index of rows does not fit the frame.",
            Self::OutputTooSmall => "The buffer for the frame with its marks is too small.",
        })
    }
}

impl core::error::Error for Refusal {}
