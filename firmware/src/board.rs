//! The profile of the board we run on, as the image builder put it into the initramfs. It must not interpret it.
//!
//! An image may be for several boards: the device tree, which the boot chain picked, says which of them this is.

use std::path::Path;

use crate::paths;
use boards::Profile;
use boards::layout::{OTHER_PROFILES_FOLDER, PROFILE_FILE};

/// Reads the profile. The error is a sentence: the image was not built as it should be.
pub fn profile() -> Result<Profile, String> {
    // Without a device tree there is nothing to choose by.
    let tree = std::fs::read(paths::TREE_COMPATIBLE).unwrap_or_default();
    chosen(Path::new("/"), &tree)
}

/// The profile below `root` that was made for the device tree whose `compatible` is `tree`; the image's own where none was.
fn chosen(root: &Path, tree: &[u8]) -> Result<Profile, String> {
    let main = read(&root.join(PROFILE_FILE))?;
    let board = String::from_utf8_lossy(tree.split(|byte| *byte == 0).next().unwrap_or_default());
    let others = root.join(OTHER_PROFILES_FOLDER);
    if board.is_empty() || main.compatible == board || !others.is_dir() {
        return Ok(main);
    }
    let entries = std::fs::read_dir(&others).map_err(|e| format!("{}: {e}", others.display()))?;
    for entry in entries.flatten() {
        let other = read(&entry.path())?;
        if other.compatible == board {
            return Ok(other);
        }
    }
    Ok(main)
}

fn read(path: &Path) -> Result<Profile, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Profile::from_resolved(&text).map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{OTHER_PROFILES_FOLDER, PROFILE_FILE, chosen};
    use std::path::Path;

    #[test]
    fn the_device_tree_says_which_of_an_images_boards_this_is() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../boards");
        let root = tempfile::tempdir().expect("a folder");
        let others = root.path().join(OTHER_PROFILES_FOLDER);
        let write = |id: &str, compatible: &str, path: &Path| {
            let mut profile = boards::load(&folder, id).expect("a board");
            profile.compatible = compatible.to_owned();
            std::fs::write(path, profile.to_resolved().expect("text")).expect("written");
        };
        write("raspberry-pi", "vendor,3", &root.path().join(PROFILE_FILE));
        let id = |tree: &[u8]| chosen(root.path(), tree).expect("a profile").id;
        assert_eq!(id(b"vendor,4\0vendor,soc\0"), "raspberry-pi", "an image for one board");
        std::fs::create_dir(&others).expect("a folder");
        write("raspberry-pi-4", "vendor,4", &others.join("raspberry-pi-4.toml"));
        assert_eq!(id(b"vendor,4\0vendor,soc\0"), "raspberry-pi-4");
        for tree in [&b"vendor,3\0"[..], b"vendor,5\0vendor,4\0", b"vendor,40\0", b""] {
            assert_eq!(id(tree), "raspberry-pi", "{tree:?}");
        }
        std::fs::write(others.join("bad.toml"), "x").expect("written");
        assert!(chosen(root.path(), b"vendor,9\0").expect_err("refused").contains("bad.toml"));
    }
}
