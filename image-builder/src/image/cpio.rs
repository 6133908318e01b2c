//! Writes a cpio archive as the kernel reads it (newc; Documentation/driver-api/early-userspace/buffer-format.rst).

use std::time::Duration;

/// What an entry is.
#[derive(Debug, Clone, Copy)]
pub enum Kind<'a> {
    /// A folder.
    Folder,
    /// A file with its content.
    File(&'a [u8]),
    /// A character device with its numbers.
    Device(u32, u32),
}

/// An entry of the archive.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Path without a leading slash.
    pub path: &'a str,
    /// Permission bits.
    pub mode: u32,
    /// What it is.
    pub kind: Kind<'a>,
}

/// Type bits of a folder.
const S_IFDIR: u32 = 0o040_000;
/// Type bits of a file.
const S_IFREG: u32 = 0o100_000;
/// Type bits of a character device.
const S_IFCHR: u32 = 0o020_000;
/// Name of the entry that ends the archive.
const END: &str = "TRAILER!!!";

/// The archive of `entries`, all owned by root and stamped `time` (since 1970). Folders come before what is in them.
#[must_use]
pub fn archive(entries: &[Entry<'_>], time: Duration) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, entry) in (1..).zip(entries) {
        let (kind, content, major, minor) = match entry.kind {
            Kind::Folder => (S_IFDIR, &[][..], 0, 0),
            Kind::File(content) => (S_IFREG, content, 0, 0),
            Kind::Device(major, minor) => (S_IFCHR, &[][..], major, minor),
        };
        let links = if matches!(entry.kind, Kind::Folder) { 2 } else { 1 };
        append(
            &mut out,
            entry.path,
            [number, kind | entry.mode, links, seconds(time), major, minor],
            content,
        );
    }
    append(&mut out, END, [0, 0, 1, 0, 0, 0], &[]);
    out
}

/// The format's times have 32 bits.
fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}

fn append(out: &mut Vec<u8>, path: &str, [inode, mode, links, time, major, minor]: [u32; 6], content: &[u8]) {
    // Names are ours and files fit in memory: both lengths have far fewer than 32 bits.
    let length = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let fields = [
        inode,
        mode,
        0,
        0,
        links,
        time,
        length(content.len()),
        0,
        0,
        major,
        minor,
        length(path.len() + 1),
        0,
    ];
    out.extend_from_slice(b"070701");
    for field in fields {
        out.extend_from_slice(format!("{field:08x}").as_bytes());
    }
    out.extend_from_slice(path.as_bytes());
    out.push(0);
    pad(out);
    out.extend_from_slice(content);
    pad(out);
}

/// Name and content end at a multiple of four bytes.
fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::{Entry, Kind, archive};

    #[test]
    fn cpio_lists_what_was_put_in() {
        let entries = [
            Entry { path: "dev", mode: 0o755, kind: Kind::Folder },
            Entry { path: "dev/console", mode: 0o600, kind: Kind::Device(5, 1) },
            Entry { path: "init", mode: 0o755, kind: Kind::File(b"12345") },
            Entry { path: "empty", mode: 0o644, kind: Kind::File(b"") },
        ];
        let mut cpio = Command::new("cpio")
            .args(["-tv", "--quiet"])
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("cpio starts");
        let time = Duration::from_secs(1_735_689_600);
        cpio.stdin.take().expect("a pipe").write_all(&archive(&entries, time)).expect("written");
        let output = cpio.wait_with_output().expect("cpio ends");
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        let text = String::from_utf8_lossy(&output.stdout);
        let words: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(words.len(), 4, "{text}");
        assert_eq!((words[0][0], words[0][words[0].len() - 1]), ("drwxr-xr-x", "dev"));
        assert_eq!((words[1][0], words[1][4], words[1][5]), ("crw-------", "5,", "1"));
        assert_eq!((words[2][0], words[2][4], words[2][8]), ("-rwxr-xr-x", "5", "init"));
        assert_eq!((words[3][4], words[3][8]), ("0", "empty"));
        assert!(text.contains("root"), "{text}");
    }
}
