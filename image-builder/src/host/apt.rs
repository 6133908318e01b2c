//! Third-party material comes from Debian packages, by apt, from the mirror that this host already uses.
//!
//! The host's own lists and installed packages are not touched: apt gets a private state folder in the cache and a
//! sources file with the suite we build from. apt checks the signatures; we note versions and hashes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cache::{self, Cache};
use super::command;
use super::progress::{self, Count};
use super::sources::{self, Entry};

/// The Debian release that third-party material comes from.
pub const SUITE: &str = "trixie";
/// Its parts: the Raspberry Pi's start files are firmware without source.
const COMPONENTS: &str = "main non-free-firmware";
/// What a package's name says no architecture for is of this one. Boot loaders are packages of the board's, whatever the host's is.
const ARCHITECTURE: &str = "arm64";
/// How often the size of a file that is being downloaded is looked at.
const POLL: Duration = Duration::from_millis(500);

/// Why a package could not be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The host's sources.
    #[error(transparent)]
    Sources(#[from] sources::Error),
    /// A program failed.
    #[error("{doing} failed: {source}")]
    Apt {
        /// What was being done.
        doing: String,
        /// What happened.
        source: command::Error,
    },
    /// The suite has no such package.
    #[error("Debian {SUITE} has no package {0}")]
    NoPackage(String),
    /// The package has no such file.
    #[error("the package {package} {version} has no file {path}")]
    NoFile {
        /// Package.
        package: String,
        /// Its version.
        version: String,
        /// The path that was asked for.
        path: String,
    },
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// A file operation failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// A package in the cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Debian version.
    pub version: String,
    /// SHA-256 of the `.deb`, from the signed index.
    pub sha256: String,
    /// Size of the `.deb` in bytes.
    pub bytes: u64,
    /// The `.deb`, a file name in the cache's `debian` folder.
    file: String,
}

/// apt with a private state.
#[derive(Debug)]
pub struct Apt<'a> {
    cache: &'a Cache,
    /// Look for newer versions than the cache has.
    update: bool,
}

impl<'a> Apt<'a> {
    /// `update`: ask the mirror even for packages that the cache has.
    #[must_use]
    pub fn new(cache: &'a Cache, update: bool) -> Self {
        Self { cache, update }
    }

    /// A package from the cache, or else from the mirror. `name` is as apt takes it: `u-boot-sunxi:armhf` is the
    /// package for that architecture.
    ///
    /// # Errors
    /// When it is not in the cache and cannot be downloaded.
    pub fn package(&self, name: &str) -> Result<Package, Error> {
        let folder = self.cache.folder("debian")?;
        let record = folder.join(format!("{name}.json"));
        if !self.update
            && let Some(package) = recorded(&folder, &record)
        {
            return Ok(package);
        }
        let lock = self.cache.lock("debian")?;
        // Another run may have fetched it while this one waited.
        if !self.update
            && let Some(package) = recorded(&folder, &record)
        {
            return Ok(package);
        }
        // The lists of one architecture only: a mirror that is in trouble with another one is none of this board's.
        let architecture = name.split_once(':').map_or(ARCHITECTURE, |(_, architecture)| architecture);
        let options = self.private_state(architecture)?;
        let package = self.look_up(name, &options)?;
        if !folder.join(&package.file).is_file() {
            let work = self.cache.work_folder("download", &lock)?;
            download(&package, &options, &work)?;
            self.cache.publish(&work.join(&package.file), &folder.join(&package.file), &lock)?;
        }
        let text = serde_json::to_string_pretty(&package).unwrap_or_default();
        let made = folder.join(format!("{name}.json.new"));
        std::fs::write(&made, text).map_err(|source| Error::Io { path: made.clone(), source })?;
        self.cache.publish(&made, &record, &lock)?;
        Ok(package)
    }

    /// The package's `.deb`.
    ///
    /// # Errors
    /// When the cache's folder cannot be made.
    pub fn deb(&self, package: &Package) -> Result<PathBuf, Error> {
        Ok(self.cache.folder("debian")?.join(&package.file))
    }

    /// One file of a package.
    ///
    /// # Errors
    /// When the package cannot be had, or has no such file.
    pub fn file(&self, name: &str, path: &str) -> Result<(Package, Vec<u8>), Error> {
        let package = self.package(name)?;
        let mut unpack = Command::new("dpkg-deb");
        unpack.arg("--fsys-tarfile").arg(self.deb(&package)?);
        let mut pick = Command::new("tar");
        // It reads to the end even when it has found the file: a writer that is cut off counts as failed.
        pick.args(["-xO", &format!(".{path}")]);
        match command::pipeline(&mut [unpack, pick]) {
            Ok(bytes) if !bytes.is_empty() => Ok((package, bytes)),
            _ => {
                Err(Error::NoFile { package: package.name, version: package.version, path: path.to_owned() })
            }
        }
    }

    /// Makes the private state of an architecture, refreshes its lists, and returns the options that select them.
    fn private_state(&self, architecture: &str) -> Result<Vec<String>, Error> {
        let state = self.cache.folder(&format!("apt-{architecture}"))?;
        self.cache.folder(&format!("apt-{architecture}/lists/partial"))?;
        let host = sources::host_entry(Path::new("/"))?;
        let file = state.join("debian.sources");
        let text = Entry {
            suites: SUITE.to_owned(),
            components: COMPONENTS.to_owned(),
            architectures: architecture.to_owned(),
            ..host
        }
        .to_string();
        std::fs::write(&file, text).map_err(|source| Error::Io { path: file.clone(), source })?;
        let mut options = private_options(&file, &state);
        options.extend(as_option(format!("Dir::Cache={}", state.join("cache").display())));
        // What the host has installed is no matter here.
        options.extend(as_option("Dir::State::status=/dev/null".to_owned()));
        progress::step(&format!("Asking the Debian mirror of this host what {SUITE} has for {architecture}"));
        run(Command::new("apt-get").args(&options).args(["-q", "update"]), "apt-get update")?;
        Ok(options)
    }

    fn look_up(&self, name: &str, options: &[String]) -> Result<Package, Error> {
        let mut show = Command::new("apt-cache");
        show.args(options).args(["show", "--no-all-versions", name]);
        let text = command::text(&mut show).map_err(|_| Error::NoPackage(name.to_owned()))?;
        let field = |key: &str| {
            text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ")).map(str::to_owned)
        };
        let parse = || {
            let version = field("Version")?;
            let architecture = field("Architecture")?;
            Some(Package {
                name: name.to_owned(),
                sha256: field("SHA256")?,
                bytes: field("Size")?.parse().ok()?,
                // apt writes the colon of an epoch as %3a in file names.
                file: format!("{}_{}_{architecture}.deb", field("Package")?, version.replace(':', "%3a")),
                version,
            })
        };
        parse().ok_or_else(|| Error::NoPackage(name.to_owned()))
    }
}

/// What the cache already has.
fn recorded(folder: &Path, record: &Path) -> Option<Package> {
    let package: Package = serde_json::from_str(&std::fs::read_to_string(record).ok()?).ok()?;
    let size = std::fs::metadata(folder.join(&package.file)).ok()?.len();
    (size == package.bytes).then_some(package)
}

/// Options that give apt its own sources and lists.
#[must_use]
pub fn private_options(sources: &Path, state: &Path) -> Vec<String> {
    let options = [
        format!("Dir::Etc::sourcelist={}", sources.display()),
        "Dir::Etc::sourceparts=-".to_owned(),
        format!("Dir::State::lists={}", state.join("lists").display()),
        "Acquire::Languages=none".to_owned(),
        // A mirror that does not answer is an error where there is no other; apt's default is a warning.
        "APT::Update::Error-Mode=any".to_owned(),
        // apt's own user may not enter a home folder; as root it would complain about that on each file.
        "APT::Sandbox::User=root".to_owned(),
    ];
    options.into_iter().flat_map(as_option).collect()
}

/// A setting as two arguments of apt's programs.
pub fn as_option(setting: String) -> [String; 2] {
    ["-o".to_owned(), setting]
}

/// Downloads into `work`, showing how far it is.
fn download(package: &Package, options: &[String], work: &Path) -> Result<(), Error> {
    let mib = |bytes: u64| bytes >> 20;
    progress::step(&format!("Downloading {} {} ({} MiB)", package.name, package.version, mib(package.bytes)));
    let doing = || format!("downloading {}", package.name);
    let failed = |source| Error::Apt { doing: doing(), source };
    let mut apt = Command::new("apt-get");
    apt.args(options).args(["-qq", "download", &format!("{}={}", package.name, package.version)]);
    apt.current_dir(work).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command::spawn(&mut apt).map_err(failed)?;
    let mut count = Count::default();
    while child.try_wait().is_ok_and(|status| status.is_none()) {
        std::thread::sleep(POLL);
        let have = folder_bytes(work);
        count.show(|| format!("{} of {} MiB", mib(have), mib(package.bytes)));
    }
    let output = child
        .wait_with_output()
        .map_err(|source| failed(command::Error::Start { program: "apt-get".to_owned(), source }))?;
    if output.status.success() {
        count.finish("done");
        return Ok(());
    }
    drop(count);
    let said = command::tail(&String::from_utf8_lossy(&output.stderr));
    Err(failed(command::Error::Failed { program: "apt-get".to_owned(), status: output.status, output: said }))
}

fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).sum()
}

fn run(command: &mut Command, doing: &str) -> Result<(), Error> {
    command::run(command).map(drop).map_err(|source| Error::Apt { doing: doing.to_owned(), source })
}
