//! The list of cards that `card BOARD` shows: what is there, what is on it, and why one is refused.

use std::fmt::Write as _;

use super::disks::Disk;
use super::judge::judge;
use super::size::human;

/// The list, and how to go on.
#[must_use]
pub fn table(disks: &[Disk], board: &str) -> String {
    // An empty slot of a reader is no card.
    let cards: Vec<&Disk> = disks.iter().filter(|disk| disk.removable && disk.bytes > 0).collect();
    if cards.is_empty() {
        return format!(
            "There is no card in this computer. Put one in and try again; a disk that is not removable can be\n\
             named all the same: ./flash.sh card {board} DEVICE\n"
        );
    }
    let mut text = format!("{:<16} {:>10}  {:<24} HOLDS\n", "DEVICE", "SIZE", "MODEL");
    for card in &cards {
        let holds = if card.volumes.is_empty() { "-".to_owned() } else { card.volumes.join(", ") };
        let (device, size) = (card.device().display().to_string(), human(card.bytes));
        // Writing to a string does not fail.
        let _ = writeln!(text, "{device:<16} {size:>10}  {:<24} {holds}", card.model_or_unnamed());
        if let Err(refusal) = judge(card) {
            let _ = writeln!(text, "{:<16} refused: {refusal}", "");
        }
    }
    let free = cards.iter().find(|card| judge(card).is_ok());
    let device = free.map_or("DEVICE".to_owned(), |card| card.device().display().to_string());
    let _ = writeln!(text, "Nothing was written. To write to one: ./flash.sh card {board} {device}");
    text
}
