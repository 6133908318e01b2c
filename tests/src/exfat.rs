//! Reads a folder of an exFAT file system from its bytes, to judge a stick without the firmware's kernel.
//!
//! After Microsoft's "exFAT file system specification". Reads plain files of one folder of the root; whether the file system is whole is for
//! `fsck.exfat` to say. Must not write.

use crate::Failure;
use std::collections::BTreeMap;

/// Bytes of a folder's entry, and the kinds of entry that make a file (7.4, 7.6, 7.7).
const ENTRY_BYTES: usize = 32;
const FILE: u8 = 0x85;
const STREAM: u8 = 0xc0;
const NAME: u8 = 0xc1;
/// Attribute of a folder (7.4.4.5).
const IS_FOLDER: u16 = 0x10;
/// Flag of a stream whose clusters follow each other (7.6.2.2).
const NO_CHAIN: u8 = 2;
/// The first number in the table that is no cluster (4.1.3).
const END: u32 = 0xffff_fff7;

struct Volume<'a> {
    bytes: &'a [u8],
    table: usize,
    heap: usize,
    cluster_bytes: usize,
}

struct Entry {
    name: String,
    is_folder: bool,
    is_chained: bool,
    first: u32,
    length: usize,
}

/// The files of `folder`, by name.
pub fn files(volume: &[u8], folder: &str) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    if volume.get(3..11) != Some(b"EXFAT   ") {
        return Err("no exFAT".into());
    }
    let sector = |at: usize| -> Result<usize, Failure> {
        Ok((u32_at(volume, at)? as usize) << volume.get(108).ok_or("too short")?)
    };
    let cluster_bytes = 1 << (volume[108] + volume[109]);
    let volume = Volume { bytes: volume, table: sector(80)?, heap: sector(88)?, cluster_bytes };
    let root = volume.chain(u32_at(volume.bytes, 96)?)?;
    let entries = entries(&root)?;
    let entry = entries.iter().find(|entry| entry.is_folder && entry.name == folder);
    let content = volume.content(entry.ok_or_else(|| format!("there is no folder {folder}"))?)?;
    let files = self::entries(&content)?.into_iter().filter(|entry| !entry.is_folder);
    files.map(|file| Ok((file.name.clone(), volume.content(&file)?))).collect()
}

impl Volume<'_> {
    fn cluster(&self, number: u32) -> Result<&[u8], Failure> {
        let at = self.heap + (number as usize).checked_sub(2).ok_or("no such cluster")? * self.cluster_bytes;
        Ok(self.bytes.get(at..at + self.cluster_bytes).ok_or("a cluster outside of the volume")?)
    }

    fn chain(&self, first: u32) -> Result<Vec<u8>, Failure> {
        let (mut content, mut cluster) = (Vec::new(), first);
        while (2..END).contains(&cluster) {
            content.extend_from_slice(self.cluster(cluster)?);
            if content.len() > self.bytes.len() {
                return Err("the clusters go round".into());
            }
            cluster = u32_at(self.bytes, self.table + 4 * cluster as usize)?;
        }
        Ok(content)
    }

    fn content(&self, entry: &Entry) -> Result<Vec<u8>, Failure> {
        let mut content = match entry.is_chained {
            true => self.chain(entry.first)?,
            false => {
                let clusters = u32::try_from(entry.length.div_ceil(self.cluster_bytes))?;
                let all = (entry.first..entry.first + clusters).map(|number| self.cluster(number));
                all.collect::<Result<Vec<_>, _>>()?.concat()
            }
        };
        content.truncate(entry.length);
        if content.len() == entry.length { Ok(content) } else { Err(format!("{} is cut", entry.name).into()) }
    }
}

fn entries(folder: &[u8]) -> Result<Vec<Entry>, Failure> {
    let mut found = Vec::new();
    let all: Vec<&[u8]> = folder.chunks_exact(ENTRY_BYTES).take_while(|entry| entry[0] != 0).collect();
    for (at, file) in all.iter().enumerate().filter(|(_, entry)| entry[0] == FILE) {
        let set = all.get(at + 1..at + 1 + usize::from(file[1])).ok_or("a file without its entries")?;
        let stream = set.first().filter(|entry| entry[0] == STREAM).ok_or("a file without a stream")?;
        let letters: Vec<u16> = set
            .iter()
            .filter(|entry| entry[0] == NAME)
            .flat_map(|entry| entry[2..].chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])))
            .take(usize::from(stream[3]))
            .collect();
        found.push(Entry {
            name: String::from_utf16(&letters)?,
            is_folder: u16::from_le_bytes([file[4], file[5]]) & IS_FOLDER != 0,
            is_chained: stream[1] & NO_CHAIN == 0,
            first: u32_at(stream, 20)?,
            length: usize::try_from(u64::from_le_bytes(stream[24..32].try_into()?))?,
        });
    }
    Ok(found)
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Failure> {
    Ok(u32::from_le_bytes(bytes.get(at..at + 4).ok_or("too short")?.try_into()?))
}
