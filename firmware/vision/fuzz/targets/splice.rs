//! Fuzz target: any marks on any bytes as a camera's JPEG frame.
#![no_main]
#[path = "../probes.rs"]
mod probes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| probes::splice(bytes));
