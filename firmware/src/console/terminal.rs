//! The serial line: opened raw, at the speed the kernel gave it, written without ever blocking the product.

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::termios::{ControlFlags, SetArg, cfmakeraw, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;

/// Bytes taken from the line at once.
const READ_BYTES: usize = 256;
/// How long a write may wait for a line that does not drain (flow control, a dead USB host) before it is given up.
const WRITE_LIMIT_MS: u16 = 2000;

/// The line.
pub struct Terminal {
    file: File,
}

impl Terminal {
    /// Opens the line and makes it raw: 8 bits, no echo, no signals, modem lines ignored. Speed stays as it is.
    pub fn open(path: &str) -> io::Result<Terminal> {
        let flags = OFlag::O_NOCTTY | OFlag::O_NONBLOCK;
        let file = File::options().read(true).write(true).custom_flags(flags.bits()).open(path)?;
        let mut settings = tcgetattr(&file)?;
        cfmakeraw(&mut settings);
        settings.control_flags |= ControlFlags::CLOCAL | ControlFlags::CREAD;
        tcsetattr(&file, SetArg::TCSANOW, &settings)?;
        Ok(Terminal { file })
    }

    /// What has arrived; nothing at all (not even an empty answer) when the line is gone.
    pub fn read(&mut self) -> Option<heapless::Vec<u8, READ_BYTES>> {
        let mut bytes = [0; READ_BYTES];
        match self.file.read(&mut bytes) {
            Ok(0) => None,
            Ok(n) => heapless::Vec::from_slice(&bytes[..n]).ok(),
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
                Some(heapless::Vec::new())
            }
            Err(_) => None,
        }
    }

    /// Writes text; line feeds become the carriage return and line feed that a raw line needs. What a dead line does not
    /// take within the bound is lost.
    pub fn write(&mut self, text: &str) {
        let text = text.replace('\n', "\r\n");
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(n) => rest = &rest[n..],
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock && self.drains() => {}
                Err(_) => return,
            }
        }
    }

    fn drains(&self) -> bool {
        let mut fds = [PollFd::new(self.file.as_fd(), PollFlags::POLLOUT)];
        match poll(&mut fds, WRITE_LIMIT_MS) {
            Ok(ready) => ready > 0,
            Err(error) => error == Errno::EINTR,
        }
    }
}

impl AsFd for Terminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
