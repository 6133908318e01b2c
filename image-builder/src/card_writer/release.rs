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
}

fn way(host: &Host, disk: &Disk, has_eject: bool) -> Way {
    // Only what hangs on SCSI (USB readers and sticks) can be ejected or detached.
    let scsi = host.path(delete_file(disk)).exists();
    match (disk.removable && scsi, has_eject) {
        (true, true) => Way::Eject,
        (true, false) => Way::Detach,
        (false, _) => Way::Reread,
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
    let result = match (way(host, &disk, eject.is_some()), eject) {
        (Way::Eject, Some(eject)) => run(Command::new(eject).arg(&device))
            .map(|()| format!("ejected: the card in {shown} can be taken out")),
        (Way::Detach, _) => std::fs::write(host.path(delete_file(&disk)), "1")
            .map(|()| format!("ejected: {shown} is gone until the reader is plugged in anew"))
            .map_err(|error| error.to_string()),
        (Way::Reread | Way::Eject, _) => {
            run(Command::new(find_program("blockdev").unwrap_or("blockdev".into()))
                .arg("--rereadpt")
                .arg(&device))
            .map(|()| format!("complete: {shown} can be taken out"))
        }
    };
    result.unwrap_or_else(|error| {
        format!("complete, but {shown} was not ejected ({error}): do that in the file manager")
    })
}

/// Whatever is written to this file of a SCSI disk makes the kernel flush and forget it.
fn delete_file(disk: &Disk) -> String {
    format!("sys/block/{}/device/delete", disk.name)
}

fn run(command: &mut Command) -> Result<(), String> {
    command::run(command).map(drop).map_err(|error| error.to_string())
}
