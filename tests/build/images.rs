//! The images of all boards: each builds and keeps what its tier promises; other card writers take what is given away.

use boards::layout::{self, Area};
use image_builder::host::parallel;
use image_builder::image::{self, BuildOptions};
use image_builder::release::{self, Order, PACKED_BYTES_MAX};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use tests::card::{CardImage, run, text};
use tests::rig::root;
use tests::{Outcome, report};

/// Boards at once: the test machines have two processors.
const JOBS: usize = 2;
/// Given away in the test: one board of each boot chain, and the one image for several boards.
const GIVEN: [&str; 3] = ["orangepi-pc", "raspberry-pi", "rock64"];

/// D7: every board's image builds, which includes that every claim of its profile holds against its device tree and its kernel.
#[test]
fn every_boards_image_builds_and_its_claims_hold() -> Outcome {
    let ids = boards::list(&root().join("boards"))?;
    let folder = tempfile::tempdir()?;
    let built = parallel::each(&ids, JOBS, |id| {
        builds(id, folder.path()).err().map(|error| format!("{id}: {error}"))
    });
    let wrong: Vec<String> = built.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    report::figure("boards", ids.len());
    Ok(())
}

fn builds(id: &str, folder: &Path) -> Result<(), image::Error> {
    let out = folder.join(format!("{id}.img"));
    let options = BuildOptions { board: id.to_owned(), out: Some(out.clone()), ..BuildOptions::default() };
    image::build(&options)?;
    // One of them is a quarter of a gigabyte, if mostly holes.
    std::fs::remove_file(&out).map_err(|source| image::Error::Io { path: out, source })
}

/// D8: compressed images have at most 12 MiB, their hashes are right, and bmap-tools write by the map what makes a card of ours, whatever was on the
/// card before; the Raspberry Pi Imager's list names those that are for a Raspberry Pi, with their sizes and hashes.
#[test]
fn what_is_given_away_is_what_other_card_writers_take() -> Outcome {
    let folder = tempfile::tempdir()?;
    let boards = GIVEN.iter().map(|id| (*id).to_owned()).collect();
    let url = Some("https://example.org/kerberos".to_owned());
    let packed = release::run(&Order { folder: folder.path().into(), boards, url, jobs: Some(JOBS) })?;
    assert_eq!(packed.len(), GIVEN.len());
    run("sh", &["-c", "cd \"$1\" && sha256sum --check --strict SHA256SUMS", "sh", &text(folder.path())])?;
    for one in &packed {
        report::figure("compressed image, bytes", format!("{} {}", one.board, one.packed_bytes));
        assert!(one.packed_bytes <= PACKED_BYTES_MAX);
        as_bmaptool_writes_it(folder.path(), &one.name, &one.sha256)?;
    }
    let list: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.path().join("os_list.json"))?)?;
    let entries = list["os_list"].as_array().ok_or("no list")?;
    let pi = packed.iter().find(|one| one.board == "raspberry-pi").ok_or("no Raspberry Pi")?;
    let [entry] = entries.as_slice() else { return Err(format!("{list}").into()) };
    assert_eq!(entry["url"], format!("https://example.org/kerberos/{}", pi.name));
    assert_eq!(entry["extract_size"], layout::IMAGE_BYTES);
    assert_eq!(entry["extract_sha256"], pi.sha256);
    assert_eq!(entry["image_download_size"], pi.packed_bytes);
    assert_eq!(entry["devices"], serde_json::json!(["pi3-64bit", "pi4-64bit"]));
    Ok(())
}

/// Writes it over a card full of ones, and holds that against the image: what the map leaves out is what the file system does not read.
fn as_bmaptool_writes_it(folder: &Path, name: &str, sha256: &str) -> Outcome {
    let (image, card) = (folder.join("plain.img"), folder.join("card.img"));
    run("sh", &["-c", "xz -dc \"$1\" >\"$2\"", "sh", &text(&folder.join(name)), &text(&image)])?;
    let unpacked = run("sha256sum", &[&text(&image)])?;
    assert!(unpacked.starts_with(sha256), "{unpacked}");
    fill_with_ones(&card, std::fs::metadata(&image)?.len())?;
    let map = folder.join(name.replace(".img.xz", ".img.bmap"));
    run("bmaptool", &["copy", "--bmap", &text(&map), &text(&folder.join(name)), &text(&card)])?;
    let before_clips = Area {
        name: "what lies before the clips",
        offset_bytes: 0,
        length_bytes: layout::CLIPS.offset_bytes,
    };
    let read = |path: &Path| CardImage::new(path).area(&before_clips);
    assert!(read(&image)? == read(&card)?, "{} differs", before_clips.name);
    let clips = folder.join("clips.img");
    CardImage::new(&card).extract(&layout::CLIPS, &clips)?;
    run("/sbin/e2fsck", &["-f", "-n", &text(&clips)])?;
    Ok(())
}

fn fill_with_ones(path: &Path, bytes: u64) -> Outcome {
    let file = std::fs::File::create(path)?;
    let ones = vec![0xff; 1 << 20];
    for offset in (0..bytes).step_by(ones.len()) {
        file.write_all_at(&ones, offset)?;
    }
    Ok(())
}
