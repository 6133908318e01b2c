//! The manifest: every part of an image with its version and hash, as a CycloneDX 1.5 bill of materials.
//!
//! https://cyclonedx.org/docs/1.5/json/. The same parts give the same text: no random number, no clock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use boards::Profile;
use serde_json::{Value, json};

use crate::digest::{self, sha256};
use crate::firmware::{self, Firmware};
use crate::host::apt::Package;
use crate::host::command;
use crate::host::workspace::Workspace;
use crate::image::{BoardFile, Sibling};
use crate::kernel::Kernel;

/// Why there is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// cargo failed.
    #[error("listing the firmware's crates failed: {0}")]
    Cargo(#[from] command::Error),
    /// The firmware's parts.
    #[error(transparent)]
    Firmware(#[from] firmware::Error),
    /// cargo's answer is not as expected.
    #[error("listing the firmware's crates failed: cargo's answer has no {0}")]
    Answer(&'static str),
    /// Sources or libraries cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Cargo.lock cannot be read.
    #[error("listing the firmware's crates failed: Cargo.lock: {0}")]
    Lock(String),
}

/// What a manifest is made from.
#[derive(Debug)]
pub struct Ingredients<'a> {
    /// The checkout.
    pub workspace: &'a Workspace,
    /// The board.
    pub profile: &'a Profile,
    /// The board's profile as it is in the image.
    pub resolved: &'a str,
    /// The kernel's command line, as it is on the card.
    pub cmdline: &'a str,
    /// The kernel.
    pub kernel: &'a Kernel,
    /// The firmware.
    pub firmware: &'a Firmware,
    /// Whether the firmware has test hooks.
    pub test_hooks: bool,
    /// Whether /init is the firmware, and not some other program.
    pub own_init: bool,
    /// The device tree.
    pub device_tree: &'a [u8],
    /// The packed initramfs.
    pub initramfs: &'a [u8],
    /// What came ready-made from packages: boot loaders, start files.
    pub foreign: &'a [Foreign<'a>],
    /// The files of the board's boot chain.
    pub board_files: &'a [BoardFile],
    /// Further boards on which the image starts.
    pub others: &'a [Sibling],
    /// The image's time stamp.
    pub time: Duration,
}

/// A file that came ready-made from a package.
#[derive(Debug)]
pub struct Foreign<'a> {
    /// The package.
    pub package: &'a Package,
    /// Its name on the card, or its path in the package where it lies on none of the card's file systems.
    pub name: &'a str,
    /// Content.
    pub bytes: &'a [u8],
}

/// Makes the manifest.
///
/// # Errors
/// When cargo cannot list the crates.
pub fn make(of: &Ingredients<'_>) -> Result<Value, Error> {
    let mut components = vec![kernel(of), init(of)];
    components.push(file("initramfs", of.initramfs));
    components.push(file("board.dtb", of.device_tree));
    components.push(file("board.toml", of.resolved.as_bytes()));
    for other in of.others {
        components.push(file(&other.file, &other.tree));
        components.push(file(&format!("{}.toml", other.compatible), other.resolved.as_bytes()));
    }
    components.push(file("cmdline.txt", of.cmdline.as_bytes()));
    components.push(file("kernel configuration", of.kernel.config.as_bytes()));
    components.extend(of.kernel.fragments.files.iter().map(|(name, text)| file(name, text.as_bytes())));
    components.push(debian(&of.kernel.source));
    let packages: BTreeMap<&str, &Package> =
        of.foreign.iter().map(|one| (one.package.name.as_str(), one.package)).collect();
    components.extend(packages.into_values().map(debian));
    components.extend(of.foreign.iter().map(|one| file(one.name, one.bytes)));
    let ours = of.board_files.iter().filter(|one| one.package.is_none());
    components.extend(ours.map(|one| file(&one.key, &one.bytes)));
    if of.own_init {
        components.push(standard_library(of.workspace, &of.profile.rust_target)?);
        components.extend(crates(of.workspace, &of.profile.rust_target, of.test_hooks)?);
    }
    let mut properties = vec![
        property("kerberos:board", &of.profile.id),
        property("kerberos:tier", &of.profile.tier.to_string()),
        property("kerberos:test-hooks", if of.test_hooks { "yes" } else { "no" }),
    ];
    if !of.own_init {
        properties.push(property("kerberos:init", "not the firmware"));
    }
    let body = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": timestamp(of.time),
            "component": {
                "type": "firmware",
                "name": format!("kerberos for {}", of.profile.name),
                "version": of.firmware.binary.version.as_ref().map_or("none", |version| &version.version),
            },
            "properties": properties,
        },
        "components": components,
    });
    Ok(body)
}

fn hashes(sha256: &str) -> Value {
    json!([{ "alg": "SHA-256", "content": sha256 }])
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

/// A file of ours: its version is its content.
fn file(name: &str, bytes: &[u8]) -> Value {
    let mut hash = sha256(bytes);
    let hashes = hashes(&hash);
    hash.truncate(12);
    json!({ "type": "file", "name": name, "version": hash, "hashes": hashes })
}

fn kernel(of: &Ingredients<'_>) -> Value {
    json!({
        "type": "operating-system",
        "name": "linux",
        "version": of.kernel.source.version,
        "hashes": hashes(&sha256(&of.kernel.compressed)),
        "properties": [property("kerberos:compiler", &of.kernel.compiler)],
    })
}

fn init(of: &Ingredients<'_>) -> Value {
    let version = of.firmware.binary.version.as_ref();
    json!({
        "type": "application",
        "name": if of.own_init { "kerberos" } else { "another program as /init" },
        "version": version.map_or("none", |version| &version.version),
        "hashes": hashes(&sha256(&of.firmware.bytes)),
        "properties": [property("kerberos:build-id", version.map_or("none", |version| &version.build_id))],
    })
}

fn debian(package: &Package) -> Value {
    let Package { name, version, sha256, .. } = package;
    json!({
        "type": "file",
        "name": name,
        "version": version,
        "purl": format!("pkg:deb/debian/{name}@{version}?distro={}", crate::host::apt::SUITE),
        "hashes": hashes(sha256),
    })
}

/// What comes with the compiler: Rust's standard library, and musl for its C library.
fn standard_library(workspace: &Workspace, target: &str) -> Result<Value, Error> {
    let version = command::text(Command::new("rustc").arg("--version"))?;
    let hash = folder_hash(&firmware::library_folder(workspace, target)?)?;
    Ok(json!({
        "type": "library",
        "name": format!("rust-std for {target}"),
        "version": version.trim(),
        "hashes": hashes(&hash),
    }))
}

fn folder_hash(path: &Path) -> Result<String, Error> {
    digest::folder(path).map_err(|source| Error::Folder { path: path.to_owned(), source })
}

/// The crates that are compiled into the firmware, from cargo's resolution for the target.
fn crates(workspace: &Workspace, target: &str, test_hooks: bool) -> Result<Vec<Value>, Error> {
    let mut cargo = Command::new(firmware::cargo());
    cargo.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", target]);
    if test_hooks {
        cargo.args(["--features", "firmware/test-hooks"]);
    }
    cargo.current_dir(&workspace.root);
    let answer: Value =
        serde_json::from_str(&command::text(&mut cargo)?).map_err(|_| Error::Answer("JSON in it"))?;
    let lock = std::fs::read_to_string(workspace.root.join("Cargo.lock"));
    let checksums = checksums(&lock.map_err(|error| Error::Lock(error.to_string()))?)?;
    let list = compiled(&answer, "firmware")?;
    let own = own_sources(&answer);
    list.into_iter()
        .map(|(name, version)| {
            let mut component = json!({
                "type": "library",
                "name": name,
                "version": version,
                "purl": format!("pkg:cargo/{name}@{version}"),
            });
            // Our own crates are not in the registry: their hash is taken here.
            let own = own.get(&name).map(|path| folder_hash(path)).transpose()?;
            if let Some(sum) = checksums.get(&(name, version)).or(own.as_ref()) {
                component["hashes"] = hashes(sum);
            }
            Ok(component)
        })
        .collect()
}

/// The source folders of the workspace's own crates, by name.
fn own_sources(metadata: &Value) -> BTreeMap<String, PathBuf> {
    let packages = metadata.get("packages").and_then(Value::as_array).into_iter().flatten();
    packages
        .filter(|package| package.get("source").is_none_or(Value::is_null))
        .filter_map(|package| {
            let manifest = Path::new(package.get("manifest_path")?.as_str()?);
            Some((package.get("name")?.as_str()?.to_owned(), manifest.parent()?.join("src")))
        })
        .collect()
}

/// Names and versions of all crates that `root` needs at run time: not to build, not to test.
fn compiled(metadata: &Value, root: &str) -> Result<BTreeSet<(String, String)>, Error> {
    let list = |value: &Value, key: &'static str| {
        value.get(key).and_then(Value::as_array).cloned().ok_or(Error::Answer(key))
    };
    let text =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Value> =
        list(metadata, "packages")?.into_iter().map(|package| (text(&package, "id"), package)).collect();
    let nodes: BTreeMap<String, Value> = list(metadata.get("resolve").unwrap_or(&Value::Null), "nodes")?
        .into_iter()
        .map(|node| (text(&node, "id"), node))
        .collect();
    let start = packages.iter().find(|(_, package)| text(package, "name") == root);
    let mut waiting = vec![start.map(|(id, _)| id.clone()).ok_or(Error::Answer("package `firmware`"))?];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        let Some(node) = nodes.get(&id) else { continue };
        // A macro runs in the compiler; neither it nor what it needs is in the binary.
        if packages.get(&id).is_some_and(is_macro) || !seen.insert(id) {
            continue;
        }
        for dependency in list(node, "deps")? {
            let kinds = list(&dependency, "dep_kinds")?;
            if kinds.iter().any(|kind| kind.get("kind").is_some_and(Value::is_null)) {
                waiting.push(text(&dependency, "pkg"));
            }
        }
    }
    Ok(seen
        .iter()
        .filter_map(|id| packages.get(id))
        .map(|package| (text(package, "name"), text(package, "version")))
        .collect())
}

fn is_macro(package: &Value) -> bool {
    let targets = package.get("targets").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    targets.iter().any(|target| {
        let kinds = target.get("kind").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        kinds.iter().any(|kind| kind == "proc-macro")
    })
}

/// SHA-256 of each registry crate's archive, by name and version.
fn checksums(lock: &str) -> Result<BTreeMap<(String, String), String>, Error> {
    #[derive(serde::Deserialize)]
    struct Lock {
        package: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        name: String,
        version: String,
        checksum: Option<String>,
    }
    let lock: Lock = toml::from_str(lock).map_err(|error| Error::Lock(error.message().to_owned()))?;
    let sum = |entry: Entry| Some(((entry.name, entry.version), entry.checksum?));
    Ok(lock.package.into_iter().filter_map(sum).collect())
}

/// RFC 3339, in UTC.
fn timestamp(time: Duration) -> String {
    let mut date = Command::new("date");
    date.args(["-u", "-d", &format!("@{}", time.as_secs()), "+%Y-%m-%dT%H:%M:%SZ"]);
    command::text(&mut date).map_or_else(|_| "1970-01-01T00:00:00Z".to_owned(), |text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use serde_json::json;

    use super::{checksums, compiled, timestamp};

    #[test]
    fn only_what_is_in_the_binary_is_listed() {
        let package = |name: &str, kind: &str| json!({ "id": name, "name": name, "version": "1.0.0", "targets": [{ "kind": [kind] }] });
        let dependency =
            |name: &str, kind: Option<&str>| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [package("firmware", "bin"), package("used", "lib"), package("deep", "lib"),
                package("builder", "lib"), package("tester", "lib"), package("derive", "proc-macro"),
                package("syntax", "lib"), package("unrelated", "lib")],
            "resolve": { "nodes": [
                { "id": "firmware", "deps": [dependency("used", None), dependency("builder", Some("build")),
                    dependency("tester", Some("dev")), dependency("derive", None)] },
                { "id": "used", "deps": [dependency("deep", None), dependency("firmware", Some("dev"))] },
                { "id": "deep", "deps": [] },
                { "id": "derive", "deps": [dependency("syntax", None)] },
            ] },
        });
        let names: BTreeSet<String> =
            compiled(&metadata, "firmware").expect("read").into_iter().map(|(n, _)| n).collect();
        assert_eq!(names, BTreeSet::from(["deep".into(), "firmware".into(), "used".into()]));
        assert!(compiled(&json!({}), "firmware").is_err());
    }

    #[test]
    fn checksums_come_from_the_lock_file() {
        let lock = "version = 4\n[[package]]\nname = 'a'\nversion = '1'\nchecksum = 'ff'\n[[package]]\nname = 'b'\nversion = '2'\n";
        let sums = checksums(lock).expect("read");
        assert_eq!(sums.into_iter().collect::<Vec<_>>(), [(("a".into(), "1".into()), "ff".into())]);
        assert!(checksums("nonsense").is_err());
    }

    #[test]
    fn times_are_in_the_standards_form() {
        assert_eq!(timestamp(Duration::from_secs(1_735_689_600)), "2025-01-01T00:00:00Z");
    }
}
