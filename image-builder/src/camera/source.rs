//! Where frames come from: the generated scene, or footage. One call per frame; it must not pace or count.

use std::path::PathBuf;

use super::clip::Clip;
use super::error::CameraError;
use super::format::PixelFormat;
use super::modes::Mode;
use super::scene::{Act, Scene, Truth};

/// What the camera looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SourceKind {
    /// The generated scene, with known truth.
    #[default]
    Scene,
    /// Footage that ffmpeg reads, looped.
    Clip(PathBuf),
}

/// An opened source.
#[derive(Debug)]
pub enum Source {
    Scene(Box<Scene>),
    Clip(Clip),
}

impl Source {
    /// Opens what was asked for; footage is checked here, so that a wrong file is told at once.
    pub fn open(kind: &SourceKind, format: PixelFormat, seed: u64) -> Result<Source, CameraError> {
        Ok(match kind {
            SourceKind::Scene if format == PixelFormat::H264 => Source::Clip(Clip::of_scene(seed, format)),
            SourceKind::Scene => Source::Scene(Box::new(Scene::new(seed, format))),
            SourceKind::Clip(file) => Source::Clip(Clip::open(file, format)?),
        })
    }

    /// The frame with this index; `None` when it is not ready.
    pub fn frame(&mut self, mode: Mode, index: u64) -> Result<Option<Vec<u8>>, CameraError> {
        match self {
            Source::Scene(scene) => scene.frame(mode, index).map(Some),
            Source::Clip(clip) => clip.next(mode),
        }
    }

    /// What happens in the scene from now on; footage does what it does.
    pub fn set_act(&mut self, act: Act) {
        if let Source::Scene(scene) = self {
            scene.set_act(act);
        }
    }

    /// What is in a frame, if that is known.
    pub fn truth(&self, index: u64) -> Option<Truth> {
        match self {
            Source::Scene(scene) => scene.truth(index),
            Source::Clip(_) => None,
        }
    }
}
