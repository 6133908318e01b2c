//! Makes the files that a board's boot chain wants on the FAT partitions, as its profile says.

use std::collections::BTreeMap;

use boards::files::{IN_SLOT, ON_BOOT};
use boards::{CardFile, Profile};

use super::Error;
use crate::fat;
use crate::host::apt::{Apt, Package};

/// A file of the board's own.
#[derive(Debug)]
pub struct BoardFile {
    /// The profile's key: `boot/NAME` or `slot/NAME`.
    pub key: String,
    /// Content.
    pub bytes: Vec<u8>,
    /// Where it came from, if not from the profile itself.
    pub package: Option<Package>,
}

/// Makes all of them.
///
/// # Errors
/// When a package cannot be had, or has no such file.
pub fn make(profile: &Profile, apt: &Apt<'_>) -> Result<Vec<BoardFile>, Error> {
    let one = |(key, file): (&String, &CardFile)| {
        let (bytes, package) = match file {
            CardFile::Text(lines) => (text(lines, &profile.kernel.cmdline), None),
            CardFile::UBootEnvironment { bytes, variables } => (environment(*bytes, variables), None),
            CardFile::Package { name, path } => {
                let (package, bytes) = apt.file(name, path)?;
                (bytes, Some(package))
            }
        };
        Ok(BoardFile { key: key.clone(), bytes, package })
    };
    profile.files.iter().map(one).collect()
}

/// Those for p1, and those for the slots.
pub fn sorted(files: &[BoardFile]) -> (Vec<fat::File<'_>>, Vec<fat::File<'_>>) {
    let starting = |prefix: &'static str| {
        files
            .iter()
            .filter_map(|file| Some(fat::File { name: file.key.strip_prefix(prefix)?, bytes: &file.bytes }))
            .collect()
    };
    (starting(ON_BOOT), starting(IN_SLOT))
}

fn text(lines: &[String], cmdline: &str) -> Vec<u8> {
    lines.iter().map(|line| line.replace("{cmdline}", cmdline) + "\n").collect::<String>().into_bytes()
}

/// U-Boot's environment as a file (U-Boot, `include/env_internal.h`, `environment_t` without the redundancy flag): CRC-32
/// of all that follows, little-endian; `name=value` pairs, each ended by NUL; one more NUL; padding. The profile's checks
/// made sure that it fits.
fn environment(bytes: u32, variables: &BTreeMap<String, String>) -> Vec<u8> {
    let mut data: Vec<u8> =
        variables.iter().flat_map(|(name, value)| format!("{name}={value}\0").into_bytes()).collect();
    data.resize((bytes as usize).saturating_sub(size_of::<u32>()), 0);
    let mut whole = crc32fast::hash(&data).to_le_bytes().to_vec();
    whole.extend(data);
    whole
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{BoardFile, environment, sorted, text};

    #[test]
    fn texts_end_each_line_and_take_the_command_line() {
        let lines = ["a=1".to_owned(), "bootargs={cmdline}".to_owned()];
        assert_eq!(text(&lines, "panic=5 x"), b"a=1\nbootargs=panic=5 x\n");
    }

    #[test]
    fn an_environment_has_its_checksum_and_its_size() {
        let variables =
            BTreeMap::from([("b".to_owned(), "2".to_owned()), ("a".to_owned(), "1 x".to_owned())]);
        let made = environment(32, &variables);
        assert_eq!(made.len(), 32);
        assert_eq!(&made[4..15], b"a=1 x\0b=2\0\0");
        // The checksum that Python's zlib.crc32 gives for those 28 bytes.
        assert_eq!(&made[..4], 0xda87_3dea_u32.to_le_bytes());
    }

    #[test]
    fn files_go_where_their_keys_say() {
        let file = |key: &str| BoardFile { key: key.into(), bytes: vec![1], package: None };
        let files = [file("boot/a.txt"), file("slot/b.txt")];
        let (boot, slot) = sorted(&files);
        assert_eq!((boot.len(), boot[0].name, slot.len(), slot[0].name), (1, "a.txt", 1, "b.txt"));
    }
}
