//! The status LED: one code for each state that the owner should know from across the room.
//!
//! An LED that cannot be written is not an error: the board may have none.

use std::path::PathBuf;

/// What the LED says, most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The alarm output is on.
    Alarm,
    /// No frames from the camera.
    Camera,
    /// Somebody tampers with the camera.
    Tamper,
    /// Clips cannot be written.
    Card,
    /// Watching.
    Armed,
    /// Running, but not watching.
    Disarmed,
}

/// One code: how it looks. `on_ms` and `off_ms` make one flash; after `flashes` of them the LED rests for `rest_ms`.
pub struct Pattern {
    /// Which code.
    pub code: Code,
    /// Flashes in a row.
    pub flashes: u64,
    /// Milliseconds on.
    pub on_ms: u64,
    /// Milliseconds off after each flash.
    pub off_ms: u64,
    /// Milliseconds off after the last flash.
    pub rest_ms: u64,
    /// In words, for the manual.
    pub words: &'static str,
}

/// Every code.
pub static PATTERNS: &[Pattern] = &[
    Pattern {
        code: Code::Alarm,
        flashes: 1,
        on_ms: 100,
        off_ms: 100,
        rest_ms: 0,
        words: "fast blinking: alarm",
    },
    Pattern {
        code: Code::Camera,
        flashes: 2,
        on_ms: 200,
        off_ms: 200,
        rest_ms: 1000,
        words: "two flashes: no camera",
    },
    Pattern {
        code: Code::Tamper,
        flashes: 4,
        on_ms: 200,
        off_ms: 200,
        rest_ms: 1000,
        words: "four flashes: the camera is covered, turned away or the like",
    },
    Pattern {
        code: Code::Card,
        flashes: 3,
        on_ms: 200,
        off_ms: 200,
        rest_ms: 1000,
        words: "three flashes: card trouble",
    },
    Pattern {
        code: Code::Armed,
        flashes: 1,
        on_ms: 1900,
        off_ms: 100,
        rest_ms: 0,
        words: "on, winking off every 2 s: armed",
    },
    Pattern {
        code: Code::Disarmed,
        flashes: 1,
        on_ms: 100,
        off_ms: 1900,
        rest_ms: 0,
        words: "a short flash every 2 s: disarmed",
    },
];

/// Whether the LED is lit at `now_ms` when it shows `code`, and for how many milliseconds that stays true.
pub fn lit(code: Code, now_ms: u64) -> (bool, u64) {
    let Some(p) = PATTERNS.iter().find(|p| p.code == code) else { return (false, 1000) };
    let flash_ms = p.on_ms + p.off_ms;
    let period_ms = flash_ms * p.flashes + p.rest_ms;
    let at = now_ms % period_ms;
    if at >= flash_ms * p.flashes {
        return (false, period_ms - at);
    }
    let within = at % flash_ms;
    if within < p.on_ms { (true, p.on_ms - within) } else { (false, flash_ms - within) }
}

/// An LED of the kernel's LED class.
pub struct Led {
    brightness: PathBuf,
    bright: Vec<u8>,
    lit: Option<bool>,
}

impl Led {
    /// Takes the LED of this class name (`/sys/class/leds/NAME`) away from any kernel trigger.
    pub fn open(name: &str) -> std::io::Result<Led> {
        let dir = PathBuf::from("/sys/class/leds").join(name);
        let bright = std::fs::read(dir.join("max_brightness"))?;
        // Boards without the trigger option have no such file.
        let _ = std::fs::write(dir.join("trigger"), "none");
        Ok(Led { brightness: dir.join("brightness"), bright, lit: None })
    }

    /// Lights it or not. Writes only changes.
    pub fn show(&mut self, lit: bool) -> std::io::Result<()> {
        if self.lit == Some(lit) {
            return Ok(());
        }
        std::fs::write(&self.brightness, if lit { self.bright.as_slice() } else { b"0" })?;
        self.lit = Some(lit);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, PATTERNS, lit};

    #[test]
    fn codes_differ_and_tell_how_long_they_stay() {
        let trace = |code| (0..4000).step_by(50).map(|ms| lit(code, ms).0).collect::<Vec<bool>>();
        for (i, a) in PATTERNS.iter().enumerate() {
            for b in &PATTERNS[..i] {
                assert_ne!(trace(a.code), trace(b.code), "{:?} {:?}", a.code, b.code);
            }
            let mut now = 0;
            while now < 10_000 {
                let (level, stays) = lit(a.code, now);
                assert!(stays > 0 && (now..now + stays).all(|t| lit(a.code, t).0 == level));
                now += stays;
            }
        }
        assert_eq!(lit(Code::Camera, 0), (true, 200));
        assert_eq!(lit(Code::Camera, 900), (false, 900));
    }
}
