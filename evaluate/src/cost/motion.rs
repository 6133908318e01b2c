//! Motion itself: the instructions of a frame that it looks at, and the CPU's time in ordinary use.
//!
//! One of its threads takes pictures at a rate by the clock and decodes them; another goes round as fast as it can up to that rate, with the
//! newest picture. Callgrind makes the second slow, so pictures and rounds are counted apart (its setup mode tells each round) in runs in
//! which pictures come fast and slowly, and the costs of both follow; they do not repeat well. In ordinary use above five frames a second it looks
//! three times a second, which nothing under callgrind is quick enough for: that is a time, its own and the system's for it.
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Error;
use crate::input::{Frame, Frames};
use crate::peers::{MOTION_QUIET as QUIET, serve_motion};
use crate::watch::frame_size;

/// Pictures of the short and of the long run in which they come fast, and of the one in which they come slowly.
const PICTURES: (usize, usize, usize) = (20, 50, 20);
/// Time between pictures that come slowly: longer than a round under callgrind.
const SLOWLY: Duration = Duration::from_secs(3);
/// Pictures that it takes before it goes round.
const AT_ONCE: usize = 10;
/// Frames a second at which it looks in every round.
pub const RATE: u32 = 4;
/// Linux counts a process's time in these, on every machine.
const TICKS_A_SECOND: f64 = 100.0;
/// How often it is seen whether all frames are gone.
const WAIT: Duration = Duration::from_millis(20);

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    pictures: f64,
    rounds: f64,
    instructions: f64,
}

/// Instructions of a frame that it takes in and looks at, on these frames again and again.
///
/// # Errors
/// A program is missing or fails.
pub fn instructions(frames: &[Frame]) -> Result<f64, Error> {
    let (short, long, slow) = PICTURES;
    let runs = [
        counted(frames, short, Duration::ZERO)?,
        counted(frames, long, Duration::ZERO)?,
        counted(frames, slow, SLOWLY)?,
    ];
    let reason = || failed("its rounds say nothing".into());
    solve(runs).map(|(picture, round)| picture + round).ok_or_else(reason)
}

/// Seconds of a CPU for each frame at so many frames a second.
///
/// # Errors
/// A program is missing or fails.
pub fn seconds(frames: &[Frame], fps: u32) -> Result<f64, Error> {
    let (short, long) = (4 * fps as usize, 16 * fps as usize);
    let ticks = |count| -> Result<f64, Error> {
        let mut ran = Ran::start(&["motion"], frames, QUIET, fps)?;
        ran.feed(frames, count, Duration::ZERO)?;
        let ticks = ran.ticks();
        ran.end()?;
        ticks.ok_or_else(|| failed("it ended early".into()))
    };
    Ok((ticks(long)? - ticks(short)?) / TICKS_A_SECOND / (long - short) as f64)
}

fn failed(reason: String) -> Error {
    Error::Failed { what: "Motion".into(), reason }
}

fn io(error: std::io::Error) -> Error {
    failed(error.to_string())
}

/// A run under callgrind over so many pictures.
fn counted(frames: &[Frame], count: usize, wait: Duration) -> Result<Run, Error> {
    let telling = QUIET.replace("setup_mode off", "setup_mode on").replace("log_level 5", "log_level 8");
    let valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "motion"];
    let mut ran = Ran::start(&valgrind, frames, &telling, RATE)?;
    ran.feed(frames, count, wait)?;
    let said = ran.end()?;
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    let instructions = collected.ok_or_else(|| failed("callgrind gave no count".into()))?;
    Ok(Run { pictures: count as f64, rounds: said.matches("Changes: ").count() as f64, instructions })
}

/// What a picture costs and what a round, from three runs that also start and end; nothing if they do not tell them apart.
fn solve([short, long, slow]: [Run; 3]) -> Option<(f64, f64)> {
    let apart =
        |a: Run, b: Run| (b.pictures - a.pictures, b.rounds - a.rounds, b.instructions - a.instructions);
    let ((p1, r1, i1), (p2, r2, i2)) = (apart(short, long), apart(short, slow));
    let determinant = p1 * r2 - p2 * r1;
    (determinant != 0.0).then(|| ((i1 * r2 - i2 * r1) / determinant, (p1 * i2 - p2 * i1) / determinant))
}

/// A running Motion and the camera that it looks at.
struct Ran {
    folder: tempfile::TempDir,
    listener: TcpListener,
    child: Child,
}

impl Ran {
    fn start(command: &[&str], frames: &[Frame], quiet: &str, fps: u32) -> Result<Ran, Error> {
        let folder = tempfile::tempdir().map_err(io)?;
        let listener = TcpListener::bind("127.0.0.1:0").map_err(io)?;
        let port = listener.local_addr().map_err(io)?.port();
        let (width, height) = frames.first().map_or((0, 0), |frame| frame_size(&frame.jpeg));
        let config = format!(
            "{quiet}framerate {fps}\nwidth {width}\nheight {height}\ntarget_dir {}\n\
             netcam_url http://127.0.0.1:{port}/frame.jpg\n",
            folder.path().display()
        );
        std::fs::write(folder.path().join("motion.conf"), config).map_err(io)?;
        let log = std::fs::File::create(folder.path().join("log")).map_err(io)?;
        let child = Command::new(command[0])
            .args(&command[1..])
            .args(["-n", "-c"])
            .arg(folder.path().join("motion.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|_| Error::Missing(command[0].into()))?;
        Ok(Ran { folder, listener, child })
    }

    /// Gives it so many pictures.
    fn feed(&mut self, frames: &[Frame], count: usize, wait: Duration) -> Result<(), Error> {
        let stop = AtomicBool::new(false);
        let (listener, child) = (&self.listener, &mut self.child);
        let taken = std::thread::scope(|scope| {
            let server =
                scope.spawn(|| serve_motion(listener, &mut Again { frames, given: 0, count, wait }, &stop));
            while !server.is_finished() {
                std::thread::sleep(WAIT);
                if !matches!(child.try_wait(), Ok(None)) {
                    stop.store(true, Ordering::Relaxed);
                }
            }
            server.join().map_err(|_| failed("the server broke off".into()))
        })?;
        if taken?.len() < count { Err(failed("it ended early".into())) } else { Ok(()) }
    }

    /// Clock ticks of a CPU that it has had, by itself and in the kernel.
    fn ticks(&self) -> Option<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        let mut fields = text.rsplit(')').next()?.split_whitespace().skip(11);
        let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(user + system)
    }

    /// Asks it to end, so that callgrind tells its count; gives what it said.
    fn end(mut self) -> Result<String, Error> {
        // It may have ended already.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .stderr(Stdio::null())
            .status()
            .map_err(io)?;
        self.child.wait().map_err(io)?;
        let said = std::fs::read(self.folder.path().join("log")).map_err(io)?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }
}

impl Drop for Ran {
    fn drop(&mut self) {
        // It has ended, or something failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The frames again and again, so many in all, with a wait before each but the first ones.
struct Again<'a> {
    frames: &'a [Frame],
    given: usize,
    count: usize,
    wait: Duration,
}

impl Frames for Again<'_> {
    fn next(&mut self, frame: &mut Frame) -> Result<bool, crate::input::Error> {
        let Some(next) = self.frames.get(self.given % self.frames.len().max(1)) else { return Ok(false) };
        if self.given == self.count {
            return Ok(false);
        }
        if self.given > AT_ONCE {
            std::thread::sleep(self.wait);
        }
        self.given += 1;
        frame.clone_from(next);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::{Run, solve};

    #[test]
    fn pictures_and_rounds_are_told_apart() {
        let run = |pictures: f64, rounds: f64| Run {
            pictures,
            rounds,
            instructions: 500.0 + 7.0 * pictures + 30.0 * rounds,
        };
        assert_eq!(solve([run(20.0, 2.0), run(50.0, 8.0), run(20.0, 19.0)]), Some((7.0, 30.0)));
        assert_eq!(solve([run(20.0, 2.0), run(20.0, 2.0), run(50.0, 9.0)]), None);
    }
}
