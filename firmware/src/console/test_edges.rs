//! `test-edges`, in test images alone: drives a line of the kernel's simulated GPIO chip, which only a test kernel has.
//!
//! It is what is outside of the board: a door, a bell. Must not be in a product image.

use super::context::Context;
use super::pulse;
use crate::control::{Answer, Question, ask};
use crate::{clock, paths};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the simulated chip's files are.
const CHIP: &str = "/sys/devices/platform/gpio-sim";
/// A change that was not counted by then was missed.
const PATIENCE_US: u64 = 10_000_000;
/// Between two looks whether it was.
const LOOK_EVERY: Duration = Duration::from_micros(300);

/// See the head of this file.
pub fn test_edges(context: &mut Context<'_>) -> String {
    let number = |text: &str| text.parse::<u64>().map_err(|error| error.to_string());
    let result = match *context.arguments {
        [line, count] => number(count).and_then(|count| drive(line, count, None)),
        [line, count, input] => number(count).and_then(|count| drive(line, count, Some(input))),
        _ => Err("LINE COUNT [INPUT]".into()),
    };
    result.unwrap_or_else(|error| error) + "\n"
}

fn drive(line: &str, count: u64, input: Option<&str>) -> Result<String, String> {
    let pull = find(Path::new(CHIP), &format!("sim_gpio{line}"))
        .ok_or("there is no such simulated line")?
        .join("pull");
    let start = input.map_or(Ok(0), counted)?;
    let began_us = clock::monotonic_us();
    for edge in 1..=count {
        pulse::beat();
        let level = if edge % 2 == 1 { "pull-up" } else { "pull-down" };
        std::fs::write(&pull, level).map_err(|error| error.to_string())?;
        if let Some(input) = input {
            await_count(input, start + edge)?;
        }
    }
    Ok(format!("{count} changes in {} ms", (clock::monotonic_us() - began_us) / 1000))
}

fn await_count(input: &str, wanted: u64) -> Result<(), String> {
    let deadline_us = clock::monotonic_us() + PATIENCE_US;
    loop {
        match counted(input)? {
            count if count == wanted => return Ok(()),
            count if count > wanted => return Err(format!("{count} changes were counted, of {wanted}")),
            count if clock::monotonic_us() > deadline_us => {
                return Err(format!("only {count} changes were counted, of {wanted}"));
            }
            _ => std::thread::sleep(LOOK_EVERY),
        }
    }
}

/// Changes that an input has counted.
fn counted(input: &str) -> Result<u64, String> {
    let setting = format!("alarm.input{input}");
    match ask(paths::GUARD_SOCKET, &Question::Wires) {
        Ok(Answer::Wires { list, .. }) => {
            let wire = list.iter().find(|wire| wire.setting == setting && wire.trouble.is_empty());
            wire.map(|wire| wire.edges).ok_or_else(|| format!("{setting} does not work"))
        }
        _ => Err("the guard does not answer".into()),
    }
}

/// A folder of that name, at most two deep.
fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    let here = folder.join(name);
    if here.is_dir() {
        return Some(here);
    }
    let below = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path().join(name));
    below.into_iter().find(|path| path.is_dir())
}
