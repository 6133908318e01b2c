//! Configures and compiles the kernel, once for each combination of source, configuration and compiler.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use boards::{Architecture, Profile};

use super::{Error, Fragments, source};
use crate::digest;
use crate::host::apt::{Apt, Package};
use crate::host::cache::Cache;
use crate::host::command;
use crate::host::progress::{self, Count};

/// Counts changes to how kernels are built that the other parts of the key do not show.
const RECIPE: u32 = 1;
/// Inside the kernel: who built it and when, the same for everybody.
const IDENTITY: [(&str, &str); 4] = [
    ("KBUILD_BUILD_TIMESTAMP", "2025-01-01"),
    ("KBUILD_BUILD_USER", "kerberos"),
    ("KBUILD_BUILD_HOST", "kerberos"),
    ("KBUILD_BUILD_VERSION", "1"),
];
/// How make's output announces an object.
const OBJECT_MARKS: [&str; 3] = ["  CC ", "  AS ", "  AR "];
/// gzip's strongest level: the kernel is compressed once and loaded often.
const GZIP_LEVEL: u32 = 9;

/// A kernel in the cache.
#[derive(Debug)]
pub struct Kernel {
    /// The bootable image, uncompressed: where driver names are looked up.
    pub image: Vec<u8>,
    /// The bootable image, compressed: what goes on the card.
    pub compressed: Vec<u8>,
    /// The whole configuration.
    pub config: String,
    /// Source package.
    pub source: Package,
    /// The compiler's version line.
    pub compiler: String,
    /// The fragments.
    pub fragments: Fragments,
}

/// The board's kernel from the cache, or else built; with `test`, the fragment of a test kernel, one that differs by it.
///
/// # Errors
/// When the fragments are not right, or the source cannot be had, or the build fails.
pub fn obtain(
    boards: &Path,
    profile: &Profile,
    test: Option<&Path>,
    cache: &Cache,
    apt: &Apt<'_>,
) -> Result<Kernel, Error> {
    let mut fragments = Fragments::read(boards, &profile.kernel.fragments, &profile.kernel.without)?;
    if let Some(path) = test {
        fragments.add_for_test(path)?;
    }
    let source = apt.package(source::PACKAGE)?;
    let compiler = tool_version(profile.arch, "gcc")?;
    let key = key(&[
        profile.arch.kernel_name(),
        &source.version,
        &source.sha256,
        &fragments.merged(),
        &compiler,
        &tool_version(profile.arch, "ld")?,
        &RECIPE.to_string(),
    ]);
    let entry = cache.folder("kernels")?.join(&key);
    if !entry.is_dir() {
        let lock = cache.lock(&format!("kernel-{key}"))?;
        // Another run may have built it while this one waited.
        if !entry.is_dir() {
            let work = cache.work_folder(&format!("kernel-{key}"), &lock)?;
            let made = build(profile.arch, &fragments, apt, &source, &work)
                .and_then(|made| Ok(cache.publish(&made, &entry, &lock)?));
            // Whether it was built or not: a source tree is more than a gigabyte, and a wrong fragment leaves one each time.
            std::fs::remove_dir_all(&work).map_err(|source| Error::Io { path: work, source })?;
            made?;
        }
    }
    let read = |name: &str| {
        let path = entry.join(name);
        std::fs::read(&path).map_err(|source| Error::Io { path, source })
    };
    Ok(Kernel {
        image: read("Image")?,
        compressed: read(profile.arch.compressed_kernel())?,
        config: String::from_utf8_lossy(&read("config")?).into_owned(),
        source,
        compiler,
        fragments,
    })
}

/// Length of a key in hexadecimal digits: no accidental collision, and still fit for a path.
const KEY_DIGITS: usize = 24;

fn key(parts: &[&str]) -> String {
    // A NUL between the parts, so that no two lists of parts give the same text.
    digest::sha256(parts.join("\0").as_bytes()).chars().take(KEY_DIGITS).collect()
}

fn tool_version(arch: Architecture, tool: &str) -> Result<String, Error> {
    let mut command = Command::new(format!("{}{tool}", arch.cross_prefix()));
    let text = command::text(command.arg("--version"))
        .map_err(|source| Error::Step { doing: "asking a tool for its version", source })?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Builds in `work`, and returns the folder to publish.
fn build(
    arch: Architecture,
    fragments: &Fragments,
    apt: &Apt<'_>,
    package: &Package,
    work: &Path,
) -> Result<PathBuf, Error> {
    progress::step(&format!("Unpacking the kernel source {}", package.version));
    let tree = source::unpack(apt, package, work)?;
    progress::step("Configuring the kernel");
    let config = configure(arch, fragments, &tree)?;
    progress::step("Building the kernel (some minutes; it is kept for the next time)");
    compile(arch, &tree)?;
    let boot = tree.join("arch").join(arch.kernel_name()).join("boot");
    let read = |name: &str| {
        let path = boot.join(name);
        std::fs::read(&path).map_err(|source| Error::Io { path, source })
    };
    let image = read("Image")?;
    let made = work.join("made");
    std::fs::create_dir(&made).map_err(|source| Error::Io { path: made.clone(), source })?;
    let compressed = match arch {
        Architecture::Arm64 => gzip(&image).map_err(|source| Error::Io { path: made.clone(), source })?,
        Architecture::Armv6 | Architecture::Armv7 => read(arch.compressed_kernel())?,
    };
    let files =
        [("Image", image.as_slice()), (arch.compressed_kernel(), &compressed), ("config", config.as_bytes())];
    for (name, bytes) in files {
        let path = made.join(name);
        std::fs::write(&path, bytes).map_err(|source| Error::Io { path, source })?;
    }
    Ok(made)
}

fn make(arch: Architecture, tree: &Path) -> Command {
    let mut make = Command::new("make");
    make.arg("-C").arg(tree).env("ARCH", arch.kernel_name()).env("CROSS_COMPILE", arch.cross_prefix());
    // Whatever make started us (or a person's environment) must not change the kernel.
    for variable in ["MAKEFLAGS", "MAKELEVEL", "KCFLAGS", "KAFLAGS", "LOCALVERSION", "KBUILD_OUTPUT"] {
        make.env_remove(variable);
    }
    make.envs(IDENTITY);
    make
}

/// tinyconfig, then the fragments, then what follows from them; returns the result, checked.
fn configure(arch: Architecture, fragments: &Fragments, tree: &Path) -> Result<String, Error> {
    let step = |doing| move |source| Error::Step { doing, source };
    command::run(make(arch, tree).args(["-s", "tinyconfig"])).map_err(step("making tinyconfig"))?;
    let path = tree.join("fragment");
    std::fs::write(&path, fragments.merged()).map_err(|source| Error::Io { path, source })?;
    let mut merge = Command::new("./scripts/kconfig/merge_config.sh");
    merge.current_dir(tree).args(["-m", ".config", "fragment"]);
    command::run(&mut merge).map_err(step("merging the fragments"))?;
    command::run(make(arch, tree).args(["-s", "olddefconfig"])).map_err(step("resolving dependencies"))?;
    let path = tree.join(".config");
    let config = std::fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
    fragments.check(&config)?;
    Ok(config)
}

/// Compiles, counting objects.
fn compile(arch: Architecture, tree: &Path) -> Result<(), Error> {
    let failed = |source| Error::Step { doing: "compiling", source };
    let start = |source| failed(command::Error::Start { program: "make".to_owned(), source });
    let jobs = std::thread::available_parallelism().map_or(1, usize::from) + 1;
    let errors = tree.join("make.errors");
    let stderr =
        std::fs::File::create(&errors).map_err(|source| Error::Io { path: errors.clone(), source })?;
    let mut make = make(arch, tree);
    let target = match arch {
        Architecture::Arm64 => "Image",
        Architecture::Armv6 | Architecture::Armv7 => arch.compressed_kernel(),
    };
    make.args([&format!("-j{jobs}"), target]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
    let mut child = command::spawn(&mut make).map_err(failed)?;
    let mut count = Count::default();
    let mut objects = 0_usize;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(start)?;
            objects += usize::from(OBJECT_MARKS.iter().any(|mark| line.starts_with(mark.as_bytes())));
            count.show(|| format!("{objects} objects"));
        }
    }
    let status = child.wait().map_err(start)?;
    if status.success() {
        count.finish(&format!("{objects} objects"));
        return Ok(());
    }
    drop(count);
    let mut said = Vec::new();
    // Without its words the exit status still says that make failed.
    let _ = std::fs::File::open(&errors).and_then(|mut file| file.read_to_end(&mut said));
    let output = command::tail(&String::from_utf8_lossy(&said));
    Err(failed(command::Error::Failed { program: "make".to_owned(), status, output }))
}

/// gzip without a name or a time, so that the same input gives the same output.
fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder =
        flate2::GzBuilder::new().mtime(0).write(Vec::new(), flate2::Compression::new(GZIP_LEVEL));
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::{gzip, key};

    #[test]
    fn a_key_depends_on_every_part_and_on_where_parts_end() {
        assert_ne!(key(&["a", "b"]), key(&["ab", ""]));
        assert_ne!(key(&["a", "b"]), key(&["a", "c"]));
        assert_eq!(key(&["a", "b"]), key(&["a", "b"]));
    }

    #[test]
    fn compression_is_reproducible_and_reversible() {
        let text = b"kernel ".repeat(1000);
        let packed = gzip(&text).expect("packed");
        assert_eq!(packed, gzip(&text).expect("packed"));
        let mut unpacked = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&packed[..]), &mut unpacked)
            .expect("unpacked");
        assert_eq!(unpacked, text);
    }
}
