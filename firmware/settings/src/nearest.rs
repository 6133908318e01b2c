//! The nearest name: what somebody probably meant to type.
//!
//! Must not decide anything: a suggestion is shown, never used.

/// The longest name worth a suggestion: nobody misspells a setting at this length, and the work stays bounded.
const TYPED_CHARS_MAX: usize = 48;

/// The one of `names` that is nearest to `typed`, if it is near enough to be meant.
///
/// The last part of a dotted name alone is compared too: `sensitivity` means `motion.sensitivity`.
pub fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_of(typed, names, '.')
}

/// The time zone whose name is nearest to `typed`: `Berlin` means `Europe/Berlin`.
pub(super) fn nearest_zone(typed: &str) -> Option<&'static str> {
    // The place alone: a misspelt one must not be taken for another's continent.
    let place = typed.rsplit('/').next().unwrap_or(typed);
    let of_place = |name: &&str| name.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(place));
    hours::zones::names().find(of_place).or_else(|| nearest_of(typed, hours::zones::names(), '/'))
}

fn nearest_of<'a>(typed: &str, names: impl Iterator<Item = &'a str>, separator: char) -> Option<&'a str> {
    if typed.is_empty() || typed.len() > TYPED_CHARS_MAX {
        return None;
    }
    let distance = |name: &str| {
        let last = name.rsplit(separator).next().unwrap_or(name);
        edit_distance(typed, name).min(edit_distance(typed, last))
    };
    let near_enough = 1 + typed.len() / 4;
    let (name, distance) = names.map(|name| (name, distance(name))).min_by_key(|(_, d)| *d)?;
    (distance <= near_enough).then_some(name)
}

/// Levenshtein's edit distance in bytes, with one row of the matrix (R. Wagner and M. Fischer,
/// "The String-to-String Correction Problem", J. ACM 21(1), 1974).
fn edit_distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, byte_a) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, byte_b) in row.iter_mut().skip(1).zip(b.bytes()) {
            let replaced = diagonal + usize::from(!byte_a.eq_ignore_ascii_case(&byte_b));
            diagonal = *cell;
            left = replaced.min(*cell + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(a.len())
}

#[cfg(test)]
mod tests {
    use super::{edit_distance, nearest_zone};
    use crate::SETTINGS;

    fn nearest(typed: &str) -> Option<&'static str> {
        super::nearest(typed, SETTINGS.iter().map(|row| row.name))
    }

    #[test]
    fn distance_of_known_pairs() {
        for (a, b, distance) in
            [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "SAME", 0)]
        {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
        }
    }

    #[test]
    fn suggests_only_what_is_near() {
        assert_eq!(nearest("motion.sensitivty"), Some("motion.sensitivity"));
        assert_eq!(nearest("sensitivity"), Some("motion.sensitivity"));
        assert_eq!(nearest("Armed"), Some("armed"));
        assert_eq!(nearest("frobnicate"), None);
        assert_eq!(nearest(&"a".repeat(10_000)), None);
    }

    #[test]
    fn a_misspelt_zone_is_guessed_by_its_place() {
        for (typed, meant) in [
            ("Berlin", Some("Europe/Berlin")),
            ("Europe/Berlim", Some("Europe/Berlin")),
            ("Germany/Berlin", Some("Europe/Berlin")),
            ("america/new-york", Some("America/New_York")),
            ("sidney", Some("Australia/Sydney")),
            ("Lord Howe", Some("Australia/Lord_Howe")),
            ("utz", Some("Etc/UTC")),
            ("qwertyuiop", None),
        ] {
            assert_eq!(nearest_zone(typed), meant, "{typed}");
        }
    }
}
