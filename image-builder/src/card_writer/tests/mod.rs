//! Tests of the card writer that need no device: a computer made of files, cards made of memory.

mod cards;
pub mod computer;
mod questions;
mod refusals;
mod transfers;
