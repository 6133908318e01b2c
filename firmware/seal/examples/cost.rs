//! Seals some MiB in memory, as the recorder would, so that `cost.sh` can count what a byte and a file cost.

use std::io;

use seal::{Recipient, SealError, Sealer};

/// The example key of the age specification: nothing is kept that it could open.
const OWNER: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
/// A second of a camera's pictures, and one picture.
const FRAGMENT_BYTES: usize = 1 << 20;
const FRAME_BYTES: usize = 70_000;

/// Arguments: files, and MiB in each of them.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<usize>());
    let files = numbers.next().ok_or("how many files?")??;
    let mebibytes = numbers.next().ok_or("how many MiB in each?")??;
    let owner: Recipient = OWNER.parse()?;
    let fragment = [0x5a; FRAGMENT_BYTES];
    let mut outbox = Vec::with_capacity(2 * FRAGMENT_BYTES);
    let mut sealed_bytes = 0;
    for _ in 0..files {
        let mut sealer = Sealer::begin(&[owner], &mut not_random, outbox)?;
        for _ in 0..mebibytes {
            write(&mut sealer, &fragment)?;
            let bytes = sealer.unwritten().len();
            sealed_bytes += bytes;
            sealer.written(bytes);
        }
        outbox = sealer.into_outbox();
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
