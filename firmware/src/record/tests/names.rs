//! Names: one spelling each, total on any bytes, ordered by time.

use super::super::{ClipName, Extension};

const EXAMPLE: &str = "1486049622_6-161868_frontdoor_308-250-346-329_194_344";

#[test]
fn kerberos_own_example() {
    let name = ClipName::parse(EXAMPLE.as_bytes()).expect("parses");
    assert_eq!(
        (name.seconds, name.microseconds, name.name.as_str(), name.region, name.changes, name.token),
        (1_486_049_622, 161_868, "frontdoor", [308, 250, 346, 329], 194, 344)
    );
    assert_eq!(name.to_string(), EXAMPLE);
    let file = format!("{EXAMPLE}.mp4");
    assert_eq!(ClipName::parse_file(file.as_bytes()), Some((name.clone(), Extension::Video)));
    for extension in Extension::ALL {
        let file = name.file_name(extension);
        assert_eq!(ClipName::parse_file(file.as_bytes()), Some((name.clone(), extension)));
    }
}

#[test]
fn parse_of_print_is_the_same_at_the_ends_of_every_range() {
    for seconds in [0, 1, u64::MAX] {
        for microseconds in [0, 9, 10, 99_999, 100_000, 999_999] {
            for (text, region) in [("a", [0; 4]), ("A-Z-0-9-abcdefghijklmnopqrstuvwx", [u16::MAX; 4])] {
                for (changes, token) in [(0, 0), (u32::MAX, 999)] {
                    let instance_name = text.try_into().expect("a name");
                    let name =
                        ClipName { seconds, microseconds, name: instance_name, region, changes, token };
                    assert_eq!(ClipName::parse(name.to_string().as_bytes()), Some(name.clone()));
                    let longest = name.file_name(Extension::SidecarDraft);
                    assert!(longest.len() <= super::super::name::FILE_NAME_BYTES_MAX, "{}", longest.len());
                }
            }
        }
    }
}

#[test]
fn other_files_are_not_ours() {
    let foreign = [
        "",
        ".mp4",
        "lost+found",
        "kerberos.toml",
        "1486049622_6-161868_front_door_308-250-346-329_194_344.mp4",
        "1486049622_5-161868_frontdoor_308-250-346-329_194_344.mp4", // wrong count of digits
        "01486049622_6-161868_frontdoor_308-250-346-329_194_344.mp4",
        "-1_6-161868_frontdoor_1-2-3-4_194_344.mp4",
        "1486049622_6-161868_frontdoor_308-250-346_194_344.mp4",
        "1486049622_6-161868_frontdoor_1-2-3-4-5_194_344.mp4",
        "1486049622_6-161868_frontdoor_308-250-346-329_194_1000.mp4",
        "1486049622_7-1161868_frontdoor_308-250-346-329_194_344.mp4",
        "1486049622_6-161868__1-2-3-4_194_344.mp4",
        "1486049622_6-161868_frontdoor_308-250-346-329_194_344_7.mp4",
        "1486049622_6-161868_frontdoor_308-250-346-329_194_344.avi",
        "1486049622_6-161868_frontdoor_308-250-346-329_194_344",
        "1_1-1_a/../b_1-2-3-4_1_1.mp4",
        "99999999999999999999_1-1_a_1-2-3-4_1_1.mp4",
    ];
    for name in foreign {
        assert_eq!(ClipName::parse_file(name.as_bytes()), None, "{name}");
    }
    assert_eq!(ClipName::parse_file(b"1_1-1_\xff_1-2-3-4_1_1.mp4"), None);
}

#[test]
fn every_flipped_bit_and_every_cut_parses_to_what_it_prints_or_not_at_all() {
    let bytes = format!("{EXAMPLE}.json.new").into_bytes();
    let judge = |bytes: &[u8]| {
        if let Some((name, extension)) = ClipName::parse_file(bytes) {
            assert_eq!(name.file_name(extension).as_bytes(), bytes);
        }
    };
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        judge(&damaged);
    }
    for end in 0..bytes.len() {
        judge(&bytes[..end]);
    }
}

#[test]
fn names_are_ordered_by_time_not_by_letters() {
    let parse = |text: &str| ClipName::parse(text.as_bytes()).expect("parses");
    let early = parse("1486049622_5-61868_z_1-2-3-4_1_1");
    let late = parse("1486049622_6-161868_a_1-2-3-4_1_1");
    let later = parse("10000000000_1-0_a_1-2-3-4_1_1");
    assert!(early < late && late < later);
}

#[test]
fn the_host_knows_the_same_videos() {
    assert_eq!(Extension::VIDEOS.map(Extension::as_str), evidence::VIDEOS);
}
