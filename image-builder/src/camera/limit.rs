//! A bus that is too small for the camera: what happens to modes that ask for more than it carries.
//!
//! Plain rules; it must not know a message.

use serde::Serialize;

use super::format::PixelFormat;
use super::modes::{self, Mode};

/// What becomes of such a mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shortage {
    /// To commit to it is refused.
    Refuse,
    /// It is agreed to, and not a byte comes.
    Starve,
}

/// How much the bus carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Bytes a second of uncompressed video, which is what descriptors claim.
    pub bytes_per_s_max: u64,
    /// What becomes of a mode that claims more.
    pub shortage: Shortage,
}

impl Shortage {
    /// The one with this name on the command line.
    pub fn from_name(name: &str) -> Option<Shortage> {
        match name {
            "refuse" => Some(Shortage::Refuse),
            "starve" => Some(Shortage::Starve),
            _ => None,
        }
    }
}

impl Limit {
    /// What becomes of `mode`; nothing if there is room for it.
    pub fn shortage_of(&self, mode: Mode, format: PixelFormat) -> Option<Shortage> {
        let size = modes::SIZES.iter().find(|size| (size.width, size.height) == (mode.width, mode.height))?;
        let claimed = u64::from(modes::frame_bytes_max(size, format)) * u64::from(mode.fps);
        (claimed > self.bytes_per_s_max).then_some(self.shortage)
    }
}

#[cfg(test)]
mod tests {
    use super::{Limit, Mode, PixelFormat, Shortage};

    #[test]
    fn what_claims_more_than_there_is_falls_short() {
        let limit = Limit { bytes_per_s_max: 320 * 240 * 2 * 15, shortage: Shortage::Refuse };
        let mode = |fps| Mode { width: 320, height: 240, fps };
        assert_eq!(limit.shortage_of(mode(15), PixelFormat::Yuyv), None);
        assert_eq!(limit.shortage_of(mode(30), PixelFormat::Yuyv), Some(Shortage::Refuse));
        assert_eq!(limit.shortage_of(mode(30), PixelFormat::Grey), None);
        assert_eq!(Shortage::from_name("starve"), Some(Shortage::Starve));
        assert_eq!(Shortage::from_name("feast"), None);
    }
}
