//! Fuzz target: any bytes as a clip that a power cut left, and its description.
#![no_main]
#[path = "../memory_folder.rs"]
mod memory_folder;
#[path = "../probes.rs"]
mod probes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| probes::clip(bytes));
