//! The serial line as a person would use it: type a line, read what comes.

use crate::Failure;
use crate::folded::Joiner;
use crate::handover::Handover;
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, send, setsockopt, sockopt};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What stands before the cursor.
pub const PROMPT: &str = "kerberos> ";
/// Generous: emulation on a busy machine is slow.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// An echo that has not come by then never will, but on a machine that is very busy.
const ECHO_LIMIT: Duration = Duration::from_secs(30);

/// What a socket's queue holds otherwise; the kernel's own default is of this size.
const SOCKET_BYTES: usize = 128 * 1024;

/// As much of an echo is waited for: so much of a line's end is on the screen in one piece, however long the line is.
const ECHO_BYTES: usize = 20;

#[derive(Default)]
struct Received {
    // Lines that the console broke are whole again here.
    text: String,
    joiner: Joiner,
    closed: bool,
    /// Who has the line meanwhile, and for how long.
    lent: Option<(UnixStream, Handover)>,
}

impl Received {
    fn add(&mut self, text: &str) {
        self.joiner.take(text, &mut self.text);
    }
}

/// The line, with everything that ever came from it.
pub struct Serial {
    writer: UnixStream,
    received: Arc<(Mutex<Received>, Condvar)>,
    /// Up to where `expect` has read.
    cursor: usize,
}

impl Serial {
    /// Starts listening.
    pub fn new(stream: UnixStream) -> Result<Serial, Failure> {
        let mut reader = stream.try_clone()?;
        let received = Arc::new((Mutex::new(Received::default()), Condvar::new()));
        let shared = received.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            loop {
                let read = reader.read(&mut bytes).unwrap_or(0);
                let (lock, changed) = &*shared;
                let mut received = lock.lock().unwrap_or_else(PoisonError::into_inner);
                let mut theirs = 0;
                if let Some((other, handover)) = &mut received.lent {
                    theirs = handover.take(&bytes[..read]);
                    // Whoever ended in between does not want it any more.
                    let _ = other.write_all(&bytes[..theirs]);
                }
                received.add(&String::from_utf8_lossy(&bytes[theirs..read]));
                received.closed = read == 0;
                changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        Ok(Serial { writer: stream, received, cursor: 0 })
    }

    /// Waits for `text` after what was read so far, and returns everything up to its end.
    pub fn expect(&mut self, text: &str) -> Result<String, Failure> {
        self.expect_within(text, PATIENCE)
    }

    /// As [`Serial::expect`], with its own limit.
    pub fn expect_within(&mut self, text: &str, limit: Duration) -> Result<String, Failure> {
        let deadline = Instant::now() + limit;
        let (lock, changed) = &*self.received;
        let mut received = lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(at) = received.text[self.cursor..].find(text) {
                let end = self.cursor + at + text.len();
                let read = received.text[self.cursor..end].to_owned();
                self.cursor = end;
                return Ok(read);
            }
            let now = Instant::now();
            if now >= deadline || received.closed {
                let tail = received.text[self.cursor..].to_owned();
                return Err(format!("`{text}` did not come; what came: {tail}").into());
            }
            received =
                changed.wait_timeout(received, deadline - now).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// As [`Serial::expect`], for sentences of parts that do not wait for each other: in whatever order they come.
    pub fn expect_all(&mut self, texts: &[&str]) -> Result<(), Failure> {
        let (start, mut end) = (self.cursor, self.cursor);
        for text in texts {
            self.cursor = start;
            self.expect(text)?;
            end = end.max(self.cursor);
        }
        self.cursor = end;
        Ok(())
    }

    /// As [`Serial::expect`] without waiting: nothing if `text` has not come yet.
    pub fn take(&mut self, text: &str) -> Option<String> {
        let received = self.received.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = received.text[self.cursor..].find(text)?;
        let end = self.cursor + at + text.len();
        let read = received.text[self.cursor..end].to_owned();
        self.cursor = end;
        Some(read)
    }

    /// Whether the machine is gone and nothing more will come.
    pub fn closed(&self) -> bool {
        self.received.0.lock().unwrap_or_else(PoisonError::into_inner).closed
    }

    /// Whether `text` has come, ever.
    pub fn has(&self, text: &str) -> bool {
        self.transcript().contains(text)
    }

    /// Everything that came so far.
    pub fn transcript(&self) -> String {
        self.received.0.lock().unwrap_or_else(PoisonError::into_inner).text.clone()
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.writer.write_all(bytes)?)
    }

    /// From here on the line keeps next to nothing, as a real one, or again what a socket keeps: see [`Serial::send_or_lose`].
    pub fn keep_little(&mut self, little: bool) -> Result<(), Failure> {
        // The kernel makes one byte of it the least that it allows: six packets, whatever is in them.
        let bytes = if little { 1 } else { SOCKET_BYTES };
        Ok(setsockopt(&self.writer, sockopt::SndBuf, &bytes)?)
    }

    /// Sends bytes as a line carries them: what nobody takes is lost. A socket would keep kilobytes for a machine that does not listen yet, and
    /// then hand them over faster than any line; QEMU's PL011, of which a start empties no more than 32, raises no interrupt ever after.
    pub fn send_or_lose(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        // One by one: it is packets that are counted.
        for byte in bytes.chunks(1) {
            match send(self.writer.as_raw_fd(), byte, MsgFlags::MSG_DONTWAIT) {
                Ok(_) | Err(Errno::EAGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Lets a program that receives by ZMODEM have the line as its standard input and output, until the transfer or the program ends. What
    /// it left unread counts as read by nobody.
    pub fn lend(&mut self, mut program: Command) -> Result<ExitStatus, Failure> {
        let (mut ours, mut theirs) = UnixStream::pair()?;
        for set in [Command::stdin::<OwnedFd>, Command::stdout::<OwnedFd>] {
            set(&mut program, theirs.try_clone()?.into());
        }
        let lent = ours.try_clone()?;
        // A program that does not read any more must not hold up whoever listens.
        lent.set_write_timeout(Some(ECHO_LIMIT))?;
        self.received.0.lock().unwrap_or_else(PoisonError::into_inner).lent =
            Some((lent, Handover::default()));
        let mut writer = self.writer.try_clone()?;
        let pump = std::thread::spawn(move || std::io::copy(&mut ours, &mut writer));
        let ended = program.spawn().and_then(|mut child| child.wait());
        drop(program);
        let mut received = self.received.0.lock().unwrap_or_else(PoisonError::into_inner);
        received.lent = None;
        let mut unread = Vec::new();
        theirs.set_nonblocking(true)?;
        // Ends with an error: there is no more.
        let _ = theirs.read_to_end(&mut unread);
        received.add(&String::from_utf8_lossy(&unread));
        drop((received, theirs));
        pump.join().map_err(|_| "the pump broke")??;
        Ok(ended?)
    }

    /// Types what sends files by ZMODEM, and has the stock `rz` receive them in `folder`; what was said before it began. Whatever is done
    /// `first` comes to pass while the line is rz's: from then on nobody says anything else on it.
    pub fn receive(&mut self, line: &str, folder: &Path, first: impl FnOnce()) -> Result<String, Failure> {
        self.send(format!("{line}\r").as_bytes())?;
        let said = self.expect("Receive it now by ZMODEM (rz).")?;
        first();
        let mut rz = Command::new("rz");
        rz.current_dir(folder).stderr(Stdio::null());
        let ended = self.lend(rz)?;
        if ended.success() { Ok(said) } else { Err(format!("rz: {ended}").into()) }
    }

    /// Waits for the first prompt.
    pub fn prompt(&mut self) -> Result<String, Failure> {
        self.expect(PROMPT)
    }

    /// Types a command and returns its answer, without the prompt that follows it.
    pub fn command(&mut self, line: &str) -> Result<String, Failure> {
        // A line longer than the row is shown in part; its end always is.
        let end = line.len().saturating_sub(ECHO_BYTES);
        let echo = format!("{}\r\n", line.get(end..).unwrap_or(line));
        let deadline = Instant::now() + PATIENCE;
        loop {
            self.send(format!("{line}\r").as_bytes())?;
            // A notice may come in between; the line is then shown again, with its prompt. The kernel's own messages, which a card in
            // trouble causes by the hundred, may fall into the middle of the echo: then it is typed again.
            match self.expect_within(&echo, ECHO_LIMIT) {
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(_) => {}
                Ok(_) => break,
            }
        }
        let answer = self.expect(PROMPT)?;
        Ok(answer.trim_end_matches(PROMPT).replace('\r', ""))
    }
}
