//! The profile of a board: everything that the system knows about it, as data.
//!
//! Field docs here are the reference for the TOML files. A field that nothing reads does not belong here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Error, Header};

/// A board, inheritance resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    /// Name of the board's file without `.toml`; never written in the file itself.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// How well it is tested, 1 (best) to 3; see README.md.
    pub tier: u8,
    /// CPU architecture.
    pub arch: Architecture,
    /// Rust target of the firmware.
    pub rust_target: String,
    /// Least memory that this board has, in MiB: what the firmware may count on.
    pub memory_mib: u32,
    /// Ids of further boards on which the same image starts. The boot chain picks the device tree, which is `ID.dtb` in the slots; the firmware
    /// picks the profile by that tree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Remarks for people, shown by nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Names by which the Raspberry Pi Imager knows the boards that this image is for (`devices` in its list).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imager: Vec<String>,
    /// The kernel.
    pub kernel: Kernel,
    /// The device tree and what we rely on in it.
    pub device_tree: DeviceTree,
    /// The line that the alarm output drives, if the board has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<Alarm>,
    /// Where a clock module can be connected, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_module: Option<ClockModule>,
    /// The socket that makes the board a USB device of a computer, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_port: Option<DevicePort>,
    /// The pin header, if the board has one: what its pins are, so that people can name a line by the pin's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The hardware watchdog, if the board has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watchdog: Option<Watchdog>,
    /// How the card is driven, where the kernel's defaults are not right.
    #[serde(default)]
    pub card: Card,
    /// LEDs by what they mean.
    #[serde(default)]
    pub leds: Leds,
    /// Files that the board's own boot chain wants at fixed places on the card, by a name for people: a family can say where, and
    /// the board which.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blobs: BTreeMap<String, Blob>,
    /// Files that the board's own boot chain wants on the FAT partitions: `boot/NAME` on p1, `slot/NAME` in the slots.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, CardFile>,
    /// How QEMU plays this board, if it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emulator: Option<Emulator>,
}

/// CPU architectures that the image builder can build for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Architecture {
    /// 64-bit ARM.
    Arm64,
    /// 32-bit ARM, version 6 with the K extensions (atomic accesses of 64 bits) and VFP.
    Armv6,
    /// 32-bit ARM, version 7 with VFP and NEON.
    Armv7,
}

/// The kernel: how it is configured and started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Kernel {
    /// Configuration fragments over tinyconfig, relative to the boards folder. The same option may not be set two ways.
    pub fragments: Vec<String>,
    /// Options of these fragments that this kernel does without: neither set nor held against the result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Command line.
    pub cmdline: String,
}

/// Where the device tree comes from, and what in it must have a driver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DeviceTree {
    /// Where the base comes from.
    pub source: DeviceTreeSource,
    /// Device-tree source that is appended to the base, relative to the boards folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additions: Option<String>,
    /// What we rely on: role (free words, for messages) to node path. Each of them and all its suppliers must have a
    /// driver in the kernel, or the build fails.
    pub rely_on: BTreeMap<String, String>,
}

/// Where a device tree comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceTreeSource {
    /// The emulator describes its own machine.
    Emulator,
    /// A file of the kernel's source, from its top, such as `arch/arm/boot/dts/VENDOR/BOARD.dts`.
    Kernel(String),
}

/// A GPIO line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Alarm {
    /// The line's name in the device tree (`gpio-line-names`), where it has one; otherwise `chip` and `offset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The chip's label as the kernel shows it, such as `9030000.pl061`; numbers of chips change with probe order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chip: Option<String>,
    /// Line on that chip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u32>,
    /// Whether a low level means alarm.
    #[serde(default)]
    pub active_low: bool,
}

/// Where a clock module with a battery can be connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClockModule {
    /// The device that drives the I2C bus on the header, as the kernel names it, such as `3f804000.i2c`.
    pub bus: String,
}

/// Where the board is a USB device: the console is there, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DevicePort {
    /// The controller's device as the kernel names it, such as `1c19000.usb`: what it registers for gadgets (`/sys/class/udc`) lies
    /// below that, under a name that may change with probe order.
    pub controller: String,
}

/// The hardware watchdog, `/dev/watchdog0`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Watchdog {
    /// Seconds without feeding until it resets the board; left out: what its driver starts with. The witness must have
    /// written the reason before, so at least 15.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_s: Option<u32>,
}

/// How the card is driven.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Card {
    /// Largest request to the card in KiB. Smaller ones hold up everything else for less time on a machine that does
    /// nothing else while it transfers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_kib_max: Option<u32>,
}

/// LED class names (folders of `/sys/class/leds`) by meaning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Leds {
    /// Shows how the firmware is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Lit while the alarm is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<String>,
}

/// A file of a Debian package that is written raw to the card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Blob {
    /// Debian package, with `:armhf` or `:arm64` where it is one of that architecture's.
    pub package: String,
    /// File inside the package, absolute.
    pub path: String,
    /// Where it goes, in bytes from the start of the card.
    pub offset_bytes: u64,
    /// Space kept for it, in bytes; a larger file is an error.
    pub bytes_max: u64,
}

/// A file on one of the card's FAT partitions that some boot chain reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum CardFile {
    /// Text, line by line. `{cmdline}` stands for the kernel's command line.
    Text(Vec<String>),
    /// A file of a Debian package.
    Package {
        /// Debian package, as for blobs.
        name: String,
        /// File inside the package, absolute.
        path: String,
    },
    /// A device-tree overlay that the boot chain may lay over the board's tree: its source in this folder.
    Overlay(String),
    /// A script that U-Boot finds by its name and runs (`boot.scr`), line by line.
    UBootScript(Vec<String>),
    /// U-Boot's environment: what it does and what it listens to.
    UBootEnvironment {
        /// Size that U-Boot was built with (`CONFIG_ENV_SIZE`), in bytes.
        bytes: u32,
        /// Variables. They replace U-Boot's own, all of them.
        variables: BTreeMap<String, String>,
    },
}

/// Who loads kernel, initramfs and device tree in the emulator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loader {
    /// The harness reads `slot.txt` on p1 and the slot's files, as a boot loader would.
    #[default]
    SlotFile,
    /// The harness reads what the Raspberry Pi's firmware reads: `autoboot.txt` on p1, `config.txt` in the slot.
    RaspberryPi,
    /// The machine's own boot chain, from the card image as it is.
    Card,
}

/// How QEMU plays the board. `{card}` and `{camera}` in arguments stand for the card image and the camera's socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Emulator {
    /// QEMU's program.
    pub program: String,
    /// QEMU's machine, `-M`.
    pub machine: String,
    /// QEMU's CPU, `-cpu`; a machine that is a real board has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    /// CPU cores, `-smp`.
    pub cores: u32,
    /// Who loads the system from the card.
    #[serde(default)]
    pub loader: Loader,
    /// Which sections of `config.txt` the Raspberry Pi's firmware follows on this machine, besides what is outside of any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub config_filters: Vec<String>,
    /// What the harness, where it plays the loader, adds to the command line for the emulator's sake.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cmdline: String,
    /// Which of the machine's serial lines is the console, from 0.
    #[serde(default)]
    pub serial: u32,
    /// Memory in MiB, `-m`.
    pub memory_mib: u32,
    /// Arguments that put the card in.
    pub card: Vec<String>,
    /// Arguments that put the hardware watchdog in and let it reset the machine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watchdog: Vec<String>,
    /// Arguments that connect a clock module, of the DS1307's kind, to the bus on the header.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clock_module: Vec<String>,
    /// Whether the machine lacks the I2C bus on the header altogether: the kernel then waits for it in vain, and says so.
    #[serde(default)]
    pub lacks_clock_module_bus: bool,
    /// Arguments that plug a display in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub display: Vec<String>,
    /// Arguments that give the machine a USB host and plug the camera in.
    pub usb: Vec<String>,
    /// QEMU's name of the bus on which a USB stick is plugged in, where the machine has several and its first is none that the board has
    /// a socket of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usb_bus: Option<String>,
    /// The GPIO controller, for tests that watch the alarm line from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpio: Option<EmulatorGpio>,
    /// Physical address of the registers of a BCM2835's PWM, for tests that watch it from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pwm: Option<u64>,
}

/// A GPIO controller of an emulated machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EmulatorGpio {
    /// Kind of controller: where its registers are.
    pub kind: GpioKind,
    /// Physical address of its registers.
    pub address: u64,
}

/// GPIO controllers whose state tests can read from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GpioKind {
    /// ARM PrimeCell PL061: GPIODATA at 0x000..0x3ff (address bits 9:2 mask the lines), GPIODIR at 0x400.
    Pl061,
    /// Broadcom BCM2835: GPLEV0 at 0x34, lines 0 to 31; GPLEV1 at 0x38, lines 32 to 53.
    Bcm2835,
}

impl Architecture {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Arm64, Self::Armv6, Self::Armv7];

    /// The kernel's name of it (`ARCH=`).
    #[must_use]
    pub const fn kernel_name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::Armv6 | Self::Armv7 => "arm",
        }
    }

    /// The compressed kernel that boot chains take: gzip around the image, or an image that unpacks itself.
    #[must_use]
    pub const fn compressed_kernel(self) -> &'static str {
        match self {
            Self::Arm64 => "Image.gz",
            Self::Armv6 | Self::Armv7 => "zImage",
        }
    }

    /// Prefix of the cross tools (`CROSS_COMPILE=`).
    #[must_use]
    pub const fn cross_prefix(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-linux-gnu-",
            // Debian's libraries for the other prefix are version 7.
            Self::Armv6 => "arm-linux-gnueabi-",
            Self::Armv7 => "arm-linux-gnueabihf-",
        }
    }
}

impl Alarm {
    /// Whether it names exactly one line: by `line`, or by `chip` and `offset`.
    pub fn names_one_line(&self) -> bool {
        matches!((&self.line, &self.chip, self.offset), (Some(_), None, None) | (None, Some(_), Some(_)))
    }
}

impl Profile {
    /// Reads a resolved profile, as found in the initramfs at `/board.toml`.
    ///
    /// # Errors
    /// When the text is not a complete profile of this version.
    pub fn from_resolved(text: &str) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| Error::Resolved(error.to_string().trim_end().to_owned()))
    }

    /// The resolved profile as TOML, for `/board.toml`; [`Profile::from_resolved`] reads it back.
    ///
    /// # Errors
    /// Never for a profile that was loaded; the serialiser's type has a failure.
    pub fn to_resolved(&self) -> Result<String, Error> {
        toml::to_string(self).map_err(|error| Error::Resolved(error.to_string()))
    }
}
