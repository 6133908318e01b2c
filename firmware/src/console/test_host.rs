//! `test-host`, in test images alone: the computer at the other end of the USB device port.
//!
//! A test kernel has it in the same machine. It opens and closes the line there as a terminal program does, and is a wire from it to the outside of the machine, where somebody types
//! and judges. Must not look at what passes, nor be in a product image.

use super::context::Context;
use super::pulse;
use crate::clock;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What the computer has for a serial line on USB.
const LINES: (&str, &str) = ("/sys/class/tty", "ttyACM");
/// The ports that lead out of the machine.
const OUTSIDE: (&str, &str) = ("/sys/class/virtio-ports", "vport");
/// The computer's USB controller; below it is the socket, with a file that takes power and cable away from it.
const CONTROLLER: &str = "/sys/devices/platform/dummy_hcd.0";
const SOCKET: &str = "disable";
/// How deep: bus, its hub, the socket.
const SOCKET_DEPTH: u32 = 3;
/// What has not happened by then does not.
const PATIENCE_US: u64 = 30_000_000;
const LOOK_EVERY: Duration = Duration::from_millis(20);
const LOOK_MS: u16 = 50;

/// Whether the terminal program shall have the line open.
static IS_WANTED: AtomicBool = AtomicBool::new(false);
/// Whether it has.
static IS_OPEN: AtomicBool = AtomicBool::new(false);
/// Whether it leaves what comes unread.
static IS_STALLED: AtomicBool = AtomicBool::new(false);

/// See the head of this file.
pub fn test_host(context: &mut Context<'_>) -> String {
    let result = match *context.arguments {
        ["open"] => be_open(true),
        ["close"] => be_open(false),
        ["stall"] => {
            IS_STALLED.store(true, Ordering::Relaxed);
            Ok("Stalled.")
        }
        ["go"] => {
            IS_STALLED.store(false, Ordering::Relaxed);
            Ok("Goes on.")
        }
        ["pull"] => plug("1").map(|()| "Pulled."),
        ["plug"] => plug("0").map(|()| "Plugged in."),
        _ => Err("open, close, stall, go, pull or plug".into()),
    };
    result.map_or_else(|error| error, str::to_owned) + "\n"
}

fn plug(word: &str) -> Result<(), String> {
    let socket = find(PathBuf::from(CONTROLLER), SOCKET_DEPTH).ok_or("there is no socket")?;
    std::fs::write(socket, word).map_err(|error| error.to_string())
}

/// The socket's file below that folder.
fn find(folder: PathBuf, depth: u32) -> Option<PathBuf> {
    let file = folder.join(SOCKET);
    if file.is_file() {
        return Some(file);
    }
    let below = std::fs::read_dir(folder).ok()?.flatten().filter(|entry| depth > 0 && entry.path().is_dir());
    // Links lead out of it again.
    below.filter(|entry| !entry.path().is_symlink()).find_map(|entry| find(entry.path(), depth - 1))
}

fn be_open(wanted: bool) -> Result<&'static str, String> {
    static WIRE: Once = Once::new();
    WIRE.call_once(|| drop(std::thread::spawn(wire)));
    IS_WANTED.store(wanted, Ordering::Relaxed);
    let deadline_us = clock::monotonic_us() + PATIENCE_US;
    while IS_OPEN.load(Ordering::Relaxed) != wanted {
        if clock::monotonic_us() > deadline_us {
            return Err("it does not become so".into());
        }
        pulse::beat();
        std::thread::sleep(LOOK_EVERY);
    }
    Ok(if wanted { "Open." } else { "Closed." })
}

/// Carries what is said, while the line is open.
fn wire() {
    loop {
        IS_OPEN.store(false, Ordering::Relaxed);
        std::thread::sleep(LOOK_EVERY);
        if IS_WANTED.load(Ordering::Relaxed)
            && let (Some(mut line), Some(mut outside)) = (open(LINES), open(OUTSIDE))
        {
            // As a terminal program does, and no sooner: until now the line echoes, as the kernel has it at first.
            if let Ok(mut settings) = tcgetattr(&line) {
                cfmakeraw(&mut settings);
                let _ = tcsetattr(&line, SetArg::TCSANOW, &settings);
            }
            IS_OPEN.store(true, Ordering::Relaxed);
            while IS_WANTED.load(Ordering::Relaxed) {
                if carry(&mut line, &mut outside).is_none() {
                    break;
                }
            }
        }
    }
}

/// One piece each way; nothing when the line is gone.
fn carry(line: &mut File, outside: &mut File) -> Option<()> {
    let reads = if IS_STALLED.load(Ordering::Relaxed) { PollFlags::empty() } else { PollFlags::POLLIN };
    let mut fds = [PollFd::new(line.as_fd(), reads), PollFd::new(outside.as_fd(), PollFlags::POLLIN)];
    let _ = poll(&mut fds, LOOK_MS);
    let [from_line, from_outside] =
        [fds[0].revents(), fds[1].revents()].map(|events| events.unwrap_or(PollFlags::empty()));
    if from_line.intersects(PollFlags::POLLHUP | PollFlags::POLLERR) {
        return None;
    }
    if from_line.contains(PollFlags::POLLIN) {
        pass_on(line, outside)?;
    }
    if from_outside.contains(PollFlags::POLLIN) {
        pass_on(outside, line)?;
    }
    Some(())
}

fn pass_on(from: &mut File, to: &mut File) -> Option<()> {
    let mut bytes = [0; 4096];
    let mut rest = match from.read(&mut bytes) {
        Ok(count) => &bytes[..count],
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Some(()),
        Err(_) => return None,
    };
    while !rest.is_empty() && IS_WANTED.load(Ordering::Relaxed) {
        match to.write(rest) {
            Ok(count) => rest = &rest[count..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                let _ = poll(&mut [PollFd::new(to.as_fd(), PollFlags::POLLOUT)], LOOK_MS);
            }
            Err(_) => return None,
        }
    }
    Some(())
}

/// Opens the first device of that class whose name begins so.
fn open((class, name): (&str, &str)) -> Option<File> {
    let mut names = std::fs::read_dir(class).ok()?.flatten().map(|entry| entry.file_name());
    let name = names.find(|found| found.to_string_lossy().starts_with(name))?;
    let flags = (OFlag::O_NOCTTY | OFlag::O_NONBLOCK).bits();
    File::options().read(true).write(true).custom_flags(flags).open(PathBuf::from("/dev").join(name)).ok()
}
