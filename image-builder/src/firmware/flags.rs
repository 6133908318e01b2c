//! Reads `linker/<target>.flags`: one rustc flag a line, each under its reason.

use std::path::Path;

use super::{Error, library};
use crate::host::workspace::Workspace;

/// Stands for the folder of the checkout.
const ROOT: &str = "{root}";
/// Stands for the folder where cargo keeps the sources of other people's crates.
const CARGO_HOME: &str = "{cargo-home}";
/// Stands for the folder of Rust's library, where it is built here.
const SYSROOT: &str = "{sysroot}";

/// The flags for a target, with what stands in braces put in.
pub fn read(workspace: &Workspace, target: &str) -> Result<Vec<String>, Error> {
    let flags = lines(workspace, target)?;
    let sysroot = match of_library(&flags) {
        Some(own) => library::folder(target, &own)?.display().to_string(),
        None => String::new(),
    };
    let fill = |flag: &String| {
        flag.replace(ROOT, &workspace.root.display().to_string())
            .replace(CARGO_HOME, &cargo_home().display().to_string())
            .replace(SYSROOT, &sysroot)
    };
    Ok(flags.iter().map(fill).collect())
}

/// The flags that Rust's library is built with for a target, where it is built here.
pub fn library_flags(workspace: &Workspace, target: &str) -> Result<Option<Vec<String>>, Error> {
    Ok(of_library(&lines(workspace, target)?))
}

/// All of them but those that hold the place of the result, or of the checkout, which the library has nothing of.
fn of_library(flags: &[String]) -> Option<Vec<String>> {
    let names = |flag: &String, place| flag.contains(place);
    let own = |flag: &&String| !names(flag, SYSROOT) && !names(flag, ROOT);
    let filled = |flag: &String| flag.replace(CARGO_HOME, &cargo_home().display().to_string());
    flags.iter().any(|flag| names(flag, SYSROOT)).then(|| flags.iter().filter(own).map(filled).collect())
}

/// Whether a flag holds a path of this host: two hosts' flags differ there, and their binaries do not.
pub fn is_of_this_host(flag: &str) -> bool {
    flag.starts_with("--remap-path-prefix") || flag.starts_with("--sysroot")
}

fn lines(workspace: &Workspace, target: &str) -> Result<Vec<String>, Error> {
    let name = format!("linker/{target}.flags");
    let path = workspace.root.join(&name);
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
    parse(&name, &text)
}

fn parse(name: &str, text: &str) -> Result<Vec<String>, Error> {
    let mut flags = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with('-') {
            return Err(Error::Flag(name.to_owned(), index + 1, line.to_owned()));
        }
        flags.push(line.to_owned());
    }
    Ok(flags)
}

fn cargo_home() -> std::path::PathBuf {
    let home = || std::env::var_os("HOME").unwrap_or_default();
    std::env::var_os("CARGO_HOME").map_or_else(|| Path::new(&home()).join(".cargo"), Into::into)
}

#[cfg(test)]
mod tests {
    use super::{of_library, parse, read};
    use crate::host::workspace::Workspace;

    #[test]
    fn flags_are_read_under_their_reasons() {
        assert_eq!(
            parse("f", "# why\n-Ca=b\n\n--remap={root}=/k\n").expect("valid"),
            ["-Ca=b", "--remap={root}=/k"]
        );
        let error = parse("f", "-Ca\nCb\n").expect_err("no flag").to_string();
        assert!(error.starts_with("f:2: `Cb` is not a flag"), "{error}");
    }

    #[test]
    fn every_targets_flags_are_filled_in() {
        let workspace = Workspace::find();
        let folder = workspace.boards();
        for id in boards::list(&folder).expect("listed") {
            let target = boards::load(&folder, &id).expect("valid").rust_target;
            let flags = read(&workspace, &target).expect("read");
            let root = format!("--remap-path-prefix={}=/kerberos", workspace.root.display());
            assert!(flags.contains(&root), "{target}: {flags:?}");
            assert!(!flags.iter().any(|flag| flag.contains(['{', '}'])), "{target}: {flags:?}");
        }
    }

    #[test]
    fn a_library_is_built_with_all_flags_but_those_of_its_place_and_the_checkout() {
        let flags = |text| parse("f", text).expect("valid");
        assert_eq!(of_library(&flags("-Ca\n--remap={root}=/k\n")), None, "it is not built here");
        let own = of_library(&flags("--sysroot={sysroot}\n-Ca\n--remap={root}=/k\n-Cb\n"));
        assert_eq!(own.expect("built here"), ["-Ca", "-Cb"]);
    }
}
