//! The names of time zones, and the rule that each follows.
//!
//! The table is text, made by `zones.sh` from Debian's tzdata; a test holds it against another copy. It has today's rules and no
//! history. Must not know what a rule means.

/// A line for each rule: the rule, then the names of the zones that follow it.
static TABLE: &str = include_str!("zones.txt");

/// Zones that do not follow one rule: clocks that go by the moon, and those that leave out a turn before they follow theirs (Cuba's
/// in 2026). They are known to be an hour off for some weeks. A test holds that it is these and no others.
pub const WITHOUT_ONE_RULE: &[&str] = &["America/Havana", "Asia/Gaza", "Asia/Hebron", "Cuba"];

/// Every name, those of one rule together.
pub fn names() -> impl Iterator<Item = &'static str> {
    rows().flat_map(|(_, names)| names)
}

/// The name as it is written, and its rule; capitals do not matter.
pub fn find(name: &str) -> Option<(&'static str, &'static str)> {
    rows().find_map(|(rule, mut names)| Some((names.find(|known| known.eq_ignore_ascii_case(name))?, rule)))
}

fn rows() -> impl Iterator<Item = (&'static str, std::str::SplitAsciiWhitespace<'static>)> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        Some((words.next()?, words))
    })
}

#[cfg(test)]
mod tests {
    use super::{WITHOUT_ONE_RULE, find, names};

    #[test]
    fn names_are_unique_and_found_whatever_their_capitals() {
        let mut all: Vec<_> = names().map(str::to_ascii_lowercase).collect();
        assert!(all.len() > 500, "{}", all.len());
        assert!(all.iter().all(|name| find(name).is_some()));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), names().count());
        assert_eq!(find("europe/BERLIN"), Some(("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3")));
        assert_eq!(find("Europe/Berlim"), None);
        assert!(WITHOUT_ONE_RULE.iter().all(|name| find(name).is_some()));
    }
}
