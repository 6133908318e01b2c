//! What a kernel that panicked left in memory (pstore, Documentation/admin-guide/ramoops.rst).
//!
//! Its files hold the last lines of the log. Ours are among them: what a dying PID 1 had to say stands right before the
//! kernel's "Attempted to kill init". The files are deleted once read, so that they count for one start.

use crate::log::MARK;
use std::fs;
use std::io::Read;
use std::path::Path;

/// More of one file is not read: the kernel keeps 10 KiB of the log by default.
const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Files looked at: there is room for one, a few would be left by another configuration.
const FILES_MAX: usize = 8;
/// Begins the names of log files; pstore has other kinds.
const LOG_PREFIX: &str = "dmesg-";
/// The kernel's words (`kernel/panic.c`).
const PANIC: &str = "Kernel panic - not syncing: ";
/// How PID 1's death begins among them (`kernel/exit.c`).
const INIT_DIED: &str = "Attempted to kill init!";
/// Our own words for a death in PID 1 (`log::install_epitaph`).
const INIT_EPITAPH: &str = "init/";

/// The kernel's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelPanic {
    /// `kernel`, or `init` when PID 1 died with an epitaph.
    pub part: String,
    /// The panic's line, or PID 1's epitaph.
    pub words: String,
}

/// Reads what is there and deletes it.
pub fn take(folder: &Path) -> Option<KernelPanic> {
    let mut found = None;
    for entry in fs::read_dir(folder).ok()?.flatten().take(FILES_MAX) {
        if !entry.file_name().to_string_lossy().starts_with(LOG_PREFIX) {
            continue;
        }
        let mut bytes = Vec::new();
        let read = fs::File::open(entry.path()).and_then(|f| f.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
        // One that cannot be deleted is read again at the next start; there is nothing else to do about it.
        let _ = fs::remove_file(entry.path());
        if read.is_ok() {
            found = found.or_else(|| parse(&String::from_utf8_lossy(&bytes)));
        }
    }
    found
}

/// Finds the panic in the log's last lines; nothing when there was none (an oops that the kernel survived, for instance).
fn parse(log: &str) -> Option<KernelPanic> {
    let (before, rest) = log.rsplit_once(PANIC)?;
    let cause = rest.lines().next().unwrap_or_default().trim();
    let epitaph = before.lines().rev().find_map(|line| {
        let (_, ours) = line.split_once(MARK)?;
        let (thread, words) = ours.strip_prefix(INIT_EPITAPH)?.split_once(" died: ")?;
        Some(format!("{thread}: {}", words.trim()))
    });
    Some(match epitaph {
        Some(words) if cause.starts_with(INIT_DIED) => KernelPanic { part: "init".into(), words },
        _ => {
            let last =
                before.lines().rev().find_map(|line| line.split_once(MARK)).map(|(_, ours)| ours.trim());
            let last = last.map_or(String::new(), |ours| format!("; our last line: {ours}"));
            KernelPanic { part: "kernel".into(), words: format!("{cause}{last}") }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{KernelPanic, parse, take};

    const OURS: &str =
        "<6>[    5.1] kerberos: guard: running\n<2>[    9.0] kerberos: init/main died: no (x.rs:1)\n";

    fn panic(part: &str, words: &str) -> Option<KernelPanic> {
        Some(KernelPanic { part: part.into(), words: words.into() })
    }

    #[test]
    fn the_panics_line_and_our_last_line_are_found() {
        let init = format!(
            "Panic#1 Part1\n{OURS}<0>[   9.1] Kernel panic - not syncing: Attempted to kill init! exitcode=6\n<4>x"
        );
        assert_eq!(parse(&init), panic("init", "main: no (x.rs:1)"));
        let kernel = format!("{OURS}<0>[   9.1] Kernel panic - not syncing: Fatal exception\n");
        assert_eq!(
            parse(&kernel),
            panic("kernel", "Fatal exception; our last line: init/main died: no (x.rs:1)")
        );
        assert_eq!(parse("Kernel panic - not syncing: early"), panic("kernel", "early"));
        assert_eq!(parse("Oops#1 Part1\n<4>[ 1.0] something\n"), None);
    }

    #[test]
    fn files_count_for_one_start() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(take(&folder.path().join("none")), None);
        std::fs::write(folder.path().join("console-ramoops-0"), "Kernel panic - not syncing: other\n")
            .expect("written");
        std::fs::write(folder.path().join("dmesg-ramoops-0"), b"\xff\nKernel panic - not syncing: x\n")
            .expect("written");
        assert_eq!(take(folder.path()), panic("kernel", "x"));
        assert_eq!(take(folder.path()), None);
    }
}
