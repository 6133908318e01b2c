//! What a fuzzer must know to get past the parsers: every name, word and value of the table, in libFuzzer's form.
//!
//! A test holds the file beside the fuzz targets to what is made here. Must not describe a setting.

use super::table::{Kind, SETTINGS, Setting};
use super::wiring::{PATTERNS, PURPOSES};
use std::collections::BTreeSet;

/// The dictionary: an entry on each line.
pub fn dictionary() -> String {
    let words = SETTINGS.iter().flat_map(words_of).chain(PATTERNS.iter().map(|(word, _)| *word));
    let words: BTreeSet<&str> = words.chain(PURPOSES.iter().map(|(word, _)| *word)).collect();
    let mut text = String::from("# Made from the table in firmware/settings/src/table.rs; do not edit.\n");
    for word in words.into_iter().filter(|word| !word.is_empty()) {
        text += &format!("\"{}\"\n", word.replace('\\', "\\\\").replace('"', "\\\""));
    }
    text
}

/// Its name, whole and in parts, its values, and their words.
fn words_of(row: &'static Setting) -> impl Iterator<Item = &'static str> {
    let choices = match row.kind {
        Kind::Choice(words) => words,
        Kind::CameraFormat => row.kind.words(),
        _ => &[],
    };
    let values = [row.default, row.example, row.unit];
    let parts = values.into_iter().flat_map(|value| value.split_whitespace());
    row.name.split('.').chain([row.name]).chain(values).chain(parts).chain(choices.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::dictionary;
    use crate::tests::is_kept;

    #[test]
    fn the_fuzzers_dictionary_is_the_table() {
        let text = dictionary();
        is_kept("fuzz/settings.dict", &text);
        assert!(text.contains("\n\"motion.sensitivity\"\n") && text.contains("\n\"two-tone\"\n"), "{text}");
    }
}
