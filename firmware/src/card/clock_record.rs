//! The last known wall time, in a pair of sectors.
//!
//! One sector: magic (8 bytes), microseconds since 1970 (8, little-endian), CRC-32 over both (4). It bounds how far the clock can
//! fall back, nothing more.

use super::sector_pair::{self, Sector};
use boards::layout;
use std::io;
use std::path::Path;

const MAGIC: &[u8; 8] = b"KRBCLK01";
const RECORD_BYTES: usize = 20;

/// The later of the two records, microseconds since 1970.
pub fn load(disk: &Path) -> Option<u64> {
    let sectors = sector_pair::read(disk, layout::CLOCK).ok()?;
    sectors.iter().flatten().filter_map(parse).max()
}

/// Writes `wall_us` over the older record.
pub fn save(disk: &Path, wall_us: u64) -> io::Result<()> {
    sector_pair::replace(disk, layout::CLOCK, parse, |_| Ok(emit(wall_us)))
}

fn emit(wall_us: u64) -> Sector {
    let mut bytes = [0; size_of::<Sector>()];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..16].copy_from_slice(&wall_us.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..16]);
    bytes[16..RECORD_BYTES].copy_from_slice(&crc.to_le_bytes());
    bytes
}

fn parse(bytes: &Sector) -> Option<u64> {
    let (head, crc) = bytes[..RECORD_BYTES].split_at(16);
    let intact = crc == crc32fast::hash(head).to_le_bytes() && head.starts_with(MAGIC);
    intact.then(|| u64::from_le_bytes(std::array::from_fn(|i| head[8 + i])))
}

#[cfg(test)]
mod tests {
    use super::super::sector_pair::at;
    use super::{load, save};
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
            let place = at(layout::CLOCK, 0) + bit / 8;
            file.as_file().read_exact_at(&mut byte, place).expect("read");
            file.as_file().write_all_at(&[byte[0] ^ (1 << (bit % 8))], place).expect("write");
            assert_eq!(load(file.path()), Some(4000), "bit {bit}: the other record");
            file.as_file().write_all_at(&byte, place).expect("restore");
        }
        assert_eq!(load(file.path()), Some(5000));
    }
}
