//! Fuzz target: any bytes as the beginning of a sealed file.
#![no_main]
#[path = "../memory_folder.rs"]
mod memory_folder;
#[path = "../probes.rs"]
mod probes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| probes::sealed(bytes));
