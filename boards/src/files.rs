//! Checks the files that a board's boot chain wants on the FAT partitions.
//!
//! Only what a profile can get wrong; whether a package has the file shows when the image is built.

use std::collections::BTreeMap;

use crate::CardFile;

/// Keys of files on p1 start so.
pub const ON_BOOT: &str = "boot/";
/// Keys of files in the slots start so.
pub const IN_SLOT: &str = "slot/";
/// Largest U-Boot environment that makes sense, in bytes; U-Boot's defaults are 8 to 128 KiB.
const ENVIRONMENT_BYTES_MAX: u32 = 1 << 20;

/// A file that cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The profile's key.
    pub key: String,
    /// What is wrong, in words.
    pub message: String,
}

/// Checks all of them.
///
/// # Errors
/// The first file with a name that leads elsewhere, a text line that is none, or variables that U-Boot cannot hold.
pub fn check(files: &BTreeMap<String, CardFile>) -> Result<(), Problem> {
    for (key, file) in files {
        let problem = |message: String| Err(Problem { key: key.clone(), message });
        let name = key.strip_prefix(ON_BOOT).or_else(|| key.strip_prefix(IN_SLOT));
        if name.is_none_or(|name| name.is_empty() || name.contains('/')) {
            return problem(format!("the file {key} must be called {ON_BOOT}NAME or {IN_SLOT}NAME"));
        }
        match file {
            CardFile::Text(lines) | CardFile::UBootScript(lines) => {
                if let Some(line) = lines.iter().find(|line| line.contains(['\n', '\r', '\0'])) {
                    return problem(format!("the file {key} has a line that is not one line: {line:?}"));
                }
            }
            CardFile::Package { path, .. } => {
                if !path.starts_with('/') {
                    return problem(format!("the path {path} in a package must be absolute"));
                }
            }
            CardFile::Overlay(source) => {
                if source.starts_with('/') || !source.ends_with(".dts") {
                    return problem(format!(
                        "the overlay {source} must be a .dts file in the boards' folder"
                    ));
                }
            }
            CardFile::UBootEnvironment { bytes, variables } => {
                if let Err(message) = check_environment(*bytes, variables) {
                    return problem(message);
                }
            }
        }
    }
    Ok(())
}

/// `name=value` pairs, each ended by NUL, another NUL after the last, a CRC-32 before all (U-Boot, `include/env.h`).
fn check_environment(bytes: u32, variables: &BTreeMap<String, String>) -> Result<(), String> {
    if bytes > ENVIRONMENT_BYTES_MAX {
        return Err(format!("an environment of {bytes} bytes is more than U-Boot ever has"));
    }
    for (name, value) in variables {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(format!("U-Boot has no variable {name:?} = {value:?}"));
        }
    }
    let needed = 4 + 1 + variables.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
    if needed > bytes as usize {
        return Err(format!("U-Boot's environment needs {needed} bytes, but has {bytes}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::check;
    use crate::CardFile;

    fn problem(key: &str, file: CardFile) -> String {
        check(&BTreeMap::from([(key.to_owned(), file)])).expect_err("must be refused").message
    }

    fn environment(bytes: u32, name: &str, value: &str) -> CardFile {
        let variables = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        CardFile::UBootEnvironment { bytes, variables }
    }

    #[test]
    fn files_go_to_the_two_places_and_nowhere_else() {
        let text = || CardFile::Text(vec!["a".to_owned()]);
        for key in ["boot/config.txt", "slot/config.txt"] {
            assert_eq!(check(&BTreeMap::from([(key.to_owned(), text())])), Ok(()));
        }
        for key in ["config.txt", "boot/", "slot/a/b", "/boot/a", ""] {
            assert!(problem(key, text()).contains("must be called"), "{key}");
        }
    }

    #[test]
    fn contents_that_cannot_be_written_are_refused() {
        let two_lines = CardFile::Text(vec!["a\nb".to_owned()]);
        assert!(problem("boot/x", two_lines).contains("not one line"));
        let relative = CardFile::Package { name: "p".to_owned(), path: "x".to_owned() };
        assert!(problem("boot/x", relative).contains("absolute"));
        for (bytes, name, value, expected) in [
            (64, "a=b", "c", "no variable"),
            (64, "", "c", "no variable"),
            (64, "a", "b\0c", "no variable"),
            (8, "a", "b", "needs 9 bytes, but has 8"),
            (u32::MAX, "a", "b", "more than U-Boot ever has"),
        ] {
            let message = problem("boot/uboot.env", environment(bytes, name, value));
            assert!(message.contains(expected), "{message}");
        }
        let exact = BTreeMap::from([("boot/uboot.env".to_owned(), environment(9, "a", "b"))]);
        assert_eq!(check(&exact), Ok(()));
    }
}
