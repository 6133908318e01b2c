//! Settings as a TOML document: `kerberos.toml`, and the text in the raw slots.
//!
//! Reading never fails as a whole: what is wrong becomes a complaint with its line, everything else counts. Must not
//! do I/O and must not describe a setting: names, ranges and help come from the table.

use std::fmt;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::table::{Kind, SETTINGS, Setting, find};
use super::values::{SettingError, Settings, printable};

/// The longest document read: several times the full template; a longer one is not ours.
pub const DOCUMENT_BYTES_MAX: usize = 32 * 1024;
/// The most complaints kept about one document, so that a wrong file cannot flood the console.
const COMPLAINTS_MAX: usize = 16;

/// Something wrong in a document, and what is in force instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Which document, as the caller named it.
    pub source: String,
    /// Line, counted from 1.
    pub line: usize,
    /// One or two plain sentences.
    pub message: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}: {}", self.source, self.line, self.message)
    }
}

/// What reading a document gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The settings in force.
    pub settings: Settings,
    /// What was wrong, in the order of the document; at most 17.
    pub complaints: Vec<Complaint>,
}

/// Reads a document on top of the defaults.
pub fn from_toml(text: &str, source: &str) -> Reading {
    apply_toml(&Settings::default(), text, source)
}

/// Reads a document of unknown origin on top of `base`: not even UTF-8 is taken for granted.
pub fn apply_bytes(base: &Settings, bytes: &[u8], source: &str) -> Reading {
    match std::str::from_utf8(bytes) {
        Ok(text) => apply_toml(base, text, source),
        Err(error) => {
            let line = line_at(bytes, error.valid_up_to());
            let message = "This is not UTF-8 text. Nothing of this document is used.".into();
            Reading {
                settings: base.clone(),
                complaints: vec![Complaint { source: source.into(), line, message }],
            }
        }
    }
}

/// Reads a document on top of `base`. A setting that is wrong keeps its value from `base`; where the document is not
/// TOML at all, everything does.
pub fn apply_toml(base: &Settings, text: &str, source: &str) -> Reading {
    let mut reader = Reader { base, settings: base.clone(), text, found: Vec::new() };
    if text.len() > DOCUMENT_BYTES_MAX {
        let message =
            format!("The document is longer than {DOCUMENT_BYTES_MAX} bytes. Nothing of it is used.");
        reader.complain(0, message);
    } else {
        match DeTable::parse(text) {
            Ok(table) => reader.table("", table.get_ref()),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                let message =
                    format!("This is not TOML: {}. Nothing of this document is used.", error.message());
                reader.complain(at, message);
            }
        }
    }
    reader.finish(source)
}

struct Reader<'a> {
    base: &'a Settings,
    settings: Settings,
    text: &'a str,
    /// Byte offset and message.
    found: Vec<(usize, String)>,
}

impl Reader<'_> {
    /// One table: settings are applied, sub-tables entered. The depth is that of the table's names, whatever the input.
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            let inner = format!("{name}.");
            match (find(&name), value.get_ref()) {
                (Some(row), value_ref) => self.value(row, value_ref, value.span()),
                (None, DeValue::Table(table)) if SETTINGS.iter().any(|row| row.name.starts_with(&inner)) => {
                    self.table(&inner, table);
                }
                (None, _) => {
                    self.complain(
                        key.span().start,
                        format!("{} It is ignored.", SettingError::unknown(&name)),
                    );
                }
            }
        }
    }

    fn value(&mut self, row: &'static Setting, value: &DeValue<'_>, span: Range<usize>) {
        let stays = self.base.get(row.name).unwrap_or_default();
        match text_of(row.kind, value) {
            None => {
                // It may be a secret key.
                let found = match row.kind {
                    Kind::Key | Kind::Password => "what is there".into(),
                    _ => self.text.get(span.clone()).map(printable).unwrap_or_default(),
                };
                let form = toml_form(row.kind);
                let message =
                    format!("{} must be {}, written as {form}, not {found}.", row.name, row.allowed());
                self.complain(span.start, format!("{message} {stays} stays in force."));
            }
            Some(text) => {
                if let Err(error) = self.settings.set(row.name, &text) {
                    self.complain(span.start, format!("{error} {stays} stays in force."));
                }
            }
        }
    }

    fn complain(&mut self, at: usize, message: String) {
        self.found.push((at, message));
    }

    fn finish(mut self, source: &str) -> Reading {
        self.found.sort_by_key(|(at, _)| *at);
        let surplus = self.found.len().saturating_sub(COMPLAINTS_MAX);
        if let Some((at, _)) = self.found.get(COMPLAINTS_MAX) {
            let summary = (*at, format!("{surplus} more faults from here on are not shown."));
            self.found.truncate(COMPLAINTS_MAX);
            self.found.push(summary);
        }
        let complaint = |(at, message)| {
            let line = line_at(self.text.as_bytes(), at);
            Complaint { source: source.into(), line, message }
        };
        Reading { settings: self.settings, complaints: self.found.into_iter().map(complaint).collect() }
    }
}

/// The typed form of a TOML value, if its TOML type fits the kind.
fn text_of(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    match (kind, value) {
        (Kind::Bool, DeValue::Boolean(value)) => Some(value.to_string()),
        (Kind::Integer { .. }, DeValue::Integer(value)) => {
            // A number beyond i64 stays as written: the range check refuses it with the same sentence.
            let number = i64::from_str_radix(value.as_str(), value.radix());
            Some(number.map_or_else(|_| value.as_str().into(), |number| number.to_string()))
        }
        (Kind::Bool | Kind::Integer { .. }, _) => None,
        (_, DeValue::String(value)) => Some(value.to_string()),
        _ => None,
    }
}

/// How a value of this kind is written in TOML.
fn toml_form(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "true or false without quotes",
        Kind::Integer { .. } => "a number without quotes",
        _ => "text in quotes",
    }
}

fn line_at(bytes: &[u8], at: usize) -> usize {
    bytes.iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

/// The document that holds exactly what differs from the defaults, in table order.
///
/// `from_toml(to_toml(s)).settings == s` for every `s` whose values the table allows.
pub fn to_toml(settings: &Settings) -> String {
    settings.changed().filter_map(|(name, value)| Some(toml_line(find(name)?, &value))).collect()
}

/// One line. No value can hold a quote or a backslash, so none needs escaping.
fn toml_line(row: &Setting, value: &str) -> String {
    match row.kind {
        Kind::Bool | Kind::Integer { .. } => format!("{} = {value}\n", row.name),
        _ => format!("{} = \"{value}\"\n", row.name),
    }
}

/// The commented `kerberos.toml` for the card: every setting with help, range and default, none of them in force.
pub fn template() -> String {
    let mut text = String::from(
        "# Settings of this camera. To change one, remove the '#' before its name and give a new value.\n\
         # They are taken over at the next start, once for each change of this file.\n\
         # Settings without a value here keep the one that was set on the console.\n",
    );
    for row in SETTINGS {
        let line = toml_line(row, row.default);
        text +=
            &format!("\n# {}\n# Allowed: {}. Default: {}.\n#{line}", row.help, row.allowed(), row.default);
    }
    text
}
