//! Motion itself under callgrind: what it costs to take a frame in, to go round, and to look for motion.
//!
//! One of its threads takes pictures at a rate by the clock and decodes them; another goes round as fast as it can up to that rate, with the
//! newest picture. Callgrind makes the second slow, so pictures and rounds are counted apart (its setup mode tells each round) in runs in
//! which pictures come fast and slowly, and the costs of both follow. In ordinary use above five frames a second it looks three times a second.
//! Its time is not measured: it sleeps to keep to its rate.
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::Error;
use crate::input::{Frame, Frames};
use crate::peers::{MOTION_QUIET, serve_motion};
use crate::watch::frame_size;

/// Pictures of the short and of the long run in which they come fast, and of the one in which they come slowly.
const PICTURES: (usize, usize, usize) = (20, 50, 20);
/// Time between pictures that come slowly: longer than a round under callgrind.
const SLOWLY: Duration = Duration::from_secs(3);
/// Pictures that it takes before it goes round.
const AT_ONCE: usize = 10;
/// How often it is seen whether all frames are gone.
const WAIT: Duration = Duration::from_millis(20);

/// Instructions for each part of the work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    /// To take in and decode a picture.
    pub picture: f64,
    /// A round in which it looks for motion.
    pub looking: f64,
    /// A round in which it does not.
    pub idle: f64,
}

impl Counted {
    /// Of a frame that it looks at.
    #[must_use]
    pub fn every_frame(self) -> f64 {
        self.picture + self.looking
    }

    /// The mean of all frames at so many a second: it looks at one in a third of that.
    #[must_use]
    pub fn at(self, fps: u32) -> f64 {
        self.picture + self.idle + (self.looking - self.idle) / f64::from((fps / 3).max(1))
    }
}

/// What a run did.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    pictures: f64,
    rounds: f64,
    instructions: f64,
}

/// Counts on these frames, which may come again and again.
///
/// # Errors
/// A program is missing or fails.
pub fn count(frames: &[Frame]) -> Result<Counted, Error> {
    let (short, long, slow) = PICTURES;
    let runs = [
        run(frames, "", short, Duration::ZERO)?,
        run(frames, "", long, Duration::ZERO)?,
        run(frames, "", slow, SLOWLY)?,
    ];
    let idle = [
        run(frames, "pause on\n", short, Duration::ZERO)?,
        run(frames, "pause on\n", long, Duration::ZERO)?,
        run(frames, "pause on\n", slow, SLOWLY)?,
    ];
    let counted = solve(runs).zip(solve(idle));
    let ((picture, looking), (_, idle)) = counted.ok_or_else(|| Error::Failed {
        what: "Motion under callgrind".into(),
        reason: "its rounds say nothing".into(),
    })?;
    Ok(Counted { picture, looking, idle })
}

/// What a picture costs and what a round, from three runs that also start and end; nothing if they do not tell them apart.
fn solve([short, long, slow]: [Run; 3]) -> Option<(f64, f64)> {
    let apart =
        |a: Run, b: Run| (b.pictures - a.pictures, b.rounds - a.rounds, b.instructions - a.instructions);
    let ((p1, r1, i1), (p2, r2, i2)) = (apart(short, long), apart(short, slow));
    let determinant = p1 * r2 - p2 * r1;
    (determinant != 0.0).then(|| ((i1 * r2 - i2 * r1) / determinant, (p1 * i2 - p2 * i1) / determinant))
}

/// A run over so many pictures.
fn run(frames: &[Frame], extra: &str, count: usize, wait: Duration) -> Result<Run, Error> {
    let failed = |reason: String| Error::Failed { what: "Motion under callgrind".into(), reason };
    let io = |error: std::io::Error| failed(error.to_string());
    let folder = tempfile::tempdir().map_err(io)?;
    let listener = TcpListener::bind("127.0.0.1:0").map_err(io)?;
    let port = listener.local_addr().map_err(io)?.port();
    let size = frames.first().map_or((0, 0), |frame| frame_size(&frame.jpeg));
    std::fs::write(folder.path().join("motion.conf"), config(folder.path(), port, size, extra))
        .map_err(io)?;
    let log = folder.path().join("log");
    let mut child = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "motion", "-n", "-c"])
        .arg(folder.path().join("motion.conf"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).map_err(io)?)
        .spawn()
        .map_err(|_| Error::Missing("valgrind".into()))?;
    let pictures = feed(&listener, &mut Again { frames, given: 0, count, wait }, &mut child);
    end(child).map_err(io)?;
    let said = String::from_utf8_lossy(&std::fs::read(&log).map_err(io)?).into_owned();
    let pictures = pictures?;
    if pictures < count {
        return Err(failed(said.lines().last().unwrap_or("it ended early").to_owned()));
    }
    let collected = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    let instructions = collected.ok_or_else(|| failed("it gave no count".into()))?;
    let rounds = said.matches("Changes: ").count() as f64;
    Ok(Run { pictures: pictures as f64, rounds, instructions })
}

/// Its defaults, nothing recorded, at a rate at which it looks in every round, and tells each.
fn config(folder: &Path, port: u16, (width, height): (u32, u32), extra: &str) -> String {
    let quiet = MOTION_QUIET.replace("setup_mode off", "setup_mode on").replace("log_level 5", "log_level 8");
    format!(
        "{quiet}{extra}framerate 4\nwidth {width}\nheight {height}\ntarget_dir {}\n\
         netcam_url http://127.0.0.1:{port}/frame.jpg\n",
        folder.display()
    )
}

/// Serves all frames, or those until the program ends; gives how many were taken.
fn feed(listener: &TcpListener, frames: &mut Again<'_>, child: &mut Child) -> Result<usize, Error> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let server = scope.spawn(|| serve_motion(listener, frames, &stop));
        while !server.is_finished() {
            std::thread::sleep(WAIT);
            if !matches!(child.try_wait(), Ok(None)) {
                stop.store(true, Ordering::Relaxed);
            }
        }
        let broken = || Error::Failed { what: "the server".into(), reason: "it broke off".into() };
        Ok(server.join().map_err(|_| broken())??.len())
    })
}

/// Asks it to end, so that callgrind tells its count.
fn end(mut child: Child) -> std::io::Result<()> {
    // It may have ended already.
    let _ = Command::new("kill").arg(child.id().to_string()).stderr(Stdio::null()).status()?;
    child.wait().map(drop)
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
    use super::{Counted, Run, solve};

    #[test]
    fn above_five_frames_a_second_one_in_a_third_of_them_is_looked_at() {
        let counted = Counted { picture: 1000.0, looking: 100.0, idle: 20.0 };
        assert_eq!((counted.at(5), counted.at(25), counted.at(30)), (1100.0, 1030.0, 1028.0));
        assert_eq!(counted.every_frame(), 1100.0);
    }

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
