//! The command line: reads it, calls the right part, prints the result.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use boards::Architecture;
use lexopt::prelude::{Long, Short, Value, ValueExt as _};

use crate::camera::PixelFormat;
use crate::emulate::{self, EmulateOptions};
use crate::host::cache::{self, Cache};
use crate::host::packages::{self, Need};
use crate::host::workspace::Workspace;
use crate::image::{self, BuildOptions, Built};
use crate::{camera, card_writer, firmware, pull_clips, release, verify_clips};

/// The board that is emulated when none is named.
const DEFAULT_EMULATED: &str = "virt";

/// Digits of a hash that are worth a person's look; the manifest has them all.
const SHOWN_HASH_DIGITS: usize = 12;

const USAGE: &str = "\
usage: ./flash.sh boards                     list the boards
       ./flash.sh image BOARD [FILE]         write the card image of a board (default target/images/BOARD.img)
       ./flash.sh images FOLDER [BOARD]...   write the images of all boards, compressed, for other card writers than this one
       ./flash.sh card BOARD                 list the cards in this computer; nothing is written
       ./flash.sh card BOARD DEVICE          build the image, write it to a card, read it back, eject
       ./flash.sh emulate [BOARD]            build the image and boot it here, with an emulated camera; Ctrl-A X leaves
       ./flash.sh camera ...                 run the emulated camera alone
       ./flash.sh pull-clips CARD [FOLDER]   copy the clips off a card (its device or image) without mounting it
       ./flash.sh verify-clips FOLDER|CARD   is any clip missing or altered? (hashes every file; writes nothing)
       ./flash.sh sizes [BOARD]              who takes how much of the firmware
       ./flash.sh packages                   install what building and testing need on this host

options of image, card and emulate:
  --test-hooks    firmware with console commands that break things on purpose, for tests
  --init FILE     another program as /init in place of the firmware
  --update        use the newest kernel source that Debian has, not the one in the cache
options of image and card:
  --config FILE   settings for the first boot: goes on the card as kerberos.toml, checked as the board would
options of card:
  --yes           do not ask before a removable card is written; nothing that is refused is written
options of emulate:
  --clip FILE     the camera shows this recording instead of a generated scene
  --format NAME   how the camera sends its pictures: mjpeg (default), yuyv, nv12, grey or h264
  --no-camera     no camera is plugged in
  --display       the board's display is plugged in: a window of QEMU's
  --stick FILE    a USB stick is plugged in; FILE holds what is on it, and is written to
  --fresh         a new card: settings and clips of earlier runs are gone
options of images:
  --url URL       where FOLDER will be found, for the Raspberry Pi Imager's os_list.json (default: FOLDER itself)
options of pull-clips, which copies what FOLDER (default: clips-CAMERA) does not have yet and never writes to the card:
  --list          only show the clips; nothing is copied
  --newest N      only the newest N clips
  --since DATE    only clips from this day on (YYYY-MM-DD, UTC)
options of verify-clips:
  --head DIGITS   what `status` showed as the head one day: the chain must hold it

The cache is in $KERBEROS_CACHE, or else in $XDG_CACHE_HOME/kerberos or ~/.cache/kerberos; it may be deleted at any time.";

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line.
    #[error("{0} (./flash.sh without anything shows how it is used)")]
    Usage(String),
    /// The boards.
    #[error(transparent)]
    Boards(#[from] boards::Error),
    /// The image.
    #[error(transparent)]
    Image(#[from] image::Error),
    /// Images to give away.
    #[error(transparent)]
    Release(#[from] release::Error),
    /// The firmware.
    #[error(transparent)]
    Firmware(#[from] firmware::Error),
    /// The host's packages.
    #[error(transparent)]
    Packages(#[from] packages::Error),
    /// The cache.
    #[error(transparent)]
    Cache(#[from] cache::Error),
    /// The emulator.
    #[error(transparent)]
    Emulate(#[from] emulate::Error),
    /// The card.
    #[error(transparent)]
    Card(#[from] card_writer::Error),
    /// The emulated camera.
    #[error(transparent)]
    Camera(#[from] camera::CameraError),
    /// Checking clips.
    #[error(transparent)]
    Verify(#[from] verify_clips::Error),
    /// Getting clips off a card.
    #[error(transparent)]
    Pull(#[from] pull_clips::Error),
    /// Clips that are not as they were recorded; what is wrong was shown.
    #[error("the clips are not all as they were recorded")]
    NotGood,
}

impl From<lexopt::Error> for Error {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

/// What was asked for, apart from the command's name.
#[derive(Debug, Default)]
struct Arguments {
    words: Vec<OsString>,
    test_hooks: bool,
    update: bool,
    fresh: bool,
    no_camera: bool,
    display: bool,
    yes: bool,
    config: Option<PathBuf>,
    init: Option<PathBuf>,
    clip: Option<PathBuf>,
    format: PixelFormat,
    stick: Option<PathBuf>,
    head: Option<String>,
    list: bool,
    newest: Option<usize>,
    since: Option<String>,
    url: Option<String>,
}

/// Runs the command that the arguments (without the program's name) ask for.
///
/// # Errors
/// A wrong command line, or what the command could not do.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Result<(), Error> {
    let mut arguments = arguments.peekable();
    let Some(command) = arguments.next() else {
        show(&format!("{USAGE}\n\n{}", boards_table()?));
        return Ok(());
    };
    match command.to_string_lossy().as_ref() {
        "help" | "--help" | "-h" => show(&format!("{USAGE}\n")),
        "boards" => {
            words(parse(arguments)?, 0)?;
            show(&boards_table()?);
        }
        "image" => build_image(parse(arguments)?)?,
        "images" => build_images(parse(arguments)?)?,
        "card" => show(&write_card(parse(arguments)?)?),
        card_writer::HELPER_COMMAND => help_write_card(parse(arguments)?)?,
        "emulate" => run_emulator(parse(arguments)?)?,
        "camera" => camera::command::run(arguments)?,
        "pull-clips" => pull(parse(arguments)?)?,
        pull_clips::HELPER_COMMAND => help_read_card(parse(arguments)?)?,
        "verify-clips" => verify(parse(arguments)?)?,
        "sizes" => print_sizes(parse(arguments)?)?,
        "packages" => {
            words(parse(arguments)?, 0)?;
            let cache = Cache::open()?;
            let builds = Architecture::ALL.map(Need::Build);
            for need in builds.into_iter().chain([Need::Clip, Need::Test]) {
                packages::ensure(need, &cache)?;
            }
        }
        other => return Err(Error::Usage(format!("there is no command `{other}`"))),
    }
    Ok(())
}

fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Arguments, Error> {
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut parsed = Arguments::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("test-hooks") => parsed.test_hooks = true,
            Long("update") => parsed.update = true,
            Long("fresh") => parsed.fresh = true,
            Long("no-camera") => parsed.no_camera = true,
            Long("display") => parsed.display = true,
            Long("yes") => parsed.yes = true,
            Long("config") => parsed.config = Some(parser.value()?.into()),
            Long("init") => parsed.init = Some(parser.value()?.into()),
            Long("clip") => parsed.clip = Some(parser.value()?.into()),
            Long("format") => parsed.format = camera::command::format(&parser.value()?)?,
            Long("stick") => parsed.stick = Some(parser.value()?.into()),
            Long("head") => parsed.head = Some(parser.value()?.to_string_lossy().into_owned()),
            Long("url") => parsed.url = Some(parser.value()?.to_string_lossy().into_owned()),
            Long("list") => parsed.list = true,
            Long("newest") => parsed.newest = Some(parser.value()?.parse()?),
            Long("since") => parsed.since = Some(parser.value()?.to_string_lossy().into_owned()),
            Value(word) => parsed.words.push(word),
            Short(_) | Long(_) => return Err(argument.unexpected().into()),
        }
    }
    Ok(parsed)
}

/// Refuses more words than a command takes.
fn words(arguments: Arguments, most: usize) -> Result<Arguments, Error> {
    match arguments.words.get(most) {
        Some(word) => Err(Error::Usage(format!("`{}` is one word too many", word.to_string_lossy()))),
        None => Ok(arguments),
    }
}

fn boards_table() -> Result<String, Error> {
    let folder = Workspace::find().boards();
    let mut table = format!("{:<16} {:<36} TIER\n", "BOARD", "NAME");
    for id in boards::list(&folder)? {
        let profile = boards::load(&folder, &id)?;
        // Writing to a string does not fail.
        let _ = writeln!(table, "{id:<16} {:<36} {}", profile.name, profile.tier);
    }
    Ok(table)
}

fn build_options(arguments: &Arguments, default_board: Option<&str>) -> Result<BuildOptions, Error> {
    let named = arguments.words.first().map(|word| word.to_string_lossy().into_owned());
    let board = named
        .or_else(|| default_board.map(str::to_owned))
        .ok_or_else(|| Error::Usage("which board?".to_owned()))?;
    Ok(BuildOptions {
        board,
        out: arguments.words.get(1).map(PathBuf::from),
        test_hooks: arguments.test_hooks,
        init: arguments.init.clone(),
        config: arguments.config.clone(),
        update: arguments.update,
        keep_if_same: false,
        test_kernel: None,
    })
}

fn build_image(arguments: Arguments) -> Result<(), Error> {
    let arguments = words(arguments, 2)?;
    let built = image::build(&build_options(&arguments, None)?)?;
    show(&summary(&built));
    Ok(())
}

fn build_images(arguments: Arguments) -> Result<(), Error> {
    let mut words = arguments.words.into_iter();
    let folder = words.next().ok_or_else(|| Error::Usage("into which folder?".to_owned()))?.into();
    let boards = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let url = arguments.url.map(|url| url.trim_end_matches('/').to_owned());
    let mut text = String::new();
    for packed in release::run(&release::Order { folder, boards, url, jobs: None })? {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:>10}  {}", packed.packed_bytes, packed.name);
    }
    show(&text);
    Ok(())
}

fn pull(arguments: Arguments) -> Result<(), Error> {
    let arguments = words(arguments, 2)?;
    let card =
        arguments.words.first().ok_or_else(|| Error::Usage("which card, or image of one?".to_owned()))?;
    let order = pull_clips::Order {
        card: card.into(),
        folder: arguments.words.get(1).map(PathBuf::from),
        wanted: pull_clips::Wanted::new(arguments.newest, arguments.since.as_deref())?,
        list: arguments.list,
    };
    Ok(pull_clips::run(&order, &mut show)?)
}

/// What sudo starts when only root may read the card.
fn help_read_card(arguments: Arguments) -> Result<(), Error> {
    let arguments = words(arguments, 2)?;
    let [device, identity] = arguments.words.as_slice() else {
        return Err(Error::Usage("this command is for ./flash.sh pull-clips".to_owned()));
    };
    Ok(pull_clips::help(device.as_ref(), &identity.to_string_lossy())?)
}

fn verify(arguments: Arguments) -> Result<(), Error> {
    let arguments = words(arguments, 1)?;
    let folder = arguments.words.first().ok_or_else(|| Error::Usage("which folder?".to_owned()))?;
    let report = verify_clips::verify(folder.as_ref(), arguments.head.as_deref())?;
    show(&report.to_string());
    if report.is_good() { Ok(()) } else { Err(Error::NotGood) }
}

fn write_card(arguments: Arguments) -> Result<String, Error> {
    let arguments = words(arguments, 2)?;
    // The second word is the card; the image goes where it always goes.
    let build = BuildOptions { out: None, ..build_options(&arguments, None)? };
    let device = arguments.words.get(1).map(PathBuf::from);
    Ok(card_writer::run(&card_writer::Order { build, device, yes: arguments.yes })?)
}

/// What sudo starts when only root may write the card.
fn help_write_card(arguments: Arguments) -> Result<(), Error> {
    let arguments = words(arguments, 2)?;
    let [device, identity] = arguments.words.as_slice() else {
        return Err(Error::Usage("this command is for ./flash.sh card".to_owned()));
    };
    Ok(card_writer::help(device.as_ref(), &identity.to_string_lossy())?)
}

/// What the image is and what is in it.
fn summary(built: &Built) -> String {
    let mut text = format!(
        "{}: {} MiB for {} (tier {})\n",
        built.path.display(),
        boards::layout::IMAGE_BYTES / boards::layout::MIB,
        built.profile.name,
        built.profile.tier
    );
    for part in &built.parts {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:>10}  {}", part.bytes, part.name);
    }
    text.push_str("manifest (in full: manifest.json in p2):\n");
    let components = built.manifest.get("components").and_then(serde_json::Value::as_array);
    for component in components.into_iter().flatten() {
        let field = |name: &str| component.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let hash =
            component.pointer("/hashes/0/content").and_then(serde_json::Value::as_str).unwrap_or_default();
        let short = hash.get(..SHOWN_HASH_DIGITS).unwrap_or_default();
        let _ = writeln!(text, "  {short:<SHOWN_HASH_DIGITS$}  {} {}", field("name"), field("version"));
    }
    text
}

fn run_emulator(arguments: Arguments) -> Result<(), Error> {
    let arguments = words(arguments, 1)?;
    let build = build_options(&arguments, Some(DEFAULT_EMULATED))?;
    let Arguments { clip, format, stick, fresh, no_camera, display, .. } = arguments;
    Ok(emulate::run(EmulateOptions { build, clip, format, camera: !no_camera, display, stick, fresh })?)
}

fn print_sizes(arguments: Arguments) -> Result<(), Error> {
    let arguments = words(arguments, 1)?;
    let workspace = Workspace::find();
    let board = build_options(&arguments, Some(DEFAULT_EMULATED))?.board;
    let profile = boards::load(&workspace.boards(), &board)?;
    let path = firmware::unstripped(&workspace, &profile, arguments.test_hooks)?;
    let rows = firmware::table(&path, profile.arch)?;
    let mut text = format!("{:>10}  CRATE\n", "BYTES");
    for row in &rows {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:>10}  {}", row.bytes, row.name);
    }
    let _ = writeln!(text, "{:>10}  all symbols", rows.iter().map(|row| row.bytes).sum::<u64>());
    show(&text);
    Ok(())
}

/// Prints a result. Whoever reads only the first lines (`| head`) has what they wanted.
fn show(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{boards_table, run};

    fn failure(words: &[&str]) -> String {
        run(words.iter().map(OsString::from)).expect_err("refused").to_string()
    }

    #[test]
    fn mistakes_on_the_command_line_are_one_sentence() {
        for (words, expected) in [
            (&["flash"][..], "there is no command `flash`"),
            (&["image"], "which board?"),
            (&["image", "toaster"], "there is no board `toaster`; the boards are: "),
            (&["image", "virt", "a", "b"], "`b` is one word too many"),
            (&["images"], "into which folder?"),
            (&["boards", "x"], "`x` is one word too many"),
            (&["card"], "which board?"),
            (&["card", "virt", "/dev/null"], "/dev/null is not a disk (a block device)"),
            (&["card", "virt", "/no/such/device"], "/no/such/device: "),
            (&["card", "virt", "--config", "/no/such/file"], "/no/such/file cannot be read: "),
            (&["write-card", "/dev/null"], "this command is for ./flash.sh card"),
            (&["pull-clips"], "which card, or image of one?"),
            (&["pull-clips", "/dev/null"], "/dev/null is neither a card image nor a disk"),
            (&["pull-clips", "/no/such/card.img"], "/no/such/card.img cannot be read: "),
            (&["pull-clips", "x", "--since", "monday"], "`monday` is no date: "),
            (&["pull-clips", "x", "--newest", "some"], "cannot parse argument \"some\""),
            (&["read-card", "/dev/null"], "this command is for ./flash.sh pull-clips"),
            (&["emulate", "--clip"], "missing argument for option '--clip'"),
            (&["emulate", "--wrong"], "invalid option '--wrong'"),
        ] {
            let message = failure(words);
            assert!(message.starts_with(expected) && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn the_table_has_every_board() {
        let table = boards_table().expect("boards");
        assert!(table.lines().any(|line| line.starts_with("virt ") && line.ends_with('1')), "{table}");
    }
}
