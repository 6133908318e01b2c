//! The camera's own controls, by names that can be typed: listed with their ranges, and set as the settings want them.
//!
//! A wish that the camera cannot serve is complained about, and costs only itself. Must not know a control.

use crate::plain::plain;
use crate::settings::Controls;
use crate::sys::v4l2_controls::{self, Description};
use nix::errno::Errno;
use std::fmt::Write;
use std::os::fd::AsFd;

/// Controls that are looked at: no camera has as many.
const CONTROLS_MAX: usize = 128;
/// Entries of a menu that are looked at.
const ENTRIES_MAX: i32 = 64;

/// First and last number of the user's and the camera's controls (linux/v4l2-controls.h): USB cameras have no others.
const CLASSES: [(u32, u32); 2] = [(0x0098_0900, 0x0098_0900 + 43), (0x009a_0900, 0x009a_0900 + 38)];

/// `V4L2_CTRL_TYPE_...` of those that are one number.
mod kind {
    pub const INTEGER: u32 = 1;
    pub const BOOLEAN: u32 = 2;
    pub const MENU: u32 = 3;
    pub const INTEGER_MENU: u32 = 9;
}

/// `V4L2_CTRL_FLAG_DISABLED`, `..._READ_ONLY` and `..._INACTIVE`.
const DISABLED: u32 = 0x0001;
const READ_ONLY: u32 = 0x0004;
const INACTIVE: u32 = 0x0010;

/// A control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// As it is typed.
    pub name: String,
    /// Smallest value.
    pub min: i32,
    /// Largest value.
    pub max: i32,
    /// From value to value.
    pub step: i32,
    /// The value at first.
    pub default: i32,
    /// The value now, if it can be read.
    pub value: Option<i32>,
    /// What each value means, where they have names.
    pub entries: Vec<(i32, String)>,
    /// Whether another control, as an automatic one, has it now.
    pub is_inactive: bool,
    /// Whether it only tells.
    pub is_read_only: bool,
    /// The driver's number of it.
    pub id: u32,
}

/// All that can be typed: those that are one number.
pub fn list(device: &impl AsFd) -> Result<Vec<Control>, Errno> {
    let (mut controls, mut id) = (Vec::new(), 0);
    while controls.len() < CONTROLS_MAX {
        let found = match v4l2_controls::next(device, id) {
            Ok(Some(found)) => found,
            Ok(None) => break,
            // A camera that refuses one of its controls hides those behind it.
            Err(error) if is_refusal(error) => {
                one_by_one(device, id, &mut controls)?;
                break;
            }
            Err(error) => return Err(error),
        };
        // A driver that gives the same one again must not hold us.
        if found.id <= id {
            break;
        }
        id = found.id;
        controls.extend(Control::of(&found).map(|control| control.read(device, found.kind)));
    }
    Ok(controls)
}

/// Those behind `id`, each asked for by its number.
fn one_by_one(device: &impl AsFd, id: u32, controls: &mut Vec<Control>) -> Result<(), Errno> {
    for id in CLASSES.iter().flat_map(|&(first, last)| first.max(id + 1)..=last) {
        match v4l2_controls::find(device, id) {
            Ok(found) => {
                let control = found.and_then(|found| Some(Control::of(&found)?.read(device, found.kind)));
                controls.extend(control);
            }
            Err(error) if is_refusal(error) => {}
            // It does not answer at all; to ask on would take minutes.
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// It answered, with a refusal.
fn is_refusal(error: Errno) -> bool {
    matches!(error, Errno::EIO | Errno::EPIPE | Errno::EREMOTEIO | Errno::EPROTO)
}

/// Sets what is wanted, in its order. What was wanted before and is no more goes back to what it is at first. Returns complaints: sentences.
pub fn apply(device: &impl AsFd, wanted: &Controls, before: &Controls) -> Vec<String> {
    let controls = match list(device) {
        Ok(controls) => controls,
        Err(error) => return vec![format!("its controls cannot be listed: {}", error.desc())],
    };
    let (changes, mut complaints) = plan(&controls, wanted, before);
    for (control, value) in changes {
        if let Err(error) = v4l2_controls::set(device, control.id, value) {
            let why = match error {
                Errno::EACCES => "an automatic control has it; name that one before it, switched off",
                other => other.desc(),
            };
            complaints.push(format!("{} cannot be set to {value}: {why}", control.name));
        }
    }
    complaints
}

/// What to set to what, and what is wrong with the rest.
fn plan<'a>(
    controls: &'a [Control],
    wanted: &Controls,
    before: &Controls,
) -> (Vec<(&'a Control, i32)>, Vec<String>) {
    let (mut changes, mut complaints) = (Vec::new(), Vec::new());
    for gone in before.wanted.iter().filter(|old| wanted.value_of(&old.name).is_none()) {
        let known =
            controls.iter().find(|control| control.name == gone.name.as_str() && !control.is_read_only);
        changes.extend(known.map(|control| (control, control.default)));
    }
    for wish in &wanted.wanted {
        match check(controls, &wish.name, wish.value) {
            Ok(control) => changes.push((control, wish.value)),
            Err(why) => complaints.push(why),
        }
    }
    (changes, complaints)
}

/// The control of that name, if it takes that value; else what is wrong, without a full stop.
pub fn check<'a>(controls: &'a [Control], name: &str, value: i32) -> Result<&'a Control, String> {
    let control = controls
        .iter()
        .find(|control| control.name == name)
        .ok_or_else(|| format!("it has no control {}", name.escape_debug()))?;
    if control.is_read_only {
        return Err(format!("{name} can only be read"));
    }
    let is_entry = control.entries.is_empty() || control.entries.iter().any(|(entry, _)| *entry == value);
    if !(control.min..=control.max).contains(&value) || !is_entry {
        return Err(format!("{name} must be {}, not {value}", control.allowed()));
    }
    Ok(control)
}

impl Control {
    fn of(found: &Description) -> Option<Control> {
        let is_number = [kind::INTEGER, kind::BOOLEAN, kind::MENU, kind::INTEGER_MENU].contains(&found.kind);
        (is_number && found.flags & DISABLED == 0).then(|| Control {
            name: typed_name(&found.name),
            min: found.minimum,
            max: found.maximum,
            step: found.step,
            default: found.default,
            is_inactive: found.flags & INACTIVE != 0,
            is_read_only: found.flags & READ_ONLY != 0,
            id: found.id,
            ..Control::default()
        })
    }

    fn read(self, device: &impl AsFd, kind: u32) -> Control {
        let last = self.max.min(self.min.saturating_add(ENTRIES_MAX));
        let entry = |value: i32| {
            let index = u32::try_from(value).ok()?;
            Some((value, plain(&v4l2_controls::menu_entry(device, self.id, index)?)))
        };
        let entries = match kind {
            kind::MENU => (self.min..=last).filter_map(entry).collect(),
            kind::BOOLEAN => vec![(0, "off".into()), (1, "on".into())],
            _ => Vec::new(),
        };
        Control { entries, value: v4l2_controls::value(device, self.id).ok(), ..self }
    }

    /// What it takes: `0 to 255`, or the values with what they mean.
    pub fn allowed(&self) -> String {
        if self.entries.is_empty() {
            let step = if self.step > 1 { format!(" in steps of {}", self.step) } else { String::new() };
            return format!("{} to {}{step}", self.min, self.max);
        }
        let mut out = String::new();
        for (number, (value, name)) in self.entries.iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}{value} ({name})", if number > 0 { ", " } else { "" });
        }
        out
    }
}

/// The control that seems to have this one now: an automatic one for the same thing, as their names say.
pub fn master_of<'a>(controls: &'a [Control], inactive: &Control) -> Option<&'a Control> {
    let shares_a_word = |other: &str| {
        let is_word = |word: &&str| !["absolute", "auto", "automatic"].contains(word);
        inactive.name.split('_').filter(is_word).any(|word| other.split('_').any(|theirs| theirs == word))
    };
    controls.iter().find(|other| other.name.contains("auto") && shares_a_word(&other.name))
}

/// `Exposure Time, Absolute` becomes `exposure_time_absolute`, as v4l2-ctl has it.
pub fn typed_name(name: &str) -> String {
    let mut typed = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            typed.push(c.to_ascii_lowercase());
        } else if !typed.is_empty() && !typed.ends_with('_') {
            typed.push('_');
        }
    }
    typed.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Control, Controls, check, plan, typed_name};
    use crate::settings::Settings;

    fn wanted(text: &str) -> Controls {
        let mut settings = Settings::default();
        settings.set("camera.controls", text).expect("allowed");
        settings.camera_controls.unwrap_or_default()
    }

    fn camera() -> Vec<Control> {
        let brightness =
            Control { name: "brightness".into(), max: 255, default: 128, step: 1, ..Control::default() };
        let mode = Control {
            name: "auto_exposure".into(),
            max: 3,
            default: 3,
            entries: vec![(1, "Manual Mode".into()), (3, "Aperture Priority Mode".into())],
            ..Control::default()
        };
        let told = Control { name: "told".into(), max: 9, is_read_only: true, ..Control::default() };
        vec![brightness, mode, told]
    }

    #[test]
    fn names_can_be_typed() {
        for (name, typed) in [
            ("Brightness", "brightness"),
            ("Exposure Time, Absolute", "exposure_time_absolute"),
            ("White Balance, Automatic", "white_balance_automatic"),
            (" (Pan)/Tilt? ", "pan_tilt"),
            ("\u{1b}[2J", "2j"),
        ] {
            assert_eq!(typed_name(name), typed);
        }
    }

    #[test]
    fn the_automatic_control_is_found_by_its_name() {
        let named = |name: &str| Control { name: name.into(), ..Control::default() };
        let names = [
            "gain",
            "white_balance_automatic",
            "auto_exposure",
            "exposure_dynamic_framerate",
            "focus_automatic_continuous",
        ];
        let controls = names.map(named);
        let master = |name: &str| super::master_of(&controls, &named(name)).map(|found| found.name.as_str());
        assert_eq!(master("exposure_time_absolute"), Some("auto_exposure"));
        assert_eq!(master("focus_absolute"), Some("focus_automatic_continuous"));
        assert_eq!(master("white_balance_temperature"), Some("white_balance_automatic"));
        assert_eq!(master("zoom_absolute"), None);
    }

    #[test]
    fn wishes_are_set_in_their_order_and_bad_ones_cost_only_themselves() {
        let controls = camera();
        let all = wanted("auto_exposure 1 nothing 5 brightness 300 told 1 brightnes 1");
        let (changes, complaints) = plan(&controls, &all, &Controls::default());
        assert_eq!(changes, [(&controls[1], 1)]);
        assert_eq!(
            complaints,
            [
                "it has no control nothing",
                "brightness must be 0 to 255, not 300",
                "told can only be read",
                "it has no control brightnes"
            ]
        );
        let (changes, _) = plan(&controls, &wanted("auto_exposure 1 brightness 7"), &Controls::default());
        assert_eq!(
            changes.iter().map(|(control, value)| (control.name.as_str(), *value)).collect::<Vec<_>>(),
            [("auto_exposure", 1), ("brightness", 7)]
        );
    }

    #[test]
    fn what_is_no_longer_wanted_goes_back_first() {
        let controls = camera();
        let (changes, complaints) =
            plan(&controls, &wanted("brightness 7"), &wanted("gone 1 auto_exposure 1 told 3"));
        assert_eq!(changes, [(&controls[1], 3), (&controls[0], 7)]);
        assert!(complaints.is_empty());
    }

    #[test]
    fn a_menu_has_holes_and_says_what_it_takes() {
        let why = check(&camera(), "auto_exposure", 2).expect_err("a hole");
        assert_eq!(why, "auto_exposure must be 1 (Manual Mode), 3 (Aperture Priority Mode), not 2");
        assert!(check(&camera(), "auto_exposure", 3).is_ok());
        let stepped = Control { step: 5, max: 100, ..Control::default() };
        assert_eq!(stepped.allowed(), "0 to 100 in steps of 5");
    }
}
