//! The orders by which U-Boot starts 64-bit boards, carried out by U-Boot on `virt`: no such board is emulated.
//!
//! What differs is said in `carried_over`. The rest is as on the board: the card image, the commands, the kernel that all these boards share.

use boards::Loader;
use boards::layout::BOOT;
use image_builder::emulate::{Machine, MachineOptions};
use image_builder::fat::read_file;
use image_builder::host::apt::Apt;
use image_builder::host::cache::Cache;
use image_builder::image::{self, BuildOptions};
use std::path::Path;
use std::time::Duration;
use tests::card::text;
use tests::rig::{BOARD, root};
use tests::serial::Serial;
use tests::{Failure, Outcome};

/// Debian's package with U-Boot for QEMU's machines, made from the same source as those for the boards.
const PACKAGE: &str = "u-boot-qemu";
const FILE: &str = "/usr/lib/u-boot/qemu_arm64/u-boot.bin";
/// What U-Boot asks with.
const PROMPT: &str = "=> ";
/// Bytes before the text of a script of one part: the image's header, and the list of its parts' lengths.
const SCRIPT_HEAD: usize = 64 + 8;
/// What the addresses in the orders count on: the smallest of these boards has as much.
const MEMORY_MIB: u32 = 1024;
/// Generous: an emulated core on a busy machine.
const LIMIT: Duration = Duration::from_secs(180);

/// D11: what an Allwinner board's environment and a Rockchip board's script say makes U-Boot load kernel, tree and initramfs of the slot and
/// start them: our program greets.
#[test]
fn the_orders_of_64_bit_boards_start_the_system_under_u_boot() -> Outcome {
    let folder = tempfile::tempdir()?;
    let loader = folder.path().join("u-boot.bin");
    let cache = Cache::open()?;
    std::fs::write(&loader, Apt::new(&cache, false).file(PACKAGE, FILE)?.1)?;
    for (board, orders) in [("pine64-plus", of_environment as Orders), ("rock64", of_script)] {
        starts(board, orders, &loader, folder.path()).map_err(|error| format!("{board}: {error}"))?;
    }
    Ok(())
}

/// Reads a card's orders, as commands.
type Orders = fn(&Path) -> Result<Vec<String>, Failure>;

/// Its variables, and that the one is run which U-Boot runs by itself.
fn of_environment(card: &Path) -> Result<Vec<String>, Failure> {
    let bytes = read_file(card, BOOT.offset_bytes, "uboot.env")?;
    let variables = bytes.get(size_of::<u32>()..).ok_or("an empty environment")?.split(|byte| *byte == 0);
    let mut orders = Vec::new();
    for variable in variables.take_while(|variable| !variable.is_empty()) {
        let (name, value) = std::str::from_utf8(variable)?.split_once('=').ok_or("no variable")?;
        // Where it listens and talks: the test does.
        if !["stdin", "stdout", "stderr"].contains(&name) {
            orders.push(format!("setenv {name} '{value}'"));
        }
    }
    orders.push("run bootcmd".into());
    Ok(orders)
}

/// Its lines.
fn of_script(card: &Path) -> Result<Vec<String>, Failure> {
    let bytes = read_file(card, BOOT.offset_bytes, "boot.scr")?;
    let lines = std::str::from_utf8(bytes.get(SCRIPT_HEAD..).ok_or("a script without lines")?)?.lines();
    // Memory starts at 0x40000000 on the machine, and at 0 on the boards.
    Ok(lines.map(|line| line.replace(" 0x0", " 0x4")).collect())
}

/// What must differ: the card is a disk, and the kernel is given the tree of the machine that it is on. The board's is loaded all the same.
fn carried_over(order: &str) -> String {
    let order = order.replace("mmc 0:", "virtio 0:").replace("mmc ${devnum}:", "virtio 0:");
    order.replace(":${filesize} ${tree_addr}", ":${filesize} ${fdtcontroladdr}")
}

fn starts(board: &str, orders: Orders, loader: &Path, folder: &Path) -> Outcome {
    let card = folder.join(format!("{board}.img"));
    image::build(&BuildOptions { board: board.into(), out: Some(card.clone()), ..BuildOptions::default() })?;
    let (mut serial, _machine) = machine(loader, &card)?;
    serial.expect_within("Hit any key", LIMIT)?;
    serial.send(b"\r")?;
    serial.expect(PROMPT)?;
    let orders = orders(&card)?;
    let (last, first) = orders.split_last().ok_or("no orders")?;
    for order in std::iter::once("virtio scan").chain(first.iter().map(String::as_str)) {
        serial.send(format!("{}\r", carried_over(order)).as_bytes())?;
        serial.expect(PROMPT)?;
    }
    serial.send(format!("{}\r", carried_over(last)).as_bytes())?;
    serial.expect_within("Starting kernel", LIMIT)?;
    serial.expect_within("Kerberos ", LIMIT)?;
    serial.expect_within(tests::serial::PROMPT, LIMIT)?;
    // The machine has a card in no place that the kernel knows.
    assert!(serial.has("card: no card was found"), "{}", serial.transcript());
    Ok(())
}

/// QEMU's `virt` with U-Boot in its flash and the card as a disk, and nothing else.
fn machine(loader: &Path, card: &Path) -> Result<(Serial, Machine), Failure> {
    let mut profile = boards::load(&root().join("boards"), BOARD)?;
    let emulator = profile.emulator.as_mut().ok_or("no emulator")?;
    emulator.loader = Loader::Card;
    emulator.card =
        ["-drive", "if=none,id=card,format=raw,file={card}", "-device", "virtio-blk-device,drive=card"]
            .map(str::to_owned)
            .to_vec();
    emulator.watchdog.clear();
    emulator.memory_mib = MEMORY_MIB;
    // Stopped until we listen: QEMU keeps nothing of what is said before.
    let extra = ["-bios", &text(loader), "-no-reboot", "-S"].map(str::to_owned).to_vec();
    let mut machine =
        Machine::start(&MachineOptions { usb: false, extra, ..MachineOptions::new(profile, card) })?;
    let serial = Serial::new(machine.serial()?)?;
    machine.qmp("cont", &serde_json::json!({}))?;
    Ok((serial, machine))
}
