//! The frame ledger as the firmware prints it, read back and added up here.

use crate::Failure;

/// One reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Frames from the driver.
    pub captured: u64,
    /// Frames in clips.
    pub recorded: u64,
    /// Frames of no event.
    pub skipped: u64,
    /// Frames lost.
    pub dropped: u64,
    /// Frames not decided yet.
    pub held: u64,
    /// Losses by name.
    pub losses: Vec<(String, u64)>,
}

impl Ledger {
    /// Reads the last ledger in `text`: `captured A = recorded B + skipped C + dropped D + held E`, then the losses either
    /// in brackets (status) or after `; dropped:` (final ledger).
    pub fn last_in(text: &str) -> Result<Ledger, Failure> {
        let at = text.rfind("captured ").ok_or("there is no ledger")?;
        let line = text[at..].lines().next().unwrap_or_default();
        let after = |word: &str| -> Result<u64, Failure> {
            let rest = line.split_once(word).ok_or_else(|| format!("`{word}` is missing in: {line}"))?.1;
            Ok(rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse()?)
        };
        let list =
            line.split_once("dropped:").map(|(_, l)| l).or_else(|| line.split_once('(').map(|(_, l)| l));
        let losses = list.unwrap_or_default().trim_end_matches(')').split(',').filter_map(|item| {
            let (name, count) = item.trim().rsplit_once(' ')?;
            Some((name.to_owned(), count.parse().ok()?))
        });
        Ok(Ledger {
            captured: after("captured ")?,
            recorded: after("recorded ")?,
            skipped: after("skipped ")?,
            dropped: after("dropped ")?,
            held: after("held ")?,
            losses: losses.collect(),
        })
    }

    /// Frames lost for this reason.
    pub fn lost(&self, name: &str) -> u64 {
        self.losses.iter().find(|(n, _)| n == name).map_or(0, |(_, count)| *count)
    }

    /// Whether it adds up, losses included.
    pub fn balances(&self) -> bool {
        let listed: u64 = self.losses.iter().map(|(_, n)| n).sum();
        self.captured == self.recorded + self.skipped + self.dropped + self.held && listed == self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    #[test]
    fn both_forms_are_read() {
        let status =
            "frames    captured 10 = recorded 3 + skipped 4 + dropped 2 + held 1 (card full 1, damaged 1)\n";
        let last = "ledger: captured 10 = recorded 3 + skipped 4 + dropped 2 + held 1; dropped: card full 1, damaged 1";
        for text in [status, last] {
            let ledger = Ledger::last_in(text).expect("a ledger");
            assert!(ledger.balances(), "{ledger:?}");
            assert_eq!((ledger.lost("card full"), ledger.lost("damaged"), ledger.lost("memory")), (1, 1, 0));
        }
        assert!(!Ledger { captured: 1, ..Ledger::default() }.balances());
    }
}
