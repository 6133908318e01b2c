//! The clips partition: ext4 by mke2fs, the same bytes at each build.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use boards::layout::{CLIPS, CLIPS_FOLDER};

use crate::host::command::{self, Error};
use crate::host::packages::find_program;

/// Fixed, so that two builds are equal; the card is found by its disk signature, never by this.
const UUID: &str = "4b455242-0000-4000-8000-000000000004";
/// Seed of the folder hashes, fixed for the same reason.
const HASH_SEED: &str = "4b455242-0000-4000-8000-000000000005";
/// One inode for so many bytes: clips are large, and fewer inodes make growing to a large card fast.
const BYTES_PER_INODE: &str = "1048576";
/// Journal in MiB: holds the writes between two commits, and little is lost of a small card.
const JOURNAL_MIB: &str = "size=16";
/// What the file system can do, all of it said here: the host's mke2fs.conf must not decide.
const FEATURES: &str = "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,\
    sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum";

/// Makes the file system in the file `path`, which has the partition's size.
///
/// # Errors
/// When mke2fs or debugfs fails.
pub fn format(path: &Path, time: Duration) -> Result<(), Error> {
    let clock = time.as_secs().to_string();
    let program = |name: &str| {
        let mut command = Command::new(find_program(name).unwrap_or_else(|| name.into()));
        command.env("E2FSPROGS_FAKE_TIME", &clock).env("MKE2FS_CONFIG", "/dev/null");
        command
    };
    let extended = format!("hash_seed={HASH_SEED},lazy_itable_init=0,lazy_journal_init=0,nodiscard");
    let mut mke2fs = program("mke2fs");
    mke2fs.args([
        "-q",
        "-F",
        "-t",
        "ext4",
        "-b",
        "4096",
        "-I",
        "256",
        "-i",
        BYTES_PER_INODE,
        "-J",
        JOURNAL_MIB,
    ]);
    mke2fs.args(["-m", "0", "-O", FEATURES, "-L", CLIPS.label, "-U", UUID, "-E", &extended]).arg(path);
    command::run(&mut mke2fs)?;
    let mut debugfs = program("debugfs");
    command::run(debugfs.args(["-w", "-R", &format!("mkdir {CLIPS_FOLDER}")]).arg(path))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::format;
    use crate::host::command;

    fn made(time: u64) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.as_file().set_len(160 << 20).expect("sized");
        format(file.path(), Duration::from_secs(time)).unwrap_or_else(|error| panic!("{error}"));
        file
    }

    #[test]
    fn e2fsck_accepts_it_and_the_folder_is_there() {
        let file = made(1_735_689_600);
        let mut e2fsck = Command::new("/usr/sbin/e2fsck");
        command::run(e2fsck.arg("-fn").arg(file.path())).unwrap_or_else(|error| panic!("{error}"));
        let debugfs = |request: &str| {
            let mut debugfs = Command::new("/usr/sbin/debugfs");
            command::text(debugfs.args(["-R", request]).arg(file.path())).expect("debugfs runs")
        };
        let stat = debugfs("stat /clips");
        assert!(stat.contains("Type: directory") && stat.contains("User:     0"), "{stat}");
        assert!(debugfs("stats").contains("Filesystem volume name:   clips"));
    }

    #[test]
    fn two_builds_are_equal() {
        let read = |file: &tempfile::NamedTempFile| std::fs::read(file.path()).expect("read");
        let one = made(1_735_689_600);
        // Another second of the real clock must not show.
        std::thread::sleep(Duration::from_millis(1100));
        assert!(read(&one) == read(&made(1_735_689_600)));
    }
}
