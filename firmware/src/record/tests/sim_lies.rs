//! Cards that lie, and firmware that would be wrong: the judge of power cuts must find each of them.
//!
//! A lie stands for a fault of the firmware: a card that ignores a sync is a recorder that never asked for it. Must not be
//! used but to judge the judge.

use std::collections::BTreeMap;
use std::rc::Rc;

/// What is not done as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    /// Videos are not synced: frames are settled as recorded before they are on the card.
    NoVideoSync,
    /// Descriptions are not synced before they take their place.
    NoDraftSync,
    /// The folder is not synced: a clip is reported finished while its description has not taken its place for good.
    NoFolderSync,
    /// The old description goes before the new one comes.
    RenameInTwoSteps,
    /// Nothing is cut back: not what a failed write left, nor what a cut tore.
    NoTruncation,
    /// Every description says that its clip is complete, the first one too.
    CompleteAtOnce,
    /// Retention takes the newest clip but the one that is being written.
    NewestGoes,
    /// Retention takes a clip that the owner protects.
    ProtectedGoes,
    /// The file of somebody else is removed.
    ForeignGoes,
    /// The last byte of every video's write is another.
    LastByteIsWrong,
}

impl Lie {
    /// All, each with the workload in which it shows soon.
    pub const ALL: [(Self, &str); 11] = [
        (Self::NoVideoSync, "short-clips"),
        (Self::NoVideoSync, "sealed"),
        (Self::NoDraftSync, "short-clips"),
        // Where the chain takes a link, that link's sync makes up for it.
        (Self::NoFolderSync, "full-while-describing"),
        (Self::RenameInTwoSteps, "short-clips"),
        (Self::NoTruncation, "short-clips"),
        (Self::CompleteAtOnce, "short-clips"),
        (Self::NewestGoes, "retention"),
        (Self::ProtectedGoes, "protected"),
        (Self::ForeignGoes, "retention"),
        (Self::LastByteIsWrong, "short-clips"),
    ];

    /// Whether a sync of this file does nothing.
    pub fn skips_sync(self, name: &str) -> bool {
        match self {
            Self::NoVideoSync => name.contains(".mp4"),
            Self::NoDraftSync => name.ends_with(".json.new"),
            _ => false,
        }
    }

    /// Which file is removed in the place of this one.
    pub fn removes_instead(self, name: &str, names: &BTreeMap<Rc<str>, usize>) -> Option<Rc<str>> {
        let is_ours = |name: &&Rc<str>| name.starts_with('1') && name.ends_with(".mp4");
        match self {
            Self::NewestGoes if name.ends_with(".mp4") => names.keys().rev().filter(is_ours).nth(1).cloned(),
            Self::ProtectedGoes if name.ends_with(".mp4") => {
                let kept = names.keys().find_map(|keep| keep.strip_suffix(".keep"))?;
                names.keys().find(|name| name.strip_suffix(".mp4") == Some(kept)).cloned()
            }
            Self::ForeignGoes => names.keys().find(|name| &***name == "holiday.mp4").cloned(),
            _ => None,
        }
    }

    /// Changes what has just been written.
    pub fn spoils(self, name: &str, bytes: &mut [u8]) {
        match self {
            Self::CompleteAtOnce if name.ends_with(".json.new") => {
                let (false_, true_) = (b"\"complete\": false", b"\"complete\": true ");
                if let Some(at) = bytes.windows(false_.len()).position(|part| part == false_) {
                    bytes[at..at + true_.len()].copy_from_slice(true_);
                }
            }
            Self::LastByteIsWrong if name.ends_with(".mp4") => {
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
            }
            _ => {}
        }
    }
}
