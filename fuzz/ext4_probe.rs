//! A file system of a card, changed at places that the input chooses, with right sums all the same: it is read to an end.
//!
//! Without right sums nearly every change ends at the first check, and nothing behind it is tried. Panics when a promise is broken, and on
//! nothing else. The file system is made by the product's own recipe, filled by debugfs.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use boards::layout::CLIPS_TEMPLATE_BYTES;
use boards::template::{Content, Template};
use image_builder::ext4::{BLOCK_BYTES, Bytes, ROOT, Volume};
use image_builder::image::ext4::template;

/// The recipe's moment.
const TIME: Duration = Duration::from_secs(1_735_689_600);
/// The recipe's, in `image::ext4`.
const UUID: [u8; 16] = [0x4b, 0x45, 0x52, 0x42, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 4];
/// Blocks read of each file: the rest goes the same way.
const BLOCKS_READ_MAX: usize = 64;
/// Most blocks that one opening and listing may read: more would be a card that never comes to an end.
const READS_MAX: usize = 600_000;
/// Bytes of a change: which structure, where in it (two), how, with what.
const CHANGE_BYTES: usize = 5;

type Block = [u8; BLOCK_BYTES];

/// A structure with a sum of its own.
#[derive(Clone, Copy, Debug)]
enum Part {
    Superblock,
    Descriptor,
    Inode(u32),
    /// A block of a folder, of that inode.
    Names(u32),
    /// A block of a tree of extents, of that inode.
    Extents(u32),
    JournalHead,
    /// A block of the journal.
    Journal,
}

/// The file system before any change.
struct Base {
    bytes: Vec<u8>,
    parts: Vec<(Part, u64, usize)>,
}

static BASE: LazyLock<Base> = LazyLock::new(Base::make);

fn debugfs(image: &Path, commands: &[String]) -> String {
    let script = image.with_extension("script");
    std::fs::write(&script, commands.join("\n") + "\n").expect("written");
    let said = Command::new("/usr/sbin/debugfs").arg("-w").arg("-f").arg(script).arg(image).output();
    String::from_utf8(said.expect("debugfs").stdout).expect("text")
}

/// The numbers in the last line of what debugfs said.
fn blocks(image: &Path, path: &str) -> Vec<u64> {
    let said = debugfs(image, &[format!("blocks {path}")]);
    said.lines().last().unwrap_or_default().split_whitespace().filter_map(|one| one.parse().ok()).collect()
}

impl Base {
    /// A card with two small files, one in many pieces, and a transaction in the journal.
    fn make() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let image = folder.path().join("p4.img");
        let packed = template(TIME).unwrap_or_else(|error| panic!("{error}"));
        let mut bytes = vec![0; usize::try_from(CLIPS_TEMPLATE_BYTES).expect("fits")];
        for extent in Template::parse(&packed).expect("whole").extents {
            if let Content::Data(data) = extent.content {
                let at = usize::try_from(extent.offset_bytes()).expect("fits");
                bytes[at..at + data.len()].copy_from_slice(data);
            }
        }
        std::fs::write(&image, &bytes).expect("written");
        let pieces = folder.path().join("pieces");
        let file = std::fs::File::create(&pieces).expect("made");
        for piece in 0..12_u64 {
            std::os::unix::fs::FileExt::write_all_at(&file, b"piece", piece * 9 * BLOCK_BYTES as u64)
                .expect("written");
        }
        let small = folder.path().join("small");
        std::fs::write(&small, [7; 5000]).expect("written");
        debugfs(
            &image,
            &[
                format!("write {} /clips/one.mp4", small.display()),
                format!("write {} /clips/one.json", small.display()),
                format!("write {} /clips/pieces.mp4", pieces.display()),
            ],
        );
        let names = blocks(&image, "/clips")[0];
        let block = std::fs::read(&image).expect("read");
        let at = usize::try_from(names).expect("fits") * BLOCK_BYTES;
        std::fs::write(&small, &block[at..at + BLOCK_BYTES]).expect("written");
        let small = small.display();
        debugfs(
            &image,
            &[
                "jo -c -v 3".into(),
                format!("jw -b {names} {small}"),
                format!("jw -r 9001 -b {names} {small}"),
                "jc".into(),
            ],
        );
        Self::find_parts(&image)
    }

    /// Where each structure lies.
    fn find_parts(image: &Path) -> Self {
        let bytes = std::fs::read(image).expect("read");
        let table =
            u64::from(u32::from_le_bytes(bytes[BLOCK_BYTES + 8..BLOCK_BYTES + 12].try_into().expect("four")));
        let mut parts = vec![(Part::Superblock, 1024, 1024), (Part::Descriptor, BLOCK_BYTES as u64, 32)];
        let number = |path: &str| {
            let said = debugfs(image, &[format!("stat {path}")]);
            let number = said.split("Inode: ").nth(1).and_then(|rest| rest.split_whitespace().next());
            number.and_then(|number| number.parse::<u32>().ok()).unwrap_or_else(|| panic!("{said}"))
        };
        let folder = number("/clips");
        let pieces = number("/clips/pieces.mp4");
        for inode in [ROOT, 8, folder, pieces, number("/clips/one.mp4")] {
            parts.push((Part::Inode(inode), table * BLOCK_BYTES as u64 + u64::from(inode - 1) * 256, 256));
        }
        let mut part = |part, block: u64| parts.push((part, block * BLOCK_BYTES as u64, BLOCK_BYTES));
        part(Part::Names(folder), blocks(image, "/clips")[0]);
        part(Part::Names(ROOT), blocks(image, "/")[0]);
        let journal = blocks(image, "<8>");
        part(Part::JournalHead, journal[0]);
        journal[1..9].iter().for_each(|block| part(Part::Journal, *block));
        // The tree's block is the one that is no data: it has the magic number of a node.
        let is_node = |block: &Block| block[..2] == [0x0a, 0xf3];
        let nodes = bytes.as_chunks::<BLOCK_BYTES>().0.iter().enumerate().filter(|(_, block)| is_node(block));
        nodes.for_each(|(block, _)| part(Part::Extents(pieces), block as u64));
        Self { bytes, parts }
    }
}

/// A card that is read: what was changed, else the base. Counts what is read of it.
struct Changed {
    blocks: HashMap<u64, Block>,
    reads: usize,
}

impl Changed {
    fn block(&mut self, number: u64) -> &mut Block {
        self.blocks.entry(number).or_insert_with(|| {
            let at = usize::try_from(number).expect("fits") * BLOCK_BYTES;
            BASE.bytes[at..at + BLOCK_BYTES].try_into().expect("a block")
        })
    }

    fn change(&mut self, &[which, low, high, how, value]: &[u8; CHANGE_BYTES]) {
        let (part, at, length) = BASE.parts[usize::from(which) % BASE.parts.len()];
        let place = at as usize % BLOCK_BYTES;
        let block = self.block(at / BLOCK_BYTES as u64);
        let bytes = &mut block[place..place + length];
        let to = usize::from(u16::from_le_bytes([low, high])) % length;
        let wide: [u8; 4] = match how % 8 {
            0 => [value; 4],
            1 => [value, 0, 0, 0],
            2 => [0, 0, 0, value],
            3 => [255, 255, 255, value],
            _ => [value, bytes[(to + 1) % length], bytes[(to + 2) % length], bytes[(to + 3) % length]],
        };
        wide.into_iter().enumerate().for_each(|(index, byte)| bytes[(to + index) % length] = byte);
        // Now and then the sum stays as it is.
        if how & 0x80 == 0 {
            part.sum(bytes);
        }
    }
}

fn sum(seed: u32, bytes: &[u8]) -> u32 {
    !crc32c::crc32c_append(!seed, bytes)
}

impl Part {
    /// Makes the sum right again: fs/ext4/ext4.h and include/linux/jbd2.h say what is summed.
    fn sum(self, bytes: &mut [u8]) {
        let uuid = sum(u32::MAX, &UUID);
        let of_inode = |number: u32| {
            let inode =
                BASE.parts.iter().find(|(part, ..)| matches!(part, Part::Inode(one) if *one == number));
            let at = inode.map_or(0, |(_, at, _)| *at as usize);
            sum(sum(uuid, &number.to_le_bytes()), &BASE.bytes[at + 0x64..at + 0x68])
        };
        let mut put = |at: usize, word: &[u8]| bytes[at..at + word.len()].copy_from_slice(word);
        match self {
            Self::Superblock => {
                let found = sum(u32::MAX, &bytes[..0x3fc]);
                bytes[0x3fc..].copy_from_slice(&found.to_le_bytes());
            }
            Self::Descriptor => {
                put(0x1e, &[0; 2]);
                let found = sum(sum(uuid, &[0; 4]), bytes);
                bytes[0x1e..0x20].copy_from_slice(&found.to_le_bytes()[..2]);
            }
            Self::Inode(number) => {
                put(0x7c, &[0; 2]);
                put(0x82, &[0; 2]);
                let own = sum(sum(uuid, &number.to_le_bytes()), &bytes[0x64..0x68]);
                let found = sum(own, bytes).to_le_bytes();
                bytes[0x7c..0x7e].copy_from_slice(&found[..2]);
                bytes[0x82..0x84].copy_from_slice(&found[2..]);
            }
            Self::Names(number) => {
                let found = sum(of_inode(number), &bytes[..BLOCK_BYTES - 12]);
                bytes[BLOCK_BYTES - 4..].copy_from_slice(&found.to_le_bytes());
            }
            Self::Extents(number) => {
                let at = 12 + 12 * usize::from(u16::from_le_bytes([bytes[4], bytes[5]]));
                if at + 4 <= BLOCK_BYTES {
                    let found = sum(of_inode(number), &bytes[..at]);
                    bytes[at..at + 4].copy_from_slice(&found.to_le_bytes());
                }
            }
            Self::JournalHead => {
                put(0xfc, &[0; 4]);
                let found = sum(u32::MAX, &bytes[..1024]);
                bytes[0xfc..0x100].copy_from_slice(&found.to_be_bytes());
            }
            Self::Journal => {
                let seed = journal_seed();
                let at = if bytes[4..8] == [0, 0, 0, 2] { 16 } else { BLOCK_BYTES - 4 };
                if bytes[..4] == [0xc0, 0x3b, 0x39, 0x98] {
                    bytes[at..at + 4].fill(0);
                    let found = sum(seed, bytes);
                    bytes[at..at + 4].copy_from_slice(&found.to_be_bytes());
                }
            }
        }
    }
}

/// The journal has a number of its own.
fn journal_seed() -> u32 {
    let head = BASE.parts.iter().find(|(part, ..)| matches!(part, Part::JournalHead));
    let at = head.map_or(0, |(_, at, _)| *at as usize);
    sum(u32::MAX, &BASE.bytes[at + 0x30..at + 0x40])
}

impl Bytes for &mut Changed {
    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.reads += into.len().div_ceil(BLOCK_BYTES);
        assert!(self.reads <= READS_MAX, "reading does not come to an end");
        let end = offset.checked_add(into.len() as u64).filter(|end| *end <= BASE.bytes.len() as u64);
        let at = end.map(|_| offset as usize).ok_or(ErrorKind::UnexpectedEof)?;
        into.copy_from_slice(&BASE.bytes[at..at + into.len()]);
        for (number, block) in &self.blocks {
            let start = *number as usize * BLOCK_BYTES;
            let (from, to) = (start.max(at), (start + BLOCK_BYTES).min(at + into.len()));
            if from < to {
                into[from - at..to - at].copy_from_slice(&block[from - start..to - start]);
            }
        }
        Ok(())
    }
}

/// Five bytes for each change. The card is opened, its folders are listed and their files read, as `pull-clips` does; it comes to an end. How many files were
/// read to theirs.
pub fn ext4(bytes: &[u8]) -> usize {
    let mut card = Changed { blocks: HashMap::new(), reads: 0 };
    bytes.as_chunks::<CHANGE_BYTES>().0.iter().for_each(|change| card.change(change));
    let Ok(mut volume) = Volume::open(&mut card) else { return 0 };
    let mut folders = vec![ROOT];
    let (mut looked_at, mut whole) = (0, 0);
    while let (Some(number), true) = (folders.pop(), looked_at < 64) {
        looked_at += 1;
        let Ok(inode) = volume.inode(number) else { continue };
        if inode.is_folder() {
            let listing = volume.list(&inode).unwrap_or_default();
            folders.extend(listing.entries.iter().take(16).map(|entry| entry.inode));
            continue;
        }
        let _ = inode.modified();
        let Ok(runs) = volume.runs(&inode) else { continue };
        let mut buffer = vec![0xee; 8 * BLOCK_BYTES];
        let mut at = 0;
        for _ in 0..BLOCKS_READ_MAX {
            match volume.read(&inode, &runs, at, &mut buffer) {
                Ok(0) => {
                    whole += 1;
                    break;
                }
                Err(_) => break,
                Ok(read) => {
                    assert!(at + read as u64 <= inode.bytes && read <= buffer.len());
                    at += read as u64;
                }
            }
        }
    }
    whole
}
