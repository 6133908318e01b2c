//! Motion, the Debian program itself, watching a network camera that we play.
//!
//! It runs in real time at the clip's frame rate, because much of it goes by the clock: it looks for motion three times a second
//! whatever the frame rate, tunes its noise level once a second, and takes in what stands still after ten seconds. Each frame that it
//! calls motion runs a hook with the second and the frame's number in it, which gives the frame back, to about one frame.
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::motion_server::{Asked, serve};
use super::{Error, Peer, Task};
use crate::labels::Zone;
use crate::score::{Interval, raised};

/// What differs from Motion's defaults: nothing is recorded or streamed, and each motion frame is told.
pub const QUIET: &str = "daemon off\nsetup_mode off\nlog_level 5\nwebcontrol_port 0\nstream_port 0\npicture_output off\n\
                     movie_output off\npicture_output_motion off\nlocate_motion_mode off\n";
/// All that it has against noise, small things and light, switched on: our choice, not its guide's.
pub const TUNED: &str = "noise_tune on\nthreshold_tune on\ndespeckle_filter EedDl\nminimum_motion_frames 2\n\
                         lightswitch_percent 50\nsmart_mask_speed 5\n";
/// Up to five frames a second it looks at every frame. In the row that says so it plays at fewer: the clip's seconds become longer, and
/// with them what it does by the clock (its ten seconds until what stands is background are so many fewer of the clip).
const EVERY_FRAME_FPS: u64 = 4;
/// How long the last hooks may take after the last frame.
const LINGER: Duration = Duration::from_secs(1);
/// How often its end is looked for.
const WAIT: Duration = Duration::from_millis(50);

/// Motion with some configuration.
pub struct Motion {
    version: String,
    manner: &'static str,
    config: &'static str,
    fps_max: u64,
}

impl Motion {
    /// Finds the program.
    ///
    /// # Errors
    /// It is not there.
    pub fn find(manner: &'static str, config: &'static str) -> Result<Motion, Error> {
        let output = Command::new("motion").arg("-h").output().map_err(|_| Error::Missing("Motion"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.split("Version ").nth(1).and_then(|rest| rest.split([',', ' ']).next());
        let version = version.unwrap_or("of unknown version").to_owned();
        Ok(Motion { version, manner, config, fps_max: u64::MAX })
    }

    /// The same, slow enough that it looks at every frame.
    #[must_use]
    pub fn at_every_frame(self) -> Motion {
        Motion { fps_max: EVERY_FRAME_FPS, ..self }
    }

    fn write_config(&self, folder: &Path, port: u16, fps: u64, task: &Task<'_>) -> std::io::Result<()> {
        let (width, height) = task.size;
        let mut text = format!("{QUIET}{}framerate {fps}\nwidth {width}\nheight {height}\n", self.config);
        let folder_name = folder.display();
        // Writing to a string does not fail.
        let _ = writeln!(text, "target_dir {folder_name}\nnetcam_url http://127.0.0.1:{port}/frame.jpg");
        let _ = writeln!(text, "on_motion_detected echo %s %q >> {folder_name}/frames");
        if !task.zones.is_empty() {
            std::fs::write(folder.join("mask.pgm"), mask(task.zones, task.size))?;
            let _ = writeln!(text, "mask_file {folder_name}/mask.pgm");
        }
        std::fs::write(folder.join("motion.conf"), text)
    }
}

/// A picture for `mask_file`: white is watched.
fn mask(zones: &[Zone], (width, height): (u32, u32)) -> Vec<u8> {
    let mut picture = format!("P5\n{width} {height}\n255\n").into_bytes();
    for y in 0..height {
        for x in 0..width {
            let (x, y) = ((x as f32 + 0.5) / width as f32, (y as f32 + 0.5) / height as f32);
            let is_inside = zones.iter().any(|zone| zone.contains(x, y));
            picture.push(if is_inside { 255 } else { 0 });
        }
    }
    picture
}

/// A running Motion, ended with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; either way it must be reaped.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Peer for Motion {
    fn name(&self) -> String {
        format!("Motion {} {}", self.version, self.manner)
    }

    fn alarms(&self, task: &Task<'_>) -> Result<Vec<Interval>, Error> {
        let (width, height) = task.size;
        if width < 64 || height < 64 || !width.is_multiple_of(8) || !height.is_multiple_of(8) {
            return Err(Error::Size(width, height));
        }
        let folder = tempfile::tempdir()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let fps = rate(task.times_us).min(self.fps_max);
        self.write_config(folder.path(), listener.local_addr()?.port(), fps, task)?;
        let log = std::fs::File::create(folder.path().join("log"))?;
        let mut command = Command::new("motion");
        command.args(["-n", "-c"]).arg(folder.path().join("motion.conf"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut running = Running(command.spawn().map_err(|_| Error::Missing("Motion"))?);
        let stop = AtomicBool::new(false);
        let asked = std::thread::scope(|scope| {
            let server = scope.spawn(|| serve(&listener, &mut task.frames.again(), &stop));
            while !server.is_finished() {
                std::thread::sleep(WAIT);
                if !matches!(running.0.try_wait(), Ok(None)) {
                    stop.store(true, Ordering::Relaxed);
                }
            }
            server.join().unwrap_or_else(|_| Err(std::io::Error::other("the server broke off").into()))
        })?;
        std::thread::sleep(LINGER);
        if asked.len() < task.times_us.len() {
            let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            let reason = log.lines().last().unwrap_or("it ended early").to_owned();
            return Err(Error::Failed { name: self.name(), reason });
        }
        let hooks = std::fs::read_to_string(folder.path().join("frames")).unwrap_or_default();
        let motion = frames(&hooks, &asked);
        Ok(raised((0..task.times_us.len()).map(|frame| Some(motion.contains(&frame)))))
    }
}

/// Frames a second, as Motion takes them: whole, from 2 to 100.
fn rate(times_us: &[u64]) -> u64 {
    let span = times_us.last().copied().unwrap_or_default().max(1);
    let gaps = times_us.len().saturating_sub(1) as u64;
    ((gaps * 1_000_000 + span / 2) / span).clamp(2, 100)
}

/// The frames that the hook's lines (`SECOND SHOT`) speak of. Motion asks for frame n + 1 while it looks at frame n: its n-th
/// round in a second is the n-th request of that second.
fn frames(hooks: &str, asked: &Asked) -> BTreeSet<usize> {
    let frame = |line: &str| {
        let (second, shot) = line.split_once(' ')?;
        let (second, shot): (u64, usize) = (second.parse().ok()?, shot.trim().parse().ok()?);
        let first = asked.partition_point(|time| *time < second * 1_000_000);
        (first + shot).checked_sub(1)
    };
    hooks.lines().filter_map(frame).collect()
}

#[cfg(test)]
mod tests {
    use super::{frames, mask, rate};
    use crate::labels::Zone;

    #[test]
    fn seconds_and_shots_are_frames() {
        let asked: Vec<u64> = (0..50).map(|frame| 999_500_000 + frame * 100_000).collect();
        let found = frames("1000 0\n1000 1\n1001 3\nnonsense\n", &asked);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [4, 5, 17]);
    }

    #[test]
    fn rates_are_whole_and_masks_are_pictures() {
        assert_eq!(rate(&[0, 33_333, 66_667, 100_000]), 30);
        assert_eq!((rate(&[]), rate(&[0])), (2, 2));
        let left =
            Zone { name: "left".into(), corners: vec![(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)] };
        assert_eq!(mask(&[left], (4, 1)), b"P5\n4 1\n255\n\xff\xff\0\0");
    }
}
