//! A test's rig: a card of its own, a machine, a camera, the serial line.

use crate::card_faults::CardFaults;
use crate::serial::PROMPT;
use crate::{Failure, Ledger, Serial, usb_host, vivid};
use boards::{DevicePort, GpioKind, Profile};
use image_builder::camera::{self, Camera, Limit, PixelFormat, SourceKind, UsbId};
use image_builder::emulate::{Machine, MachineOptions};
use image_builder::image::{self, BuildOptions, TestKernel};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The board on which everything is tested; the others show what is theirs.
pub const BOARD: &str = "virt";
/// How often the outside is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(30);

/// A running product.
pub struct Rig {
    /// The emulated machine.
    pub machine: Machine,
    /// Its serial console.
    pub serial: Serial,
    /// Its camera.
    pub camera: Camera,
    /// The board.
    pub profile: Profile,
    /// What can be made wrong with the card.
    pub card_faults: CardFaults,
    folder: TempDir,
}

/// The slowest board on a host that is busy with others.
const BOOT_LIMIT: Duration = Duration::from_secs(300);
/// As many frames are never on their way: motion looks at one of them at least.
const FRAMES_UNDER_WAY_MAX: u64 = 15;

/// The card's drive on [`BOARD`].
const CARD_DRIVE: &str = "sd0";

/// What is around a machine that is switched on.
struct Surroundings {
    /// Where every write to the card is taken down.
    card_log: Option<PathBuf>,
    /// What the camera does at first.
    camera_does: fn(&Camera),
    /// What the battery has kept in the clock module: QEMU has no battery, so the clock of the whole machine says it.
    battery_time: Option<&'static str>,
    /// Whether the card is pulled out as soon as the boot loader has read it.
    card_is_pulled: bool,
    /// More arguments for the emulator.
    extra: Vec<String>,
    /// Whether a display is plugged in.
    has_display: bool,
    /// More for the kernel's command line.
    cmdline: &'static str,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self {
            card_log: None,
            camera_does: Camera::scene_still,
            battery_time: None,
            card_is_pulled: false,
            extra: Vec::new(),
            has_display: false,
            cmdline: "",
        }
    }
}

/// How long a machine may take to end after the product has said that it switches off; a board without that ability
/// stands still.
const SWITCH_OFF_LIMIT: Duration = Duration::from_secs(10);

/// A board's image with test hooks: built once, copied for each test.
pub fn image(board: &str) -> Result<(PathBuf, Profile), Failure> {
    image_with(board, "test-hooks", None)
}

fn image_with(
    board: &str,
    suffix: &str,
    test_kernel: Option<TestKernel>,
) -> Result<(PathBuf, Profile), Failure> {
    let built = image::build(&BuildOptions {
        board: board.into(),
        out: Some(artefacts()?.join(format!("{board}-{suffix}.img"))),
        test_kernel,
        test_hooks: true,
        keep_if_same: true,
        ..BuildOptions::default()
    })?;
    Ok((built.path, built.profile))
}

/// Where tests leave what a person may want to look at.
pub fn artefacts() -> Result<PathBuf, Failure> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = target.join("test-artefacts");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Rig {
    /// Boots a fresh card with a camera that looks at a still scene, and waits for the prompt.
    pub fn boot() -> Result<Rig, Failure> {
        Rig::boot_with(|_| Ok(()))
    }

    /// As [`Rig::boot`], with a display plugged in.
    pub fn boot_with_display() -> Result<Rig, Failure> {
        let folder = tempfile::tempdir()?;
        let profile = Rig::fresh_card(BOARD, &folder.path().join("card.img"))?;
        Rig::boot_in(folder, profile, &Surroundings { has_display: true, ..Surroundings::default() })
    }

    /// As [`Rig::boot`], after `prepare` has done something to the card.
    pub fn boot_with(prepare: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<Rig, Failure> {
        Rig::switch_on(BOARD, prepare)?.at_prompt()
    }

    /// As [`Rig::boot`], with a kernel that differs by this: fragment and, if there are any, tree additions `tests/kernel/NAME.*`.
    pub fn boot_on_kernel(name: &str) -> Result<Rig, Failure> {
        Rig::boot_on(name, None, tempfile::tempdir()?, &Surroundings::default())
    }

    /// As [`Rig::boot`], with a kernel in which the board's USB device port hangs on a host in the same machine, from which a wire leads
    /// outside: [`Rig::usb_host`].
    pub fn boot_with_usb_host() -> Result<Rig, Failure> {
        let folder = tempfile::tempdir()?;
        let extra = usb_host::arguments(folder.path());
        let surroundings = Surroundings { extra, ..Surroundings::default() };
        Rig::boot_on(usb_host::KERNEL, Some(usb_host::device_port()), folder, &surroundings)
    }

    /// As [`Rig::boot`], with the kernel's own test camera instead of one on USB.
    pub fn boot_with_test_camera() -> Result<Rig, Failure> {
        let surroundings =
            Surroundings { camera_does: Camera::unplug, cmdline: vivid::CMDLINE, ..Surroundings::default() };
        Rig::boot_on(vivid::KERNEL, None, tempfile::tempdir()?, &surroundings)
    }

    /// What comes out of the wire of [`Rig::boot_with_usb_host`]. One listener at a time.
    pub fn usb_host(&self) -> Result<Serial, Failure> {
        Serial::new(UnixStream::connect(usb_host::socket(self.folder.path()))?)
    }

    fn boot_on(
        name: &str,
        device_port: Option<DevicePort>,
        folder: TempDir,
        surroundings: &Surroundings,
    ) -> Result<Rig, Failure> {
        let file = |extension: &str| root().join("tests/kernel").join(format!("{name}.{extension}"));
        let additions = Some(file("dts")).filter(|path| path.exists());
        let kernel = TestKernel { fragment: file("config"), additions, device_port };
        let (image, profile) = image_with(BOARD, name, Some(kernel))?;
        crate::card::copy(&image, &folder.path().join("card.img"))?;
        Rig::boot_in(folder, profile, surroundings)
    }

    /// Switches a board on with a fresh card and waits for nothing.
    pub fn switch_on(
        board: &str,
        prepare: impl FnOnce(&Path) -> Result<(), Failure>,
    ) -> Result<Rig, Failure> {
        let folder = tempfile::tempdir()?;
        let card = folder.path().join("card.img");
        let profile = Rig::fresh_card(board, &card)?;
        prepare(&card)?;
        Rig::start(folder, profile, &Surroundings::default())
    }

    /// Boots the card that [`Rig::poweroff`] left.
    pub fn with_card(folder: TempDir) -> Result<Rig, Failure> {
        Rig::boot_in(folder, image(BOARD)?.1, &Surroundings::default())
    }

    fn boot_in(folder: TempDir, profile: Profile, surroundings: &Surroundings) -> Result<Rig, Failure> {
        Rig::start(folder, profile, surroundings)?.at_prompt()
    }

    fn at_prompt(mut self) -> Result<Rig, Failure> {
        self.serial.expect_within(PROMPT, BOOT_LIMIT)?;
        Ok(self)
    }

    /// A fresh image of a board at `card`, sparse; and the board.
    pub fn fresh_card(board: &str, card: &Path) -> Result<Profile, Failure> {
        let (image, profile) = image(board)?;
        crate::card::copy(&image, card)?;
        Ok(profile)
    }

    /// Switches a machine on with the card `card.img` in `folder`, and does not wait for anything. With `log`, every
    /// write to the card is taken down in that file.
    pub fn power_on(folder: TempDir, profile: Profile, log: Option<&Path>) -> Result<Rig, Failure> {
        let card_log = log.map(Path::to_owned);
        Rig::start(folder, profile, &Surroundings { card_log, ..Surroundings::default() })
    }

    fn start(folder: TempDir, mut profile: Profile, surroundings: &Surroundings) -> Result<Rig, Failure> {
        if let Some(emulator) = &mut profile.emulator {
            emulator.cmdline = format!("{} {}", emulator.cmdline, surroundings.cmdline).trim().to_owned();
        }
        let card = folder.path().join("card.img");
        let card_faults = CardFaults::new()?;
        // Stopped until we listen: QEMU keeps nothing of what the guest says before.
        let mut extra = vec!["-S".to_owned()];
        if profile.id == BOARD {
            extra.extend(card_faults.arguments());
        }
        let battery = surroundings.battery_time.map(|time| ["-rtc".to_owned(), format!("base={time}")]);
        extra.extend(battery.into_iter().flatten());
        extra.extend(surroundings.extra.iter().cloned());
        let options = MachineOptions {
            extra,
            card_log: surroundings.card_log.clone(),
            display: surroundings.has_display,
            ..MachineOptions::new(profile.clone(), &card)
        };
        let mut machine = Machine::start(&options)?;
        let serial = Serial::new(machine.serial()?)?;
        let camera = Camera::start(camera::Options::new(machine.camera_socket()))?;
        (surroundings.camera_does)(&camera);
        if surroundings.card_is_pulled {
            pull(&mut machine)?;
        }
        machine.qmp("cont", &serde_json::json!({}))?;
        Ok(Rig { machine, serial, camera, profile, card_faults, folder })
    }

    /// Starts a new machine with the same card: a power cut (QEMU is killed) and a cold start.
    pub fn power_cycle(self) -> Result<Rig, Failure> {
        let (folder, profile) = self.kill();
        Rig::boot_in(folder, profile, &Surroundings::default())
    }

    /// Kills QEMU at once and gives back what is left.
    pub fn kill(self) -> (TempDir, Profile) {
        let Rig { machine, camera, profile, folder, .. } = self;
        machine.kill();
        drop(camera);
        (folder, profile)
    }

    /// As [`Rig::power_cycle`], but nothing is plugged in afterwards, and a clock module, where the board has one, has gone on meanwhile to
    /// that time (`YYYY-MM-DDTHH:MM:SS`).
    pub fn power_cycle_without_camera(self, battery_time: &'static str) -> Result<Rig, Failure> {
        let (folder, profile) = self.kill();
        let battery_time = Some(battery_time);
        let surroundings =
            Surroundings { camera_does: Camera::unplug, battery_time, ..Surroundings::default() };
        Rig::boot_in(folder, profile, &surroundings)
    }

    /// Switches off in order, does something to the card, and starts again.
    pub fn restart_with(self, change: impl FnOnce(&Path) -> Result<(), Failure>) -> Result<Rig, Failure> {
        let profile = self.profile.clone();
        let (_, folder) = self.poweroff()?;
        change(&folder.path().join("card.img"))?;
        Rig::boot_in(folder, profile, &Surroundings::default())
    }

    /// As [`Rig::power_cycle`], but the card is pulled out as soon as the boot loader has read it.
    pub fn power_cycle_without_card(self) -> Result<Rig, Failure> {
        let (folder, profile) = self.kill();
        let surroundings = Surroundings { card_is_pulled: true, ..Surroundings::default() };
        Rig::boot_in(folder, profile, &surroundings)
    }

    /// Another camera, which sends its pictures in that format, instead of the one that is plugged in; it looks at a still scene.
    pub fn plug_camera(&mut self, format: PixelFormat) -> Result<(), Failure> {
        self.plug_other(|options| options.format = format)?;
        self.camera.scene_still();
        Ok(())
    }

    /// The same, one that can send its pictures in that format, too, on a bus that carries no more than that.
    pub fn plug_camera_with(&mut self, also: PixelFormat, limit: Limit) -> Result<(), Failure> {
        self.plug_other(|options| (options.also, options.limit) = (vec![also], Some(limit)))?;
        self.camera.scene_still();
        Ok(())
    }

    /// The same, one with MJPEG that says it is of that vendor and product.
    pub fn plug_camera_as(&mut self, usb_id: UsbId) -> Result<(), Failure> {
        self.plug_other(|options| options.usb_id = usb_id)?;
        self.camera.scene_still();
        Ok(())
    }

    /// The same, but it looks at this footage.
    pub fn plug_footage(&mut self, file: &Path) -> Result<(), Failure> {
        self.plug_other(|options| options.source = SourceKind::Clip(file.to_owned()))
    }

    fn plug_other(&mut self, choose: impl FnOnce(&mut camera::Options)) -> Result<(), Failure> {
        self.camera.unplug();
        self.serial.expect("camera: no camera is connected")?;
        // The old one must have let go of the socket before the new one comes: QEMU speaks to one at a time.
        let unplugged = camera::Options { plugged: false, ..camera::Options::new("") };
        drop(std::mem::replace(&mut self.camera, Camera::start(unplugged)?));
        let mut options = camera::Options::new(self.machine.camera_socket());
        choose(&mut options);
        self.camera = Camera::start(options)?;
        Ok(())
    }

    /// Pulls the card out.
    pub fn pull_card(&mut self) -> Result<(), Failure> {
        pull(&mut self.machine)
    }

    /// Pushes a card in.
    pub fn push_card(&mut self, image: &Path) -> Result<(), Failure> {
        let medium = serde_json::json!({ "device": CARD_DRIVE, "filename": image, "format": "raw" });
        Ok(self.machine.qmp("blockdev-change-medium", &medium).map(drop)?)
    }

    /// The card image.
    pub fn card(&self) -> PathBuf {
        self.folder.path().join("card.img")
    }

    /// A folder of this test's own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until the camera streams.
    pub fn streams(&mut self) -> Result<(), Failure> {
        self.until("the camera to stream", |rig| Ok(rig.serial.command("status")?.contains("camera    ok: ")))
    }

    /// Waits until the camera streams and the detector has learned the scene.
    pub fn settle(&mut self) -> Result<(), Failure> {
        self.until("the detector to be quiet", |rig| {
            Ok(rig
                .serial
                .command("status")?
                .lines()
                .any(|l| l.starts_with("motion") && !l.contains("earning") && !l.contains("no frames")))
        })
    }

    /// As [`Rig::settle`], where another picture has just come: what the detector says at first may still be of the one before.
    pub fn settle_anew(&mut self) -> Result<(), Failure> {
        self.frames_captured(FRAMES_UNDER_WAY_MAX)?;
        self.settle()
    }

    /// Waits until the card is in use. A start on a slow machine does not wait for it for ever, and it joins later, with its settings.
    pub fn card_is_in_use(&mut self) -> Result<(), Failure> {
        self.until("the card to be read", |rig| {
            let status = rig.serial.command("status")?;
            Ok(status.contains("card      ok: ") && !status.contains("free is not known yet"))
        })
    }

    /// Waits until this was said, ever: what a start says of the card may come after the first prompt.
    pub fn was_said(&mut self, text: &str) -> Result<(), Failure> {
        self.until(&format!("`{text}`"), |rig| Ok(rig.serial.has(text)))
    }

    /// Waits until the guard has taken so many frames more, however many the camera offers meanwhile.
    pub fn frames_captured(&mut self, frames: u64) -> Result<(), Failure> {
        let before = self.ledger()?.captured;
        self.until("frames to be captured", |rig| Ok(rig.ledger()?.captured >= before + frames))
    }

    /// Waits for a number of frames of the camera to pass: for time, not for what the guard makes of them.
    pub fn frames_pass(&mut self, frames: u64) -> Result<(), Failure> {
        let start = self.camera.stats().offered;
        self.until("frames to pass", |rig| Ok(rig.camera.stats().offered >= start + frames))
    }

    /// Asks `happened` until it says yes. The limit is only there to end a broken test.
    pub fn until(
        &mut self,
        what: &str,
        mut happened: impl FnMut(&mut Rig) -> Result<bool, Failure>,
    ) -> Result<(), Failure> {
        let deadline = Instant::now() + 3 * crate::serial::PATIENCE;
        while !happened(self)? {
            if Instant::now() > deadline {
                return Err(format!(
                    "waited in vain for {what}; the console said: {}",
                    self.serial.transcript()
                )
                .into());
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Whether a line of the GPIO controller is high, read from the emulated chip's data register.
    pub fn line_high(&mut self, offset: u32) -> Result<bool, Failure> {
        let gpio =
            self.profile.emulator.as_ref().and_then(|e| e.gpio.as_ref()).ok_or("no GPIO to look at")?;
        let register = match gpio.kind {
            // The data register is addressed through a mask in the address; 0x3fc shows all eight lines.
            GpioKind::Pl061 => 0x3fc,
            // GPLEV0 and GPLEV1, 32 lines each.
            GpioKind::Bcm2835 => 0x34 + 4 * u64::from(offset / 32),
        };
        let address = gpio.address + register;
        Ok(self.word(address)? >> (offset % 32) & 1 == 1)
    }

    /// The word at a physical address of the machine.
    pub fn word(&mut self, address: u64) -> Result<u32, Failure> {
        let answer = self.machine.monitor(&format!("xp /1wx {address:#x}"))?;
        let word = answer.rsplit("0x").next().map(str::trim).unwrap_or_default();
        Ok(u32::from_str_radix(word, 16)?)
    }

    /// Whether the alarm line is high.
    pub fn alarm_high(&mut self) -> Result<bool, Failure> {
        let offset = self.profile.alarm.as_ref().and_then(|a| a.offset).ok_or("no alarm line")?;
        self.line_high(offset)
    }

    /// The ledger as `status` shows it. A guard that has no time to answer (the host is busy) is asked again.
    pub fn ledger(&mut self) -> Result<Ledger, Failure> {
        let deadline = Instant::now() + crate::serial::PATIENCE;
        loop {
            match Ledger::last_in(&self.serial.command("status")?) {
                Err(_) if Instant::now() < deadline => {}
                ledger => return ledger,
            }
        }
    }

    /// The frames that the driver numbered and never gave us, as `status` shows them.
    pub fn missed(&mut self) -> Result<u64, Failure> {
        let mut missed = 0;
        self.until("an answer of the guard", |rig| {
            let status = rig.serial.command("status")?;
            let Some((before, _)) = status.split_once(" missed by the camera") else { return Ok(false) };
            missed = before.rsplit(' ').next().unwrap_or_default().parse()?;
            Ok(true)
        })?;
        Ok(missed)
    }

    /// Switches the product off in order; returns the final ledger and the card's folder.
    pub fn poweroff(mut self) -> Result<(Ledger, TempDir), Failure> {
        self.serial.send(b"poweroff\r")?;
        let said = self.serial.expect("kerberos: stopped; switching off")?;
        let ledger = Ledger::last_in(&said)?;
        let deadline = Instant::now() + SWITCH_OFF_LIMIT;
        while self.machine.try_wait()?.is_none() {
            if Instant::now() > deadline {
                self.machine.quit()?;
                break;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok((ledger, self.folder))
    }

    /// As [`Rig::poweroff`], for whom only the card matters.
    pub fn off(self) -> Result<TempDir, Failure> {
        self.poweroff().map(|(_ledger, folder)| folder)
    }
}

fn pull(machine: &mut Machine) -> Result<(), Failure> {
    Ok(machine.qmp("eject", &serde_json::json!({ "device": CARD_DRIVE, "force": true })).map(drop)?)
}
