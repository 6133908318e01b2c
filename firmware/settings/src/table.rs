//! THE table of settings: one row each.
//!
//! Parser, help, completion, the `kerberos.toml` template and the tests are derived from it. A new setting is one row
//! here and one field in [`super::values`]. No setting may be described anywhere else.

use super::camera_format::CameraFormat;
use super::controls::CONTROLS_MAX;
use super::drawing::{CORNERS_MAX, CORNERS_MIN, SCALE_PERCENT};
use super::kinds::{
    AlarmMode, CAMERA_SIDE_PX_MAX, CAMERA_SIDE_PX_MIN, CameraPrefer, ClockModule, ClockUnknown,
    NAME_CHARS_MAX, RecordMode, ScreenShow, Stamp, StampPlace, TamperMode,
};

/// What a setting's value looks like; the check of every value typed or read is made from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number, both ends included, in the row's unit.
    Integer {
        /// Smallest value allowed.
        min: u32,
        /// Largest value allowed.
        max: u32,
    },
    /// 1 to [`NAME_CHARS_MAX`] of `A-Z a-z 0-9 -`.
    Name,
    /// `auto` or `WIDTHxHEIGHT` in pixels.
    CameraSize,
    /// `auto`, a kind of format, or V4L2's name of an uncompressed one.
    CameraFormat,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `off`, or a polygon and what it is for.
    Zone,
    /// `off`, or an age key. What was typed in its place is never repeated: it may be the secret one.
    Key,
    /// `off`, or the hash of a password. What was typed in its place is never repeated: it may be the password.
    Password,
    /// `off`, or a polygon.
    Mask,
    /// `off`, or two points.
    Line,
    /// `off`, or two sizes.
    Perspective,
    /// `off`, or controls of the camera with their values.
    Controls,
    /// A time zone's name, or its rule.
    TimeZone,
    /// `always`, or days and times.
    Schedule,
    /// `off`, or a line of the board and what switches it.
    Output,
    /// `off`, or a line of the board and what it is for.
    Input,
}

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// Full name, as typed and as a dotted TOML key.
    pub name: &'static str,
    /// What values are allowed.
    pub kind: Kind,
    /// The value when nobody has set it, in the form in which it is typed.
    pub default: &'static str,
    /// Unit of the value, empty where it has none.
    pub unit: &'static str,
    /// One or two sentences for a person.
    pub help: &'static str,
    /// A useful value other than the default.
    pub example: &'static str,
}

/// Every setting, in the order in which it is shown and written.
#[rustfmt::skip]
pub static SETTINGS: &[Setting] = &[
    Setting { name: "name", kind: Kind::Name, default: "camera", unit: "", example: "frontdoor",
        help: "The name of this camera. It is part of the name of every clip." },
    Setting { name: "armed", kind: Kind::Bool, default: "true", unit: "", example: "false",
        help: "Whether motion makes a clip and an alarm. The camera keeps watching either way." },
    Setting { name: "arm.schedule", kind: Kind::Schedule, default: "always", unit: "",
        example: "mo-fr 18:00-07:00, sa-su 00:00-24:00",
        help: "When motion counts, by the clock of time.zone, while 'armed' is true. A window may go over midnight." },
    Setting { name: "arm.clock_unknown", kind: Kind::Choice(ClockUnknown::WORDS), default: "armed", unit: "",
        example: "disarmed", help: "What holds instead of the schedule while the clock is not set, as after a power cut." },
    Setting { name: "time.zone", kind: Kind::TimeZone, default: "UTC", unit: "", example: "Europe/Berlin",
        help: "Whose time is shown and written into pictures, and by whose clock the schedule goes." },
    Setting { name: "time.rtc", kind: Kind::Choice(ClockModule::WORDS), default: "off", unit: "", example: "ds3231",
        help: "The clock module on the I2C pins of the header. The time is read from it at the start; 'clock' sets it too." },
    Setting { name: "camera.size", kind: Kind::CameraSize, default: "auto", unit: "px", example: "1280x720",
        help: "The picture size to ask the camera for. 'auto' takes the best that the board can record." },
    Setting { name: "camera.format", kind: Kind::CameraFormat, default: "auto", unit: "", example: "NV12",
        help: "How the camera sends pictures, if it can. 'auto': MJPEG, else raw, else H.264, which shows no motion." },
    Setting { name: "camera.fps", kind: Kind::Integer { min: 1, max: 60 }, default: "15", unit: "frames/s",
        example: "25", help: "The frame rate to ask the camera for. The camera may deliver fewer in the dark." },
    Setting { name: "camera.prefer", kind: Kind::Choice(CameraPrefer::WORDS), default: "size", unit: "", example: "rate",
        help: "What matters more where the camera cannot give both: the picture's 'size', or the 'rate' of frames." },
    Setting { name: "camera.controls", kind: Kind::Controls, default: "off", unit: "",
        example: "auto_exposure 1 exposure_time_absolute 300",
        help: "The camera's own controls, set each time it is plugged in, in this order. `cameras` lists them." },
    Setting { name: "motion.sensitivity", kind: Kind::Integer { min: 1, max: 100 }, default: "50", unit: "",
        example: "60", help: "How little motion is enough: 1 is deaf, 100 is nervous." },
    Setting { name: "motion.perspective", kind: Kind::Perspective, default: "off", unit: "", example: "30% 150%",
        help: "How large the smallest thing is at the picture's upper and lower edge, in percent of the usual." },
    Setting { name: "motion.zone1", kind: Kind::Zone, default: "off", unit: "",
        example: "include 10,40 60,40 60,100 10,100 sensitivity 70",
        help: "Where motion counts, or does not. An include zone may end with 'sensitivity N' and 'smallest PERCENT'." },
    Setting { name: "motion.zone2", kind: Kind::Zone, default: "off", unit: "", example: "exclude 0,0 100,0 100,20 0,20",
        help: "One more zone, as motion.zone1." },
    Setting { name: "motion.zone3", kind: Kind::Zone, default: "off", unit: "", example: "exclude 0,0 100,0 100,20 0,20",
        help: "One more zone, as motion.zone1." },
    Setting { name: "motion.zone4", kind: Kind::Zone, default: "off", unit: "", example: "exclude 0,0 100,0 100,20 0,20",
        help: "One more zone, as motion.zone1." },
    Setting { name: "motion.zone5", kind: Kind::Zone, default: "off", unit: "", example: "exclude 0,0 100,0 100,20 0,20",
        help: "One more zone, as motion.zone1." },
    Setting { name: "motion.zone6", kind: Kind::Zone, default: "off", unit: "", example: "exclude 0,0 100,0 100,20 0,20",
        help: "One more zone, as motion.zone1." },
    Setting { name: "motion.zone7", kind: Kind::Zone, default: "off", unit: "", example: "exclude 0,0 100,0 100,20 0,20",
        help: "One more zone, as motion.zone1." },
    Setting { name: "motion.zone8", kind: Kind::Zone, default: "off", unit: "", example: "exclude 0,0 100,0 100,20 0,20",
        help: "One more zone, as motion.zone1." },
    Setting { name: "motion.line1", kind: Kind::Line, default: "off", unit: "", example: "50,100 50,0",
        help: "A tripwire. Stand at its first point and look to its second: from left to right is in, the other way out." },
    Setting { name: "motion.line2", kind: Kind::Line, default: "off", unit: "", example: "0,60 100,60",
        help: "One more tripwire, as motion.line1." },
    Setting { name: "motion.line3", kind: Kind::Line, default: "off", unit: "", example: "0,60 100,60",
        help: "One more tripwire, as motion.line1." },
    Setting { name: "motion.line4", kind: Kind::Line, default: "off", unit: "", example: "0,60 100,60",
        help: "One more tripwire, as motion.line1." },
    Setting { name: "motion.tamper", kind: Kind::Choice(TamperMode::WORDS), default: "alarm", unit: "", example: "tell",
        help: "When the camera is covered or turned away: 'alarm' is an event as of motion, 'tell' only shows it." },
    Setting { name: "light.dark_percent", kind: Kind::Integer { min: 1, max: 50 }, default: "10", unit: "%", example: "15",
        help: "It is dark when the picture's mean brightness has been lower for ten seconds. Outputs follow it: 'on dark'." },
    Setting { name: "light.margin_percent", kind: Kind::Integer { min: 5, max: 50 }, default: "15", unit: "%", example: "25",
        help: "How much brighter than that, and than a lamp alone makes it, the picture of a day is." },
    Setting { name: "record.pre_ms", kind: Kind::Integer { min: 0, max: 30_000 }, default: "5000", unit: "ms",
        example: "3000", help: "How much of the time before the motion is in the clip, as far as memory allows." },
    Setting { name: "record.post_ms", kind: Kind::Integer { min: 1_000, max: 60_000 }, default: "5000", unit: "ms",
        example: "10000", help: "How long to record after the last motion." },
    Setting { name: "record.clip_ms_max", kind: Kind::Integer { min: 10_000, max: 600_000 }, default: "60000",
        unit: "ms", example: "120000",
        help: "The longest clip. Longer motion goes on in the next clip without losing a frame." },
    Setting { name: "record.mode", kind: Kind::Choice(RecordMode::WORDS), default: "motion", unit: "", example: "always",
        help: "'motion' records events. 'always' also records all that is between them, armed or not." },
    Setting { name: "record.keep_days", kind: Kind::Integer { min: 0, max: 3650 }, default: "0", unit: "days",
        example: "30", help: "Clips older than this are deleted, once the clock is set. 0 keeps them while there is room." },
    Setting { name: "record.card_mib_max", kind: Kind::Integer { min: 0, max: 2_000_000 }, default: "0", unit: "MiB",
        example: "20000", help: "The most of the card that may be in use. 0 is all but record.keep_free_percent." },
    Setting { name: "record.keep_free_percent", kind: Kind::Integer { min: 1, max: 50 }, default: "5", unit: "%",
        example: "10", help: "How much of the card to keep free. The oldest clips are deleted to keep it so." },
    Setting { name: "record.seal_key1", kind: Kind::Key, default: "off", unit: "",
        example: "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
        help: "Clips are encrypted to this key, the one that age-keygen calls public. Only the secret one opens them." },
    Setting { name: "record.seal_key2", kind: Kind::Key, default: "off", unit: "",
        example: "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
        help: "One more key, each of which opens them alone." },
    Setting { name: "picture.stamp", kind: Kind::Choice(Stamp::WORDS), default: "off", unit: "", example: "time",
        help: "What is written into recorded pictures: 'time', or 'name' and time. With 'off' they stay as the camera sent them." },
    Setting { name: "picture.stamp_place", kind: Kind::Choice(StampPlace::WORDS), default: "top-left", unit: "",
        example: "bottom-right", help: "In which corner it is written." },
    Setting { name: "picture.box", kind: Kind::Bool, default: "false", unit: "", example: "true",
        help: "Whether a box is drawn around what moves, in recorded pictures." },
    Setting { name: "picture.mask1", kind: Kind::Mask, default: "off", unit: "", example: "70,0 100,0 100,40 70,40",
        help: "Where nobody may see anything: this part of every recorded picture is grey. Motion is seen there all the same." },
    Setting { name: "picture.mask2", kind: Kind::Mask, default: "off", unit: "", example: "0,0 30,0 0,50",
        help: "One more mask, as picture.mask1." },
    Setting { name: "picture.mask3", kind: Kind::Mask, default: "off", unit: "", example: "0,0 30,0 0,50",
        help: "One more mask, as picture.mask1." },
    Setting { name: "picture.mask4", kind: Kind::Mask, default: "off", unit: "", example: "0,0 30,0 0,50",
        help: "One more mask, as picture.mask1." },
    Setting { name: "screen.show", kind: Kind::Choice(ScreenShow::WORDS), default: "picture", unit: "", example: "status",
        help: "What a display shows, if one is plugged in: state and camera's 'picture', only the 'status', or nothing ('off')." },
    Setting { name: "alarm.mode", kind: Kind::Choice(AlarmMode::WORDS), default: "pulse", unit: "", example: "hold",
        help: "'pulse' gives each motion one pulse on the alarm line, 'hold' keeps it active while motion lasts." },
    Setting { name: "alarm.pulse_ms", kind: Kind::Integer { min: 100, max: 600_000 }, default: "2000", unit: "ms",
        example: "5000", help: "How long a pulse on the alarm line is." },
    Setting { name: "alarm.output1", kind: Kind::Output, default: "off", unit: "",
        example: "pin 16 on motion tamper pulse 5s pattern blink max 1m active-low",
        help: "An output, on motion, tamper, camera, card, armed, heartbeat, dark, light, zone N, line N [in|out] or input N." },
    Setting { name: "alarm.output2", kind: Kind::Output, default: "off", unit: "", example: "pin 18 on line 1 in pulse 500ms",
        help: "One more output. Behind it all: hold T or pulse T, pattern blink|sos|two-tone, max T, active-low, open-drain." },
    Setting { name: "alarm.output3", kind: Kind::Output, default: "off", unit: "", example: "line GPIO23 on camera card pattern blink",
        help: "One more output. On a pin with PWM also tone F (2500Hz) and level P, the part of the time it is active (30%)." },
    Setting { name: "alarm.output4", kind: Kind::Output, default: "off", unit: "", example: "pin 22 on heartbeat pattern blink",
        help: "One more output. With 'initial on' it is active until the camera's process drives it, and again should that die." },
    Setting { name: "alarm.input1", kind: Kind::Input, default: "off", unit: "",
        example: "pin 29 as trigger active-low pull-up debounce 20ms",
        help: "An input: a trigger, a condition (or both), an arm-switch, a doorbell or a reset-button (held for 10 s)." },
    Setting { name: "alarm.input2", kind: Kind::Input, default: "off", unit: "", example: "pin 31 as arm-switch active-low pull-up",
        help: "One more input. Behind it all, as wanted: active-low, pull-up or pull-down or no-pull, debounce T." },
    Setting { name: "alarm.input3", kind: Kind::Input, default: "off", unit: "", example: "pin 32 as doorbell active-low pull-up",
        help: "One more input. Behind it all, as wanted: active-low, pull-up or pull-down or no-pull, debounce T." },
    Setting { name: "alarm.input4", kind: Kind::Input, default: "off", unit: "", example: "pin 33 as reset-button active-low pull-up",
        help: "One more input. Behind it all, as wanted: active-low, pull-up or pull-down or no-pull, debounce T." },
    Setting { name: "console.password", kind: Kind::Password, default: "off", unit: "",
        example: "$argon2id$v=19$m=12288,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
        help: "What the console asks for, as the command 'password' keeps it. Forgotten: set it to off in kerberos.toml." },
];

/// The row of that exact name.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|row| row.name == name)
}

/// The rows whose name starts with `prefix`, in table order: completion, and `show motion`.
pub fn starting_with(prefix: &str) -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(move |row| row.name.starts_with(prefix))
}

impl Setting {
    /// What is allowed, to follow "must be": `a whole number from 1 to 60 frames/s`.
    pub fn allowed(&self) -> String {
        match self.kind {
            Kind::Bool => "true or false".into(),
            Kind::Integer { min, max } if self.unit.is_empty() => {
                format!("a whole number from {min} to {max}")
            }
            Kind::Integer { min, max } => format!("a whole number from {min} to {max} {}", self.unit),
            Kind::Name => format!("1 to {NAME_CHARS_MAX} letters, digits or '-'"),
            Kind::CameraSize => {
                format!(
                    "auto or WIDTHxHEIGHT, each {CAMERA_SIDE_PX_MIN} to {CAMERA_SIDE_PX_MAX} {}",
                    self.unit
                )
            }
            Kind::CameraFormat => {
                "auto or mjpeg or raw or h264 or a raw format's name as `cameras` shows it, such as YUYV"
                    .into()
            }
            Kind::Choice(words) => words.join(" or "),
            Kind::Zone => {
                format!(
                    "off or 'include' or 'exclude' and {CORNERS_MIN} to {CORNERS_MAX} corners X,Y in percent"
                )
            }
            Kind::Key => "off or an age key, age1 and 58 more characters".into(),
            Kind::Password => "off or what `password` makes of one, $argon2id$v=19$...".into(),
            Kind::Mask => format!("off or {CORNERS_MIN} to {CORNERS_MAX} corners X,Y in percent"),
            Kind::Controls => format!("off or up to {CONTROLS_MAX} times NAME VALUE"),
            Kind::Line => "off or two points X,Y X,Y in percent".into(),
            Kind::Perspective => {
                let (min, max) = (SCALE_PERCENT.start(), SCALE_PERCENT.end());
                format!("off or TOP% BOTTOM%, each {min}% to {max}%")
            }
            Kind::TimeZone => {
                "a name such as Europe/Berlin or a rule such as CET-1CEST,M3.5.0,M10.5.0/3".into()
            }
            Kind::Schedule => "always or days and times such as mo-fr 18:00-07:00".into(),
            Kind::Output => "off or pin N, line NAME or CHIP:OFFSET, then 'on' and what switches it".into(),
            Kind::Input => "off or pin N, line NAME or CHIP:OFFSET, then 'as' and what it is for".into(),
        }
    }

    /// The setting explained for the console: name, what is allowed, default, help, example.
    pub fn help_text(&self) -> String {
        format!(
            "{}: {}, default {}\n  {}\n  example: set {} {}\n",
            self.name,
            self.allowed(),
            self.default,
            self.help,
            self.name,
            self.example
        )
    }

    /// The words that complete a value, for the console: empty where any number or text will do.
    pub fn value_words(&self) -> &'static [&'static str] {
        self.kind.words()
    }
}

impl Kind {
    /// The words that every setting of this kind takes.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Kind::Bool => &["true", "false"],
            Kind::Choice(words) => words,
            Kind::CameraSize => &["auto"],
            Kind::CameraFormat => CameraFormat::words(),
            Kind::Key
            | Kind::Password
            | Kind::Zone
            | Kind::Mask
            | Kind::Line
            | Kind::Perspective
            | Kind::Controls
            | Kind::Output
            | Kind::Input => &["off"],
            Kind::Schedule => &["always"],
            Kind::Integer { .. } | Kind::Name | Kind::TimeZone => &[],
        }
    }
}
