//! Image builder: from sources and Debian packages to a card image, and from there to a running emulator.
//!
//! A library as well as a program: the whole-image tests use `image`, `emulate`, `fat` and `camera`. Knows no board by
//! name.

pub mod camera;
pub mod card_writer;
pub mod cli;
pub mod device_tree;
pub mod digest;
pub mod emulate;
pub mod ext4;
pub mod fat;
pub mod firmware;
pub mod host;
pub mod image;
pub mod kernel;
pub mod manifest;
pub mod pull_clips;
pub mod release;
pub mod verify_clips;
