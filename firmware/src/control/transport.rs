//! One JSON line each way over a local stream socket.
//!
//! A client connects, asks once, reads once. Both sides give up after a bound: nobody hangs on a dead peer, and nobody can
//! make a server wait or grow. It must not interpret messages.

use super::{Answer, Question};
use crate::sys::pass::{self, FILES_MAX};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

/// Longest message: the event list is the largest, about 200 bytes a line.
const MESSAGE_BYTES_MAX: u64 = 64 * 1024;
/// How long a client waits for an answer. A healthy server answers within milliseconds; emulation is slow.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How long a client waits for somebody to listen at all: who asks in the moment in which a part starts, or is started again, is
/// answered instead of being told that it is not there.
const START_LIMIT: Duration = Duration::from_secs(2);
/// How often it looks meanwhile.
const START_LOOK: Duration = Duration::from_millis(50);
/// How long a server waits for a question: the clients are our own and write at once, but whoever computes goes before them. What reads
/// no clock here is watched with limits of many seconds (`services::PARTS`).
const QUESTION_LIMIT: Duration = Duration::from_secs(2);
/// How often news are told at the most.
const TELL_TRIES: u32 = 4;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody listens.
    #[error("that part is not running now; it is started again by itself")]
    NotRunning(#[source] std::io::Error),
    /// The connection broke or took too long.
    #[error("that part did not answer in time")]
    NoAnswer(#[source] std::io::Error),
    /// The answer is not one of ours.
    #[error("the answer could not be understood")]
    Garbled(#[source] serde_json::Error),
}

/// Asks the process that listens at `path`.
pub fn ask(path: &str, question: &Question) -> Result<Answer, ControlError> {
    exchange(connect(path)?, question, ANSWER_LIMIT)
}

/// As [`ask`], for whoever cannot wait so long, nor for anybody to start.
pub fn ask_within(path: &str, question: &Question, limit: Duration) -> Result<Answer, ControlError> {
    exchange(UnixStream::connect(path).map_err(ControlError::NotRunning)?, question, limit)
}

/// As [`ask`], for news that must not be lost where everybody is busy: told again to a part that runs and did not answer. Hearing it twice
/// does no harm. A part that does not run reads what is new when it starts.
pub fn tell(path: &str, news: &Question) {
    for _ in 0..TELL_TRIES {
        match ask(path, news) {
            Err(ControlError::NoAnswer(_)) => {}
            _ => return,
        }
    }
}

/// Reaches who listens at `path`, or comes to.
fn connect(path: &str) -> Result<UnixStream, ControlError> {
    for _ in 0..START_LIMIT.as_millis() / START_LOOK.as_millis() {
        if let Ok(stream) = UnixStream::connect(path) {
            return Ok(stream);
        }
        std::thread::sleep(START_LOOK);
    }
    UnixStream::connect(path).map_err(ControlError::NotRunning)
}

fn exchange(mut stream: UnixStream, question: &Question, limit: Duration) -> Result<Answer, ControlError> {
    send(&mut stream, question, limit).map_err(ControlError::NoAnswer)?;
    let text = receive(&mut stream, limit).map_err(ControlError::NoAnswer)?;
    read_answer(&text)
}

/// Nothing at all is no answer: the other side has closed the connection, because the question took too long to come, or it died.
fn read_answer(text: &[u8]) -> Result<Answer, ControlError> {
    match text {
        [] => Err(ControlError::NoAnswer(ErrorKind::UnexpectedEof.into())),
        text => serde_json::from_slice(text).map_err(ControlError::Garbled),
    }
}

/// As [`ask`], for a question whose answer brings open files. Waits for nobody to start.
pub fn ask_for_files(
    path: &str,
    question: &Question,
) -> Result<(Answer, heapless::Vec<File, FILES_MAX>), ControlError> {
    let mut stream = UnixStream::connect(path).map_err(ControlError::NotRunning)?;
    send(&mut stream, question, ANSWER_LIMIT).map_err(ControlError::NoAnswer)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT)).map_err(ControlError::NoAnswer)?;
    let (mut text, mut files, mut part) = (Vec::new(), heapless::Vec::new(), [0; 4096]);
    loop {
        let count = pass::receive(&stream, &mut part, &mut files).map_err(ControlError::NoAnswer)?;
        text.extend_from_slice(part.get(..count).unwrap_or_default());
        if count == 0 || text.len() as u64 >= MESSAGE_BYTES_MAX {
            return read_answer(&text).map(|answer| (answer, files));
        }
    }
}

/// The listening side.
pub struct Server {
    listener: UnixListener,
}

impl Server {
    /// Listens at `path`; takes the place of a dead predecessor's socket.
    pub fn bind(path: &str) -> std::io::Result<Server> {
        // It may be left over from a process that was killed.
        let _ = std::fs::remove_file(path);
        let listener = UnixListener::bind(path)?;
        listener.set_nonblocking(true)?;
        Ok(Server { listener })
    }

    /// Takes one waiting client, if there is one, and sends it what `answer` makes of its question. A client that
    /// misbehaves is dropped.
    pub fn serve(&self, answer: impl FnOnce(Question) -> Answer) {
        self.serve_files(|question| (answer(question), Vec::new()));
    }

    /// As [`Server::serve`], with an answer that brings copies of open files.
    pub fn serve_files<'fd>(&self, answer: impl FnOnce(Question) -> (Answer, Vec<BorrowedFd<'fd>>)) {
        let Ok((mut stream, _)) = self.listener.accept() else { return };
        if stream.set_nonblocking(false).is_err() {
            return;
        }
        let Ok(text) = receive(&mut stream, QUESTION_LIMIT) else { return };
        let (reply, files) = match serde_json::from_slice(&text) {
            Ok(question) => answer(question),
            Err(_) => (Answer::Refused("the question could not be understood".into()), Vec::new()),
        };
        // A client that went away meanwhile does not matter.
        let _ = send_files(&mut stream, &reply, QUESTION_LIMIT, &files);
    }
}

impl AsFd for Server {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

fn send(stream: &mut UnixStream, message: &impl serde::Serialize, limit: Duration) -> std::io::Result<()> {
    send_files(stream, message, limit, &[])
}

fn send_files(
    stream: &mut UnixStream,
    message: &impl serde::Serialize,
    limit: Duration,
    files: &[BorrowedFd<'_>],
) -> std::io::Result<()> {
    stream.set_write_timeout(Some(limit))?;
    let bytes = serde_json::to_vec(message)?;
    let sent = pass::send(stream, &bytes, files)?;
    stream.write_all(bytes.get(sent..).unwrap_or_default())?;
    stream.shutdown(std::net::Shutdown::Write)
}

fn receive(stream: &mut UnixStream, limit: Duration) -> std::io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(limit))?;
    let mut text = Vec::new();
    stream.take(MESSAGE_BYTES_MAX).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::{ControlError, Server, ask, tell};
    use crate::control::{Answer, Question};

    #[test]
    fn open_files_travel_with_an_answer_and_outlive_the_other_side() {
        use std::io::{Read, Seek, Write};
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("s").to_string_lossy().into_owned();
        let server = Server::bind(&path).expect("bind");
        let client = std::thread::spawn({
            let path = path.clone();
            move || super::ask_for_files(&path, &Question::Events)
        });
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"held").expect("written");
        let mut served = false;
        while !served {
            server.serve_files(|_| {
                served = true;
                (Answer::Refused("x".repeat(10_000)), vec![std::os::fd::AsFd::as_fd(&file)])
            });
        }
        drop(file);
        let (answer, files) = client.join().expect("join").expect("answer");
        assert_eq!(answer, Answer::Refused("x".repeat(10_000)));
        let [mut file] = files.into_array::<1>().expect("one file");
        file.rewind().expect("rewound");
        let mut text = String::new();
        file.read_to_string(&mut text).expect("read");
        assert_eq!(text, "held");
    }

    #[test]
    fn a_question_gets_its_answer_and_a_dead_peer_gets_a_sentence() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("s").to_string_lossy().into_owned();
        assert!(matches!(ask(&path, &Question::Status), Err(ControlError::NotRunning(_))));
        // Asked before anybody listens, and while a dead one's socket is still there.
        let client = std::thread::spawn({
            let path = path.clone();
            move || ask(&path, &Question::Events)
        });
        drop(Server::bind(&path).expect("bind"));
        let server = Server::bind(&path).expect("bind");
        let mut served = false;
        while !served {
            server.serve(|question| {
                served = true;
                Answer::Refused(format!("{question:?}"))
            });
        }
        assert_eq!(client.join().expect("join").expect("answer"), Answer::Refused("Events".into()));
        Server::bind(&path).expect("a left-over socket is replaced");
    }

    #[test]
    fn who_is_hung_up_on_is_told_so_and_news_are_told_again() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("s").to_string_lossy().into_owned();
        let server = Server::bind(&path).expect("bind");
        let hang_up = || while server.listener.accept().is_err() {};
        let serve_one = || {
            let mut served = None;
            while served.is_none() {
                server.serve(|question| {
                    served = Some(question);
                    Answer::Done
                });
            }
            served
        };
        std::thread::scope(|scope| {
            let client = scope.spawn(|| ask(&path, &Question::Status));
            hang_up();
            assert!(matches!(client.join().expect("no panic"), Err(ControlError::NoAnswer(_))));
            let client = scope.spawn(|| tell(&path, &Question::Reload));
            hang_up();
            hang_up();
            assert_eq!(serve_one(), Some(Question::Reload));
            client.join().expect("no panic");
        });
    }
}
