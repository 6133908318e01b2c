//! Where the checkout is and where its products go.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::command;

/// Time stamp of images made from sources that carry no date: the project's first year.
const EPOCH_DEFAULT_S: u64 = 1_735_689_600;

/// A checkout.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Folder with the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
}

impl Workspace {
    /// The checkout that this program was built from.
    #[must_use]
    pub fn find() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.parent().unwrap_or(here).to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .filter(|path| !path.is_empty())
            .map_or_else(|| root.join("target"), |path| root.join(path));
        Self { root, target }
    }

    /// Folder of the boards.
    #[must_use]
    pub fn boards(&self) -> PathBuf {
        self.root.join("boards")
    }

    /// Default place of a board's image. An image with test hooks never takes a product's name.
    #[must_use]
    pub fn image(&self, board: &str, test_hooks: bool) -> PathBuf {
        let suffix = if test_hooks { "-test-hooks" } else { "" };
        self.target.join("images").join(format!("{board}{suffix}.img"))
    }

    /// The one time stamp inside an image: `SOURCE_DATE_EPOCH`, or the last commit's time, or a fixed date.
    #[must_use]
    pub fn epoch(&self) -> Duration {
        self.epoch_of(&[])
    }

    /// As [`Workspace::epoch`], but of the last commit that touched one of these paths (none: any).
    #[must_use]
    pub fn epoch_of(&self, paths: &[&str]) -> Duration {
        let given = std::env::var("SOURCE_DATE_EPOCH").ok();
        let committed = || {
            let mut git = Command::new("git");
            git.arg("-C").arg(&self.root).args(["log", "-1", "--format=%ct", "--"]).args(paths);
            command::text(&mut git).ok()
        };
        let seconds = given.or_else(committed).and_then(|text| text.trim().parse().ok());
        Duration::from_secs(seconds.unwrap_or(EPOCH_DEFAULT_S))
    }
}
