//! Why an input cannot be read: a sentence for each reason.
use std::path::PathBuf;

/// Why there are no frames, or no more of them.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file or folder.
    #[error("{} cannot be read: {source}.", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It has no times of its own.
    #[error("{} has no times of its own: say how many frames a second it has with --fps N.", .0.display())]
    NoRate(PathBuf),
    /// Not a rate.
    #[error("`{0}` is not a number of frames a second, such as 25, 29.97 or 30000/1001.")]
    Rate(String),
    /// Nothing to see in the folder.
    #[error("{} holds no images (jpg, png, bmp, ppm, pgm, webp).", .0.display())]
    EmptyFolder(PathBuf),
    /// More than one kind of image.
    #[error("{} holds both .{first} and .{second} images: one kind in a folder.", path.display())]
    MixedFolder {
        /// The folder.
        path: PathBuf,
        /// One kind.
        first: String,
        /// Another.
        second: String,
    },
    /// Bytes without the end of an image.
    #[error("{} is damaged: {} MiB without the end of an image.", path.display(), super::cutter::IMAGE_BYTES_MAX >> 20)]
    Endless {
        /// The file.
        path: PathBuf,
    },
    /// ffmpeg or ffprobe is not there.
    #[error("{program} cannot be started ({source}); on Debian: apt-get install ffmpeg.")]
    NoFfmpeg {
        /// Which of the two.
        program: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// ffmpeg finds nothing in it.
    #[error("{} is not a clip that ffmpeg can read: {reason}.", path.display())]
    NotAClip {
        /// The file.
        path: PathBuf,
        /// ffmpeg's words.
        reason: String,
    },
    /// It broke off in the middle.
    #[error("{} breaks off after {frames} frames: {reason}.", path.display())]
    BrokenOff {
        /// The file.
        path: PathBuf,
        /// Frames before that.
        frames: usize,
        /// ffmpeg's words.
        reason: String,
    },
    /// Packets and times do not belong together.
    #[error("{} gives {frames} frames and {times} times: its index is damaged; convert it first.", path.display())]
    Times {
        /// The file.
        path: PathBuf,
        /// Frames.
        frames: usize,
        /// Times.
        times: usize,
    },
    /// Not a part of the picture.
    #[error("`{0}` is not a part of the picture: --crop X,Y,WIDTHxHEIGHT in pixels of the clip.")]
    Crop(String),
    /// No scene of that name.
    #[error("there is no scene `{0}`; `evaluate scenes` lists them.")]
    NoScene(String),
    /// Not a size.
    #[error("`{0}` is not a size such as 640x480, from 64x48 to 4096x4096.")]
    Size(String),
    /// The picture of a scene could not be encoded.
    #[error("a frame of scene {scene} cannot be encoded: {reason}.")]
    Encode {
        /// The scene.
        scene: String,
        /// The encoder's reason.
        reason: String,
    },
    /// Nothing to cut with.
    #[error("--crop works on clips that ffmpeg reads; {} is taken as it is.", .0.display())]
    CropOfJpegs(PathBuf),
}
