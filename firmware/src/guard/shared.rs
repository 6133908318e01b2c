//! What the guard's threads know of each other: counters, the settings in force, states for `status`.
//!
//! Counters are atomics. The few locks are taken for an instant, at changes of state and when somebody asks, never per
//! frame by capture. Frames never pass through here.

use super::ambient::Light;
use super::arming::Arming;
use super::backlog::Backlog;
use super::card::Card;
use super::glimpse::Glimpse;
use super::inputs::Published;
use super::ledger::Ledger;
use super::marking::Marked;
use super::orders::Orders;
use super::outputs::Ready;
use super::seen::Seen;
use super::wires::Wires;
#[cfg(feature = "test-hooks")]
use crate::control::Question;
use crate::control::{CameraStatus, EventLine};
use crate::services::Thread;
#[cfg(feature = "test-hooks")]
use crate::services::watched;
use crate::settings::Settings;
use crate::{clock, in_force, progress, warning};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Events that are remembered for the console.
const EVENTS_MAX: usize = 32;

/// See the module.
pub struct Shared {
    /// What became of every frame.
    pub ledger: Ledger,
    /// What waits for the card.
    pub backlog: Backlog,
    /// Whether the alarm output is on.
    pub alarm_on: AtomicBool,
    /// Whether somebody tampers with the camera.
    pub tampered: AtomicBool,
    /// Whether it is dark, for the alarm thread.
    pub light: Light,
    /// Whether an event goes on.
    pub event_now: AtomicBool,
    /// What the owner's inputs say.
    pub inputs: Published,
    /// The owner's outputs, for the alarm thread to take.
    pub outputs: Ready,
    /// What outputs and inputs are doing.
    pub wires: Wires,
    /// From a frame's timestamp to the alarm line switched for it, microseconds: the last event's, and the longest.
    pub alarm_latency_us: [AtomicU64; 2],
    /// Events so far.
    pub events: AtomicU64,
    /// When the guard started.
    pub started_us: u64,
    /// The last frame, while somebody looks.
    pub glimpse: Glimpse,
    /// Frames a second, measured, in tenths.
    pub fps_tenths: AtomicU32,
    /// Memory behind the frame slots.
    pub ring_bytes: AtomicUsize,
    /// Pre-roll that is there now, microseconds.
    pub pre_roll_us: AtomicU64,
    /// How many stages, counted from the left, have been told to stop.
    stopped_stages: AtomicUsize,
    /// Whether motion counts.
    pub(super) arming: Arming,
    settings: Mutex<Settings>,
    settings_generation: AtomicU32,
    camera: Mutex<CameraStatus>,
    /// The card, as the keeper and record see it.
    pub card: Card,
    /// What the owner wants done with clips.
    pub orders: Orders,
    motion: Mutex<String>,
    marked: Mutex<Marked>,
    seen: Mutex<Seen>,
    alarm_reads: Mutex<Option<bool>>,
    event_list: Mutex<heapless::Deque<EventLine, EVENTS_MAX>>,
    /// What a test wants of which thread (test images only).
    #[cfg(feature = "test-hooks")]
    pub fate: Mutex<Option<Question>>,
}

impl Shared {
    /// Everything at its start, the settings as they are in force.
    pub fn new() -> Shared {
        Shared {
            ledger: Ledger::default(),
            backlog: Backlog::default(),
            alarm_on: AtomicBool::new(false),
            tampered: AtomicBool::new(false),
            light: Light::default(),
            event_now: AtomicBool::new(false),
            inputs: Published::default(),
            outputs: Ready::default(),
            wires: Wires::default(),
            alarm_latency_us: [const { AtomicU64::new(0) }; 2],
            events: AtomicU64::new(0),
            started_us: clock::monotonic_us(),
            glimpse: Glimpse::default(),
            fps_tenths: AtomicU32::new(0),
            ring_bytes: AtomicUsize::new(0),
            pre_roll_us: AtomicU64::new(0),
            stopped_stages: AtomicUsize::new(0),
            arming: Arming::default(),
            settings: Mutex::new(read_settings()),
            settings_generation: AtomicU32::new(1),
            camera: Mutex::new(CameraStatus {
                text: "looking for a camera".into(),
                ..CameraStatus::default()
            }),
            card: Card::default(),
            orders: Orders::default(),
            motion: Mutex::new("no frames yet".into()),
            marked: Mutex::new(Marked::default()),
            seen: Mutex::new(Seen::default()),
            alarm_reads: Mutex::new(None),
            event_list: Mutex::new(heapless::Deque::new()),
            #[cfg(feature = "test-hooks")]
            fate: Mutex::new(None),
        }
    }

    /// Reads the settings again; the threads notice by [`Shared::settings_since`].
    pub fn reload(&self) {
        self.set_settings(read_settings());
    }

    /// Puts settings in force.
    pub(super) fn set_settings(&self, settings: Settings) {
        *lock(&self.settings) = settings;
        self.settings_generation.fetch_add(1, Ordering::Release);
        self.judge_anew();
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    /// The settings in force if they have changed since `seen`, which is brought up to date. One atomic read when not.
    pub fn settings_since(&self, seen: &mut u32) -> Option<Settings> {
        let now = self.settings_generation.load(Ordering::Acquire);
        (now != *seen).then(|| {
            *seen = now;
            self.settings()
        })
    }

    /// Tells the stage with this number, counted from the left, to finish what it has and end.
    pub fn stop_stage(&self, stage: usize) {
        self.stopped_stages.store(stage + 1, Ordering::Release);
    }

    /// Whether this stage shall finish.
    pub fn stopped(&self, stage: usize) -> bool {
        self.stopped_stages.load(Ordering::Acquire) > stage
    }

    /// The camera's state.
    pub fn camera(&self) -> MutexGuard<'_, CameraStatus> {
        lock(&self.camera)
    }

    /// What the alarm line read as after it was last switched.
    pub fn alarm_reads(&self) -> MutexGuard<'_, Option<bool>> {
        lock(&self.alarm_reads)
    }

    /// What the detector says, in words.
    pub fn motion(&self) -> MutexGuard<'_, String> {
        lock(&self.motion)
    }

    /// How marks get into what is recorded.
    pub fn marked(&self) -> MutexGuard<'_, Marked> {
        lock(&self.marked)
    }

    /// What the motion thread lets others know.
    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        lock(&self.seen)
    }

    /// Remembers an event; the oldest is forgotten.
    pub fn remember_event(&self, event: EventLine) {
        let mut list = lock(&self.event_list);
        if list.is_full() {
            list.pop_front();
        }
        // There is room now.
        let _ = list.push_back(event);
    }

    /// Notes how long the newest event took.
    pub fn close_event(&self, length_ms: u64) {
        if let Some(event) = lock(&self.event_list).back_mut() {
            event.length_ms = Some(length_ms);
        }
    }

    /// The remembered events, oldest first.
    pub fn event_list(&self) -> Vec<EventLine> {
        lock(&self.event_list).iter().cloned().collect()
    }

    /// This thread's loop goes round: the proof of its progress. In a test image it may be its last round.
    pub fn turn(&self, thread: &Thread) {
        progress::beat(thread.part);
        #[cfg(feature = "test-hooks")]
        self.obey(thread);
    }

    /// Dies or hangs if a test asked for it.
    #[cfg(feature = "test-hooks")]
    fn obey(&self, thread: &Thread) {
        let fate = lock(&self.fate).clone();
        match fate {
            Some(Question::Panic(name)) if name == thread.name => panic!("as a test asked"),
            Some(Question::Hang(part)) if part == watched(thread.part).shown => loop {
                std::thread::park();
            },
            _ => {}
        }
    }
}

/// A thread that panics takes the process with it, so a poisoned lock cannot be met; if it is, the value is still good.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_settings() -> Settings {
    let reading = in_force::read();
    for complaint in &reading.complaints {
        warning!("{complaint}");
    }
    reading.settings
}
