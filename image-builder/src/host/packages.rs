//! The host packages that the builder needs, how to see that they are there, and how to install them.
//!
//! A table; nothing is installed that is already there, and what is installed is said first.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use boards::Architecture;

use super::cache::{self, Cache};
use super::install::{self, Lists};
use super::sources::{self, Entry};
use super::{apt, command, progress, window};

/// How to see that a package is installed.
#[derive(Debug, Clone, Copy)]
enum Sign {
    /// A program on the path, or in the system folders that an ordinary user's path leaves out.
    Program(&'static str),
    /// A file; one `*` stands for the rest of a folder's name.
    File(&'static str),
    /// QEMU, recent enough.
    Qemu(&'static str),
    /// A part of QEMU, of the same version, by which it opens windows.
    QemuWindow(&'static str),
}

/// A host package.
#[derive(Debug)]
struct Package {
    name: &'static str,
    sign: Sign,
    why: &'static str,
}

const fn package(name: &'static str, sign: Sign, why: &'static str) -> Package {
    Package { name, sign, why }
}

/// Oldest QEMU whose USB redirection and SD card we trust; Debian 12 has 7.2, its backports 10.
const QEMU_MAJOR_MIN: u32 = 10;

/// To build for 64-bit ARM.
const ARM64: &[Package] = &[
    package("gcc-aarch64-linux-gnu", Sign::Program("aarch64-linux-gnu-gcc"), "compiles the kernel"),
    package(
        "libc6-dev-arm64-cross",
        Sign::File("/usr/aarch64-linux-gnu/include/stdio.h"),
        "headers for the camera interface",
    ),
];

/// To build for 32-bit ARM, version 6. Debian's port with hardware floating point is version 7; this one runs on anything since
/// version 5.
const ARMV6: &[Package] = &[
    package(
        "gcc-arm-linux-gnueabi",
        Sign::Program("arm-linux-gnueabi-gcc"),
        "compiles the kernel, links the firmware",
    ),
    package(
        "libc6-dev-armel-cross",
        Sign::File("/usr/arm-linux-gnueabi/lib/libc.a"),
        "the C library of the firmware",
    ),
];

/// To build for 32-bit ARM, version 7.
const ARMV7: &[Package] = &[
    package(
        "gcc-arm-linux-gnueabihf",
        Sign::Program("arm-linux-gnueabihf-gcc"),
        "compiles the kernel, links the firmware",
    ),
    package(
        "libc6-dev-armhf-cross",
        Sign::File("/usr/arm-linux-gnueabihf/lib/libc.a"),
        "the C library of the firmware",
    ),
];

/// To build an image, whatever the CPU.
const BUILD: &[Package] = &[
    package("libclang-dev", Sign::File("/usr/lib/llvm-*/lib/libclang.so"), "reads those headers"),
    package("make", Sign::Program("make"), "builds the kernel"),
    package("flex", Sign::Program("flex"), "builds the kernel's configuration tool"),
    package("bison", Sign::Program("bison"), "builds the kernel's configuration tool"),
    package("bc", Sign::Program("bc"), "computes the kernel's time constants"),
    package("xz-utils", Sign::Program("xz"), "unpacks the kernel source"),
    package("dpkg", Sign::Program("dpkg-deb"), "opens Debian packages"),
    package("device-tree-compiler", Sign::Program("dtc"), "makes the board's device tree"),
    package("e2fsprogs", Sign::Program("mke2fs"), "makes the clips partition"),
    package("e2fsprogs", Sign::Program("debugfs"), "puts the folder for clips on it"),
    package(
        "qemu-system-arm",
        Sign::Qemu("qemu-system-aarch64"),
        "emulates boards, and describes the ones it invents",
    ),
];

/// To emulate with a clip as the camera's picture.
const CLIP: &[Package] = &[package("ffmpeg", Sign::Program("ffmpeg"), "reads the clip for the camera")];

/// To show a board's display in a window.
const WINDOW: &[Package] = &[package(
    "qemu-system-gui",
    Sign::QemuWindow("qemu-system-aarch64"),
    "opens the window of a board's display",
)];

/// To judge images and clips from outside.
const TEST: &[Package] = &[
    package("dosfstools", Sign::Program("fsck.fat"), "checks the FAT partitions"),
    package("exfatprogs", Sign::Program("mkfs.exfat"), "makes and checks sticks with exFAT"),
    package("fdisk", Sign::Program("sfdisk"), "checks the partition table"),
    package("e2fsprogs", Sign::Program("e2fsck"), "checks the clips partition"),
    package("cpio", Sign::Program("cpio"), "checks the initramfs"),
    package("zstd", Sign::Program("zstd"), "unpacks the initramfs"),
    package("age", Sign::Program("age"), "opens what was sealed"),
    package("mtools", Sign::Program("mcopy"), "changes files on the boot partition"),
    package("bmap-tools", Sign::Program("bmaptool"), "writes an image by its block map"),
    package("lrzsz", Sign::Program("rz"), "receives clips over the serial line"),
    package("qemu-user", Sign::Program("qemu-aarch64"), "runs the detector's code of other CPUs"),
];

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Build an image for a CPU.
    Build(Architecture),
    /// Feed a clip to the emulated camera.
    Clip,
    /// See the display of an emulated board.
    Window,
    /// Run the tests.
    Test,
}

/// Why the host is not ready.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No apt.
    #[error("this host has no apt-get: the image builder needs Debian 12 or later (or install: {0})")]
    NoApt(String),
    /// They could not be installed.
    #[error(transparent)]
    Install(#[from] install::Error),
    /// The package manager said yes, but the program is not there.
    #[error("{0} is still missing after it was installed")]
    StillMissing(&'static str),
    /// The host's sources.
    #[error(transparent)]
    Sources(#[from] sources::Error),
    /// The cache, where the private lists go.
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

/// Makes sure of the packages for `need`, installing what is missing.
///
/// # Errors
/// When something is missing and cannot be installed.
pub fn ensure(need: Need, cache: &Cache) -> Result<(), Error> {
    let tables: &[&[Package]] = match need {
        Need::Build(Architecture::Arm64) => &[ARM64, BUILD],
        Need::Build(Architecture::Armv6) => &[ARMV6, BUILD],
        Need::Build(Architecture::Armv7) => &[ARMV7, BUILD],
        Need::Clip => &[CLIP],
        Need::Window => &[WINDOW],
        Need::Test => &[TEST],
    };
    let missing: Vec<&Package> =
        tables.iter().copied().flatten().filter(|package| !is_there(package.sign)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = |list: &[&Package]| list.iter().map(|package| package.name).collect::<BTreeSet<_>>();
    if find_program("apt-get").is_none() {
        return Err(Error::NoApt(names(&missing).into_iter().collect::<Vec<_>>().join(" ")));
    }
    // Here for its message: without a source apt would only say that there is no such package.
    sources::host_entry(Path::new("/"))?;
    progress::step("Installing what this host lacks:");
    for package in &missing {
        progress::detail(&format!("{}: {}", package.name, package.why));
    }
    let (qemu, ordinary): (Vec<_>, Vec<_>) = missing
        .iter()
        .copied()
        .partition(|package| matches!(package.sign, Sign::Qemu(_) | Sign::QemuWindow(_)));
    if !ordinary.is_empty() {
        install::install(&names(&ordinary).into_iter().collect::<Vec<_>>(), &Lists::Host)?;
    }
    if let Some(package) = qemu.first() {
        install_qemu(package.name, cache)?;
    }
    missing
        .iter()
        .find(|package| !is_there(package.sign))
        .map_or(Ok(()), |package| Err(Error::StillMissing(package.name)))
}

/// Debian 12's own QEMU is too old: there it comes from the release's backports, by a private sources file, so that
/// the host's own apt configuration stays as it is.
fn install_qemu(name: &str, cache: &Cache) -> Result<(), Error> {
    let root = Path::new("/");
    let release = sources::release(root)?;
    if release != "bookworm" {
        return Ok(install::install(&[name], &Lists::Host)?);
    }
    let state = cache.folder("apt-backports")?;
    cache.folder("apt-backports/lists/partial")?;
    let file = state.join("debian.sources");
    let backports = format!("{release}-backports");
    let suites = format!("{release} {release}-updates {backports}");
    let text = Entry { suites, ..sources::host_entry(root)? }.to_string();
    std::fs::write(&file, text).map_err(|source| Error::Io { path: file.clone(), source })?;
    let mut options = apt::private_options(&file, &state);
    // No index of these lists in the host's cache, which is that of the host's own lists.
    for setting in ["Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache="] {
        options.extend(apt::as_option(setting.to_owned()));
    }
    options.extend(apt::as_option(format!("APT::Default-Release={backports}")));
    Ok(install::install(&[name], &Lists::Private(options))?)
}

/// Folders with programs that an ordinary user's path leaves out.
const SYSTEM_FOLDERS: [&str; 2] = ["/usr/sbin", "/sbin"];

/// A program's path. `mke2fs` and its kin are in system folders.
#[must_use]
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(SYSTEM_FOLDERS.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

fn is_there(sign: Sign) -> bool {
    match sign {
        Sign::Program(name) => find_program(name).is_some(),
        Sign::File(pattern) => find_file(pattern),
        Sign::Qemu(name) => {
            let version = command::text(Command::new(name).arg("--version")).unwrap_or_default();
            qemu_major(&version).is_some_and(|major| major >= QEMU_MAJOR_MIN)
        }
        Sign::QemuWindow(name) => window::kind(name).is_some(),
    }
}

/// `QEMU emulator version 10.0.2 (Debian ...)`
fn qemu_major(version: &str) -> Option<u32> {
    version.split_once("version ")?.1.split('.').next()?.parse().ok()
}

fn find_file(pattern: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return Path::new(pattern).exists() };
    let Some((folder, prefix)) = before.rsplit_once('/') else { return false };
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| {
        entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix))
            && entry.path().join(after.trim_start_matches('/')).exists()
    })
}

#[cfg(test)]
mod tests {
    use super::{find_file, find_program, qemu_major};

    #[test]
    fn programs_and_files_are_found() {
        assert!(find_program("sh").is_some());
        assert!(find_program("no-such-program").is_none());
        assert!(find_file("/usr/b*/sh"));
        assert!(!find_file("/usr/b*/no-such-file"));
        assert!(!find_file("/no-such-folder/*/x"));
    }

    #[test]
    fn qemu_says_its_version() {
        assert_eq!(qemu_major("QEMU emulator version 10.0.2 (Debian 1:10.0.2)\n"), Some(10));
        assert_eq!(qemu_major("QEMU emulator version 7.2.1"), Some(7));
        assert_eq!(qemu_major("something else"), None);
    }
}
