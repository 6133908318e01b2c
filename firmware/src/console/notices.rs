//! Lines of the log that the owner wants to see as they happen.
//!
//! They come from the kernel's log buffer, so nothing is missed while the console itself was not running. Each console reads by itself.

use super::kernel_log::{self, RECORD_BYTES_MAX, Record};
use crate::log::Level;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::{AsFd, BorrowedFd};

/// Until when the console has shown the log: a restarted console goes on from there.
const SHOWN: &str = "/run/kerberos/log-shown";

/// A reader of the log.
pub struct Notices {
    log: Option<File>,
    shown: u64,
    /// Whether to go on from there after a restart.
    is_kept: bool,
}

impl Notices {
    /// Starts after what was already shown. Without a kernel log there are no notices.
    pub fn open() -> Notices {
        let log = kernel_log::open().ok();
        let shown = std::fs::read_to_string(SHOWN).ok().and_then(|s| s.parse().ok()).unwrap_or(0);
        Notices { log, shown, is_kept: true }
    }

    /// Starts with what happens from now on: for somebody who has just come, and has `log` for what was before.
    pub fn from_now() -> Notices {
        let mut log = kernel_log::open().ok();
        if let Some(log) = &mut log {
            // A log that cannot be skipped is shown in full.
            let _ = log.seek(SeekFrom::End(0));
        }
        Notices { log, shown: 0, is_kept: false }
    }

    /// The next line to show, if there is one.
    pub fn next(&mut self) -> Option<String> {
        loop {
            let mut record = [0; RECORD_BYTES_MAX];
            let read = match self.log.as_mut()?.read(&mut record) {
                Ok(n) => n,
                // The buffer ran over us: the next read goes on with the oldest record that is left.
                Err(e) if e.raw_os_error() == Some(nix::libc::EPIPE) => {
                    return Some("(some lines of the log were lost)".into());
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return None,
            };
            let record = String::from_utf8_lossy(&record[..read]);
            let Some(record) = Record::parse(&record) else { continue };
            let Some(text) = record.ours() else { continue };
            if record.sequence < self.shown || record.level > Level::Notice as u32 {
                continue;
            }
            self.shown = record.sequence + 1;
            if self.is_kept {
                // Only costs a repetition after a restart of the console.
                let _ = std::fs::write(SHOWN, self.shown.to_string());
            }
            return Some(text.to_owned());
        }
    }

    /// What to wait on.
    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.log.as_ref().map(AsFd::as_fd)
    }
}
