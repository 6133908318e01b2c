//! Fuzz target: any bytes as a file of the chain of hashes.
#![no_main]
#[path = "../memory_folder.rs"]
mod memory_folder;
#[path = "../probes.rs"]
mod probes;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| probes::chain(bytes));
