//! Fuzz target: any bytes as an uncompressed frame of any format, size and stride.
#![no_main]
#[path = "../probes.rs"]
mod probes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| probes::raw(bytes));
