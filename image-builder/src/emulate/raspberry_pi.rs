//! Plays the Raspberry Pi's firmware: follows `autoboot.txt` and `config.txt` to what the machine is started with.
//!
//! Only the settings that our images use (Raspberry Pi documentation, "config.txt" and "autoboot.txt"); anything else is
//! an error, so that a setting that the emulator would quietly ignore is never taken for tested.

use std::collections::BTreeMap;
use std::path::Path;

use boards::layout::{BOOT, CMDLINE_FILE, PARTITIONS};

use super::Error;
use super::boot::Slot;
use crate::fat::read_file;

/// Which partition to go on with.
const AUTOBOOT: &str = "autoboot.txt";
/// What to load from it.
const CONFIG: &str = "config.txt";
/// Longest `autoboot.txt` that the firmware reads, in bytes.
const AUTOBOOT_BYTES_MAX: usize = 512;
/// Settings that mean something to the board and nothing to the emulator.
const FOR_HARDWARE: &[&str] = &[
    "arm_64bit",
    "enable_uart",
    "start_x",
    "gpu_mem",
    "gpu_mem_256",
    "gpu_mem_512",
    "overlay_prefix",
    "disable_splash",
    "boot_delay",
];
/// The files without which no slot starts.
const NEEDED: [&str; 2] = ["start_x.elf", "fixup_x.dat"];

/// Sections of `config.txt` that this emulation knows of, whether they hold on a machine or not.
const FILTERS: [&str; 11] =
    ["all", "pi0", "pi0w", "pi1", "pi02", "pi2", "pi3", "pi3+", "pi4", "pi400", "cm4"];

/// A section for one kind of board, by the number in its revision code.
const BOARD_TYPE: &str = "board-type=";

/// Reads what the firmware would load on a board where the sections `filters` of `config.txt` hold.
///
/// # Errors
/// When a file is missing, or asks for something else than our images do.
pub fn read_slot(card: &Path, filters: &[String]) -> Result<Slot, Error> {
    // The first stage: from the first FAT partition, by the processor's ROM.
    read_file(card, BOOT.offset_bytes, "bootcode.bin")?;
    let number = boot_partition(&read_file(card, BOOT.offset_bytes, AUTOBOOT)?)?;
    let slot = PARTITIONS.iter().find(|partition| partition.number == number);
    let offset = slot
        .ok_or_else(|| Error::RaspberryPi {
            file: AUTOBOOT,
            reason: format!("there is no partition {number}"),
        })?
        .offset_bytes;
    let read = |name: &str| Ok::<_, Error>(read_file(card, offset, name)?);
    for name in NEEDED {
        read(name)?;
    }
    let text = String::from_utf8_lossy(&read(CONFIG)?).into_owned();
    let config = config(&with_included(&text, &read)?, filters)?;
    let file = |setting: &str| {
        let name = config.get(setting);
        let name = name
            .ok_or_else(|| Error::RaspberryPi { file: CONFIG, reason: format!("`{setting}` is missing") })?;
        read(name)
    };
    let cmdline = String::from_utf8_lossy(&read(CMDLINE_FILE)?).trim().to_owned();
    Ok(Slot {
        name: if number == 2 { 'a' } else { 'b' },
        kernel: file("kernel")?,
        initramfs: file("initramfs")?,
        device_tree: Some(file("device_tree")?),
        cmdline,
    })
}

/// `[all]` and `boot_partition=N`.
fn boot_partition(bytes: &[u8]) -> Result<u8, Error> {
    let wrong = |reason: String| Error::RaspberryPi { file: AUTOBOOT, reason };
    if bytes.len() > AUTOBOOT_BYTES_MAX {
        return Err(wrong(format!("it has more than {AUTOBOOT_BYTES_MAX} bytes")));
    }
    let text = String::from_utf8_lossy(bytes);
    let mut number = None;
    for line in lines(&text) {
        match line.split_once('=') {
            Some(("boot_partition", value)) => number = value.parse().ok(),
            None if line == "[all]" => {}
            _ => return Err(wrong(format!("`{line}` is not emulated"))),
        }
    }
    number.ok_or_else(|| wrong("it names no boot_partition".to_owned()))
}

/// The text with each `include FILE` replaced by that file.
fn with_included(text: &str, read: &impl Fn(&str) -> Result<Vec<u8>, Error>) -> Result<String, Error> {
    let mut whole = String::new();
    for line in text.lines() {
        match line.strip_prefix("include ") {
            Some(name) => whole.push_str(&String::from_utf8_lossy(&read(name.trim())?)),
            None => whole.push_str(line),
        }
        whole.push('\n');
    }
    Ok(whole)
}

/// Settings by name; `initramfs FILE followkernel` under `initramfs`. A section's title holds until the next one; what is said later counts.
fn config(text: &str, filters: &[String]) -> Result<BTreeMap<String, String>, Error> {
    let mut settings = BTreeMap::new();
    let mut holds = true;
    for line in lines(text) {
        if let Some(filter) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let is_known = FILTERS.contains(&filter) || filter.starts_with(BOARD_TYPE);
            if !is_known {
                let reason = format!("`{line}` is not emulated");
                return Err(Error::RaspberryPi { file: CONFIG, reason });
            }
            holds = filter == "all" || filters.iter().any(|holding| holding == filter);
            continue;
        }
        if !holds {
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match (line.split_once('='), words.as_slice()) {
            (Some((name @ ("kernel" | "device_tree"), value)), _) => {
                settings.insert(name.to_owned(), value.to_owned());
            }
            (Some((name, _)), _) if FOR_HARDWARE.contains(&name) => {}
            (None, ["initramfs", name, "followkernel"]) => {
                settings.insert("initramfs".to_owned(), (*name).to_owned());
            }
            _ => {
                let reason = format!("`{line}` is not emulated");
                return Err(Error::RaspberryPi { file: CONFIG, reason });
            }
        }
    }
    Ok(settings)
}

/// Lines with something in them, without comments.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{boot_partition, config};

    #[test]
    fn autoboot_names_the_partition() {
        assert_eq!(boot_partition(b"[all]\nboot_partition=2\n").expect("read"), 2);
        for (text, expected) in [
            (&b"[all]\n"[..], "names no boot_partition"),
            (b"boot_partition=x\n", "names no boot_partition"),
            (b"[tryboot]\n", "`[tryboot]` is not emulated"),
            (&[b'#'; 513], "more than 512 bytes"),
        ] {
            assert!(boot_partition(text).expect_err("refused").to_string().contains(expected));
        }
    }

    #[test]
    fn config_gives_the_files_and_refuses_what_it_does_not_know() {
        let text =
            "# why\nkernel=kernel\narm_64bit=1 # here too\n\ninitramfs i followkernel\ndevice_tree=b.dtb\n";
        let settings = config(text, &[]).expect("read");
        assert_eq!((settings["kernel"].as_str(), settings["initramfs"].as_str()), ("kernel", "i"));
        assert_eq!((settings["device_tree"].as_str(), settings.len()), ("b.dtb", 3));
        for line in ["dtoverlay=disable-bt", "initramfs i 0x800000", "[pi9]", "nonsense"] {
            let message = config(line, &[]).expect_err("refused").to_string();
            assert!(message.contains(&format!("config.txt: `{line}` is not emulated")), "{message}");
        }
    }

    #[test]
    fn an_included_file_stands_in_the_place_of_its_line() {
        let read = |name: &str| {
            assert_eq!(name, "camera.txt");
            Ok(b"# nothing\nkernel=b\n".to_vec())
        };
        let text = super::with_included("kernel=a\ninclude camera.txt\nstart_x=1\n", &read).expect("read");
        assert_eq!(config(&text, &[]).expect("read")["kernel"], "b");
    }

    #[test]
    fn sections_hold_for_their_boards_and_the_last_word_counts() {
        let text = "device_tree=a\n[pi3]\ndevice_tree=b\n[pi4]\ndevice_tree=c\n[board-type=0x0e]\ndevice_tree=d\n[all]\nkernel=k\n";
        let tree = |filters: &[&str]| {
            let filters: Vec<String> = filters.iter().map(|filter| (*filter).to_owned()).collect();
            let settings = config(text, &filters).expect("read");
            assert_eq!(settings["kernel"], "k");
            settings["device_tree"].clone()
        };
        assert_eq!(tree(&[]), "a");
        assert_eq!(tree(&["pi3"]), "b");
        assert_eq!(tree(&["pi4"]), "c");
        assert_eq!(tree(&["pi3", "board-type=0x0e"]), "d");
    }
}
