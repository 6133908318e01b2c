//! The cache outside the checkout: what is slow to get and the same for every checkout.
//!
//! Everything in it can be made again. A file or folder appears in it whole or not at all (made under another name,
//! then renamed), and one run at a time makes a given entry (a lock file beside it).

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::progress;

/// Why the cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No place for it.
    #[error("no place for the cache: set KERBEROS_CACHE, XDG_CACHE_HOME or HOME to a folder")]
    NoPlace,
    /// A file operation failed.
    #[error("the cache cannot be used: {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// The cache.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
}

/// The right to make one entry, until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Cache {
    /// Opens the cache at `$KERBEROS_CACHE`, `$XDG_CACHE_HOME/kerberos` or `$HOME/.cache/kerberos`.
    ///
    /// # Errors
    /// When none of them is set or the folder cannot be made.
    pub fn open() -> Result<Self, Error> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let root = variable("KERBEROS_CACHE")
            .or_else(|| variable("XDG_CACHE_HOME").map(|path| path.join("kerberos")))
            .or_else(|| variable("HOME").map(|path| path.join(".cache/kerberos")))
            .ok_or(Error::NoPlace)?;
        Self::at(&root)
    }

    /// Opens the cache at a given folder.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn at(root: &Path) -> Result<Self, Error> {
        let cache = Self { root: root.to_owned() };
        cache.folder("")?;
        Ok(cache)
    }

    /// A folder in the cache, made if need be.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf, Error> {
        let path = self.root.join(name);
        std::fs::create_dir_all(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        Ok(path)
    }

    /// Waits for the right to make the entry `name`.
    ///
    /// # Errors
    /// When the lock file cannot be made or locked.
    pub fn lock(&self, name: &str) -> Result<Lock, Error> {
        let path = self.folder("locks")?.join(name);
        let failed = |source| Error::Io { path: path.clone(), source };
        let file = File::create(&path).map_err(failed)?;
        if file.try_lock().is_err() {
            progress::step(&format!("Waiting for another run that is making {name}"));
            file.lock().map_err(failed)?;
        }
        Ok(Lock { _file: file })
    }

    /// An empty folder to make something in, on the same file system as the cache. Needs the entry's lock.
    ///
    /// # Errors
    /// When it cannot be emptied or made.
    pub fn work_folder(&self, name: &str, _lock: &Lock) -> Result<PathBuf, Error> {
        let path = self.folder("work")?.join(name);
        match std::fs::remove_dir_all(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(Error::Io { path, source });
            }
            _ => {}
        }
        self.folder(&format!("work/{name}"))
    }

    /// Gives a finished file or folder its name in the cache.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn publish(&self, made: &Path, name: &Path, _lock: &Lock) -> Result<(), Error> {
        std::fs::rename(made, name).map_err(|source| Error::Io { path: name.to_owned(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;

    #[test]
    fn an_entry_appears_whole_and_a_second_maker_waits() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let cache = Cache::at(&dir.path().join("new/cache")).expect("opened");
        let entries = cache.folder("entries").expect("made");
        let made = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let lock = cache.lock("entry").expect("locked");
                    if entries.join("entry").exists() {
                        return;
                    }
                    let work = cache.work_folder("entry", &lock).expect("made");
                    std::fs::write(work.join("file"), "x").expect("written");
                    made.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    cache.publish(&work, &entries.join("entry"), &lock).expect("published");
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
        assert_eq!(std::fs::read(entries.join("entry/file")).expect("read"), b"x");
    }

    #[test]
    fn a_work_folder_left_by_a_killed_run_is_emptied() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let cache = Cache::at(dir.path()).expect("opened");
        let lock = cache.lock("entry").expect("locked");
        let work = cache.work_folder("entry", &lock).expect("made");
        std::fs::write(work.join("rubbish"), "x").expect("written");
        let work = cache.work_folder("entry", &lock).expect("made");
        assert_eq!(std::fs::read_dir(work).expect("read").count(), 0);
    }
}
