//! Settings that survive what boards go through, and bad ones that are told.

use boards::layout;
use std::os::unix::fs::FileExt;
use tests::{CardImage, Outcome, Rig};

/// The value of a setting after a start, once the card that it is saved on is read.
fn shown(rig: &mut Rig, name: &str, value: &str) -> Outcome {
    rig.card_is_in_use()?;
    let answer = rig.serial.command(&format!("show {name}"))?;
    assert!(answer.contains(value), "{name} should be {value}: {answer}");
    Ok(())
}

/// T1, T2: a saved setting survives a reboot in order and a power cut; one that was not saved does not pretend to.
#[test]
fn saved_settings_survive_a_reboot_and_a_power_cut() -> Outcome {
    let mut rig = Rig::boot()?;
    rig.serial.command("set motion.sensitivity 63")?;
    assert!(rig.serial.command("save")?.contains("Saved."));
    rig.serial.command("set name not-saved")?;
    rig.serial.send(b"reboot\r")?;
    rig.serial.expect("kerberos: stopped; restarting")?;
    rig.serial.prompt()?;
    shown(&mut rig, "motion.sensitivity", "63")?;
    shown(&mut rig, "name", "camera")?;

    rig.serial.command("set motion.sensitivity 41")?;
    assert!(rig.serial.command("save")?.contains("Saved."));
    let mut rig = rig.power_cycle()?;
    shown(&mut rig, "motion.sensitivity", "41")?;
    rig.serial.command("disarm")?;
    let mut rig = rig.power_cycle()?;
    shown(&mut rig, "armed", "false")
}

/// T3: a corrupt settings slot falls back to the previous one, and the console says so.
#[test]
fn a_corrupt_slot_falls_back_with_a_message() -> Outcome {
    let mut rig = Rig::boot()?;
    for value in ["71", "72"] {
        rig.serial.command(&format!("set motion.sensitivity {value}"))?;
        assert!(rig.serial.command("save")?.contains("Saved."));
    }
    let card = rig.card();
    let mut rig = rig.power_cycle()?;
    shown(&mut rig, "motion.sensitivity", "72")?;
    // Damage the slot that holds 72: the text tells which it is.
    let file = std::fs::File::options().read(true).write(true).open(&card)?;
    for area in layout::SETTINGS {
        let mut bytes = vec![0; 512];
        file.read_exact_at(&mut bytes, area.offset_bytes)?;
        if String::from_utf8_lossy(&bytes).contains("72") {
            file.write_all_at(b"\xff", area.offset_bytes + 40)?;
        }
    }
    let mut rig = rig.power_cycle()?;
    shown(&mut rig, "motion.sensitivity", "71")?;
    // The console says that a slot is damaged.
    rig.was_said("settings: ")
}

/// T4, T5: `kerberos.toml` on p1 is applied once; what is wrong in it is told with its line and costs only itself.
#[test]
fn kerberos_toml_is_applied_and_its_errors_are_told() -> Outcome {
    let text = "name = \"frontdoor\"\nmotion.sensitivity = 900\nsensitivty = 3\n[record]\npost_ms = 7000\n";
    let mut flashed = Vec::new();
    let mut rig = Rig::boot_with(|card| {
        CardImage::new(card).put_boot_file(layout::SETTINGS_FILE, text.as_bytes())?;
        flashed = boot_partition(card)?;
        Ok(())
    })?;
    for complaint in ["kerberos.toml, line 2: ", "kerberos.toml, line 3: "] {
        rig.was_said(complaint)?;
    }
    shown(&mut rig, "name", "frontdoor")?;
    shown(&mut rig, "record.post_ms", "7000")?;
    shown(&mut rig, "motion.sensitivity", "50")?;
    only_the_errors_were_written(&flashed, &boot_partition(&rig.card())?);
    // Applied once: what the console changes afterwards stays.
    rig.serial.command("set name backdoor")?;
    rig.serial.command("save")?;
    let mut rig = rig.power_cycle()?;
    shown(&mut rig, "name", "backdoor")
}

/// p1, byte for byte.
fn boot_partition(card: &std::path::Path) -> Result<Vec<u8>, tests::Failure> {
    let mut bytes = vec![0; usize::try_from(layout::BOOT.length_bytes.unwrap_or(0))?];
    std::fs::File::open(card)?.read_exact_at(&mut bytes, layout::BOOT.offset_bytes)?;
    Ok(bytes)
}

/// T9: what is wrong lies beside `kerberos.toml`, in the sectors that the file had from the start; no other byte of p1 has changed.
fn only_the_errors_were_written(flashed: &[u8], now: &[u8]) {
    let changed: Vec<usize> = (0..now.len()).filter(|at| flashed[*at] != now[*at]).collect();
    let (first, last) = (changed.first().expect("written"), changed.last().expect("written"));
    assert!(last - first < layout::ERRORS_FILE_BYTES, "one file: {first} to {last}");
    let said = String::from_utf8_lossy(&now[*first..=*last]);
    for part in
        ["kerberos.toml, line 2: motion.sensitivity must be", "kerberos.toml, line 3: ", "did you mean"]
    {
        assert!(said.contains(part), "{said}");
    }
}
