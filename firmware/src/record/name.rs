//! The names of clips, as Kerberos names them.
//!
//! `<unix s>_<digits of us>-<us>_<name>_<x1>-<y1>-<x2>-<y2>_<changes>_<token>`, and an extension. Each name has exactly
//! one spelling: what parses prints the same again. Must not touch a file.

use std::fmt;

use crate::settings::InstanceName;
use crate::settings::kinds::is_instance_name;

/// The token's first value that is not allowed.
pub const TOKEN_END: u16 = 1000;
/// The longest file name that this module prints, extension included.
pub const FILE_NAME_BYTES_MAX: usize = 128;

/// A clip's name without extension. Ordered by time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClipName {
    /// Wall time of the event (or of the first frame, in a clip that goes on from another), seconds since 1970.
    pub seconds: u64,
    /// And microseconds, 0..=999999.
    pub microseconds: u32,
    /// The camera's name.
    pub name: InstanceName,
    /// Where the motion was: x1, y1, x2, y2 in pixels.
    pub region: [u16; 4],
    /// How many pixels had changed.
    pub changes: u32,
    /// Makes equal names unlikely, 0..=999.
    pub token: u16,
}

/// What stands after a clip's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extension {
    /// The video.
    Video,
    /// The description of the event.
    Sidecar,
    /// A description that is not yet whole.
    SidecarDraft,
    /// The picture that shows most of it.
    Still,
    /// An empty file: the owner protects the clip.
    Protection,
}

impl Extension {
    /// All of them, the video first and what protects it last.
    pub const ALL: [Self; 5] =
        [Self::Video, Self::Sidecar, Self::SidecarDraft, Self::Still, Self::Protection];

    /// With the dot.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Video => ".mp4",
            Self::Sidecar => ".json",
            Self::SidecarDraft => ".json.new",
            Self::Still => ".jpg",
            Self::Protection => ".keep",
        }
    }
}

impl ClipName {
    /// The wall time in microseconds since 1970.
    pub fn wall_us(&self) -> u64 {
        self.seconds.saturating_mul(1_000_000).saturating_add(self.microseconds.into())
    }

    /// Whether it is of no event: part of a continuous recording, where nothing had changed anywhere.
    pub fn is_continuous(&self) -> bool {
        self.region == [0; 4] && self.changes == 0
    }

    /// Kerberos' field for the microseconds: `6-161868`, the number of digits and the number.
    pub fn microseconds_field(&self) -> String {
        format!("{}-{}", digits(self.microseconds), self.microseconds)
    }

    /// The name of one of the clip's files.
    pub fn file_name(&self, extension: Extension) -> String {
        format!("{self}{}", extension.as_str())
    }

    /// Parses a name without extension; `None` for whatever this module would not have printed.
    pub fn parse(stem: &[u8]) -> Option<Self> {
        let mut fields = std::str::from_utf8(stem).ok()?.split('_');
        let seconds = number(fields.next()?)?;
        let (length, microseconds) = fields.next()?.split_once('-')?;
        let (length, microseconds) = (number::<u32>(length)?, number::<u32>(microseconds)?);
        let name = fields.next().filter(|name| is_instance_name(name))?;
        let mut corners = fields.next()?.split('-').map(number::<u16>);
        let region = [corners.next()??, corners.next()??, corners.next()??, corners.next()??];
        let changes = number(fields.next()?)?;
        let token = number(fields.next()?)?;
        let complete = corners.next().is_none() && fields.next().is_none();
        let consistent = length == digits(microseconds) && microseconds < 1_000_000 && token < TOKEN_END;
        let name = InstanceName::try_from(name).ok()?;
        (complete && consistent).then_some(Self { seconds, microseconds, name, region, changes, token })
    }

    /// Parses a file's name; `None` for a file that is not one of a clip of ours.
    pub fn parse_file(file_name: &[u8]) -> Option<(Self, Extension)> {
        Extension::ALL.iter().find_map(|extension| {
            let stem = file_name.strip_suffix(extension.as_str().as_bytes())?;
            Some((Self::parse(stem)?, *extension))
        })
    }
}

impl fmt::Display for ClipName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, microseconds, name, region: [x1, y1, x2, y2], changes, token } = self;
        let length = digits(*microseconds);
        write!(f, "{seconds}_{length}-{microseconds}_{name}_{x1}-{y1}-{x2}-{y2}_{changes}_{token}")
    }
}

/// How many decimal digits a number has.
fn digits(number: u32) -> u32 {
    number.checked_ilog10().map_or(1, |log| log + 1)
}

/// A number without sign or leading zero.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let canonical = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    canonical.then(|| text.parse().ok()).flatten()
}
