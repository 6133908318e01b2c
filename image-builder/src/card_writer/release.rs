//! Lets go of a finished card: ejected where that means something, known to the kernel anew where not.
//!
//! The card is complete and checked by then: what fails here is told and is no fault of the card.

use std::process::Command;

use super::block_card::BlockCard;
use super::disks::{Disk, Host};
use crate::host::command;
use crate::host::packages::find_program;

/// How to let go of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The program `eject`: the reader lets the card go and stays ready for the next one.
    Eject,
    /// The kernel flushes and forgets the disk; the reader must be plugged in anew for the next card.
    Detach,
    /// A slot on the computer's own board, or no card at all: only the new partitions must become known.
    Reread,
    /// A loop device that was made without partitions.
    Nothing,
}

fn way(host: &Host, disk: &Disk, has_eject: bool) -> Way {
    // Only what hangs on SCSI (USB readers and sticks) can be ejected or detached.
    let scsi = host.path(delete_file(disk)).exists();
    match (disk.removable && scsi, has_eject) {
        (true, true) => Way::Eject,
        (true, false) => Way::Detach,
        _ if host.attribute(format!("sys/block/{}/loop/partscan", disk.name)) == "0" => Way::Nothing,
        _ => Way::Reread,
    }
}

/// Lets go, and returns a sentence about it.
pub fn release(host: &Host, card: BlockCard) -> String {
    let disk = card.disk().clone();
    let eject = find_program("eject");
    // As long as it is open, nobody else can do anything with it.
    drop(card);
    let device = disk.device();
    let shown = device.display();
    let way = way(host, &disk, eject.is_some());
    let result = match way {
        Way::Eject => run(Command::new(eject.unwrap_or("eject".into())).arg(&device)),
        Way::Detach => std::fs::write(host.path(delete_file(&disk)), "1").map_err(|error| error.to_string()),
        Way::Reread => {
            let blockdev = find_program("blockdev").unwrap_or("blockdev".into());
            run(Command::new(blockdev).arg("--rereadpt").arg(&device))
        }
        Way::Nothing => Ok(()),
    };
    match (way, result) {
        (Way::Eject, Ok(())) => format!("ejected: the card in {shown} can be taken out"),
        (Way::Detach, Ok(())) => format!("ejected: {shown} is gone until the reader is plugged in anew"),
        (Way::Reread | Way::Nothing, Ok(())) => format!("complete: the card in {shown} can be taken out"),
        // The card is right all the same; what this computer thinks of it goes when it is taken out.
        (Way::Reread, Err(error)) => {
            format!(
                "complete: the card in {shown} can be taken out (its partitions are not seen here: {error})"
            )
        }
        (_, Err(error)) => {
            format!("complete, but {shown} was not ejected ({error}): eject it in the file manager")
        }
    }
}

/// Whatever is written to this file of a SCSI disk makes the kernel flush and forget it.
fn delete_file(disk: &Disk) -> String {
    format!("sys/block/{}/device/delete", disk.name)
}

fn run(command: &mut Command) -> Result<(), String> {
    command::run(command).map(drop).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::tests::computer::Computer;
    use super::{Way, way};

    #[test]
    fn only_a_card_in_a_usb_reader_is_ejected() {
        let computer = Computer::with_card();
        let way = |number: (u64, u64), has_eject| {
            let disk = computer.choose(number.0, number.1).expect("accepted");
            way(&computer.host(), &disk, has_eject)
        };
        assert_eq!((way((8, 16), true), way((8, 16), false)), (Way::Eject, Way::Detach));
        computer.put("sys/block/sdb/removable", "0");
        assert_eq!(way((8, 16), true), Way::Reread, "a disk");
        computer.put("sys/block/mmcblk0/dev", "179:0");
        computer.put("sys/block/mmcblk0/size", "31291392");
        computer.put("sys/block/mmcblk0/device/type", "SD");
        assert_eq!(way((179, 0), true), Way::Reread, "a slot on the board");
        computer.put("sys/block/loop0/dev", "7:0");
        computer.put("sys/block/loop0/size", "31291392");
        computer.put("sys/block/loop0/loop/partscan", "1");
        assert_eq!(way((7, 0), true), Way::Reread);
        computer.put("sys/block/loop0/loop/partscan", "0");
        assert_eq!(way((7, 0), true), Way::Nothing);
    }
}
