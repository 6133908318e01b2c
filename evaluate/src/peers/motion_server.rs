//! A network camera for Motion: a web server on this host that gives the next frame with each request.
//!
//! Motion asks for a picture once in each round of its main loop, so every frame is seen once, at Motion's own pace.
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Error;
use crate::input::{Frame, Frames};

/// How long a request may take to arrive, and how often an idle server looks whether it should stop.
const WAIT: Duration = Duration::from_millis(2);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Requests that are answered with the first frame before the clip begins: Motion takes one to learn the picture's size.
const PREVIEWS: usize = 1;

/// When each frame was asked for: microseconds since 1970.
pub type Asked = Vec<u64>;

/// Serves the frames until they are all gone, or `stop`. Returns when each was asked for.
pub fn serve(listener: &TcpListener, frames: &mut dyn Frames, stop: &AtomicBool) -> Result<Asked, Error> {
    listener.set_nonblocking(true)?;
    let (mut frame, mut asked, mut previews) = (Frame::default(), Asked::new(), 0);
    let mut has_frame = frames.next(&mut frame)?;
    while has_frame && !stop.load(Ordering::Relaxed) {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::sleep(WAIT);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // A request that breaks off is not one: Motion asks again.
        if answer(stream, &frame.jpeg).is_err() {
            continue;
        }
        if previews < PREVIEWS {
            previews += 1;
            continue;
        }
        asked.push(u64::try_from(now.as_micros()).unwrap_or(u64::MAX));
        has_frame = frames.next(&mut frame)?;
    }
    Ok(asked)
}

fn answer(stream: TcpStream, jpeg: &[u8]) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(REQUEST_TIMEOUT))?;
    let mut lines = BufReader::new(&stream).lines();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let mut out = &stream;
    write!(out, "HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", jpeg.len())?;
    out.write_all(jpeg)?;
    out.flush()
}
