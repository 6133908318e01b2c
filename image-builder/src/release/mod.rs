//! Images as they are given away: every board's, compressed, with what other card writers than ours want beside them.
//!
//! Builds nothing itself: `image` does. Beside each `NAME.img.xz` lies `NAME.img.bmap`; beside all of them `SHA256SUMS` and, for the
//! Raspberry Pi Imager, `os_list.json`.

mod bmap;
mod imager;
mod pack;

use std::path::{Path, PathBuf};

use boards::Profile;

use crate::host::workspace::Workspace;
use crate::host::{command, parallel, progress};
use crate::image::{self, BuildOptions};

pub use pack::Packed;

/// Largest compressed image, in bytes: what somebody downloads over a slow line while they look for a card.
pub const PACKED_BYTES_MAX: u64 = 12 << 20;
/// The list of hashes, as `sha256sum -c` reads it.
const SUMS: &str = "SHA256SUMS";
/// The list for the Raspberry Pi Imager.
const IMAGER_LIST: &str = "os_list.json";

/// Why images could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A board's file.
    #[error(transparent)]
    Boards(#[from] boards::Error),
    /// One image.
    #[error("{board}: {source}")]
    Image {
        /// The board's id.
        board: String,
        /// What happened.
        source: image::Error,
    },
    /// A program failed.
    #[error("{board}: compressing the image failed: {source}")]
    Program {
        /// The board's id.
        board: String,
        /// What happened.
        source: command::Error,
    },
    /// Too large.
    #[error("{board}: the compressed image has {bytes} bytes, and {PACKED_BYTES_MAX} is the most")]
    Large {
        /// The board's id.
        board: String,
        /// Its size.
        bytes: u64,
    },
    /// A file operation failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

/// What to make.
#[derive(Debug, Clone)]
pub struct Order {
    /// Where the files go; it is made where it is not there.
    pub folder: PathBuf,
    /// The boards; none: all of them.
    pub boards: Vec<String>,
    /// Where the folder's files will be found, for the Raspberry Pi Imager, without a slash at the end; `None`: in the folder itself.
    pub url: Option<String>,
    /// Boards at once; `None`: as many as there are processors.
    pub jobs: Option<usize>,
}

/// Makes the images, and returns them in the order of the boards' names.
///
/// # Errors
/// The first image that could not be made, by name; the others are there nevertheless, the lists are not.
pub fn run(order: &Order) -> Result<Vec<Packed>, Error> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    let boards = Workspace::find().boards();
    let ids = if order.boards.is_empty() { boards::list(&boards)? } else { order.boards.clone() };
    let profiles = ids.iter().map(|id| boards::load(&boards, id)).collect::<Result<Vec<_>, _>>()?;
    std::fs::create_dir_all(&order.folder).map_err(failed(&order.folder))?;
    let folder = order.folder.canonicalize().map_err(failed(&order.folder))?;
    let (first, rest) = by_kernel(&profiles);
    // A kernel takes all processors for minutes; after that an image takes one for seconds.
    let mut packed = at_once(&first, 1, &folder)?;
    let jobs = order.jobs.or_else(|| std::thread::available_parallelism().map(usize::from).ok());
    packed.extend(at_once(&rest, jobs.unwrap_or(1), &folder)?);
    packed.sort_by(|one, other| one.board.cmp(&other.board));
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(failed(&path))
    };
    write(SUMS, packed.iter().map(|one| format!("{}  {}\n", one.packed_sha256, one.name)).collect())?;
    let url = order.url.clone().unwrap_or_else(|| format!("file://{}", folder.display()));
    write(IMAGER_LIST, format!("{:#}\n", imager::list(&profiles, &packed, &url)))?;
    Ok(packed)
}

/// One board of each kernel, and all others.
fn by_kernel(profiles: &[Profile]) -> (Vec<&Profile>, Vec<&Profile>) {
    let (mut first, mut rest): (Vec<&Profile>, Vec<&Profile>) = (Vec::new(), Vec::new());
    for profile in profiles {
        let same = |other: &&Profile| other.arch == profile.arch && other.kernel == profile.kernel;
        let list = if first.iter().any(same) { &mut rest } else { &mut first };
        list.push(profile);
    }
    (first, rest)
}

/// Makes several images at once; all of them, even when one fails.
fn at_once(profiles: &[&Profile], jobs: usize, folder: &Path) -> Result<Vec<Packed>, Error> {
    parallel::each(profiles, jobs, |profile| one(profile, folder)).into_iter().collect()
}

fn one(profile: &Profile, folder: &Path) -> Result<Packed, Error> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    };
    // Unpacked it is only needed here.
    let work = tempfile::tempdir_in(folder).map_err(io(folder))?;
    let path = work.path().join("card.img");
    let options = BuildOptions { board: profile.id.clone(), out: Some(path), ..BuildOptions::default() };
    let built =
        image::build(&options).map_err(|source| Error::Image { board: profile.id.clone(), source })?;
    progress::step(&format!("Compressing the image for {}", profile.id));
    let packed = pack::pack(&built, folder)?;
    if packed.packed_bytes > PACKED_BYTES_MAX {
        return Err(Error::Large { board: packed.board, bytes: packed.packed_bytes });
    }
    Ok(packed)
}
