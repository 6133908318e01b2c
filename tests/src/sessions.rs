//! Sessions at the console as people have them, for every board. Must not judge what was set.

use crate::chain::files_in;
use crate::{CardImage, Failure, Outcome, Rig, Serial};
use std::path::Path;

/// Types a line and waits for what shall come after it.
///
/// # Errors
/// When it does not come.
pub fn answers(rig: &mut Rig, line: &str, expected: &str) -> Result<String, Failure> {
    rig.serial.send(format!("{line}\r").as_bytes())?;
    rig.serial.expect(expected)
}

/// The whole of `setup`, with slips, Tab, `back`, `skip` and the picture in the terminal, from a board nobody has set up to one that is saved: named
/// `frontdoor`, in Berlin at nine in the morning of 2026-11-27, sensitivity 65, pulses of 4 s.
///
/// # Errors
/// Whatever does not come.
pub fn led_through_setup(rig: &mut Rig) -> Outcome {
    // Tab and `?`, with the line coming back below what they show.
    rig.serial.send(b"se\t")?;
    rig.serial.expect("selftest")?;
    rig.serial.expect("kerberos> se")?;
    rig.serial.send(b"tu\t")?;
    rig.serial.expect("tup ")?;
    rig.serial.send(b"\r")?;
    rig.serial.expect("1 of ")?;
    rig.serial.expect("name> ")?;
    answers(rig, "bad name", "must be 1 to 32 letters")?;
    rig.serial.expect("name> ")?;
    // A slip is mended in the middle of the line.
    rig.serial.send(b"frntdoor\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Do\r")?;
    rig.serial.expect("zone> ")?;
    answers(rig, "Europe/Berlinn", "but Europe/Berlin")?;
    rig.serial.expect("zone> ")?;
    answers(rig, "Europe/Berlin", "time> ")?;
    answers(rig, "2026-11-27 09:00", "09:00:0")?;
    rig.serial.expect("camera> ")?;
    answers(rig, ".", "camera> ")?;
    answers(rig, "", "aim> ")?;
    answers(rig, ".", "a key ends")?;
    // Drawn anew over itself.
    rig.serial.expect("a key ends")?;
    rig.serial.send(b"q")?;
    rig.serial.expect("aim> ")?;
    answers(rig, "back", "camera> ")?;
    answers(rig, "skip", "aim> ")?;
    answers(rig, "", "sensitivity> ")?;
    answers(rig, "65", "walk> ")?;
    answers(rig, ".", "Walk through the picture.")?;
    rig.serial.send(b"q")?;
    rig.serial.expect("walk> ")?;
    answers(rig, "", "pulse> ")?;
    answers(rig, "4000", "wiring> ")?;
    rig.serial.send(b"\r")?;
    // Where the emulator has the board's GPIO.
    let is_watched = rig.profile.emulator.as_ref().is_some_and(|emulator| emulator.gpio.is_some());
    if is_watched {
        rig.until("the line to rise", Rig::alarm_high)?;
    }
    rig.serial.expect("save> ")?;
    answers(rig, "", "Saved.")?;
    rig.serial.prompt()?;
    if is_watched {
        rig.until("the line to fall", |rig| Ok(!rig.alarm_high()?))?;
    }
    Ok(())
}

/// Kills the guard and waits until init says so, which may be before the prompt comes back.
///
/// # Errors
/// When that is not said.
pub fn kill_guard(rig: &mut Rig) -> Outcome {
    rig.serial.send(b"test-kill guard\r")?;
    rig.serial.expect("guard was killed by SIGKILL; it is started again").map(drop)
}

/// A megabyte that nobody typed, and then somebody: a prompt comes, and no setting is another.
///
/// # Errors
/// No prompt.
pub fn noise_changes_nothing(console: &mut Serial) -> Outcome {
    let before = console.command("show")?;
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut noise = Vec::new();
    while noise.len() < 1 << 20 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // No line ends within: one endless line, as a cable that picks up hum sends.
        noise.extend(state.to_le_bytes().iter().filter(|b| !matches!(b, b'\r' | b'\n')));
    }
    console.send(&noise)?;
    console.send(b"\r\r\x03\rhelp clock\r")?;
    console.expect("show or set the time")?;
    console.prompt()?;
    assert_eq!(console.command("show")?, before, "nothing changed");
    Ok(())
}

/// The three files of a clip that came over a line are those of the card in `folder`, byte for byte; gives how many bytes they are.
///
/// # Errors
/// A card or a folder that cannot be read.
pub fn received_as_on_the_card(received: &Path, folder: &Path) -> Result<usize, Failure> {
    CardImage::new(&folder.join("card.img")).clips(folder)?;
    let card = files_in(&folder.join(boards::layout::CLIPS_FOLDER))?;
    let received = files_in(received)?;
    assert_eq!(received.len(), 3);
    for (name, content) in &received {
        assert!(card.get(name) == Some(content), "{name} is not what is on the card");
    }
    Ok(received.values().map(Vec::len).sum())
}
