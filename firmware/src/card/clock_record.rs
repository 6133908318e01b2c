//! The last known wall time, on the card outside every file system.
//!
//! Two sectors in turn, each checksummed: a power cut while one is written leaves the other. It bounds how far the clock
//! can fall back, nothing more.

use boards::layout;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const MAGIC: &[u8; 8] = b"KRBCLK01";
const RECORD_BYTES: usize = 20;
const SECTORS: u64 = 2;

/// The later of the two records, microseconds since 1970.
pub fn load(disk: &Path) -> Option<u64> {
    let card = File::open(disk).ok()?;
    read_both(&card).into_iter().flatten().max()
}

/// Writes `wall_us` over the older record.
pub fn save(disk: &Path, wall_us: u64) -> io::Result<()> {
    let card = File::options().read(true).write(true).open(disk)?;
    let [first, second] = read_both(&card);
    let sector = u64::from(first > second);
    let mut bytes = [0; layout::SECTOR_BYTES as usize];
    bytes[..RECORD_BYTES].copy_from_slice(&emit(wall_us));
    card.write_all_at(&bytes, at(sector))?;
    card.sync_data()
}

fn read_both(card: &File) -> [Option<u64>; 2] {
    [0, 1].map(|sector| {
        let mut bytes = [0; RECORD_BYTES];
        card.read_exact_at(&mut bytes, at(sector)).ok()?;
        parse(&bytes)
    })
}

fn at(sector: u64) -> u64 {
    layout::CLOCK.offset_bytes + (sector % SECTORS) * layout::SECTOR_BYTES
}

fn emit(wall_us: u64) -> [u8; RECORD_BYTES] {
    let mut bytes = [0; RECORD_BYTES];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&wall_us.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..16]);
    bytes[16..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

fn parse(bytes: &[u8; RECORD_BYTES]) -> Option<u64> {
    let (head, crc) = bytes.split_at(16);
    let intact = crc == crc32fast::hash(head).to_le_bytes() && head.starts_with(MAGIC);
    intact.then(|| u64::from_le_bytes(std::array::from_fn(|i| head[8 + i])))
}

#[cfg(test)]
mod tests {
    use super::{at, load, save};
    use boards::layout;
    use std::os::unix::fs::FileExt;

    #[test]
    fn the_later_time_is_found_and_one_damaged_sector_costs_one_record() {
        let file = tempfile::NamedTempFile::new().expect("tempfile");
        file.as_file().set_len(layout::CLOCK.end_bytes()).expect("size");
        assert_eq!(load(file.path()), None);
        for time in 1..=5 {
            save(file.path(), time * 1000).expect("save");
            assert_eq!(load(file.path()), Some(time * 1000));
        }
        for bit in 0..20 * 8u64 {
            let mut byte = [0];
            let place = at(0) + bit / 8;
            file.as_file().read_exact_at(&mut byte, place).expect("read");
            file.as_file().write_all_at(&[byte[0] ^ (1 << (bit % 8))], place).expect("write");
            assert_eq!(load(file.path()), Some(4000), "bit {bit}: the other record");
            file.as_file().write_all_at(&byte, place).expect("restore");
        }
        assert_eq!(load(file.path()), Some(5000));
    }
}
