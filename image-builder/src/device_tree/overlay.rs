//! Device-tree overlays, which a boot loader may lay over the tree: made, and tried on it before the image leaves.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::process::Command;

use boards::{Architecture, CardFile, Profile};

use super::make::dtc;
use super::{Drivers, Error, Tree, coverage};
use crate::host::command;

/// Whether the board's tree needs its labels for overlays.
#[must_use]
pub fn wanted(profile: &Profile) -> bool {
    sources(profile).next().is_some()
}

/// Makes an overlay of a source in `boards`.
///
/// # Errors
/// When the preprocessor or the device-tree compiler refuses it.
pub fn make(boards: &Path, source: &str, arch: Architecture) -> Result<Vec<u8>, Error> {
    let temporary = tempfile::tempdir().map_err(io(&std::env::temp_dir()))?;
    let mut cpp = Command::new(format!("{}gcc", arch.cross_prefix()));
    cpp.args(["-E", "-P", "-nostdinc", "-undef", "-D__DTS__", "-x", "assembler-with-cpp"])
        .arg(boards.join(source));
    let text = command::text(&mut cpp)?;
    let (from, to) = (temporary.path().join("overlay.dts"), temporary.path().join("overlay.dtbo"));
    std::fs::write(&from, text).map_err(io(&from))?;
    dtc(&["-@", "-I", "dts", "-O", "dtb"], &from, &to)?;
    std::fs::read(&to).map_err(io(&to))
}

/// Lays each of the profile's overlays over its tree, and holds all that it adds or turns on against the kernel.
///
/// # Errors
/// The first that does not fit the tree, or adds what has no driver.
pub fn check(boards: &Path, profile: &Profile, base: &[u8], drivers: &Drivers<'_>) -> Result<(), Error> {
    let before = Tree::parse(base)?;
    for source in sources(profile) {
        let overlay = make(boards, source, profile.arch)?;
        let after = Tree::parse(&laid_over(base, &overlay)?)?;
        let rely_on = brought(&before, &after, source);
        if rely_on.is_empty() {
            return Err(Error::IdleOverlay(source.to_owned()));
        }
        coverage::check(&after, drivers, &rely_on)?;
    }
    Ok(())
}

fn sources(profile: &Profile) -> impl Iterator<Item = &str> {
    profile.files.values().filter_map(|file| match file {
        CardFile::Overlay(source) => Some(source.as_str()),
        _ => None,
    })
}

/// As the boot loader does it.
fn laid_over(base: &[u8], overlay: &[u8]) -> Result<Vec<u8>, Error> {
    let temporary = tempfile::tempdir().map_err(io(&std::env::temp_dir()))?;
    let path = |name: &str| temporary.path().join(name);
    for (name, bytes) in [("base.dtb", base), ("overlay.dtbo", overlay)] {
        std::fs::write(path(name), bytes).map_err(io(&path(name)))?;
    }
    let mut lay = Command::new("fdtoverlay");
    lay.arg("-i").arg(path("base.dtb")).arg("-o").arg(path("both.dtb")).arg(path("overlay.dtbo"));
    command::run(&mut lay)?;
    std::fs::read(path("both.dtb")).map_err(io(&path("both.dtb")))
}

/// The devices that are there with the overlay and were not before, by path; each is relied on.
fn brought(before: &Tree, after: &Tree, source: &str) -> BTreeMap<String, String> {
    let working = |tree: &Tree| -> HashSet<String> {
        let devices = tree.nodes.iter().filter(|node| node.properties.contains_key("compatible"));
        devices.filter(|node| node.is_enabled()).map(|node| node.path.clone()).collect()
    };
    let before = working(before);
    let new = working(after).into_iter().filter(|path| !before.contains(path));
    new.map(|path| (format!("{source}: {path}"), path)).collect()
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = path.to_owned();
    move |source| Error::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::{brought, laid_over};
    use crate::device_tree::{Tree, make::dtc};

    fn blob(source: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("a.dts"), folder.path().join("a.dtb"));
        std::fs::write(&from, source).expect("written");
        dtc(&["-@", "-I", "dts", "-O", "dtb"], &from, &to).expect("a tree");
        std::fs::read(&to).expect("read")
    }

    #[test]
    fn what_an_overlay_adds_and_what_it_turns_on_is_found() {
        let base = blob(
            "/dts-v1/; / { bus: bus { compatible = \"b\"; status = \"disabled\"; }; on { compatible = \"o\"; }; };",
        );
        let overlay =
            blob("/dts-v1/; /plugin/; &bus { status = \"okay\"; new { compatible = \"n\"; }; plain { }; };");
        let both = laid_over(&base, &overlay).expect("fits");
        let (before, after) = (Tree::parse(&base).expect("a tree"), Tree::parse(&both).expect("a tree"));
        let found: Vec<_> = brought(&before, &after, "x").into_values().collect();
        assert_eq!(found, ["/bus", "/bus/new"]);
        assert!(brought(&before, &before, "x").is_empty());
    }

    #[test]
    fn an_overlay_for_another_board_is_refused() {
        let base = blob("/dts-v1/; / { };");
        let overlay = blob("/dts-v1/; /plugin/; &missing { status = \"okay\"; };");
        assert!(laid_over(&base, &overlay).is_err());
    }
}
