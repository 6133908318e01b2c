//! Reads `linker/<target>.flags`: one rustc flag a line, each under its reason.

use std::path::Path;

use super::Error;
use crate::host::workspace::Workspace;

/// The flags for a target, with what stands in braces put in.
pub fn read(workspace: &Workspace, target: &str) -> Result<Vec<String>, Error> {
    let name = format!("linker/{target}.flags");
    let path = workspace.root.join(&name);
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
    parse(&name, &text, &workspace.root, &cargo_home())
}

fn parse(name: &str, text: &str, root: &Path, cargo_home: &Path) -> Result<Vec<String>, Error> {
    let mut flags = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with('-') {
            return Err(Error::Flag(name.to_owned(), index + 1, line.to_owned()));
        }
        flags.push(
            line.replace("{root}", &root.display().to_string())
                .replace("{cargo-home}", &cargo_home.display().to_string()),
        );
    }
    Ok(flags)
}

fn cargo_home() -> std::path::PathBuf {
    let home = || std::env::var_os("HOME").unwrap_or_default();
    std::env::var_os("CARGO_HOME").map_or_else(|| Path::new(&home()).join(".cargo"), Into::into)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::parse;

    #[test]
    fn flags_are_read_and_filled_in() {
        let text = "# why\n-Ca=b\n\n--remap={root}=/k\n--remap={cargo-home}=/c\n";
        let flags = parse("f", text, Path::new("/src"), Path::new("/home/.cargo")).expect("valid");
        assert_eq!(flags, ["-Ca=b", "--remap=/src=/k", "--remap=/home/.cargo=/c"]);
        let error = parse("f", "-Ca\nCb\n", Path::new("/"), Path::new("/")).expect_err("no flag").to_string();
        assert!(error.starts_with("f:2: `Cb` is not a flag"), "{error}");
    }
}
