//! The [`Kernel`] of the real system.

use super::kernel::{Asking, Ended, Kernel, Order};
use super::tables::{KernelSetting, Mount};
use super::watchdog::{Dog, LOOK_US};
use crate::alarm::held::{Gpio, Held};
use crate::alarm::line;
use crate::control::{Answer, Question, Server};
use crate::restart::{Ending, WatchdogReport};
use crate::services::{PARTS_COUNT, Part, Service};
use crate::sys::{descriptor, process};
use crate::{board, clock, paths, progress, warning, witness};
use nix::errno::Errno;
use nix::mount::{MntFlags, mount, umount2};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::reboot::{RebootMode, reboot};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

/// A dying card must not keep the board from restarting.
const SYNC_LIMIT: Duration = Duration::from_secs(30);
/// How long to wait for it between two feedings.
const SYNC_LOOK: Duration = Duration::from_secs(1);
/// Before everybody: whoever is late here is reset by the hardware. Not a real-time class: if PID 1 itself ran wild, the
/// witness could not write that down on a board with one core.
const NICENESS: i32 = -20;
/// An epitaph longer than this is cut.
const EPITAPH_BYTES_MAX: usize = 300;

/// See the module.
pub struct Linux {
    signals: Option<SignalFd>,
    server: Option<Server>,
    alarm: Option<File>,
    outputs: Held<Gpio>,
    dog: Option<Dog>,
    watchdog: WatchdogReport,
    progress: Option<OwnedFd>,
}

impl Linux {
    /// Nothing is set up yet.
    pub fn new() -> Linux {
        let watchdog = WatchdogReport::default();
        Linux {
            signals: None,
            server: None,
            alarm: None,
            outputs: Held::new(Gpio),
            dog: None,
            watchdog,
            progress: None,
        }
    }

    fn order(&self) -> Option<Order> {
        let mut order = None;
        while let Some(Ok(Some(info))) = self.signals.as_ref().map(SignalFd::read_signal) {
            order = match Signal::try_from(i32::try_from(info.ssi_signo).unwrap_or(0)) {
                // busybox's convention, as the kernel's Ctrl-Alt-Del and power keys use it.
                Ok(Signal::SIGTERM | Signal::SIGINT) => Some(Order::Reboot),
                Ok(Signal::SIGUSR2 | Signal::SIGPWR) => Some(Order::Poweroff),
                _ => order,
            };
        }
        order
    }
}

impl Kernel for Linux {
    fn now_us(&self) -> u64 {
        clock::monotonic_us()
    }

    fn mount(&mut self, m: &Mount) -> Result<(), String> {
        match mount(Some(m.kind), m.target, Some(m.kind), m.flags, Some(m.options)) {
            Ok(()) | Err(Errno::EBUSY) => Ok(()),
            Err(error) => Err(error.desc().into()),
        }
    }

    fn set(&mut self, setting: &KernelSetting) -> Result<(), String> {
        std::fs::write(setting.path, setting.value).map_err(|e| e.to_string())
    }

    fn open_watchdog(&mut self) -> Result<(), String> {
        (self.dog, self.watchdog) = Dog::open();
        let priority = process::set_niceness(NICENESS).map_err(|e| format!("init's priority: {e}"));
        self.progress = Some(progress::create().map_err(|e| format!("progress cannot be watched: {e}"))?);
        priority?;
        if self.watchdog.trouble.is_empty() { Ok(()) } else { Err(self.watchdog.trouble.clone()) }
    }

    fn beat(&mut self) {
        progress::beat(Part::Init);
    }

    fn feed(&mut self) {
        progress::beat(Part::Init);
        if let Some(dog) = &mut self.dog {
            dog.feed();
        }
    }

    fn feed_every_us(&self) -> u64 {
        self.dog.as_ref().map_or(LOOK_US, Dog::feed_every_us)
    }

    fn reset_limit_us(&self) -> u64 {
        self.dog.as_ref().map_or(0, Dog::reset_limit_us)
    }

    fn counts(&self) -> Option<[u32; PARTS_COUNT]> {
        progress::read()
    }

    fn last_words(&mut self, ending: &Ending) -> Result<(), String> {
        witness::tell(ending)
    }

    fn epitaph(&mut self, service: &Service) -> Option<String> {
        let path = format!("{}{}", paths::EPITAPH, service.name);
        let text = std::fs::read(&path).ok()?;
        // One that stays would only be shown once too often.
        let _ = std::fs::remove_file(path);
        Some(String::from_utf8_lossy(&text[..text.len().min(EPITAPH_BYTES_MAX)]).into_owned())
    }

    fn make_run_dir(&mut self) -> Result<(), String> {
        std::fs::create_dir_all(paths::RUN_DIR).map_err(|e| e.to_string())?;
        self.watchdog.leave().map_err(|e| e.to_string())?;
        std::fs::write(paths::CONSOLE_TTY, console_tty()).map_err(|e| e.to_string())
    }

    fn listen(&mut self) -> Result<(), String> {
        let mut signals = SigSet::empty();
        for signal in [
            Signal::SIGCHLD,
            Signal::SIGTERM,
            Signal::SIGINT,
            Signal::SIGUSR1,
            Signal::SIGUSR2,
            Signal::SIGPWR,
        ] {
            signals.add(signal);
        }
        signals.thread_block().map_err(|e| e.desc().to_owned())?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        self.signals = Some(SignalFd::with_flags(&signals, flags).map_err(|e| e.desc().to_owned())?);
        self.server = Some(Server::bind(paths::INIT_SOCKET).map_err(|e| e.to_string())?);
        Ok(())
    }

    fn has_device_port(&self) -> bool {
        // A board whose profile cannot be read says so elsewhere.
        board::profile().is_ok_and(|profile| profile.device_port.is_some())
    }

    fn take_alarm_line(&mut self) -> Result<(), String> {
        let profile = board::profile()?;
        if let Some(wanted) = &profile.alarm {
            self.alarm = Some(line::request(wanted).map_err(|e| e.to_string())?);
        }
        Ok(())
    }

    fn alarm_safe(&mut self) {
        if let Some(line) = &self.alarm
            && let Err(error) = line::set(line, false)
        {
            warning!("{error}");
        }
        self.outputs.make_safe();
    }

    fn start(&mut self, service: &'static Service) -> Result<i32, String> {
        let mut command = Command::new("/proc/self/exe");
        command.arg(service.name).env_clear();
        let alarm =
            self.alarm.as_ref().filter(|_| service.holds_alarm).map(|a| (paths::ALARM_DESCRIPTOR, a.as_fd()));
        let progress = self.progress.as_ref().map(|page| (paths::PROGRESS_DESCRIPTOR, page.as_fd()));
        let handed: heapless::Vec<(&str, BorrowedFd<'_>), 2> =
            [alarm, progress].into_iter().flatten().collect();
        for (name, descriptor) in &handed {
            descriptor::set_inheritable(descriptor, true).map_err(|e| e.to_string())?;
            command.env(name, descriptor.as_raw_fd().to_string());
        }
        let child = command.spawn().map_err(|e| e.to_string());
        for (_, descriptor) in &handed {
            descriptor::set_inheritable(descriptor, false).map_err(|e| e.to_string())?;
        }
        i32::try_from(child?.id()).map_err(|e| e.to_string())
    }

    fn ask_to_end(&mut self, pid: i32, asking: Asking) {
        let signal = match asking {
            Asking::Finish => Signal::SIGTERM,
            Asking::Kill => Signal::SIGKILL,
        };
        // It may have gone meanwhile.
        let _ = kill(Pid::from_raw(pid), signal);
    }

    fn reap(&mut self) -> Option<Ended> {
        let (pid, how, crashed) = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::Exited(pid, 0)) => (pid, "ended".into(), false),
            Ok(WaitStatus::Exited(pid, code)) => (pid, format!("ended with code {code}"), false),
            Ok(WaitStatus::Signaled(pid, Signal::SIGABRT, _)) => (pid, "panicked".into(), true),
            Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, format!("was killed by {signal}"), true),
            _ => return None,
        };
        Some(Ended { pid: pid.as_raw(), how, crashed })
    }

    fn wait(&mut self, limit_us: u64, answer: &mut dyn FnMut(Question) -> Answer) -> Option<Order> {
        let timeout = PollTimeout::try_from(limit_us.div_ceil(1000)).unwrap_or(PollTimeout::MAX);
        let signals = self.signals.as_ref().map(AsFd::as_fd);
        let server = self.server.as_ref().map(AsFd::as_fd);
        let mut fds: heapless::Vec<PollFd<'_>, 2> =
            [signals, server].into_iter().flatten().map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        // An interrupted or failed wait is a short one; the caller looks again by itself.
        let _ = poll(&mut fds, timeout);
        if let Some(server) = &self.server {
            let outputs = &mut self.outputs;
            server.serve_files(|question| match question {
                // Nothing of init's control flow: lines are held for as long as we live.
                Question::Outputs(wanted) => {
                    let troubles = outputs.hold(&wanted).into_iter().map(Result::err).collect();
                    (Answer::Outputs(troubles), outputs.descriptors(&wanted))
                }
                question => (answer(question), Vec::new()),
            });
        }
        self.order()
    }

    fn sync(&mut self) -> bool {
        let (done, wait) = mpsc::channel();
        let worker = std::thread::Builder::new().name("sync".into()).spawn(move || {
            // The clips first and by themselves: a stick that hangs keeps `sync` from whatever comes after it.
            if let Ok(clips) = File::open(paths::CLIPS_MOUNT) {
                // What fails here fails again below, and is then told.
                let _ = nix::unistd::syncfs(clips);
            }
            nix::unistd::sync();
            // Nobody listens when the bound was passed.
            let _ = done.send(());
        });
        let looks = SYNC_LIMIT.as_secs() / SYNC_LOOK.as_secs();
        worker.is_ok()
            && (0..looks).any(|_| {
                self.feed();
                wait.recv_timeout(SYNC_LOOK).is_ok()
            })
    }

    fn unmount(&mut self) -> Result<(), String> {
        match umount2(paths::CLIPS_MOUNT, MntFlags::empty()) {
            // Not mounted: there was no card.
            Ok(()) | Err(Errno::EINVAL | Errno::ENOENT) => Ok(()),
            Err(error) => Err(error.desc().into()),
        }
    }

    fn say(&mut self, text: &str) {
        let path = std::fs::read_to_string(paths::CONSOLE_TTY).unwrap_or_else(|_| "/dev/console".into());
        if let Ok(mut tty) = std::fs::OpenOptions::new().write(true).open(path) {
            // There is nowhere else to say it.
            let _ = write!(tty, "\r\n{text}\r\n");
        }
    }

    fn end(&mut self, order: Order) {
        // The last characters must get through the serial line's buffer.
        std::thread::sleep(Duration::from_millis(100));
        let mode = match order {
            Order::Reboot => RebootMode::RB_AUTOBOOT,
            Order::Poweroff => RebootMode::RB_POWER_OFF,
        };
        let Err(error) = reboot(mode);
        warning!("the system does not go down: {}", error.desc());
    }
}

/// The serial line of the console: the last of the kernel's active consoles, because that is the one which the device tree
/// or the command line named; `/dev/console` when the kernel does not say.
fn console_tty() -> String {
    let active = std::fs::read_to_string("/sys/class/tty/console/active").unwrap_or_default();
    match active.split_whitespace().last() {
        Some(name) => format!("/dev/{name}"),
        None => "/dev/console".into(),
    }
}
