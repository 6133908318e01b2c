//! init as a list of what it asks of the kernel, compared with the list it should be.

use super::super::kernel::{Asking, Ended, Kernel, Order};
use super::super::tables::{KernelSetting, Mount};
use super::{prepare, run};
use crate::control::{Answer, Question};
use crate::restart::Ending;
use crate::services::{PARTS, PARTS_COUNT, Part, START_MS_MAX, Service};
use std::collections::VecDeque;

/// One thing that happens to init while it waits.
enum Happens {
    /// A process ends.
    Ends(&'static str, &'static str),
    /// Somebody asks.
    Asks(Question),
    /// A signal asks for the end.
    Signal(Order),
    /// From now on this service does not end by itself.
    Hangs(&'static str),
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
    /// Whether the board has a USB device port.
    device_port: bool,
    /// Whether the deaf do not even go when they are killed: a driver holds them.
    immortal: bool,
    /// Parts that do not go round.
    still: Vec<Part>,
    rounds: u32,
    /// When the watchdog was fed.
    feeds_us: Vec<u64>,
    /// When the last words were written.
    words_us: Option<u64>,
}

impl Recorder {
    fn with(script: Vec<Happens>) -> Recorder {
        Recorder { script: script.into(), ..Recorder::default() }
    }
    fn pid(&self, name: &str) -> i32 {
        self.pids.iter().rev().find(|(n, _)| *n == name).map_or(-1, |(_, pid)| *pid)
    }
    /// Longest time without feeding, from the first feeding to the last.
    fn hunger_us(&self) -> u64 {
        self.feeds_us.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0)
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
    fn open_watchdog(&mut self) -> Result<(), String> {
        self.calls.push("open watchdog".into());
        Ok(())
    }
    fn beat(&mut self) {}
    fn feed(&mut self) {
        self.feeds_us.push(self.now_us);
    }
    fn feed_every_us(&self) -> u64 {
        FEED_US
    }
    fn reset_limit_us(&self) -> u64 {
        RESET_US
    }
    fn counts(&self) -> Option<[u32; PARTS_COUNT]> {
        Some(PARTS.each_ref().map(|row| if self.still.contains(&row.part) { 0 } else { self.rounds }))
    }
    fn last_words(&mut self, ending: &Ending) -> Result<(), String> {
        self.words_us = Some(self.now_us);
        self.calls.push(format!("last words {ending:?}"));
        Ok(())
    }
    fn epitaph(&mut self, service: &Service) -> Option<String> {
        self.calls.push(format!("epitaph of {}", service.name));
        Some("motion: no".into())
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
    fn has_device_port(&self) -> bool {
        self.device_port
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
        if service.name == "card" && !self.deaf.contains(&"card") {
            self.ended.push_back(Ended { pid, how: "ended".into(), crashed: false });
        }
        Ok(pid)
    }
    fn ask_to_end(&mut self, pid: i32, asking: Asking) {
        let name = self.name(pid);
        self.calls.push(format!("{asking:?} {name}"));
        let goes = asking == Asking::Kill && !self.immortal;
        if goes || !self.deaf.contains(&name) {
            self.ended.push_back(Ended { pid, how: "ended".into(), crashed: false });
        }
    }
    fn reap(&mut self) -> Option<Ended> {
        self.ended.pop_front()
    }
    fn wait(&mut self, limit_us: u64, answer: &mut dyn FnMut(Question) -> Answer) -> Option<Order> {
        self.rounds += 1;
        if !self.ended.is_empty() {
            return None;
        }
        match self.script.pop_front() {
            Some(Happens::Ends(name, how)) => {
                self.ended.push_back(Ended { pid: self.pid(name), how: how.into(), crashed: true });
            }
            Some(Happens::Asks(question)) => {
                let reply = answer(question);
                self.calls.push(format!("answer {reply:?}"));
            }
            Some(Happens::Signal(order)) => return Some(order),
            Some(Happens::Hangs(name)) => self.deaf.push(name),
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

const FEED_US: u64 = 3_000_000;
const RESET_US: u64 = 30_000_000;
const START: [&str; 5] = ["start card", "start witness", "start guard", "start console", "start screen"];
const STOP: [&str; 7] =
    ["Finish witness", "Finish guard", "Finish console", "Finish screen", "alarm safe", "sync", "unmount"];
const REBOOT: &str = "last words Command { order: \"reboot\" }";

#[test]
fn preparation_goes_on_when_a_part_of_it_fails() {
    let mut kernel = Recorder::default();
    prepare(&mut kernel);
    let expected = [
        "mount proc /proc",
        "mount sysfs /sys",
        "mount devtmpfs /dev",
        "mount pstore /sys/fs/pstore",
        "mount tmpfs /run",
        "open watchdog",
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
    let mut expected = START.to_vec();
    expected.extend(["answer Done", "last words Command { order: \"poweroff\" }"]);
    expected.extend(STOP);
    expected.push("say kerberos: stopped; switching off");
    assert_eq!(kernel.calls, expected);
}

/// UG2.
#[test]
fn a_board_with_a_device_port_has_a_console_there_too_and_others_do_without() {
    for device_port in [false, true] {
        let mut kernel = Recorder::with(vec![Happens::Signal(Order::Reboot)]);
        kernel.device_port = device_port;
        run(&mut kernel);
        let mut expected = START[..3].to_vec();
        expected.extend(["start console-usb"].iter().filter(|_| device_port));
        expected.extend(&START[3..]);
        expected.push(REBOOT);
        expected.extend(&STOP[..2]);
        // The other one shows what is said of it.
        expected.extend(["Finish console-usb"].iter().filter(|_| device_port));
        expected.extend(&STOP[2..]);
        expected.push("say kerberos: stopped; restarting");
        assert_eq!(kernel.calls, expected);
    }
}

#[test]
fn a_guard_that_dies_leaves_a_safe_alarm_and_comes_back_alone() {
    let mut kernel = Recorder::with(vec![
        Happens::Ends("guard", "was killed by SIGKILL"),
        Happens::Nothing,
        Happens::Signal(Order::Reboot),
    ]);
    assert_eq!(run(&mut kernel), Order::Reboot);
    let mut expected = START.to_vec();
    expected.extend(["alarm safe", "epitaph of guard", "start guard", REBOOT]);
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
    assert_eq!(kernel.calls[5..7], ["epitaph of console", "start console"]);
}

#[test]
fn a_guard_that_does_not_finish_is_killed_after_its_time() {
    let mut kernel = Recorder::with(vec![Happens::Signal(Order::Reboot)]);
    kernel.deaf.push("guard");
    run(&mut kernel);
    assert_eq!(kernel.calls[6..10], ["Finish witness", "Finish guard", "Kill guard", "Finish console"]);
    assert_eq!(kernel.now_us, super::FINISH_LIMIT_US);
    assert!(kernel.hunger_us() <= FEED_US, "going down in order takes its time: {:?}", kernel.feeds_us);
}

#[test]
fn the_watchdog_is_fed_while_nothing_happens() {
    let mut script: Vec<Happens> = (0..1000).map(|_| Happens::Nothing).collect();
    script.push(Happens::Signal(Order::Reboot));
    let mut kernel = Recorder::with(script);
    run(&mut kernel);
    assert!(kernel.now_us >= 1000 * FEED_US && kernel.hunger_us() <= FEED_US);
    assert_eq!(kernel.calls[START.len()], REBOOT);
}

#[test]
fn a_part_without_progress_is_written_down_and_then_nobody_feeds() {
    let mut kernel = Recorder::with((0..1000).map(|_| Happens::Nothing).collect());
    kernel.still.push(Part::Motion);
    assert_eq!(run(&mut kernel), Order::Reboot, "for the case that no reset comes");
    let mut expected = START.to_vec();
    expected.push("last words Watchdog { part: \"guard/motion\" }");
    assert_eq!(kernel.calls, expected, "nothing is stopped, nothing is synced, the alarm stays as it is");
    let words_us = kernel.words_us.expect("last words");
    assert!(kernel.hunger_us() <= FEED_US);
    assert!(kernel.feeds_us.iter().all(|&fed| fed <= words_us));
    assert_eq!(kernel.now_us, words_us + RESET_US, "the hardware had its time");
}

#[test]
fn a_guard_that_dies_while_the_reset_is_awaited_still_leaves_a_safe_alarm() {
    let start_rounds = START_MS_MAX * 1000 / FEED_US;
    let mut script: Vec<Happens> = (0..start_rounds).map(|_| Happens::Nothing).collect();
    script.push(Happens::Ends("guard", "was killed by SIGKILL"));
    let mut kernel = Recorder::with(script);
    kernel.still.push(Part::Motion);
    run(&mut kernel);
    let end = ["last words Watchdog { part: \"guard/motion\" }", "alarm safe"];
    assert_eq!(kernel.calls[START.len()..], end, "and it is not started again");
}

#[test]
fn a_screen_that_hangs_is_killed_and_nobody_else_notices() {
    let mut kernel = Recorder::with((0..1000).map(|_| Happens::Nothing).collect());
    kernel.script.push_back(Happens::Signal(Order::Reboot));
    kernel.still.push(Part::Screen);
    assert_eq!(run(&mut kernel), Order::Reboot);
    let calls = &kernel.calls[START.len()..];
    assert_eq!(calls[..3], ["Kill screen", "epitaph of screen", "start screen"]);
    assert!(kernel.hunger_us() <= FEED_US, "the watchdog is fed all the while");
    let words = calls.iter().filter(|call| call.starts_with("last words"));
    assert_eq!(words.collect::<Vec<_>>(), [REBOOT], "only what was ordered is written down");

    // A driver holds it: it is killed once, and everything else goes on.
    let mut kernel = Recorder::with((0..1000).map(|_| Happens::Nothing).collect());
    kernel.script.push_back(Happens::Signal(Order::Reboot));
    kernel.still.push(Part::Screen);
    (kernel.deaf, kernel.immortal) = (vec!["screen"], true);
    assert_eq!(run(&mut kernel), Order::Reboot);
    assert_eq!(kernel.calls[START.len()..][..2], ["Kill screen", REBOOT]);
}

#[test]
fn a_dead_process_is_not_a_stalled_one() {
    // The guard dies each time it is started, for ten minutes; nobody is accused of standing still.
    let mut script = Vec::new();
    for _ in 0..20 {
        script.push(Happens::Ends("guard", "panicked"));
        script.extend((0..10).map(|_| Happens::Nothing));
    }
    script.push(Happens::Signal(Order::Reboot));
    let mut kernel = Recorder::with(script);
    kernel.still.push(Part::Motion);
    run(&mut kernel);
    assert!(kernel.calls.iter().any(|c| c == REBOOT), "{:?}", kernel.calls);
    assert!(kernel.hunger_us() <= FEED_US);
}

#[test]
fn the_one_shot_runs_again_when_asked_one_at_a_time_and_not_for_ever() {
    let mut script = vec![
        Happens::Asks(Question::Mount),
        // It has ended by now; the next one hangs.
        Happens::Nothing,
        Happens::Hangs("card"),
        Happens::Asks(Question::Mount),
        Happens::Asks(Question::Mount),
    ];
    // A minute and more: init goes round every few seconds.
    script.extend((0..100).map(|_| Happens::Nothing));
    script.push(Happens::Signal(Order::Reboot));
    let mut kernel = Recorder::with(script);
    run(&mut kernel);
    let expected = [
        "start card",
        "start witness",
        "start guard",
        "start console",
        "start screen",
        "answer Done",
        "start card",
        "answer Done",
        "start card",
        "answer Done",
        "Kill card",
    ];
    assert_eq!(kernel.calls[..expected.len()], expected);
}

#[test]
fn the_export_runs_when_asked_one_at_a_time_and_is_no_worry_of_anybody() {
    let mut script = vec![
        Happens::Asks(Question::ExportStop),
        Happens::Asks(Question::Export),
        Happens::Asks(Question::Export),
        Happens::Ends("export", "panicked"),
        Happens::Asks(Question::Export),
        Happens::Hangs("export"),
        Happens::Asks(Question::ExportStop),
    ];
    // It has no limit of its own, and then a minute in which it does not stop.
    script.extend((0..100).map(|_| Happens::Nothing));
    script.push(Happens::Signal(Order::Reboot));
    let mut kernel = Recorder::with(script);
    run(&mut kernel);
    let refused = |why: &str| format!("answer Refused({why:?})");
    let expected = [
        refused("no export is under way"),
        "answer Done".into(),
        "start export".into(),
        refused("an export is under way; `clips export stop` or Ctrl-C ends it"),
        "answer Done".into(),
        "start export".into(),
        "answer Done".into(),
        "Finish export".into(),
        "Kill export".into(),
        REBOOT.into(),
    ];
    assert_eq!(kernel.calls[START.len()..START.len() + expected.len()], expected);
}

#[test]
fn an_export_that_hangs_is_not_started_again_and_costs_going_down_a_few_seconds() {
    let mut kernel = Recorder::with(vec![
        Happens::Asks(Question::Export),
        Happens::Hangs("export"),
        Happens::Asks(Question::Poweroff),
    ]);
    kernel.immortal = true;
    run(&mut kernel);
    let calls = &kernel.calls[START.len() + 2..];
    let expected = ["answer Done", "last words Command { order: \"poweroff\" }", "Finish export"];
    assert_eq!(calls[..3], expected);
    assert_eq!(calls[3..7], STOP[..4], "the others go first");
    assert_eq!(
        calls[7..],
        ["Kill export", "alarm safe", "sync", "unmount", "say kerberos: stopped; switching off"]
    );
    assert_eq!(kernel.now_us, super::EXPORT_LIMIT_US + super::KILL_LIMIT_US);
}
