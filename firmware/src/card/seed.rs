//! Entropy carried from one start to the next.
//!
//! The seed is mixed into the kernel's pool and replaced at once, so that no two starts use the same. It is never credited
//! as entropy: cards are copied. Boards without a random number generator profit most (SeedRNG does the same for file
//! systems).

use super::disk::Disk;
use crate::warning;
use boards::layout;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;

/// Mixes the saved seed in and saves a new one.
pub fn renew(disk: &Disk) {
    if let Err(error) = disk.open().and_then(|card| exchange(&card)) {
        warning!("seed: it cannot be renewed: {error}");
    }
}

fn exchange(card: &File) -> io::Result<()> {
    let mut seed = [0; layout::SEED_BYTES];
    card.read_exact_at(&mut seed, layout::SEED.offset_bytes)?;
    let mut pool = File::options().read(true).write(true).open("/dev/urandom")?;
    // Writing mixes without crediting.
    pool.write_all(&seed)?;
    pool.read_exact(&mut seed)?;
    card.write_all_at(&seed, layout::SEED.offset_bytes)?;
    card.sync_data()
}
