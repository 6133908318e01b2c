//! Two sectors of the card, outside every file system, written in turn.
//!
//! A power cut while one is written leaves the other.
//! Must not know what is in them: who keeps a record there says which sector is intact, and how old.

use boards::layout::{Area, SECTOR_BYTES};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// One of them.
pub type Sector = [u8; SECTOR_BYTES as usize];

/// Reads both. That one cannot be read says nothing of the other.
pub fn read(disk: &Path, area: Area) -> io::Result<[io::Result<Sector>; 2]> {
    Ok(read_both(&File::open(disk)?, area))
}

/// Writes over the older one, and returns once the card has it. `age` says how new the record in a sector is, the higher the newer,
/// and nothing of a damaged one; `make` makes the new sector from the newest of both.
pub fn replace<Age: Ord, Error: From<io::Error>>(
    disk: &Path,
    area: Area,
    age: impl Fn(&Sector) -> Option<Age>,
    make: impl FnOnce(Option<Age>) -> Result<Sector, Error>,
) -> Result<(), Error> {
    let card = File::options().read(true).write(true).open(disk)?;
    let [first, second] = read_both(&card, area).map(|sector| sector.ok().and_then(|sector| age(&sector)));
    let target = u64::from(first > second);
    card.write_all_at(&make(first.max(second))?, at(area, target))?;
    Ok(card.sync_data()?)
}

fn read_both(card: &File, area: Area) -> [io::Result<Sector>; 2] {
    [0, 1].map(|number| {
        let mut sector = [0; SECTOR_BYTES as usize];
        card.read_exact_at(&mut sector, at(area, number)).map(|()| sector)
    })
}

/// Where a sector lies.
pub fn at(area: Area, number: u64) -> u64 {
    area.offset_bytes + number * SECTOR_BYTES
}
