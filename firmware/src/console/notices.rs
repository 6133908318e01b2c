//! Lines of the log that the owner wants to see as they happen.
//!
//! They come from the kernel's log buffer (Documentation/ABI/testing/dev-kmsg: `priority,sequence,time,flags;text`), so
//! nothing is missed while the console itself was not running.

use crate::log::{Level, MARK};
use nix::fcntl::OFlag;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;

/// The kernel's longest record.
const RECORD_BYTES_MAX: usize = 8192;
/// Until when the console has shown the log: a restarted console goes on from there.
const SHOWN: &str = "/run/kerberos/log-shown";

/// A reader of the log.
pub struct Notices {
    log: Option<File>,
    shown: u64,
}

impl Notices {
    /// Starts after what was already shown. Without a kernel log there are no notices.
    pub fn open() -> Notices {
        let log = File::options().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open("/dev/kmsg").ok();
        let shown = std::fs::read_to_string(SHOWN).ok().and_then(|s| s.parse().ok()).unwrap_or(0);
        Notices { log, shown }
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
            let Some(line) = parse(&record) else { continue };
            if line.sequence < self.shown || line.level > Level::Notice as u32 {
                continue;
            }
            self.shown = line.sequence + 1;
            // Only costs a repetition after a restart of the console.
            let _ = std::fs::write(SHOWN, self.shown.to_string());
            return Some(line.text.to_owned());
        }
    }

    /// What to wait on.
    pub fn as_fd(&self) -> Option<BorrowedFd<'_>> {
        self.log.as_ref().map(AsFd::as_fd)
    }
}

/// One of our lines.
#[derive(Debug, PartialEq, Eq)]
struct Line<'a> {
    level: u32,
    sequence: u64,
    text: &'a str,
}

/// Reads a record; nothing when it is not one of ours.
fn parse(record: &str) -> Option<Line<'_>> {
    let (head, text) = record.split_once(';')?;
    let mut fields = head.split(',');
    let priority: u32 = fields.next()?.parse().ok()?;
    let sequence = fields.next()?.parse().ok()?;
    let text = text.lines().next()?.strip_prefix(MARK)?;
    Some(Line { level: priority % 8, sequence, text })
}

#[cfg(test)]
mod tests {
    use super::{Line, parse};

    #[test]
    fn our_lines_are_told_from_the_kernels() {
        let ours = "13,339,5140900,-;kerberos: event 1: motion\n SUBSYSTEM=x\n";
        assert_eq!(parse(ours), Some(Line { level: 5, sequence: 339, text: "event 1: motion" }));
        for other in ["6,339,5140900,-;usb 1-1: new device", "", ";", "x,y;kerberos: z"] {
            assert_eq!(parse(other), None);
        }
    }
}
