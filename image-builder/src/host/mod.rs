//! The host: its packages, its apt, its programs, and the cache outside the checkout.

pub mod apt;
pub mod cache;
pub mod command;
pub mod install;
pub mod packages;
pub mod parallel;
pub mod progress;
pub mod sources;
pub mod window;
pub mod workspace;
