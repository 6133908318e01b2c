//! What was found, as a person reads it.

use std::collections::BTreeMap;
use std::fmt;

use evidence::{Chain, Hash, Why};

/// How one clip was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// As it was recorded, to the byte.
    Unaltered,
    /// The device deleted it, and said why.
    Removed(Why),
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
    /// What the head that was asked for gave: a sentence, and whether it was found.
    pub asked: Option<(bool, String)>,
    /// The clips by name.
    pub clips: BTreeMap<String, Finding>,
}

impl Report {
    /// What the chain itself says; the clips are added by [`Report::add`].
    pub(super) fn of(chain: &Chain, head: Option<&str>) -> Self {
        let links = chain.first().zip(chain.head().map(|(last, _)| last));
        Self {
            links,
            head: chain.head().map(|(_, hash)| hash),
            chain_faults: chain.faults.iter().map(ToString::to_string).collect(),
            torn_bytes: chain.torn_bytes,
            asked: head.map(|head| asked(chain, head, links)),
            clips: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, name: &str, finding: Finding) {
        self.clips.insert(name.to_owned(), finding);
    }

    /// Whether every clip that is there is as it was recorded, none is missing, and a head that was asked for was found.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let is_good = |finding: &Finding| matches!(finding, Finding::Unaltered | Finding::Removed(_));
        self.chain_faults.is_empty()
            && self.asked.as_ref().is_none_or(|(is_found, _)| *is_found)
            && self.clips.values().all(is_good)
    }

    fn count(&self, is_it: impl Fn(&Finding) -> bool) -> usize {
        self.clips.values().filter(|finding| is_it(finding)).count()
    }
}

fn asked(chain: &Chain, head: &str, links: Option<(u64, u64)>) -> (bool, String) {
    match (chain.find(head), links) {
        (Some(number), Some((_, last))) if number == last => (true, format!("it is the head, link {number}")),
        (Some(number), _) => {
            (true, format!("it is link {number}: all links up to it are those that the device wrote"))
        }
        (None, Some((first, _))) if first > 1 => (
            false,
            format!(
                "it is none of the links from {first} on: the chain was written anew, or the head is from before its \
                 beginning was let go with the clips it told of"
            ),
        ),
        (None, _) => (false, "it is no link of this chain: the chain was written anew".to_owned()),
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
        if let Some((is_found, sentence)) = &self.asked {
            writeln!(
                f,
                "{}   the head that was noted: {sentence}",
                if *is_found { "noted" } else { "FAULT" }
            )?;
        }
        for (name, finding) in &self.clips {
            match finding {
                Finding::Unaltered | Finding::Removed(_) => {}
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
        let unaltered = self.count(|finding| *finding == Finding::Unaltered);
        let removed = self.count(|finding| matches!(finding, Finding::Removed(_)));
        writeln!(f, "clips   {unaltered} as they were recorded, {removed} deleted by the device")?;
        match self.is_good() {
            true if self.asked.is_some() => {
                writeln!(f, "good    nothing is missing or altered up to the head that was noted")
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
