//! The keeper thread: watches the card without touching it.
//!
//! It sees to it that the card is mounted again after any trouble, and gets the owner's outputs from init, because it may wait for init.
//! It looks often enough that the LED tells of a trouble within two seconds, whether an event goes on or not. It must not
//! touch the card, so that it goes on when the card hangs; what may hang is done by the `card` one-shot.

use super::card::Source;
use super::card_state::{CardState, Change, Facts, Silence, Step};
use super::outputs::Asker;
use super::shared::Shared;
use super::{NAP_MS, wait};
use crate::card::errors::Errors;
use crate::card::report::CardReport;
use crate::card::watch::{self, Sight};
use crate::control::{Answer, Question, ask};
use crate::record::DropReason;
use crate::services::KEEPER;
use crate::{clock, info, notice, paths, warning};

/// We go with the first: while the guard stops, nothing is mounted any more.
const STAGE: usize = 0;

/// Runs until the guard stops; from then on nothing is mounted any more.
pub fn run(shared: &Shared) {
    let report = CardReport::read();
    let mut keeper = Keeper {
        shared,
        state: CardState::new(&report, clock::monotonic_us()),
        silence: Silence::default(),
        was_silent: false,
        errors: Errors::open(),
        report,
    };
    keeper.meet_report();
    let mut outputs = Asker::default();
    while !shared.stopped(STAGE) {
        outputs.turn(shared, clock::monotonic_us());
        keeper.turn(clock::monotonic_us());
        wait(&[], NAP_MS);
        shared.turn(&KEEPER);
    }
}

struct Keeper<'a> {
    shared: &'a Shared,
    state: CardState,
    silence: Silence,
    /// Whether a silence was told before: a slow card is silent often.
    was_silent: bool,
    errors: Errors,
    report: CardReport,
}

impl Keeper<'_> {
    /// One look, one step.
    fn turn(&mut self, now_us: u64) {
        let report = CardReport::read();
        if report.round > self.report.round {
            self.report = report;
            self.shared.card.set_disk(self.report.disk.clone());
        }
        let sight = watch::look(&self.report);
        self.listen(&sight, now_us);
        let card = &self.shared.card;
        if self.errors.heard(watch::name(&self.report)) {
            card.note_failure();
        }
        let facts = Facts {
            now_us,
            sight: &sight,
            has_failed: card.has_failed(),
            is_released: card.is_released(),
            report: &self.report,
        };
        match self.state.step(&facts) {
            Step::Nothing => {}
            Step::Close(reason, text) => {
                card.close(reason);
                self.tell(&text);
            }
            Step::Rename(text) => self.tell(&text),
            Step::Ask => self.ask(now_us),
            Step::Open => self.open(),
        }
    }

    /// At the start: the one-shot has told its trouble itself.
    fn meet_report(&mut self) {
        let card = &self.shared.card;
        card.set_disk(self.report.disk.clone());
        if !self.report.clips {
            card.close(DropReason::CardMissing);
            card.set_trouble(Source::Gate, &self.report.trouble);
        }
    }

    fn tell(&self, text: &str) {
        warning!("card: {text}");
        self.shared.card.set_trouble(Source::Gate, text);
    }

    fn ask(&mut self, now_us: u64) {
        match ask(paths::INIT_SOCKET, &Question::Mount) {
            Ok(Answer::Done) => info!("card: asked for a new mount"),
            _ => self.state.not_asked(now_us),
        }
    }

    fn open(&self) {
        let card = &self.shared.card;
        for source in [Source::Gate, Source::Room] {
            card.set_trouble(source, "");
        }
        // A card that was not there at the start brings the settings that were saved: before anything is recorded, masks and
        // keys among them.
        self.shared.reload();
        card.open();
        notice!("card: it is in use again");
    }

    /// A card that does not answer is told once, and shown each time.
    fn listen(&mut self, sight: &Sight, now_us: u64) {
        let card = &self.shared.card;
        match self.silence.look(sight.requests, now_us) {
            Some(Change::Silent) => {
                card.set_trouble(Source::Silence, "it does not answer; frames wait in memory");
                match std::mem::replace(&mut self.was_silent, true) {
                    false => warning!("card: it does not answer; frames wait in memory"),
                    true => info!("card: it does not answer"),
                }
            }
            Some(Change::Answers { after_ms }) => {
                card.set_trouble(Source::Silence, "");
                if sight.is_there {
                    notice!("card: it answers again after {}.{} s", after_ms / 1000, after_ms % 1000 / 100);
                }
            }
            None => {}
        }
    }
}
