//! Tab and `?`: what can stand at the cursor, from the tables of commands and of settings.
//!
//! Pure but for whom it asks for names. Must not change anything.

use super::commands::{self, COMMANDS, Command};
use super::grammar::{Form, Word};
use super::terminal::COLUMNS_MAX;
use crate::settings::{Kind, SETTINGS, Setting, table};

/// What only the running system knows.
pub trait Names {
    /// Names of the newest clips.
    fn clips(&self) -> Vec<String>;
    /// The value in force of a setting.
    fn value(&self, setting: &str) -> Option<String>;
}

/// What Tab leads to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// To be put at the cursor.
    pub insert: String,
    /// What it could go on with, where that is not clear: rows, each ended.
    pub choices: String,
}

/// What was typed, cut where the cursor is.
struct Place<'a> {
    /// Whole words before it, the command first.
    words: Vec<&'a str>,
    /// The part of a word just before it; may be empty.
    part: &'a str,
}

impl<'a> Place<'a> {
    fn of(before: &'a str) -> Place<'a> {
        let part = before.rsplit(' ').next().unwrap_or_default();
        let whole =
            before.len().checked_sub(part.len()).and_then(|end| before.get(..end)).unwrap_or_default();
        Place { words: whole.split_whitespace().collect(), part }
    }

    fn command(&self) -> Option<(&'static Command, &[&'a str])> {
        let (name, typed) = self.words.split_first()?;
        Some((commands::find(name)?, typed))
    }

    /// What of a value was typed: its whole words and the part.
    fn value(&self, before: &'a str) -> &'a str {
        let name = self.words.get(1).copied().unwrap_or_default();
        let from = before.find(name).map_or(before.len(), |at| at + name.len());
        before.get(from..).unwrap_or_default().trim_start()
    }
}

/// What Tab does after `before`.
pub fn complete(before: &str, names: &dyn Names) -> Completion {
    let place = Place::of(before);
    let mut found: Vec<(String, usize)> = Vec::new();
    match place.command() {
        None if place.words.is_empty() => {
            found.extend(COMMANDS.iter().map(|command| (command.name.to_owned(), place.part.len())));
        }
        None => {}
        Some((command, typed)) => {
            for word in next_words(command, typed) {
                let part = if word == Word::Value { place.value(before) } else { place.part };
                found.extend(candidates(word, typed, names).into_iter().map(|name| (name, part.len())));
            }
        }
    }
    found.retain(|(name, typed)| {
        before
            .len()
            .checked_sub(*typed)
            .and_then(|from| before.get(from..))
            .is_some_and(|part| name.starts_with(part))
    });
    found.dedup();
    finish(&found)
}

/// The longest text that all candidates go on with; the candidates themselves if there is none.
fn finish(found: &[(String, usize)]) -> Completion {
    let Some((first, typed)) = found.first() else { return Completion::default() };
    let common = found.iter().fold(first.as_str(), |common, (name, _)| {
        let same = common.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        common.get(..same).unwrap_or_default()
    });
    let mut insert = common.get(*typed..).unwrap_or_default().to_owned();
    if found.len() == 1 {
        insert.push(' ');
    }
    let choices =
        if insert.is_empty() { columns(found.iter().map(|(name, _)| name.as_str())) } else { String::new() };
    Completion { insert, choices }
}

/// The words that can come next, each once.
fn next_words(command: &Command, typed: &[&str]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for form in command.forms.iter().filter(|form| form.begins(typed)) {
        if let Some(word) = form.word_at(typed.len())
            && !words.contains(&word)
        {
            words.push(word);
        }
    }
    words
}

fn candidates(word: Word, typed: &[&str], names: &dyn Names) -> Vec<String> {
    let settings = || SETTINGS.iter().map(|row| row.name.to_owned());
    match word {
        Word::Is(word) => vec![word.into()],
        Word::Setting | Word::Settings => settings().collect(),
        Word::Topic => COMMANDS.iter().map(|command| command.name.to_owned()).chain(settings()).collect(),
        Word::Clip => names.clips(),
        Word::Value => values(typed.first().copied().unwrap_or_default(), names),
        Word::Any(_) | Word::Rest(_) => Vec::new(),
    }
}

/// The words that a setting takes, and the value in force: it is often only to be changed a little.
fn values(setting: &str, names: &dyn Names) -> Vec<String> {
    let words = table::find(setting).map(|row| row.value_words()).unwrap_or_default();
    let mut values: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    if table::find(setting).is_some_and(|row| row.kind == Kind::TimeZone) {
        values.extend(hours::zones::names().map(str::to_owned));
    }
    values.extend(names.value(setting).filter(|value| !words.contains(&value.as_str())));
    values.sort();
    values.dedup();
    values
}

/// What `?` after `before` shows: rows, each ended. Nothing where nothing can be said.
pub fn explain(before: &str, names: &dyn Names) -> String {
    let place = Place::of(before);
    let Some((command, typed)) = place.command() else {
        let is_first = place.words.is_empty();
        let commands = COMMANDS.iter().filter(|command| is_first && command.name.starts_with(place.part));
        return commands.map(|command| row(command.name, command.help)).collect();
    };
    let forms = command.forms.iter().filter(|form| form.begins(typed));
    let mut told = Vec::new();
    let mut out = String::new();
    for form in forms {
        match form.word_at(typed.len()) {
            Some(word) if word == Word::Value && told.contains(&word) => {}
            Some(word) => {
                told.push(word);
                out += &explain_word(word, form, command, typed, place.part, names);
            }
            None if form.fits(typed) && place.part.is_empty() => out += &row("<Enter>", help(form, command)),
            None => {}
        }
    }
    out
}

fn explain_word(
    word: Word,
    form: &Form,
    command: &Command,
    typed: &[&str],
    part: &str,
    names: &dyn Names,
) -> String {
    match word {
        Word::Is(word) if !word.starts_with(part) => String::new(),
        Word::Setting | Word::Settings | Word::Topic => {
            let value = |row: &'static Setting| names.value(row.name).unwrap_or_default();
            table::starting_with(part).map(|setting| row(setting.name, &value(setting))).collect()
        }
        Word::Value => {
            let setting = typed.first().copied().unwrap_or_default();
            let Some(found) = table::find(setting) else { return String::new() };
            in_full(found, &names.value(setting).unwrap_or_default())
        }
        Word::Clip => {
            let clips: String = names
                .clips()
                .iter()
                .filter(|name| name.starts_with(part))
                .map(|name| row(name, ""))
                .collect();
            row("CLIP", "the beginning of a clip's name:") + &clips
        }
        word => row(word.shown(), help(form, command)),
    }
}

/// A setting explained, with its value in force.
pub fn in_full(row: &Setting, now: &str) -> String {
    format!("{}  now: {now}\n", row.help_text())
}

/// What a form does: its own words, or those of a command that has but one.
pub fn help(form: &Form, command: &Command) -> &'static str {
    if form.help.is_empty() { command.help } else { form.help }
}

/// A row of two columns.
fn row(name: &str, text: &str) -> String {
    let row = format!("  {name:<26}{text}");
    format!("{}\n", row.trim_end())
}

/// Names side by side, as many as fit.
fn columns<'a>(names: impl Iterator<Item = &'a str> + Clone) -> String {
    let widest = names.clone().map(str::len).max().unwrap_or(0) + 2;
    let per_row = (COLUMNS_MAX / widest).max(1);
    let names: Vec<&str> = names.collect();
    let line = |row: &[&str]| {
        let row: String = row.iter().map(|name| format!("{name:<widest$}")).collect();
        format!("{}\n", row.trim_end())
    };
    names.chunks(per_row).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{Completion, Names, complete, explain};

    struct Known;

    impl Names for Known {
        fn clips(&self) -> Vec<String> {
            vec!["1486049622_6-161868_door_1".into(), "1486049600_1-0_door_2".into()]
        }

        fn value(&self, setting: &str) -> Option<String> {
            (setting == "motion.zone1").then(|| "exclude 0,0 100,0 100,10 0,10".into())
        }
    }

    fn inserted(before: &str) -> String {
        complete(before, &Known).insert
    }

    #[test]
    fn commands_settings_values_and_clips_complete() {
        assert_eq!(inserted("stat"), "us ");
        assert_eq!(inserted("set picture.b"), "ox ");
        assert_eq!(inserted("set picture.box t"), "rue ");
        assert_eq!(inserted("set alarm.mode h"), "old ");
        assert_eq!(inserted("show rec"), "ord.");
        assert_eq!(inserted("clips show 1"), "4860496");
        assert_eq!(inserted("clips show 14860496"), "");
        assert_eq!(inserted("clips show 148604962"), "2_6-161868_door_1 ");
        assert_eq!(inserted("help alarm.p"), "ulse_ms ");
        assert_eq!(inserted("set time.zone Europe/Berl"), "in ");
        assert_eq!(inserted("frobnicate x"), "");
        assert_eq!(inserted("set frobnicate x"), "");
    }

    #[test]
    fn a_value_in_force_is_offered_to_be_changed() {
        assert_eq!(inserted("set motion.zone1 ex"), "clude 0,0 100,0 100,10 0,10 ");
        assert_eq!(inserted("set motion.zone1 exclude 0,0 1"), "00,0 100,10 0,10 ");
        assert_eq!(inserted("set motion.zone1 include"), "");
    }

    #[test]
    fn what_is_not_clear_is_listed_and_fits_the_screen() {
        let Completion { insert, choices } = complete("set alarm.", &Known);
        assert!(
            insert.is_empty() && choices.contains("alarm.mode") && choices.contains("alarm.pulse_ms"),
            "{choices}"
        );
        assert!(!choices.contains("motion"), "{choices}");
        for before in ["", "set ", "help "] {
            let choices = complete(before, &Known).choices;
            assert!(choices.lines().count() > 3 && choices.lines().all(|line| line.len() < 80), "{choices}");
        }
    }

    #[test]
    fn a_question_mark_tells_what_can_come() {
        assert!(explain("", &Known).contains("  status "));
        let set = explain("set motion.", &Known);
        assert!(
            set.contains("motion.sensitivity") && set.contains("exclude 0,0") && !set.contains("alarm."),
            "{set}"
        );
        let value = explain("set motion.sensitivity ", &Known);
        assert!(
            value.contains("a whole number from 1 to 100, default 50") && value.contains("now:"),
            "{value}"
        );
        let clips = explain("clips ", &Known);
        assert!(clips.contains("protect") && clips.contains("<Enter>"), "{clips}");
        let clip = explain("clips show ", &Known);
        assert!(clip.contains("1486049600_1-0_door_2") && !clip.contains("protect"), "{clip}");
        assert_eq!(explain("frobnicate ", &Known), "");
        assert!(explain("status ", &Known).contains("<Enter>"));
    }
}
