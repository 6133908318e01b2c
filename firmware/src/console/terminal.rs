//! The serial line: opened raw, at the speed the kernel gave it, written without ever blocking the product.

use crate::sys::tty;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::termios::{
    ControlFlags, FlowArg, FlushArg, InputFlags, SetArg, cfmakeraw, tcflow, tcflush, tcgetattr, tcsetattr,
};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;

/// Columns of the smallest terminal, less one: in the last one some terminals already begin a new row.
pub const COLUMNS_MAX: usize = 79;
/// Rows of the smallest terminal, less the one in which the cursor waits.
pub const ROWS_MAX: usize = 23;
/// Bytes taken from the line at once.
const READ_BYTES: usize = 256;
/// How long a write may wait for a line that does not drain (flow control, a dead USB host) before it is given up.
const WRITE_LIMIT_MS: u16 = 2000;

/// A device port is a line by name alone: what stands in its settings is nobody's speed (f_serial and u_serial of the kernel).
const SPEEDLESS: &str = "/dev/ttyGS";
/// Speeds that consoles have.
static SPEEDS: [(libc::tcflag_t, u32); 12] = [
    (libc::B9600, 9_600),
    (libc::B19200, 19_200),
    (libc::B38400, 38_400),
    (libc::B57600, 57_600),
    (libc::B115200, 115_200),
    (libc::B230400, 230_400),
    (libc::B460800, 460_800),
    (libc::B500000, 500_000),
    (libc::B921600, 921_600),
    (libc::B1000000, 1_000_000),
    (libc::B1500000, 1_500_000),
    (libc::B3000000, 3_000_000),
];

/// The line.
pub struct Terminal {
    file: File,
    has_speed: bool,
    /// Whether text was given up, and nobody was told yet.
    has_lost: bool,
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
        Ok(Terminal { file, has_speed: !path.starts_with(SPEEDLESS), has_lost: false })
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
    /// take within the bound is lost, and so is all that follows, without a wait, until somebody takes note ([`Terminal::take_lost`]).
    pub fn write(&mut self, text: &str) {
        if self.has_lost {
            return;
        }
        let text = text.replace('\n', "\r\n");
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(n) => rest = &rest[n..],
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock && self.drains(WRITE_LIMIT_MS) => {}
                Err(_) => {
                    self.has_lost = true;
                    return;
                }
            }
        }
    }

    /// Writes some of these bytes as they are; none when the line takes none now.
    ///
    /// # Errors
    /// The line is gone.
    pub fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.file.write(bytes) {
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(0),
            written => written,
        }
    }

    /// Whether whoever listens may stop the line and let it go on (XON and XOFF): for a transfer, whose receiver's buffer may fill up,
    /// and never for people, whose Ctrl-S would look like a camera that hangs. Whatever comes lets it go on.
    pub fn set_flow_control(&mut self, is_on: bool) {
        let flags = InputFlags::IXON | InputFlags::IXANY;
        // A line that does not know it does without.
        if let Ok(mut settings) = tcgetattr(&self.file) {
            settings.input_flags.set(flags, is_on);
            let _ = tcsetattr(&self.file, SetArg::TCSANOW, &settings);
        }
        let _ = tcflow(&self.file, FlowArg::TCOON);
    }

    /// The line's speed in bits a second, if it has one: a USB device port has none.
    pub fn baud(&self) -> Option<u32> {
        if !self.has_speed {
            return None;
        }
        // Not `cfgetospeed`: it panics on a speed that is not in its list.
        let code = tcgetattr(&self.file).ok()?.control_flags & ControlFlags::CBAUD;
        SPEEDS.iter().find(|(known, _)| *known == code.bits()).map(|(_, baud)| *baud)
    }

    /// Whether text was given up that can be told of now: the line takes some again.
    pub fn take_lost(&mut self) -> bool {
        let can_tell = self.has_lost && self.drains(0);
        self.has_lost &= !can_tell;
        can_tell
    }

    /// Bytes that were written and are still here.
    pub fn unsent(&self) -> usize {
        // A line that does not say is taken for one that drains.
        tty::unsent(&self.file).unwrap_or(0)
    }

    /// Writes one byte so often, each by itself; what the line does not take is not missed.
    pub fn probe(&mut self, byte: u8, times: usize) {
        for _ in 0..times {
            let _ = self.file.write(&[byte]);
        }
    }

    /// Forgets what was typed and lost so far: somebody else is there now.
    pub fn renew(&mut self) {
        self.has_lost = false;
        // What cannot be forgotten is read, and is no more than noise.
        let _ = tcflush(&self.file, FlushArg::TCIFLUSH);
    }

    fn drains(&self, limit_ms: u16) -> bool {
        let mut fds = [PollFd::new(self.file.as_fd(), PollFlags::POLLOUT)];
        match poll(&mut fds, limit_ms) {
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

#[cfg(test)]
mod tests {
    use super::Terminal;
    use nix::fcntl::OFlag;
    use nix::poll::{PollFd, PollFlags, poll};
    use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
    use std::io::Read;
    use std::os::fd::AsFd;

    const LOOK_MS: u16 = 100;
    /// More than any line holds.
    const MUCH: usize = 1 << 20;

    /// UG4.
    #[test]
    fn what_a_line_does_not_take_is_given_up_and_told_of_once_it_takes_something_again() {
        let mut far = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_NONBLOCK).expect("a line");
        grantpt(&far).and_then(|()| unlockpt(&far)).expect("its other end");
        let mut terminal = Terminal::open(&ptsname_r(&far).expect("its name")).expect("opened");
        terminal.write("heard\n");
        assert!(!terminal.take_lost());
        terminal.write(&"x".repeat(MUCH));
        terminal.write("not heard\n");
        assert!(!terminal.take_lost(), "it takes nothing yet");

        let mut said = String::new();
        while !terminal.take_lost() {
            listen(&mut far, &mut said);
        }
        assert!(!terminal.take_lost(), "once");
        terminal.write("heard again\n");
        while !said.ends_with("heard again\r\n") {
            listen(&mut far, &mut said);
        }
        assert!(said.starts_with("heard\r\nxxx") && !said.contains("not heard"));
        assert!(said.len() < MUCH, "{}", said.len());
        assert_eq!(terminal.unsent(), 0);
    }

    /// Takes what there is on the line, as soon as there is something.
    fn listen(far: &mut PtyMaster, said: &mut String) {
        let mut bytes = [0; 4096];
        // A wait in vain is one more.
        let _ = poll(&mut [PollFd::new(far.as_fd(), PollFlags::POLLIN)], LOOK_MS);
        if let Ok(count) = far.read(&mut bytes) {
            said.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }
}
