//! Every tier-1 board starts from its own card image, and does the product's whole job there.
//!
//! The list is what the profiles say; nothing here knows a board by name. What is the same on all boards is tested once, on
//! the board that the other tests use.

use boards::{Loader, Profile};
use image_builder::emulate::StickOptions;
use std::path::Path;
use std::time::{Duration, Instant};
use tests::chain::files_in;
use tests::clip::Clip;
use tests::rig::{BOARD, root};
use tests::serial::PROMPT;
use tests::stick::{Format, Stick};
use tests::{CardImage, Failure, Ledger, Outcome, Rig, report, sessions};

/// Slower than the board that everything else is tested on: four emulated cores on whatever the host has.
const BOOT_LIMIT: Duration = Duration::from_secs(300);

/// Four emulated cores on two real ones: large pictures only cost time here.
const SMALL_PICTURE: &[u8] = b"[camera]\nsize = \"640x480\"\n";
/// Where files go that came over the serial line.
const RECEIVED: &str = "received";
/// Room for the clip and its still.
const STICK_MIB: u64 = 64;
/// The limit that `test-hang` gives to a part of the guard, milliseconds.
const SHORT: &str = " 3000";

/// The tier-1 boards with an emulator, but for the one that everything else is tested on; or, for whoever works on one of them, those that the
/// environment names (`KERBEROS_BOARDS=cubieboard,orangepi-pc`).
fn boards() -> Result<Vec<Profile>, Failure> {
    let folder = root().join("boards");
    let chosen = std::env::var("KERBEROS_BOARDS").ok();
    let mut found = Vec::new();
    for id in boards::list(&folder)? {
        let profile = boards::load(&folder, &id)?;
        let is_chosen = chosen.as_ref().is_none_or(|chosen| chosen.split(',').any(|one| one == id));
        if profile.tier == 1 && profile.emulator.is_some() && id != BOARD && is_chosen {
            found.push(profile);
        }
    }
    Ok(found)
}

/// D1, D2, D4, D5, K10, IO19, ZM1: each board boots its untouched image through its own chain while the serial line carries noise, watches,
/// alarms and records in the year 2040, and gives a still away over its line; loses its power; comes back, restarts on command with the date kept, hangs and is
/// restarted by its own watchdog, and switches off.
#[test]
fn every_board_lives_through_noise_alarm_2040_restart_and_hang() -> Outcome {
    for profile in boards()? {
        two_lives(&profile).map_err(|error| format!("{}: {error}", profile.id))?;
    }
    Ok(())
}

fn two_lives(profile: &Profile) -> Outcome {
    let small =
        |card: &Path| CardImage::new(card).put_boot_file(boards::layout::SETTINGS_FILE, SMALL_PICTURE);
    let mut rig = Rig::switch_on(&profile.id, small)?;
    boot_through_noise(&mut rig)?;
    let dog = Dog::of(profile)?;
    rig.streams()?;
    rig.card_is_in_use()?;
    let status = rig.serial.command("status")?;
    assert!(status.contains(&dog.shown), "{status}");
    // Of the emulated SoCs only Broadcom's has a thermometer, and somebody who answers for the supply.
    let gpio = profile.emulator.as_ref().and_then(|emulator| emulator.gpio.as_ref());
    let tells_warmth = gpio.is_some_and(|gpio| gpio.kind == boards::GpioKind::Bcm2835);
    assert!(!tells_warmth || status.contains(" C, supply ok\n"), "{status}");
    let has_port = profile.device_port.is_some();
    assert_eq!(status.contains("console-usb running, "), has_port, "{status}");
    sessions::led_through_setup(&mut rig)?;
    // What comes is told in the time that the files have.
    assert!(rig.serial.command("set time.zone UTC")?.contains("In force."));
    let has_module = connect_clock_module(&mut rig)?;
    set_the_clock_beyond_2038(&mut rig)?;
    header_is_there(&mut rig)?;
    waves(&mut rig)?;
    alarm_and_record(&mut rig)?;
    receive_still(&mut rig)?;
    let ledger = rig.ledger()?;
    assert!(ledger.balances(), "{ledger:?}");

    // Without the camera from here on: QEMU 10 aborts when the controllers of these boards (EHCI, DWC2) are stopped or reset while
    // a redirected transfer is on its way (`usb_packet_is_inflight`).
    let mut rig = rig.power_cycle_without_camera("2040-12-28T00:05:00")?;
    restarted(&mut rig, "power")?;
    the_dead_are_silent(&mut rig)?;
    stick_takes_the_clip(&mut rig)?;
    if has_module {
        // Nobody sets the clock here.
        assert!(rig.serial.has("clock: 2040-12-28 00:0"), "{}", rig.serial.transcript());
        assert!(rig.serial.has(" UTC by the clock module"));
        let time = rig.serial.command("clock")?;
        assert!(time.contains("2040-12-28 00:") && !time.contains("at the earliest"), "{time}");
    } else {
        set_the_clock_beyond_2038(&mut rig)?;
    }
    restart(&mut rig, "reboot")?;
    restarted(&mut rig, "command (reboot) at 2040-12-28 00:")?;
    restart(&mut rig, &format!("test-hang {}", dog.victim))?;
    restarted(&mut rig, &format!("watchdog ({}) at 2040-12-28 00:", dog.victim.trim_end_matches(SHORT)))?;
    let folder = rig.off()?;
    judge_clip(folder.path(), &ledger)
}

/// IO1: the kernel has the header's chip and lines: the first and the last pin that are free can be an output, high where the emulator
/// shows it; what is taken is refused.
fn header_is_there(rig: &mut Rig) -> Outcome {
    let Some(header) = rig.profile.header.clone() else { return Ok(()) };
    let alarm = rig.profile.alarm.as_ref().and_then(|alarm| Some((alarm.chip.as_deref()?, alarm.offset?)));
    let lines = || {
        let line = |(number, pin)| Some((number, header.line_of(pin)?, &pin.taken));
        (1..).zip(&header.pins).filter_map(line)
    };
    let free: Vec<(u32, (&str, u32))> = lines()
        .filter(|(_, line, taken)| taken.is_none() && Some(*line) != alarm)
        .map(|(number, line, _)| (number, line))
        .collect();
    let (Some(first), Some(last)) = (free.first(), free.last()) else { return Err("no pin is free".into()) };
    for (setting, (number, (_, line))) in [("alarm.output1", first), ("alarm.output2", last)] {
        rig.serial.command(&format!("set {setting} pin {number} on heartbeat"))?;
        rig.until("an output on the header", |rig| {
            Ok(rig.serial.command("gpio")?.contains(&format!("{setting}: on\n")))
        })?;
        if rig.profile.emulator.as_ref().is_some_and(|emulator| emulator.gpio.is_some()) {
            rig.until("its line", |rig| rig.line_high(*line))?;
        }
        rig.serial.command(&format!("set {setting} off"))?;
    }
    if let Some((number, ..)) = lines().find(|(_, _, taken)| taken.is_some()) {
        rig.serial.command(&format!("set alarm.output1 pin {number} on heartbeat"))?;
        rig.serial.expect(&format!("alarm.output1: pin {number} is in use ("))?;
        rig.serial.command("set alarm.output1 off")?;
    }
    Ok(())
}

/// Registers of a BCM2835's PWM (BCM2835 ARM Peripherals, chapter 9): control, then range and data of channel 1.
const PWM_CONTROL: u64 = 0x0;
const PWM_RANGE: u64 = 0x10;
const PWM_DATA: u64 = 0x14;
/// Enabled, mark and space: what makes a wave of range and data.
const PWM_RUNS: u32 = 0x81;

/// IO19: a pin with PWM makes the tone and the level that are set, two tones take turns; where the emulator shows none, or the board has none,
/// a pin without is refused, and told which pins have one.
fn waves(rig: &mut Rig) -> Outcome {
    let Some((base, number)) = pwm_of(rig) else {
        rig.serial.command("set alarm.output1 pin 3 on heartbeat tone 2500Hz")?;
        if rig.profile.header.is_none() {
            return rig.serial.expect("this board has no header that we know").map(drop);
        }
        let pins = rig.profile.header.iter().flat_map(|header| (1..).zip(&header.pins));
        let able: Vec<String> =
            pins.filter(|(_, pin)| pin.pwm.is_some()).map(|(number, _)| format!("pin {number}")).collect();
        let told = match able.as_slice() {
            [] => "this board has no pin that does".to_owned(),
            able => format!("what does: {}", able.join(", ")),
        };
        rig.serial.expect(&format!("makes no tones and dims nothing; {told}"))?;
        return rig.serial.command("set alarm.output1 off").map(drop);
    };
    rig.serial.command(&format!("set alarm.output1 pin {number} on heartbeat tone 2500Hz level 25%"))?;
    rig.until("a quarter of the time", |rig| {
        let (range, data) = (rig.word(base + PWM_RANGE)?, rig.word(base + PWM_DATA)?);
        Ok(range > 0 && range.abs_diff(data * 4) <= 4)
    })?;
    assert_eq!(rig.word(base + PWM_CONTROL)? & PWM_RUNS, PWM_RUNS, "the channel runs");
    let high = rig.word(base + PWM_RANGE)?;
    rig.serial
        .command(&format!("set alarm.output1 pin {number} on heartbeat tone 2500Hz pattern two-tone"))?;
    for part in [4, 3, 4] {
        rig.until("one tone and the other", |rig| {
            let (range, data) = (rig.word(base + PWM_RANGE)?, rig.word(base + PWM_DATA)?);
            Ok((range * part).abs_diff(high * 4) <= 8 && range.abs_diff(data * 2) <= 2)
        })?;
    }
    rig.serial.command("set alarm.output1 off")?;
    rig.until("silence", |rig| Ok(rig.word(base + PWM_DATA)? == 0))?;
    Ok(())
}

/// IO19: the guard's death silences a pin with PWM. Without the camera, for the sake of the emulator.
fn the_dead_are_silent(rig: &mut Rig) -> Outcome {
    let Some((base, number)) = pwm_of(rig) else { return Ok(()) };
    // Nothing that a new guard would sound again by itself.
    rig.serial.command("set alarm.pulse_ms 600000")?;
    rig.serial.command(&format!("set alarm.output1 pin {number} on tamper tone 1000Hz"))?;
    rig.until("an output that is set", |rig| {
        Ok(rig.serial.command("gpio test 1")?.contains("alarm.output1 is on for one pulse"))
    })?;
    rig.until("the tone", |rig| Ok(rig.word(base + PWM_DATA)? != 0))?;
    sessions::kill_guard(rig)?;
    rig.until("silence", |rig| Ok(rig.word(base + PWM_DATA)? == 0))?;
    rig.serial.command("set alarm.output1 off")?;
    rig.serial.command("set alarm.pulse_ms 2000").map(drop)
}

/// D20: a stick is found where the machine has several USB hosts, only some of which the board has a socket of. Without the camera, for the
/// sake of the emulator.
fn stick_takes_the_clip(rig: &mut Rig) -> Outcome {
    if rig.profile.emulator.as_ref().is_none_or(|emulator| emulator.usb_bus.is_none()) {
        return Ok(());
    }
    let stick = Stick::new(rig.folder(), Format::Fat, STICK_MIB)?;
    rig.machine.push_stick(stick.path(), StickOptions::default())?;
    rig.until("an export to the stick", |rig| {
        // Again where the stick was not there yet; one that goes on refuses another.
        rig.serial.command("clips export")?;
        Ok(rig.serial.has("export: done: 1 clip"))
    })?;
    rig.machine.pull_stick()?;
    stick.is_clean()?;
    let files = stick.files("clips-frontdoor")?;
    assert_eq!(files.keys().filter(|name| name.ends_with(".mp4")).count(), 1, "{:?}", files.keys());
    Ok(())
}

/// Where the emulator shows the board's PWM, and the pin of its first channel.
fn pwm_of(rig: &Rig) -> Option<(u64, u32)> {
    let base = rig.profile.emulator.as_ref()?.pwm?;
    let pins = (1..).zip(&rig.profile.header.as_ref()?.pins);
    let mut first = pins.filter(|(_, pin)| pin.pwm.as_ref().is_some_and(|pwm| pwm.channel == 0));
    first.next().map(|(number, _)| (base, number))
}

/// What there is to see of a board's watchdog.
struct Dog {
    /// Its end of the line in `status`.
    shown: String,
    /// Who is made to hang. PID 1, where the hardware counts; where the emulator cannot, a part whose hanging makes PID 1 restart
    /// the board through the same chip.
    victim: &'static str,
}

impl Dog {
    fn of(profile: &Profile) -> Result<Dog, Failure> {
        let seconds =
            profile.watchdog.as_ref().and_then(|watchdog| watchdog.timeout_s).ok_or("no watchdog")?;
        let off = profile.emulator.as_ref().is_some_and(|e| e.cmdline.contains("kerberos.watchdog=off"));
        Ok(match off {
            true => Dog { shown: "switched off".into(), victim: "guard/motion 3000" },
            false => Dog { shown: format!(", {seconds} s\n"), victim: "init" },
        })
    }
}

/// From the first moment until somebody answers: letters, returns, Ctrl-C, as a boot loader would take for keys.
fn boot_through_noise(rig: &mut Rig) -> Outcome {
    let deadline = Instant::now() + BOOT_LIMIT;
    rig.serial.keep_little(true)?;
    while !rig.serial.has(PROMPT) {
        if Instant::now() > deadline {
            return Err(format!("no prompt came; what came: {}", rig.serial.transcript()).into());
        }
        rig.serial.send_or_lose(b"x \r\x03\n\xff")?;
        // Slow enough for a line of 115200 baud; the prompt ends the wait.
        let _ = rig.serial.expect_within(PROMPT, Duration::from_millis(20));
    }
    rig.serial.keep_little(false)?;
    assert!(!rig.serial.has("\n=> "), "a boot loader's prompt");
    rig.until("an answer", |rig| Ok(rig.serial.command("clock").is_ok()))
}

/// HR10: announces the clock module that the emulator has connected, or learns why there is none. Whether there is one.
fn connect_clock_module(rig: &mut Rig) -> Result<bool, Failure> {
    let emulator = rig.profile.emulator.as_ref().ok_or("no emulator")?;
    let (has_module, lacks_bus) = (!emulator.clock_module.is_empty(), emulator.lacks_clock_module_bus);
    if !lacks_bus {
        rig.serial.command("set time.rtc ds1307")?;
    }
    if !has_module && !lacks_bus {
        let why = match rig.profile.clock_module {
            Some(_) => "no ds1307 answers at address 0x68",
            None => "this board has no I2C bus for a clock module",
        };
        let said = rig.serial.command("clock 2040-12-28 00:00")?;
        assert!(said.contains(&format!("The clock is set, but its module is not: {why}")), "{said}");
        rig.serial.command("set time.rtc off")?;
    }
    assert!(rig.serial.command("save")?.contains("Saved."));
    Ok(has_module)
}

/// 2 240 265 600 s after 1970: beyond what 31 bits and a sign hold. Not the 31st: QEMU's clock module makes a date of each
/// register as it comes, and the day before its month.
fn set_the_clock_beyond_2038(rig: &mut Rig) -> Outcome {
    let said = rig.serial.command("clock 2040-12-28 00:00")?;
    assert!(said.contains("2040-12-28 00:00:0"), "{said}");
    Ok(())
}

fn alarm_and_record(rig: &mut Rig) -> Outcome {
    rig.settle()?;
    // Where the emulator has the board's GPIO, the line is read from its register.
    let watched = rig.profile.emulator.as_ref().is_some_and(|emulator| emulator.gpio.is_some());
    assert!(!watched || !rig.alarm_high()?, "the line is safe before anything happens");
    rig.camera.scene_moving();
    if watched {
        rig.until("the alarm line", Rig::alarm_high)?;
    }
    rig.until("an event", |rig| Ok(rig.serial.has("event 1: motion at ")))?;
    rig.camera.scene_still();
    rig.until("a clip", |rig| Ok(rig.serial.has(".mp4: ")))?;
    if watched {
        rig.until("the end of the pulse", |rig| Ok(!rig.alarm_high()?))?;
    }
    let clips = rig.serial.command("clips")?;
    assert!(clips.contains(" 22402"), "the clip's name starts with its time: {clips}");
    Ok(())
}

/// The clip's still, by ZMODEM over this board's own serial line.
fn receive_still(rig: &mut Rig) -> Outcome {
    let clips = rig.serial.command("clips")?;
    let film = clips.split_whitespace().find(|word| word.ends_with(".mp4")).ok_or("no clip")?;
    let folder = rig.folder().join(RECEIVED);
    std::fs::create_dir(&folder)?;
    rig.serial.receive(&format!("clips send {film} still"), &folder, || {})?;
    rig.serial.expect("Sent: 1 file.")?;
    rig.serial.prompt().map(drop)
}

/// Sends what ends in a restart, and waits for the next start.
fn restart(rig: &mut Rig, order: &str) -> Outcome {
    rig.serial.send(format!("{order}\r").as_bytes())?;
    rig.serial.expect_within("`help` lists the commands", BOOT_LIMIT)?;
    rig.serial.expect_within(PROMPT, BOOT_LIMIT).map(drop)
}

/// What `status` says of the last restart begins so, once the card has been read: on a busy host these machines' clocks run ahead of
/// what they do, and init goes on without a card that takes 15 s by such a clock. It joins later.
fn restarted(rig: &mut Rig, reason: &str) -> Outcome {
    rig.card_is_in_use()?;
    let status = rig.serial.command("status")?;
    let said = rig.serial.transcript();
    assert!(status.contains(&format!("restart   {reason}")), "{reason}: {said}");
    Ok(())
}

fn judge_clip(folder: &Path, ledger: &Ledger) -> Outcome {
    let clips = CardImage::new(&folder.join("card.img")).clips(folder)?;
    let clip = Clip::probe(clips.first().ok_or("no clip on the card")?)?;
    let frames = clip.times_s.len() as u64;
    report::figure(
        "frames captured, recorded, in the first clip",
        format!("{}, {}, {frames}", ledger.captured, ledger.recorded),
    );
    assert!(frames <= ledger.recorded && frames > 10, "{frames} frames, {ledger:?}");
    assert!(clip.times_s.windows(2).all(|pair| pair[0] < pair[1]), "times rise");
    let card = files_in(&folder.join(boards::layout::CLIPS_FOLDER))?;
    let received = files_in(&folder.join(RECEIVED))?;
    assert!(received.iter().all(|(name, content)| card.get(name) == Some(content)), "{:?}", received.keys());
    assert_eq!(received.len(), 1, "a still came over the serial line");
    Ok(())
}

/// D3: the slot that is selected is empty: a boot chain that can, starts the other one.
#[test]
fn an_empty_slot_falls_back_to_the_other_one() -> Outcome {
    let own_chain =
        |board: &Profile| board.emulator.as_ref().is_some_and(|emulator| emulator.loader == Loader::Card);
    let chains: Vec<Profile> = boards()?.into_iter().filter(own_chain).collect();
    assert!(!chains.is_empty(), "no board has a boot chain of its own");
    for profile in chains {
        let select_b = |card: &Path| CardImage::new(card).put_boot_file(boards::layout::SLOT_FILE, b"b\n");
        let mut rig = Rig::switch_on(&profile.id, select_b)?;
        rig.serial.expect_within(PROMPT, BOOT_LIMIT)?;
    }
    Ok(())
}
