//! The settings on the user's desk: what is in force, what is saved, and how one becomes the other.
//!
//! A change is in force at once and survives a restart only after it was saved. `armed` is the exception: whoever arms a
//! camera means it, so arming is saved at once. Another console may stand beside this one: what is in force is what the file says that both
//! write, a change holds [`Hold`], and is made to what is in force then. It must not talk to the terminal.

use super::hold::Hold;
use crate::card::report::CardReport;
use crate::control::{Question, tell};
use crate::settings::{self, PasswordHash, Settings, Store};
use crate::{in_force, paths};
use boards::layout;
use std::fs::File;
use std::path::Path;

/// What is said when there is nothing to save to.
const NO_CARD: &str = "There is no card to save to: what is in force now lasts until the next start. `save` again when the \
                       card is back.";

/// See the module.
#[derive(Default)]
pub struct Desk {
    report: CardReport,
    /// How often settings had been saved when they were read here.
    saves: u64,
    in_force: Settings,
    saved: Settings,
}

impl Desk {
    /// Reads what is in force and what is saved.
    pub fn open() -> Desk {
        let mut desk = Desk { report: CardReport::read(), saves: saves(), ..Desk::default() };
        desk.read();
        desk
    }

    /// With these in force, and nothing saved.
    #[cfg(test)]
    pub fn of(in_force: Settings) -> Desk {
        Desk { in_force, ..Desk::default() }
    }

    /// Reads again what is in force, and what is saved if there is another card now, or none, or another console has saved something.
    pub fn refresh(&mut self) {
        let (report, saves) = (CardReport::read(), saves());
        if report != self.report || saves != self.saves {
            (self.report, self.saves) = (report, saves);
            self.read();
        } else {
            self.in_force = in_force::read().settings;
        }
    }

    /// Nobody else changes settings until this is dropped; what is here is what is in force.
    pub fn hold(&mut self) -> Result<Hold, String> {
        let hold = Hold::take(Path::new(paths::DESK_LOCK))?;
        self.refresh();
        Ok(hold)
    }

    fn read(&mut self) {
        self.in_force = in_force::read().settings;
        // What is saved on a card that is not there now is still saved.
        if let Ok(mut store) = self.store() {
            self.saved = settings::from_toml(&store.load().toml, "saved settings").settings;
        }
    }

    /// Whether nobody has set anything yet, or all of it was reset.
    pub fn is_new(&self) -> bool {
        self.saved == Settings::default()
    }

    /// The settings in force.
    pub fn in_force(&self) -> &Settings {
        &self.in_force
    }

    /// The settings that a restart would bring back.
    pub fn saved(&self) -> &Settings {
        &self.saved
    }

    /// Puts a change in force. Nothing has changed when it fails.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let _hold = self.hold()?;
        let mut changed = self.in_force.clone();
        changed.set(name, value).map_err(|e| e.to_string())?;
        self.put_in_force(changed)
    }

    /// Saves what is in force.
    pub fn save(&mut self) -> Result<(), String> {
        let _hold = self.hold()?;
        let in_force = self.in_force.clone();
        self.write(in_force)
    }

    /// Puts in force what is saved.
    pub fn revert(&mut self) -> Result<(), String> {
        let _hold = self.hold()?;
        self.put_in_force(self.saved.clone())
    }

    /// Puts the defaults in force and saves them.
    pub fn reset(&mut self) -> Result<(), String> {
        let _hold = self.hold()?;
        self.put_in_force(Settings::default())?;
        self.write(Settings::default())
    }

    /// Sets the console's password or takes it away, now and after a restart. Other changes that are not saved stay so.
    pub fn set_password(&mut self, password: Option<PasswordHash>) -> Result<(), String> {
        self.keep(|settings| settings.console_password.clone_from(&password))
    }

    /// Arms or disarms, now and after a restart. Other changes that are not saved stay so.
    pub fn arm(&mut self, armed: bool) -> Result<(), String> {
        self.keep(|settings| settings.armed = armed)
    }

    /// Makes one change, now and after a restart, and saves no other with it.
    fn keep(&mut self, change: impl Fn(&mut Settings)) -> Result<(), String> {
        let _hold = self.hold()?;
        let (mut in_force, mut saved) = (self.in_force.clone(), self.saved.clone());
        change(&mut in_force);
        change(&mut saved);
        self.put_in_force(in_force)?;
        self.write(saved)
    }

    /// Our card, if there is one.
    pub fn disk(&self) -> Option<&std::path::Path> {
        self.report.disk.as_deref()
    }

    /// Puts all of these in force; whoever makes them from what was, holds [`Desk::hold`]. Nothing has changed when it fails.
    pub fn put_in_force(&mut self, settings: Settings) -> Result<(), String> {
        in_force::hand_on(&settings).map_err(|e| format!("The change could not be handed on: {e}."))?;
        self.in_force = settings;
        // A guard that does not run now reads the file when it starts.
        tell(paths::GUARD_SOCKET, &Question::Reload);
        Ok(())
    }

    fn write(&mut self, settings: Settings) -> Result<(), String> {
        let mut store = self.store()?;
        // The card's own: it may be another card than that of the start.
        let applied_toml_crc = store.load().applied_toml_crc;
        store.save(&settings::to_toml(&settings), applied_toml_crc).map_err(|e| e.to_string())?;
        self.saved = settings;
        self.saves = self.saves.wrapping_add(1);
        // Only keeps the other console from learning of it before the next start.
        let _ = std::fs::write(paths::SAVES, self.saves.to_string());
        Ok(())
    }

    fn store(&self) -> Result<Store, String> {
        let disk = self.disk().ok_or(NO_CARD)?;
        let file = File::options().read(true).write(true).open(disk).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => NO_CARD.to_owned(),
            _ => format!("The settings were not saved: the card cannot be opened: {e}."),
        })?;
        Ok(Store::new(file, layout::SETTINGS.map(|area| area.offset_bytes)))
    }
}

/// How often settings were saved since the start.
fn saves() -> u64 {
    std::fs::read_to_string(paths::SAVES).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}
