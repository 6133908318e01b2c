//! A card image with clips: the product's partition table and its pristine clips partition, filled by debugfs.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use boards::layout::{CLIPS, CLIPS_TEMPLATE_BYTES};
use boards::template::{Content, Template};

use super::super::card::Card;
use super::super::copy::Watch;
use super::super::select::select;
use super::super::{Error, Report, Wanted, fetch};
use crate::digest::sha256;
use crate::ext4::Bytes;
use crate::host::command;
use crate::image::{ext4, mbr::mbr};

/// The recipe's moment.
const TIME: Duration = Duration::from_secs(1_735_689_600);
/// The recipe's, in `image::ext4`.
pub const UUID: [u8; 16] = [0x4b, 0x45, 0x52, 0x42, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 4];
/// Two clips, the second one newer.
pub const ONE: &str = "1795394259_6-776701_gate_64-360-208-648_534_160";
pub const TWO: &str = "1795480659_1-5_gate_0-0-9-9_77_2";

/// A card image.
pub struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    /// Without clips.
    pub fn new() -> Self {
        let made = Self { folder: tempfile::tempdir().expect("a folder") };
        let card = File::create(made.path()).expect("a card");
        let length = CLIPS.offset_bytes + CLIPS_TEMPLATE_BYTES;
        // What the card held before must not show anywhere.
        let noise: Vec<u8> =
            (0..1_u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect();
        for offset in (CLIPS.offset_bytes..length).step_by(noise.len()) {
            card.write_all_at(&noise, offset).expect("written");
        }
        card.write_all_at(&mbr(length), 0).expect("written");
        let packed = ext4::template(TIME).unwrap_or_else(|error| panic!("{error}"));
        for extent in Template::parse(&packed).expect("whole").extents {
            let zeroes = vec![0; usize::try_from(extent.length_bytes()).expect("fits")];
            let bytes = if let Content::Data(data) = extent.content { data } else { &zeroes };
            card.write_all_at(bytes, CLIPS.offset_bytes + extent.offset_bytes()).expect("written");
        }
        made
    }

    /// With these files in the folder for clips.
    pub fn with(files: &[(&str, &[u8])]) -> Self {
        let made = Self::new();
        files.iter().for_each(|(name, content)| made.put(name, content));
        made
    }

    /// The image.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("card.img")
    }

    /// Where its clips go.
    pub fn pulled(&self) -> PathBuf {
        self.folder.path().join("pulled")
    }

    /// A file beside it.
    pub fn beside(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        File::create(&path).and_then(|mut file| file.write_all(content)).expect("written");
        path
    }

    /// Puts a file into the folder for clips.
    pub fn put(&self, name: &str, content: &[u8]) {
        let source = self.beside("source", content);
        self.debugfs(&[&format!("write {} \"/clips/{name}\"", source.display())]);
    }

    /// Runs commands of debugfs on the clips partition.
    pub fn debugfs(&self, commands: &[&str]) -> String {
        let script = self.beside("script", (commands.join("\n") + "\n").as_bytes());
        let mut debugfs = Command::new("/usr/sbin/debugfs");
        let place = format!("{}?offset={}", self.path().display(), CLIPS.offset_bytes);
        debugfs.args(["-w", "-f"]).arg(script).arg(place);
        command::text(&mut debugfs).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Blocks of a file on the card, as debugfs tells them.
    pub fn blocks(&self, path: &str) -> Vec<u64> {
        let said = self.debugfs(&[&format!("blocks {path}")]);
        said.lines()
            .last()
            .unwrap_or_default()
            .split_whitespace()
            .filter_map(|one| one.parse().ok())
            .collect()
    }

    /// Overwrites bytes of the clips partition.
    pub fn spoil(&self, offset: u64, bytes: &[u8]) {
        let card = File::options().write(true).open(self.path()).expect("opened");
        card.write_all_at(bytes, CLIPS.offset_bytes + offset).expect("written");
    }

    /// Gives a file of the clips' folder a name of the same length that nobody can type. The block's sum is made anew.
    pub fn rename(&self, name: &str, other: &[u8]) {
        let block = self.blocks("/clips").first().copied().expect("a block");
        let stat = self.debugfs(&["stat /clips"]);
        let number = |field: &str| {
            let value = stat.split(field).nth(1).and_then(|rest| rest.split_whitespace().next());
            value.and_then(|value| value.parse::<u32>().ok()).unwrap_or_else(|| panic!("{stat}"))
        };
        let sum = |seed: u32, bytes: &[u8]| !crc32c::crc32c_append(!seed, bytes);
        let mut content = vec![0; 4096];
        let card = File::open(self.path()).expect("opened");
        card.read_exact_at(&mut content, CLIPS.offset_bytes + block * 4096).expect("read");
        let at = content.windows(name.len()).position(|window| window == name.as_bytes()).expect("the name");
        content[at..at + other.len()].copy_from_slice(other);
        let seed = sum(sum(u32::MAX, &UUID), &number("Inode: ").to_le_bytes());
        let tail = sum(sum(seed, &number("Generation: ").to_le_bytes()), &content[..4084]);
        content[4092..].copy_from_slice(&tail.to_le_bytes());
        self.spoil(block * 4096, &content);
    }

    pub fn hash(&self) -> String {
        let mut bytes = Vec::new();
        File::open(self.path()).and_then(|mut file| file.read_to_end(&mut bytes)).expect("read");
        sha256(&bytes)
    }

    /// The card opened, as a person names it.
    pub fn open(&self) -> Result<Card, Error> {
        Card::open(&self.path(), super::super::device::open(&self.path())?)
    }

    /// Pulls what is wanted. The card must be the same before and after.
    pub fn pull(&self, wanted: Wanted) -> (Result<(), Error>, Report) {
        let before = self.hash();
        let outcome = match self.open() {
            Ok(card) => pull(card, wanted, &self.pulled(), &mut Patient),
            Err(error) => (Err(error), Report::default()),
        };
        assert_eq!(self.hash(), before, "nothing is written to a card");
        outcome
    }

    /// Pulls everything, which must succeed.
    pub fn pull_all(&self) -> Report {
        let (result, report) = self.pull(Wanted::default());
        result.unwrap_or_else(|error| panic!("{error}"));
        report
    }

    /// A file that was pulled.
    pub fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.pulled().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Names of all that is in the folder.
    pub fn names(&self) -> Vec<String> {
        names(&self.pulled())
    }
}

pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Pulls what is wanted off a card.
pub fn pull(mut card: Card, wanted: Wanted, to: &Path, watch: &mut dyn Watch) -> (Result<(), Error>, Report) {
    let mut content = match card.content() {
        Ok(content) => content,
        Err(error) => return (Err(error), Report::default()),
    };
    let mut report = Report::of(&content);
    let candidates = select(std::mem::take(&mut content.candidates), wanted);
    let result = fetch::fetch(&mut card, candidates, to, watch, &mut report);
    (result, report)
}

/// Somebody who never stops.
pub struct Patient;

impl Watch for Patient {
    fn progress(&mut self, done: u64, total: u64) {
        assert!(done <= total, "{done} of {total}");
    }

    fn stop(&mut self) -> bool {
        false
    }
}

/// A card of which some bytes cannot be read, or that is taken out.
pub struct Faulty {
    pub card: File,
    pub bad: std::ops::Range<u64>,
    pub is_gone: Rc<Cell<bool>>,
}

impl Bytes for Faulty {
    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let hits = offset < self.bad.end && self.bad.start < offset + into.len() as u64;
        if hits || self.is_gone.get() {
            return Err(io::Error::from_raw_os_error(5));
        }
        Bytes::read_at(&mut self.card, offset, into)
    }
}
