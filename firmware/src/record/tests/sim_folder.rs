//! The simulated card as the recorder sees it: a folder and its files.
//!
//! Everything done here is remembered by the card; rules are `sim_card`'s. It fails as it is told to, and lies where a test
//! wants to know whether that is found.

use std::io::{self, IoSlice};
use std::rc::Rc;

use nix::errno::Errno;

use super::super::folder::{Folder, FolderFile, Free, Open};
use super::sim_card::{Content, NameChange, Operation, SECTOR_BYTES, SimCard};
use super::sim_lies::Lie;

/// A sector counts for this much when it is told what is free, so that small clips fill a card of the usual size.
const TOLD_PER_SECTOR: u64 = 256 * 1024;

/// An open file.
#[derive(Debug)]
pub(super) struct SimFile {
    card: SimCard,
    name: Rc<str>,
    file: usize,
}

fn sectors(content: &Content) -> u64 {
    content.bytes.len().div_ceil(SECTOR_BYTES) as u64
}

impl Folder for SimCard {
    type File = SimFile;

    fn is_present(&self) -> bool {
        true
    }

    fn open(&self, name: &str, how: Open) -> io::Result<SimFile> {
        self.step()?;
        let found = self.find(name);
        let name: Rc<str> = name.into();
        let file = match (found, how) {
            (Ok(_), Open::New) => return Err(Errno::EEXIST.into()),
            (Ok(file), _) => file,
            (Err(error), Open::Existing) => return Err(error),
            (Err(_), Open::New | Open::Anew) => {
                let file = self.inner.borrow().contents.len();
                self.inner.borrow_mut().contents.push(Rc::default());
                self.change(NameChange::Create { name: name.clone(), file });
                file
            }
        };
        let mut opened = SimFile { card: self.clone(), name, file };
        if how == Open::Anew && opened.bytes()? > 0 {
            opened.truncate(0)?;
        }
        Ok(opened)
    }

    fn bytes(&self, name: &str) -> io::Result<u64> {
        let file = self.find(name)?;
        // What it takes of the card, on the scale of what is free.
        Ok(sectors(&self.inner.borrow().contents[file]) * TOLD_PER_SECTOR)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.step()?;
        self.find(from)?;
        if self.lie == Some(Lie::RenameInTwoSteps) && self.find(to).is_ok() {
            self.change(NameChange::Remove { name: to.into() });
        }
        self.change(NameChange::Rename { from: from.into(), to: to.into() });
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.step()?;
        self.find(name)?;
        let victim = match self.lie {
            Some(lie) => lie.removes_instead(name, &self.inner.borrow().names),
            None => None,
        };
        self.change(NameChange::Remove { name: victim.unwrap_or_else(|| name.into()) });
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        self.step()?;
        if self.lie != Some(Lie::NoFolderSync) {
            self.log(Operation::SyncFolder);
        }
        Ok(())
    }

    fn visit(&self, visit: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        let names: Vec<_> = self.inner.borrow().names.keys().cloned().collect();
        names.iter().for_each(|name| visit(name.as_bytes()));
        Ok(())
    }

    fn free(&self) -> io::Result<Free> {
        let inner = self.inner.borrow();
        let used: u64 = inner.names.values().map(|file| sectors(&inner.contents[*file])).sum();
        Ok(Free {
            total_bytes: inner.sectors * TOLD_PER_SECTOR,
            free_bytes: inner.sectors.saturating_sub(used) * TOLD_PER_SECTOR,
            free_inodes: 1 << 20,
        })
    }
}

impl FolderFile for SimFile {
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.card.step()?;
        let mut bytes = self.card.inner.borrow().contents[self.file].bytes.clone();
        let at = bytes.len();
        slices.iter().for_each(|slice| bytes.extend_from_slice(slice));
        let length = bytes.len() - at;
        let is_full = {
            let mut inner = self.card.inner.borrow_mut();
            inner.writes += 1;
            let number = inner.writes - 1;
            inner.trouble.full.contains(&number)
        };
        if is_full {
            bytes.truncate(at + length / 2);
        }
        if let Some(lie) = self.card.lie {
            lie.spoils(&self.name, &mut bytes);
        }
        self.card.change_data(self.file, at, bytes, false);
        if is_full { Err(Errno::ENOSPC.into()) } else { Ok(length) }
    }

    fn read_exact_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        let content = self.card.inner.borrow().contents[self.file].clone();
        let at = usize::try_from(at).map_err(io::Error::other)?;
        let there = content.bytes.get(at..at + bytes.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        bytes.copy_from_slice(there);
        Ok(())
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.card.inner.borrow().contents[self.file].bytes.len() as u64)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.card.step()?;
        if !self.card.lie.is_some_and(|lie| lie.skips_sync(&self.name)) {
            self.card.log(Operation::SyncFile { file: self.file });
        }
        Ok(())
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.card.step()?;
        let length = usize::try_from(bytes).map_err(io::Error::other)?;
        let mut content = self.card.inner.borrow().contents[self.file].bytes.clone();
        if content.len() != length && self.card.lie != Some(Lie::NoTruncation) {
            content.resize(length, 0);
            self.card.change_data(self.file, length, content, true);
        }
        Ok(())
    }
}
