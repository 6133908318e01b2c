//! The product's log: lines in the kernel's own log buffer.
//!
//! One buffer in memory, in order, shared by all processes and by the kernel, that survives the restart of any of them and
//! never touches the card. The console shows the lines marked [`Level::Notice`] and above. Logging never blocks: the
//! kernel overwrites the oldest lines. It must not be used per frame.

use crate::paths;
use std::io::Write;
use std::sync::OnceLock;

/// Every line of ours starts with this, so that the console can tell them from the kernel's.
pub const MARK: &str = "kerberos: ";

/// Longest line: the kernel's limit for one record is about 1000 bytes.
const LINE_BYTES_MAX: usize = 900;

/// How important a line is: the kernel's levels (`include/linux/kern_levels.h`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A part of the product died.
    Critical = 2,
    /// Something that the owner should mend.
    Warning = 4,
    /// Something that the owner wants to see as it happens.
    Notice = 5,
    /// For whoever reads the log later.
    Info = 6,
}

/// Writes one line. Without a kernel log (tests on a host) it goes to standard error.
pub fn line(level: Level, text: std::fmt::Arguments<'_>) {
    let mut record = format!("<{}>{MARK}{text}", level as u8).replace(['\n', '\r'], " ");
    let end = (0..=record.len().min(LINE_BYTES_MAX)).rev().find(|&i| record.is_char_boundary(i)).unwrap_or(0);
    record.truncate(end);
    // Without its line feed the kernel keeps a record open for a continuation, and readers do not see it until the next.
    record.push('\n');
    match kernel_log() {
        // One write is one record; a failed write has nowhere to be told.
        Some(mut file) => drop(file.write_all(record.as_bytes())),
        None => eprint!("{record}"),
    }
}

fn kernel_log() -> Option<&'static std::fs::File> {
    static FILE: OnceLock<Option<std::fs::File>> = OnceLock::new();
    FILE.get_or_init(|| std::fs::OpenOptions::new().write(true).open("/dev/kmsg").ok()).as_ref()
}

/// Sends what a dying thread has to say to the log, and leaves it for init: its epitaph.
pub fn install_epitaph(process: &'static str) {
    install_epitaph_with(process, move |epitaph| {
        // init then only knows that the process panicked.
        let _ = std::fs::write(format!("{}{process}", paths::EPITAPH), epitaph);
    });
}

/// Sends what a dying thread has to say to the log, and then to `also`: `thread: message (file:line)`.
pub fn install_epitaph_with(process: &'static str, also: impl Fn(&str) + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |panic| {
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("?");
        let message = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map_or(String::new(), |l| format!(" ({}:{})", l.file(), l.line()));
        line(Level::Critical, format_args!("{process}/{thread} died: {message}{place}"));
        also(&format!("{thread}: {message}{place}"));
    }));
}

/// Logs a [`Level::Critical`] line.
#[macro_export]
macro_rules! critical { ($($t:tt)*) => { $crate::log::line($crate::log::Level::Critical, format_args!($($t)*)) } }
/// Logs a [`Level::Warning`] line.
#[macro_export]
macro_rules! warning { ($($t:tt)*) => { $crate::log::line($crate::log::Level::Warning, format_args!($($t)*)) } }
/// Logs a [`Level::Notice`] line.
#[macro_export]
macro_rules! notice { ($($t:tt)*) => { $crate::log::line($crate::log::Level::Notice, format_args!($($t)*)) } }
/// Logs a [`Level::Info`] line.
#[macro_export]
macro_rules! info { ($($t:tt)*) => { $crate::log::line($crate::log::Level::Info, format_args!($($t)*)) } }
