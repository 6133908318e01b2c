//! Merges TOML files while remembering which file and line each value came from.
//!
//! The merged tree is written out again as TOML, one key per line, beside a table of where each line came from. The
//! profile is then parsed from that text, so that a parser's error position leads back to the line a person wrote.
//! Knows nothing about boards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::Error;

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub path: PathBuf,
    /// Line, from 1.
    pub line: usize,
}

impl Origin {
    /// An error at this place.
    pub fn error(&self, message: impl Into<String>) -> Error {
        Error::At { path: self.path.clone(), line: self.line, message: message.into() }
    }
}

/// A value with its origin.
#[derive(Debug, Clone)]
pub struct Node {
    pub origin: Origin,
    pub value: Value,
}

/// TOML's values; leaves stay as they were written.
#[derive(Debug, Clone)]
pub enum Value {
    Leaf(String),
    Array(Vec<Node>),
    Table(BTreeMap<String, Node>),
}

/// Parses one file's text.
pub fn parse(path: &Path, text: &str) -> Result<Node, Error> {
    let at = |offset: usize| Origin { path: path.to_owned(), line: line_of(text, offset) };
    let table = DeTable::parse(text).map_err(|error| {
        at(error.span().map_or(0, |span| span.start)).error(error.message().replace('\n', " "))
    })?;
    Ok(Node { origin: at(0), value: from_table(table.get_ref(), text, &at) })
}

/// Line of a byte offset, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

fn from_table(table: &DeTable<'_>, text: &str, at: &impl Fn(usize) -> Origin) -> Value {
    Value::Table(
        table
            .iter()
            .map(|(key, value)| {
                let node = Node {
                    origin: at(key.span().start),
                    value: from_value(value.get_ref(), value.span(), text, at),
                };
                (key.get_ref().to_string(), node)
            })
            .collect(),
    )
}

fn from_value(
    value: &DeValue<'_>,
    span: std::ops::Range<usize>,
    text: &str,
    at: &impl Fn(usize) -> Origin,
) -> Value {
    match value {
        DeValue::Table(table) => from_table(table, text, at),
        DeValue::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| Node {
                    origin: at(item.span().start),
                    value: from_value(item.get_ref(), item.span(), text, at),
                })
                .collect(),
        ),
        _ => Value::Leaf(text.get(span).unwrap_or_default().to_owned()),
    }
}

/// Puts `over` on top of `base`: tables are merged key by key, anything else is replaced whole.
pub fn merge(base: Node, over: Node) -> Node {
    match (base.value, over.value) {
        (Value::Table(mut below), Value::Table(above)) => {
            for (key, node) in above {
                let merged = match below.remove(&key) {
                    Some(old) => merge(old, node),
                    None => node,
                };
                below.insert(key, merged);
            }
            Node { origin: over.origin, value: Value::Table(below) }
        }
        (_, value) => Node { origin: over.origin, value },
    }
}

impl Node {
    /// The node at a path of keys and, in arrays, decimal indices.
    pub fn get(&self, path: &[&str]) -> Option<&Node> {
        let Some((first, rest)) = path.split_first() else { return Some(self) };
        match &self.value {
            Value::Table(table) => table.get(*first)?.get(rest),
            Value::Array(items) => items.get(first.parse::<usize>().ok()?)?.get(rest),
            Value::Leaf(_) => None,
        }
    }

    /// Parses the tree into a type, with errors at the line a person wrote.
    pub fn deserialize<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        let mut emitted = Emitted::default();
        if let Value::Table(table) = &self.value {
            for (key, node) in table {
                emitted.entry(key, node, "");
            }
        }
        toml::from_str(&emitted.text).map_err(|error| {
            let message = error.message().replace('\n', " ");
            match error.span() {
                Some(span) if span.end > 0 => {
                    let line = line_of(&emitted.text, span.start);
                    emitted.origins.get(line - 1).unwrap_or(&self.origin).error(message)
                }
                _ => Error::In { path: self.origin.path.clone(), message },
            }
        })
    }
}

/// TOML text and, for each of its lines, where that came from.
#[derive(Default)]
struct Emitted {
    text: String,
    origins: Vec<Origin>,
}

impl Emitted {
    fn line(&mut self, origin: &Origin, text: &str) {
        // A multi-line string spans several lines of the output; all of them have one origin.
        for line in text.split('\n') {
            self.text.push_str(line);
            self.text.push('\n');
            self.origins.push(origin.clone());
        }
    }

    fn entry(&mut self, key: &str, node: &Node, end: &str) {
        let key = toml::Value::String(key.to_owned());
        self.value(&format!("{key} = "), node, end);
    }

    fn value(&mut self, prefix: &str, node: &Node, end: &str) {
        match &node.value {
            Value::Leaf(text) => self.line(&node.origin, &format!("{prefix}{text}{end}")),
            Value::Array(items) => {
                self.line(&node.origin, &format!("{prefix}["));
                for item in items {
                    self.value("", item, ",");
                }
                self.line(&node.origin, &format!("]{end}"));
            }
            Value::Table(table) => {
                self.line(&node.origin, &format!("{prefix}{{"));
                for (key, item) in table {
                    self.entry(key, item, ",");
                }
                self.line(&node.origin, &format!("}}{end}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{merge, parse};

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        list: Vec<u8>,
        table: Inner,
        text: String,
    }

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        one: u8,
        two: u8,
    }

    fn sample(over: &str) -> Result<Sample, String> {
        let base =
            parse(Path::new("base.toml"), "list = [1, 2]\ntext = '''a\nb'''\n[table]\none = 1\ntwo = 2\n")
                .map_err(|error| error.to_string())?;
        let over = parse(Path::new("over.toml"), over).map_err(|error| error.to_string())?;
        merge(base, over).deserialize().map_err(|error| error.to_string())
    }

    #[test]
    fn tables_merge_and_lists_are_replaced() {
        let got = sample("list = [3]\ntable.two = 0x10\n").expect("valid");
        assert_eq!(
            got,
            Sample { list: vec![3], table: Inner { one: 1, two: 16 }, text: "a\nb".to_owned() },
            "what the base says and nobody overrides stays"
        );
    }

    #[test]
    fn errors_name_the_line_of_the_file_that_holds_it() {
        for (over, expected) in [
            ("list = [3]\n\n[table]\nthree = 3\n", "over.toml:4: unknown field `three`"),
            ("[table]\none = 300\n", "over.toml:2: invalid value: integer `300`"),
            ("list = [\n 1,\n 'x',\n]\n", "over.toml:3: invalid type: string \"x\""),
            ("\nlist = [\n", "over.toml:2: unclosed array"),
            ("a = 1\na = 2\n", "over.toml:2: duplicate key"),
        ] {
            let error = sample(over).expect_err(over);
            assert!(error.starts_with(expected), "{over:?} gave {error}");
        }
    }

    #[test]
    fn missing_fields_name_the_file_and_in_a_table_the_line() {
        #[derive(serde::Deserialize, Debug)]
        struct Outer {
            #[allow(dead_code)]
            table: Inner,
        }
        let read = |text| {
            parse(Path::new("a.toml"), text)
                .and_then(|node| node.deserialize::<Outer>())
                .expect_err("incomplete")
                .to_string()
        };
        assert_eq!(read("x = 1\n"), "a.toml: missing field `table`");
        assert_eq!(read("\n[table]\none = 1\n"), "a.toml:2: missing field `two`");
    }
}
