//! Hashes some MiB in memory, so that `cost/hash.sh` can count what a byte costs.

use evidence::Hasher;

/// A camera's picture.
const FRAME_BYTES: usize = 70_000;

/// Argument: how many MiB.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mebibytes: usize = std::env::args().nth(1).ok_or("how many MiB?")?.parse()?;
    let content = vec![0x5a; 1 << 20];
    let mut hasher = Hasher::default();
    for _ in 0..mebibytes {
        content.chunks(FRAME_BYTES).for_each(|frame| hasher.update(frame));
    }
    println!("{}", hasher.hash());
    Ok(())
}
