//! What the outside world saw while a card was written.
//!
//! Promises on the serial line, the camera's frames, and how far the log of writes was at each moment.
//!
//! A position is a number of log entries, read right after something was seen: what is acknowledged at a position must be
//! on the card in every state from there on. It must not look at the card.

use crate::block_log::{BlockLog, entries_now};
use crate::starvation::Starvation;
use crate::{Failure, Rig};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

/// How often the world is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// The limit is only there to end a broken test.
const PATIENCE: Duration = Duration::from_secs(300);

/// The camera's rate.
const FRAMES_PER_S: u128 = 15;

/// Frames of a clip that a power cut cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lost {
    /// All of them.
    pub frames: u64,
    /// Without those that passed while the host kept the machine waiting for a processor.
    pub own: u64,
}

impl Lost {
    /// Whether the host kept the machine waiting for a second or more meanwhile: then a time that was too long proves nothing,
    /// because not all of what a busy host takes is known (the turns of a virtual processor, for one).
    pub fn proves_nothing(&self) -> bool {
        u128::from(self.frames - self.own) >= FRAMES_PER_S
    }
}

/// One look: everything as of the same moment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Look {
    /// When, since the first look.
    pub at: Duration,
    /// Entries of the log.
    pub entries: u64,
    /// Frames that the camera had taken.
    pub frames: u64,
    /// For how long, all in all, the machine was ready to run and the host had no processor for it.
    pub starved: Duration,
}

/// Settings that somebody saved.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Save {
    /// Before the command was typed.
    pub started: u64,
    /// Right after "Saved." was read; `None`: it never was.
    pub acknowledged: Option<u64>,
    /// What must be in force then: the keys that differ from the defaults.
    pub settings: toml::Table,
}

/// A clip that was reported complete.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// File name of the video.
    pub name: String,
    /// Frames, as reported.
    pub frames: usize,
    /// Size as reported, KiB rounded down.
    pub kib: usize,
    /// Right after the report was read.
    pub acknowledged: u64,
}

/// Everything that was seen.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Testimony {
    /// Every look.
    pub looks: Vec<Look>,
    /// Every save.
    pub saves: Vec<Save>,
    /// Every clip reported complete.
    pub finished: Vec<Finished>,
    /// Frames that the camera had taken when each event was on the console.
    pub events: Vec<u64>,
    /// Before the first event: from here on old clips may be deleted to make room.
    pub first_event: Option<u64>,
}

/// The witness.
pub struct Witness {
    log: File,
    began: Instant,
    /// How far the serial line was judged.
    read_to: usize,
    starvation: Starvation,
    /// What it has seen.
    pub seen: Testimony,
}

impl Witness {
    /// Starts to look at a log that the machine is writing; `settings` are in force on the card.
    pub fn new(log: &Path, settings: toml::Table) -> Result<Witness, Failure> {
        let saves = vec![Save { started: 0, acknowledged: Some(0), settings }];
        Ok(Witness {
            log: File::open(log)?,
            began: Instant::now(),
            read_to: 0,
            starvation: Starvation::default(),
            seen: Testimony { saves, ..Testimony::default() },
        })
    }

    /// Entries of the log now.
    pub fn entries(&self) -> u64 {
        entries_now(&self.log)
    }

    /// Looks once. The serial line is read before the log's position: the position is at or after what was promised.
    pub fn look(&mut self, rig: &Rig) {
        let text = rig.serial.transcript();
        let frames = rig.camera.stats().offered;
        let entries = self.entries();
        let starved = self.starvation.look(rig.machine.process_id());
        self.seen.looks.push(Look { at: self.began.elapsed(), entries, frames, starved });
        // Only whole lines: the rest comes later.
        let Some(end) = text.rfind('\n') else { return };
        for line in text.get(self.read_to..=end).unwrap_or_default().lines() {
            if line.contains(": motion at ") {
                self.seen.events.push(frames);
            }
            self.seen.finished.extend(finished(line, entries));
        }
        self.read_to = end + 1;
    }

    /// Looks until `text` has come on the serial line after what was read of it; returns what came.
    pub fn expect(&mut self, rig: &mut Rig, text: &str) -> Result<String, Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = rig.serial.take(text);
            self.look(rig);
            match found {
                Some(read) => return Ok(read),
                None if rig.serial.closed() || Instant::now() > deadline => {
                    let said = rig.serial.transcript();
                    return Err(format!("`{text}` did not come; the console said: {said}").into());
                }
                None => std::thread::sleep(LOOK_EVERY),
            }
        }
    }

    /// Types a command and returns its answer, looking all the while.
    pub fn command(&mut self, rig: &mut Rig, line: &str) -> Result<String, Failure> {
        rig.serial.send(format!("{line}\r").as_bytes())?;
        self.expect(rig, &format!("{line}\r\n"))?;
        self.expect(rig, crate::serial::PROMPT)
    }

    /// Asks a command again and again until its answer has `text`.
    pub fn until(&mut self, rig: &mut Rig, line: &str, text: impl Fn(&str) -> bool) -> Result<(), Failure> {
        let deadline = Instant::now() + PATIENCE;
        while !text(&self.command(rig, line)?) {
            if Instant::now() > deadline {
                return Err(format!("`{line}` never said so: {}", rig.serial.transcript()).into());
            }
        }
        Ok(())
    }

    /// Sets settings and saves them; `all` is everything that then differs from the defaults.
    pub fn save(&mut self, rig: &mut Rig, changes: &[(&str, &str)], all: toml::Table) -> Result<(), Failure> {
        for (name, value) in changes {
            self.command(rig, &format!("set {name} {value}"))?;
        }
        self.begin_save(rig, all)?;
        self.expect(rig, "Saved.")?;
        let acknowledged = self.entries();
        if let Some(save) = self.seen.saves.last_mut() {
            save.acknowledged = Some(acknowledged);
        }
        self.expect(rig, crate::serial::PROMPT).map(drop)
    }

    /// Types `save` and does not wait for an answer.
    pub fn begin_save(&mut self, rig: &mut Rig, all: toml::Table) -> Result<(), Failure> {
        self.seen.saves.push(Save { started: self.entries(), acknowledged: None, settings: all });
        rig.serial.send(b"save\r")
    }

    /// Lets something move until there is an event, and then nothing until its clip is reported complete. While the event
    /// goes on, `meanwhile` is done.
    pub fn film(
        &mut self,
        rig: &mut Rig,
        meanwhile: impl FnOnce(&mut Witness, &mut Rig) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let entries = self.entries();
        self.seen.first_event.get_or_insert(entries);
        let (events, clips) = (self.seen.events.len(), self.seen.finished.len());
        rig.camera.scene_moving();
        self.look_until(rig, "an event", |seen| seen.events.len() > events)?;
        meanwhile(self, rig)?;
        rig.camera.scene_still();
        self.look_until(rig, "a complete clip", |seen| seen.finished.len() > clips)
    }

    /// Looks until what was seen is enough.
    pub fn look_until(
        &mut self,
        rig: &mut Rig,
        what: &str,
        enough: impl Fn(&Testimony) -> bool,
    ) -> Result<(), Failure> {
        let deadline = Instant::now() + PATIENCE;
        while !enough(&self.seen) {
            if rig.serial.closed() || Instant::now() > deadline {
                return Err(format!(
                    "waited in vain for {what}; the console said: {}",
                    rig.serial.transcript()
                )
                .into());
            }
            std::thread::sleep(LOOK_EVERY);
            self.look(rig);
        }
        Ok(())
    }

    /// Waits until the camera streams and the detector has learned the scene.
    pub fn settle(&mut self, rig: &mut Rig) -> Result<(), Failure> {
        self.until(rig, "status", |status| {
            status
                .lines()
                .any(|l| l.starts_with("motion") && !l.contains("earning") && !l.contains("no frames"))
        })
    }
}

impl Testimony {
    /// The saves with positions in sectors of a finished log instead of entries.
    pub fn saves_in(&self, log: &BlockLog) -> Vec<Save> {
        let sectors = |entries: u64| log.sectors_in(entries) as u64;
        let save = |save: &Save| Save {
            started: sectors(save.started),
            acknowledged: save.acknowledged.map(sectors),
            settings: save.settings.clone(),
        };
        self.saves.iter().map(save).collect()
    }

    /// What was lost when the card had finished `sectors` and no more, where frame `missing` of the camera is the first that is
    /// not there.
    pub fn lost(&self, log: &BlockLog, sectors: usize, missing: u64) -> Lost {
        let after = self.looks.partition_point(|look| log.sectors_in(look.entries) <= sectors);
        let Some(cut) = self.looks.get(after).or(self.looks.last()) else { return Lost::default() };
        let taken = self.looks.partition_point(|look| look.frames <= missing);
        let frames = cut.frames.saturating_sub(missing);
        let waited =
            |since: &Look| cut.starved.saturating_sub(since.starved).as_millis() * FRAMES_PER_S / 1000;
        let excused = self.looks.get(taken).map_or(0, waited);
        Lost { frames, own: frames.saturating_sub(u64::try_from(excused).unwrap_or(u64::MAX)) }
    }
}

/// `clip NAME.mp4: 237 frames, 19939 KiB`
fn finished(line: &str, acknowledged: u64) -> Option<Finished> {
    let (name, rest) = line.split_once("clip ")?.1.split_once(": ")?;
    let (frames, rest) = rest.split_once(" frames, ")?;
    let kib = rest.trim_end().strip_suffix(" KiB")?;
    Some(Finished { name: name.into(), frames: frames.parse().ok()?, kib: kib.parse().ok()?, acknowledged })
}

#[cfg(test)]
mod tests {
    use super::finished;

    #[test]
    fn a_report_of_a_clip_is_read() {
        let read = finished("clip 1_1-2_cam_1-2-3-4_5_6.mp4: 237 frames, 19939 KiB\r", 7);
        let read = read.expect("a report");
        assert_eq!((read.name.as_str(), read.frames, read.kib), ("1_1-2_cam_1-2-3-4_5_6.mp4", 237, 19939));
        assert_eq!(finished("event 1: over after 10.9 s", 7), None);
    }
}
