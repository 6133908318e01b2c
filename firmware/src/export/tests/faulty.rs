//! A stick that fails or lies at a chosen operation, and a card whose clip goes while it is read.

use super::super::copy::{BLOCK_BYTES, ReadBack};
use crate::record::folder::{Directory, Folder, FolderFile, Free, Open};
use nix::errno::Errno;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, IoSlice};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::rc::Rc;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This operation and all after it fail: the stick was pulled out, or is full.
    From(usize, Errno),
    /// What this operation reads back has another bit in its last byte.
    Lie(usize),
    /// Never.
    None,
}

/// A folder whose operations are counted and fail by plan.
pub struct Faulty {
    directory: Directory,
    fault: Fault,
    operation: Rc<Cell<usize>>,
    /// Bytes free.
    pub free_bytes: u64,
}

impl Faulty {
    pub fn new(path: &Path, fault: Fault) -> Self {
        let directory = Directory::new(path, false);
        Self { directory, fault, operation: Rc::default(), free_bytes: u64::MAX }
    }

    /// How many operations there were.
    pub fn operations(&self) -> usize {
        self.operation.get()
    }

    fn next(&self) -> io::Result<usize> {
        next(self.fault, &self.operation)
    }
}

fn next(fault: Fault, operation: &Cell<usize>) -> io::Result<usize> {
    let at = operation.replace(operation.get() + 1);
    match fault {
        Fault::From(first, errno) if at >= first => Err(errno.into()),
        _ => Ok(at),
    }
}

pub struct FaultyFile {
    file: File,
    fault: Fault,
    operation: Rc<Cell<usize>>,
}

impl FolderFile for FaultyFile {
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        next(self.fault, &self.operation)?;
        // Never all that is asked for: whoever writes must go on.
        let first = slices.first().map_or(&[][..], |slice| slice);
        FolderFile::write_vectored(&mut self.file, &[IoSlice::new(&first[..first.len().div_ceil(2)])])
    }

    fn read_exact_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        next(self.fault, &self.operation)?;
        FileExt::read_exact_at(&self.file, bytes, at)
    }

    fn bytes(&self) -> io::Result<u64> {
        next(self.fault, &self.operation)?;
        FolderFile::bytes(&self.file)
    }

    fn sync(&mut self) -> io::Result<()> {
        next(self.fault, &self.operation).map(drop)
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        next(self.fault, &self.operation)?;
        FolderFile::truncate(&mut self.file, bytes)
    }
}

impl Folder for Faulty {
    type File = FaultyFile;

    fn is_present(&self) -> bool {
        self.directory.is_present()
    }

    fn open(&self, name: &str, how: Open) -> io::Result<FaultyFile> {
        self.next()?;
        let file = self.directory.open(name, how)?;
        Ok(FaultyFile { file, fault: self.fault, operation: self.operation.clone() })
    }

    fn bytes(&self, name: &str) -> io::Result<u64> {
        self.next()?;
        self.directory.bytes(name)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.next()?;
        self.directory.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.next()?;
        self.directory.remove(name)
    }

    fn sync(&self) -> io::Result<()> {
        self.next().map(drop)
    }

    fn visit(&self, visit: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        self.next()?;
        self.directory.visit(visit)
    }

    fn free(&self) -> io::Result<Free> {
        self.next()?;
        Ok(Free { total_bytes: u64::MAX, free_bytes: self.free_bytes, free_inodes: 0 })
    }
}

impl ReadBack for Faulty {
    // Not past the cache: not every file system of a computer can. The system test does it on a stick.
    fn read_back(&self, name: &str, at: u64, bytes: &mut [u8; BLOCK_BYTES]) -> io::Result<usize> {
        let operation = self.next()?;
        let read = File::open(self.directory.path().join(name))?.read_at(bytes, at)?;
        if self.fault == Fault::Lie(operation) && read > 0 {
            bytes[read - 1] ^= 1;
        }
        Ok(read)
    }
}
