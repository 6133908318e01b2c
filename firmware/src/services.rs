//! THE table: every process and thread of the product, what it is for, what it may touch and how it is watched.
//!
//! Adding a process or a thread means adding a row. There must be no control flow here: init walks `SERVICES`, and threads
//! are started by their row in `THREADS`.

/// The role that a process of our one binary plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// PID 1: supervises.
    Init,
    /// Before the others: finds and mounts our card, reads the settings, sets the clock's floor.
    Card,
    /// Writes down why the system goes down.
    Witness,
    /// The camera's path from frames to alarms and clips.
    Guard,
    /// The serial console.
    Console,
    /// The console on the board's USB device port.
    ConsoleUsb,
    /// The status screen on a display.
    Screen,
    /// Copies clips to a USB stick.
    Export,
}

/// How long a service lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Runs once before the others, and again when the guard asks; killed when it takes longer than `limit_ms`, and the
    /// others start all the same.
    Once {
        /// Longest run in milliseconds.
        limit_ms: u64,
    },
    /// Runs once whenever somebody asks, never twice at the same time, for as long as it takes; nobody waits for it.
    Asked,
    /// Runs for ever; restarted when it ends, at most as fast as `init::supervise` allows.
    Forever,
}

/// One process.
#[derive(Debug)]
pub struct Service {
    /// What it is.
    pub role: Role,
    /// Name on the command line, in the log and in `status`.
    pub name: &'static str,
    /// How long it lives.
    pub life: Life,
    /// Scheduling niceness: smaller is served first.
    pub nice: i32,
    /// Whether it is handed the alarm line and the owner's outputs, which go to their safe level when it dies.
    pub holds_alarm: bool,
    /// Whether it is only there on boards with a USB device port.
    pub needs_device_port: bool,
    /// Whether the product does its whole job without it: then neither its hang nor its dying again and again restarts the board.
    pub is_expendable: bool,
    /// What it may touch, in words.
    pub touches: &'static str,
}

/// Every process but init itself, in starting order.
pub static SERVICES: &[Service] = &[
    Service {
        role: Role::Card,
        name: "card",
        // A good card answers in well under a second; a dying one must not keep the alarm from working.
        life: Life::Once { limit_ms: 15_000 },
        nice: 0,
        holds_alarm: false,
        needs_device_port: false,
        is_expendable: false,
        touches: "card (settings slots, p1, p4), wall clock",
    },
    Service {
        role: Role::Witness,
        name: "witness",
        life: Life::Forever,
        // Before whoever may be spinning, so that it still gets to write.
        nice: -15,
        holds_alarm: false,
        needs_device_port: false,
        is_expendable: false,
        touches: "the card's restart record",
    },
    Service {
        role: Role::Guard,
        name: "guard",
        life: Life::Forever,
        nice: -10,
        holds_alarm: true,
        needs_device_port: false,
        is_expendable: false,
        touches: "camera, clips, alarm lines, outputs, inputs, LEDs",
    },
    Service {
        role: Role::ConsoleUsb,
        name: "console-usb",
        life: Life::Forever,
        nice: 0,
        holds_alarm: false,
        needs_device_port: true,
        // What a driver of that port does to it is no reason to stop watching.
        is_expendable: true,
        touches: "USB device port, settings slots, kernel log, what cameras offer (reads it)",
    },
    Service {
        role: Role::Console,
        name: "console",
        life: Life::Forever,
        nice: 0,
        holds_alarm: false,
        needs_device_port: false,
        is_expendable: false,
        touches: "serial line, settings slots, kernel log, what cameras offer (reads it)",
    },
    // The last to stop: it shows that everything has.
    Service {
        role: Role::Screen,
        name: "screen",
        life: Life::Forever,
        // After everybody: nobody looks at it as often as at the door.
        nice: 19,
        holds_alarm: false,
        needs_device_port: false,
        is_expendable: true,
        touches: "framebuffer; asks guard and init",
    },
    Service {
        role: Role::Export,
        name: "export",
        life: Life::Asked,
        // After everybody: a copy may take an hour longer, a frame may not.
        nice: 19,
        holds_alarm: false,
        needs_device_port: false,
        is_expendable: false,
        touches: "clips (reads them), a USB stick",
    },
];

/// Everything whose progress is watched: the number of its counter in the shared page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// PID 1's loop.
    Init,
    /// The witness's loop.
    Witness,
    /// The console's loop.
    Console,
    /// The loop of the console on the USB device port.
    ConsoleUsb,
    /// The status screen's loop.
    Screen,
    /// The thread of this name.
    Capture,
    /// The thread of this name.
    Motion,
    /// The thread of this name.
    Gather,
    /// The thread of this name.
    Record,
    /// The thread of this name.
    Alarm,
    /// The thread of this name.
    Inputs,
    /// The thread of this name.
    Keeper,
    /// The thread of this name.
    Control,
}

/// How one part is watched.
#[derive(Debug)]
pub struct Watched {
    /// Which.
    pub part: Part,
    /// As `status` and the restart record show it.
    pub shown: &'static str,
    /// The process that it is in.
    pub of: Role,
    /// Longest time in milliseconds without a round of its loop.
    pub stall_ms_max: u64,
    /// Why so long.
    pub why: &'static str,
}

/// Parts in the table.
pub const PARTS_COUNT: usize = 13;
/// A part of a process that was just started has this long for its first round, in milliseconds (and never less than its own
/// limit): starting is quick, a busy machine is not.
pub const START_MS_MAX: u64 = 60_000;
/// For whoever only computes or waits with a bound below a second: a round takes milliseconds, on the slowest machine a few
/// seconds.
const COMPUTES_MS: u64 = 30_000;
/// For whoever waits for the card: the kernel tries a dying card for tens of seconds per request before it gives an error,
/// and a pulled card or one that stalls for seconds must never restart the board.
const WRITES_MS: u64 = 120_000;

/// What init (and, for init itself, the witness) watches.
#[rustfmt::skip]
pub static PARTS: [Watched; PARTS_COUNT] = [
    Watched { part: Part::Init, shown: "init", of: Role::Init, stall_ms_max: 10_000,
        why: "it goes round every 3 s; the witness must have written before the hardware's 15 s are over" },
    Watched { part: Part::Witness, shown: "witness", of: Role::Witness, stall_ms_max: WRITES_MS,
        why: "writes the restart record" },
    Watched { part: Part::Console, shown: "console", of: Role::Console, stall_ms_max: WRITES_MS,
        why: "saves settings and lists clips, and waits 2 s for a serial line that takes nothing" },
    Watched { part: Part::ConsoleUsb, shown: "console-usb", of: Role::ConsoleUsb, stall_ms_max: WRITES_MS,
        why: "as the console; a line from which a computer did not read takes 15 s to close" },
    Watched { part: Part::Screen, shown: "screen", of: Role::Screen, stall_ms_max: WRITES_MS,
        why: "asks guard and init, for which it waits 5 s at a time, and may have to wait for the processor" },
    Watched { part: Part::Capture, shown: "guard/capture", of: Role::Guard, stall_ms_max: 60_000,
        why: "to open a sick camera is a handful of USB requests of up to 5 s each; a missing camera is looked for in rounds" },
    Watched { part: Part::Motion, shown: "guard/motion", of: Role::Guard, stall_ms_max: COMPUTES_MS,
        why: "one frame a round" },
    Watched { part: Part::Gather, shown: "guard/gather", of: Role::Guard, stall_ms_max: COMPUTES_MS,
        why: "one frame a round, or the whole pre-roll when an event begins: nothing of it waits" },
    Watched { part: Part::Record, shown: "guard/record", of: Role::Guard, stall_ms_max: WRITES_MS,
        why: "one frame or one tick a round, each a bounded number of writes" },
    Watched { part: Part::Alarm, shown: "guard/alarm", of: Role::Guard, stall_ms_max: COMPUTES_MS,
        why: "register writes and naps" },
    Watched { part: Part::Inputs, shown: "guard/inputs", of: Role::Guard, stall_ms_max: COMPUTES_MS,
        why: "register reads and naps" },
    Watched { part: Part::Keeper, shown: "guard/keeper", of: Role::Guard, stall_ms_max: COMPUTES_MS,
        why: "reads the kernel's views, and asks init, for which it waits 5 s at a time" },
    Watched { part: Part::Control, shown: "guard/control", of: Role::Guard, stall_ms_max: COMPUTES_MS,
        why: "one question a round; a peer that stops talking is dropped after two seconds" },
];

/// The row of a part.
pub fn watched(part: Part) -> &'static Watched {
    &PARTS[part as usize]
}

/// One thread of the guard.
#[derive(Debug)]
pub struct Thread {
    /// Name, as the kernel shows it (15 bytes at most).
    pub name: &'static str,
    /// Its job.
    pub job: &'static str,
    /// How it is watched.
    pub part: Part,
    /// Whom it may wait for. Nobody to the right in the flow, ever.
    pub waits_for: &'static str,
}

/// V4L2 to ring.
pub static CAPTURE: Thread = Thread {
    name: "capture",
    part: Part::Capture,
    job: "frames from the camera into the ring",
    waits_for: "camera",
};
/// Ring to verdict.
pub static MOTION: Thread = Thread {
    name: "motion",
    part: Part::Motion,
    job: "looks at each frame, decides on events",
    waits_for: "capture",
};
/// Verdict to event.
pub static GATHER: Thread = Thread {
    name: "gather",
    part: Part::Gather,
    job: "makes pictures of raw frames, keeps the pre-roll, puts it before events",
    waits_for: "motion",
};
/// Event to card.
pub static RECORD: Thread =
    Thread { name: "record", part: Part::Record, job: "clips on the card", waits_for: "gather, card" };
/// Event to GPIO and LED.
pub static ALARM: Thread =
    Thread { name: "alarm", part: Part::Alarm, job: "alarm lines, LED codes", waits_for: "motion" };
/// Switches and sensors.
pub static INPUTS: Thread =
    Thread { name: "inputs", part: Part::Inputs, job: "watches the owner's inputs", waits_for: "nobody" };
/// Health of the card.
pub static KEEPER: Thread = Thread {
    name: "keeper",
    part: Part::Keeper,
    job: "watches the card without touching it, has it mounted again after trouble; gets the outputs' lines from init",
    waits_for: "init",
};
/// Questions from the console.
pub static CONTROL: Thread =
    Thread { name: "control", part: Part::Control, job: "answers the console", waits_for: "console" };

/// Every thread of the guard, in the order of the flow.
pub static THREADS: &[&Thread] = &[&CAPTURE, &MOTION, &GATHER, &RECORD, &ALARM, &INPUTS, &KEEPER, &CONTROL];

/// The row of a role, if it is a service.
pub fn service(role: Role) -> Option<&'static Service> {
    SERVICES.iter().find(|s| s.role == role)
}

/// The role that a name on the command line asks for.
pub fn role_named(name: &str) -> Option<Role> {
    SERVICES.iter().find(|s| s.name == name).map(|s| s.role)
}

#[cfg(test)]
mod tests {
    use super::{PARTS, SERVICES, THREADS, watched};

    #[test]
    fn names_are_unique_and_fit_the_kernel() {
        let names: Vec<&str> =
            SERVICES.iter().map(|s| s.name).chain(THREADS.iter().map(|t| t.name)).collect();
        for (i, name) in names.iter().enumerate() {
            assert!(name.len() <= 15, "{name}");
            assert!(!names[..i].contains(name), "{name} twice");
        }
    }

    #[test]
    fn one_service_at_most_holds_the_alarm_lines() {
        assert_eq!(SERVICES.iter().filter(|s| s.holds_alarm).count(), 1);
    }

    #[test]
    fn every_thread_and_every_lasting_process_is_watched_under_its_own_name() {
        for (index, row) in PARTS.iter().enumerate() {
            assert_eq!(row.part as usize, index, "{}: the rows are in the order of the enum", row.shown);
            assert!(!row.why.is_empty());
        }
        for thread in THREADS {
            assert_eq!(watched(thread.part).shown, format!("guard/{}", thread.name));
        }
        for service in SERVICES.iter().filter(|s| s.life == super::Life::Forever) {
            assert!(PARTS.iter().any(|row| row.of == service.role), "{}", service.name);
        }
    }
}
