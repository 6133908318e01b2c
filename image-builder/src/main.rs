//! The image builder's program: runs a command, and says in one sentence what went wrong. Decides nothing itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    match image_builder::cli::run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
