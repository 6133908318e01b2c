//! What the cameras that are plugged in offer: formats, sizes, rates, controls; for people to read.
//!
//! Opens a device beside whoever streams from it, and changes nothing. Must not choose.

use super::controls::{self, Control};
use super::device::{devices, modes, modes_of_sensor};
use super::reach::Reach;
use super::{CameraError, Mode};
use std::fs::File;
use std::path::Path;
use v4l::Device;
use v4l::video::Capture;

/// A camera.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Its device.
    pub path: String,
    /// As it names itself.
    pub model: String,
    /// The kernel's driver.
    pub driver: String,
    /// The modes in formats that we read.
    pub modes: Vec<Mode>,
    /// V4L2's names of formats that we do not read.
    pub unread: Vec<String>,
    /// What can be turned.
    pub controls: Vec<Control>,
}

/// Every video device that captures pictures; of one that does not answer, why.
pub fn offers() -> Vec<Result<Offer, CameraError>> {
    devices().iter().map(|path| read(path)).filter(|offer| !offer.as_ref().is_ok_and(is_empty)).collect()
}

/// A camera's second device, which carries its metadata, offers no picture.
fn is_empty(offer: &Offer) -> bool {
    offer.modes.is_empty() && offer.unread.is_empty()
}

fn read(path: &Path) -> Result<Offer, CameraError> {
    let shown = path.display().to_string();
    let refused = |what| {
        let model = shown.clone();
        move |source| CameraError::Refused { model, what, source }
    };
    let device = Device::with_path(path).map_err(refused("to open"))?;
    let said = device.query_caps().map_err(refused("to say what it is"))?;
    let file = File::options().read(true).write(true).open(path).map_err(refused("to open"))?;
    let reach = Reach::of(&file).map_err(refused("the way from its sensor"))?;
    let modes = reach.as_ref().map_or_else(|| modes(&device), |reach| modes_of_sensor(&device, reach));
    let names = device.enum_formats().unwrap_or_default().into_iter().map(|format| format.fourcc.repr);
    let unread = names.filter(|name| modes.iter().all(|mode| mode.format.fourcc() != *name));
    let unread = unread.map(|name| name.escape_ascii().to_string()).collect();
    let (turned, model) = match reach {
        Some(reach) => (reach.sensor, reach.name),
        None => (file, said.card),
    };
    let controls = controls::list(&turned).map_err(|error| refused("to list its controls")(error.into()))?;
    Ok(Offer { path: shown.clone(), model, driver: said.driver, modes, unread, controls })
}
