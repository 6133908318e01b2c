//! The profile of the board we run on, as the image builder put it into the initramfs. It must not interpret it.
//!
//! An image may be for several boards: the device tree, which the boot chain picked, says which of them this is.

use std::path::Path;

use crate::paths;
use boards::Profile;
use boards::layout::{PROFILE_FILE, other_profile};

/// Reads the profile. The error is a sentence: the image was not built as it should be.
pub fn profile() -> Result<Profile, String> {
    // Without a device tree there is nothing to choose by.
    let tree = std::fs::read(paths::TREE_COMPATIBLE).unwrap_or_default();
    chosen(Path::new("/"), &tree)
}

/// The profile below `root` that was made for the device tree whose `compatible` is `tree`; the image's own where none was.
fn chosen(root: &Path, tree: &[u8]) -> Result<Profile, String> {
    let board = String::from_utf8_lossy(tree.split(|byte| *byte == 0).next().unwrap_or_default());
    let other = root.join(other_profile(&board));
    let is_other = !board.is_empty() && other.is_file();
    read(&if is_other { other } else { root.join(PROFILE_FILE) })
}

fn read(path: &Path) -> Result<Profile, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Profile::from_resolved(&text).map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{PROFILE_FILE, chosen, other_profile};
    use boards::layout::OTHER_PROFILES_FOLDER;
    use std::path::Path;

    #[test]
    fn the_device_tree_says_which_of_an_images_boards_this_is() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../boards");
        let root = tempfile::tempdir().expect("a folder");
        let write = |id: &str, path: &Path| {
            let profile = boards::load(&folder, id).expect("a board");
            std::fs::write(path, profile.to_resolved().expect("text")).expect("written");
        };
        let other = |board: &str| root.path().join(other_profile(board));
        write("raspberry-pi", &root.path().join(PROFILE_FILE));
        let id = |tree: &[u8]| chosen(root.path(), tree).expect("a profile").id;
        assert_eq!(id(b"vendor,4\0vendor,soc\0"), "raspberry-pi", "an image for one board");
        std::fs::create_dir(root.path().join(OTHER_PROFILES_FOLDER)).expect("a folder");
        write("raspberry-pi-4", &other("vendor,4"));
        assert_eq!(id(b"vendor,4\0vendor,soc\0"), "raspberry-pi-4");
        for tree in [&b"vendor,3\0"[..], b"vendor,5\0vendor,4\0", b"vendor,40\0", b""] {
            assert_eq!(id(tree), "raspberry-pi", "{tree:?}");
        }
        std::fs::write(other("bad"), "x").expect("written");
        assert!(chosen(root.path(), b"bad\0").expect_err("refused").contains("bad.toml"));
    }
}
