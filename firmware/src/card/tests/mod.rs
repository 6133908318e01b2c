//! Tests of the card's clips partition: the order of steps against a card in memory, its bytes against e2fsck.

mod bring_up;
mod files;

use boards::template::{BLOCK_BYTES, Content, Extent, pack};
use std::path::Path;
use std::process::Command;

/// Runs a tool of e2fsprogs on a file; what it said, if it succeeded.
fn e2fs(tool: &str, arguments: &[&str], file: &Path) -> Result<String, String> {
    let path = [format!("/usr/sbin/{tool}"), format!("/sbin/{tool}")];
    let program =
        path.iter().find(|path| Path::new(path).exists()).ok_or(format!("{tool} is not installed"))?;
    let output = Command::new(program).args(arguments).arg(file).output().map_err(|e| e.to_string())?;
    let said =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    if output.status.success() { Ok(said) } else { Err(format!("{tool}: {}\n{said}", output.status)) }
}

/// A template as the image builder packs it: every block of a new file system that is not zero, and all others zeroed.
fn template() -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let length = boards::layout::CLIPS_TEMPLATE_BYTES;
    file.as_file().set_len(length).expect("sized");
    let features = "none,has_journal,resize_inode,filetype,extent,flex_bg,sparse_super,metadata_csum";
    let arguments = ["-q", "-F", "-t", "ext4", "-b", "4096", "-N", "128", "-J", "size=16", "-m", "0", "-O"];
    let more = [features, "-E", "resize=268435455,lazy_itable_init=0,lazy_journal_init=1,nodiscard"];
    e2fs("mke2fs", &[&arguments[..], &more[..]].concat(), file.path()).expect("made");
    e2fs("debugfs", &["-w", "-R", "mkdir clips"], file.path()).expect("made");
    let bytes = std::fs::read(file.path()).expect("read");
    let mut extents: Vec<Extent<'_>> = Vec::new();
    for (first, block) in (0..).zip(bytes.chunks_exact(BLOCK_BYTES)) {
        let zeroes = block.iter().all(|byte| *byte == 0);
        let content = if zeroes { Content::Zeroes } else { Content::Data(block) };
        match extents.last_mut() {
            Some(last) if zeroes && last.content == content => last.blocks += 1,
            _ => extents.push(Extent { first, blocks: 1, content }),
        }
    }
    pack(u32::try_from(length / BLOCK_BYTES as u64).expect("small"), &extents)
}
