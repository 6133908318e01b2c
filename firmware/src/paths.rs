//! Where our processes leave things for each other. All of it is memory: nothing here survives a restart.

/// Our corner of the run-time file system.
pub const RUN_DIR: &str = "/run/kerberos";
/// init's control socket.
pub const INIT_SOCKET: &str = "/run/kerberos/init.sock";
/// The guard's control socket.
pub const GUARD_SOCKET: &str = "/run/kerberos/guard.sock";
/// The witness's control socket.
pub const WITNESS_SOCKET: &str = "/run/kerberos/witness.sock";
/// The settings in force, TOML. Written by `card` at start and by the console at each change.
pub const SETTINGS: &str = "/run/kerberos/settings.toml";
/// What `card` found: see `card::report`.
pub const CARD: &str = "/run/kerberos/card.json";
/// Why the system starts, as soon as that is known: see `restart::settle`.
pub const RESTART: &str = "/run/kerberos/restart.json";
/// What init found out about the hardware watchdog: see `restart::WatchdogReport`.
pub const WATCHDOG: &str = "/run/kerberos/watchdog.json";
/// What a process that panicked had to say; its name follows.
pub const EPITAPH: &str = "/run/kerberos/epitaph-";
/// Somebody held the reset button down; the console, which keeps the settings, removes it and makes them the factory's.
pub const FACTORY_RESET: &str = "/run/kerberos/factory-reset";
/// Held while a console changes settings: two must not, at the same time.
pub const DESK_LOCK: &str = "/run/kerberos/desk.lock";
/// Counts how often settings were saved, so that one console learns of what another saved.
pub const SAVES: &str = "/run/kerberos/saves";
/// The path of the serial line that the console uses.
pub const CONSOLE_TTY: &str = "/run/kerberos/console";
/// What the device tree says that the board is.
pub const TREE_COMPATIBLE: &str = "/sys/firmware/devicetree/base/compatible";
/// Where p1 is mounted while it is read.
pub const BOOT_MOUNT: &str = "/boot";
/// Where p4 is mounted.
pub const CLIPS_MOUNT: &str = "/clips";
/// Where the clips are.
pub const CLIPS_DIR: &str = "/clips/clips";
/// On p4: somebody knows that it was made anew.
pub const MADE_ANEW_SEEN: &str = "/clips/made-anew-seen";
/// A file that proves after a mount that the card takes data; it is gone again at once.
pub const CLIPS_PROOF: &str = "/clips/proof";
/// What the console wants exported; there while an export is under way: see `export::order`.
pub const EXPORT_ORDER: &str = "/run/kerberos/export.json";
/// Until when the owner wants no alarms, monotonic microseconds.
pub const PAUSED_UNTIL: &str = "/run/kerberos/paused-until";
/// Where the export mounts a stick, for itself alone.
pub const STICK_MOUNT: &str = "/run/kerberos/stick";
/// The clips as init sees them: for the export, which has no mount of the card of its own.
pub const CLIPS_OF_INIT: &str = "/proc/1/root/clips/clips";
/// The number of the alarm line's descriptor, in the guard's environment.
pub const ALARM_DESCRIPTOR: &str = "KERBEROS_ALARM_DESCRIPTOR";
/// The number of the descriptor of the page of progress counters, in every service's environment.
pub const PROGRESS_DESCRIPTOR: &str = "KERBEROS_PROGRESS_DESCRIPTOR";
/// The hardware watchdog.
pub const WATCHDOG_DEVICE: &str = "/dev/watchdog0";
/// How the boot loader started the kernel.
pub const KERNEL_COMMAND_LINE: &str = "/proc/cmdline";
/// Where the kernel shows what a panicking predecessor left in memory.
pub const PSTORE: &str = "/sys/fs/pstore";
