//! What a power cut may leave of a simulated card, after the rules at the head of `sim_card`.
//!
//! The states of one cut are the same in every run, so that a number names one of them. Must not judge.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use super::sim_card::{Content, Files, Inner, NameChange, Operation, SECTOR_BYTES, SimCard, mix};

/// With at most this many pending things (changes of names, sectors) all combinations are made.
const ALL_COMBINATIONS_MAX: usize = 6;
/// Else this many at random.
const RANDOM_CHOICES: usize = 64;
/// Places at which a file is torn off.
const TORN_PLACES_MAX: usize = 40;
/// Where only some states are wanted, this many are looked at for each, until they differ.
const TRIES_PER_STATE: usize = 3;
/// What content reads as that is not there.
const NOBODYS: [u8; 2] = [0x00, 0xa7];

/// SplitMix64: small, and the same everywhere.
pub(super) struct Random(pub u64);

impl Random {
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0..`end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.draw() % end.max(1) as u64) as usize
    }
}

/// A file that was changed since its last sync.
struct Pending {
    file: usize,
    /// As it was synced, then as each change left it.
    versions: Vec<Rc<Content>>,
    /// The first sector that was changed, and how many from there on.
    first: usize,
    sectors: usize,
    /// Every length that it may have.
    lengths: Vec<usize>,
}

/// What became of a pending file.
#[derive(Clone)]
struct Fate {
    length: usize,
    /// For each changed sector the version of which it is.
    of: Vec<usize>,
    nobodys: u8,
}

/// What became of everything.
#[derive(Clone)]
struct Choice {
    /// How many changes of names have happened.
    names: usize,
    files: Vec<Fate>,
}

/// A power cut after some operations.
pub(super) struct Cut {
    names: BTreeMap<Rc<str>, usize>,
    /// Changes of names that may have happened.
    changes: Vec<NameChange>,
    contents: Vec<Rc<Content>>,
    pending: Vec<Pending>,
}

impl SimCard {
    /// A power cut when the first `at` operations have returned.
    pub fn cut(&self, at: usize) -> Cut {
        let inner = self.inner.borrow();
        let log = &inner.log[..at];
        let durable_to = names_durable_to(log);
        let mut names = inner.names_at_start.clone();
        let mut changes = Vec::new();
        for (position, operation) in log.iter().enumerate() {
            match operation {
                Operation::Names(change) if position < durable_to => change.apply(&mut names),
                Operation::Names(change) => changes.push(change.clone()),
                _ => {}
            }
        }
        let (contents, pending) = data(&inner, log);
        Cut { names, changes, contents, pending }
    }
}

/// Changes of names at positions below this one are durable: rule 2.
fn names_durable_to(log: &[Operation]) -> usize {
    let mut durable = 0;
    for (position, operation) in log.iter().enumerate() {
        let to = match operation {
            Operation::SyncFolder => position,
            Operation::SyncFile { file } => {
                let changes = |operation: &Operation| match operation {
                    Operation::Names(NameChange::Create { file: created, .. }) => created == file,
                    Operation::Data { file: changed, .. } => changed == file,
                    _ => false,
                };
                log[..position].iter().rposition(changes).map_or(0, |last| last + 1)
            }
            _ => continue,
        };
        durable = durable.max(to);
    }
    durable
}

/// The content of every file at the end of the log, and which of them were changed since their last sync.
fn data(inner: &Inner, log: &[Operation]) -> (Vec<Rc<Content>>, Vec<Pending>) {
    let mut contents = inner.at_start.clone();
    let mut changed: BTreeMap<usize, Pending> = BTreeMap::new();
    for operation in log {
        match operation {
            Operation::Names(NameChange::Create { .. }) => contents.push(Rc::default()),
            Operation::SyncFile { file } => drop(changed.remove(file)),
            Operation::Data { file, at, content, is_truncation } => {
                let before = std::mem::replace(&mut contents[*file], content.clone());
                let pending = changed.entry(*file).or_insert_with(|| Pending {
                    file: *file,
                    lengths: vec![before.bytes.len()],
                    versions: vec![before],
                    first: usize::MAX,
                    sectors: 0,
                });
                pending.note(*at, content, *is_truncation);
            }
            _ => {}
        }
    }
    (contents, changed.into_values().collect())
}

impl Pending {
    fn note(&mut self, at: usize, content: &Rc<Content>, is_truncation: bool) {
        let length = content.bytes.len();
        self.versions.push(content.clone());
        self.first = self.first.min(at / SECTOR_BYTES);
        let longest = self.versions.iter().map(|version| version.bytes.len()).max().unwrap_or(0);
        self.sectors = longest.div_ceil(SECTOR_BYTES).saturating_sub(self.first);
        self.lengths.push(length);
        if !is_truncation {
            let ends = (at / SECTOR_BYTES + 1..).map(|sector| sector * SECTOR_BYTES);
            self.lengths.extend(ends.take_while(|end| *end < length));
        }
        self.lengths.sort_unstable();
        self.lengths.dedup();
    }

    /// All sectors of one version.
    fn all(&self, version: usize) -> Fate {
        let length = self.versions[version].bytes.len();
        Fate { length, of: vec![version; self.sectors], nobodys: NOBODYS[0] }
    }

    fn newest(&self) -> Fate {
        self.all(self.versions.len() - 1)
    }

    /// Written in order up to some sector; the length is there, or only what was written.
    fn torn(&self) -> Vec<Fate> {
        let newest = self.newest();
        let mut fates: Vec<_> =
            self.lengths.iter().map(|length| Fate { length: *length, ..newest.clone() }).collect();
        // Of what is long some places must do: each sector of a sealed chunk is as the others.
        for from in (0..self.sectors).step_by(self.sectors.div_ceil(TORN_PLACES_MAX).max(1)) {
            for nobodys in NOBODYS {
                let mut torn = Fate { nobodys, ..newest.clone() };
                torn.of[from..].fill(0);
                fates.push(torn);
            }
        }
        fates
    }

    fn random(&self, random: &mut Random) -> Fate {
        let newest = self.newest();
        // The newest length half of the time: shorter ones hide what was lost.
        let is_newest = random.below(2) == 0;
        let length = if is_newest { newest.length } else { self.lengths[random.below(self.lengths.len())] };
        let of = (0..self.sectors).map(|_| random.below(self.versions.len())).collect();
        Fate { length, of, nobodys: NOBODYS[random.below(NOBODYS.len())] }
    }

    fn content(&self, fate: &Fate) -> Rc<Content> {
        if fate.length == self.versions[0].bytes.len() && fate.of.iter().all(|version| *version == 0) {
            return self.versions[0].clone();
        }
        let mut bytes = vec![fate.nobodys; fate.length];
        for (sector, part) in bytes.chunks_mut(SECTOR_BYTES).enumerate() {
            let version = sector.checked_sub(self.first).and_then(|index| fate.of.get(index)).unwrap_or(&0);
            let there = &self.versions[*version].bytes;
            let from = (sector * SECTOR_BYTES).min(there.len());
            let to = (from + part.len()).min(there.len());
            part[..to - from].copy_from_slice(&there[from..to]);
        }
        Content::new(bytes)
    }
}

impl Cut {
    /// All states of this cut that are taken, without repetition, each with its number: 0 is the card that had finished
    /// everything, 1 the one that had begun nothing which it was not made to.
    pub fn states(&self, seed: u64) -> Vec<(usize, Files)> {
        let choices = self.choices(seed);
        self.different(choices.iter().enumerate(), usize::MAX)
    }

    /// At most `count` of [`Cut::states`]: the first two, and others by chance.
    pub fn some_states(&self, seed: u64, count: usize) -> Vec<(usize, Files)> {
        let choices = self.choices(seed);
        let mut random = Random(!seed);
        let by_chance = (0..count * TRIES_PER_STATE).map(|_| random.below(choices.len()));
        let numbers = [0, 1].into_iter().chain(by_chance);
        self.different(numbers.map(|number| (number, &choices[number])), count)
    }

    fn different<'a>(
        &self,
        choices: impl Iterator<Item = (usize, &'a Choice)>,
        count: usize,
    ) -> Vec<(usize, Files)> {
        let mut seen = HashSet::new();
        let states = choices.map(|(number, choice)| (number, self.state(choice)));
        states.filter(|(_, state)| seen.insert(hash(state))).take(count).collect()
    }

    fn choices(&self, seed: u64) -> Vec<Choice> {
        let newest: Vec<_> = self.pending.iter().map(Pending::newest).collect();
        let oldest: Vec<_> = self.pending.iter().map(|pending| pending.all(0)).collect();
        let all = self.changes.len();
        let mut choices =
            vec![Choice { names: all, files: newest.clone() }, Choice { names: 0, files: oldest.clone() }];
        for names in 0..=all {
            choices.push(Choice { names, files: newest.clone() });
            choices.push(Choice { names, files: oldest.clone() });
        }
        for (index, pending) in self.pending.iter().enumerate() {
            for fate in pending.torn() {
                let mut files = newest.clone();
                files[index] = fate;
                choices.push(Choice { names: all, files });
            }
        }
        let things = all + self.pending.iter().map(|pending| pending.sectors).sum::<usize>();
        if things <= ALL_COMBINATIONS_MAX {
            self.combinations(&newest, &mut choices);
        } else {
            let mut random = Random(seed);
            for _ in 0..RANDOM_CHOICES {
                let names = random.below(all + 1);
                let files = self.pending.iter().map(|pending| pending.random(&mut random)).collect();
                choices.push(Choice { names, files });
            }
        }
        choices
    }

    /// Every first part of the changes of names, with every set of sectors, with every length, with either filling.
    fn combinations(&self, newest: &[Fate], choices: &mut Vec<Choice>) {
        let mut sets = vec![newest.to_vec()];
        for (index, pending) in self.pending.iter().enumerate() {
            let mut more = Vec::new();
            for files in &sets {
                for mask in 0..1_usize << pending.sectors {
                    for length in &pending.lengths {
                        for nobodys in NOBODYS {
                            let newest = pending.versions.len() - 1;
                            let of = (0..pending.sectors).map(|at| (mask >> at & 1) * newest).collect();
                            let mut files = files.clone();
                            files[index] = Fate { length: *length, of, nobodys };
                            more.push(files);
                        }
                    }
                }
            }
            sets = more;
        }
        for names in 0..=self.changes.len() {
            choices.extend(sets.iter().map(|files| Choice { names, files: files.clone() }));
        }
    }

    fn state(&self, choice: &Choice) -> Files {
        let mut names = self.names.clone();
        self.changes[..choice.names].iter().for_each(|change| change.apply(&mut names));
        let content = |file: usize| {
            let pending = self.pending.iter().zip(&choice.files).find(|(pending, _)| pending.file == file);
            pending.map_or_else(|| self.contents[file].clone(), |(pending, fate)| pending.content(fate))
        };
        names.into_iter().map(|(name, file)| (name, content(file))).collect()
    }
}

/// Stands for a state.
pub(super) fn hash(files: &Files) -> u64 {
    let one = |hash, (name, content): (&Rc<str>, &Rc<Content>)| {
        mix(mix(hash, name.as_bytes()), &content.hash().to_le_bytes())
    };
    files.iter().fold(0, one)
}
