//! The command line: reads it, runs what it asks for, says what came of it.
mod cost;
mod error;
mod options;
mod peers;
mod single;
mod usage;

pub use error::Error;

use std::ffi::OsString;
use std::io::Write as _;

/// Runs the command that the arguments (without the program's name) ask for.
///
/// # Errors
/// A wrong command line, or what could not be read or written.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Error> {
    let mut arguments = arguments.peekable();
    let command = arguments.peek().map(|word| word.to_string_lossy().into_owned());
    match command.as_deref() {
        Some("scenes") => {
            show(&usage::scenes());
            return Ok(());
        }
        Some("peers") => {
            show(&peers::run(arguments.skip(1))?);
            return Ok(());
        }
        Some("cost") => {
            show(&cost::run(arguments.skip(1))?);
            return Ok(());
        }
        Some("cost-loop") => return cost::run_loop(arguments.skip(1)),
        _ => {}
    }
    match options::parse(arguments)? {
        None => show(usage::USAGE),
        Some(options) => show(&single::run(&options)?),
    }
    Ok(())
}

/// Prints a result. Whoever reads only the first lines (`| head`) has what they wanted.
fn show(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
