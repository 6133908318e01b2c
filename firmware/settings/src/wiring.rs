//! What an owner has wired to the board, on one line of text each: outputs and inputs, and what they are for.
//!
//! `pin 13 on motion tamper hold 5s pattern blink max 60s active-low` and `pin 16 as trigger active-low pull-up debounce 20ms`.
//! Every reader says in a sentence what is wrong. Must not know which pins a board has.

use std::fmt;

use super::values::printable;

/// Outputs, and inputs, that can be set.
pub const PLACES: usize = 4;
/// What may switch one output: more is not an output for something any more. It also keeps the line within the console's.
pub const TRIGGERS_MAX: usize = 6;
/// The longest name of a line or chip that the kernel has, its NUL left out.
pub const NAME_BYTES_MAX: usize = 31;
/// Pulses: no relay follows a shorter one; longer is what `hold` is for.
pub const PULSE_MS: std::ops::RangeInclusive<u32> = 50..=600_000;
/// How long an output stays on when it is quiet: an hour at the most.
pub const HOLD_MS: std::ops::RangeInclusive<u32> = 0..=3_600_000;
/// Longest time on: more than an hour is no limit.
pub const MAX_MS: std::ops::RangeInclusive<u32> = 100..=3_600_000;
/// Debouncing: contacts bounce for milliseconds, and nobody waits 5 s for a door.
pub const DEBOUNCE_MS: std::ops::RangeInclusive<u32> = 0..=5_000;
/// Tones: from what is felt to what dogs hear. Hardware PWM makes them exactly.
pub const TONE_HZ: std::ops::RangeInclusive<u32> = 10..=40_000;
/// How much of the time a wave is active: none at all is off.
pub const LEVEL_PERCENT: std::ops::RangeInclusive<u32> = 1..=100;
/// When nobody says otherwise: longer than any contact bounces, shorter than anybody presses.
pub const DEBOUNCE_MS_DEFAULT: u32 = 50;
/// The highest number after a word: zones, tripwires, inputs.
const ZONES: u8 = 8;
const LINES: u8 = 4;
const INPUTS: u8 = PLACES as u8;

/// Name of a line or chip.
pub type LineName = heapless::String<NAME_BYTES_MAX>;

/// Where on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Where {
    /// This pin of the header.
    Pin(u16),
    /// The line of this name in the device tree.
    Line(LineName),
    /// A line of a chip.
    Chip {
        /// The chip's label as the kernel shows it.
        label: LineName,
        /// The line on it.
        offset: u16,
    },
}

/// What switches an output on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// An event, of whatever kind.
    Motion,
    /// Somebody tampers with the camera.
    Tamper,
    /// No frames come.
    Camera,
    /// Clips cannot be written.
    Card,
    /// Motion makes events now.
    Armed,
    /// The product runs.
    Heartbeat,
    /// It is dark where the camera looks.
    Dark,
    /// It is light there.
    Light,
    /// An event with motion in this zone.
    Zone(u8),
    /// Something crosses this tripwire.
    Line {
        /// Its number.
        number: u8,
        /// Only that way.
        way: Option<Way>,
    },
    /// This input is active.
    Input(u8),
}

/// How something crosses a tripwire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From left to right.
    In,
    /// From right to left.
    Out,
}

/// How long an output is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// As long as what switches it, and this much longer.
    Hold {
        /// Milliseconds.
        ms: u32,
    },
    /// So long each time, whatever happens.
    Pulse {
        /// Milliseconds.
        ms: u32,
    },
}

/// What an output does while it is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pattern {
    /// It is active.
    #[default]
    Steady,
    /// Half a second active, half a second not.
    Blink,
    /// The distress call in Morse.
    Sos,
    /// Fast and slow in turn.
    TwoTone,
}

/// Each pattern's word.
pub const PATTERNS: [(&str, Pattern); 4] = [
    ("steady", Pattern::Steady),
    ("blink", Pattern::Blink),
    ("sos", Pattern::Sos),
    ("two-tone", Pattern::TwoTone),
];

/// An output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Where.
    pub place: Where,
    /// What switches it on: any of these.
    pub switches: heapless::Vec<Switch, TRIGGERS_MAX>,
    /// For how long.
    pub stay: Stay,
    /// How.
    pub pattern: Pattern,
    /// Never on for longer at a time, milliseconds.
    pub max_ms: Option<u32>,
    /// Whether a low level is active.
    pub active_low: bool,
    /// Whether it only ever pulls down, and is let go otherwise.
    pub open_drain: bool,
    /// Whether it is active while nobody drives it: at the start, and when the camera's process has died.
    pub initial_on: bool,
    /// What it sounds like, Hz, on a pin with PWM.
    pub tone_hz: Option<u32>,
    /// How much of the time it is active while it is on, on a pin with PWM.
    pub level_percent: Option<u32>,
}

/// What an output is while nobody drives it.
const INITIAL: [(&str, bool); 2] = [("off", false), ("on", true)];

/// What an input is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// When it becomes active that counts as motion.
    Trigger,
    /// Motion counts only while it is active.
    Condition,
    /// Armed only while it is active.
    ArmSwitch,
    /// It is told, and outputs can follow it.
    Doorbell,
    /// It is dark while it is active.
    DarkSensor,
    /// Active for ten seconds: the settings become those of the factory.
    ResetButton,
}

/// Each purpose's word.
pub const PURPOSES: [(&str, Purpose); 6] = [
    ("trigger", Purpose::Trigger),
    ("condition", Purpose::Condition),
    ("arm-switch", Purpose::ArmSwitch),
    ("doorbell", Purpose::Doorbell),
    ("dark-sensor", Purpose::DarkSensor),
    ("reset-button", Purpose::ResetButton),
];

/// What keeps an open contact at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// A resistor to the supply.
    Up,
    /// A resistor to ground.
    Down,
    /// None.
    None,
}

/// Each pull's word.
const PULLS: [(&str, Pull); 3] = [("pull-up", Pull::Up), ("pull-down", Pull::Down), ("no-pull", Pull::None)];

/// An input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where.
    pub place: Where,
    /// What for.
    pub purposes: heapless::Vec<Purpose, 3>,
    /// Whether a low level is active.
    pub active_low: bool,
    /// The chip's resistor, if not as it is.
    pub pull: Option<Pull>,
    /// A change counts after so many milliseconds without another.
    pub debounce_ms: u32,
}

/// The words of a line, one after the other.
type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

impl Output {
    /// Reads `WHERE on WHAT... [hold T|pulse T] [pattern P] [max T] [tone F] [level P] [active-low]
    /// [open-drain] [initial on|off]`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().peekable();
        let place = Where::read(&mut words)?;
        if words.next() != Some("on") {
            return Err("after the place comes 'on' and what switches it, such as 'on motion'".into());
        }
        let switches = heapless::Vec::new();
        let (stay, pattern) = (Stay::Hold { ms: 0 }, Pattern::Steady);
        let mut output = Self {
            place,
            switches,
            stay,
            pattern,
            max_ms: None,
            active_low: false,
            open_drain: false,
            initial_on: false,
            tone_hz: None,
            level_percent: None,
        };
        while let Some(switch) = Switch::read(&mut words)? {
            if output.switches.contains(&switch) {
                return Err(format!("{switch} is given twice"));
            }
            output
                .switches
                .push(switch)
                .map_err(|_| format!("an output is switched by {TRIGGERS_MAX} things at most"))?;
        }
        if output.switches.is_empty() {
            return Err(match words.next() {
                None => "it is not said what switches it".into(),
                Some(word) => format!("{} is nothing that switches an output", shown(word)),
            });
        }
        let mut given = heapless::Vec::new();
        while let Some(word) = words.next() {
            // `hold` and `pulse` are two words for one thing.
            once(&mut given, if word == "pulse" { "hold" } else { word })?;
            match word {
                "hold" => output.stay = Stay::Hold { ms: time(&mut words, word, HOLD_MS)? },
                "pulse" => output.stay = Stay::Pulse { ms: time(&mut words, word, PULSE_MS)? },
                "max" => output.max_ms = Some(time(&mut words, word, MAX_MS)?),
                "pattern" => output.pattern = chosen(words.next(), &PATTERNS, "pattern")?,
                "initial" => output.initial_on = chosen(words.next(), &INITIAL, "initial state")?,
                "tone" => output.tone_hz = Some(amount(&mut words, word, "Hz", TONE_HZ)?),
                "level" => output.level_percent = Some(amount(&mut words, word, "%", LEVEL_PERCENT)?),
                "active-low" => output.active_low = true,
                "open-drain" => output.open_drain = true,
                _ => return Err(format!("{} has no place in an output", shown(word))),
            }
        }
        Ok(output)
    }
}

impl Output {
    /// Whether it alternates between two real tones.
    #[must_use]
    pub fn has_two_tones(&self) -> bool {
        self.pattern == Pattern::TwoTone && self.tone_hz.is_some()
    }
}

impl Input {
    /// Reads `WHERE as PURPOSE... [active-low] [pull-up|pull-down|no-pull] [debounce T]`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace().peekable();
        let place = Where::read(&mut words)?;
        if words.next() != Some("as") {
            return Err("after the place comes 'as' and what it is for, such as 'as trigger'".into());
        }
        let debounce_ms = DEBOUNCE_MS_DEFAULT;
        let mut input =
            Self { place, purposes: heapless::Vec::new(), active_low: false, pull: None, debounce_ms };
        while let Some(purpose) = words.peek().and_then(|word| named(word, &PURPOSES)) {
            words.next();
            if input.purposes.contains(&purpose) {
                return Err(format!("'{purpose}' is given twice"));
            }
            input.purposes.push(purpose).map_err(|_| "an input is for three things at most".to_owned())?;
        }
        if input.purposes.is_empty() {
            return Err(chosen(words.next(), &PURPOSES, "purpose").err().unwrap_or_default());
        }
        if input.purposes.len() > 1 && input.purposes.contains(&Purpose::ResetButton) {
            return Err("a reset-button is for nothing else".into());
        }
        let mut given = heapless::Vec::new();
        while let Some(word) = words.next() {
            let pull = named(word, &PULLS);
            once(&mut given, if pull.is_some() { "pull" } else { word })?;
            match (word, pull) {
                (_, Some(pull)) => input.pull = Some(pull),
                ("active-low", _) => input.active_low = true,
                ("debounce", _) => input.debounce_ms = time(&mut words, word, DEBOUNCE_MS)?,
                _ => return Err(format!("{} has no place in an input", shown(word))),
            }
        }
        Ok(input)
    }

    /// Whether it is for that.
    #[must_use]
    pub fn is(&self, purpose: Purpose) -> bool {
        self.purposes.contains(&purpose)
    }
}

impl Where {
    fn read(words: &mut Words<'_>) -> Result<Self, String> {
        let name = |word: &str| {
            LineName::try_from(word).map_err(|_| format!("{} is too long for a name", shown(word)))
        };
        match words.next() {
            Some("pin") => {
                let word = words.next().ok_or("'pin' wants a number after it")?;
                let number = whole(word).and_then(|number| u16::try_from(number).ok()).filter(|n| *n > 0);
                number.map(Self::Pin).ok_or_else(|| format!("{} is no number of a pin", shown(word)))
            }
            Some("line") => name(words.next().ok_or("'line' wants a name after it")?).map(Self::Line),
            Some(word) => match word.rsplit_once(':') {
                Some((label, offset)) if !label.is_empty() => {
                    let number = whole(offset).and_then(|number| u16::try_from(number).ok());
                    let offset = number.ok_or_else(|| format!("{} is no number of a line", shown(offset)))?;
                    Ok(Self::Chip { label: name(label)?, offset })
                }
                _ => Err(format!("{} is no place: pin N, line NAME or CHIP:OFFSET", shown(word))),
            },
            None => Err("it begins with a place: pin N, line NAME or CHIP:OFFSET".into()),
        }
    }
}

impl Switch {
    /// The next one; nothing when another word comes.
    fn read(words: &mut Words<'_>) -> Result<Option<Self>, String> {
        let Some(&word) = words.peek() else { return Ok(None) };
        let plain = match word {
            "motion" => Self::Motion,
            "tamper" => Self::Tamper,
            "camera" => Self::Camera,
            "card" => Self::Card,
            "armed" => Self::Armed,
            "heartbeat" => Self::Heartbeat,
            "dark" => Self::Dark,
            "light" => Self::Light,
            "zone" | "line" | "input" => {
                words.next();
                return Self::numbered(word, words).map(Some);
            }
            _ => return Ok(None),
        };
        words.next();
        Ok(Some(plain))
    }

    fn numbered(word: &str, words: &mut Words<'_>) -> Result<Self, String> {
        let last = match word {
            "zone" => ZONES,
            "line" => LINES,
            _ => INPUTS,
        };
        let number = words.next().and_then(whole).and_then(|number| u8::try_from(number).ok());
        let number = number
            .filter(|number| (1..=last).contains(number))
            .ok_or_else(|| format!("'{word}' wants a number from 1 to {last} after it"))?;
        Ok(match word {
            "zone" => Self::Zone(number),
            "line" => {
                let way = words.next_if(|word| ["in", "out"].contains(word));
                Self::Line { number, way: way.map(|way| if way == "in" { Way::In } else { Way::Out }) }
            }
            _ => Self::Input(number),
        })
    }
}

/// Refuses what was given before.
fn once<'a>(given: &mut heapless::Vec<&'a str, 8>, word: &'a str) -> Result<(), String> {
    if given.contains(&word) {
        return Err(format!("{} is given twice", shown(word)));
    }
    given.push(word).map_err(|_| "there are too many words".into())
}

fn named<T: Copy>(word: &str, of: &[(&str, T)]) -> Option<T> {
    of.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

fn chosen<T: Copy>(word: Option<&str>, of: &[(&str, T)], what: &str) -> Result<T, String> {
    let names = || of.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let word = word.ok_or_else(|| format!("the {what} is missing: {}", names()))?;
    named(word, of).ok_or_else(|| format!("{} is no {what}: {}", shown(word), names()))
}

/// A time such as `500ms`, `5s` or `2m`, within a range.
fn time(words: &mut Words<'_>, after: &str, range: std::ops::RangeInclusive<u32>) -> Result<u32, String> {
    let said = |ms: u32| Time(ms).to_string();
    let range_words = format!("{} to {}", said(*range.start()), said(*range.end()));
    let word = words.next().ok_or_else(|| format!("'{after}' wants a time after it, {range_words}"))?;
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit_ms = match &word[digits.len()..] {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        _ => None,
    };
    let ms = whole(digits).and_then(|number| number.checked_mul(unit_ms?));
    ms.filter(|ms| range.contains(ms))
        .ok_or_else(|| format!("{} is no time from {range_words}, such as 500ms, 5s or 2m", shown(word)))
}

/// A number with its unit, such as `2500Hz`, within a range.
fn amount(
    words: &mut Words<'_>,
    after: &str,
    unit: &str,
    range: std::ops::RangeInclusive<u32>,
) -> Result<u32, String> {
    let range_words = format!("{}{unit} to {}{unit}", range.start(), range.end());
    let word = words.next().ok_or_else(|| format!("'{after}' wants {range_words} after it"))?;
    let number = word.strip_suffix(unit).and_then(whole).filter(|number| range.contains(number));
    number.ok_or_else(|| format!("{} is not {range_words}", shown(word)))
}

fn whole(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A word of the input, made fit for a message.
fn shown(word: &str) -> String {
    format!("'{}'", printable(word))
}

/// Milliseconds in the largest unit that has no remainder.
struct Time(u32);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ms if ms > 0 && ms.is_multiple_of(60_000) => write!(f, "{}m", ms / 60_000),
            ms if ms.is_multiple_of(1000) => write!(f, "{}s", ms / 1000),
            ms => write!(f, "{ms}ms"),
        }
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin(number) => write!(f, "pin {number}"),
            Self::Line(name) => write!(f, "line {name}"),
            Self::Chip { label, offset } => write!(f, "{label}:{offset}"),
        }
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Motion => f.write_str("motion"),
            Self::Tamper => f.write_str("tamper"),
            Self::Camera => f.write_str("camera"),
            Self::Card => f.write_str("card"),
            Self::Armed => f.write_str("armed"),
            Self::Heartbeat => f.write_str("heartbeat"),
            Self::Dark => f.write_str("dark"),
            Self::Light => f.write_str("light"),
            Self::Zone(number) => write!(f, "zone {number}"),
            Self::Line { number, way: None } => write!(f, "line {number}"),
            Self::Line { number, way: Some(Way::In) } => write!(f, "line {number} in"),
            Self::Line { number, way: Some(Way::Out) } => write!(f, "line {number} out"),
            Self::Input(number) => write!(f, "input {number}"),
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PURPOSES.iter().find(|(_, purpose)| purpose == self).map_or("", |(word, _)| word))
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on", self.place)?;
        self.switches.iter().try_for_each(|switch| write!(f, " {switch}"))?;
        match self.stay {
            Stay::Hold { ms: 0 } => {}
            Stay::Hold { ms } => write!(f, " hold {}", Time(ms))?,
            Stay::Pulse { ms } => write!(f, " pulse {}", Time(ms))?,
        }
        let pattern = PATTERNS.iter().find(|(_, pattern)| *pattern == self.pattern);
        if let Some((word, Pattern::Blink | Pattern::Sos | Pattern::TwoTone)) = pattern {
            write!(f, " pattern {word}")?;
        }
        self.max_ms.map_or(Ok(()), |ms| write!(f, " max {}", Time(ms)))?;
        self.tone_hz.map_or(Ok(()), |hz| write!(f, " tone {hz}Hz"))?;
        self.level_percent.map_or(Ok(()), |percent| write!(f, " level {percent}%"))?;
        f.write_str(if self.active_low { " active-low" } else { "" })?;
        f.write_str(if self.open_drain { " open-drain" } else { "" })?;
        f.write_str(if self.initial_on { " initial on" } else { "" })
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as", self.place)?;
        self.purposes.iter().try_for_each(|purpose| write!(f, " {purpose}"))?;
        f.write_str(if self.active_low { " active-low" } else { "" })?;
        if let Some((word, _)) = PULLS.iter().find(|(_, pull)| Some(*pull) == self.pull) {
            write!(f, " {word}")?;
        }
        match self.debounce_ms {
            DEBOUNCE_MS_DEFAULT => Ok(()),
            ms => write!(f, " debounce {}", Time(ms)),
        }
    }
}
