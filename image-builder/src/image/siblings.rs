//! The other boards that an image also starts on: each brings its own device tree and profile, all else they share.
//!
//! The boot chain picks the tree; by that tree's `compatible` the firmware picks the profile (firmware/src/board.rs).

use std::path::Path;

use boards::{CardFile, Profile};

use super::{Error, build};
use crate::device_tree::{self, Drivers};
use crate::host::apt::Apt;
use crate::host::cache::Cache;

/// Another board of an image.
#[derive(Debug)]
pub struct Sibling {
    /// What its tree says that it is: by that the firmware finds the profile.
    pub compatible: String,
    /// Its profile, checked against its tree, as the firmware reads it.
    pub resolved: String,
    /// Its device tree.
    pub tree: Vec<u8>,
    /// The tree's name in the slots.
    pub file: String,
}

/// Gets all of them, and adds to `main` the files that their boot chains want besides.
///
/// # Errors
/// A board that cannot share the image, or is not right itself.
pub fn obtain(
    boards: &Path,
    main: &mut Profile,
    drivers: &Drivers<'_>,
    cache: &Cache,
    apt: &Apt<'_>,
) -> Result<Vec<Sibling>, Error> {
    let mut siblings = Vec::new();
    for id in main.also.clone() {
        let mut profile = boards::load(boards, &id)?;
        let file = format!("{id}.dtb");
        if let Some(why) = obstacle(main, &profile, &file) {
            return Err(Error::Sibling { board: main.id.clone(), other: id, why });
        }
        let tree = device_tree::make(boards, &profile, None, cache, apt)?;
        let checked = build::checked_tree(boards, &mut profile, &tree, drivers)?;
        let compatible = checked.nodes.first().and_then(|root| root.strings("compatible").first().copied());
        let compatible = compatible.unwrap_or_default().to_owned();
        for (key, content) in &profile.files {
            main.files.entry(key.clone()).or_insert_with(|| content.clone());
        }
        let resolved = profile.to_resolved()?;
        siblings.push(Sibling { compatible, resolved, tree, file });
    }
    Ok(siblings)
}

/// Why `other` cannot share the image of `main`.
fn obstacle(main: &Profile, other: &Profile, tree: &str) -> Option<String> {
    if (other.arch, &other.kernel) != (main.arch, &main.kernel) {
        return Some("its kernel is another one".to_owned());
    }
    if other.blobs != main.blobs {
        return Some("its boot loader is another one".to_owned());
    }
    let names = |file: &CardFile| matches!(file, CardFile::Text(lines) if lines.iter().any(|line| line.contains(tree)));
    (!main.files.values().any(names)).then(|| format!("no file on the card names its device tree {tree}"))
}

#[cfg(test)]
mod tests {
    use boards::Profile;

    use super::obstacle;
    use crate::host::workspace::Workspace;

    fn profile(id: &str) -> Profile {
        boards::load(&Workspace::find().boards(), id).expect("a board")
    }

    #[test]
    fn only_boards_with_the_same_kernel_whose_tree_is_named_share_an_image() {
        let main = profile("raspberry-pi");
        for id in &main.also {
            assert_eq!(obstacle(&main, &profile(id), &format!("{id}.dtb")), None, "{id}");
        }
        let other = profile("raspberry-pi-3-plus");
        assert!(obstacle(&main, &other, "x.dtb").expect("refused").contains("names its device tree"));
        let why = obstacle(&main, &profile("raspberry-pi-2"), "x.dtb").expect("refused");
        assert_eq!(why, "its kernel is another one");
        let why = obstacle(&main, &profile("pine64-plus"), "x.dtb").expect("refused");
        assert_eq!(why, "its boot loader is another one");
    }
}
