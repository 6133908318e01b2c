//! The types of the settings: how each is read from text and printed.
//!
//! Ranges of numbers are in the table, because they differ from row to row; everything else that a value must obey is
//! here. Must not know a setting by name.

use super::controls::Controls;
use super::drawing::{Line, Mask, Perspective, Zone};
use super::nearest::nearest_zone;
use super::password::PasswordHash;
use super::table::Kind;
use super::wiring::{Input, Output};
use hours::{Schedule, Zone as TimeZone, ZoneError};
use seal::Recipient;

/// The longest camera name: with all other fields at their longest a clip's file name stays under 128 bytes.
pub const NAME_CHARS_MAX: usize = 32;
/// The smallest side of a picture that is worth watching, and that motion detection can divide into blocks.
pub const CAMERA_SIDE_PX_MIN: u16 = 64;
/// The largest side: four times full HD, more than any of the boards can pass on.
pub const CAMERA_SIDE_PX_MAX: u16 = 4096;

/// A camera's name: 1 to 32 of `A-Z a-z 0-9 -`. There is no `_`, because it separates the fields of clip names.
pub type InstanceName = heapless::String<NAME_CHARS_MAX>;

/// A typed value of a setting.
///
/// `read(print(x)) == Some(x)` for every value. `read` refuses what `kind` does not allow.
pub(super) trait Field: Sized {
    fn read(text: &str, kind: Kind) -> Option<Self>;
    fn print(&self) -> String;
    /// What is wrong with a text that `read` refuses, where what is allowed does not say it all.
    fn fault(_text: &str) -> Option<String> {
        None
    }
}

/// What picture size to ask the camera for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CameraSize {
    /// The best that the board can record.
    #[default]
    Auto,
    /// This size, each side 64 to 4096.
    Exactly {
        /// Width in pixels.
        width_px: u16,
        /// Height in pixels.
        height_px: u16,
    },
}

/// A setting of few words: the enum, its words for the table, and how it is read and printed.
macro_rules! choices {
    ($($(#[$about:meta])* $name:ident { $($(#[$says:meta])* $variant:ident = $word:literal,)* })*) => { $(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name { $($(#[$says])* $variant,)* }

        impl $name {
            /// The words for the table, in the order of the variants.
            pub const WORDS: &'static [&'static str] = &[$($word),*];
        }

        impl Field for $name {
            fn read(text: &str, _: Kind) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }

            fn print(&self) -> String {
                match self { $(Self::$variant => $word.into(),)* }
            }
        }
    )* };
}

choices! {
    /// What the alarm line does on motion.
    AlarmMode {
        /// One pulse of `alarm.pulse_ms` for each motion.
        #[default]
        Pulse = "pulse",
        /// Active while motion lasts.
        Hold = "hold",
    }

    /// The clock module with a battery, by its chip.
    ClockModule {
        /// There is none.
        #[default]
        Off = "off",
        /// DS1307.
        Ds1307 = "ds1307",
        /// DS3231.
        Ds3231 = "ds3231",
        /// PCF8523.
        Pcf8523 = "pcf8523",
        /// PCF8563.
        Pcf8563 = "pcf8563",
    }

    /// What holds instead of the schedule while nobody knows the time.
    ClockUnknown {
        /// Motion counts: an alarm too many is better than a burglar.
        #[default]
        Armed = "armed",
        /// It does not.
        Disarmed = "disarmed",
    }

    /// What matters more, where a camera cannot give both.
    CameraPrefer {
        /// How much is in a picture.
        #[default]
        Size = "size",
        /// How many pictures there are.
        Rate = "rate",
    }

    /// What is recorded.
    RecordMode {
        /// Events.
        #[default]
        Motion = "motion",
        /// Everything.
        Always = "always",
    }

    /// What is written into the picture.
    Stamp {
        /// Nothing: frames are recorded as the camera sends them.
        #[default]
        Off = "off",
        /// Date and time.
        Time = "time",
        /// The camera's name, date and time.
        Name = "name",
    }

    /// Where it is written.
    StampPlace {
        /// Upper left.
        #[default]
        TopLeft = "top-left",
        /// Upper right.
        TopRight = "top-right",
        /// Lower left.
        BottomLeft = "bottom-left",
        /// Lower right.
        BottomRight = "bottom-right",
    }

    /// What is shown on a display.
    ScreenShow {
        /// How everything is, and what the camera sees.
        #[default]
        Picture = "picture",
        /// How everything is.
        Status = "status",
        /// Nothing: the display may sleep.
        Off = "off",
    }

    /// What is done when somebody tampers with the camera.
    TamperMode {
        /// An event with clip and alarm.
        #[default]
        Alarm = "alarm",
        /// Told on console, LED and in `status`.
        Tell = "tell",
        /// Nothing.
        Off = "off",
    }
}

/// Whether `text` may be a camera's name.
pub fn is_instance_name(text: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A decimal number without sign, blank or leading zero, so that each number has exactly one spelling.
fn decimal(text: &str) -> Option<u32> {
    let canonical = text == "0" || !text.starts_with('0');
    (canonical && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

impl Field for bool {
    fn read(text: &str, _: Kind) -> Option<Self> {
        text.parse().ok()
    }

    fn print(&self) -> String {
        self.to_string()
    }
}

impl Field for u32 {
    fn read(text: &str, kind: Kind) -> Option<Self> {
        let Kind::Integer { min, max } = kind else { return None };
        decimal(text).filter(|number| (min..=max).contains(number))
    }

    fn print(&self) -> String {
        self.to_string()
    }
}

impl Field for InstanceName {
    fn read(text: &str, _: Kind) -> Option<Self> {
        is_instance_name(text).then(|| Self::try_from(text).ok()).flatten()
    }

    fn print(&self) -> String {
        self.as_str().into()
    }
}

impl Field for CameraSize {
    fn read(text: &str, _: Kind) -> Option<Self> {
        if text == "auto" {
            return Some(Self::Auto);
        }
        let side = |text| {
            let side_px = u16::try_from(decimal(text)?).ok()?;
            (CAMERA_SIDE_PX_MIN..=CAMERA_SIDE_PX_MAX).contains(&side_px).then_some(side_px)
        };
        let (width, height) = text.split_once('x')?;
        Some(Self::Exactly { width_px: side(width)?, height_px: side(height)? })
    }

    fn print(&self) -> String {
        match self {
            Self::Auto => "auto".into(),
            Self::Exactly { width_px, height_px } => format!("{width_px}x{height_px}"),
        }
    }
}

/// The word for a drawing, an output or an input that is not there.
const OFF: &str = "off";

macro_rules! drawings {
    ($($kind:ty),*) => { $(
        impl Field for Option<$kind> {
            fn read(text: &str, _: Kind) -> Option<Self> {
                if text == OFF { Some(None) } else { <$kind>::parse(text).ok().map(Some) }
            }

            fn print(&self) -> String {
                self.as_ref().map_or_else(|| OFF.into(), ToString::to_string)
            }

            fn fault(text: &str) -> Option<String> {
                <$kind>::parse(text).err()
            }
        }
    )* };
}

drawings!(Zone, Mask, Line, Perspective, Controls, Output, Input);

impl Field for Option<Recipient> {
    fn read(text: &str, _: Kind) -> Option<Self> {
        if text == OFF { Some(None) } else { text.parse().ok().map(Some) }
    }

    fn print(&self) -> String {
        self.as_ref().map_or_else(|| OFF.into(), ToString::to_string)
    }

    fn fault(text: &str) -> Option<String> {
        let sentence = text.parse::<Recipient>().err()?.to_string();
        Some(sentence.trim_end_matches('.').to_owned())
    }
}

impl Field for Option<PasswordHash> {
    fn read(text: &str, _: Kind) -> Option<Self> {
        if text == OFF { Some(None) } else { PasswordHash::read(text).map(Some) }
    }

    fn print(&self) -> String {
        self.as_ref().map_or_else(|| OFF.into(), PasswordHash::print)
    }
}

impl Field for TimeZone {
    fn read(text: &str, _: Kind) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn print(&self) -> String {
        self.to_string()
    }

    fn fault(text: &str) -> Option<String> {
        let error = Self::parse(text).err()?;
        let meant = Some(text).filter(|_| error == ZoneError::UnknownName).and_then(nearest_zone);
        Some(
            meant.map_or_else(|| error.to_string(), |name| format!("there is none of that name, but {name}")),
        )
    }
}

impl Field for Schedule {
    fn read(text: &str, _: Kind) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn print(&self) -> String {
        self.to_string()
    }

    fn fault(text: &str) -> Option<String> {
        Self::parse(text).err().map(|error| error.to_string())
    }
}
