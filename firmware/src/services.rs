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
    /// The camera's path from frames to alarms and clips.
    Guard,
    /// The serial console.
    Console,
}

/// How long a service lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// Runs once before the others; killed when it takes longer than `limit_ms`, and the others start all the same.
    Once {
        /// Longest run in milliseconds.
        limit_ms: u64,
    },
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
    /// Whether it is handed the alarm lines, which go to their safe level when it dies.
    pub holds_alarm: bool,
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
        touches: "card (settings slots, p1, p4), wall clock",
    },
    Service {
        role: Role::Guard,
        name: "guard",
        life: Life::Forever,
        nice: -10,
        holds_alarm: true,
        touches: "camera, clips, alarm lines, LEDs",
    },
    Service {
        role: Role::Console,
        name: "console",
        life: Life::Forever,
        nice: 0,
        holds_alarm: false,
        touches: "serial line, settings slots, kernel log",
    },
];

/// One thread of the guard.
#[derive(Debug)]
pub struct Thread {
    /// Name, as the kernel shows it (15 bytes at most).
    pub name: &'static str,
    /// Its job.
    pub job: &'static str,
    /// Whom it may wait for. Nobody to the right in the flow, ever.
    pub waits_for: &'static str,
}

/// V4L2 to ring.
pub static CAPTURE: Thread =
    Thread { name: "capture", job: "frames from the camera into the ring", waits_for: "camera" };
/// Ring to event.
pub static MOTION: Thread = Thread {
    name: "motion",
    job: "looks at each frame, keeps the pre-roll, decides on events",
    waits_for: "capture",
};
/// Event to card.
pub static RECORD: Thread = Thread { name: "record", job: "clips on the card", waits_for: "motion, card" };
/// Event to GPIO and LED.
pub static ALARM: Thread = Thread { name: "alarm", job: "alarm lines, LED codes", waits_for: "motion" };
/// Questions from the console.
pub static CONTROL: Thread = Thread { name: "control", job: "answers the console", waits_for: "console" };

/// Every thread of the guard, in the order of the flow.
pub static THREADS: &[&Thread] = &[&CAPTURE, &MOTION, &RECORD, &ALARM, &CONTROL];

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
    use super::{SERVICES, THREADS};

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
}
