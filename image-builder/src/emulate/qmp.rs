//! A client for QEMU's monitor (QMP): one JSON object a line, over a Unix socket.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Error;

/// QEMU makes its sockets within milliseconds; a loaded host may take seconds.
const CONNECT_MAX: Duration = Duration::from_secs(20);
/// Pause between tries.
const RETRY: Duration = Duration::from_millis(10);
/// The monitor answers at once unless QEMU hangs.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// Connects to a socket that QEMU is about to make.
pub fn connect(path: &Path) -> Result<UnixStream, Error> {
    let started = Instant::now();
    loop {
        match UnixStream::connect(path) {
            Ok(stream) => return Ok(stream),
            Err(source) if started.elapsed() > CONNECT_MAX => {
                return Err(Error::Io { path: path.to_owned(), source });
            }
            Err(_) => std::thread::sleep(RETRY),
        }
    }
}

/// A monitor connection.
#[derive(Debug)]
pub struct Monitor {
    stream: BufReader<UnixStream>,
    /// What has come of a line that is not whole yet.
    partial: String,
    /// Events that nobody has asked for yet, oldest first.
    events: VecDeque<Value>,
}

impl Monitor {
    /// Connects and negotiates.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let stream = connect(path)?;
        stream.set_read_timeout(Some(ANSWER_MAX)).map_err(|error| Error::Monitor(error.to_string()))?;
        let mut monitor =
            Self { stream: BufReader::new(stream), partial: String::new(), events: VecDeque::new() };
        monitor.receive()?;
        monitor.execute("qmp_capabilities", &json!({}))?;
        Ok(monitor)
    }

    /// Runs a command and returns its result.
    pub fn execute(&mut self, command: &str, arguments: &Value) -> Result<Value, Error> {
        let request = json!({ "execute": command, "arguments": arguments });
        let stream = self.stream.get_mut();
        writeln!(stream, "{request}").map_err(|error| Error::Monitor(format!("{command}: {error}")))?;
        loop {
            let mut answer = self.receive()?;
            if let Some(result) = answer.get_mut("return") {
                return Ok(result.take());
            }
            if let Some(error) = answer.get("error") {
                return Err(Error::Monitor(format!("{command}: {error}")));
            }
            self.events.push_back(answer);
        }
    }

    /// The next event, of those that came since the last call: at once if it has come already, otherwise within
    /// `limit`. Nothing when none came.
    pub fn event(&mut self, limit: Duration) -> Result<Option<Value>, Error> {
        if let Some(event) = self.events.pop_front() {
            return Ok(Some(event));
        }
        let failed = |error: std::io::Error| Error::Monitor(error.to_string());
        // The system takes no limit of zero.
        let limit = limit.max(RETRY);
        self.stream.get_ref().set_read_timeout(Some(limit)).map_err(failed)?;
        let received = self.receive_or_nothing();
        self.stream.get_ref().set_read_timeout(Some(ANSWER_MAX)).map_err(failed)?;
        received
    }

    fn receive(&mut self) -> Result<Value, Error> {
        self.receive_or_nothing()?.ok_or_else(|| Error::Monitor("it does not answer".to_owned()))
    }

    /// One message, or nothing when the time is over.
    fn receive_or_nothing(&mut self) -> Result<Option<Value>, Error> {
        use std::io::ErrorKind::{TimedOut, WouldBlock};
        match self.stream.read_line(&mut self.partial) {
            Ok(0) => return Err(Error::Monitor("the connection was closed".to_owned())),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), WouldBlock | TimedOut) => return Ok(None),
            Err(error) => return Err(Error::Monitor(error.to_string())),
        }
        let line = std::mem::take(&mut self.partial);
        serde_json::from_str(&line).map(Some).map_err(|error| Error::Monitor(error.to_string()))
    }
}
