//! What init needs of the system: the seam between its control flow and Linux.
//!
//! One implementation talks to Linux, one in the tests writes down what it was asked.

use super::tables::{KernelSetting, Mount};
use crate::control::{Answer, Question};
use crate::restart::Ending;
use crate::services::{PARTS_COUNT, Service};

/// How the system goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Start again.
    Reboot,
    /// Switch off.
    Poweroff,
}

impl Order {
    /// As the restart record and `status` show it.
    pub fn word(self) -> &'static str {
        match self {
            Order::Reboot => "reboot",
            Order::Poweroff => "poweroff",
        }
    }
}

/// A process that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub pid: i32,
    /// How: a few words.
    pub how: String,
    /// Whether it crashed (a panic, a signal) instead of ending of its own will.
    pub crashed: bool,
}

/// How firmly a process is asked to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// SIGTERM: finish and end.
    Finish,
    /// SIGKILL: end.
    Kill,
}

/// See the module. No method waits without a bound.
pub trait Kernel {
    /// Monotonic microseconds.
    fn now_us(&self) -> u64;
    /// Mounts one of the kernel's views; already mounted counts as done.
    fn mount(&mut self, mount: &Mount) -> Result<(), String>;
    /// Opens the hardware watchdog, which must be fed from then on, and makes the page of progress counters.
    fn open_watchdog(&mut self) -> Result<(), String>;
    /// Counts a round of init's own loop.
    fn beat(&mut self);
    /// Feeds the watchdog, if there is one, and counts a round of init's own loop.
    fn feed(&mut self);
    /// How often to feed.
    fn feed_every_us(&self) -> u64;
    /// How long after the last feeding the hardware's reset must have come; zero on a board without a watchdog.
    fn reset_limit_us(&self) -> u64;
    /// The progress counters of all parts; nothing when they could not be set up, and nobody can be judged.
    fn counts(&self) -> Option<[u32; PARTS_COUNT]>;
    /// Has the reason written down why the system goes down.
    fn last_words(&mut self, ending: &Ending) -> Result<(), String>;
    /// What a service that died had to say, if it had the time. Reading it forgets it.
    fn epitaph(&mut self, service: &Service) -> Option<String>;
    /// Writes one kernel setting.
    fn set(&mut self, setting: &KernelSetting) -> Result<(), String>;
    /// Makes our folder of run-time files, and notes the serial line of the console and the watchdog there.
    fn make_run_dir(&mut self) -> Result<(), String>;
    /// Opens the control socket and starts listening for signals.
    fn listen(&mut self) -> Result<(), String>;
    /// Whether the board has a USB device port.
    fn has_device_port(&self) -> bool;
    /// Takes the alarm line at its safe level. A board without one is not an error.
    fn take_alarm_line(&mut self) -> Result<(), String>;
    /// Sets the alarm line and the owner's outputs to their safe level.
    fn alarm_safe(&mut self);
    /// Starts a service; returns its process.
    fn start(&mut self, service: &'static Service) -> Result<i32, String>;
    /// Asks a process to end.
    fn ask_to_end(&mut self, pid: i32, asking: Asking);
    /// A process that has ended, if there is one: ours or an orphan's.
    fn reap(&mut self) -> Option<Ended>;
    /// Waits until something happens, `limit_us` at the most, and lets `answer` answer a question that came, unless it is the guard's for
    /// its outputs, which are handed over. Returns an order that came by signal.
    fn wait(&mut self, limit_us: u64, answer: &mut dyn FnMut(Question) -> Answer) -> Option<Order>;
    /// Writes everything to the card, feeding meanwhile; whether that was done within the bound.
    fn sync(&mut self) -> bool;
    /// Lets go of the clips partition.
    fn unmount(&mut self) -> Result<(), String>;
    /// Writes a line to the serial console, when nobody else does any more.
    fn say(&mut self, text: &str);
    /// Takes the system down. Returns only when that fails.
    fn end(&mut self, order: Order);
}
