//! The pristine clips partition: ext4 by mke2fs, the same bytes at each build, packed as what was written.
//!
//! One file system of 64 MiB is both what the image's p4 holds and what the firmware makes p4 anew from; the firmware grows it
//! to its partition. Must not know where either goes.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use boards::layout::{CLIPS, CLIPS_FOLDER, CLIPS_TEMPLATE_BYTES};
use boards::template::{self, BLOCK_BYTES, Content, Extent};

use crate::host::command::{self, Error};
use crate::host::packages::find_program;

/// Fixed, so that two builds are equal; the card is found by its disk signature, never by this.
const UUID: &str = "4b455242-0000-4000-8000-000000000004";
/// Seed of the folder hashes, fixed for the same reason.
const HASH_SEED: &str = "4b455242-0000-4000-8000-000000000005";
/// Inodes of the 64 MiB, and so of each block group of 128 MiB that growing adds: one for each MiB of a large card. Clips
/// are large, and fewer inodes make growing fast.
const INODES: &str = "128";
/// Journal in MiB: holds the writes between two commits, and little is lost of a small card.
const JOURNAL_MIB: &str = "size=16";
/// What the file system can do, all of it said here: the host's mke2fs.conf must not decide. Not `64bit`: no card that the
/// partition table can describe needs it, and it doubles what growing has to write.
const FEATURES: &str = "none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,\
    sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum";
/// The size that it can grow to in place, in blocks: 1 TiB. Room for the descriptors of more is zeroed beside each backup while
/// it grows, which would take longer on every card for the sake of few; for those few the kernel lays out anew (`meta_bg`).
const GROWS_TO_BLOCKS: &str = "268435455";

/// Makes the pristine partition and packs it.
///
/// # Errors
/// When mke2fs or debugfs fails.
pub fn template(time: Duration) -> Result<Vec<u8>, super::Error> {
    // What was written is what is the same whatever was there before.
    let [over_zeroes, over_ones] = [filled(0x00, time)?, filled(0xff, time)?];
    let mut extents: Vec<Extent<'_>> = Vec::new();
    let mut blocks = 0;
    for (block, other) in over_zeroes.chunks_exact(BLOCK_BYTES).zip(over_ones.chunks_exact(BLOCK_BYTES)) {
        if block == other {
            let zeroes = block.iter().all(|byte| *byte == 0);
            let content = if zeroes { Content::Zeroes } else { Content::Data(block) };
            match extents.last_mut() {
                Some(last) if zeroes && last.content == content && last.first + last.blocks == blocks => {
                    last.blocks += 1;
                }
                _ => extents.push(Extent { first: blocks, blocks: 1, content }),
            }
        }
        blocks += 1;
    }
    Ok(template::pack(blocks, &extents))
}

/// The partition as it becomes over a card that holds nothing but `byte`.
fn filled(byte: u8, time: Duration) -> Result<Vec<u8>, super::Error> {
    let size = usize::try_from(CLIPS_TEMPLATE_BYTES).unwrap_or(usize::MAX);
    let file = tempfile::NamedTempFile::new();
    let failed = |source| super::Error::Io { path: "clips".into(), source };
    let file = file.map_err(failed)?;
    file.as_file().write_all_at(&vec![byte; size], 0).map_err(failed)?;
    format(file.path(), time).map_err(super::Error::Ext4)?;
    let mut bytes = Vec::new();
    File::open(file.path()).and_then(|mut made| made.read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}

/// Makes the file system in the file `path`, which has its size.
fn format(path: &Path, time: Duration) -> Result<(), Error> {
    let clock = time.as_secs().to_string();
    let program = |name: &str| {
        let mut command = Command::new(find_program(name).unwrap_or_else(|| name.into()));
        command.env("E2FSPROGS_FAKE_TIME", &clock).env("MKE2FS_CONFIG", "/dev/null");
        command
    };
    // The journal's blocks are not zeroed: whoever writes the template to a used card gives the journal another first number.
    let extended = format!(
        "hash_seed={HASH_SEED},resize={GROWS_TO_BLOCKS},lazy_itable_init=0,lazy_journal_init=1,nodiscard"
    );
    let mut mke2fs = program("mke2fs");
    mke2fs.args(["-q", "-F", "-t", "ext4", "-b", "4096", "-I", "256", "-N", INODES, "-J", JOURNAL_MIB]);
    mke2fs.args(["-m", "0", "-O", FEATURES, "-L", CLIPS.label, "-U", UUID, "-E", &extended]).arg(path);
    command::run(&mut mke2fs)?;
    let mut debugfs = program("debugfs");
    command::run(debugfs.args(["-w", "-R", &format!("mkdir {CLIPS_FOLDER}")]).arg(path))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt as _;
    use std::process::Command;
    use std::time::Duration;

    use boards::layout::CLIPS_TEMPLATE_BYTES;
    use boards::template::{Content, Template};

    use super::template;
    use crate::host::command;

    const TIME: Duration = Duration::from_secs(1_735_689_600);
    const GIB: u64 = 1 << 30;

    /// The template written over a file of noise.
    fn written() -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let size = usize::try_from(CLIPS_TEMPLATE_BYTES).expect("fits");
        let noise: Vec<u8> = (0..size).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        file.as_file().write_all_at(&noise, 0).expect("written");
        let packed = template(TIME).unwrap_or_else(|error| panic!("{error}"));
        for extent in Template::parse(&packed).expect("whole").extents {
            let zeroes = vec![0; usize::try_from(extent.length_bytes()).expect("fits")];
            let bytes = if let Content::Data(data) = extent.content { data } else { &zeroes };
            file.as_file().write_all_at(bytes, extent.offset_bytes()).expect("written");
        }
        file
    }

    fn tool(name: &str, arguments: &[&str], file: &tempfile::NamedTempFile) -> String {
        let mut tool = Command::new(format!("/usr/sbin/{name}"));
        command::text(tool.args(arguments).arg(file.path())).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn over_noise_e2fsck_accepts_it_and_the_folder_is_there() {
        let file = written();
        tool("e2fsck", &["-fn"], &file);
        let stat = tool("debugfs", &["-R", "stat /clips"], &file);
        assert!(stat.contains("Type: directory") && stat.contains("User:     0"), "{stat}");
        assert!(tool("debugfs", &["-R", "stats"], &file).contains("Filesystem volume name:   clips"));
    }

    #[test]
    fn it_grows_to_every_size_of_card_without_a_change_of_layout() {
        let features = |file: &tempfile::NamedTempFile| {
            let text = tool("dumpe2fs", &["-h"], file);
            text.lines().find(|line| line.starts_with("Filesystem features")).expect("features").to_owned()
        };
        for size in [160 << 20, GIB, 64 * GIB, 512 * GIB, 1023 * GIB] {
            let file = written();
            let before = features(&file);
            file.as_file().set_len(size).expect("sized");
            let mut resize2fs = Command::new("/usr/sbin/resize2fs");
            command::run(resize2fs.arg(file.path())).unwrap_or_else(|error| panic!("{size}: {error}"));
            tool("e2fsck", &["-fn"], &file);
            assert_eq!(features(&file), before, "{size}");
        }
    }

    #[test]
    fn two_builds_are_equal_and_take_little_room() {
        let one = template(TIME).unwrap_or_else(|error| panic!("{error}"));
        // Another second of the real clock must not show.
        std::thread::sleep(Duration::from_millis(1100));
        assert!(one == template(TIME).unwrap_or_else(|error| panic!("{error}")));
        let packed = zstd::encode_all(one.as_slice(), 19).expect("packed");
        let writes: u64 =
            Template::parse(&one).expect("whole").extents.iter().map(|extent| extent.length_bytes()).sum();
        assert!(writes < 1 << 20, "{writes} bytes are written to a card");
        assert!(packed.len() < 8 << 10, "{} of {} bytes", packed.len(), one.len());
    }
}
