//! The kernel's log buffer, in which our own lines are as well; `log` shows its end.
//!
//! Documentation/ABI/testing/dev-kmsg: a read gives one record, `priority,sequence,time,flags;text`, what is no plain character escaped.
//! Must not write to it.

use super::context::Context;
use super::grammar::{Form, Word};
use super::reply::Reply;
use crate::log::MARK;
use crate::told::duration;
use crate::{clock, wall};
use hours::Zone;
use nix::fcntl::OFlag;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;

/// What may follow `log`.
pub const FORMS: &[Form] = &[
    Form { words: &[], help: "its end" },
    Form { words: &[Word::Is("kernel")], help: "with the kernel's lines" },
    Form { words: &[Word::Is("kernel"), Word::Any("LINES")], help: "so many of them" },
    Form { words: &[Word::Any("LINES")], help: "so many lines" },
];

/// The kernel's longest record.
pub const RECORD_BYTES_MAX: usize = 8192;
/// Records that are read at most: a log that is written faster than it is read must not hold the console.
const RECORDS_MAX: usize = 20_000;
/// Lines shown unless asked otherwise: a screen full; and the most.
const LINES: usize = 20;
const LINES_MAX: usize = 1000;
const PATH: &str = "/dev/kmsg";

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The kernel's level: smaller is worse.
    pub level: u32,
    /// Its number since the start.
    pub sequence: u64,
    /// Microseconds since the kernel's start.
    pub time_us: u64,
    /// Its first line.
    pub text: String,
}

impl Record {
    /// Reads a record as the kernel gives it.
    pub fn parse(record: &str) -> Option<Record> {
        let (head, text) = record.split_once(';')?;
        let mut fields = head.split(',');
        let priority: u32 = fields.next()?.parse().ok()?;
        let sequence = fields.next()?.parse().ok()?;
        let time_us = fields.next()?.parse().ok()?;
        Some(Record { level: priority % 8, sequence, time_us, text: text.lines().next()?.to_owned() })
    }

    /// The text, if it is one of our own lines.
    pub fn ours(&self) -> Option<&str> {
        self.text.strip_prefix(MARK)
    }
}

/// Opens the log for reading without waiting, at its oldest record.
pub fn open() -> io::Result<File> {
    File::options().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(PATH)
}

/// All that is in it.
pub fn all() -> io::Result<Vec<Record>> {
    let mut log = open()?;
    let (mut records, mut bytes) = (Vec::new(), [0; RECORD_BYTES_MAX]);
    for _ in 0..RECORDS_MAX {
        match log.read(&mut bytes) {
            Ok(read) => records.extend(Record::parse(&String::from_utf8_lossy(&bytes[..read]))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            // The buffer ran over us, or a signal came: the next read goes on.
            Err(_) => {}
        }
    }
    Ok(records)
}

/// See the head of this file.
pub fn log(context: &mut Context<'_>) -> Reply {
    let (with_kernel, words) = match context.arguments {
        ["kernel", words @ ..] => (true, words),
        words => (false, words),
    };
    let count = match words {
        [] => Some(LINES),
        [count] => count.parse().ok().filter(|count| (1..=LINES_MAX).contains(count)),
        _ => None,
    };
    let Some(count) = count else {
        return Reply::refused(format!("LINES is a number up to {LINES_MAX}; without one it is {LINES}.\n"));
    };
    // Without a clock that is trusted there is no time of day.
    let zone = clock::is_trusted().then_some(&context.desk.in_force().time_zone);
    match all() {
        Ok(records) => Reply::done(lines(&records, with_kernel, count, zone)),
        Err(error) => Reply::refused(format!("The log cannot be read: {error}.\n")),
    }
}

/// The last lines, each with its time: by the clock if that was set, else since the start.
fn lines(records: &[Record], with_kernel: bool, count: usize, zone: Option<&Zone>) -> String {
    let shown: Vec<&Record> =
        records.iter().filter(|record| with_kernel || record.ours().is_some()).collect();
    let first = shown.len().saturating_sub(count);
    let line = |record: &&Record| {
        let time = match zone {
            Some(zone) => wall::shown(zone, clock::wall_us_at(record.time_us)).to_string(),
            None => duration(record.time_us / 1_000_000),
        };
        let text = match (with_kernel, record.ours()) {
            (false, Some(ours)) => ours,
            _ => &record.text,
        };
        format!("{time}  {text}\n")
    };
    let text: String = shown[first..].iter().map(line).collect();
    if text.is_empty() { "The log is empty.\n".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::{Record, lines};
    use hours::Zone;

    fn record(text: &str) -> Record {
        Record::parse(text).expect("a record")
    }

    #[test]
    fn records_are_read_as_the_kernel_gives_them() {
        let ours = record("13,339,5140900,-;kerberos: event 1: motion\n SUBSYSTEM=x\n");
        assert_eq!((ours.level, ours.sequence, ours.time_us), (5, 339, 5_140_900));
        assert_eq!(ours.ours(), Some("event 1: motion"));
        assert_eq!(record("6,340,1,-;usb 1-1: new device").ours(), None);
        for other in ["", ";", "x,y;kerberos: z", "6,340;no time"] {
            assert_eq!(Record::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_last_lines_have_their_times_and_the_kernels_only_if_asked_for() {
        let records: Vec<Record> = (0..30)
            .map(|n| {
                record(&format!(
                    "6,{n},{}000000,-;{}line {n}\n",
                    n,
                    if n % 2 == 0 { "kerberos: " } else { "usb: " }
                ))
            })
            .collect();
        assert_eq!(lines(&records, false, 2, None), "00:00:26  line 26\n00:00:28  line 28\n");
        assert_eq!(lines(&records, true, 2, None), "00:00:28  kerberos: line 28\n00:00:29  usb: line 29\n");
        assert_eq!(lines(&records, false, 1000, None).lines().count(), 15);
        assert_eq!(lines(&[], false, 5, None), "The log is empty.\n");
        assert!(lines(&records, false, 1, Some(&Zone::default())).contains(" 2"), "with the date");
    }
}
