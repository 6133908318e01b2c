//! SHA-256 in hexadecimal.

use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// SHA-256 of some bytes, 64 lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 over a folder: the names of its files, in order, each with the hash of its content. Subfolders count.
///
/// # Errors
/// When something cannot be read.
pub fn folder(path: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let mut list = String::new();
    for file in files {
        let name = file.strip_prefix(path).unwrap_or(&file).display().to_string();
        list.push_str(&format!("{name} {}\n", sha256(&std::fs::read(&file)?)));
    }
    Ok(sha256(list.as_bytes()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_standards_own_example() {
        // FIPS 180-4, the message "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256(b"abc"), expected);
    }
}
