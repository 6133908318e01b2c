//! Copies all files that are wanted, one after the other; one that cannot be read costs only itself.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

use super::card::Card;
use super::copy::{Copier, Failure, Outcome, Watch};
use super::select::Candidate;
use super::{Error, Report};

/// Copies files into a folder, which is made if need be. What came of it is added to the report, also where it ends early.
///
/// # Errors
/// When nothing more can be copied.
pub fn fetch(
    card: &mut Card,
    candidates: Vec<Candidate>,
    folder: &Path,
    watch: &mut dyn Watch,
    report: &mut Report,
) -> Result<(), Error> {
    let failed = |source| Error::Write { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let (mut files, mut total) = (Vec::new(), 0);
    for one in candidates {
        match card.inode(one.inode) {
            Ok(inode) => {
                total += inode.bytes;
                files.push((one, inode));
            }
            Err(error) => report.failed(card, &one.name, &error)?,
        }
    }
    let (mut done, mut clips) = (0, BTreeSet::new());
    let mut ended = Ok(());
    for (one, inode) in files {
        let bytes = inode.bytes;
        let outcome = Copier { card, folder, watch, done, total }.copy(&one.name, inode);
        done += bytes;
        ended = match outcome {
            Ok(Outcome::Same) => {
                report.same += 1;
                Ok(())
            }
            Ok(outcome) => {
                clips.extend(one.clip);
                report.copied(one.name, bytes, outcome);
                Ok(())
            }
            Err(Failure::Card(error)) => report.failed(card, &one.name, &error),
            Err(Failure::Fatal(error)) => Err(error),
        };
        if ended.is_err() {
            break;
        }
    }
    report.clips = clips.len();
    // The names last as well. Where a folder cannot be flushed, its system does that itself.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    if ended.is_ok() {
        watch.progress(total, total);
    }
    ended
}
