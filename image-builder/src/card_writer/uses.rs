//! Who uses a disk or a part of it: mounts, swap, and what the kernel has stacked on top (LUKS, LVM, RAID).
//!
//! Walks up from the disk through `holders`, so that a mount on the topmost layer counts for the disk below. What this
//! cannot see (other mount namespaces, ZFS, virtual machines), the exclusive open finds.

use std::io;
use std::path::Path;

use super::disks::{Host, device_file};

/// More layers than anybody stacks; a bound, in case the kernel's links lead in a circle.
const LAYERS_MAX: usize = 16;
/// Mount points that make a disk the running system's.
const SYSTEM_MOUNTS: [&str; 5] = ["/", "/boot", "/efi", "/usr", "/var"];

/// One use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Use {
    /// A file system is mounted.
    Mounted {
        /// Device file of the partition or layer.
        node: String,
        /// Where.
        at: String,
    },
    /// It is swap space.
    Swap {
        /// Device file of the partition or layer.
        node: String,
    },
    /// A layer on top holds it, and nothing that we know of uses that layer.
    Held {
        /// Device file of the partition.
        node: String,
        /// Device file of the layer.
        by: String,
    },
}

impl Use {
    /// Whether the running system lives there.
    #[must_use]
    pub fn is_system(&self) -> bool {
        match self {
            Self::Mounted { at, .. } => SYSTEM_MOUNTS.iter().any(|system| {
                at == system
                    || (*system != "/" && at.strip_prefix(system).is_some_and(|rest| rest.starts_with('/')))
            }),
            Self::Swap { .. } | Self::Held { .. } => false,
        }
    }
}

/// A mount or a swap area, as the kernel lists it.
struct Entry {
    /// `8:17`; none for swap.
    number: Option<String>,
    /// Name that the device file comes down to; empty where the source is no device.
    device: String,
    /// Mount point; none for swap.
    at: Option<String>,
}

/// All uses of the disk.
///
/// # Errors
/// When the kernel does not say what is mounted: then nothing may be taken for free.
pub fn find(host: &Host, disk: &str) -> io::Result<Vec<Use>> {
    let entries = entries(host)?;
    let mut found = Vec::new();
    let mut nodes = vec![(disk.to_owned(), format!("sys/block/{disk}"))];
    nodes.extend(host.partitions(disk)?.into_iter().map(|part| {
        let folder = format!("sys/block/{disk}/{part}");
        (part, folder)
    }));
    for (name, folder) in nodes {
        walk(host, &entries, &name, &folder, LAYERS_MAX, &mut found);
    }
    Ok(found)
}

/// Adds the uses of one node and of all layers on top of it.
fn walk(host: &Host, entries: &[Entry], name: &str, folder: &str, layers: usize, found: &mut Vec<Use>) {
    let node = device_file(name).display().to_string();
    let number = host.attribute(format!("{folder}/dev"));
    let of_node = entries
        .iter()
        .filter(|entry| entry.number.as_deref() == Some(number.as_str()) || entry.device == name);
    found.extend(of_node.map(|entry| match &entry.at {
        Some(at) => Use::Mounted { node: node.clone(), at: at.clone() },
        None => Use::Swap { node: node.clone() },
    }));
    // No such folder: nothing can be stacked on this kind of device.
    for holder in host.entries(format!("{folder}/holders")).unwrap_or_default() {
        let before = found.len();
        if layers > 0 {
            walk(host, entries, &holder, &format!("sys/block/{holder}"), layers - 1, found);
        }
        if found.len() == before {
            found.push(Use::Held { node: node.clone(), by: device_file(&holder).display().to_string() });
        }
    }
}

fn entries(host: &Host) -> io::Result<Vec<Entry>> {
    let read = |file: &str| {
        let path = host.path(file);
        std::fs::read_to_string(&path)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    };
    let mut entries: Vec<Entry> =
        read("proc/self/mountinfo")?.lines().filter_map(|line| mount(host, line)).collect();
    // A kernel without swap has no such file.
    let swaps = read("proc/swaps").unwrap_or_default();
    entries.extend(swaps.lines().skip(1).filter_map(|line| {
        let path = unescape(line.split_whitespace().next()?);
        Some(Entry { number: None, device: device_name(host, &path), at: None })
    }));
    Ok(entries)
}

/// A line of mountinfo, see proc(5): `36 35 8:17 / /mnt rw shared:1 - ext4 /dev/sdb1 rw`.
fn mount(host: &Host, line: &str) -> Option<Entry> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ').skip(2);
    let number = before.next()?.to_owned();
    let at = unescape(before.nth(1)?);
    let source = unescape(after.split(' ').nth(1)?);
    Some(Entry { number: Some(number), device: device_name(host, &source), at: Some(at) })
}

/// The kernel's name behind a device file, which may be a link (/dev/mapper/root); empty for what is no device file.
/// btrfs, for one, shows a number that no device has: there only this tells.
fn device_name(host: &Host, source: &str) -> String {
    let Some(inside) = source.strip_prefix('/').filter(|inside| inside.starts_with("dev/")) else {
        return String::new();
    };
    let path = host.path(inside);
    let path = path.canonicalize().unwrap_or(path);
    let folder = host.path("dev");
    let folder = folder.canonicalize().unwrap_or(folder);
    let name = path.strip_prefix(folder).unwrap_or(Path::new(""));
    name.display().to_string().replace('/', "!")
}

/// The kernel writes space, tab, line feed and backslash as `\` and three octal digits.
fn unescape(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}
