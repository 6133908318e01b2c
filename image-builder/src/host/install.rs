//! Installs Debian packages on this host with apt-get, as root, never asking, and showing what it is at.
//!
//! Must not know what the packages are for.

use std::process::Command;

use super::command;
use super::packages::find_program;
use super::progress::Count;

/// apt-get's exit status for "not done"; others are of the program that should have made us root.
const APT_FAILED: i32 = 100;
/// How long to wait for another package manager: a fresh system is often at its own updates.
const LOCK_WAIT_S: u32 = 300;
/// Characters of apt-get's lines that are shown: with the time behind them they fit on a terminal of 80 columns.
const SHOWN_CHARACTERS: usize = 60;

/// Why packages could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither root nor sudo.
    #[error("these packages must be installed, and this is not root and there is no sudo: {0}")]
    NoRoot(String),
    /// apt-get, or what should have made us root, failed.
    #[error("installing {packages} failed: {source}")]
    Failed {
        /// The packages.
        packages: String,
        /// What happened.
        source: command::Error,
    },
}

/// Which lists of packages apt-get uses.
#[derive(Debug)]
pub enum Lists {
    /// The host's. Some of its sources may be broken without any harm to us.
    Host,
    /// Private ones: apt-get's options that select them. All their sources are needed.
    Private(Vec<String>),
}

/// Refreshes the lists and installs packages.
///
/// # Errors
/// When they are not installed.
pub fn install(packages: &[&str], lists: &Lists) -> Result<(), Error> {
    let is_root = command::text(Command::new("id").arg("-u")).is_ok_and(|uid| uid.trim() == "0");
    if !is_root && find_program("sudo").is_none() {
        return Err(Error::NoRoot(packages.join(" ")));
    }
    let failed = |source| Error::Failed { packages: packages.join(" "), source };
    let options = match lists {
        Lists::Host => &[][..],
        Lists::Private(options) => options,
    };
    let complaints = match (apt_get(is_root, options, &["update"]), lists) {
        (Ok(complaints), _) => complaints,
        // The packages may still be had: from lists that were refreshed, or from older ones.
        (Err(command::Error::Failed { status, output, .. }), Lists::Host)
            if status.code() == Some(APT_FAILED) =>
        {
            output
        }
        (Err(error), _) => return Err(failed(error)),
    };
    let arguments = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    match apt_get(is_root, options, &arguments) {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(after(&complaints, error))),
    }
}

/// A package that is not in the lists is most often there, and its list is not: the complaints about lists come first.
fn after(complaints: &str, error: command::Error) -> command::Error {
    match error {
        command::Error::Failed { program, status, output } if !complaints.is_empty() => {
            let output = format!("{complaints}\n{output}");
            command::Error::Failed { program, status, output }
        }
        other => other,
    }
}

/// Runs apt-get and returns its warnings.
fn apt_get(is_root: bool, options: &[String], arguments: &[&str]) -> Result<String, command::Error> {
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    if !is_root {
        command.arg("env");
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]);
    command.args(["-o", &format!("DPkg::Lock::Timeout={LOCK_WAIT_S}")]);
    command.args(options).args(arguments);
    let mut count = Count::default();
    let show = |line: &str| {
        let line: String = line.trim().chars().take(SHOWN_CHARACTERS).collect();
        if !line.is_empty() {
            count.show(|| line);
        }
    };
    let result = command::run_watched(&mut command, show);
    let what = arguments.first().copied().unwrap_or_default();
    match result {
        Ok(output) => {
            count.finish(&format!("apt-get {what}: done"));
            Ok(command::tail(&String::from_utf8_lossy(&output.stderr)))
        }
        Err(command::Error::Failed { status, output, .. }) if status.code() == Some(APT_FAILED) => {
            Err(command::Error::Failed { program: format!("apt-get {what}"), status, output })
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::after;
    use crate::host::command;

    #[test]
    fn a_mirror_that_does_not_answer_is_told_before_what_follows_from_it() {
        let fail = || {
            let mut program = Command::new("sh");
            program.args(["-c", "echo 'E: Unable to locate package bc' >&2; exit 100"]);
            command::run(&mut program).expect_err("fails")
        };
        let alone = after("", fail()).to_string();
        assert_eq!(alone, "sh failed (exit status: 100): E: Unable to locate package bc");
        let both = after("W: Failed to fetch", fail()).to_string();
        assert_eq!(both, "sh failed (exit status: 100): W: Failed to fetch\nE: Unable to locate package bc");
    }
}
