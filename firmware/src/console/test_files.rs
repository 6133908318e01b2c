//! `test-file`, in test images alone: one operation on a file of the clips' folder.
//!
//! So a test can hold what a power cut leaves of it against the rules of the simulated card. Goes through the folder that recording uses.
//! Must not be in a product image.

use std::io::{self, IoSlice};

use super::context::Context;
use crate::paths;
use crate::record::folder::{Directory, Folder, FolderFile, Open, append_all};

/// Most bytes of one append.
const APPEND_BYTES_MAX: usize = 1 << 20;

/// See the head of this file.
pub fn test_file(context: &mut Context<'_>) -> String {
    let folder = Directory::new(paths::CLIPS_DIR, true);
    match operate(&folder, context.arguments) {
        Ok(()) => "Done.\n".into(),
        Err(error) => format!("Not done: {error}\n"),
    }
}

fn operate(folder: &Directory, words: &[&str]) -> io::Result<()> {
    let number = |text: &str| text.parse::<usize>().map_err(io::Error::other);
    match *words {
        ["create", name] => folder.open(name, Open::New).map(drop),
        ["append", name, bytes, seed] => {
            let (bytes, seed) = (number(bytes)?.min(APPEND_BYTES_MAX), number(seed)?);
            let mut file = folder.open(name, Open::Existing)?;
            let at = usize::try_from(file.bytes()?).map_err(io::Error::other)?;
            let content: Vec<u8> = (at..at + bytes).map(|place| pattern(seed, place)).collect();
            append_all(&mut file, &mut [IoSlice::new(&content)])
        }
        ["truncate", name, bytes] => folder.open(name, Open::Existing)?.truncate(number(bytes)? as u64),
        ["sync", name] => folder.open(name, Open::Existing)?.sync(),
        ["rename", from, to] => folder.rename(from, to),
        ["remove", name] => folder.remove(name),
        ["syncdir"] => folder.sync(),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Never zero, and in each append another one; the test has the same formula.
fn pattern(seed: usize, place: usize) -> u8 {
    (1 + (seed * 131 + place * 31 + (place >> 9) * 7) % 251) as u8
}
