//! The only place with `unsafe`: what the safe crates do not offer. It must not hold policy.
//!
//! Each block says why it is sound. Everything that leaves this module is safe to call.
#![allow(unsafe_code)]

pub mod block;
pub mod counters;
pub mod descriptor;
pub mod framebuffer;
pub mod media;
pub mod memory;
pub mod pass;
pub mod process;
pub mod relro;
pub mod rtc;
pub mod subdevice;
pub mod time;
pub mod tty;
pub mod v4l2;
pub mod v4l2_controls;
pub mod version;
pub mod watchdog;

/// Granularity in which the kernel gives, takes and protects memory on our boards; the linker is told so (`max-page-size`).
const PAGE_BYTES: usize = 4096;
