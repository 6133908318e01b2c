//! Our program as root, started by sudo: reads blocks of the one card that was named, and nothing else.
//!
//! All that is written on this computer is written by whoever called, as that person. Must not open a card for writing.
//!
//! An order is the first byte (8 bytes) and a length (4 bytes); the answer an error number (4 bytes, 0 for none), and where that is 0 as
//! many bytes. All numbers are little-endian. No more orders: the end.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::Error;
use crate::card_writer::{Host, Interrupt, reading};
use crate::ext4::Bytes;

/// The command of ours that sudo starts. Not for people.
pub const COMMAND: &str = "read-card";
/// What it says once it has the card.
const READY: &str = "ready";
const ORDER_BYTES: usize = 12;
/// The longest order: more than anybody here asks for.
const LENGTH_MAX: u32 = 4 << 20;
/// The answer where the system gave no number: the card ends before.
const ENDS: i32 = -1;

/// The helper, with the card open.
#[derive(Debug)]
pub struct Helper {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Helper {
    /// Starts it, and returns when it has the card.
    ///
    /// # Errors
    /// When it does not get so far. It has said itself why.
    pub fn start(device: &Path, identity: &str) -> Result<Self, Error> {
        let program = std::env::current_exe().map_err(Error::Program)?;
        let mut sudo = Command::new("sudo");
        sudo.arg("--").arg(program).arg(COMMAND).arg(device).arg(identity);
        Self::spawn(&mut sudo, device)
    }

    fn spawn(command: &mut Command, device: &Path) -> Result<Self, Error> {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(Error::Program)?;
        let orders = child.stdin.take();
        let answers = child.stdout.take().ok_or_else(|| Error::Program(io::ErrorKind::BrokenPipe.into()))?;
        let mut helper = Self { child, orders, answers: BufReader::new(answers) };
        let mut said = String::new();
        // What cannot be read is no "ready".
        let _ = helper.answers.read_line(&mut said);
        if said.trim() == READY { Ok(helper) } else { Err(Error::NotOpened(device.to_owned())) }
    }
}

impl Bytes for Helper {
    fn read_at(&mut self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        let length = u32::try_from(into.len()).map_err(io::Error::other)?;
        let orders = self.orders.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        orders.write_all(&[offset.to_le_bytes().as_slice(), &length.to_le_bytes()].concat())?;
        orders.flush()?;
        let mut error = [0; 4];
        self.answers.read_exact(&mut error)?;
        match i32::from_le_bytes(error) {
            0 => self.answers.read_exact(into),
            ENDS => Err(io::ErrorKind::UnexpectedEof.into()),
            number => Err(io::Error::from_raw_os_error(number)),
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // No more orders: it ends.
        self.orders = None;
        let _ = self.child.wait();
    }
}

/// The helper's side: opens the card that was named, says so, and reads what it is told.
///
/// # Errors
/// When the card is another one, or cannot be had.
pub fn help(device: &Path, identity: &str) -> Result<(), Error> {
    let host = Host::this();
    let disk = reading::find(&host, device)?;
    if disk.identity() != identity {
        return Err(Error::Gone(device.to_owned()));
    }
    let card = reading::open(&host, &disk)?.ok_or_else(|| Error::NotOpened(device.to_owned()))?;
    // Ctrl-C reaches us as well: whoever called tidies up and ends us.
    let _interrupt = Interrupt::catch().map_err(|error| Error::Program(error.into()))?;
    let mut output = io::stdout().lock();
    writeln!(output, "{READY}").and_then(|()| output.flush()).map_err(Error::Program)?;
    serve(card, io::stdin().lock(), output).map_err(Error::Program)
}

/// Answers orders until there are no more.
fn serve(mut card: File, mut orders: impl Read, mut answers: impl Write) -> io::Result<()> {
    let mut buffer = Vec::new();
    let mut order = [0; ORDER_BYTES];
    while orders.read_exact(&mut order).is_ok() {
        let (Some(offset), Some(length)) = (order.first_chunk::<8>(), order.last_chunk::<4>()) else { break };
        let length = u32::from_le_bytes(*length).min(LENGTH_MAX);
        buffer.resize(length as usize, 0);
        match card.read_at(u64::from_le_bytes(*offset), &mut buffer) {
            Ok(()) => {
                answers.write_all(&0_i32.to_le_bytes())?;
                answers.write_all(&buffer)?;
            }
            Err(error) => answers.write_all(&error.raw_os_error().unwrap_or(ENDS).to_le_bytes())?,
        }
        answers.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};
    use std::path::Path;
    use std::process::Command;

    use super::{ENDS, Helper, serve};
    use crate::ext4::Bytes as _;

    #[test]
    fn orders_are_answered_with_the_cards_bytes_until_there_are_no_more() {
        let mut card = tempfile::tempfile().expect("a file");
        card.write_all(b"0123456789").expect("written");
        let order =
            |offset: u64, length: u32| [offset.to_le_bytes().as_slice(), &length.to_le_bytes()].concat();
        let mut answers = Vec::new();
        serve(card, Cursor::new([order(2, 3), order(8, 4), order(9, 1)].concat()), &mut answers)
            .expect("served");
        let expected = [&[0; 4], b"234".as_slice(), &ENDS.to_le_bytes(), &[0; 4], b"9"].concat();
        assert_eq!(answers, expected);
    }

    #[test]
    fn what_the_helper_reads_arrives_and_its_end_is_an_error() {
        let spawn =
            |script: &str| Helper::spawn(Command::new("sh").args(["-c", script]), Path::new("/dev/card"));
        let mut helper = spawn("echo ready; head -c 12 >/dev/null; printf '\\0\\0\\0\\0abc'").expect("ready");
        let mut three = [0; 3];
        helper.read_at(7, &mut three).expect("read");
        assert_eq!(&three, b"abc");
        assert!(helper.read_at(7, &mut three).is_err());
        let error = spawn("exit 1").expect_err("not ready").to_string();
        assert!(error.starts_with("/dev/card could not be opened as root"), "{error}");
    }
}
