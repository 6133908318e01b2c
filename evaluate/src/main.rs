//! `evaluate`: the command line only; see the library.
use std::process::ExitCode;

fn main() -> ExitCode {
    match evaluate::cli::run(std::env::args_os().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}
