//! One JSON line each way over a local stream socket.
//!
//! A client connects, asks once, reads once. Both sides give up after a bound: nobody hangs on a dead peer, and nobody can
//! make a server wait or grow. It must not interpret messages.

use super::{Answer, Question};
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

/// Longest message: the event list is the largest, about 200 bytes a line.
const MESSAGE_BYTES_MAX: u64 = 64 * 1024;
/// How long a client waits for an answer. A healthy server answers within milliseconds; emulation is slow.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How long a server waits for a question: the clients are our own and write at once.
const QUESTION_LIMIT: Duration = Duration::from_millis(500);

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
    ask_within(path, question, ANSWER_LIMIT)
}

/// As [`ask`], for whoever cannot wait so long.
pub fn ask_within(path: &str, question: &Question, limit: Duration) -> Result<Answer, ControlError> {
    let mut stream = UnixStream::connect(path).map_err(ControlError::NotRunning)?;
    send(&mut stream, question, limit).map_err(ControlError::NoAnswer)?;
    let text = receive(&mut stream, limit).map_err(ControlError::NoAnswer)?;
    serde_json::from_slice(&text).map_err(ControlError::Garbled)
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
        let Ok((mut stream, _)) = self.listener.accept() else { return };
        if stream.set_nonblocking(false).is_err() {
            return;
        }
        let Ok(text) = receive(&mut stream, QUESTION_LIMIT) else { return };
        let reply = match serde_json::from_slice(&text) {
            Ok(question) => answer(question),
            Err(_) => Answer::Refused("the question could not be understood".into()),
        };
        // A client that went away meanwhile does not matter.
        let _ = send(&mut stream, &reply, QUESTION_LIMIT);
    }
}

impl AsFd for Server {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

fn send(stream: &mut UnixStream, message: &impl serde::Serialize, limit: Duration) -> std::io::Result<()> {
    stream.set_write_timeout(Some(limit))?;
    stream.write_all(&serde_json::to_vec(message)?)?;
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
    use super::{ControlError, Server, ask};
    use crate::control::{Answer, Question};

    #[test]
    fn a_question_gets_its_answer_and_a_dead_peer_gets_a_sentence() {
        let dir = tempfile::tempdir().expect("tempdir");
        let path = dir.path().join("s").to_string_lossy().into_owned();
        assert!(matches!(ask(&path, &Question::Status), Err(ControlError::NotRunning(_))));
        let server = Server::bind(&path).expect("bind");
        let client = std::thread::spawn({
            let path = path.clone();
            move || ask(&path, &Question::Events)
        });
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
}
