//! Makes the board's device tree: the base, and the board's additions to it.

use std::path::Path;
use std::process::Command;

use boards::{DeviceTreeSource, Profile};

use super::{Error, overlay, source};
use crate::emulate::machine_arguments;
use crate::host::apt::Apt;
use crate::host::cache::Cache;
use crate::host::command;

/// Makes the tree as a blob. `boards` is the folder that additions are relative to; `test` is what a test adds besides.
///
/// # Errors
/// When the emulator, the preprocessor or the device-tree compiler fails, or the kernel's source cannot be had.
pub fn make(
    boards: &Path,
    profile: &Profile,
    test: Option<&Path>,
    cache: &Cache,
    apt: &Apt<'_>,
) -> Result<Vec<u8>, Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    let temporary = tempfile::tempdir().map_err(failed(&std::env::temp_dir()))?;
    let folder = temporary.path();
    let additions = profile.device_tree.additions.as_ref().map(|name| boards.join(name));
    let read = |path: Option<&Path>| match path {
        Some(path) => std::fs::read_to_string(path).map_err(failed(path)),
        None => Ok(String::new()),
    };
    let text = match &profile.device_tree.source {
        DeviceTreeSource::Emulator => {
            let base = dumped(profile, folder)?;
            format!("{base}\n{}", read(additions.as_deref())?)
        }
        DeviceTreeSource::Kernel(name) => {
            let top = source::unpacked(cache, apt)?;
            source::preprocessed(&top, name, additions.as_deref(), profile.arch, folder)?
        }
    };
    let source = folder.join("board.dts");
    let text = format!("{text}\n{}", read(test)?);
    std::fs::write(&source, text).map_err(failed(&source))?;
    let result = folder.join("board.dtb");
    // -@: with its labels, which overlays go by.
    let labels: &[&str] = if overlay::wanted(profile) { &["-@"] } else { &[] };
    dtc(&[&["-I", "dts", "-O", "dtb"], labels].concat(), &source, &result)?;
    std::fs::read(&result).map_err(failed(&result))
}

/// Asks the emulator for the tree of its machine, as source.
fn dumped(profile: &Profile, folder: &Path) -> Result<String, Error> {
    let emulator = profile.emulator.as_ref().ok_or_else(|| Error::NoEmulator(profile.id.clone()))?;
    let base = folder.join("base.dtb");
    let mut qemu = Command::new(&emulator.program);
    qemu.args(machine_arguments(emulator, &format!(",dumpdtb={}", base.display())));
    command::run(&mut qemu)?;
    let source = folder.join("base.dts");
    // -s sorts, so that the result does not depend on the order in which the emulator made the nodes.
    dtc(&["-s", "-I", "dtb", "-O", "dts"], &base, &source)?;
    std::fs::read_to_string(&source).map_err(|error| Error::Io { path: source, source: error })
}

pub(super) fn dtc(arguments: &[&str], from: &Path, to: &Path) -> Result<(), Error> {
    let mut dtc = Command::new("dtc");
    // -q: warnings about the emulator's own tree are nobody's here to mend.
    dtc.arg("-q").args(arguments).arg("-o").arg(to).arg(from);
    command::run(&mut dtc)?;
    Ok(())
}
