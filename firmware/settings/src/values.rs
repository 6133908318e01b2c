//! The settings as typed values.
//!
//! One field per row of the table. Values get in only through [`Settings::set`], which checks them against their row,
//! or through the public fields by code that knows the type. Must not know where settings are stored.

use super::camera_format::CameraFormat;
use super::controls::Controls;
use super::drawing::{Line, Mask, Perspective, Zone};
use super::kinds::{
    AlarmMode, CameraPrefer, CameraSize, ClockModule, ClockUnknown, Field, InstanceName, RecordMode,
    ScreenShow, Stamp, StampPlace, TamperMode,
};
use super::nearest::nearest;
use super::password::PasswordHash;
use super::table::{Kind, SETTINGS, Setting, find};
use super::wiring::{Input, Output, PLACES, Purpose, Switch};
use hours::{Schedule, Zone as TimeZone};
use seal::Recipient;

/// The most characters of somebody's input that an error repeats, so that a message stays one line.
const ECHO_CHARS_MAX: usize = 40;

/// Why a setting was not set. The sentence is for the person who tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// No row has this name, and none is similar.
    #[error("There is no setting '{name}'.")]
    Unknown {
        /// The name that was tried, made printable.
        name: String,
    },
    /// No row has this name, but one is similar.
    #[error("There is no setting '{name}'; did you mean {suggestion}?")]
    Misspelt {
        /// The name that was tried, made printable.
        name: String,
        /// The nearest name.
        suggestion: &'static str,
    },
    /// The value is not one that the row allows.
    #[error("{name} must be {allowed}, not '{value}'{reason}.")]
    NotAllowed {
        /// The setting.
        name: &'static str,
        /// The value that was tried, made printable.
        value: String,
        /// What is allowed, with range and unit.
        allowed: String,
        /// What is wrong with it, after a colon; empty where that is plain.
        reason: String,
    },
}

impl SettingError {
    pub(super) fn unknown(name: &str) -> Self {
        match nearest(name, SETTINGS.iter().map(|row| row.name)) {
            Some(suggestion) => Self::Misspelt { name: printable(name), suggestion },
            None => Self::Unknown { name: printable(name) },
        }
    }

    fn not_allowed(row: &Setting, value: &str, fault: Option<String>) -> Self {
        let reason = fault.map_or_else(String::new, |fault| format!(": {fault}"));
        // A secret key, pasted by mistake, shall not stand on a screen or in a file of errors.
        let value = if matches!(row.kind, Kind::Key | Kind::Password) {
            "what was typed".into()
        } else {
            printable(value)
        };
        Self::NotAllowed { name: row.name, value, allowed: row.allowed(), reason }
    }
}

/// Input made fit for a terminal and one line: control characters escaped, the rest cut.
pub(super) fn printable(text: &str) -> String {
    let mut shown: String = text.chars().take(ECHO_CHARS_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(ECHO_CHARS_MAX).is_some() {
        shown.push_str("...");
    }
    shown
}

macro_rules! typed_settings {
    ($($(#[$doc:meta])* $field:ident: $kind:ty = $name:literal,)*) => {
        /// All settings, typed. `Default` gives the table's defaults.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Settings { $($(#[$doc])* pub $field: $kind,)* }

        impl Default for Settings {
            fn default() -> Self {
                Self { $($field: default_of($name),)* }
            }
        }

        impl Settings {
            /// The value of a setting in the form in which it is typed; `None` for an unknown name.
            pub fn get(&self, name: &str) -> Option<String> {
                match name { $($name => Some(Field::print(&self.$field)),)* _ => None }
            }

            /// Stores a value that the row allows; `None` and unchanged otherwise.
            fn put(&mut self, row: &Setting, value: &str) -> Option<()> {
                match row.name { $($name => self.$field = Field::read(value, row.kind)?,)* _ => return None }
                Some(())
            }

            /// What is wrong with a value that the row does not allow.
            fn fault(row: &Setting, value: &str) -> Option<String> {
                match row.name { $($name => <$kind as Field>::fault(value),)* _ => None }
            }

            /// The names of the typed fields.
            #[cfg(test)]
            pub(super) const FIELD_NAMES: &'static [&'static str] = &[$($name),*];
        }
    };
}

typed_settings! {
    /// This camera's name.
    name: InstanceName = "name",
    /// Whether motion makes a clip and an alarm.
    armed: bool = "armed",
    /// When motion counts.
    arm_schedule: Schedule = "arm.schedule",
    /// What holds instead while nobody knows the time.
    arm_clock_unknown: ClockUnknown = "arm.clock_unknown",
    /// Whose time is shown, and by whose the schedule goes.
    time_zone: TimeZone = "time.zone",
    /// The clock module with a battery.
    time_rtc: ClockModule = "time.rtc",
    /// The picture size to ask the camera for.
    camera_size: CameraSize = "camera.size",
    /// How the camera shall send its pictures.
    camera_format: CameraFormat = "camera.format",
    /// The frame rate to ask the camera for, 1..=60 frames per second.
    camera_fps: u32 = "camera.fps",
    /// Whether size or rate matters more.
    camera_prefer: CameraPrefer = "camera.prefer",
    /// The camera's own controls.
    camera_controls: Option<Controls> = "camera.controls",
    /// How little motion is enough, 1..=100.
    motion_sensitivity: u32 = "motion.sensitivity",
    /// How sizes shrink with distance.
    motion_perspective: Option<Perspective> = "motion.perspective",
    /// Zone 1.
    motion_zone1: Option<Zone> = "motion.zone1",
    /// Zone 2.
    motion_zone2: Option<Zone> = "motion.zone2",
    /// Zone 3.
    motion_zone3: Option<Zone> = "motion.zone3",
    /// Zone 4.
    motion_zone4: Option<Zone> = "motion.zone4",
    /// Zone 5.
    motion_zone5: Option<Zone> = "motion.zone5",
    /// Zone 6.
    motion_zone6: Option<Zone> = "motion.zone6",
    /// Zone 7.
    motion_zone7: Option<Zone> = "motion.zone7",
    /// Zone 8.
    motion_zone8: Option<Zone> = "motion.zone8",
    /// Tripwire 1.
    motion_line1: Option<Line> = "motion.line1",
    /// Tripwire 2.
    motion_line2: Option<Line> = "motion.line2",
    /// Tripwire 3.
    motion_line3: Option<Line> = "motion.line3",
    /// Tripwire 4.
    motion_line4: Option<Line> = "motion.line4",
    /// What is done when somebody tampers with the camera.
    motion_tamper: TamperMode = "motion.tamper",
    /// Mean brightness below which it is dark, 1..=50 %.
    light_dark_percent: u32 = "light.dark_percent",
    /// How much brighter it must be to be light again, 5..=50 %.
    light_margin_percent: u32 = "light.margin_percent",
    /// Pre-roll, 0..=30000 ms.
    record_pre_ms: u32 = "record.pre_ms",
    /// Post-roll, 1000..=60000 ms.
    record_post_ms: u32 = "record.post_ms",
    /// The longest clip, 10000..=600000 ms.
    record_clip_ms_max: u32 = "record.clip_ms_max",
    /// Whether everything is recorded, or events only.
    record_mode: RecordMode = "record.mode",
    /// Days after which clips are deleted; 0: never for their age.
    record_keep_days: u32 = "record.keep_days",
    /// The most of the card that may be in use, MiB; 0: no limit of its own.
    record_card_mib_max: u32 = "record.card_mib_max",
    /// The part of the card to keep free, 1..=50 %.
    record_keep_free_percent: u32 = "record.keep_free_percent",
    /// Whom clips are sealed to.
    record_seal_key1: Option<Recipient> = "record.seal_key1",
    /// Whom else.
    record_seal_key2: Option<Recipient> = "record.seal_key2",
    /// What is written into recorded pictures.
    picture_stamp: Stamp = "picture.stamp",
    /// In which corner.
    picture_stamp_place: StampPlace = "picture.stamp_place",
    /// Whether a box is drawn around what moves.
    picture_box: bool = "picture.box",
    /// Mask 1.
    picture_mask1: Option<Mask> = "picture.mask1",
    /// Mask 2.
    picture_mask2: Option<Mask> = "picture.mask2",
    /// Mask 3.
    picture_mask3: Option<Mask> = "picture.mask3",
    /// Mask 4.
    picture_mask4: Option<Mask> = "picture.mask4",
    /// What is shown on a display.
    screen_show: ScreenShow = "screen.show",
    /// What the alarm line does on motion.
    alarm_mode: AlarmMode = "alarm.mode",
    /// Length of a pulse on the alarm line, 100..=600000 ms.
    alarm_pulse_ms: u32 = "alarm.pulse_ms",
    /// Output 1.
    alarm_output1: Option<Output> = "alarm.output1",
    /// Output 2.
    alarm_output2: Option<Output> = "alarm.output2",
    /// Output 3.
    alarm_output3: Option<Output> = "alarm.output3",
    /// Output 4.
    alarm_output4: Option<Output> = "alarm.output4",
    /// Input 1.
    alarm_input1: Option<Input> = "alarm.input1",
    /// Input 2.
    alarm_input2: Option<Input> = "alarm.input2",
    /// Input 3.
    alarm_input3: Option<Input> = "alarm.input3",
    /// Input 4.
    alarm_input4: Option<Input> = "alarm.input4",
    /// The password that the console asks for, if it asks for any.
    console_password: Option<PasswordHash> = "console.password",
}

/// A field's default from its row. A test holds that every field has a row and every default is allowed.
fn default_of<T: Field + Default>(name: &str) -> T {
    find(name).and_then(|row| T::read(row.default, row.kind)).unwrap_or_default()
}

impl Settings {
    /// Sets one setting from typed text.
    ///
    /// # Errors
    /// Unknown name, with the nearest one; or a value that the row does not allow, with what it allows. Nothing has
    /// changed then.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SettingError> {
        let row = find(name).ok_or_else(|| SettingError::unknown(name))?;
        self.put(row, value).ok_or_else(|| SettingError::not_allowed(row, value, Self::fault(row, value)))
    }

    /// The zones, each at its place.
    pub fn zones(&self) -> [Option<&Zone>; 8] {
        [
            &self.motion_zone1,
            &self.motion_zone2,
            &self.motion_zone3,
            &self.motion_zone4,
            &self.motion_zone5,
            &self.motion_zone6,
            &self.motion_zone7,
            &self.motion_zone8,
        ]
        .map(Option::as_ref)
    }

    /// The tripwires, each at its place.
    pub fn lines(&self) -> [Option<Line>; 4] {
        [self.motion_line1, self.motion_line2, self.motion_line3, self.motion_line4]
    }

    /// Whether outputs and inputs are set as they are there. They are looked at together: no line may be used twice.
    pub fn wires_are_as_in(&self, other: &Settings) -> bool {
        self.outputs() == other.outputs() && self.inputs() == other.inputs()
    }

    /// What nobody may see.
    pub fn masks(&self) -> impl Iterator<Item = &Mask> {
        let masks = [&self.picture_mask1, &self.picture_mask2, &self.picture_mask3, &self.picture_mask4];
        masks.into_iter().flatten()
    }

    /// The outputs, each at its place.
    pub fn outputs(&self) -> [Option<&Output>; PLACES] {
        [&self.alarm_output1, &self.alarm_output2, &self.alarm_output3, &self.alarm_output4]
            .map(Option::as_ref)
    }

    /// The inputs, each at its place.
    pub fn inputs(&self) -> [Option<&Input>; PLACES] {
        [&self.alarm_input1, &self.alarm_input2, &self.alarm_input3, &self.alarm_input4].map(Option::as_ref)
    }

    /// Whether anything depends on whether it is dark.
    pub fn heeds_darkness(&self) -> bool {
        let follows = |output: &Output| {
            output.switches.iter().any(|switch| matches!(switch, Switch::Dark | Switch::Light))
        };
        let tells = |input: &Input| input.is(Purpose::DarkSensor);
        self.outputs().into_iter().flatten().any(follows) || self.inputs().into_iter().flatten().any(tells)
    }

    /// Every setting with its value, in table order.
    pub fn all(&self) -> impl Iterator<Item = (&'static Setting, String)> {
        SETTINGS.iter().filter_map(|row| Some((row, self.get(row.name)?)))
    }

    /// The settings that differ from their default, with their values, in table order.
    pub fn changed(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.all().filter(|(row, value)| *value != row.default).map(|(row, value)| (row.name, value))
    }
}
