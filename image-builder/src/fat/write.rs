//! Makes a FAT16 volume with some files in its root folder, in memory.

use std::time::Duration;

use super::{
    ATTRIBUTE_FILE, ATTRIBUTE_LABEL, CLUSTERS_MAX, CLUSTERS_MIN, END_OF_CHAIN, ENTRY_BYTES, SECTOR_BYTES,
    names,
};

/// Sectors of a cluster: 2 KiB wastes little on small files and gives 16 MiB and 32 MiB volumes a FAT16's count.
const SECTORS_PER_CLUSTER: usize = 4;
/// Bytes of a cluster.
const CLUSTER_BYTES: usize = SECTORS_PER_CLUSTER * SECTOR_BYTES;
/// Sectors before the first table; more than the boot sector, so that clusters start at a multiple of 2 KiB.
const RESERVED_SECTORS: usize = 4;
/// Copies of the allocation table.
const TABLES: usize = 2;
/// Entries of the root folder: the specification's recommendation.
const ROOT_ENTRIES: usize = 512;
/// Sectors of the root folder.
const ROOT_SECTORS: usize = ROOT_ENTRIES * ENTRY_BYTES / SECTOR_BYTES;
/// Medium: not removable from its drive.
const MEDIUM: u8 = 0xf8;
/// Drive geometry that partitioners pretend.
const SECTORS_PER_TRACK: u16 = 63;
/// Drive geometry that partitioners pretend.
const HEADS: u16 = 255;
/// The boot sector has the label and the type name.
const EXTENDED_BOOT_SIGNATURE: u8 = 0x29;
/// More short names that start alike than this are not expected in one folder.
const SHORT_NAMES_MAX: usize = 99;

/// What does not fit on a volume.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The volume's size does not give a FAT16.
    #[error("a volume of {0} bytes cannot be a FAT16")]
    VolumeSize(u64),
    /// The files are larger than the volume.
    #[error("the files do not fit on {label}: {need} bytes are needed and {have} are there")]
    Full {
        /// Volume's label.
        label: String,
        /// Bytes of clusters needed.
        need: usize,
        /// Bytes of clusters on the volume.
        have: usize,
    },
    /// The name cannot be written.
    #[error("`{0}` cannot be a file name on a FAT volume, or there are too many like it")]
    Name(String),
    /// Too many files.
    #[error("too many files for the root folder of {0}")]
    Folder(String),
}

/// A file to put on the volume.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// Name.
    pub name: &'a str,
    /// Content.
    pub bytes: &'a [u8],
}

/// Makes the volume. `time` is the one time stamp on it, since 1970 in UTC; `start_sector` is where on the card it
/// lies; `id` is its serial number. Returns the volume's used head: what follows is zeros, up to `length_bytes`.
///
/// # Errors
/// When the files do not fit or the size is no FAT16.
pub fn format(
    label: &str,
    id: u32,
    start_sector: u32,
    length_bytes: u64,
    time: Duration,
    files: &[File<'_>],
) -> Result<Vec<u8>, Error> {
    let geometry = Geometry::of(length_bytes)?;
    let need: usize = files.iter().map(|file| file.bytes.len().div_ceil(CLUSTER_BYTES) * CLUSTER_BYTES).sum();
    let have = geometry.clusters * CLUSTER_BYTES;
    if need > have {
        return Err(Error::Full { label: label.to_owned(), need, have });
    }
    let stamp = dos_time(time);
    let mut table: Vec<u16> = vec![0xff00 | u16::from(MEDIUM), END_OF_CHAIN];
    let mut root = entry(&padded(label), ATTRIBUTE_LABEL, stamp, 0, 0).to_vec();
    let mut data = Vec::with_capacity(need);
    let mut shorts = Vec::new();
    for file in files {
        let first = allocate(&mut table, file.bytes.len());
        data.extend_from_slice(file.bytes);
        data.resize(data.len().next_multiple_of(CLUSTER_BYTES), 0);
        let short = (1..=SHORT_NAMES_MAX)
            .filter_map(|number| names::short(file.name, number))
            .find(|short| !shorts.contains(short))
            .ok_or_else(|| Error::Name(file.name.to_owned()))?;
        shorts.push(short);
        names::long_entries(file.name, &short).iter().for_each(|part| root.extend_from_slice(part));
        // The length fits: it was compared with the volume's.
        let length = u32::try_from(file.bytes.len()).unwrap_or(u32::MAX);
        root.extend_from_slice(&entry(&short, ATTRIBUTE_FILE, stamp, first, length));
    }
    if root.len() > ROOT_ENTRIES * ENTRY_BYTES {
        return Err(Error::Folder(label.to_owned()));
    }
    let mut volume = boot_sector(label, id, start_sector, &geometry).to_vec();
    volume.resize(RESERVED_SECTORS * SECTOR_BYTES, 0);
    for _ in 0..TABLES {
        let start = volume.len();
        table.iter().for_each(|cell| volume.extend_from_slice(&cell.to_le_bytes()));
        volume.resize(start + geometry.table_sectors * SECTOR_BYTES, 0);
    }
    root.resize(ROOT_SECTORS * SECTOR_BYTES, 0);
    volume.extend_from_slice(&root);
    volume.extend_from_slice(&data);
    Ok(volume)
}

/// Sizes of a volume's parts.
struct Geometry {
    sectors: u32,
    clusters: usize,
    table_sectors: usize,
}

impl Geometry {
    fn of(length_bytes: u64) -> Result<Self, Error> {
        let wrong = || Error::VolumeSize(length_bytes);
        let sectors = u32::try_from(length_bytes / SECTOR_BYTES as u64).map_err(|_| wrong())?;
        let all = usize::try_from(sectors).map_err(|_| wrong())?;
        let fixed = RESERVED_SECTORS + ROOT_SECTORS;
        // A table for as many clusters as there would be without tables: a few sectors too many, never too few.
        let most = all.saturating_sub(fixed) / SECTORS_PER_CLUSTER;
        let table_sectors = ((most + 2) * 2).div_ceil(SECTOR_BYTES);
        let clusters = all.saturating_sub(fixed + TABLES * table_sectors) / SECTORS_PER_CLUSTER;
        if !(CLUSTERS_MIN..=CLUSTERS_MAX).contains(&clusters) {
            return Err(wrong());
        }
        Ok(Self { sectors, clusters, table_sectors })
    }
}

/// Appends a chain for a file of `length` bytes and returns its first cluster; an empty file has none.
fn allocate(table: &mut Vec<u16>, length: usize) -> u16 {
    let count = length.div_ceil(CLUSTER_BYTES);
    if count == 0 {
        return 0;
    }
    // The count of clusters is below 65525, so that every number fits.
    let number = |index: usize| u16::try_from(index).unwrap_or(END_OF_CHAIN);
    let first = table.len();
    table.extend((first + 1..first + count).map(number));
    table.push(END_OF_CHAIN);
    number(first)
}

fn entry(
    name: &[u8; 11],
    attribute: u8,
    (date, time): (u16, u16),
    cluster: u16,
    length: u32,
) -> [u8; ENTRY_BYTES] {
    let mut entry = [0; ENTRY_BYTES];
    entry[..11].copy_from_slice(name);
    entry[11] = attribute;
    entry[14..16].copy_from_slice(&time.to_le_bytes());
    entry[16..18].copy_from_slice(&date.to_le_bytes());
    entry[18..20].copy_from_slice(&date.to_le_bytes());
    entry[22..24].copy_from_slice(&time.to_le_bytes());
    entry[24..26].copy_from_slice(&date.to_le_bytes());
    entry[26..28].copy_from_slice(&cluster.to_le_bytes());
    entry[28..32].copy_from_slice(&length.to_le_bytes());
    entry
}

fn padded(label: &str) -> [u8; 11] {
    let mut padded = [b' '; 11];
    for (place, byte) in padded.iter_mut().zip(label.bytes()) {
        *place = byte;
    }
    padded
}

fn boot_sector(label: &str, id: u32, start_sector: u32, geometry: &Geometry) -> [u8; SECTOR_BYTES] {
    let mut sector = [0; SECTOR_BYTES];
    let mut put = |offset: usize, bytes: &[u8]| sector[offset..offset + bytes.len()].copy_from_slice(bytes);
    let small = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
    put(0, &[0xeb, 0x3c, 0x90]);
    put(3, b"KERBEROS");
    put(11, &small(SECTOR_BYTES));
    put(13, &[small(SECTORS_PER_CLUSTER)[0]]);
    put(14, &small(RESERVED_SECTORS));
    put(16, &[small(TABLES)[0]]);
    put(17, &small(ROOT_ENTRIES));
    match u16::try_from(geometry.sectors) {
        Ok(sectors) => put(19, &sectors.to_le_bytes()),
        Err(_) => put(32, &geometry.sectors.to_le_bytes()),
    }
    put(21, &[MEDIUM]);
    put(22, &small(geometry.table_sectors));
    put(24, &SECTORS_PER_TRACK.to_le_bytes());
    put(26, &HEADS.to_le_bytes());
    put(28, &start_sector.to_le_bytes());
    put(36, &[0x80, 0, EXTENDED_BOOT_SIGNATURE]);
    put(39, &id.to_le_bytes());
    put(43, &padded(label));
    put(54, b"FAT16   ");
    put(510, &[0x55, 0xaa]);
    sector
}

/// Date and time as DOS writes them, in UTC. FAT knows 1980 to 2107; other times become the nearest of these.
fn dos_time(time: Duration) -> (u16, u16) {
    const DAY_S: u64 = 86_400;
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days, for days after 1970.
    let days = time.as_secs() / DAY_S + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    if year < 1980 {
        return ((1 << 5) | 1, 0);
    }
    let second = time.as_secs() % DAY_S;
    let date = ((year.min(2107) - 1980) << 9) | (month << 5) | day;
    let clock = (second / 3600) << 11 | (second / 60 % 60) << 5 | (second % 60 / 2);
    // Seven, four and five bits; five, six and five bits.
    (u16::try_from(date).unwrap_or(u16::MAX), u16::try_from(clock).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Volume;
    use super::{Error, File, dos_time, format};

    const MIB: u64 = 1 << 20;

    #[test]
    fn fsck_accepts_it_and_the_reader_finds_everything() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for mib in [16, 32] {
            let large: Vec<u8> = (0..3_000_000_u32).map(|index| (index % 251) as u8).collect();
            let files = [
                File { name: "slot.txt", bytes: b"a\n" },
                File { name: "a rather long name.manifest.json", bytes: &large },
                File { name: "initramfs-one", bytes: &large[..2048] },
                File { name: "initramfs-two", bytes: &large[..2049] },
                File { name: "empty", bytes: b"" },
            ];
            let time = Duration::from_secs(1_700_000_001);
            let head = format("LABEL", 0x1234_5678, 32768, mib * MIB, time, &files).expect("made");
            let path = dir.path().join("volume");
            std::fs::write(&path, &head).expect("written");
            std::fs::File::options()
                .write(true)
                .open(&path)
                .expect("opened")
                .set_len(mib * MIB)
                .expect("sized");
            crate::host::command::run(std::process::Command::new("/usr/sbin/fsck.fat").arg("-nv").arg(&path))
                .unwrap_or_else(|error| panic!("{error}"));
            let mut volume = Volume::open(std::fs::File::open(&path).expect("opened"), 0).expect("a volume");
            let names: Vec<String> =
                volume.files().expect("listed").into_iter().map(|file| file.name).collect();
            assert_eq!(names, files.map(|file| file.name));
            for file in files {
                assert_eq!(volume.read(file.name).expect(file.name), file.bytes);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        // Without the volume itself, which nobody wants to see in a message.
        let make = |bytes, files: &[File<'_>]| format("L", 0, 0, bytes, Duration::ZERO, files).map(drop);
        assert_eq!(make(4 * MIB, &[]), Err(Error::VolumeSize(4 * MIB)));
        assert_eq!(make(1 << 40, &[]), Err(Error::VolumeSize(1 << 40)));
        let much = vec![0; 16 << 20];
        assert!(matches!(make(16 * MIB, &[File { name: "f", bytes: &much }]), Err(Error::Full { .. })));
        assert_eq!(make(16 * MIB, &[File { name: "..", bytes: b"" }]), Err(Error::Name("..".into())));
        let names: Vec<String> = (0..300).map(|number| format!("file-{number:03}-x.text")).collect();
        let many: Vec<File<'_>> = names.iter().map(|name| File { name, bytes: b"" }).collect();
        assert!(matches!(make(16 * MIB, &many), Err(Error::Name(_) | Error::Folder(_))));
    }

    #[test]
    fn times_are_dates_that_a_calendar_agrees_with() {
        let pack = |year: u16, month: u16, day: u16| ((year - 1980) << 9) | (month << 5) | day;
        for (seconds, date, time) in [
            (0, pack(1980, 1, 1), 0),
            (951_782_400, pack(2000, 2, 29), 0),
            (1_735_689_599, pack(2024, 12, 31), 23 << 11 | 59 << 5 | 29),
            (1_735_689_600, pack(2025, 1, 1), 0),
            (4_107_542_400, pack(2100, 3, 1), 0),
        ] {
            assert_eq!(dos_time(Duration::from_secs(seconds)), (date, time), "{seconds}");
        }
    }
}
