//! What the recorder does beside recording: the chain, clips that are too old, and the owner's orders.
//!
//! Must not touch the open clip.

use std::io;

use evidence::{Hash, Why};

use super::{Open, Recorder};
use crate::record::chain::Head;
use crate::record::folder::Folder;
use crate::record::mend::{Mended, mend};
use crate::record::name::{ClipName, Extension};
use crate::record::order::{Order, OrderError};
use crate::record::shelf::{LinkError, store_sidecar};
use crate::record::shot::Shot;
use crate::record::unlinked::Hashed;
use crate::record::verdict::{DropReason, Outcome, Sink};

/// A clip that is whole and whose description could not be stored: the card was full, say.
pub(super) struct Undescribed {
    name: ClipName,
    json: Vec<u8>,
    video: Extension,
    hash: Hash,
}

impl<F: Shot, D: Folder> Recorder<F, D> {
    /// The newest link of the chain of hashes, if it is known.
    pub fn head(&self) -> Option<Head> {
        self.shelf.head()
    }

    /// The card is there, or there again: mends what was cut short on it, and takes up the chain where it ends. To be called
    /// while no clip is open.
    pub fn take_up(&mut self, sink: &mut impl Sink<F>) {
        self.unlinked.forget();
        self.shelf.forget();
        match mend(self.shelf.folder()) {
            Ok(looked_at) => {
                looked_at.into_iter().for_each(|(name, what)| self.note_mended(name, what, sink))
            }
            Err(error) => {
                let sentence = format!("The clips on the card cannot be listed: {error}.");
                sink.report(Outcome::NotChained { sentence });
            }
        }
        if let Err(error) = self.shelf.open_chain() {
            // Recording goes on; the chain is looked for again before its next link.
            let sentence = format!("The chain of hashes on the card cannot be read: {error}.");
            sink.report(Outcome::NotChained { sentence });
        }
    }

    /// A clip without a link was looked at: what is left of it gets one.
    fn note_mended(&mut self, name: ClipName, what: io::Result<Option<Mended>>, sink: &mut impl Sink<F>) {
        let is_gone = matches!(what, Ok(Some(Mended::Deleted)));
        if let Some(what) = what.map_err(|error| error.to_string()).transpose() {
            sink.report(Outcome::Mended { name: name.clone(), what });
        }
        if !is_gone {
            self.unlinked.push(name);
        }
    }

    /// A clip is whole, and its description could not be stored: tried again later.
    pub(super) fn describe_later(&mut self, open: &Open<F, D::File>) {
        let json = self.sidecar(open, true).to_json();
        let (name, video, hash) = (open.name.clone(), open.video, open.clip.hash());
        if let Some(before) = self.undescribed.replace(Undescribed { name, json, video, hash }) {
            // One is enough to keep in memory: the other is mended, which makes it look cut short.
            self.unlinked.push(before.name);
        }
    }

    /// Stores a description that could not be stored before. That it could not has been told.
    pub(super) fn describe_again(&mut self, sink: &mut impl Sink<F>) {
        let Some(clip) = self.undescribed.take() else { return };
        match store_sidecar(self.shelf.folder(), &clip.name, &clip.json) {
            Ok(()) => self.link(&clip.name, clip.video, clip.hash, sink),
            Err(_) => self.undescribed = Some(clip),
        }
    }

    /// Reads on in the clips that are not in the chain yet.
    pub(super) fn link_next(&mut self, sink: &mut impl Sink<F>) {
        match self.unlinked.step(self.shelf.folder()) {
            Ok(None) => {}
            Ok(Some(Hashed { name, video, hash })) => self.link(&name, video, hash, sink),
            Err(unreadable) => sink.report(Outcome::NotChained { sentence: unreadable.to_string() }),
        }
    }

    pub(super) fn link(&mut self, name: &ClipName, video: Extension, hash: Hash, sink: &mut impl Sink<F>) {
        match self.shelf.link(name, video, hash) {
            Ok(()) => {}
            // It was deleted meanwhile.
            Err(LinkError::Description(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(LinkError::Description(error)) => {
                let sentence = format!(
                    "The description of the clip {name} cannot be read, so it is not in the chain of hashes: {error}."
                );
                sink.report(Outcome::NotChained { sentence });
            }
            Err(LinkError::Chain(error)) => {
                let sentence = format!("The clip {name} could not be added to the chain of hashes: {error}.");
                sink.report(Outcome::Failed { reason: DropReason::of(&error), sentence });
            }
        }
    }

    /// Deletes clips from before `before_us`, microseconds since 1970, a bounded number of them; whether there may be more.
    pub fn expire(&mut self, before_us: u64, sink: &mut impl Sink<F>) -> bool {
        if self.suspended.is_some() || !self.shelf.folder().is_present() {
            return false;
        }
        let writing = self.open.as_ref().map(|open| &open.name);
        match self.shelf.expire(before_us, writing) {
            Ok((clips, failed)) => {
                self.tell_deleted(clips, Why::Age, failed, sink);
                clips > 0
            }
            Err(error) => {
                let reason = DropReason::of(error.io());
                let sentence = format!("Clips that are too old could not be deleted. {error}");
                sink.report(Outcome::Failed { reason, sentence });
                false
            }
        }
    }

    /// Does what the owner asks for.
    ///
    /// # Errors
    /// See [`OrderError`].
    pub fn obey(&mut self, order: &Order) -> Result<(), OrderError> {
        if self.suspended.is_some() || !self.shelf.folder().is_present() {
            return Err(OrderError::NoCard);
        }
        self.shelf.obey(order, self.open.as_ref().map(|open| &open.name))
    }

    /// Tells that clips were deleted, and that this could not be written down.
    pub(super) fn tell_deleted(
        &self,
        clips: u32,
        why: Why,
        failed: Option<io::Error>,
        sink: &mut impl Sink<F>,
    ) {
        if let Some(error) = failed {
            let sentence =
                format!("That clips were deleted could not be added to the chain of hashes: {error}.");
            sink.report(Outcome::Failed { reason: DropReason::of(&error), sentence });
        }
        if clips > 0 {
            sink.report(Outcome::OldestDeleted { clips, why });
        }
    }
}
