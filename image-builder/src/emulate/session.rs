//! `emulate`: builds the image, keeps a card for the emulator, and boots it on this terminal with a camera plugged in.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Error;
use super::machine::{Machine, MachineOptions, Serial};
use crate::camera::{self, Camera, PixelFormat, SourceKind};
use crate::host::cache::Cache;
use crate::host::packages::{self, Need};
use crate::host::progress;
use crate::host::workspace::Workspace;
use crate::image::{self, BuildOptions};

/// How long nobody is in the generated scene: time to boot, to learn the scene and to fill the pre-roll.
const REST: Duration = Duration::from_secs(15);
/// How long the figure walks.
const WALK: Duration = Duration::from_secs(6);

/// What to emulate.
#[derive(Debug, Clone)]
pub struct EmulateOptions {
    /// The image to build; its `out` is not used.
    pub build: BuildOptions,
    /// What the camera shows instead of the generated scene.
    pub clip: Option<PathBuf>,
    /// How the camera sends its pictures.
    pub format: PixelFormat,
    /// Whether a camera is plugged in.
    pub camera: bool,
    /// Whether the board's display is a window on this computer.
    pub display: bool,
    /// The file behind a USB stick that is plugged in.
    pub stick: Option<PathBuf>,
    /// Whether to start with a new card.
    pub fresh: bool,
}

/// Runs the emulator until the person leaves it or the board switches itself off.
///
/// # Errors
/// When the image cannot be built or the machine does not run.
pub fn run(options: EmulateOptions) -> Result<(), Error> {
    let source = match &options.clip {
        Some(clip) => {
            // Before anything that takes time.
            std::fs::File::open(clip).map_err(|source| Error::Io { path: clip.clone(), source })?;
            packages::ensure(Need::Clip, &Cache::open()?)?;
            SourceKind::Clip(clip.clone())
        }
        None => SourceKind::Scene,
    };
    if options.display {
        packages::ensure(Need::Window, &Cache::open()?)?;
    }
    if let Some(stick) = &options.stick {
        let open = std::fs::File::options().read(true).write(true).open(stick);
        open.map_err(|source| Error::Io { path: stick.clone(), source })?;
    }
    let card = card_path(&options.build);
    if let Some(folder) = card.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Error::Io { path: folder.to_owned(), source })?;
    }
    if options.fresh {
        remove(&card)?;
    }
    let existed = card.exists();
    let build = BuildOptions { out: Some(card.clone()), keep_if_same: true, ..options.build };
    let built = image::build(&build).map_err(Box::new)?;
    let shown = card.display();
    match (existed, built.written) {
        (true, false) => progress::step(&format!(
            "Same system as last time: keeping its card {shown} (--fresh for a new one)"
        )),
        (true, true) => progress::step(&format!("The system has changed: the card {shown} is new")),
        (false, _) => progress::step(&format!("New card {shown}")),
    }
    let machine = MachineOptions {
        serial: Serial::Terminal,
        monitor: false,
        usb: options.camera || options.stick.is_some(),
        display: options.display,
        window: options.display,
        stick: options.stick,
        ..MachineOptions::new(built.profile, &card)
    };
    let mut machine = Machine::start(&machine)?;
    let camera = match options.camera {
        true => Some(Camera::start(camera::Options {
            source,
            format: options.format,
            ..camera::Options::new(machine.camera_socket())
        })?),
        false => None,
    };
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        if let Some(camera) = &camera {
            let walk = scope.spawn(|| walk_and_rest(camera, &over));
            let ended = machine.wait().map(drop);
            over.store(true, Ordering::Release);
            walk.thread().unpark();
            ended
        } else {
            machine.wait().map(drop)
        }
    })
    // The machine is gone; what the camera says about its end is no news.
}

/// Lets the figure of the generated scene walk now and then, so that events begin and end. Footage takes no notice.
fn walk_and_rest(camera: &Camera, over: &AtomicBool) {
    loop {
        for (moving, length) in [(false, REST), (true, WALK)] {
            if moving {
                camera.scene_moving()
            } else {
                camera.scene_still()
            }
            let started = Instant::now();
            while let Some(left) = length.checked_sub(started.elapsed()) {
                if over.load(Ordering::Acquire) {
                    return;
                }
                std::thread::park_timeout(left);
            }
        }
    }
}

/// The emulator's card. An image with test hooks or another /init has its own.
fn card_path(build: &BuildOptions) -> PathBuf {
    let suffix = match (&build.init, build.test_hooks) {
        (Some(_), _) => "-init",
        (None, true) => "-test-hooks",
        (None, false) => "",
    };
    Workspace::find().target.join("emulate").join(format!("{}{suffix}.img", build.board))
}

fn remove(card: &Path) -> Result<(), Error> {
    match std::fs::remove_file(card) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Io { path: card.to_owned(), source })
        }
        _ => Ok(()),
    }
}
