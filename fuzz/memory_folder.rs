//! A folder of memory, for probes: what recording asks of a card, with nothing that fails. Must not know what a clip is.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, IoSlice};
use std::rc::Rc;

use firmware::record::folder::{Folder, FolderFile, Free, Open};

/// Its files by name; a clone is the same folder.
#[derive(Clone, Debug, Default)]
pub struct MemoryFolder(Rc<RefCell<BTreeMap<String, MemoryFile>>>);

/// A file; a clone is the same file.
#[derive(Clone, Debug, Default)]
pub struct MemoryFile(Rc<RefCell<Vec<u8>>>);

impl MemoryFolder {
    /// Puts a file there.
    pub fn put(&self, name: &str, content: &[u8]) {
        let file = MemoryFile(Rc::new(RefCell::new(content.to_vec())));
        self.0.borrow_mut().insert(name.into(), file);
    }

    /// All files.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.borrow().iter().map(|(name, file)| (name.clone(), file.0.borrow().clone())).collect()
    }

    fn find(&self, name: &str) -> io::Result<MemoryFile> {
        self.0.borrow().get(name).cloned().ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl Folder for MemoryFolder {
    type File = MemoryFile;

    fn is_present(&self) -> bool {
        true
    }

    fn open(&self, name: &str, how: Open) -> io::Result<MemoryFile> {
        match (self.find(name), how) {
            (Ok(_), Open::New) => Err(ErrorKind::AlreadyExists.into()),
            (Ok(file), Open::Existing) => Ok(file),
            (Err(error), Open::Existing) => Err(error),
            (Ok(_), Open::Anew) | (Err(_), _) => {
                self.put(name, &[]);
                self.find(name)
            }
        }
    }

    fn bytes(&self, name: &str) -> io::Result<u64> {
        self.find(name)?.bytes()
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let file = self.0.borrow_mut().remove(from).ok_or(ErrorKind::NotFound)?;
        self.0.borrow_mut().insert(to.into(), file);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.0.borrow_mut().remove(name).map(drop).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn visit(&self, visit: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        self.files().keys().for_each(|name| visit(name.as_bytes()));
        Ok(())
    }

    fn free(&self) -> io::Result<Free> {
        Ok(Free { total_bytes: 1 << 30, free_bytes: 1 << 29, free_inodes: 1 << 10 })
    }
}

impl FolderFile for MemoryFile {
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        slices.iter().for_each(|slice| self.0.borrow_mut().extend_from_slice(slice));
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    fn read_exact_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        let content = self.0.borrow();
        let at = usize::try_from(at).map_err(io::Error::other)?;
        let end = at.checked_add(bytes.len()).ok_or(ErrorKind::UnexpectedEof)?;
        bytes.copy_from_slice(content.get(at..end).ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn bytes(&self) -> io::Result<u64> {
        Ok(self.0.borrow().len() as u64)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        let bytes = usize::try_from(bytes).map_err(io::Error::other)?;
        self.0.borrow_mut().resize(bytes, 0);
        Ok(())
    }
}
