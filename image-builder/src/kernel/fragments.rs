//! Kernel configuration fragments: read, checked against what is forbidden, and checked to be in force.
//!
//! kconfig drops a line without a word when a dependency is missing; here every line of every fragment must come
//! true, or the build fails with the fragment's file and line. Pure but for reading the files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Options that no product kernel may have, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    (
        "CONFIG_INET",
        "the network is a sandboxed process of ours; a kernel without an IP stack has no open port",
    ),
    ("CONFIG_MODULES", "the set of drivers is the set that was tested; nothing may be loaded later"),
    ("CONFIG_VIDEO_VIVID", "a test camera must never be mistaken for a real one"),
    ("CONFIG_VIDEO_VIMC", "a test camera must never be mistaken for a real one"),
    ("CONFIG_GPIO_SIM", "a simulated alarm line must never be mistaken for a real one"),
    ("CONFIG_GPIO_MOCKUP", "a simulated alarm line must never be mistaken for a real one"),
    ("CONFIG_USB_DUMMY_HCD", "a simulated device port must never be mistaken for a real one"),
    ("CONFIG_DEVMEM", "physical memory from user space goes around every other protection"),
    ("CONFIG_DEVPORT", "hardware ports from user space go around every other protection"),
    ("CONFIG_DEBUG_FS", "debugging interfaces are not made to be safe"),
    ("CONFIG_MAGIC_SYSRQ", "a break on the serial line must not be able to reboot or dump the camera"),
    ("CONFIG_KEXEC", "only the system on the card may be started"),
    ("CONFIG_KPROBES", "code must not be changed at run time"),
    ("CONFIG_BPF_SYSCALL", "no program but ours runs, not even a small one"),
    ("CONFIG_USERFAULTFD", "it is mostly of use to exploits"),
    ("CONFIG_IO_URING", "it goes around system-call filters, and we do not use it"),
];

/// What is wrong with a fragment.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line that is none.
    #[error("{place}: `{text}` is neither `CONFIG_X=value`, `# CONFIG_X is not set` nor a comment")]
    Line {
        /// File and line.
        place: String,
        /// The line.
        text: String,
    },
    /// Said twice.
    #[error("{place}: {option} is already set at {first}")]
    Twice {
        /// File and line.
        place: String,
        /// The option.
        option: String,
        /// File and line of the first one.
        first: String,
    },
    /// Nothing to do without.
    #[error("the kernel is to do without {option}, but none of its fragments sets that")]
    NotThere {
        /// The option.
        option: String,
    },
    /// Must not be in a product.
    #[error("{place}: {option} must not be in a product kernel: {reason}")]
    Forbidden {
        /// File and line, or "the kernel's configuration" when no fragment says it.
        place: String,
        /// The option.
        option: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// kconfig decided otherwise.
    #[error(
        "{place}: `{wanted}` did not come true, the kernel's configuration has `{found}`; is a dependency missing?"
    )]
    NotInForce {
        /// File and line.
        place: String,
        /// As in the fragment.
        wanted: String,
        /// As in the result.
        found: String,
    },
}

/// One line of a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    place: String,
    option: String,
    /// The line in kconfig's own spelling.
    text: String,
}

/// All fragments of a board.
#[derive(Debug, Clone, Default)]
pub struct Fragments {
    lines: Vec<Line>,
    /// Forbidden options that a test wants all the same.
    excused: Vec<String>,
    /// File name and text of each, for hashes and the manifest.
    pub files: Vec<(String, String)>,
}

impl Fragments {
    /// Reads fragments; `names` are relative to `folder`. What they say of the options `without` does not count.
    ///
    /// # Errors
    /// An unreadable file, a line that is no option, an option set twice, a forbidden one, or one to do without that is not set.
    pub fn read(folder: &Path, names: &[String], without: &[String]) -> Result<Self, Error> {
        let mut fragments = Self::default();
        for name in names {
            let path = folder.join(name);
            let text = std::fs::read_to_string(&path).map_err(|source| Error::Read { path, source })?;
            fragments.add(name, &text)?;
        }
        for option in without {
            let index = fragments.lines.iter().position(|line| line.option == *option);
            fragments.lines.remove(index.ok_or_else(|| Error::NotThere { option: option.clone() })?);
        }
        Ok(fragments)
    }

    /// Adds the fragment of a test kernel, which alone may set what no product kernel may have, and what others say otherwise.
    ///
    /// # Errors
    /// As for [`Fragments::read`].
    pub fn add_for_test(&mut self, path: &Path) -> Result<(), Error> {
        let text =
            std::fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        self.excused = text.lines().filter_map(option).map(str::to_owned).collect();
        self.lines.retain(|line| !self.excused.contains(&line.option));
        let name = path.file_name().map_or_else(|| "test".into(), |name| name.to_string_lossy());
        self.add(&name, &text)
    }

    fn add(&mut self, name: &str, text: &str) -> Result<(), Error> {
        for (index, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", index + 1);
            let line = line.trim();
            let Some(option) = option(line) else {
                if line.is_empty() || (line.starts_with('#') && !line.starts_with("# CONFIG_")) {
                    continue;
                }
                return Err(Error::Line { place, text: line.to_owned() });
            };
            if let Some(first) = self.lines.iter().find(|other| other.option == option) {
                return Err(Error::Twice { place, option: option.to_owned(), first: first.place.clone() });
            }
            if let Some((option, reason)) = self.forbidden(line) {
                return Err(Error::Forbidden { place, option, reason });
            }
            self.lines.push(Line { place, option: option.to_owned(), text: line.to_owned() });
        }
        self.files.push((name.to_owned(), text.to_owned()));
        Ok(())
    }

    /// All fragments as one, for kconfig.
    #[must_use]
    pub fn merged(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }

    /// Checks the `.config` that kconfig made.
    ///
    /// # Errors
    /// The first line that did not come true, or a forbidden option that came in as a dependency.
    pub fn check(&self, config: &str) -> Result<(), Error> {
        let set: HashMap<&str, &str> =
            config.lines().filter_map(|line| Some((option(line)?, line))).collect();
        for line in &self.lines {
            let found = set.get(line.option.as_str()).copied();
            // An option whose menu is closed is not mentioned at all; that is as good as "not set".
            let unset = format!("# {} is not set", line.option);
            let found = found.unwrap_or(&unset);
            if found != line.text {
                let (wanted, found) = (line.text.clone(), found.to_owned());
                return Err(Error::NotInForce { place: line.place.clone(), wanted, found });
            }
        }
        for line in config.lines() {
            if let Some((option, reason)) = self.forbidden(line) {
                let place = "the kernel's configuration".to_owned();
                return Err(Error::Forbidden { place, option, reason });
            }
        }
        Ok(())
    }

    /// Whether a line switches a forbidden option on.
    fn forbidden(&self, line: &str) -> Option<(&'static str, &'static str)> {
        FORBIDDEN.iter().copied().find(|(option, _)| {
            line.strip_prefix(option).is_some_and(|rest| rest.starts_with('=') && rest != "=n")
                && !self.excused.iter().any(|excused| excused == option)
        })
    }
}

/// The option that a line sets or unsets.
fn option(line: &str) -> Option<&str> {
    let name = match line.strip_prefix("# ") {
        Some(rest) => rest.strip_suffix(" is not set")?,
        None => line.split_once('=')?.0,
    };
    let valid =
        name.starts_with("CONFIG_") && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    valid.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::Fragments;

    fn read(text: &str) -> Result<Fragments, String> {
        let mut fragments = Fragments::default();
        fragments.add("f.config", text).map_err(|error| error.to_string())?;
        Ok(fragments)
    }

    const GOOD: &str = "# a comment\nCONFIG_A=y\n\n# CONFIG_B is not set\nCONFIG_C=\"x y\"\n";

    #[test]
    fn a_configuration_that_keeps_every_line_passes() {
        let fragments = read(GOOD).expect("valid");
        assert_eq!(fragments.merged(), "CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=\"x y\"\n");
        fragments
            .check("CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=\"x y\"\nCONFIG_D=y\n")
            .expect("in force");
        fragments.check("CONFIG_A=y\nCONFIG_C=\"x y\"\n").expect("what is not mentioned is not set");
    }

    #[test]
    fn a_line_that_did_not_come_true_is_named() {
        let fragments = read(GOOD).expect("valid");
        for (config, expected) in [
            ("# CONFIG_B is not set\nCONFIG_C=\"x y\"\n", "f.config:2: `CONFIG_A=y` did not come true"),
            (
                "CONFIG_A=m\nCONFIG_C=\"x y\"\n",
                "f.config:2: `CONFIG_A=y` did not come true, the kernel's configuration has `CONFIG_A=m`",
            ),
            ("CONFIG_A=y\nCONFIG_B=y\nCONFIG_C=\"x y\"\n", "f.config:4: `# CONFIG_B is not set` did not"),
            ("CONFIG_A=y\nCONFIG_C=\"x\"\n", "f.config:5: `CONFIG_C=\"x y\"` did not"),
        ] {
            let error = fragments.check(config).expect_err(config).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn a_forbidden_option_is_refused_wherever_it_comes_from() {
        let error = read("CONFIG_INET=y\n").expect_err("forbidden");
        assert!(error.starts_with("f.config:1: CONFIG_INET must not be in a product kernel: "), "{error}");
        assert!(read("# CONFIG_INET is not set\n").is_ok());
        assert!(read("CONFIG_INET_DIAG=y\n").is_ok(), "another option that only starts alike");
        let error = read("CONFIG_A=y\n").expect("valid").check("CONFIG_A=y\nCONFIG_DEVMEM=y\n");
        assert!(
            error
                .expect_err("forbidden")
                .to_string()
                .starts_with("the kernel's configuration: CONFIG_DEVMEM")
        );
    }

    #[test]
    fn a_test_kernel_is_excused_for_its_own_fragment_and_nothing_else() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "CONFIG_GPIO_SIM=y\nCONFIG_B=y\n").expect("written");
        let mut fragments = read(GOOD).expect("valid");
        fragments.add_for_test(file.path()).expect("excused");
        let made = "CONFIG_A=y\nCONFIG_C=\"x y\"\nCONFIG_GPIO_SIM=y\nCONFIG_B=y\n";
        assert_eq!(fragments.merged(), made, "what it says counts");
        fragments.check(made).expect("in force");
        let made = format!("{GOOD}CONFIG_GPIO_SIM=y\n");
        let mut fragments = read(GOOD).expect("valid");
        std::fs::write(file.path(), "CONFIG_GPIO_SIM=y\n").expect("written");
        fragments.add_for_test(file.path()).expect("excused");
        fragments.check(&made).expect("in force");
        let error = fragments.check(&format!("{made}CONFIG_DEVMEM=y\n")).expect_err("forbidden").to_string();
        assert!(error.contains("CONFIG_DEVMEM"), "{error}");
        assert!(read(GOOD).expect("valid").check(&made).is_err(), "a product kernel is not excused");
    }

    #[test]
    fn nonsense_and_repetition_are_refused() {
        for (text, expected) in [
            ("CONFIG_A y\n", "f.config:1: `CONFIG_A y` is neither"),
            ("\n# CONFIG_A is not sett\n", "f.config:2: `# CONFIG_A is not sett` is neither"),
            ("CONFIG_A=y\nCONFIG_A=n\n", "f.config:2: CONFIG_A is already set at f.config:1"),
            ("CONFIG_A=y\n# CONFIG_A is not set\n", "f.config:2: CONFIG_A is already set at f.config:1"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn a_kernel_may_do_without_what_a_fragment_sets_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("f.config"), GOOD).expect("written");
        let names = ["f.config".to_owned()];
        let without = |option: &str| Fragments::read(folder.path(), &names, &[option.to_owned()]);
        assert_eq!(without("CONFIG_A").expect("valid").merged(), "# CONFIG_B is not set\nCONFIG_C=\"x y\"\n");
        let error = without("CONFIG_D").expect_err("not there").to_string();
        assert!(error.contains("CONFIG_D, but none"), "{error}");
    }

    #[test]
    fn every_boards_fragments_are_valid() {
        let folder = crate::host::workspace::Workspace::find().boards();
        for id in boards::list(&folder).expect("listed") {
            let profile = boards::load(&folder, &id).expect("valid");
            Fragments::read(&folder, &profile.kernel.fragments, &profile.kernel.without)
                .unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
