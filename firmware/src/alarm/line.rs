//! GPIO lines through the kernel's character device: what there is, requested as output or input, switched and read.
//!
//! init requests all outputs and keeps them, so that it can set the safe level when the guard dies: a closed descriptor would
//! leave a siren as it was. "Active" is logical; the kernel turns it into a level. It must not know what a line is for.

use super::place::{Address, Chip, Lines};
use super::pwm::Wave;
use crate::board;
use crate::settings::wiring::{Input, Output, Pull};
use boards::{Alarm, Pwm};
use gpiocdev_uapi::v2::{
    LineConfig, LineEdgeEvent, LineEdgeEventKind, LineFlags, LineRequest, LineValues, Name, Offsets,
    get_chip_info, get_line, get_line_info, get_line_values, has_event, read_event, set_line_config,
    set_line_values,
};
use serde::{Deserialize, Serialize};
use std::fs::File;

/// Shown by the kernel as the users of our lines.
const CONSUMER: &str = "kerberos-alarm";
/// The same, of the owner's outputs.
pub const CONSUMER_OUTPUT: &str = "kerberos-output";
/// The same, of the owner's inputs.
pub const CONSUMER_INPUT: &str = "kerberos-input";
/// Changes that the kernel keeps for us of one input: a bouncing contact in half a second, should we be late.
const EDGES_KEPT: u32 = 1024;
/// Changes that are read at once.
pub const EDGES_READ: usize = 32;
/// Chips looked at: no board has more.
const CHIPS_MAX: usize = 32;

/// Why a line cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// No chip of that label, or no line of that name.
    #[error("this board has no line `{0}`; check the board's profile, or what `gpio` shows")]
    NotFound(String),
    /// The kernel refused the line.
    #[error("the line `{line}` cannot be used: {reason}")]
    Refused {
        /// Which line.
        line: String,
        /// The system's reason.
        reason: String,
    },
}

/// An output as it is requested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputLine {
    /// Which line.
    pub address: Address,
    /// Whether a low level is active.
    pub active_low: bool,
    /// Whether it only ever pulls down.
    pub open_drain: bool,
    /// Whether it is active while nobody drives it.
    pub initial_on: bool,
    /// The channel that drives it in place of the chip, on a pin with PWM.
    pub wave: Option<Wave>,
}

impl OutputLine {
    /// The line of an output of the owner's.
    pub fn of(output: &Output, address: Address, pwm: Option<&Pwm>) -> OutputLine {
        let wave = pwm.map(|pwm| Wave::of(output, pwm));
        let Output { active_low, open_drain, initial_on, .. } = *output;
        OutputLine { address, active_low, open_drain, initial_on, wave }
    }

    fn config(&self) -> LineConfig {
        let mut flags = LineFlags::OUTPUT;
        flags.set(LineFlags::ACTIVE_LOW, self.active_low);
        flags.set(LineFlags::OPEN_DRAIN, self.open_drain);
        let mut config = LineConfig { flags, ..LineConfig::default() };
        config.add_values(&LineValues { bits: u64::from(self.initial_on), mask: 1 });
        config
    }
}

/// A change of an input, as the kernel saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// When, on the monotonic clock.
    pub at_us: u64,
    /// Whether the input became active.
    pub active: bool,
    /// Its number among all changes of this line, from 1: a gap is what we were too late for.
    pub number: u32,
}

/// Requests the profile's alarm line as an output at its inactive level.
pub fn request(wanted: &Alarm) -> Result<File, LineError> {
    let shown = describe(wanted);
    let (chip, offset) = find(wanted).ok_or_else(|| LineError::NotFound(shown.clone()))?;
    let address = Address { chip: String::new(), offset };
    let config = OutputLine {
        address,
        active_low: wanted.active_low,
        open_drain: false,
        initial_on: false,
        wave: None,
    }
    .config();
    take(&chip, offset, CONSUMER, config).map_err(|reason| LineError::Refused { line: shown, reason })
}

/// Requests an output of the owner's at its initial level.
pub fn request_output(line: &OutputLine) -> Result<File, LineError> {
    take_at(&line.address, CONSUMER_OUTPUT, line.config())
}

/// Changes how an output that is held already is driven; it is at its initial level after that.
pub fn change_output(file: &File, line: &OutputLine) -> Result<(), LineError> {
    set_line_config(file, line.config()).map_err(|error| refused(&line.address, &error))
}

/// Requests an input of the owner's, with every change of it.
pub fn request_input(input: &Input, address: &Address) -> Result<File, LineError> {
    let mut flags = LineFlags::INPUT | LineFlags::EDGE_RISING | LineFlags::EDGE_FALLING;
    flags.set(LineFlags::ACTIVE_LOW, input.active_low);
    match input.pull {
        Some(Pull::Up) => flags |= LineFlags::BIAS_PULL_UP,
        Some(Pull::Down) => flags |= LineFlags::BIAS_PULL_DOWN,
        Some(Pull::None) => flags |= LineFlags::BIAS_DISABLED,
        None => {}
    }
    let mut config = LineConfig { flags, ..LineConfig::default() };
    if input.debounce_ms > 0 {
        config.add_debounce(input.debounce_ms.saturating_mul(1000), 1);
    }
    take_at(address, CONSUMER_INPUT, config)
}

/// Whether there is a change to read.
pub fn has_edges(file: &File) -> bool {
    has_event(file).unwrap_or(false)
}

/// Reads what has changed into `edges`, oldest first. Called when the descriptor is readable; else it waits.
pub fn read_edges(file: &File, edges: &mut heapless::Vec<Edge, EDGES_READ>) -> Result<(), LineError> {
    // 48 bytes each, in words of eight.
    let mut words = [0_u64; EDGES_READ * 6];
    let read = read_event(file, &mut words)
        .map_err(|error| LineError::Refused { line: "input".into(), reason: error.to_string() })?;
    for chunk in words.get(..read).unwrap_or_default().chunks_exact(LineEdgeEvent::u64_size()) {
        if let Ok(event) = LineEdgeEvent::from_slice(chunk) {
            let active = event.kind == LineEdgeEventKind::RisingEdge as u32;
            let edge = Edge { at_us: event.timestamp_ns / 1000, active, number: event.line_seqno };
            // There is room for as many as were read.
            let _ = edges.push(edge);
        }
    }
    Ok(())
}

/// Every chip of this board with its lines' names, the header, and the board's own alarm line.
pub fn survey() -> Lines {
    let profile = board::profile().ok();
    let alarm = profile.as_ref().and_then(|profile| profile.alarm.as_ref());
    let alarm = alarm
        .and_then(find)
        .and_then(|(chip, offset)| Some(Address { chip: words(&get_chip_info(&chip).ok()?.label), offset }));
    let named = |chip: File| {
        let info = get_chip_info(&chip).ok()?;
        let name = |offset| get_line_info(&chip, offset).map(|line| words(&line.name)).unwrap_or_default();
        Some(Chip { label: words(&info.label), names: (0..info.num_lines).map(name).collect() })
    };
    Lines { chips: chips().filter_map(named).collect(), header: profile.and_then(|p| p.header), alarm }
}

/// Who uses a line, as the kernel says it; nothing: nobody.
pub fn user(address: &Address) -> Option<String> {
    let chip = chip_of(address)?;
    let info = get_line_info(&chip, address.offset).ok().filter(|i| i.flags.contains(LineFlags::USED))?;
    let consumer = words(&info.consumer);
    Some(if consumer.is_empty() { "the kernel".into() } else { consumer })
}

/// The level of a line that nobody uses, without changing what it does.
pub fn level(address: &Address) -> Option<bool> {
    let file = take_at(address, CONSUMER_INPUT, LineConfig::default()).ok()?;
    get(&file).ok()
}

fn take_at(address: &Address, consumer: &str, config: LineConfig) -> Result<File, LineError> {
    let chip = chip_of(address).ok_or_else(|| LineError::NotFound(address.to_string()))?;
    let in_use = |by| format!("it is in use by `{by}`");
    take(&chip, address.offset, consumer, config).map_err(|reason| LineError::Refused {
        line: address.to_string(),
        reason: user(address).map_or(reason, in_use),
    })
}

fn take(chip: &File, offset: u32, consumer: &str, config: LineConfig) -> Result<File, String> {
    let request = LineRequest {
        offsets: Offsets::from_slice(&[offset]),
        consumer: Name::from_bytes(consumer.as_bytes()),
        config,
        num_lines: 1,
        event_buffer_size: EDGES_KEPT,
        ..LineRequest::default()
    };
    get_line(chip, request).map_err(|error| reason(&error))
}

fn refused(address: &Address, error: &gpiocdev_uapi::Error) -> LineError {
    LineError::Refused { line: address.to_string(), reason: reason(error) }
}

/// The kernel's error; the one that an owner can do something about in words of our own.
fn reason(error: &gpiocdev_uapi::Error) -> String {
    let text = error.to_string();
    match error {
        // ENXIO: the chip has no interrupt for it.
        gpiocdev_uapi::Error::Os(gpiocdev_uapi::Errno(6)) => {
            "this line cannot tell of changes; take another one".into()
        }
        _ => text,
    }
}

fn words(name: &Name) -> String {
    name.as_os_str().to_string_lossy().into_owned()
}

fn chips() -> impl Iterator<Item = File> {
    (0..CHIPS_MAX).filter_map(|number| File::open(format!("/dev/gpiochip{number}")).ok())
}

fn chip_of(address: &Address) -> Option<File> {
    chips().find(|chip| get_chip_info(chip).is_ok_and(|info| info.label.as_os_str() == address.chip.as_str()))
}

/// Makes the line active or inactive. A register write: it does not wait.
pub fn set(line: &File, active: bool) -> Result<(), LineError> {
    set_line_values(line, &LineValues { bits: u64::from(active), mask: 1 })
        .map_err(|e| LineError::Refused { line: "alarm".into(), reason: e.to_string() })
}

/// Whether the line reads as active: what the chip says, not what was last set.
pub fn get(line: &File) -> Result<bool, LineError> {
    let mut values = LineValues { bits: 0, mask: 1 };
    get_line_values(line, &mut values)
        .map_err(|e| LineError::Refused { line: "alarm".into(), reason: e.to_string() })?;
    Ok(values.bits & 1 == 1)
}

fn find(wanted: &Alarm) -> Option<(File, u32)> {
    for chip in chips() {
        let Ok(info) = get_chip_info(&chip) else { continue };
        if let (Some(label), Some(offset)) = (&wanted.chip, wanted.offset)
            && info.label.as_os_str() == label.as_str()
            && offset < info.num_lines
        {
            return Some((chip, offset));
        }
        if let Some(name) = &wanted.line {
            let named = |&o: &u32| get_line_info(&chip, o).is_ok_and(|l| l.name.as_os_str() == name.as_str());
            if let Some(offset) = (0..info.num_lines).find(named) {
                return Some((chip, offset));
            }
        }
    }
    None
}

/// The line as the profile names it.
pub fn describe(wanted: &Alarm) -> String {
    match (&wanted.line, &wanted.chip, wanted.offset) {
        (Some(name), ..) => name.clone(),
        (None, Some(chip), Some(offset)) => format!("{chip} {offset}"),
        _ => "(nothing named)".into(),
    }
}
