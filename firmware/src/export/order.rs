//! What the owner wants exported: read from words, handed from the console to the export in a file, held against names.
//!
//! Must not look at a clip.

use crate::paths;
use crate::record::ClipName;
use crate::wall;
use hours::Zone;
use serde::{Deserialize, Serialize};
use std::io;

/// Which clips.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Those that are not on the stick yet, and the chain: what one wants each time, and done soon when little is new. What is there
    /// was read back when it was written, and is known by name and length.
    New,
    /// All of them and the chain, and what is there already is read and compared.
    All,
    /// The newest of them.
    Newest(u32),
    /// Those from that moment on, microseconds since 1970.
    Since(u64),
    /// The one of this name.
    Clip(String),
}

impl Order {
    /// Reads the words after `clips export`; nothing when they are none of ours. A day is one of that zone; a clip is
    /// not looked for.
    pub fn parse(words: &[&str], zone: &Zone) -> Option<Order> {
        Some(match words {
            [] => Order::New,
            ["all"] => Order::All,
            ["newest", count] => Order::Newest(count.parse().ok().filter(|count| *count > 0)?),
            ["since", day] => Order::Since(wall::day_begins(zone, day)?),
            [clip] if !["newest", "since", "stop"].contains(clip) => Order::Clip((*clip).to_owned()),
            _ => return None,
        })
    }

    /// Whether a clip is meant, but for how many.
    pub fn wants(&self, name: &ClipName) -> bool {
        match self {
            Order::New | Order::All | Order::Newest(_) => true,
            Order::Since(from_us) => name.wall_us() >= *from_us,
            Order::Clip(whole) => name.to_string() == *whole,
        }
    }

    /// How many clips at most.
    pub fn clips_max(&self) -> u64 {
        match self {
            Order::Newest(count) => (*count).into(),
            Order::Clip(_) => 1,
            Order::New | Order::All | Order::Since(_) => u64::MAX,
        }
    }

    /// Whether the stick shall hold everything afterwards; then the chain goes with it.
    pub fn is_everything(&self) -> bool {
        matches!(self, Order::New | Order::All)
    }

    /// Leaves the order for the export.
    ///
    /// # Errors
    /// The run-time folder is full.
    pub fn leave(&self) -> io::Result<()> {
        let aside = format!("{}.new", paths::EXPORT_ORDER);
        std::fs::write(&aside, serde_json::to_vec(self)?)?;
        std::fs::rename(aside, paths::EXPORT_ORDER)
    }

    /// The order that was left.
    ///
    /// # Errors
    /// There is none.
    pub fn read() -> io::Result<Order> {
        Ok(serde_json::from_slice(&std::fs::read(paths::EXPORT_ORDER)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::Order;
    use crate::record::ClipName;
    use hours::Zone;

    #[test]
    fn words_become_an_order_and_nothing_else_does() {
        let day_us = 1_795_392_000_000_000;
        for (words, expected) in [
            (&[][..], Some(Order::New)),
            (&["all"], Some(Order::All)),
            (&["newest", "3"], Some(Order::Newest(3))),
            (&["since", "2026-11-23"], Some(Order::Since(day_us))),
            (&["1486049622"], Some(Order::Clip("1486049622".into()))),
            (&["newest"], None),
            (&["newest", "0"], None),
            (&["newest", "-1"], None),
            (&["since", "2026-02-30"], None),
            (&["since", "yesterday"], None),
            (&["stop"], None),
            (&["all", "all"], None),
        ] {
            assert_eq!(Order::parse(words, &Zone::default()), expected, "{words:?}");
        }
    }

    #[test]
    fn a_day_begins_at_its_midnight() {
        let name = ClipName::parse(b"1486049622_6-161868_door_308-250-346-329_194_344").expect("a name");
        let zone = |text: &str| Zone::parse(text).expect("a zone");
        let wanted_in =
            |words: &[&str], text: &str| Order::parse(words, &zone(text)).expect("an order").wants(&name);
        let wanted = |words: &[&str]| wanted_in(words, "UTC");
        assert!(wanted(&["since", "2017-02-02"]) && !wanted(&["since", "2017-02-03"]));
        // 15:33 UTC: it is the next day already where the clock is nine hours ahead.
        assert!(wanted_in(&["since", "2017-02-03"], "Asia/Tokyo"));
        assert!(wanted(&[&name.to_string()]) && !wanted(&["1486049622"]), "the console makes a name whole");
    }
}
