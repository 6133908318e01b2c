//! Makes the files that a board's boot chain wants on the FAT partitions, as its profile says.

use std::path::Path;

use boards::files::{IN_SLOT, ON_BOOT};
use boards::{CardFile, Profile};

use super::{Error, u_boot};
use crate::host::apt::{Apt, Package};
use crate::{device_tree, fat};

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
/// When a package cannot be had, or has no such file, or an overlay cannot be made.
pub fn make(boards: &Path, profile: &Profile, apt: &Apt<'_>) -> Result<Vec<BoardFile>, Error> {
    let one = |(key, file): (&String, &CardFile)| {
        let (bytes, package) = match file {
            CardFile::Text(lines) => (text(lines, &profile.kernel.cmdline), None),
            CardFile::Overlay(source) => (device_tree::make_overlay(boards, source, profile.arch)?, None),
            CardFile::UBootScript(lines) => (u_boot::script(&text(lines, &profile.kernel.cmdline)), None),
            CardFile::UBootEnvironment { bytes, variables } => (u_boot::environment(*bytes, variables), None),
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

#[cfg(test)]
mod tests {
    use super::{BoardFile, sorted, text};

    #[test]
    fn texts_end_each_line_and_take_the_command_line() {
        let lines = ["a=1".to_owned(), "bootargs={cmdline}".to_owned()];
        assert_eq!(text(&lines, "panic=5 x"), b"a=1\nbootargs=panic=5 x\n");
    }

    #[test]
    fn files_go_where_their_keys_say() {
        let file = |key: &str| BoardFile { key: key.into(), bytes: vec![1], package: None };
        let files = [file("boot/a.txt"), file("slot/b.txt")];
        let (boot, slot) = sorted(&files);
        assert_eq!((boot.len(), boot[0].name, slot.len(), slot[0].name), (1, "a.txt", 1, "b.txt"));
    }
}
