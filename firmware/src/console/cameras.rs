//! `cameras`: what is plugged in and what it offers; its controls, and how to turn them.
//!
//! A control that is turned is part of the setting `camera.controls`, so that it is turned again whenever the camera is plugged in.

use super::context::Context;
use super::grammar::{Form, Word};
use super::reply::Reply;
use crate::camera::controls::{Control, check, master_of, typed_name};
use crate::camera::offer::{Offer, offers};
use crate::camera::{CameraError, Mode};
use crate::settings::Controls;
use crate::told::tenths;

/// What may follow `cameras`.
pub const FORMS: &[Form] = &[
    Form { words: &[], help: "what they offer" },
    Form {
        words: &[Word::Is("set"), Word::Any("CONTROL"), Word::Any("VALUE")],
        help: "turn a control; `default` leaves it to the camera",
    },
];
/// The setting in which they are kept.
const SETTING: &str = "camera.controls";

const TURNED: &str =
    "`cameras set CONTROL VALUE` turns one; with `default` for VALUE the camera has\nits own again.\n";

/// See the head of this file.
pub fn cameras(context: &mut Context<'_>) -> Reply {
    if let ["set", name, value] = *context.arguments {
        return set(context, name, value).into();
    }
    match offers().as_slice() {
        [] => Reply::refused("No camera is there. `diag` says what to do.\n"),
        offers => Reply::done(offers.iter().map(words).collect::<String>()),
    }
}

/// Of the first camera, which is the one that is used.
fn set(context: &mut Context<'_>, name: &str, value: &str) -> Result<String, String> {
    let offers = offers();
    let Some(offer) = offers.iter().flatten().next() else {
        return Err(format!("No camera is there to ask. `set {SETTING} ...` is for one that comes.\n"));
    };
    let kept = context.desk.in_force().camera_controls.clone().unwrap_or_default();
    let changed =
        changed(&offer.controls, &kept, name, value).map_err(|why| format!("Not done: {why}.\n"))?;
    context.desk.set(SETTING, &changed).map_err(|why| format!("{why}\n"))?;
    Ok(format!("In force: {SETTING} is {changed}. `save` keeps it across restarts.\n"))
}

/// The setting with one control changed, or left to the camera.
fn changed(controls: &[Control], kept: &Controls, name: &str, value: &str) -> Result<String, String> {
    let others = kept.wanted.iter().filter(|wanted| wanted.name != name);
    let mut all: Vec<String> = others.map(|wanted| format!("{} {}", wanted.name, wanted.value)).collect();
    if value == "default" {
        // Also for one that this camera does not have.
        if kept.value_of(name).is_none() {
            check(
                controls,
                name,
                controls.iter().find(|control| control.name == name).map_or(0, |c| c.default),
            )?;
        }
        return Ok(if all.is_empty() { "off".into() } else { all.join(" ") });
    }
    let number = value_of(controls, name, value)?;
    let control = check(controls, name, number)?;
    if control.is_inactive {
        return Err(match master_of(controls, control) {
            Some(master) => format!("an automatic control has it: turn {} first", master.name),
            None => "an automatic control has it: turn that one first".into(),
        });
    }
    all.push(format!("{name} {number}"));
    Ok(all.join(" "))
}

/// A number, or the word for it where a control has words.
fn value_of(controls: &[Control], name: &str, value: &str) -> Result<i32, String> {
    let control = controls.iter().find(|control| control.name == name);
    let is_it = |entry: &&(i32, String)| entry.1.eq_ignore_ascii_case(value) || typed_name(&entry.1) == value;
    let entry = control.and_then(|control| control.entries.iter().find(is_it)).map(|(number, _)| *number);
    entry.or_else(|| value.parse().ok()).ok_or_else(|| format!("'{}' is no value", value.escape_debug()))
}

fn words(offer: &Result<Offer, CameraError>) -> String {
    let offer = match offer {
        Ok(offer) => offer,
        Err(error) => return format!("{error}\n"),
    };
    let mut out = format!("{}: {}, driver {}\n", offer.path, offer.model, offer.driver);
    for row in modes(&offer.modes) {
        out += &format!("  {row}\n");
    }
    if !offer.unread.is_empty() {
        out += &format!("  not used: {}\n", offer.unread.join(", "));
    }
    if offer.controls.is_empty() {
        return out + "  no controls\n";
    }
    offer.controls.iter().for_each(|control| out += &format!("  {}\n", row(control)));
    out + TURNED
}

/// A row for each format and size, with its rates.
fn modes(modes: &[Mode]) -> Vec<String> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for mode in modes {
        let head = format!("{:<6} {:>9}", mode.format.to_string(), format!("{}x{}", mode.width, mode.height));
        let rate = tenths(mode.fps_tenths).trim_end_matches(".0").to_owned();
        match rows.iter_mut().find(|(known, _)| *known == head) {
            Some((_, rates)) => rates.push(rate),
            None => rows.push((head, vec![rate])),
        }
    }
    rows.into_iter().map(|(head, rates)| format!("{head}  {} frames/s", rates.join(", "))).collect()
}

fn row(control: &Control) -> String {
    let value = control.value.map_or("?".into(), |value| value.to_string());
    let state = match (control.is_read_only, control.is_inactive) {
        (true, _) => "; can only be read",
        (_, true) => "; an automatic control has it",
        _ => "",
    };
    format!("{:<26} {value:>6}   {}; default {}{state}", control.name, control.allowed(), control.default)
}

#[cfg(test)]
mod tests {
    use super::{Offer, changed, words};
    use crate::camera::controls::Control;
    use crate::camera::{Format, Mode};
    use crate::settings::Controls;

    fn controls() -> Vec<Control> {
        let brightness = Control {
            name: "brightness".into(),
            min: -64,
            max: 64,
            step: 1,
            value: Some(3),
            ..Control::default()
        };
        let mode = Control {
            name: "auto_exposure".into(),
            max: 3,
            default: 3,
            entries: vec![(1, "Manual Mode".into()), (3, "Auto".into())],
            ..Control::default()
        };
        let time = Control {
            name: "exposure_time_absolute".into(),
            max: 9,
            step: 1,
            is_inactive: true,
            ..Control::default()
        };
        vec![brightness, mode, time]
    }

    #[test]
    fn a_camera_is_told_with_all_that_it_offers() {
        let mode = |width, height, fps| Mode { format: Format::Mjpeg, width, height, fps_tenths: fps };
        let offer = Offer {
            path: "/dev/video0".into(),
            model: "Webcam".into(),
            driver: "uvcvideo".into(),
            modes: vec![mode(1280, 720, 300), mode(1280, 720, 75), mode(640, 480, 300)],
            unread: vec!["HEVC".into()],
            controls: controls(),
        };
        assert_eq!(
            words(&Ok(offer)),
            "/dev/video0: Webcam, driver uvcvideo\n  MJPEG   1280x720  30, 7.5 frames/s\n  MJPEG    640x480  30 frames/s\n  \
             not used: HEVC\n  brightness                      3   -64 to 64; default 0\n  auto_exposure                   \
             ?   1 (Manual Mode), 3 (Auto); default 3\n  exposure_time_absolute          ?   0 to 9; default 0; an automatic \
             control has it\n`cameras set CONTROL VALUE` turns one; \
             with `default` for VALUE the camera has\nits own again.\n"
        );
    }

    #[test]
    fn a_control_that_is_turned_joins_the_setting_and_leaves_it_again() {
        let (controls, none) = (controls(), Controls::default());
        assert_eq!(changed(&controls, &none, "brightness", "-5").as_deref(), Ok("brightness -5"));
        assert_eq!(
            changed(&controls, &none, "auto_exposure", "manual_mode").as_deref(),
            Ok("auto_exposure 1")
        );
        let mut kept = crate::settings::Settings::default();
        kept.set("camera.controls", "auto_exposure 1 brightness 9").expect("allowed");
        let kept = kept.camera_controls.expect("some");
        assert_eq!(
            changed(&controls, &kept, "brightness", "7").as_deref(),
            Ok("auto_exposure 1 brightness 7")
        );
        assert_eq!(changed(&controls, &kept, "auto_exposure", "default").as_deref(), Ok("brightness 9"));
        assert_eq!(changed(&controls, &none, "brightness", "default").as_deref(), Ok("off"));
        for (name, value, why) in [
            ("brightness", "65", "brightness must be -64 to 64, not 65"),
            ("brightness", "bright", "'bright' is no value"),
            ("exposure_time_absolute", "5", "an automatic control has it: turn auto_exposure first"),
            ("contrast", "1", "it has no control contrast"),
            ("contrast", "default", "it has no control contrast"),
        ] {
            assert_eq!(changed(&controls, &none, name, value), Err(why.into()));
        }
    }
}
