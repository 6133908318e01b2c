//! `test-button`, in test images alone: presses a button of the first camera's, a control that is no value.
//!
//! The kernel's test camera (vivid), which only a test kernel has, fails that way when it is told to. What has a value is set as the owner
//! sets it, with `cameras set`. Must not be in a product image.

use super::context::Context;
use crate::camera::device::devices;
use crate::sys::v4l2_controls;
use std::fs::File;

/// See the head of this file.
pub fn test_button(context: &mut Context<'_>) -> String {
    let name = context.arguments.join(" ");
    press(&name).map_or_else(|why| why, |()| "Pressed.".into()) + "\n"
}

fn press(name: &str) -> Result<(), String> {
    let path = devices().into_iter().next().ok_or("no camera is there")?;
    let camera = File::options().read(true).write(true).open(path).map_err(|error| error.to_string())?;
    let mut id = 0;
    while let Some(found) = v4l2_controls::next(&camera, id).map_err(|error| error.to_string())? {
        if found.name == name {
            return v4l2_controls::set(&camera, found.id, 1).map_err(|error| error.to_string());
        }
        id = found.id;
    }
    Err(format!("it has no control `{name}`"))
}
