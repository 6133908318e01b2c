//! What to do about the card, from what is seen of it. Pure.
//!
//! There is one way back from every trouble, whatever it was: the record thread lets go of the card, the `card` one-shot
//! unmounts what is left and mounts what is there, and writing goes on. It must not wait, and must not touch the card.

use crate::card::report::CardReport;
use crate::card::watch::{Requests, Sight};
use crate::record::DropReason;

/// After a mount that failed the next is tried this much later, twice as long each time: a card that is mended is back
/// soon, and one that stays bad is not worn out.
const RETRY_US_MIN: u64 = 1_000_000;
/// The longest wait between two tries.
const RETRY_US_MAX: u64 = 30_000_000;
/// A mounted card that worked for this long is trusted again.
const HEALTHY_US: u64 = 60_000_000;
/// init kills the one-shot after 60 s; if it has left nothing by then it is not going to.
const MOUNT_LIMIT_US: u64 = 65_000_000;
/// A card that has answered none of its requests for this long counts as silent. The slowest good cards take 250 ms for a
/// write (SD Physical Layer Specification, 4.6.2.2: 250 ms, 500 ms for SDXC); the LED must show it within 2 s.
const SILENT_US: u64 = 1_000_000;

/// What the keeper shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// There is trouble: frames are lost to this from now on, the record thread shall let go of the card.
    Close(DropReason, String),
    /// The trouble has another name now.
    Rename(String),
    /// Ask init for a mount.
    Ask,
    /// The card can be used again.
    Open,
}

/// What there is to go by.
pub struct Facts<'a> {
    /// Monotonic time.
    pub now_us: u64,
    /// What is seen.
    pub sight: &'a Sight,
    /// Whether an operation on the card has failed since the last look.
    pub has_failed: bool,
    /// Whether the record thread holds nothing of the card.
    pub is_released: bool,
    /// The newest report of the one-shot.
    pub report: &'a CardReport,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Mounted and working, since then.
    Good { since_us: u64 },
    /// Waiting for the record thread to let go.
    Releasing,
    /// The next try is due then.
    Waiting { at_us: u64 },
    /// The one-shot is at work since then; the report that it had found.
    Asked { since_us: u64, round: u64 },
}

/// See the module.
pub struct CardState {
    state: State,
    retry_us: u64,
    /// The devices at the last try, if there was one in this trouble: others mean that somebody has changed the card.
    tried: Option<Vec<(String, u64)>>,
    /// The trouble, as it was last told.
    told: String,
    /// Whether that is that there is no card.
    is_absent: bool,
    /// It was mounted anew, and has not been healthy for long enough since: another failure is not to be met at once.
    is_on_trial: bool,
}

impl CardState {
    /// Starts from the report that the one-shot left at start-up, which has told its trouble itself.
    pub fn new(report: &CardReport, now_us: u64) -> CardState {
        let state = match report.clips {
            true => State::Good { since_us: now_us },
            false => State::Releasing,
        };
        CardState {
            state,
            retry_us: RETRY_US_MIN,
            tried: None,
            told: report.trouble.clone(),
            is_absent: !report.clips && report.disk.is_none(),
            is_on_trial: false,
        }
    }

    /// One step.
    pub fn step(&mut self, facts: &Facts<'_>) -> Step {
        let now_us = facts.now_us;
        match self.state {
            State::Good { since_us } => self.watch(facts, since_us),
            State::Releasing if facts.is_released => {
                self.state = State::Waiting { at_us: now_us };
                if self.is_on_trial && !self.is_absent {
                    // It mounts well and fails at its first data, again and again.
                    self.tried = Some(facts.sight.disks.clone());
                    self.try_later(now_us);
                }
                Step::Nothing
            }
            State::Releasing => Step::Nothing,
            State::Waiting { at_us } => self.wait(facts, at_us),
            State::Asked { since_us, round } => {
                if facts.report.round > round {
                    return self.learn(facts);
                }
                if now_us.saturating_sub(since_us) > MOUNT_LIMIT_US {
                    self.try_later(now_us);
                    return self.rename("the card does not answer".into());
                }
                Step::Nothing
            }
        }
    }

    /// init did not take the question.
    pub fn not_asked(&mut self, now_us: u64) {
        self.try_later(now_us);
    }

    fn watch(&mut self, facts: &Facts<'_>, since_us: u64) -> Step {
        let (reason, text) = if !facts.sight.is_there {
            (DropReason::CardMissing, PULLED)
        } else if facts.sight.is_stopped {
            (DropReason::CardError, "its file system has stopped after an error")
        } else if facts.has_failed {
            (DropReason::CardError, "it does not take data")
        } else {
            if facts.now_us.saturating_sub(since_us) >= HEALTHY_US {
                self.retry_us = RETRY_US_MIN;
                self.is_on_trial = false;
            }
            return Step::Nothing;
        };
        self.state = State::Releasing;
        self.tried = None;
        self.is_absent = reason == DropReason::CardMissing;
        text.clone_into(&mut self.told);
        Step::Close(reason, text.into())
    }

    fn wait(&mut self, facts: &Facts<'_>, at_us: u64) -> Step {
        let disks = &facts.sight.disks;
        // The first try is at once: even without a card it lets go of what was mounted.
        let is_changed = self.tried.as_ref() != Some(disks);
        if is_changed && self.tried.is_some() {
            self.retry_us = RETRY_US_MIN;
        }
        if is_changed || (facts.now_us >= at_us && !disks.is_empty()) {
            self.tried = Some(disks.clone());
            self.is_absent &= disks.is_empty();
            self.state = State::Asked { since_us: facts.now_us, round: facts.report.round };
            return Step::Ask;
        }
        if disks.is_empty() { self.lose() } else { Step::Nothing }
    }

    /// There is no card any more: often its last writes fail before that is seen.
    fn lose(&mut self) -> Step {
        if std::mem::replace(&mut self.is_absent, true) {
            return Step::Nothing;
        }
        PULLED.clone_into(&mut self.told);
        Step::Close(DropReason::CardMissing, PULLED.into())
    }

    fn learn(&mut self, facts: &Facts<'_>) -> Step {
        if facts.report.clips {
            self.state = State::Good { since_us: facts.now_us };
            self.is_on_trial = true;
            self.told.clear();
            return Step::Open;
        }
        self.try_later(facts.now_us);
        match facts.sight.disks.is_empty() {
            true => self.lose(),
            false => self.rename(facts.report.trouble.clone()),
        }
    }

    fn rename(&mut self, text: String) -> Step {
        if self.told == text {
            return Step::Nothing;
        }
        self.told.clone_from(&text);
        Step::Rename(text)
    }

    fn try_later(&mut self, now_us: u64) {
        self.state = State::Waiting { at_us: now_us.saturating_add(self.retry_us) };
        self.retry_us = (self.retry_us * 2).min(RETRY_US_MAX);
    }
}

/// The trouble of a card that is not there any more.
const PULLED: &str = "it was pulled out; nothing is recorded until it is back";

/// Notices a card that takes requests and does not answer. Nothing is lost then: frames wait in memory.
#[derive(Debug, Default)]
pub struct Silence {
    answered: u64,
    since_us: u64,
    /// For how long it is silent now, if it is.
    silent: bool,
}

/// What became of a silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It begins.
    Silent,
    /// It is over; how long it was.
    Answers {
        /// Milliseconds without an answer.
        after_ms: u64,
    },
}

impl Silence {
    /// One look at the requests.
    pub fn look(&mut self, requests: Requests, now_us: u64) -> Option<Change> {
        let waited_us = now_us.saturating_sub(self.since_us);
        if requests.waiting == 0 || requests.answered != self.answered {
            (self.answered, self.since_us) = (requests.answered, now_us);
            let was = std::mem::replace(&mut self.silent, false);
            return was.then_some(Change::Answers { after_ms: waited_us / 1000 });
        }
        let begins = waited_us >= SILENT_US && !self.silent;
        self.silent |= begins;
        begins.then_some(Change::Silent)
    }
}

#[cfg(test)]
#[path = "card_state_tests.rs"]
mod tests;
