//! What was found, as a person reads it.

use std::collections::BTreeMap;
use std::fmt;

use evidence::{Chain, Hash, Why};

/// How one clip was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it was recorded, to the byte.
    Unaltered,
    /// The device deleted it, and said why, in the link of this number.
    Removed(Why, u64),
    /// A file of it is gone, and the device did not delete it.
    Missing(String),
    /// A file of it is not what it was.
    Altered(String),
    /// A file of it cannot be read.
    Unreadable(String, String),
    /// No link tells of it: it was recorded last and the power was cut, or it does not come from this device.
    NotChained,
}

/// The outcome of a check.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The numbers of the first and the last link.
    pub links: Option<(u64, u64)>,
    /// The last link's hash.
    pub head: Option<Hash>,
    /// What is wrong with the chain itself, a sentence each.
    pub chain_faults: Vec<String>,
    /// Bytes of a link that a power cut tore.
    pub torn_bytes: usize,
    /// What the head that was asked for gave: a sentence, and the number of its link if it was found.
    pub asked: Option<(Option<u64>, String)>,
    /// The link that lets the beginning of the chain go, where it does not begin with its first.
    pub let_go_by: Option<u64>,
    /// The clips by name.
    pub clips: BTreeMap<String, Finding>,
}

impl Report {
    /// What the chain itself says; the clips are added by [`Report::add`].
    pub(super) fn of(chain: &Chain, head: Option<&str>) -> Self {
        let links = chain.first().zip(chain.head().map(|(last, _)| last));
        let mut chain_faults: Vec<String> = chain.faults.iter().map(ToString::to_string).collect();
        let let_go_by = chain.beginning_said_by();
        if let (Some((first @ 2.., _)), None) = (links, let_go_by) {
            chain_faults
                .push(format!("the chain begins at link {first}, and no link lets what was before it go"));
        }
        Self {
            links,
            head: chain.head().map(|(_, hash)| hash),
            chain_faults,
            torn_bytes: chain.torn_bytes,
            asked: head.map(|head| asked(chain, head, links)),
            let_go_by,
            clips: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, name: &str, finding: Finding) {
        self.clips.insert(name.to_owned(), finding);
    }

    /// Whether every clip that is there is as it was recorded, none is missing, and a head that was asked for was found.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let is_good = |finding: &Finding| matches!(finding, Finding::Unaltered | Finding::Removed(..));
        self.chain_faults.is_empty()
            && self.asked.as_ref().is_none_or(|(found, _)| found.is_some())
            && self.clips.values().all(is_good)
    }

    /// Whether what this link says is vouched for by the head that was noted; without one, by nobody, which is said anyway.
    fn is_behind_noted(&self, link: u64) -> bool {
        self.asked.as_ref().and_then(|(found, _)| *found).is_some_and(|noted| link > noted)
    }

    /// What only the card says: whoever holds it can write links behind the head that was noted.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(link) = self.let_go_by.filter(|link| self.is_behind_noted(*link)) {
            notes.push(format!("link {link} lets the beginning of the chain go, with the clips it told of"));
        }
        for (name, finding) in &self.clips {
            if let Finding::Removed(why, link) = finding
                && self.is_behind_noted(*link)
            {
                let why = match why {
                    Why::Room => "to make room",
                    Why::Age => "for its age",
                    Why::Owner => "by its owner",
                };
                notes.push(format!("link {link} says that {name} was deleted {why}"));
            }
        }
        notes
    }

    fn count(&self, is_it: impl Fn(&Finding) -> bool) -> usize {
        self.clips.values().filter(|finding| is_it(finding)).count()
    }
}

fn asked(chain: &Chain, head: &str, links: Option<(u64, u64)>) -> (Option<u64>, String) {
    match (chain.find(head), links) {
        (Some(number), Some((_, last))) if number == last => {
            (Some(number), format!("it is the head, link {number}"))
        }
        (Some(number), _) => {
            (Some(number), format!("it is link {number}: all links up to it are those that the device wrote"))
        }
        (None, Some((first, _))) if first > 1 => (
            None,
            format!(
                "it is none of the links from {first} on: the chain was written anew, or the head is from before its \
                 beginning was let go with the clips it told of"
            ),
        ),
        (None, _) => (None, "it is no link of this chain: the chain was written anew".to_owned()),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some((first, last)), Some(head)) = (self.links, self.head) {
            writeln!(f, "chain   links {first} to {last}, head {head}")?;
        }
        if self.torn_bytes > 0 {
            writeln!(
                f,
                "        the last {} bytes are a link that a power cut tore: no fault",
                self.torn_bytes
            )?;
        }
        self.chain_faults.iter().try_for_each(|fault| writeln!(f, "FAULT   {fault}"))?;
        if let Some((found, sentence)) = &self.asked {
            writeln!(
                f,
                "{}   the head that was noted: {sentence}",
                if found.is_some() { "noted" } else { "FAULT" }
            )?;
        }
        for (name, finding) in &self.clips {
            match finding {
                Finding::Unaltered | Finding::Removed(..) => {}
                Finding::Missing(file) => {
                    writeln!(f, "FAULT   {file} is missing, and the device did not delete it")?
                }
                Finding::Altered(file) => writeln!(f, "FAULT   {file} is not what the device wrote")?,
                Finding::Unreadable(file, error) => writeln!(f, "FAULT   {file} cannot be read: {error}")?,
                Finding::NotChained => writeln!(
                    f,
                    "FAULT   {name} is in no link: the power was cut before it could be added, or it is not from this device"
                )?,
            }
        }
        let notes = self.notes();
        notes.iter().try_for_each(|note| {
            writeln!(f, "note    {note}, after the head that was noted: only this card says so")
        })?;
        let unaltered = self.count(|finding| *finding == Finding::Unaltered);
        let removed = self.count(|finding| matches!(finding, Finding::Removed(..)));
        writeln!(f, "clips   {unaltered} as they were recorded, {removed} deleted by the device")?;
        match self.is_good() {
            true if self.asked.is_some() && notes.is_empty() => {
                writeln!(f, "good    nothing is missing or altered up to the head that was noted")
            }
            true if self.asked.is_some() => {
                writeln!(
                    f,
                    "good    nothing is altered up to the head that was noted, and what is missing is in the notes above"
                )
            }
            true => writeln!(
                f,
                "good    nothing is missing or altered, if this is the chain that the device wrote: hold its head against \
                 one that you noted from `status`"
            ),
            false => writeln!(f, "BAD     see the faults above"),
        }
    }
}
