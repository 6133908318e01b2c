//! image-builder: host tool from sources to a card image, an emulator and an emulated camera.
//!
//! This library holds the parts that the tests use too; it must not read the command line.

pub mod camera;
