//! The slots under damage: what is in force is the last acknowledged settings or the ones before, never a mixture.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::super::slots::{NextWrite, Repr, SLOT_BYTES, SlotError, TOML_BYTES_MAX, choose};
use super::super::{Slot, Store, StoreError, toml_crc};

fn repr(sequence: u64, toml_bytes: usize) -> Repr {
    let line = format!("# {sequence} ");
    let toml = line.repeat(toml_bytes / line.len() + 1)[..toml_bytes].to_string();
    Repr { sequence, applied_toml_crc: toml_crc(&sequence.to_le_bytes()), toml }
}

#[test]
fn parse_of_emit_is_the_same() {
    for length in [0, 1, 479, 480, 481, 4000, TOML_BYTES_MAX] {
        for sequence in [0, 1, u64::MAX] {
            let repr = repr(sequence, length);
            let bytes = repr.emit().expect("it fits");
            assert!(bytes.len().is_multiple_of(512) && bytes.len() <= SLOT_BYTES);
            let slot = Slot::new_checked(&bytes).expect("valid");
            assert_eq!(Repr::parse(&slot), Ok(repr));
        }
    }
    assert_eq!(repr(1, TOML_BYTES_MAX + 1).emit(), None);
}

#[test]
fn the_newer_slot_is_in_force_also_across_the_wrap_around() {
    for (first, second, used) in
        [(1, 2, 1), (2, 1, 0), (u64::MAX, 0, 1), (0, u64::MAX, 0), (u64::MAX - 1, u64::MAX, 1), (7, 7, 0)]
    {
        let slots = [repr(first, 100).emit().unwrap(), repr(second, 100).emit().unwrap()];
        let choice = choose(&slots[0], &slots[1]);
        assert_eq!(choice.in_force, Some(used), "{first} {second}");
        let sequence = [first, second][used].wrapping_add(1);
        assert_eq!(choice.next_write(), NextWrite { slot: 1 - used, sequence });
        assert_eq!(
            choice.to_string(),
            format!("Settings slot {used} is in force; slot {} is not used: it is older.", 1 - used)
        );
    }
}

#[test]
fn a_fresh_card_is_no_complaint_and_two_damaged_slots_are() {
    for fresh in [[0; SLOT_BYTES], [0xff; SLOT_BYTES]] {
        let choice = choose(&fresh, &fresh);
        assert!(choice.is_fresh() && !choice.is_damaged());
        assert_eq!(choice.next_write(), NextWrite { slot: 0, sequence: 1 });
    }
    let mut damaged = repr(1, 100).emit().unwrap();
    damaged[40] ^= 1;
    let choice = choose(&damaged, b"rubbish");
    assert!(choice.is_damaged() && choice.repr().is_none());
    assert_eq!(
        choice.to_string(),
        "Neither settings slot can be used; the defaults are in force. Slot 0: it is damaged: its checksum is wrong. \
         Slot 1: it is damaged: it ends too early."
    );
}

#[test]
fn every_flipped_bit_of_a_slot_brings_the_other_one_into_force() {
    let old = repr(4, 300).emit().unwrap();
    let new = repr(5, 4096 - 32).emit().unwrap();
    assert_eq!(new.len(), 4096);
    for bit in 0..new.len() * 8 {
        let mut damaged = new.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let choice = choose(&damaged, &old);
        assert_eq!(choice.in_force, Some(1), "bit {bit}");
        assert_eq!(choice.next_write().slot, 0, "bit {bit}: the damaged one is written next");
    }
    for end in 0..new.len() {
        assert_eq!(choose(&old, &new[..end]).in_force, Some(0), "cut at {end}");
    }
}

#[test]
fn every_torn_write_leaves_old_or_new_but_no_mixture() {
    let in_force = repr(5, 700);
    let new = repr(6, 4096 - 32);
    let (kept, written) = (in_force.emit().unwrap(), new.emit().unwrap());
    for before in [vec![0; 8192], [repr(4, 6000).emit().unwrap(), vec![0; 2048]].concat()] {
        for sector in 0..=written.len() / 512 {
            let cut = sector * 512;
            let forward = [&written[..cut], &before[cut..]].concat();
            let backward = [&before[..cut], &written[cut..], &before[written.len()..]].concat();
            for (torn, complete) in [(forward, cut == written.len()), (backward, cut == 0)] {
                let choice = choose(&torn, &kept);
                let expected = if complete { &new } else { &in_force };
                assert_eq!(choice.repr(), Some(expected), "cut at {cut}");
            }
        }
    }
}

#[test]
fn a_slot_of_another_format_is_named_as_such() {
    let mut bytes = repr(9, 10).emit().unwrap();
    bytes[8] = 2;
    let crc = crc32fast::hash(&[&bytes[..28], &bytes[32..42]].concat());
    bytes[28..32].copy_from_slice(&crc.to_le_bytes());
    assert_eq!(Slot::new_checked(&bytes), Err(SlotError::OtherVersion(2)));
}

const OFFSETS: [u64; 2] = [1024, 1024 + SLOT_BYTES as u64];

fn card() -> File {
    let file = tempfile::tempfile().expect("a temporary file");
    file.set_len(1024 + 2 * SLOT_BYTES as u64).expect("room");
    file
}

#[test]
fn saves_alternate_and_survive_a_restart() {
    let file = card();
    let mut store = Store::new(file.try_clone().unwrap(), OFFSETS);
    let loaded = store.load();
    assert!(loaded.choice.is_fresh() && loaded.toml.is_empty() && loaded.applied_toml_crc == 0);
    for round in 1..=5u32 {
        let toml = format!("camera.fps = {round}\n");
        store.save(&toml, round).expect("saved");
        let mut restarted = Store::new(file.try_clone().unwrap(), OFFSETS);
        let loaded = restarted.load();
        assert_eq!((loaded.toml, loaded.applied_toml_crc), (toml, round));
        assert_eq!(loaded.choice.in_force, Some((round as usize + 1) % 2));
        if round == 3 {
            store = restarted;
        }
    }
    let mut around = [0; 1024];
    file.read_exact_at(&mut around, 0).unwrap();
    assert_eq!(around, [0; 1024], "nothing before the first slot was touched");
}

#[test]
fn a_save_without_a_load_still_spares_the_slot_in_force() {
    let file = card();
    Store::new(file.try_clone().unwrap(), OFFSETS).save("a = 1", 0).unwrap();
    Store::new(file.try_clone().unwrap(), OFFSETS).save("b = 2", 0).unwrap();
    let choice = Store::new(file, OFFSETS).load().choice;
    let texts = choice.slots.map(|slot| slot.expect("both valid").toml);
    assert_eq!(texts, ["a = 1", "b = 2"]);
}

#[test]
fn a_card_that_cannot_be_read_or_written_is_an_error_not_a_panic() {
    let short = tempfile::tempfile().unwrap();
    let loaded = Store::new(short, OFFSETS).load();
    assert_eq!(loaded.choice.slots, [Err(SlotError::TooShort), Err(SlotError::TooShort)]);
    let read_only = File::open("/dev/null").unwrap();
    assert!(matches!(Store::new(read_only, OFFSETS).save("", 0), Err(StoreError::Card(_))));
    let mut store = Store::new(card(), OFFSETS);
    assert!(matches!(store.save(&"#".repeat(TOML_BYTES_MAX + 1), 0), Err(StoreError::TooLong)));
    // Linux writes at the end of a file opened to append, wherever it was told to: a card that keeps something else.
    let path = tempfile::NamedTempFile::new().unwrap();
    path.as_file().set_len(1024 + 2 * SLOT_BYTES as u64).unwrap();
    let appending = File::options().read(true).append(true).open(path.path()).unwrap();
    assert!(matches!(Store::new(appending, OFFSETS).save("armed = false\n", 0), Err(StoreError::NotKept)));
}
