//! The camera as a program of its own: options, then commands by line on standard input, answers as JSON by line.
//!
//! It must not do anything that `Camera` cannot.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};
use serde_json::{Value, json};

use super::error::CameraError;
use super::faults::Damage;
use super::format::{FORMATS, PixelFormat};
use super::habits::Habit;
use super::handle::{Camera, Options};
use super::limit::{Limit, Shortage};
use super::source::SourceKind;

/// What the command line and the commands are.
pub const USAGE: &str = "\
usage: image-builder camera --socket PATH [--clip FILE] [--seed N] [--format FORMAT] [--also FORMAT]... [--unplugged]

Plays a USB camera to a QEMU that was started with
  -device qemu-xhci -chardev socket,id=cam,path=PATH,server=on,wait=off -device usb-redir,chardev=cam

Commands on standard input, one JSON line for each:
  still | move            the scene without, or with, a moving object
  cover                   a hand lies on the lens, until `still` or `move`
  dim PERCENT             the still scene in so much of the day's light
  damage PERCENT [KIND..] damage a share of the frames; kinds: truncated garbled error-bit empty (default: all)
  habit KIND | none       what is wrong with every MJPEG picture, though it is whole: junk-before old-tail next-header
                          padded no-end no-tables two-starts wrong-length
  limit BYTES KIND        the bus carries so many bytes a second; `refuse` or `starve` modes that claim more
  limit off               it carries everything
  stall | resume          stop and go on delivering, while plugged in
  unplug | plug           pull the plug, put it in
  stats                   the account
  truth INDEX             what was in a frame
  quit                    unplug and end (so does the end of the input)";

/// How often to look whether the camera ended by itself.
const LOOK: Duration = Duration::from_millis(200);

/// Runs `image-builder camera` with the arguments after that word, until `quit`, the end of the input, or QEMU's end.
///
/// # Errors
/// A wrong command line, or the reason why the camera ended by itself.
pub fn run(args: impl Iterator<Item = OsString>) -> Result<(), CameraError> {
    let Some(options) = options(args)? else {
        println!("{USAGE}");
        return Ok(());
    };
    let mut camera = Camera::start(options)?;
    let lines = input();
    loop {
        match lines.recv_timeout(LOOK) {
            Ok(line) if line.trim() == "quit" => break,
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => print(&obey(&camera, &line)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if let Some(reason) = camera.ended() {
            return Err(reason);
        }
    }
    let stats = camera.stop()?;
    print(&json!(stats));
    Ok(())
}

/// The options; `None` when help was asked for.
fn options(args: impl Iterator<Item = OsString>) -> Result<Option<Options>, CameraError> {
    let mut parser = Parser::from_args(args);
    let mut options = Options::new("");
    while let Some(arg) = parser.next().map_err(wrong)? {
        match arg {
            Arg::Long("socket") => options.socket = parser.value().map_err(wrong)?.into(),
            Arg::Long("clip") => options.source = SourceKind::Clip(parser.value().map_err(wrong)?.into()),
            Arg::Long("seed") => {
                options.seed = parser.value().and_then(|value| value.parse()).map_err(wrong)?
            }
            Arg::Long("format") => options.format = format(&parser.value().map_err(wrong)?)?,
            Arg::Long("also") => options.also.push(format(&parser.value().map_err(wrong)?)?),
            Arg::Long("unplugged") => options.plugged = false,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(wrong(other.unexpected())),
        }
    }
    if options.socket.as_os_str().is_empty() {
        return Err(CameraError::Usage(format!(
            "say which socket QEMU listens on: --socket PATH\n\n{USAGE}"
        )));
    }
    Ok(Some(options))
}

/// The format with a name from the command line.
///
/// # Errors
/// There is none.
pub fn format(name: &OsStr) -> Result<PixelFormat, CameraError> {
    let known = || FORMATS.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
    let name = name.to_string_lossy();
    PixelFormat::from_name(&name)
        .ok_or_else(|| CameraError::Usage(format!("the camera sends no `{name}`; it sends {}", known())))
}

fn wrong(error: lexopt::Error) -> CameraError {
    CameraError::Usage(format!("{error}\n\n{USAGE}"))
}

/// Lines of standard input, read by a thread so that the end of QEMU is noticed while nobody types.
fn input() -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn print(answer: &Value) {
    // Whoever closed our output does not want the answer.
    let _ = writeln!(std::io::stdout(), "{answer}");
}

/// Does one command and gives its answer.
fn obey(camera: &Camera, line: &str) -> Value {
    let mut words = line.split_whitespace();
    let command = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let answer = match (command, rest.as_slice()) {
        ("still", []) => order(camera, Camera::scene_still),
        ("move", []) => order(camera, Camera::scene_moving),
        ("cover", []) => order(camera, Camera::scene_covered),
        ("dim", [percent]) => dim(camera, percent),
        ("stall", []) => order(camera, Camera::stall),
        ("resume", []) => order(camera, Camera::resume),
        ("unplug", []) => order(camera, Camera::unplug),
        ("plug", []) => order(camera, Camera::plug),
        ("stats", []) => Ok(json!(camera.stats())),
        ("truth", [index]) => truth(camera, index),
        ("habit", ["none"]) => order(camera, |camera| camera.habit(None)),
        ("habit", [kind]) => Habit::from_name(kind)
            .ok_or_else(|| format!("'{kind}' is not a kind of habit"))
            .and_then(|habit| order(camera, |camera| camera.habit(Some(habit)))),
        ("limit", ["off"]) => order(camera, |camera| camera.limit(None)),
        ("limit", [bytes, shortage]) => limit(camera, bytes, shortage),
        ("damage", [percent, kinds @ ..]) => damage(camera, percent, kinds),
        _ => Err(format!("'{}' is not a command; see --help", line.trim())),
    };
    answer.unwrap_or_else(|error| json!({ "error": error }))
}

fn order(camera: &Camera, order: impl FnOnce(&Camera)) -> Result<Value, String> {
    order(camera);
    Ok(json!({ "ok": true }))
}

fn truth(camera: &Camera, index: &str) -> Result<Value, String> {
    let index = index.parse().map_err(|_| format!("'{index}' is not the index of a frame"))?;
    Ok(json!(camera.truth(index)))
}

fn dim(camera: &Camera, percent: &str) -> Result<Value, String> {
    let percent = percent.parse().ok().filter(|percent| *percent <= 100);
    camera.scene_dim(percent.ok_or("the light is a whole number of percent, up to 100")?);
    Ok(json!({ "ok": true }))
}

fn limit(camera: &Camera, bytes: &str, shortage: &str) -> Result<Value, String> {
    let bytes_per_s_max = bytes.parse().map_err(|_| format!("'{bytes}' is no number of bytes a second"))?;
    let known = Shortage::from_name(shortage);
    let shortage = known.ok_or_else(|| format!("'{shortage}' is neither refuse nor starve"))?;
    camera.limit(Some(Limit { bytes_per_s_max, shortage }));
    Ok(json!({ "ok": true }))
}

fn damage(camera: &Camera, percent: &str, kinds: &[&str]) -> Result<Value, String> {
    let percent = percent.parse().map_err(|_| format!("'{percent}' is not a percentage"))?;
    let kind =
        |name: &&str| Damage::from_name(name).ok_or_else(|| format!("'{name}' is not a kind of damage"));
    let kinds = kinds.iter().map(kind).collect::<Result<Vec<_>, _>>()?;
    camera.damage(percent, &kinds).map_err(|error| error.to_string())?;
    Ok(json!({ "ok": true }))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{Camera, CameraError, Options, PixelFormat, SourceKind, obey, options};

    fn parse(line: &str) -> Result<Option<Options>, CameraError> {
        options(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn command_lines_are_understood() {
        let found = parse("--socket /run/cam --seed 7 --clip a.mp4 --unplugged").unwrap().unwrap();
        assert_eq!((found.seed, found.plugged), (7, false));
        assert_eq!(found.source, SourceKind::Clip("a.mp4".into()));
        assert_eq!(found.format, PixelFormat::Mjpeg);
        assert_eq!(parse("--socket a --format yuyv").unwrap().unwrap().format, PixelFormat::Yuyv);
        let both = parse("--socket a --also yuyv --also nv12").unwrap().unwrap();
        assert_eq!(
            (both.format, both.also),
            (PixelFormat::Mjpeg, vec![PixelFormat::Yuyv, PixelFormat::Nv12])
        );
        assert_eq!(parse("--help"), Ok(None));
        for wrong in
            ["", "--socket", "--socket a --seed x", "--socket a b", "--socket a --format gif", "--nonsense"]
        {
            assert!(matches!(parse(wrong), Err(CameraError::Usage(_))), "{wrong}");
        }
    }

    #[test]
    fn commands_are_answered() {
        let camera = Camera::start(Options::new("/does/not/exist")).unwrap();
        for good in [
            "still",
            "move",
            "stall",
            "resume",
            "damage 1 truncated",
            "damage 0.5",
            "limit 20000000 refuse",
            "limit off",
            "habit no-end",
            "habit none",
            "unplug",
            "plug",
        ] {
            assert_eq!(obey(&camera, good).to_string(), r#"{"ok":true}"#, "{good}");
        }
        assert_eq!(obey(&camera, "stats")["offered"], 0);
        assert!(obey(&camera, "truth 5").is_null());
        for wrong in [
            "jump",
            "stats now",
            "damage",
            "damage x",
            "damage 101",
            "damage 1 broken",
            "limit 5 feast",
            "habit biting nails",
            "limit x refuse",
            "truth x",
        ] {
            assert!(obey(&camera, wrong)["error"].is_string(), "{wrong}");
        }
    }
}
