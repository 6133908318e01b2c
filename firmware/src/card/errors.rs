//! Requests to the card that failed, as the kernel's log tells them.
//!
//! A flush of a second of video is a hundred requests; on a failing card each takes the driver's retries, and the caller
//! hears of the first failure when the last is over. The kernel tells each as it happens. Only a hint: whoever writes
//! finds out in the end. It must not touch the card.

use nix::fcntl::OFlag;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;

/// The kernel's longest record.
const RECORD_BYTES_MAX: usize = 8192;

/// A reader of the kernel's log, from now on.
pub struct Errors {
    log: Option<File>,
}

impl Errors {
    /// Starts to listen. Without a kernel log nothing is ever heard.
    pub fn open() -> Errors {
        let log = File::options().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open("/dev/kmsg").ok();
        let at_its_end = log.and_then(|mut log| log.seek(SeekFrom::End(0)).ok().map(|_| log));
        Errors { log: at_its_end }
    }

    /// Whether a request to the disk of this name has failed since the last call.
    pub fn heard(&mut self, disk: &str) -> bool {
        let Some(log) = &mut self.log else { return false };
        let mut is_heard = false;
        let mut record = [0; RECORD_BYTES_MAX];
        loop {
            match log.read(&mut record) {
                Ok(read) => is_heard |= is_failure(&String::from_utf8_lossy(&record[..read]), disk),
                // EPIPE: the buffer ran over us; the next read goes on with the oldest record that is left.
                Err(e) if e.kind() == io::ErrorKind::Interrupted || e.kind() == io::ErrorKind::BrokenPipe => {
                }
                Err(_) => return is_heard,
            }
        }
    }
}

/// Whether a record is `blk_print_req_error`'s (block/blk-mq.c) about this disk: the word before names the kind of error.
fn is_failure(record: &str, disk: &str) -> bool {
    let text = record.split_once(';').map_or("", |(_, text)| text);
    !disk.is_empty()
        && text
            .split_once(" error, dev ")
            .is_some_and(|(_, rest)| rest.starts_with(&format!("{disk}, sector ")))
}

#[cfg(test)]
mod tests {
    use super::is_failure;

    #[test]
    fn only_failed_requests_of_this_disk_count() {
        let record = |text: &str| format!("3,512,69822060,-;{text}\n");
        let failure = record("I/O error, dev mmcblk0, sector 196608 op 0x1:(WRITE) flags 0x3800 phys_seg 1");
        assert!(is_failure(&failure, "mmcblk0"));
        assert!(is_failure(&record("timeout error, dev mmcblk0, sector 1 op 0x0:(READ)"), "mmcblk0"));
        assert!(
            !is_failure(&failure, "mmcblk1") && !is_failure(&failure, "mmcblk") && !is_failure(&failure, "")
        );
        assert!(!is_failure(&record("Buffer I/O error on dev mmcblk0p4, logical block 0"), "mmcblk0"));
        assert!(!is_failure("", "mmcblk0"));
    }
}
