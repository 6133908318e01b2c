//! Seals some MiB in memory, as the recorder would, to count what a byte costs. BENCHMARKS.md says how.

use std::io;

use seal::{Recipient, SealError, Sealer};

/// The example key of the age specification: nothing is kept that it could open.
const OWNER: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
/// A second of a camera's pictures, and one picture.
const FRAGMENT_BYTES: usize = 1 << 20;
const FRAME_BYTES: usize = 70_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mebibytes: usize = std::env::args().nth(1).ok_or("how many MiB?")?.parse()?;
    let owner: Recipient = OWNER.parse()?;
    let fragment: Vec<u8> = (0..=u8::MAX).cycle().take(FRAGMENT_BYTES).collect();
    let mut sealer = Sealer::begin(&[owner], &mut not_random, Vec::with_capacity(2 * FRAGMENT_BYTES))?;
    let mut sealed_bytes = 0;
    for _ in 0..mebibytes {
        write(&mut sealer, &fragment)?;
        sealed_bytes += sealer.unwritten().len();
        sealer.written();
    }
    println!("{sealed_bytes} bytes");
    Ok(())
}

/// One fragment, picture by picture, padded.
fn write(sealer: &mut Sealer, fragment: &[u8]) -> Result<(), SealError> {
    for frame in fragment.chunks(FRAME_BYTES) {
        sealer.push(frame)?;
    }
    let padding = sealer.padding_bytes(8);
    sealer.push(&vec![0; padding])
}

/// The same each time, so that counts can be compared.
fn not_random(bytes: &mut [u8]) -> io::Result<()> {
    bytes.fill(9);
    Ok(())
}
