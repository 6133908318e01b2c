//! The rules of the simulated card (firmware/src/record/tests/sim_card.rs), said once more for a card that is real.
//!
//! There they make every state that a power cut may leave; here they judge one that the kernel's ext4 did leave. Both name the rules by the same
//! numbers: who changes one changes the other. It must not know what a clip is, nor how a file system works.

use image_builder::camera::random::Random;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a card writes at once.
const SECTOR_BYTES: usize = 512;
/// Files at a time.
const NAMES: u32 = 6;
/// Keeps these random numbers apart from others of the same seed.
const STREAM_OPERATIONS: u64 = 4;

/// An operation on a file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// A new, empty file.
    Create(String),
    /// Bytes at its end, of a pattern that the seed names.
    Append(String, usize, usize),
    /// It is cut back.
    Truncate(String, usize),
    /// It, and its length, shall be durable.
    Sync(String),
    /// Another name, whose own file goes.
    Rename(String, String),
    /// It goes.
    Remove(String),
    /// All names shall be durable.
    SyncFolder,
    /// Nothing for a while: the kernel writes what it likes.
    Wait,
}

/// An operation that was done, and how much had been written to the card by then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Done {
    /// What.
    pub operation: Operation,
    /// Right before it was asked for.
    pub started: u64,
    /// Right after it had returned.
    pub returned: u64,
}

/// How far a state is from a card on which everything had been done: that the rules are put to the test at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Changes of names that had been done and are not there.
    pub names_missing: usize,
    /// Files that are not as they were last written.
    pub files_behind: usize,
    /// Sectors below a file's length that are not there.
    pub sectors_missing: usize,
}

impl Operation {
    /// As the console of a test image takes it; nothing for waiting.
    pub fn command(&self) -> Option<String> {
        Some(match self {
            Self::Create(name) => format!("test-file create {name}"),
            Self::Append(name, bytes, seed) => format!("test-file append {name} {bytes} {seed}"),
            Self::Truncate(name, bytes) => format!("test-file truncate {name} {bytes}"),
            Self::Sync(name) => format!("test-file sync {name}"),
            Self::Rename(from, to) => format!("test-file rename {from} {to}"),
            Self::Remove(name) => format!("test-file remove {name}"),
            Self::SyncFolder => "test-file syncdir".into(),
            Self::Wait => return None,
        })
    }
}

/// What the firmware's command writes.
fn pattern(seed: usize, place: usize) -> u8 {
    u8::try_from(1 + (seed * 131 + place * 31 + (place >> 9) * 7) % 251).unwrap_or(1)
}

/// So many operations at random, each of which can be done; the same for the same seed. `wait_every` so many there is a pause.
pub fn operations(seed: u64, count: usize, wait_every: usize) -> Vec<Operation> {
    let mut random = Random::new(seed, STREAM_OPERATIONS);
    let mut lengths: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    while all.len() < count {
        if all.len() % wait_every == wait_every - 1 {
            all.push(Operation::Wait);
        }
        let name = format!("rules-{}", random.below(NAMES));
        let Some(length) = lengths.get(&name).copied() else {
            lengths.insert(name.clone(), 0);
            all.push(Operation::Create(name));
            continue;
        };
        let operation = match random.below(20) {
            // More than a page, less than one, some bytes.
            number @ 0..=9 => {
                let bytes = 1 + random.below([20_000, 5_000, 600][number as usize % 3]) as usize;
                lengths.insert(name.clone(), length + bytes);
                Operation::Append(name, bytes, all.len())
            }
            10 if length > 0 => {
                let kept = random.below(u32::try_from(length).unwrap_or(u32::MAX)) as usize;
                lengths.insert(name.clone(), kept);
                Operation::Truncate(name, kept)
            }
            11..=13 => Operation::Sync(name),
            14..=16 => {
                let to = format!("rules-{}", random.below(NAMES));
                if to == name {
                    continue;
                }
                lengths.remove(&name);
                lengths.insert(to.clone(), length);
                Operation::Rename(name, to)
            }
            17 => {
                lengths.remove(&name);
                Operation::Remove(name)
            }
            18 => Operation::SyncFolder,
            _ => continue,
        };
        all.push(operation);
    }
    all
}

/// A file since its last sync that counts.
#[derive(Clone, Debug, Default)]
struct File {
    /// As it was synced, then as each change left it.
    versions: Vec<Vec<u8>>,
    lengths: BTreeSet<usize>,
    /// Which operation changed it last.
    changed_at: usize,
}

impl File {
    fn now(&self) -> Vec<u8> {
        self.versions.last().cloned().unwrap_or_default()
    }

    fn change(&mut self, at: usize, content: Vec<u8>, written_from: Option<usize>) {
        self.lengths.insert(content.len());
        // Rule 5: any end of a sector within what was being written.
        if let Some(from) = written_from {
            let ends = (from / SECTOR_BYTES + 1..).map(|sector| sector * SECTOR_BYTES);
            self.lengths.extend(ends.take_while(|end| *end < content.len()));
        }
        self.versions.push(content);
        self.changed_at = at;
    }

    /// Rules 3 to 6; how many sectors are not there.
    fn judge(&self, there: &[u8]) -> Result<usize, String> {
        if !self.lengths.contains(&there.len()) {
            return Err(format!("rule 5: it has {} bytes and never had", there.len()));
        }
        let mut missing = 0;
        for (sector, part) in there.chunks(SECTOR_BYTES).enumerate() {
            let start = sector * SECTOR_BYTES;
            let is_of = |version: &Vec<u8>| {
                let known = version.get(start..).unwrap_or_default();
                let known = &known[..known.len().min(part.len())];
                part.starts_with(known) && part[known.len()..].iter().all(|byte| *byte == 0)
            };
            if !self.versions.iter().any(is_of) {
                return Err(format!("rules 3, 4 and 6: sector {sector} is of no version of it"));
            }
            missing += usize::from(part.iter().all(|byte| *byte == 0));
        }
        Ok(missing)
    }
}

/// What may have happened by some moment.
#[derive(Default)]
struct World {
    files: Vec<File>,
    /// Names after each change of them, the first before any.
    names: Vec<BTreeMap<String, usize>>,
    /// Of which operation each change was.
    changed_at: Vec<usize>,
    /// So many of them are durable.
    durable_names: usize,
}

impl World {
    fn file(&self, name: &str) -> Option<usize> {
        self.names.last()?.get(name).copied()
    }

    fn rename(&mut self, at: usize, change: impl FnOnce(&mut BTreeMap<String, usize>)) {
        let mut names = self.names.last().cloned().unwrap_or_default();
        change(&mut names);
        self.names.push(names);
        self.changed_at.push(at);
    }

    /// Rule 2: changes of names before the operation `at` are durable.
    fn names_are_durable_before(&mut self, at: usize) {
        let durable = self.changed_at.partition_point(|changed| *changed < at);
        self.durable_names = self.durable_names.max(durable);
    }

    /// Does an operation, which `is_promised` when it had returned before all that the card finished.
    fn apply(&mut self, at: usize, operation: &Operation, is_promised: bool) -> Option<()> {
        match operation {
            Operation::Create(name) => {
                let empty = File { versions: vec![Vec::new()], lengths: BTreeSet::from([0]), changed_at: at };
                self.files.push(empty);
                let file = self.files.len() - 1;
                self.rename(at, |names| {
                    names.insert(name.clone(), file);
                });
            }
            Operation::Append(name, bytes, seed) => {
                let file = self.file(name)?;
                let mut content = self.files[file].now();
                let from = content.len();
                content.extend((from..from + bytes).map(|place| pattern(*seed, place)));
                self.files[file].change(at, content, Some(from));
            }
            Operation::Truncate(name, bytes) => {
                let file = self.file(name)?;
                let mut content = self.files[file].now();
                content.truncate(*bytes);
                self.files[file].change(at, content, None);
            }
            Operation::Sync(name) if is_promised => {
                let file = self.file(name)?;
                let content = self.files[file].now();
                let changed_at = self.files[file].changed_at;
                self.names_are_durable_before(changed_at + 1);
                let lengths = BTreeSet::from([content.len()]);
                self.files[file] = File { versions: vec![content], lengths, changed_at };
            }
            Operation::SyncFolder if is_promised => self.names_are_durable_before(at),
            Operation::Rename(from, to) => {
                let file = self.file(from)?;
                self.rename(at, |names| {
                    names.remove(from);
                    names.insert(to.clone(), file);
                });
            }
            Operation::Remove(name) => self.rename(at, |names| {
                names.remove(name);
            }),
            Operation::Sync(_) | Operation::SyncFolder | Operation::Wait => {}
        }
        Some(())
    }

    /// Whether the folder is as these names say.
    fn judge(&self, after: usize, files: &BTreeMap<String, Vec<u8>>) -> Result<Seen, String> {
        let names = &self.names[after];
        if !names.keys().eq(files.keys()) {
            return Err(format!("rule 1: {:?} are there", files.keys()));
        }
        let mut seen = Seen { names_missing: self.names.len() - 1 - after, ..Seen::default() };
        for (name, content) in files {
            let file = &self.files[names[name]];
            seen.sectors_missing += file.judge(content).map_err(|fault| format!("{name}: {fault}"))?;
            seen.files_behind += usize::from(*content != file.now());
        }
        Ok(seen)
    }
}

/// Whether the rules allow that these files are there when the card had finished `durable` of what was written, and nothing after `latest` was
/// begun (positions as in `done`).
///
/// # Errors
/// Which rule forbids it, for the names of which most had happened.
pub fn judge(
    done: &[Done],
    durable: u64,
    latest: u64,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Seen, String> {
    let mut world = World { names: vec![BTreeMap::new()], ..World::default() };
    // Rule 7: what was begun may have happened in part.
    for (at, one) in done.iter().enumerate().take_while(|(_, one)| one.started < latest) {
        let is_promised = one.returned <= durable;
        world.apply(at, &one.operation, is_promised).ok_or("an operation on a file that is not there")?;
    }
    let mut fault = String::new();
    for after in world.durable_names..world.names.len() {
        match world.judge(after, files) {
            Ok(seen) => return Ok(seen),
            Err(why) => fault += &format!("\n  after {after} changes of names: {why}"),
        }
    }
    let known = world.durable_names;
    Err(format!("no rule allows it; {known} changes of names are durable:{fault}"))
}

#[cfg(test)]
mod tests {
    use super::{Done, Operation, SECTOR_BYTES, Seen, judge, operations, pattern};
    use std::collections::BTreeMap;

    fn name(text: &str) -> String {
        text.to_owned()
    }

    /// Each operation takes ten sectors.
    fn done(operations: Vec<Operation>) -> Vec<Done> {
        let one =
            |(operation, at): (Operation, u64)| Done { operation, started: 10 * at, returned: 10 * at + 9 };
        operations.into_iter().zip(0..).map(one).collect()
    }

    fn files(files: &[(&str, Vec<u8>)]) -> BTreeMap<String, Vec<u8>> {
        files.iter().map(|(name, content)| (name.to_string(), content.clone())).collect()
    }

    fn written(bytes: usize, seed: usize) -> Vec<u8> {
        (0..bytes).map(|place| pattern(seed, place)).collect()
    }

    #[test]
    fn each_rule_is_found_to_be_broken() {
        let ops = done(vec![
            Operation::Create(name("a")),
            Operation::Append(name("a"), 1300, 1),
            Operation::Sync(name("a")),
            Operation::Append(name("a"), 1000, 3),
            Operation::Create(name("b")),
            Operation::Rename(name("a"), name("c")),
        ]);
        let now = [written(1300, 1), (1300..2300).map(|place| pattern(3, place)).collect()].concat();
        let late = |there: &[(&str, Vec<u8>)]| judge(&ops, 30, 1000, &files(there));
        // All of it, or only what was synced, or some sectors.
        assert_eq!(late(&[("b", vec![]), ("c", now.clone())]), Ok(Seen::default()));
        assert_eq!(
            late(&[("a", now[..1300].to_vec())]).map(|seen| (seen.names_missing, seen.files_behind)),
            Ok((2, 1))
        );
        let mut holes = now.clone();
        holes[3 * SECTOR_BYTES..4 * SECTOR_BYTES].fill(0);
        assert_eq!(late(&[("a", holes.clone())]).map(|seen| seen.sectors_missing), Ok(1));
        // Rule 1: the rename without the creation before it. Rule 2: the name that a sync made durable.
        assert!(late(&[("c", now.clone())]).is_err());
        assert!(late(&[]).is_err());
        // Rule 3: a synced sector. Rule 5: a length. Rule 6: somebody else's bytes.
        holes[..SECTOR_BYTES].fill(0);
        assert!(late(&[("a", holes)]).is_err_and(|why| why.contains("sector 0")));
        assert!(late(&[("a", now[..1400].to_vec())]).is_err_and(|why| why.contains("rule 5")));
        assert!(late(&[("a", [now.clone(), vec![0]].concat())]).is_err());
        let mut strange = now.clone();
        strange[2000] ^= 1;
        assert!(late(&[("a", strange)]).is_err_and(|why| why.contains("sector 3")));
        // Nothing is there before it was begun.
        assert!(judge(&ops, 0, 30, &files(&[("a", now)])).is_err());
        assert!(judge(&ops, 0, 30, &files(&[])).is_ok());
    }

    #[test]
    fn the_same_seed_gives_the_same_operations() {
        let all = operations(7, 200, 30);
        assert_eq!(all, operations(7, 200, 30));
        assert_ne!(all, operations(8, 200, 30));
        let count = |is_it: fn(&Operation) -> bool| all.iter().filter(|one| is_it(one)).count();
        assert!(count(|one| matches!(one, Operation::Rename(..))) > 5);
        assert!(count(|one| matches!(one, Operation::Truncate(..))) > 1);
        assert!(count(|one| matches!(one, Operation::Wait)) > 4);
        // Each can be done: what is done last is judged against itself.
        let ops = done(all);
        assert!(judge(&ops, u64::MAX, u64::MAX, &BTreeMap::new()).is_err_and(|why| why.contains("rule 1")));
    }
}
