//! Asks the person before anything is written: y or N for a card, its size typed back for a disk that is no card.
//!
//! No input (a script, a closed terminal) is a no.

use std::io::{self, BufRead, Write};

use super::disks::Disk;
use super::size::human;

/// Whether the person agrees. `yes` (`--yes`) answers the question for cards, and for nothing else.
///
/// # Errors
/// When the terminal fails.
pub fn agrees(disk: &Disk, yes: bool, input: &mut impl BufRead, output: &mut impl Write) -> io::Result<bool> {
    let (device, model, size) = (disk.device(), disk.model_or_unnamed(), human(disk.bytes));
    let device = device.display();
    let holds = match disk.volumes.as_slice() {
        [] => String::new(),
        volumes => format!(" ({})", volumes.join(", ")),
    };
    if disk.removable && yes {
        return Ok(true);
    }
    if disk.removable {
        write!(
            output,
            "Use the {size} card found at {device}, {model}? All that is on it{holds} is lost. [y/N] "
        )?;
        return Ok(matches!(answer(input, output)?.to_lowercase().as_str(), "y" | "yes"));
    }
    writeln!(output, "{device}, {model}, is not a removable card. All that is on it{holds} would be lost.")?;
    write!(output, "To write to it all the same, type its size: {size}\n> ")?;
    Ok(answer(input, output)? == size)
}

fn answer(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<String> {
    output.flush()?;
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        // Whoever ends the input has not ended the line.
        writeln!(output)?;
    }
    Ok(line.trim().to_owned())
}
