//! Finds, merges and checks the files of a board: the file's existence makes the board.

use std::path::{Path, PathBuf};

use crate::document::{self, Node, Origin, Value};
use crate::{Error, Profile, blobs, files, header};

/// A family may itself inherit; more levels than this are a loop or a mistake.
const INHERIT_DEPTH_MAX: usize = 6;
/// Worst tier that is defined.
const TIER_MAX: u8 = 3;
/// GPIO chips have far fewer lines; a larger number is a mistake.
const GPIO_OFFSET_MAX: u32 = 1023;
/// Shortest time limit of a watchdog, in seconds: init that hangs is noticed after 10 s, and 5 s are for writing that down.
const WATCHDOG_S_MIN: u32 = 15;

/// Ids of all boards in the folder, sorted.
///
/// # Errors
/// When the folder cannot be read.
pub fn list(dir: &Path) -> Result<Vec<String>, Error> {
    let failed = |source| Error::Read { path: dir.to_owned(), source };
    let mut ids = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // Cargo.toml is the crate's, not a board.
        if path.extension().is_some_and(|extension| extension == "toml")
            && let Some(id) = path.file_stem().and_then(|stem| stem.to_str())
            && id != "Cargo"
        {
            ids.push(id.to_owned());
        }
    }
    ids.sort();
    Ok(ids)
}

/// Reads and checks the board `id` from the folder `dir`.
///
/// # Errors
/// An unknown board, an unreadable file, or anything wrong in one, with file and line.
pub fn load(dir: &Path, id: &str) -> Result<Profile, Error> {
    let known = list(dir)?;
    if !known.iter().any(|known| known == id) {
        return Err(Error::UnknownBoard { id: id.to_owned(), known: known.join(", ") });
    }
    let mut node = read(dir, &PathBuf::from(format!("{id}.toml")), INHERIT_DEPTH_MAX)?;
    add_id(&mut node, id)?;
    let profile: Profile = node.deserialize()?;
    check(dir, &profile, &node)?;
    Ok(profile)
}

/// Reads a file and everything that it inherits: later files win over earlier ones, and the file itself over all.
fn read(dir: &Path, file: &Path, depth_left: usize) -> Result<Node, Error> {
    let path = dir.join(file);
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    let mut node = document::parse(&path, &text)?;
    let Value::Table(table) = &mut node.value else { return Ok(node) };
    let Some(inherit) = table.remove("inherit") else { return Ok(node) };
    if depth_left == 0 {
        return Err(inherit.origin.error(format!(
            "more than {INHERIT_DEPTH_MAX} files inherit from each other; is there a loop?"
        )));
    }
    let mut below: Option<Node> = None;
    for (name, origin) in parents(&inherit)? {
        let parent = PathBuf::from(format!("{name}.toml"));
        if !dir.join(&parent).is_file() {
            return Err(origin.error(format!("there is no {} to inherit from", parent.display())));
        }
        let parent = read(dir, &parent, depth_left - 1)?;
        below = Some(match below {
            Some(earlier) => document::merge(earlier, parent),
            None => parent,
        });
    }
    Ok(match below {
        Some(below) => document::merge(below, node),
        None => node,
    })
}

/// The files that `inherit` names, one or a list of them, and where each is written.
fn parents(inherit: &Node) -> Result<Vec<(&str, &Origin)>, Error> {
    let items = match &inherit.value {
        Value::Array(items) if !items.is_empty() => items.as_slice(),
        _ => std::slice::from_ref(inherit),
    };
    items.iter().map(parent).collect()
}

fn parent(item: &Node) -> Result<(&str, &Origin), Error> {
    match &item.value {
        Value::Leaf(leaf) if leaf.starts_with(['"', '\'']) => {
            Ok((leaf.trim_matches(['"', '\'']), &item.origin))
        }
        _ => Err(item
            .origin
            .error("`inherit` must be a string such as \"families/arm64\", or a list of such strings")),
    }
}

/// The id is the file's name, so that the two cannot differ.
fn add_id(node: &mut Node, id: &str) -> Result<(), Error> {
    let origin = node.origin.clone();
    if let Value::Table(table) = &mut node.value {
        if let Some(written) = table.get("id") {
            return Err(written.origin.error("`id` is the file's name and must not be written"));
        }
        let value = Value::Leaf(toml::Value::String(id.to_owned()).to_string());
        table.insert("id".to_owned(), Node { origin, value });
    }
    Ok(())
}

/// What the types alone cannot check.
fn check(dir: &Path, profile: &Profile, node: &Node) -> Result<(), Error> {
    let at = |path: &[&str], message: String| {
        Err(node.get(path).map_or(&node.origin, |found| &found.origin).error(message))
    };
    if profile.tier == 0 || profile.tier > TIER_MAX {
        return at(&["tier"], format!("tier must be 1 to {TIER_MAX}, not {}", profile.tier));
    }
    for (index, fragment) in profile.kernel.fragments.iter().enumerate() {
        if !dir.join(fragment).is_file() {
            return at(
                &["kernel", "fragments", &index.to_string()],
                format!("there is no file {fragment} in the boards folder"),
            );
        }
    }
    if profile.kernel.cmdline.contains(['\n', '\r', '\0']) {
        return at(&["kernel", "cmdline"], "the command line must be one line".to_owned());
    }
    if let Some(additions) = &profile.device_tree.additions
        && !dir.join(additions).is_file()
    {
        return at(
            &["device-tree", "additions"],
            format!("there is no file {additions} in the boards folder"),
        );
    }
    if let Some(alarm) = &profile.alarm
        && let Some(offset) = alarm.offset
        && offset > GPIO_OFFSET_MAX
    {
        return at(
            &["alarm", "offset"],
            format!("line {offset} is beyond {GPIO_OFFSET_MAX}, the most a chip can have"),
        );
    }
    if profile.alarm.as_ref().is_some_and(|alarm| !alarm.names_one_line()) {
        return at(&["alarm"], "the alarm needs either `line` or both `chip` and `offset`".to_owned());
    }
    if let Some(table) = &profile.header {
        header::check(table, profile.alarm.as_ref()).or_else(|problem| {
            let path: Vec<&str> =
                std::iter::once("header").chain(problem.at.iter().map(String::as_str)).collect();
            at(&path, problem.message)
        })?;
    }
    if let Some(seconds) = profile.watchdog.as_ref().and_then(|watchdog| watchdog.timeout_s)
        && seconds < WATCHDOG_S_MIN
    {
        return at(
            &["watchdog", "timeout-s"],
            format!(
                "{seconds} s is too short: the reason of a hang must be on the card before, which takes {WATCHDOG_S_MIN} s"
            ),
        );
    }
    blobs::check(&profile.blobs).or_else(|problem| at(&["blobs", &problem.key], problem.message))?;
    files::check(&profile.files).or_else(|problem| at(&["files", &problem.key], problem.message))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{list, load};
    use crate::{Error, Profile};

    const FAMILY: &str =
        "arch = 'arm64'\nrust-target = 't'\n[kernel]\nfragments = ['f.config']\ncmdline = 'a'\n";
    /// Another part that a board may inherit beside its family.
    const MORE: &str = "[kernel]\ncmdline = 'm'\n[leds]\nstatus = 'l'\n";
    const BOARD: &str = "inherit = 'family/f'\nname = 'B'\ntier = 2\nmemory-mib = 64\n\
        [device-tree]\nsource = 'emulator'\nrely-on = { console = '/uart' }\n";

    /// Loads a board `b` whose file is [`BOARD`] with one text replaced, and more lines after it.
    fn load_with(from: &str, to: &str, more: &str) -> Result<Profile, Error> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("written");
        std::fs::create_dir(dir.path().join("family")).expect("created");
        write("family/f.toml", FAMILY);
        write("family/more.toml", MORE);
        write("f.config", "");
        assert!(BOARD.contains(from));
        write("b.toml", &format!("{}{more}", BOARD.replace(from, to)));
        load(dir.path(), "b")
    }

    /// The error without the temporary folder's name.
    fn error(from: &str, to: &str, more: &str) -> String {
        let text = load_with(from, to, more).expect_err("must be refused").to_string();
        text.find("b.toml").or_else(|| text.find("f.toml")).map_or(text.clone(), |at| text[at..].to_owned())
    }

    #[test]
    fn a_board_inherits_and_says_only_what_differs() {
        let profile = load_with("tier = 2", "tier = 3", "[kernel]\ncmdline = 'b'\n").expect("valid");
        assert_eq!((profile.id.as_str(), profile.tier), ("b", 3));
        assert_eq!(profile.kernel.fragments, ["f.config"], "from the family");
        assert_eq!(profile.kernel.cmdline, "b", "the board's own");
        assert!(profile.blobs.is_empty());
    }

    #[test]
    fn of_several_inherited_files_the_later_wins_and_the_board_over_all() {
        let with = |inherit: &str, more: &str| load_with("'family/f'", inherit, more).expect("valid");
        let profile = with("['family/f', 'family/more']", "");
        assert_eq!((profile.kernel.cmdline.as_str(), profile.leds.status.as_deref()), ("m", Some("l")));
        assert_eq!(profile.kernel.fragments, ["f.config"], "what only the first says stays");
        assert_eq!(with("['family/more', 'family/f']", "").kernel.cmdline, "a");
        assert_eq!(with("['family/f', 'family/more']", "[kernel]\ncmdline = 'b'\n").kernel.cmdline, "b");
    }

    #[test]
    fn the_resolved_profile_reads_back_equal() {
        let profile = load_with("tier", "tier", "[alarm]\nchip = 'g'\noffset = 3\n[leds]\nstatus = 'l'\n\
            [files.'boot/a']\ntext = ['x']\n[files.'boot/b'.u-boot-environment]\nbytes = 64\nvariables = {c = 'd'}\n\
            [files.'slot/c'.package]\nname = 'p'\npath = '/q'\n")
            .expect("valid");
        let text = profile.to_resolved().expect("serialised");
        assert_eq!(Profile::from_resolved(&text).expect("read back"), profile);
        let newer = format!("future = 1\n{text}");
        assert!(Profile::from_resolved(&newer).expect_err("refused").to_string().contains("future"));
    }

    #[test]
    fn mistakes_name_file_and_line() {
        for (from, to, more, expected) in [
            ("tier = 2", "tier = 4", "", "b.toml:3: tier must be 1 to 3, not 4"),
            ("tier = 2", "tear = 2", "", "b.toml:3: unknown field `tear`"),
            ("tier = 2", "", "", "b.toml: missing field `tier`"),
            ("tier = 2", "id = 'c'\ntier = 2", "", "b.toml:3: `id` is the file's name"),
            ("family/f", "family/g", "", "b.toml:1: there is no family/g.toml to inherit from"),
            (
                "'family/f'",
                "[\n'family/f',\n'family/g']",
                "",
                "b.toml:3: there is no family/g.toml to inherit from",
            ),
            ("'family/f'", "['family/f', 3]", "", "b.toml:1: `inherit` must be a string such as"),
            ("'family/f'", "[]", "", "b.toml:1: `inherit` must be a string such as"),
            ("family/f", "b", "", "b.toml:1: more than 6 files inherit from each other; is there a loop?"),
            ("'emulator'", "'moon'", "", "b.toml:6: unknown variant `moon`"),
            ("tier", "tier", "[alarm]\nchip = 'g'\noffset = 5000\n", "b.toml:10: line 5000 is beyond 1023"),
            (
                "tier",
                "tier",
                "[kernel]\nfragments = [\n 'f.config',\n 'none.config',\n]\n",
                "b.toml:11: there is no file none.config",
            ),
            ("tier", "tier", "[watchdog]\ntimeout-s = 9\n", "b.toml:9: 9 s is too short"),
            (
                "tier",
                "tier",
                "[header]\nname = 'h'\nsource = 's'\nchip = 'c'\nnode = '/c'\nlines = 4\npins = [\n {is = 'GND'},\n {is = 'A', line = 4},\n]\n",
                "b.toml:16: pin 2 has line 4, but the chip has 4 lines",
            ),
            (
                "tier",
                "tier",
                "[header]\nname = 'h'\nsource = 's'\nchip = 'c'\nnode = '/c'\nlines = 4\npins = []\n\
                 [header.chips.d]\nchip = 'd'\nnode = '/c'\nlines = 4\n",
                "b.toml:17: the header has a chip at /c already",
            ),
            ("tier", "tier", "additions = 'none.dts'\n", "b.toml:8: there is no file none.dts"),
            (
                "tier",
                "tier",
                "[kernel]\ncmdline = \"a\\nb\"\n",
                "b.toml:9: the command line must be one line",
            ),
            (
                "tier",
                "tier",
                "[blobs.x]\npackage = 'p'\npath = '/x'\noffset-bytes = 0\nbytes-max = 9\n",
                "b.toml:8: the blob /x would overwrite the partition table",
            ),
            (
                "tier",
                "tier",
                "[files.'config.txt']\ntext = ['a']\n",
                "b.toml:8: the file config.txt must be called",
            ),
        ] {
            let got = error(from, to, more);
            assert!(got.starts_with(expected), "{to} {more}: {got}");
        }
    }

    #[test]
    fn an_unknown_board_lists_the_known_ones() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text = load(dir, "toaster").expect_err("unknown").to_string();
        assert!(text.starts_with("there is no board `toaster`; the boards are:"), "{text}");
        assert!(load(dir, "Cargo").is_err(), "the crate's own file is not a board");
    }

    #[test]
    fn every_board_in_the_repository_loads() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
        let ids = list(dir).expect("listed");
        assert!(ids.contains(&"virt".to_owned()), "{ids:?}");
        for id in ids {
            let profile = load(dir, &id).unwrap_or_else(|error| panic!("{error}"));
            let text = profile.to_resolved().expect("serialised");
            assert_eq!(Profile::from_resolved(&text).expect("read back"), profile);
        }
    }
}
