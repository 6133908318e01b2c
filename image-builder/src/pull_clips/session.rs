//! `pull-clips`: from the command line to a folder of clips, one step after the other.

use std::path::{Path, PathBuf};

use super::card::{Card, Content};
use super::copy::Watch;
use super::select::{Wanted, select};
use super::{Error, Report, device, fetch, list};
use crate::card_writer::{Interrupt, Meter};
use crate::host::progress;

/// What the person wants.
#[derive(Debug)]
pub struct Order {
    /// A card image, or the device of a card.
    pub card: PathBuf,
    /// Where the clips go; none: a folder named after the camera, here.
    pub folder: Option<PathBuf>,
    /// Which clips.
    pub wanted: Wanted,
    /// Only show what there is.
    pub list: bool,
}

impl Watch for Meter {
    fn progress(&mut self, done: u64, total: u64) {
        self.show("copying", done, total);
    }

    fn stop(&mut self) -> bool {
        self.is_interrupted()
    }
}

/// Opens a card or its image for reading, and tells what a person should know about its state.
///
/// # Errors
/// It is no card of ours, or cannot be read.
pub fn open(path: &Path) -> Result<Card, Error> {
    let mut card = Card::open(path, device::open(path)?)?;
    for note in card.notes() {
        progress::detail(&format!("note: {note}"));
    }
    Ok(card)
}

/// Lists the clips of a card, or copies them. `show` gets what there is to tell, also where the end is an error.
///
/// # Errors
/// When not everything that was wanted is there.
pub fn run(order: &Order, show: &mut dyn FnMut(&str)) -> Result<(), Error> {
    let mut card = open(&order.card)?;
    let mut content = card.content()?;
    let mut report = Report::of(&content);
    let candidates = select(std::mem::take(&mut content.candidates), order.wanted);
    if order.list {
        let (table, is_whole) = list::table(&mut card, candidates);
        show(&table);
        lost(&content, show);
        return if is_whole && report.is_complete() { Ok(()) } else { Err(Error::Incomplete) };
    }
    let folder = order.folder.clone().unwrap_or_else(|| {
        let newest = candidates.iter().find_map(|one| one.clip.as_ref());
        // A camera's name has letters, digits and hyphens only; other names were refused.
        PathBuf::from(newest.map_or("clips".to_owned(), |clip| format!("clips-{}", clip.camera())))
    });
    report.folder = folder.display().to_string();
    progress::step(&format!("Copying clips from {} to {}", order.card.display(), report.folder));
    let result = copy(&mut card, candidates, &folder, &mut report);
    show(&report.to_string());
    result?;
    if report.is_complete() { Ok(()) } else { Err(Error::Incomplete) }
}

fn copy(
    card: &mut Card,
    candidates: Vec<super::select::Candidate>,
    folder: &Path,
    report: &mut Report,
) -> Result<(), Error> {
    let interrupt = Interrupt::catch().map_err(|error| Error::Program(error.into()))?;
    let mut meter = Meter::new(interrupt);
    fetch::fetch(card, candidates, folder, &mut meter, report)
}

/// Tells what of the folder could not be read.
fn lost(content: &Content, show: &mut dyn FnMut(&str)) {
    for error in &content.lost {
        show(&format!("LOST  part of the folder, with names that nobody knows: {error}\n"));
    }
}
