//! Files on p1: `kerberos.toml` is read, and files that are there already are overwritten in place.
//!
//! p1 is mounted for reading alone, and only for a moment. What is written goes to the sectors that a file has already: its length, its
//! place and the file allocation table stay as they are, so a power cut in between costs some text and never a file. Must not make,
//! lengthen or remove a file.

use super::disk::Disk;
use crate::paths;
use crate::sys::block;
use boards::layout;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;

/// A file larger than this is none of ours.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Stands at the end of a text that had to be cut.
const CUT: &str = "...\n";

/// A file as it lies on p1.
struct Placed {
    bytes: Vec<u8>,
    /// Byte offsets on p1 of its blocks, in order.
    blocks: Vec<u64>,
    /// Length of a block.
    block_bytes: usize,
}

/// The text of `kerberos.toml`, if there is one.
///
/// # Errors
/// p1 cannot be mounted.
pub fn settings(disk: &Disk) -> io::Result<Option<Vec<u8>>> {
    mounted(disk, |folder| {
        let mut text = Vec::new();
        let file = File::open(folder.join(layout::SETTINGS_FILE));
        let read = file.and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut text));
        read.is_ok().then_some(text)
    })
}

/// Makes a file that is there already say `text`, cut or filled up to the length that it has. Whether there was one to be changed: none
/// is made, and one that says so already is left alone.
///
/// # Errors
/// The card.
pub fn overwrite(disk: &Disk, name: &str, text: &str) -> io::Result<bool> {
    let placed = mounted(disk, |folder| place(&folder.join(name)))?;
    let Some(placed) = placed.transpose()? else { return Ok(false) };
    let wanted = filled(text, placed.bytes.len());
    if wanted == placed.bytes {
        return Ok(false);
    }
    let device = File::options().write(true).open(disk.partition(layout::BOOT.number))?;
    for (chunk, offset) in wanted.chunks(placed.block_bytes).zip(&placed.blocks) {
        device.write_all_at(chunk, *offset)?;
    }
    device.sync_data()?;
    Ok(true)
}

/// Looks at p1 while it is mounted.
fn mounted<T>(disk: &Disk, look: impl FnOnce(&Path) -> T) -> io::Result<T> {
    let device = disk.partition(layout::BOOT.number);
    let flags = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some(&device), paths::BOOT_MOUNT, Some("vfat"), flags, None::<&str>)?;
    let seen = look(Path::new(paths::BOOT_MOUNT));
    // It was mounted for reading only: leaving it mounted would do no harm.
    let _ = umount2(paths::BOOT_MOUNT, MntFlags::MNT_DETACH);
    Ok(seen)
}

/// Where a file lies; nothing where there is none.
fn place(path: &Path) -> Option<io::Result<Placed>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => return Some(Err(error)),
    };
    Some(placed(&file))
}

fn placed(file: &File) -> io::Result<Placed> {
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    let block_bytes = block::file_block_bytes(file)?;
    let blocks = (0..bytes.len().div_ceil(block_bytes)).map(|index| {
        let block = block::block_of_file(file, u32::try_from(index).map_err(io::Error::other)?)?;
        // Block 0 is p1's own first sector: what lies there is no file's.
        let block = Some(block).filter(|block| *block > 0).ok_or(io::ErrorKind::InvalidData)?;
        Ok(u64::from(block) * block_bytes as u64)
    });
    Ok(Placed { blocks: blocks.collect::<io::Result<_>>()?, bytes, block_bytes })
}

/// Text of just that many bytes: cut at a character, or filled up with empty lines.
fn filled(text: &str, bytes: usize) -> Vec<u8> {
    let mut filled = text.to_owned();
    if filled.len() > bytes {
        let end = (0..=bytes.saturating_sub(CUT.len())).rev().find(|end| filled.is_char_boundary(*end));
        filled.truncate(end.unwrap_or(0));
        filled += CUT;
    }
    let mut filled = filled.into_bytes();
    filled.resize(bytes, b'\n');
    filled
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn a_text_has_the_length_that_the_file_has() {
        assert_eq!(filled("ab", 4), b"ab\n\n");
        assert_eq!(filled("abcdefgh", 8), b"abcdefgh");
        assert_eq!(filled("abcdefghi", 8), b"abcd...\n");
        assert_eq!(filled("abc\u{e4}efghi", 8), "abc...\n\n".as_bytes());
        assert_eq!(filled("abcdef", 2), b"..");
        assert_eq!(filled("", 0), b"");
    }
}
