//! Reads the host's apt sources to find its Debian mirror, in both formats that apt knows.
//!
//! sources.list(5): one-line entries in `*.list`, deb822 stanzas in `*.sources`. Only what names the mirror is kept.

use std::fmt;
use std::path::{Path, PathBuf};

/// Keys of the Debian archive, where an entry does not say which it trusts.
const DEFAULT_KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// The part of Debian that hosts have; others are asked for where they are needed.
const MAIN: &str = "main";

impl Entry {
    fn new(uris: String, suites: String, signed_by: String) -> Self {
        Self { uris, suites, components: MAIN.to_owned(), architectures: String::new(), signed_by }
    }
}

/// Why there is no mirror to use.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// Not a Debian, or an odd one.
    #[error("{0} does not say which Debian release this is; the image builder needs Debian 12 or later")]
    NoRelease(PathBuf),
    /// No entry for the release.
    #[error(
        "apt on this host has no source for Debian {0} main; add one to /etc/apt/sources.list.d and try again"
    )]
    NoEntry(String),
}

/// A mirror of a Debian archive. Displays as a deb822 stanza.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where.
    pub uris: String,
    /// Which releases, separated by spaces.
    pub suites: String,
    /// Which parts of a release, separated by spaces.
    pub components: String,
    /// Which architectures' packages, separated by spaces; empty: those of this host.
    pub architectures: String,
    /// Key file, or the key itself as deb822 writes it.
    pub signed_by: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { uris, suites, components, architectures, signed_by } = self;
        write!(out, "Types: deb\nURIs: {uris}\nSuites: {suites}\nComponents: {components}\n")?;
        if !architectures.is_empty() {
            writeln!(out, "Architectures: {architectures}")?;
        }
        writeln!(out, "Signed-By: {signed_by}")
    }
}

/// The release's code name, such as `bookworm`. `root` is `/` but in tests.
///
/// # Errors
/// When the host does not say.
pub fn release(root: &Path) -> Result<String, Error> {
    let path = root.join("etc/os-release");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    text.lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .map(|name| name.trim_matches('"').to_owned())
        .ok_or(Error::NoRelease(path))
}

/// The entry for the release that the host runs. `root` is `/` but in tests.
///
/// # Errors
/// When there is none.
pub fn host_entry(root: &Path) -> Result<Entry, Error> {
    let release = release(root)?;
    let mut files = vec![root.join("etc/apt/sources.list")];
    if let Ok(folder) = std::fs::read_dir(root.join("etc/apt/sources.list.d")) {
        files.extend(folder.flatten().map(|entry| entry.path()));
    }
    files.sort();
    let mut entries = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("list") => entries.extend(one_line_entries(&text)),
            Some("sources") => entries.extend(stanzas(&text)),
            _ => {}
        }
    }
    entries.retain(|entry| entry.suites.split_whitespace().any(|suite| suite == release));
    // Other vendors also name their suites after Debian's releases; Debian's archive is called `debian` on mirrors.
    entries.sort_by_key(|entry| !entry.uris.trim_end_matches('/').ends_with("/debian"));
    entries.into_iter().next().ok_or(Error::NoEntry(release))
}

/// `deb [signed-by=FILE] URI SUITE COMPONENT...`
fn one_line_entries(text: &str) -> Vec<Entry> {
    text.lines()
        .filter_map(|line| {
            let line = line.split('#').next()?.trim().strip_prefix("deb")?;
            // `deb-src` is another kind of source.
            let line = line.strip_prefix([' ', '\t'])?.trim();
            let (options, rest) = match line.strip_prefix('[') {
                Some(line) => line.split_once(']')?,
                None => ("", line),
            };
            let signed_by = options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="));
            let mut words = rest.split_whitespace();
            let (uris, suites) = (words.next()?.to_owned(), words.next()?.to_owned());
            let signed_by = signed_by.unwrap_or(DEFAULT_KEYRING).to_owned();
            words.any(|component| component == MAIN).then(|| Entry::new(uris, suites, signed_by))
        })
        .collect()
}

/// `Key: value` lines, continued by lines that start with a blank; stanzas end at an empty line.
fn stanzas(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let text: String = text.lines().filter(|line| !line.starts_with('#')).flat_map(|l| [l, "\n"]).collect();
    for stanza in text.split("\n\n") {
        let field = |key: &str| field(stanza, key);
        let has = |key: &str, word: &str| {
            field(key).is_some_and(|value| value.split_whitespace().any(|found| found == word))
        };
        let disabled = has("enabled", "no");
        if !has("types", "deb") || !has("components", MAIN) || disabled {
            continue;
        }
        if let (Some(uris), Some(suites)) = (field("uris"), field("suites")) {
            let signed_by = field("signed-by").unwrap_or_else(|| DEFAULT_KEYRING.to_owned());
            entries.push(Entry::new(uris, suites, signed_by));
        }
    }
    entries
}

/// A field's value with its continuation lines, as written. Keys are not case-sensitive.
fn field(stanza: &str, key: &str) -> Option<String> {
    let mut lines = stanza.lines();
    let first = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(key).then_some(value.trim())
    })?;
    let mut value = first.to_owned();
    for line in lines.take_while(|line| line.starts_with([' ', '\t'])) {
        value.push('\n');
        value.push_str(line);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_KEYRING, Entry, Error, host_entry};

    fn host(files: &[(&str, &str)]) -> Result<Entry, Error> {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in [&[("etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n")], files].concat()
        {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("has one")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        host_entry(dir.path())
    }

    #[test]
    fn a_deb822_stanza_is_found_among_others() {
        let found = host(&[
            ("etc/apt/sources.list.d/a.list", "deb [signed-by=/x.gpg] https://vendor.example bookworm main\n"),
            (
                "etc/apt/sources.list.d/debian.sources",
                "Types: deb\n# why\nURIs: http://mirror.example/debian/\nSuites: bookworm bookworm-updates\n\
                 Components: main contrib\nSigned-By: /k.gpg\n\nTypes: deb\nURIs: http://mirror.example/debian-security\n\
                 Suites: bookworm-security\nComponents: main\n",
            ),
        ])
        .expect("found");
        let expected = Entry::new(
            "http://mirror.example/debian/".into(),
            "bookworm bookworm-updates".into(),
            "/k.gpg".into(),
        );
        assert_eq!(found, expected);
        let private = Entry { suites: "trixie".into(), ..found };
        assert_eq!(
            private.to_string(),
            "Types: deb\nURIs: http://mirror.example/debian/\nSuites: trixie\nComponents: main\nSigned-By: /k.gpg\n"
        );
        let foreign = Entry { architectures: "armhf".into(), ..private };
        assert!(foreign.to_string().contains("Components: main\nArchitectures: armhf\nSigned-By"));
    }

    #[test]
    fn one_line_entries_are_read_and_sources_of_code_are_not() {
        let list = "# c\ndeb-src http://m.example/debian bookworm main\ndeb [arch=amd64]\thttp://m.example/debian  bookworm main # x\n";
        let found = host(&[("etc/apt/sources.list", list)]).expect("found");
        assert_eq!(
            (found.uris.as_str(), found.signed_by.as_str()),
            ("http://m.example/debian", DEFAULT_KEYRING)
        );
    }

    #[test]
    fn a_key_inside_the_stanza_is_kept_whole() {
        let key = "\n -----BEGIN\n .\n abc\n -----END";
        let text = format!(
            "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\nSigned-By:{key}\nX-Other: 1\n"
        );
        assert_eq!(host(&[("etc/apt/sources.list.d/d.sources", &text)]).expect("found").signed_by, key);
    }

    #[test]
    fn a_host_without_a_debian_source_is_told_so() {
        let disabled =
            "Enabled: no\nTypes: deb\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\n";
        assert_eq!(
            host(&[("etc/apt/sources.list.d/d.sources", disabled)]),
            Err(Error::NoEntry("bookworm".into()))
        );
    }
}
