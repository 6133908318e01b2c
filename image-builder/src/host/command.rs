//! Runs the host's programs; a failure becomes one sentence with the last lines that the program said.
//!
//! Never through a shell. Must not know what the programs are for.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

/// Lines of a failed program's output that are worth showing: the cause is nearly always in the last few.
const TAIL_LINES: usize = 12;

/// A program that could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not there or may not be executed.
    #[error("cannot start {program}: {source}")]
    Start {
        /// Program.
        program: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It ended with a failure.
    #[error("{program} failed ({status}){}{output}", if output.is_empty() { "" } else { ": " })]
    Failed {
        /// Program.
        program: String,
        /// Its exit status.
        status: ExitStatus,
        /// The end of what it said.
        output: String,
    },
}

/// Name of a command's program.
#[must_use]
pub fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

/// Starts a program.
///
/// # Errors
/// When it cannot be started.
pub fn spawn(command: &mut Command) -> Result<Child, Error> {
    let program = name(command);
    command.spawn().map_err(|source| Error::Start { program, source })
}

/// Runs a program to its end, without input, and returns what it said.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn run(command: &mut Command) -> Result<Output, Error> {
    let program = name(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|source| Error::Start { program: program.clone(), source })?;
    judge(program, output)
}

/// As [`run`], for programs that take long: `watch` gets each line of the standard output as it comes.
///
/// # Errors
/// As [`run`].
pub fn run_watched(command: &mut Command, mut watch: impl FnMut(&str)) -> Result<Output, Error> {
    let program = name(command);
    let failed = |source| Error::Start { program: program.clone(), source };
    let mut child = spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut output = Output { status: ExitStatus::default(), stdout: Vec::new(), stderr: Vec::new() };
    std::thread::scope(|scope| {
        let said = &mut output.stderr;
        // Read at the same time: a program whose complaints fill the pipe would wait for ever.
        let complaints = scope.spawn(move || stderr.map_or(Ok(0), |mut stderr| stderr.read_to_end(said)));
        for line in stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).split(b'\n')) {
            let line = line?;
            watch(&String::from_utf8_lossy(&line));
            output.stdout.extend([line.as_slice(), b"\n"].concat());
        }
        complaints.join().unwrap_or(Ok(0)).map(drop)
    })
    .map_err(failed)?;
    output.status = child.wait().map_err(failed)?;
    judge(program.clone(), output)
}

fn judge(program: String, output: Output) -> Result<Output, Error> {
    if output.status.success() {
        return Ok(output);
    }
    let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
    let said = tail(&String::from_utf8_lossy(said));
    Err(Error::Failed { program, status: output.status, output: said })
}

/// Runs a program and returns what it wrote to its standard output, as text.
///
/// # Errors
/// As [`run`].
pub fn text(command: &mut Command) -> Result<String, Error> {
    run(command).map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs programs as a pipeline, the first one without input, and returns what the last one wrote.
///
/// # Errors
/// The first program that cannot be started, or else the first that failed.
pub fn pipeline(commands: &mut [Command]) -> Result<Vec<u8>, Error> {
    let mut children = Vec::new();
    let mut previous: Option<ChildStdout> = None;
    for command in commands.iter_mut() {
        command.stdin(previous.take().map_or_else(Stdio::null, Stdio::from));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = spawn(command)?;
        // The command would keep our end of the pipe open: a reader that ends early would then leave its writer
        // waiting for ever.
        command.stdin(Stdio::null());
        previous = child.stdout.take();
        children.push(child);
    }
    let mut result = Vec::new();
    let read = previous.map_or(Ok(0), |mut stdout| stdout.read_to_end(&mut result));
    for (command, child) in commands.iter().zip(&mut children) {
        let mut said = String::new();
        if let Some(mut stderr) = child.stderr.take() {
            // Text that is not UTF-8 is of no use in a message; the exit status still is.
            let _ = stderr.read_to_string(&mut said);
        }
        let program = name(command);
        let status = child.wait().map_err(|source| Error::Start { program: program.clone(), source })?;
        if !status.success() {
            return Err(Error::Failed { program, status, output: tail(&said) });
        }
    }
    read.map(|_| result).map_err(|source| Error::Start { program: "the end of a pipeline".into(), source })
}

/// The last lines of a text.
#[must_use]
pub fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    /// A writer with more to say than a pipe holds, and a reader that does not listen.
    #[test]
    fn a_reader_that_ends_early_ends_the_pipeline() {
        let mut writer = std::process::Command::new("cat");
        writer.arg("/dev/zero");
        let reader = std::process::Command::new("true");
        let error = super::pipeline(&mut [writer, reader]).expect_err("the writer is cut off").to_string();
        assert!(error.starts_with("cat failed"), "{error}");
    }

    use std::process::Command;

    use super::{pipeline, run, run_watched, tail, text};

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failure_says_what_the_program_said() {
        let error = run(&mut sh("echo out; echo broken >&2; exit 3")).expect_err("fails").to_string();
        assert_eq!(error, "sh failed (exit status: 3): broken");
        let error = run(&mut Command::new("no-such-program")).expect_err("fails").to_string();
        assert!(error.starts_with("cannot start no-such-program: "), "{error}");
    }

    #[test]
    fn output_is_returned_and_only_the_end_of_a_long_one_is_shown() {
        assert_eq!(text(&mut sh("echo hello")).expect("runs"), "hello\n");
        let long: String = (0..100).map(|line| format!("{line}\n")).collect();
        assert!(tail(&long).starts_with("88\n") && tail(&long).ends_with("99"));
    }

    #[test]
    fn a_watched_program_is_heard_line_by_line_even_when_it_complains_much() {
        // More complaints than a pipe holds.
        let script = "echo one; head -c 200000 /dev/zero | tr '\\0' x >&2; echo two";
        let mut heard = Vec::new();
        let output = run_watched(&mut sh(script), |line| heard.push(line.to_owned())).expect("runs");
        assert_eq!(heard, ["one", "two"]);
        assert_eq!((output.stdout.as_slice(), output.stderr.len()), (&b"one\ntwo\n"[..], 200_000));
        let error = run_watched(&mut sh("echo no >&2; exit 3"), |_| ()).expect_err("fails").to_string();
        assert_eq!(error, "sh failed (exit status: 3): no");
    }

    #[test]
    fn a_pipeline_returns_the_last_output_and_reports_the_first_failure() {
        assert_eq!(pipeline(&mut [sh("echo ab"), sh("tr a x")]).expect("runs"), b"xb\n");
        let error = pipeline(&mut [sh("echo no >&2; exit 1"), sh("cat")]).expect_err("fails");
        assert_eq!(error.to_string(), "sh failed (exit status: 1): no");
    }
}
