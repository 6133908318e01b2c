//! From a board's id to its image: gets every part, checks it, writes the image and says what is in it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use boards::layout::{
    CMDLINE_FILE, DEVICE_TREE_FILE, ERRORS_FILE, ERRORS_FILE_BYTES, INITRAMFS_FILE, KERNEL_FILE,
    MANIFEST_FILE, README_FILE, SETTINGS_FILE,
};
use boards::{DevicePort, Profile};

use super::assemble::{self, Parts, RawBlob};
use super::files::{self, BoardFile};
use super::{Error, config, ext4, initramfs, siblings};
use crate::device_tree::{self, Drivers, Tree};
use crate::firmware;
use crate::host::apt::{Apt, Package};
use crate::host::cache::Cache;
use crate::host::packages::{self, Need};
use crate::host::progress;
use crate::host::workspace::Workspace;
use crate::manifest::{self, Foreign, Ingredients};
use crate::{digest, fat, kernel};

/// For the person who puts the card into a computer.
const README: &str = include_str!("../../assets/README.txt");

/// What to build.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions {
    /// The board's id.
    pub board: String,
    /// Where the image goes; by default `target/images/<board>.img`.
    pub out: Option<PathBuf>,
    /// Build the firmware with console commands that break things on purpose. Never for a product.
    pub test_hooks: bool,
    /// Another program to be /init in place of the firmware.
    pub init: Option<PathBuf>,
    /// Settings for the first boot, in place of the template with all of them commented out.
    pub config: Option<PathBuf>,
    /// Ask the mirror for newer packages than the cache has.
    pub update: bool,
    /// Leave an image that is already there and was made from the same parts.
    pub keep_if_same: bool,
    /// A kernel for tests of what no product has. No option of the command line leads here.
    pub test_kernel: Option<TestKernel>,
}

/// What a test puts into the kernel, its device tree and the board's profile, beyond the board's own.
#[derive(Debug, Clone)]
pub struct TestKernel {
    /// A configuration fragment. What it sets may be what no product kernel may have.
    pub fragment: PathBuf,
    /// Device-tree source, without macros.
    pub additions: Option<PathBuf>,
    /// The device port that the board has with this kernel.
    pub device_port: Option<DevicePort>,
}

/// A file in the image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Name, with its partition.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// An image that was built.
#[derive(Debug)]
pub struct Built {
    /// The image.
    pub path: PathBuf,
    /// Its manifest, CycloneDX 1.5.
    pub manifest: serde_json::Value,
    /// What it was made from, as one hash: equal identities are equal images.
    pub identity: String,
    /// What is in it.
    pub parts: Vec<Part>,
    /// The bytes of it that a card writer must write, zeros too: what an earlier system left there would be taken for ours.
    pub mapped: Vec<Range<u64>>,
    /// The board.
    pub profile: Profile,
    /// Whether it was written; `false`: it was there already.
    pub written: bool,
}

/// What the board writes its complaints over: nothing on p1 may be made or lengthened while it runs.
static NO_ERRORS: [u8; ERRORS_FILE_BYTES] = [b'\n'; ERRORS_FILE_BYTES];

/// The text of `kerberos.toml` on the card.
fn first_settings(options: &BuildOptions) -> Result<Vec<u8>, Error> {
    match &options.config {
        Some(path) => config::read(path),
        None => Ok(settings::template().into_bytes()),
    }
}

/// The board, with what a test kernel gives it.
fn profile(options: &BuildOptions, workspace: &Workspace) -> Result<Profile, Error> {
    let profile = boards::load(&workspace.boards(), &options.board)?;
    let device_port = options.test_kernel.as_ref().and_then(|test| test.device_port.clone());
    Ok(Profile { device_port: device_port.or(profile.device_port), ..profile })
}

/// Builds a board's image.
///
/// # Errors
/// When a part cannot be had or is not right, or the image cannot be written.
pub fn build(options: &BuildOptions) -> Result<Built, Error> {
    let workspace = Workspace::find();
    let mut profile = profile(options, &workspace)?;
    let settings = first_settings(options)?;
    let cache = Cache::open()?;
    packages::ensure(Need::Build(profile.arch), &cache)?;
    let apt = Apt::new(&cache, options.update);
    let time = workspace.epoch();

    // Before the kernel: whatever is wrong with it shows within a minute, and not after the kernel's ten.
    let firmware = match &options.init {
        Some(path) => firmware::load(path, profile.arch)?,
        None => firmware::build(&workspace, &profile, options.test_hooks)?,
    };
    let test = options.test_kernel.as_ref();
    let fragment = test.map(|test| test.fragment.as_path());
    let kernel = kernel::obtain(&workspace.boards(), &profile, fragment, &cache, &apt)?;
    let additions = test.and_then(|test| test.additions.as_deref());
    let device_tree = device_tree::make(&workspace.boards(), &profile, additions, &cache, &apt)?;
    let drivers = Drivers::of_kernel(&kernel.image);
    checked_tree(&workspace.boards(), &mut profile, &device_tree, &drivers)?;
    let others = siblings::obtain(&workspace.boards(), &mut profile, &drivers, &cache, &apt)?;
    let blobs = fetch_blobs(&profile, &apt)?;
    let board_files = files::make(&workspace.boards(), &profile, &apt)?;
    let resolved = profile.to_resolved()?;
    let clips = ext4::template(time)?;
    let initramfs = initramfs::pack(&firmware.bytes, &resolved, &others, &clips, time)
        .map_err(|source| Error::Io { path: INITRAMFS_FILE.into(), source })?;
    let cmdline = format!("{}\n", profile.kernel.cmdline);
    let manifest = manifest::make(&Ingredients {
        workspace: &workspace,
        profile: &profile,
        resolved: &resolved,
        cmdline: &cmdline,
        kernel: &kernel,
        firmware: &firmware,
        test_hooks: options.test_hooks && options.init.is_none(),
        own_init: options.init.is_none(),
        device_tree: &device_tree,
        initramfs: &initramfs,
        foreign: &foreign(&profile, &blobs, &board_files),
        board_files: &board_files,
        others: &others,
        time,
    })?;
    let manifest_text = format!("{manifest:#}\n");

    let file = |name, bytes| fat::File { name, bytes };
    let raw: Vec<RawBlob> = blobs.into_iter().map(|(_, blob)| blob).collect();
    let (mut boot, mut slot) = files::sorted(&board_files);
    boot.extend([
        file(SETTINGS_FILE, &settings),
        file(ERRORS_FILE, &NO_ERRORS),
        file(README_FILE, README.as_bytes()),
    ]);
    slot.extend([
        file(KERNEL_FILE, &kernel.compressed),
        file(INITRAMFS_FILE, &initramfs),
        file(DEVICE_TREE_FILE, &device_tree),
        file(CMDLINE_FILE, cmdline.as_bytes()),
        file(MANIFEST_FILE, manifest_text.as_bytes()),
    ]);
    slot.extend(others.iter().map(|one| file(&one.file, &one.tree)));
    let parts = Parts { boot, slot, clips: &clips, blobs: &raw, time };
    let path = output(options, &workspace, &profile)?;
    let identity = identity(&parts);
    let written = !(options.keep_if_same && is_same(&path, &identity));
    if written {
        progress::step(&format!("Writing {}", path.display()));
        write(&parts, &path, &identity)?;
    }
    let mapped = assemble::mapped(&clips)?;
    Ok(Built { path, manifest, identity, parts: listed(&parts), mapped, profile, written })
}

/// The tree, against which the profile and its kernel were held; a header learns which of its lines are taken.
pub fn checked_tree(
    boards: &Path,
    profile: &mut Profile,
    device_tree: &[u8],
    drivers: &Drivers<'_>,
) -> Result<Tree, Error> {
    let tree = Tree::parse(device_tree)?;
    device_tree::check(&tree, drivers, &profile.device_tree.rely_on)?;
    device_tree::check_claims(&tree, profile)?;
    device_tree::check_overlays(boards, profile, device_tree, drivers)?;
    if let Some(header) = &mut profile.header {
        device_tree::check_header(&tree, header)?;
    }
    Ok(tree)
}

/// Where the image goes. Only our own folder is made; a folder that somebody names must be there.
fn output(options: &BuildOptions, workspace: &Workspace, profile: &Profile) -> Result<PathBuf, Error> {
    let path = match &options.out {
        Some(path) => path.clone(),
        None => {
            let path = workspace.image(&profile.id, options.test_hooks);
            let folder = path.parent().unwrap_or(&path);
            std::fs::create_dir_all(folder)
                .map_err(|source| Error::Io { path: folder.to_owned(), source })?;
            path
        }
    };
    // A rename would put a plain file in the place of a device.
    match std::fs::metadata(&path) {
        Ok(meta) if !meta.is_file() => Err(Error::NotAFile(path)),
        _ => Ok(path),
    }
}

fn fetch_blobs(profile: &Profile, apt: &Apt<'_>) -> Result<Vec<(Package, RawBlob)>, Error> {
    let fetch = |blob: &boards::Blob| {
        let (package, bytes) = apt.file(&blob.package, &blob.path)?;
        let length = bytes.len() as u64;
        if length > blob.bytes_max {
            let (path, bytes_max) = (blob.path.clone(), blob.bytes_max);
            return Err(Error::Blob { path, bytes: length, bytes_max });
        }
        Ok((package, RawBlob { offset_bytes: blob.offset_bytes, bytes }))
    };
    profile.blobs.values().map(fetch).collect()
}

/// What in the image is neither ours nor the kernel's: each with its package.
fn foreign<'a>(
    profile: &'a Profile,
    blobs: &'a [(Package, RawBlob)],
    files: &'a [BoardFile],
) -> Vec<Foreign<'a>> {
    let raw = profile.blobs.values().zip(blobs).map(|(named, (package, blob))| Foreign {
        package,
        name: &named.path,
        bytes: &blob.bytes,
    });
    let on_fat = files.iter().filter_map(|file| {
        Some(Foreign { package: file.package.as_ref()?, name: &file.key, bytes: &file.bytes })
    });
    raw.chain(on_fat).collect()
}

/// Counts changes to how images are put together that the parts do not show.
const RECIPE: u32 = 2;

fn identity(parts: &Parts<'_>) -> String {
    let mut text = format!("{RECIPE} {}\n", parts.time.as_secs());
    for (place, files) in [("boot", &parts.boot), ("slot", &parts.slot)] {
        for file in files {
            text.push_str(&format!("{place} {} {}\n", file.name, digest::sha256(file.bytes)));
        }
    }
    for blob in parts.blobs {
        text.push_str(&format!("{} {}\n", blob.offset_bytes, digest::sha256(&blob.bytes)));
    }
    digest::sha256(text.as_bytes())
}

/// Where the identity of an image is kept: beside it.
fn identity_file(image: &Path) -> PathBuf {
    let mut name = image.as_os_str().to_owned();
    name.push(".identity");
    name.into()
}

fn is_same(image: &Path, identity: &str) -> bool {
    let whole = std::fs::metadata(image).is_ok_and(|meta| meta.len() == boards::layout::IMAGE_BYTES);
    whole && std::fs::read_to_string(identity_file(image)).is_ok_and(|text| text == identity)
}

fn write(parts: &Parts<'_>, path: &Path, identity: &str) -> Result<(), Error> {
    let record = identity_file(path);
    // First the old identity goes, then the image changes, then the new identity comes: whenever we are interrupted,
    // no image has the identity of another.
    match std::fs::remove_file(&record) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            return Err(Error::Io { path: record, source });
        }
        _ => {}
    }
    assemble::write(parts, path)?;
    std::fs::write(&record, identity).map_err(|source| Error::Io { path: record, source })
}

fn listed(parts: &Parts<'_>) -> Vec<Part> {
    let list = |place: &'static str, files: &[fat::File<'_>]| {
        files
            .iter()
            .map(|file| Part { name: format!("{place}/{}", file.name), bytes: file.bytes.len() as u64 })
            .collect::<Vec<_>>()
    };
    [list("p1", &parts.boot), list("p2", &parts.slot)].concat()
}
