//! When an event begins, goes on and ends. Pure: verdicts and time in, steps out.

/// What to do after a look at one frame, or after a while without frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// No event.
    Idle,
    /// An event begins with this frame (and the pre-roll before it).
    Begin,
    /// The event goes on.
    Continue,
    /// The event is over; this frame is no longer part of it.
    End,
}

/// The event state machine of one camera.
#[derive(Debug, Default)]
pub struct EventMachine {
    /// While an event goes on: the time of the last motion.
    last_motion_us: Option<u64>,
}

impl EventMachine {
    /// Takes one observation: whether there was motion, whether the product is armed, the time (monotonic microseconds)
    /// and for how long after the last motion an event goes on.
    pub fn step(&mut self, motion: bool, armed: bool, now_us: u64, post_us: u64) -> Step {
        match self.last_motion_us {
            None if motion && armed => {
                self.last_motion_us = Some(now_us);
                Step::Begin
            }
            None => Step::Idle,
            Some(_) if !armed => self.end(),
            Some(_) if motion => {
                self.last_motion_us = Some(now_us);
                Step::Continue
            }
            Some(last) if now_us.saturating_sub(last) > post_us => self.end(),
            Some(_) => Step::Continue,
        }
    }

    /// Whether an event goes on.
    pub fn active(&self) -> bool {
        self.last_motion_us.is_some()
    }

    fn end(&mut self) -> Step {
        self.last_motion_us = None;
        Step::End
    }
}

#[cfg(test)]
mod tests {
    use super::{EventMachine, Step};

    const POST_US: u64 = 5_000_000;

    fn run(observations: &[(u64, bool, bool)]) -> Vec<Step> {
        let mut machine = EventMachine::default();
        observations
            .iter()
            .map(|&(s, motion, armed)| machine.step(motion, armed, s * 1_000_000, POST_US))
            .collect()
    }

    #[test]
    fn an_event_lasts_until_the_post_roll_after_the_last_motion() {
        use Step::{Begin, Continue, End, Idle};
        let steps = run(&[
            (0, false, true),
            (1, true, true),
            (5, false, true),
            (6, true, true),
            (11, false, true),
            (12, false, true),
            (13, false, true),
        ]);
        assert_eq!(steps, [Idle, Begin, Continue, Continue, Continue, End, Idle]);
    }

    #[test]
    fn nothing_begins_while_disarmed_and_disarming_ends_an_event() {
        use Step::{Begin, End, Idle};
        assert_eq!(
            run(&[(0, true, false), (1, true, true), (2, true, false), (3, true, false)]),
            [Idle, Begin, End, Idle]
        );
    }

    #[test]
    fn a_clock_that_stands_still_or_goes_back_does_no_harm() {
        assert_eq!(
            run(&[(9, true, true), (9, false, true), (1, false, true)]),
            [Step::Begin, Step::Continue, Step::Continue]
        );
    }
}
