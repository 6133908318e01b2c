//! Where our processes leave things for each other. All of it is memory: nothing here survives a restart.

/// Our corner of the run-time file system.
pub const RUN_DIR: &str = "/run/kerberos";
/// init's control socket.
pub const INIT_SOCKET: &str = "/run/kerberos/init.sock";
/// The guard's control socket.
pub const GUARD_SOCKET: &str = "/run/kerberos/guard.sock";
/// The settings in force, TOML. Written by `card` at start and by the console at each change.
pub const SETTINGS: &str = "/run/kerberos/settings.toml";
/// What `card` found: see `card::report`.
pub const CARD: &str = "/run/kerberos/card.json";
/// The path of the serial line that the console uses.
pub const CONSOLE_TTY: &str = "/run/kerberos/console";
/// The board's profile, put into the initramfs by the image builder.
pub const BOARD: &str = "/board.toml";
/// Where p1 is mounted while it is read.
pub const BOOT_MOUNT: &str = "/boot";
/// Where p4 is mounted.
pub const CLIPS_MOUNT: &str = "/clips";
/// Where the clips are.
pub const CLIPS_DIR: &str = "/clips/clips";
/// The number of the alarm line's descriptor, in the guard's environment.
pub const ALARM_DESCRIPTOR: &str = "KERBEROS_ALARM_DESCRIPTOR";
