//! The right to change settings: one console at a time.
//!
//! Two consoles may be used at once, by two people. Each reads what is in force, changes it and hands it on whole, so that neither may do
//! that while the other does. It must not be kept while anybody is asked anything.

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::path::Path;
use std::time::Duration;

/// To save takes a card a moment, and a dying one half a minute; nobody at a console waits for the other's card.
const TRIES: u32 = 250;
/// Between two of them.
const TRY_EVERY: Duration = Duration::from_millis(20);

/// The right, until it is dropped.
#[derive(Debug)]
pub struct Hold {
    _file: Flock<File>,
}

impl Hold {
    /// Takes it, or says why not.
    pub fn take(path: &Path) -> Result<Hold, String> {
        let open = || File::options().write(true).create(true).truncate(false).open(path);
        let mut file = open().map_err(|error| format!("The change could not be handed on: {error}."))?;
        for _ in 0..TRIES {
            file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(file) => return Ok(Hold { _file: file }),
                Err((file, Errno::EWOULDBLOCK | Errno::EINTR)) => file,
                Err((_, error)) => {
                    return Err(format!("The change could not be handed on: {}.", error.desc()));
                }
            };
            std::thread::sleep(TRY_EVERY);
        }
        Err("The other console is saving settings. Nothing was changed; try again.".into())
    }
}

#[cfg(test)]
mod tests {
    use super::Hold;

    /// UG6.
    #[test]
    fn only_one_holds_it_and_the_next_has_it_when_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let first = Hold::take(&path).expect("free");
        let why = Hold::take(&path).expect_err("taken");
        assert!(why.starts_with("The other console is saving settings. Nothing was changed"), "{why}");
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || Hold::take(&path).map(drop)
        });
        drop(first);
        waiting.join().expect("joined").expect("free again");
        assert!(Hold::take(&folder.path().join("none/lock")).is_err());
    }
}
