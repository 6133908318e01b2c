//! The image as the host's own tools see it: partition table, file systems, content, manifest, two equal builds.

use boards::layout;
use image_builder::fat;
use image_builder::image::{self, BuildOptions, Built};
use std::path::Path;
use std::process::Command;
use tests::card::{CardImage, run, text};
use tests::rig::{BOARD, artefacts, root};
use tests::{Failure, Outcome};

fn build(out: &Path, test_hooks: bool) -> Result<Built, Failure> {
    let options =
        BuildOptions { board: BOARD.into(), out: Some(out.into()), test_hooks, ..BuildOptions::default() };
    Ok(image::build(&options)?)
}

/// I1: the partition table, both kinds of file system and their places are what the design says.
#[test]
fn the_card_is_laid_out_as_designed_and_every_file_system_is_clean() -> Outcome {
    let folder = tempfile::tempdir()?;
    let card = folder.path().join("card.img");
    build(&card, false)?;
    let table: serde_json::Value = serde_json::from_str(&run("/sbin/sfdisk", &["--json", &text(&card)])?)?;
    assert_eq!(table["partitiontable"]["id"], "0x4b455242");
    let found = table["partitiontable"]["partitions"].as_array().ok_or("no partitions")?;
    assert_eq!(found.len(), layout::PARTITIONS.len());
    for (partition, found) in layout::PARTITIONS.iter().zip(found) {
        assert_eq!(found["start"].as_u64(), Some(partition.offset_bytes / layout::SECTOR_BYTES), "{found}");
        assert_eq!(found["type"].as_str(), Some(format!("{:x}", partition.kind).as_str()), "{found}");
        let file = folder.path().join("partition.img");
        CardImage::new(&card).extract(partition, &file)?;
        if partition.kind == layout::TYPE_FAT16 {
            run("/sbin/fsck.fat", &["-n", "-v", &text(&file)])?;
        } else {
            run("/sbin/e2fsck", &["-f", "-n", &text(&file)])?;
        }
    }
    Ok(())
}

/// I2: two builds give identical bytes: the second compiles the firmware and all its crates again.
#[test]
fn two_builds_are_identical() -> Outcome {
    let folder = tempfile::tempdir()?;
    let (one, two) = (folder.path().join("one.img"), folder.path().join("two.img"));
    build(&one, false)?;
    let builder = artefacts()?.with_file_name("host").join("image-builder");
    let output = Command::new(&builder)
        .args(["image", BOARD, &text(&two)])
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .current_dir(root())
        .output()
        .map_err(|e| format!("{}: {e} (flash.sh builds it)", builder.display()))?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    run("cmp", &[&text(&one), &text(&two)])?;
    Ok(())
}

/// I3, I4: nothing executes but our one static binary; the product has no test hooks, and its manifest says what is in it.
#[test]
fn the_system_holds_one_program_and_says_what_it_is_made_of() -> Outcome {
    let folder = tempfile::tempdir()?;
    let card = folder.path().join("card.img");
    let built = build(&card, false)?;
    let initramfs = folder.path().join("initramfs.zst");
    std::fs::write(&initramfs, fat::read_file(&card, layout::SLOT_A.offset_bytes, layout::INITRAMFS_FILE)?)?;
    let listing = Command::new("sh")
        .args(["-c", "zstd -dc \"$1\" | cpio -itv --quiet", "sh", &text(&initramfs)])
        .output()?;
    let listing = String::from_utf8(listing.stdout)?;
    let mut names: Vec<&str> = listing.lines().filter_map(|l| l.split_whitespace().last()).collect();
    names.sort_unstable();
    let expected = [
        "board.toml",
        "boot",
        "clips",
        layout::CLIPS_TEMPLATE_FILE,
        "dev",
        "dev/console",
        "dev/null",
        "init",
        "proc",
        "run",
        "sys",
    ];
    assert_eq!(names, expected, "{listing}");
    let executable: Vec<&str> = listing
        .lines()
        .filter(|l| l.starts_with('-') && l.get(..10).is_some_and(|m| m.contains('x')))
        .collect();
    assert_eq!(executable.len(), 1, "{executable:?}");

    run(
        "sh",
        &[
            "-c",
            "cd \"$1\" && zstd -dc \"$2\" | cpio -id --quiet init",
            "sh",
            &text(folder.path()),
            &text(&initramfs),
        ],
    )?;
    let binary = std::fs::read(folder.path().join("init"))?;
    let has = |needle: &[u8]| binary.windows(needle.len()).any(|w| w == needle);
    assert!(!has(b"test-kill") && !has(b"test-panic"), "test hooks in a product image");
    assert!(has(b"KERBEROS\0"), "the version record");

    let manifest = fat::read_file(&card, layout::SLOT_A.offset_bytes, layout::MANIFEST_FILE)?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    assert_eq!(manifest, built.manifest);
    assert_eq!(manifest["bomFormat"], "CycloneDX");
    let parts = manifest["components"].as_array().ok_or("no components")?;
    for part in parts {
        assert!(part["name"].is_string() && part["version"].is_string(), "{part}");
        assert!(part["hashes"][0]["content"].as_str().is_some_and(|h| h.len() == 64), "{part}");
    }
    assert!(parts.iter().any(|p| p["name"] == "linux-source-6.12"), "the kernel's source");
    Ok(())
}

/// I5: the settings template on the card is the one that the settings table makes.
#[test]
fn the_settings_template_on_the_card_comes_from_the_table() -> Outcome {
    let folder = tempfile::tempdir()?;
    let card = folder.path().join("card.img");
    build(&card, false)?;
    let on_card = fat::read_file(&card, layout::BOOT.offset_bytes, layout::SETTINGS_FILE)?;
    assert_eq!(String::from_utf8(on_card)?, settings::template());
    Ok(())
}
