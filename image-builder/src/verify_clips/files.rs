//! Where the clips lie. Reads only.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use evidence::{Hash, Hasher};

/// Read in one call.
const BUFFER_BYTES: usize = 256 * 1024;

/// A flat folder of files, wherever it is.
pub trait Files {
    /// The names of all plain files.
    ///
    /// # Errors
    /// It cannot be read.
    fn names(&self) -> io::Result<Vec<String>>;

    /// A file's content, from its beginning.
    ///
    /// # Errors
    /// It cannot be opened.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>>;

    /// A whole file, if it is at most that long.
    ///
    /// # Errors
    /// It cannot be read, or is longer.
    fn read(&self, name: &str, bytes_max: u64) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        self.open(name)?.take(bytes_max + 1).read_to_end(&mut content)?;
        if content.len() as u64 > bytes_max {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(content)
    }

    /// The hash of a file.
    ///
    /// # Errors
    /// It cannot be read.
    fn hash(&self, name: &str) -> io::Result<Hash> {
        let mut file = self.open(name)?;
        let mut hasher = Hasher::default();
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(hasher.hash()),
                read => hasher.update(buffer.get(..read).unwrap_or_default()),
            }
        }
    }
}

/// A folder of this computer.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// That one.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }
}

impl Files for Folder {
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            // What is no text is no file of ours.
            if let (true, Ok(name)) = (entry.file_type()?.is_file(), entry.file_name().into_string()) {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(File::open(self.0.join(name))?))
    }
}
