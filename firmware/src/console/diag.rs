//! `diag`: why there is no picture, in plain words, with what to do; or that all is well.
//!
//! Looks at USB from the socket inwards: controller, device, driver, format, frames, power. [`diagnose`] is pure. Changes nothing.

use super::kernel_log;
use super::usb::{Device, Usb};
use crate::control::{Answer, CameraStatus, Question, ask};
use crate::paths;
use crate::told::{rate, tenths};
use std::path::Path;

/// What the kernel says when a device is there and cannot be spoken to (drivers/usb/core/hub.c).
const DOES_NOT_ANSWER: &[&str] = &[
    "device descriptor read",
    "not accepting address",
    "unable to enumerate USB device",
    "Maybe the USB cable is bad",
    "device not responding",
];
/// And when too little power is there, or too much was drawn.
const NO_POWER: &[&str] = &[
    "over-current",
    "insufficient available bus power",
    "Undervoltage detected",
    "rejected 1 configuration due to",
];
/// Lines of the kernel that are repeated to the user.
const LINES_MAX: usize = 3;
/// A port this slow carries no video: USB 1.
const SLOW_MBIT: u32 = 12;

/// All that the diagnosis is made from.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The camera as the guard sees it; none if the guard does not answer.
    pub camera: Option<CameraStatus>,
    /// What hangs on USB.
    pub usb: Usb,
    /// Video devices that there are.
    pub nodes: Vec<String>,
    /// What the kernel said, oldest first.
    pub kernel: Vec<String>,
}

/// See the head of this file.
pub fn diag() -> String {
    let camera = match ask(paths::GUARD_SOCKET, &Question::Status) {
        Ok(Answer::Status(status)) => Some(status.camera),
        _ => None,
    };
    let mut nodes: Vec<String> = std::fs::read_dir("/dev")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("video"))
        .collect();
    nodes.sort();
    let kernel = kernel_log::all().unwrap_or_default();
    let kernel = kernel.into_iter().filter(|record| record.ours().is_none()).map(|record| record.text);
    let found = Found { camera, usb: Usb::read(Path::new("/sys")), nodes, kernel: kernel.collect() };
    diagnose(&found)
}

/// The verdict first, then what to do, then what it was made from.
pub fn diagnose(found: &Found) -> String {
    let mut out = String::new();
    for sentence in camera(found).into_iter().chain(power(found)).chain(speed(found)) {
        out += &format!("{sentence}\n");
    }
    out + &evidence(found)
}

fn camera(found: &Found) -> Vec<String> {
    let say = |all: &[&str]| all.iter().map(ToString::to_string).collect();
    match &found.camera {
        None => {
            say(&["The guard, which has the camera, does not answer now; it is started again by itself."])
        }
        Some(camera) if camera.ok => works(camera),
        Some(camera) => match place_of_trouble(found) {
            Trouble::NoController => say(&[
                "No camera: the kernel found no USB controller on this board.",
                "Is it the image of this board? `selftest` names the board that it is for.",
            ]),
            Trouble::Deaf => say(&[
                "No camera: something is plugged into USB and does not answer.",
                "Try another cable (not one for charging only), another port, and the camera without a hub.",
            ]),
            Trouble::Nothing => say(&[
                "No camera: nothing is plugged into USB, as far as the board sees.",
                "Plug the camera in. If it is: try another cable (not one for charging only) and another port; a hub may \
                 want its own power supply.",
            ]),
            Trouble::NotACamera => say(&[
                "No camera: what is plugged into USB is none, or no USB video class camera (UVC).",
                "Cameras that want their maker's driver cannot be used.",
            ]),
            Trouble::NoDriver => say(&[
                "A camera is plugged in, but the kernel's driver does not take it.",
                "Unplug it and plug it in again; `log kernel` may say why.",
            ]),
            Trouble::Further => further(camera),
        },
    }
}

fn works(camera: &CameraStatus) -> Vec<String> {
    let (is, wanted) = (camera.fps_tenths, camera.fps_wanted_tenths);
    let mut all = vec![format!(
        "The camera works: {}, {}x{} {}, {}.",
        camera.text,
        camera.width,
        camera.height,
        camera.format,
        rate(is)
    )];
    if !camera.refused.is_empty() {
        all.push(format!("It does not give {}, so it was asked for less.", camera.refused));
        all.push(
            "A port of its own, without a hub, may carry more: plug it in there, or set another camera.size \
             or camera.fps, and all is tried again."
                .into(),
        );
    }
    if !camera.mended.is_empty() {
        all.push(format!("Its pictures come with {}; that is mended before they are kept.", camera.mended));
    }
    if is > 0 && is * 2 < wanted {
        all.push(format!(
            "It was asked for {} frames/s. Many cameras send fewer in the dark; `cameras` shows its controls.",
            tenths(wanted)
        ));
    }
    all
}

/// Device and driver are there: what the guard found.
fn further(camera: &CameraStatus) -> Vec<String> {
    let mut all =
        vec![format!("A camera is there and gives no pictures: {}.", camera.text.trim_end_matches('.'))];
    all.push(match camera.text.as_str() {
        text if text.contains("offers neither") => "`cameras` lists what it offers. Use another camera.".into(),
        text if text.contains("refused every mode") => {
            "Use a port without a hub and without other devices beside it, or another cable. It is tried again every half \
             minute."
                .into()
        }
        text if text.contains("no frames") => {
            "It is started again by itself. If that does not help: another cable, a port without a hub, a stronger power \
             supply, or a smaller picture (`set camera.size 640x480`)."
                .into()
        }
        _ => "It is tried again every second. If that does not help, unplug it and plug it in again.".into(),
    });
    all
}

/// How far a camera comes.
enum Trouble {
    NoController,
    Nothing,
    Deaf,
    NotACamera,
    NoDriver,
    Further,
}

fn place_of_trouble(found: &Found) -> Trouble {
    let has_camera = found.usb.devices.iter().any(|device| device.is_camera);
    let has_driver = found.usb.devices.iter().any(|device| device.driver.is_some());
    let is_deaf = last_matching(&found.kernel, DOES_NOT_ANSWER).next().is_some();
    match () {
        // A camera that does not come by USB.
        () if !found.nodes.is_empty() && !has_camera => Trouble::Further,
        () if found.usb.controllers == 0 => Trouble::NoController,
        () if has_camera && !has_driver => Trouble::NoDriver,
        () if has_camera => Trouble::Further,
        () if is_deaf => Trouble::Deaf,
        () if found.usb.devices.is_empty() => Trouble::Nothing,
        () => Trouble::NotACamera,
    }
}

fn power(found: &Found) -> Option<String> {
    let is_said = last_matching(&found.kernel, NO_POWER).next().is_some();
    (found.usb.over_currents > 0 || is_said).then(|| {
        "Power: a USB port gave too little power, or cut it off. Use a stronger power supply, or a hub with its own.".into()
    })
}

fn speed(found: &Found) -> Option<String> {
    let slow = found.usb.devices.iter().find(|device| device.is_camera && device.speed_mbit <= SLOW_MBIT)?;
    Some(format!(
        "Speed: the camera is connected at {} Mbit/s, which is too slow for video. Use another port or cable, and no old hub.",
        slow.speed_mbit
    ))
}

fn evidence(found: &Found) -> String {
    let controllers = match found.usb.controllers {
        1 => "1 USB controller".into(),
        count => format!("{count} USB controllers"),
    };
    let devices = if found.usb.devices.is_empty() { ", nothing on it" } else { ":" };
    let mut out = format!("Seen: {controllers}{devices}\n");
    found.usb.devices.iter().for_each(|device| out += &line(device));
    let said: Vec<&String> = last_matching(&found.kernel, DOES_NOT_ANSWER)
        .chain(last_matching(&found.kernel, NO_POWER))
        .take(LINES_MAX)
        .collect();
    said.iter().for_each(|text| out += &format!("  the kernel says: {text}\n"));
    out
}

fn line(device: &Device) -> String {
    let Device { place, name, id, speed_mbit, .. } = device;
    let name = if name.is_empty() { "unnamed" } else { name };
    let what = match (device.is_camera, &device.driver) {
        (true, Some(driver)) => format!("camera, driver {driver}"),
        (true, None) => "camera, no driver".into(),
        (false, _) => "no camera".into(),
    };
    format!("  {place}  {name} ({id}), {speed_mbit} Mbit/s, {what}\n")
}

/// The lines that say one of these, newest first.
fn last_matching<'a>(kernel: &'a [String], words: &'a [&str]) -> impl Iterator<Item = &'a String> {
    kernel.iter().rev().filter(|text| words.iter().any(|word| text.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::{Found, diagnose};
    use crate::console::usb::{Device, Usb};
    use crate::control::CameraStatus;

    fn missing() -> Found {
        let camera = CameraStatus { text: "no camera is connected".into(), ..CameraStatus::default() };
        Found { camera: Some(camera), usb: Usb { controllers: 1, ..Usb::default() }, ..Found::default() }
    }

    fn webcam() -> Device {
        Device {
            place: "1-1".into(),
            name: "Webcam".into(),
            id: "046d:082d".into(),
            speed_mbit: 480,
            is_camera: true,
            driver: Some("uvcvideo".into()),
        }
    }

    fn working() -> Found {
        let camera = CameraStatus {
            ok: true,
            text: "Webcam".into(),
            format: "MJPEG".into(),
            width: 1280,
            height: 720,
            fps_wanted_tenths: 150,
            fps_tenths: 149,
            refused: String::new(),
            mended: String::new(),
        };
        let usb = Usb { controllers: 1, devices: vec![webcam()], over_currents: 0 };
        Found { camera: Some(camera), usb, nodes: vec!["video0".into()], kernel: vec![] }
    }

    #[test]
    fn a_working_camera_is_said_to_work_and_a_slow_one_why() {
        assert_eq!(
            diagnose(&working()),
            "The camera works: Webcam, 1280x720 MJPEG, 14.9 frames/s.\nSeen: 1 USB controller:\n  1-1  Webcam \
             (046d:082d), 480 Mbit/s, camera, driver uvcvideo\n"
        );
        let mut slow = working();
        slow.camera.iter_mut().for_each(|camera| camera.fps_tenths = 50);
        slow.usb.devices[0].speed_mbit = 12;
        let text = diagnose(&slow);
        assert!(
            text.contains("in the dark") && text.contains("Speed: the camera is connected at 12 Mbit/s"),
            "{text}"
        );
        let mut less = working();
        let refused = "1280x720 MJPEG at 15 frames/s (USB has not so much bandwidth left)";
        less.camera.iter_mut().for_each(|camera| camera.refused = refused.into());
        let text = diagnose(&less);
        assert!(
            text.contains(&format!("\nIt does not give {refused}, so it was asked for less.\nA port of")),
            "{text}"
        );
        let mut sick = working();
        sick.camera.iter_mut().for_each(|camera| camera.mended = "no end".into());
        assert!(diagnose(&sick).contains("\nIts pictures come with no end; that is mended"));
        let mut new = working();
        new.camera.iter_mut().for_each(|camera| camera.fps_tenths = 0);
        let text = diagnose(&new);
        assert!(
            text.starts_with("The camera works: Webcam, 1280x720 MJPEG, frames/s not known yet.\nSeen"),
            "{text}"
        );
    }

    #[test]
    fn each_place_on_the_way_has_its_own_words() {
        let says = |found: &Found, words: &str| {
            let text = diagnose(found);
            assert!(text.starts_with(words), "{text}");
        };
        says(&Found::default(), "The guard, which has the camera, does not answer");
        says(&Found { usb: Usb::default(), ..missing() }, "No camera: the kernel found no USB controller");
        says(&missing(), "No camera: nothing is plugged into USB");
        let mut other = missing();
        other.usb.devices = vec![Device { is_camera: false, driver: None, ..webcam() }];
        says(&other, "No camera: what is plugged into USB is none");
        assert!(diagnose(&other).contains("480 Mbit/s, no camera\n"));
        let mut deaf = missing();
        deaf.kernel = vec!["usb 1-1: device descriptor read/64, error -71".into(), "other".into()];
        says(&deaf, "No camera: something is plugged into USB and does not answer.");
        assert!(
            diagnose(&deaf).contains("  the kernel says: usb 1-1: device descriptor read/64, error -71\n")
        );
        let mut driverless = missing();
        driverless.usb.devices = vec![Device { driver: None, ..webcam() }];
        says(&driverless, "A camera is plugged in, but the kernel's driver does not take it");
    }

    #[test]
    fn behind_the_driver_the_guards_reason_is_told() {
        let with = |text: &str| {
            let camera = CameraStatus { text: text.into(), ..CameraStatus::default() };
            diagnose(&Found { camera: Some(camera), ..working() })
        };
        assert!(with("the camera `W` offers neither MJPEG, nor raw").contains("Use another camera"));
        assert!(with("W sends no frames").contains("a stronger power supply"));
        assert!(with("the camera `W` refused to stream: x").contains("tried again every second"));
    }

    #[test]
    fn trouble_with_power_is_told_whatever_else_there_is() {
        let mut found = working();
        found.usb.over_currents = 1;
        assert!(diagnose(&found).contains("Power: a USB port"));
        found.usb.over_currents = 0;
        found.kernel = vec!["usb usb1-port1: over-current condition".into()];
        assert!(diagnose(&found).contains("Power: a USB port"));
        assert!(!diagnose(&missing()).contains("Power:"));
    }
}
