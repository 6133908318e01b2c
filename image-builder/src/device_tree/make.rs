//! Makes the board's device tree: the base, and the board's additions to it.

use std::path::Path;
use std::process::Command;

use boards::{DeviceTreeSource, Profile};

use super::Error;
use crate::emulate::machine_arguments;
use crate::host::command;

/// Makes the tree as a blob. `boards` is the folder that additions are relative to.
///
/// # Errors
/// When the emulator or the device-tree compiler fails.
pub fn make(boards: &Path, profile: &Profile) -> Result<Vec<u8>, Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    let temporary = tempfile::tempdir().map_err(failed(&std::env::temp_dir()))?;
    let folder = temporary.path();
    let base = folder.join("base.dtb");
    match profile.device_tree.source {
        DeviceTreeSource::Emulator => dump(profile, &base)?,
    }
    let source = folder.join("board.dts");
    // -s sorts, so that the result does not depend on the order in which the emulator made the nodes.
    dtc(&["-s", "-I", "dtb", "-O", "dts"], &base, &source)?;
    if let Some(additions) = &profile.device_tree.additions {
        let path = boards.join(additions);
        let more = std::fs::read_to_string(&path).map_err(failed(&path))?;
        let base = std::fs::read_to_string(&source).map_err(failed(&source))?;
        std::fs::write(&source, format!("{base}\n{more}")).map_err(failed(&source))?;
    }
    let result = folder.join("board.dtb");
    dtc(&["-I", "dts", "-O", "dtb"], &source, &result)?;
    std::fs::read(&result).map_err(failed(&result))
}

/// Asks the emulator for the tree of its machine.
fn dump(profile: &Profile, to: &Path) -> Result<(), Error> {
    let emulator = profile.emulator.as_ref().ok_or_else(|| Error::NoEmulator(profile.id.clone()))?;
    let mut qemu = Command::new(&emulator.program);
    qemu.args(machine_arguments(emulator, &format!(",dumpdtb={}", to.display())));
    command::run(&mut qemu)?;
    Ok(())
}

fn dtc(arguments: &[&str], from: &Path, to: &Path) -> Result<(), Error> {
    let mut dtc = Command::new("dtc");
    // -q: warnings about the emulator's own tree are nobody's here to mend.
    dtc.arg("-q").args(arguments).arg("-o").arg(to).arg(from);
    command::run(&mut dtc)?;
    Ok(())
}
