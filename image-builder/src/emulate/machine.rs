//! One QEMU process: started from a card image as a boot loader would, and controlled through its monitor.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use boards::{Emulator, Profile};
use serde_json::json;
use tempfile::TempDir;

use super::Error;
use super::boot::{self, Slot};
use super::qmp::{self, Monitor};
use super::stick;
use crate::device_tree::fill_seeds;
use crate::host::window;

/// Where the machine's serial console goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serial {
    /// This process's terminal, with QEMU's own keys (Ctrl-A X leaves).
    Terminal,
    /// A Unix socket: [`Machine::serial`].
    Socket,
}

/// How to start a machine.
#[derive(Debug, Clone)]
pub struct MachineOptions {
    /// The board; it must have an emulator.
    pub profile: Profile,
    /// The card image, which the machine writes to.
    pub card: PathBuf,
    /// The serial console.
    pub serial: Serial,
    /// Whether to make a monitor socket.
    pub monitor: bool,
    /// Whether to put a USB host in, with a socket for the camera at [`Machine::camera_socket`].
    pub usb: bool,
    /// Whether a display is plugged in, where the board's emulator has one.
    pub display: bool,
    /// Whether that display is a window on this computer's desktop.
    pub window: bool,
    /// The file behind a USB stick that is plugged in from the start.
    pub stick: Option<PathBuf>,
    /// Whether writes to the card are forgotten when the machine ends.
    pub snapshot: bool,
    /// A file that takes down every write to the card in order, in the format of dm-log-writes, made anew. The card
    /// gets the writes as well.
    pub card_log: Option<PathBuf>,
    /// More arguments for QEMU.
    pub extra: Vec<String>,
}

impl MachineOptions {
    /// For tests: serial and monitor on sockets, USB host present, writes kept.
    #[must_use]
    pub fn new(profile: Profile, card: &Path) -> Self {
        Self {
            profile,
            card: card.to_owned(),
            serial: Serial::Socket,
            monitor: true,
            usb: true,
            display: false,
            window: false,
            stick: None,
            snapshot: false,
            card_log: None,
            extra: Vec::new(),
        }
    }
}

/// A running machine. Dropping it kills it.
#[derive(Debug)]
pub struct Machine {
    child: Child,
    monitor: Option<Monitor>,
    serial: Option<PathBuf>,
    program: String,
    /// Where a stick is plugged in, if the machine has more than one place for it.
    pub(super) usb_bus: Option<String>,
    // Sockets and boot files; removed when the machine is gone.
    folder: TempDir,
}

/// Arguments that say which machine it is. Nothing is in it but what the profile puts in.
#[must_use]
pub fn machine_arguments(emulator: &Emulator, machine_suffix: &str) -> Vec<String> {
    let Emulator { machine, cpu, cores, memory_mib, .. } = emulator;
    let mut pairs = vec![
        ("-machine", format!("{machine}{machine_suffix}")),
        ("-smp", cores.to_string()),
        ("-m", memory_mib.to_string()),
        ("-display", "none".to_owned()),
    ];
    pairs.extend(cpu.iter().map(|cpu| ("-cpu", cpu.clone())));
    let mut arguments = vec!["-nodefaults".to_owned()];
    arguments.extend(pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), value]));
    arguments
}

impl Machine {
    /// Boots the card: reads the selected slot out of the image and starts QEMU with it.
    ///
    /// # Errors
    /// When the card cannot be booted or QEMU cannot be started.
    pub fn start(options: &MachineOptions) -> Result<Self, Error> {
        let profile = &options.profile;
        let emulator = profile.emulator.as_ref().ok_or_else(|| Error::NoEmulator(profile.id.clone()))?;
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { path, source }
        };
        // In /tmp, whatever TMPDIR says: a Unix socket's path has room for 107 bytes.
        let folder =
            tempfile::Builder::new().prefix("kerberos-").tempdir_in("/tmp").map_err(io(Path::new("/tmp")))?;
        let mut arguments = machine_arguments(emulator, "");
        if let Some(mut slot) = boot::load(&options.card, emulator)? {
            fresh_seeds(&mut slot)?;
            slot.cmdline = format!("{} {}", slot.cmdline, emulator.cmdline).trim().to_owned();
            arguments.extend(boot_arguments(&slot, folder.path())?);
        }
        if let Some(log) = &options.card_log {
            std::fs::File::create(log).map_err(io(log))?;
        }
        let card_arguments = card_arguments(&emulator.card, &options.card, options.card_log.as_deref())?;
        arguments.extend(card_arguments);
        let substitute = |list: &[String]| -> Vec<String> {
            let camera = escape(&folder.path().join(CAMERA_SOCKET));
            list.iter().map(|text| text.replace("{camera}", &camera)).collect()
        };
        arguments.extend(substitute(&emulator.watchdog));
        arguments.extend(substitute(&emulator.clock_module));
        if options.display {
            arguments.extend(substitute(&emulator.display));
        }
        if options.window {
            // The last one counts.
            let kind = window::kind(&emulator.program).ok_or(Error::NoWindow)?;
            arguments.extend(["-display".to_owned(), kind.to_owned()]);
        }
        if options.usb {
            arguments.extend(substitute(&emulator.usb));
        }
        let usb_bus = emulator.usb_bus.clone();
        arguments.extend(options.stick.iter().flat_map(|image| stick::arguments(image, usb_bus.as_deref())));
        let socket = |name: &str| format!("unix:{},server=on,wait=off", escape(&folder.path().join(name)));
        let serial = match options.serial {
            Serial::Terminal => "mon:stdio".to_owned(),
            Serial::Socket => socket(SERIAL_SOCKET),
        };
        let unused = std::iter::repeat_n("null".to_owned(), emulator.serial as usize);
        arguments.extend(unused.chain([serial]).flat_map(|line| ["-serial".to_owned(), line]));
        if options.monitor {
            arguments.extend(["-qmp".to_owned(), socket(MONITOR_SOCKET)]);
        }
        if options.snapshot {
            arguments.push("-snapshot".to_owned());
        }
        arguments.extend(options.extra.iter().cloned());
        let mut command = Command::new(&emulator.program);
        command.args(arguments);
        if options.serial == Serial::Socket {
            command.stdin(Stdio::null()).stdout(Stdio::null());
        }
        let program = emulator.program.clone();
        let child = command.spawn().map_err(|source| Error::Start { program: program.clone(), source })?;
        let serial = (options.serial == Serial::Socket).then(|| folder.path().join(SERIAL_SOCKET));
        let mut machine = Self { child, monitor: None, serial, program, usb_bus, folder };
        if options.monitor {
            machine.monitor = Some(Monitor::open(&machine.folder.path().join(MONITOR_SOCKET))?);
        }
        Ok(machine)
    }

    /// Connects to the serial console. QEMU takes one connection at a time and keeps nothing for later ones.
    ///
    /// # Errors
    /// When the console is not on a socket, or QEMU is gone.
    pub fn serial(&self) -> Result<UnixStream, Error> {
        qmp::connect(self.serial.as_deref().ok_or(Error::NoSocket("serial"))?)
    }

    /// The socket at which QEMU waits for the camera (usb-redir).
    #[must_use]
    pub fn camera_socket(&self) -> PathBuf {
        self.folder.path().join(CAMERA_SOCKET)
    }

    /// Runs a QMP command.
    ///
    /// # Errors
    /// When there is no monitor, or the command fails.
    pub fn qmp(&mut self, command: &str, arguments: &serde_json::Value) -> Result<serde_json::Value, Error> {
        self.monitor.as_mut().ok_or(Error::NoSocket("monitor"))?.execute(command, arguments)
    }

    /// Waits for an event of this name (`RESET`, `WATCHDOG`, ...; QEMU's `docs/interop/qmp-spec`), and returns it. Events that
    /// came earlier count and are forgotten, up to and with the one that is returned. Nothing when it did not come within
    /// `limit`.
    ///
    /// # Errors
    /// When there is no monitor, or QEMU is gone.
    pub fn event(&mut self, name: &str, limit: Duration) -> Result<Option<serde_json::Value>, Error> {
        let started = Instant::now();
        loop {
            match self.next_event(limit.saturating_sub(started.elapsed()))? {
                Some(event) if event["event"] == name => return Ok(Some(event)),
                Some(_) => {}
                None if started.elapsed() >= limit => return Ok(None),
                None => {}
            }
        }
    }

    /// The next event of any name.
    ///
    /// # Errors
    /// As [`Machine::event`].
    pub fn next_event(&mut self, limit: Duration) -> Result<Option<serde_json::Value>, Error> {
        self.monitor.as_mut().ok_or(Error::NoSocket("monitor"))?.event(limit)
    }

    /// Runs a command of the human monitor, such as `xp /1wx 0x9030000`, and returns what it prints.
    ///
    /// # Errors
    /// As [`Machine::qmp`].
    pub fn monitor(&mut self, line: &str) -> Result<String, Error> {
        let answer = self.qmp("human-monitor-command", &json!({ "command-line": line }))?;
        Ok(answer.as_str().unwrap_or_default().to_owned())
    }

    /// Presses the reset button. The same kernel starts again; to have the slot chosen anew, start a new machine.
    ///
    /// # Errors
    /// As [`Machine::qmp`].
    pub fn reset(&mut self) -> Result<(), Error> {
        self.qmp("system_reset", &json!({})).map(drop)
    }

    /// Ends QEMU in order: what the guest wrote reaches the image file.
    ///
    /// # Errors
    /// As [`Machine::qmp`], or when QEMU ends with a failure.
    pub fn quit(mut self) -> Result<(), Error> {
        self.qmp("quit", &json!({}))?;
        self.wait().map(drop)
    }

    /// Kills QEMU at once: a power cut, but for what the host's kernel already has.
    pub fn kill(mut self) {
        self.end();
    }

    /// QEMU's exit status, if it has ended.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, Error> {
        let path = PathBuf::from(&self.program);
        self.child.try_wait().map_err(|source| Error::Io { path, source })
    }

    /// Waits until QEMU ends.
    ///
    /// # Errors
    /// When it ends with a failure.
    pub fn wait(&mut self) -> Result<ExitStatus, Error> {
        let path = PathBuf::from(&self.program);
        let status = self.child.wait().map_err(|source| Error::Io { path, source })?;
        if status.success() { Ok(status) } else { Err(Error::Qemu(self.program.clone(), status)) }
    }

    /// QEMU's process number.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    fn end(&mut self) {
        // It may be gone already; either way it is gone afterwards.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.end();
    }
}

const CAMERA_SOCKET: &str = "camera";
const SERIAL_SOCKET: &str = "serial";
const MONITOR_SOCKET: &str = "monitor";

/// Where random numbers come from.
const RANDOM: &str = "/dev/urandom";

/// A boot loader's duty: the tree on the card has zeros for seeds. QEMU fills `rng-seed` anew at each reset, but leaves
/// `kaslr-seed`, without which the kernel does not randomise where it lies.
fn fresh_seeds(slot: &mut Slot) -> Result<(), Error> {
    let Some(tree) = &mut slot.device_tree else { return Ok(()) };
    let random = std::fs::File::open(RANDOM);
    let mut random = random.map_err(|source| Error::Io { path: RANDOM.into(), source })?;
    Ok(fill_seeds(tree, &mut random)?)
}

/// QEMU takes a comma in a value for the value's end, unless it is doubled.
pub(super) fn escape(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

/// How profiles open the card's image in a `-drive`.
const PLAIN_CARD: &str = "format=raw,file={card}";

/// The profile's arguments that put the card in. With a log, the drive that opens the image becomes one that logs; what the
/// drive is attached to stays the board's business.
fn card_arguments(list: &[String], card: &Path, log: Option<&Path>) -> Result<Vec<String>, Error> {
    let card = escape(card);
    let Some(log) = log else { return Ok(list.iter().map(|text| text.replace("{card}", &card)).collect()) };
    // The log's count of entries is brought up to date at each entry: it is read while the machine runs.
    let logging = format!(
        "driver=blklogwrites,file.driver=raw,file.file.driver=file,file.file.filename={card},log.driver=raw,\
         log.file.driver=file,log.file.filename={},log-sector-size=512,log-super-update-interval=1",
        escape(log)
    );
    if !list.iter().any(|text| text.contains(PLAIN_CARD)) {
        return Err(Error::CannotLog(PLAIN_CARD));
    }
    Ok(list.iter().map(|text| text.replace(PLAIN_CARD, &logging).replace("{card}", &card)).collect())
}

/// Writes what the boot loader read to files for QEMU, and returns the arguments that load them.
fn boot_arguments(slot: &Slot, folder: &Path) -> Result<Vec<String>, Error> {
    let mut arguments = Vec::new();
    let files = [
        ("-kernel", "kernel", Some(&slot.kernel)),
        ("-initrd", "initramfs", Some(&slot.initramfs)),
        ("-dtb", "board.dtb", slot.device_tree.as_ref()),
    ];
    for (option, name, bytes) in files {
        let Some(bytes) = bytes else { continue };
        let path = folder.join(name);
        std::fs::write(&path, bytes).map_err(|source| Error::Io { path: path.clone(), source })?;
        arguments.extend([option.to_owned(), path.display().to_string()]);
    }
    arguments.extend(["-append".to_owned(), slot.cmdline.clone()]);
    Ok(arguments)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{card_arguments, escape};

    #[test]
    fn commas_in_paths_do_not_end_them() {
        assert_eq!(escape(Path::new("/a,b/c.img")), "/a,,b/c.img");
    }

    #[test]
    fn a_log_is_put_between_any_boards_card_and_its_image() {
        let list = ["-drive".to_owned(), "if=sd,format=raw,file={card}".to_owned()];
        let plain = card_arguments(&list, Path::new("/c.img"), None).expect("plain");
        assert_eq!(plain[1], "if=sd,format=raw,file=/c.img");
        let logged = card_arguments(&list, Path::new("/c.img"), Some(Path::new("/c.log"))).expect("logged");
        assert!(logged[1].starts_with("if=sd,driver=blklogwrites,"), "{}", logged[1]);
        assert!(logged[1].contains("file.file.filename=/c.img,") && logged[1].contains("filename=/c.log,"));
        let other = ["-drive".to_owned(), "if=sd,file={card}".to_owned()];
        assert!(card_arguments(&other, Path::new("/c.img"), Some(Path::new("/c.log"))).is_err());
    }
}
