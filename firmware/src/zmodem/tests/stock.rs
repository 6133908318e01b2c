//! The stock `rz` of lrzsz at the other end of a pseudoterminal, as it is behind a person's terminal program.
//!
//! Debian's package `lrzsz`. Where it is missing each test says so and is passed over.

use super::super::sender::{Ending, Sender, Step};
use super::{Chance, content, named, offers};
use crate::clock;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `rz` in a folder, and our end of its line.
struct Stock {
    rz: Child,
    line: File,
}

impl Stock {
    /// Nothing, and a sentence, where there is no `rz`.
    fn start(folder: &Path, arguments: &[&str]) -> Option<Stock> {
        let ends = openpty(None, None).expect("a pseudoterminal");
        let mut settings = tcgetattr(&ends.slave).expect("settings");
        cfmakeraw(&mut settings);
        tcsetattr(&ends.slave, SetArg::TCSANOW, &settings).expect("a raw line");
        let line = File::from(ends.master);
        fcntl(&line, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("a line that nobody waits for");
        let slave = || Stdio::from(ends.slave.try_clone().expect("a descriptor"));
        let mut command = Command::new("rz");
        command.args(arguments).current_dir(folder).stdin(slave()).stdout(slave()).stderr(Stdio::null());
        match command.spawn() {
            Ok(rz) => Some(Stock { rz, line }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                println!("NOT RUN: rz (lrzsz) is not installed.");
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends the files; `damage` gets every byte that goes there.
    fn send(mut self, files: &[Vec<u8>], mut damage: impl FnMut(&mut [u8])) -> (Ending, bool) {
        let now_us = clock::monotonic_us;
        let mut sender = Sender::new(offers(files), now_us());
        let ending = loop {
            let flags = match sender.next(now_us()) {
                Step::Write(bytes) => {
                    let mut bytes = bytes[..bytes.len().min(512)].to_vec();
                    let before = bytes.clone();
                    damage(&mut bytes);
                    match self.line.write(&bytes) {
                        Ok(written) => sender.written(written, now_us()),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{}", before.len()),
                    }
                    PollFlags::POLLIN | PollFlags::POLLOUT
                }
                Step::Read { file, at, bytes_max } => {
                    sender.content(&files[file][at as usize..at as usize + bytes_max], now_us());
                    continue;
                }
                Step::Wait { .. } => PollFlags::POLLIN,
                Step::Over(ending) => break ending,
            };
            poll(&mut [PollFd::new(self.line.as_fd(), flags)], PollTimeout::from(100u8)).expect("a line");
            let mut answer = [0; 256];
            if let Ok(bytes) = self.line.read(&mut answer) {
                sender.heard(&answer[..bytes], now_us());
            }
        };
        (ending, self.rz.wait().expect("rz ends").success())
    }
}

#[test]
fn rz_receives_a_batch_byte_for_byte_with_names_and_times() {
    for arguments in [&[][..], &["-e"], &["-b"], &["-w", "4096"]] {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(stock) = Stock::start(folder.path(), arguments) else { return };
        let files = [content(300_000, 1), content(0, 2), content(77, 3)];
        assert_eq!(stock.send(&files, |_| {}), (Ending::Done { refused: 0 }, true), "{arguments:?}");
        for (name, content) in named(&files) {
            let path = folder.path().join(name);
            assert!(std::fs::read(&path).expect("received") == content, "{arguments:?} {path:?}");
            let modified = std::fs::metadata(&path).and_then(|m| m.modified()).expect("a time");
            let seconds = modified.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
            assert_eq!(seconds, 1_795_392_000);
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), files.len());
    }
}

#[test]
fn rz_goes_on_where_it_ended_and_refuses_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [content(200_000, 5)];
    let path = folder.path().join("clip0.mp4");
    std::fs::write(&path, &files[0][..150_000]).expect("a beginning");
    let Some(stock) = Stock::start(folder.path(), &["--resume"]) else { return };
    let mut said = 0;
    assert_eq!(stock.send(&files, |bytes| said += bytes.len()), (Ending::Done { refused: 0 }, true));
    assert!(std::fs::read(&path).expect("received") == files[0]);
    assert!(said < 60_000, "{said}");

    let Some(stock) = Stock::start(folder.path(), &["--protect"]) else { return };
    let (ending, _) = stock.send(&files, |_| {});
    assert_eq!(ending, Ending::Done { refused: 1 });
    assert!(std::fs::read(&path).expect("still there") == files[0]);
}

#[test]
fn rz_gets_everything_whole_over_a_line_that_damages_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [content(400_000, 11), content(5000, 12)];
    let Some(stock) = Stock::start(folder.path(), &[]) else { return };
    let mut chance = Chance(3);
    let mut damaged = 0;
    let outcome = stock.send(&files, |bytes| {
        for byte in bytes.iter_mut().filter(|_| chance.below(20_000) == 0) {
            *byte ^= 0x5a;
            damaged += 1;
        }
    });
    assert!(damaged > 5, "{damaged}");
    assert_eq!(outcome, (Ending::Done { refused: 0 }, true));
    for (name, content) in named(&files) {
        assert!(std::fs::read(folder.path().join(&name)).expect("received") == content, "{name}");
    }
}
