//! init as a list of what it asks of the kernel, compared with the list it should be.

use super::super::kernel::{Asking, Ended, Kernel, Order};
use super::super::tables::{KernelSetting, Mount};
use super::{prepare, run};
use crate::control::{Answer, Question};
use crate::services::Service;
use std::collections::VecDeque;

/// One thing that happens to init while it waits.
enum Happens {
    /// A process ends.
    Ends(&'static str, &'static str),
    /// Somebody asks.
    Asks(Question),
    /// A signal asks for the end.
    Signal(Order),
    /// Nothing, until the limit.
    Nothing,
}

/// Writes down every call; time passes only in `wait`.
#[derive(Default)]
struct Recorder {
    now_us: u64,
    calls: Vec<String>,
    script: VecDeque<Happens>,
    pids: Vec<(&'static str, i32)>,
    ended: VecDeque<Ended>,
    deaf: Vec<&'static str>,
}

impl Recorder {
    fn with(script: Vec<Happens>) -> Recorder {
        Recorder { script: script.into(), ..Recorder::default() }
    }
    fn pid(&self, name: &str) -> i32 {
        self.pids.iter().rev().find(|(n, _)| *n == name).map_or(-1, |(_, pid)| *pid)
    }
    fn name(&self, pid: i32) -> &'static str {
        self.pids.iter().find(|(_, p)| *p == pid).map_or("?", |(n, _)| n)
    }
}

impl Kernel for Recorder {
    fn now_us(&self) -> u64 {
        self.now_us
    }
    fn mount(&mut self, m: &Mount) -> Result<(), String> {
        self.calls.push(format!("mount {} {}", m.kind, m.target));
        Ok(())
    }
    fn set(&mut self, setting: &KernelSetting) -> Result<(), String> {
        self.calls.push(format!("set {}", setting.path));
        Err("no such file".into())
    }
    fn make_run_dir(&mut self) -> Result<(), String> {
        self.calls.push("run dir".into());
        Ok(())
    }
    fn listen(&mut self) -> Result<(), String> {
        self.calls.push("listen".into());
        Ok(())
    }
    fn take_alarm_line(&mut self) -> Result<(), String> {
        self.calls.push("take alarm line".into());
        Ok(())
    }
    fn alarm_safe(&mut self) {
        self.calls.push("alarm safe".into());
    }
    fn start(&mut self, service: &'static Service) -> Result<i32, String> {
        let pid = 100 + i32::try_from(self.pids.len()).unwrap_or(0);
        self.pids.push((service.name, pid));
        self.calls.push(format!("start {}", service.name));
        if service.name == "card" {
            self.ended.push_back(Ended { pid, how: "ended".into() });
        }
        Ok(pid)
    }
    fn ask_to_end(&mut self, pid: i32, asking: Asking) {
        let name = self.name(pid);
        self.calls.push(format!("{asking:?} {name}"));
        if asking == Asking::Kill || !self.deaf.contains(&name) {
            self.ended.push_back(Ended { pid, how: "ended".into() });
        }
    }
    fn reap(&mut self) -> Option<Ended> {
        self.ended.pop_front()
    }
    fn wait(&mut self, limit_us: u64, answer: &mut dyn FnMut(Question) -> Answer) -> Option<Order> {
        if !self.ended.is_empty() {
            return None;
        }
        match self.script.pop_front() {
            Some(Happens::Ends(name, how)) => {
                self.ended.push_back(Ended { pid: self.pid(name), how: how.into() });
            }
            Some(Happens::Asks(question)) => {
                let reply = answer(question);
                self.calls.push(format!("answer {reply:?}"));
            }
            Some(Happens::Signal(order)) => return Some(order),
            Some(Happens::Nothing) | None => self.now_us += limit_us,
        }
        None
    }
    fn sync(&mut self) -> bool {
        self.calls.push("sync".into());
        true
    }
    fn unmount(&mut self) -> Result<(), String> {
        self.calls.push("unmount".into());
        Ok(())
    }
    fn say(&mut self, text: &str) {
        self.calls.push(format!("say {text}"));
    }
    fn end(&mut self, order: Order) {
        self.calls.push(format!("{order:?}"));
    }
}

const STOP: [&str; 5] = ["Finish guard", "Finish console", "alarm safe", "sync", "unmount"];

#[test]
fn preparation_goes_on_when_a_part_of_it_fails() {
    let mut kernel = Recorder::default();
    prepare(&mut kernel);
    let expected = [
        "mount proc /proc",
        "mount sysfs /sys",
        "mount devtmpfs /dev",
        "mount tmpfs /run",
        "set /proc/sys/kernel/printk_devkmsg",
        "set /proc/sys/vm/overcommit_memory",
        "set /proc/sys/vm/dirty_expire_centisecs",
        "run dir",
        "listen",
        "take alarm line",
    ];
    assert_eq!(kernel.calls, expected);
}

#[test]
fn an_ordered_poweroff_stops_everything_in_order() {
    let mut kernel = Recorder::with(vec![Happens::Nothing, Happens::Asks(Question::Poweroff)]);
    assert_eq!(run(&mut kernel), Order::Poweroff);
    let mut expected = vec!["start card", "start guard", "start console", "answer Done"];
    expected.extend(STOP);
    expected.push("say kerberos: stopped; switching off");
    assert_eq!(kernel.calls, expected);
}

#[test]
fn a_guard_that_dies_leaves_a_safe_alarm_and_comes_back_alone() {
    let mut kernel = Recorder::with(vec![
        Happens::Ends("guard", "was killed by SIGKILL"),
        Happens::Nothing,
        Happens::Signal(Order::Reboot),
    ]);
    assert_eq!(run(&mut kernel), Order::Reboot);
    let mut expected = vec!["start card", "start guard", "start console", "alarm safe", "start guard"];
    expected.extend(STOP);
    expected.push("say kerberos: stopped; restarting");
    assert_eq!(kernel.calls, expected);
}

#[test]
fn a_console_that_dies_does_not_touch_the_alarm() {
    let mut kernel = Recorder::with(vec![
        Happens::Ends("console", "panicked"),
        Happens::Nothing,
        Happens::Signal(Order::Reboot),
    ]);
    run(&mut kernel);
    assert_eq!(kernel.calls[..4], ["start card", "start guard", "start console", "start console"]);
}

#[test]
fn a_guard_that_does_not_finish_is_killed_after_its_time() {
    let mut kernel = Recorder::with(vec![Happens::Signal(Order::Reboot)]);
    kernel.deaf.push("guard");
    run(&mut kernel);
    assert_eq!(kernel.calls[3..6], ["Finish guard", "Kill guard", "Finish console"]);
    assert_eq!(kernel.now_us, super::FINISH_LIMIT_US);
}
