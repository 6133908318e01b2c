//! `import`: settings as TOML text, typed or pasted line by line.

use super::desk::Desk;
use super::dialogue::{Dialogue, Then};
use crate::settings::{self, document::DOCUMENT_BYTES_MAX};

/// Ends the text. No line of TOML is a dot alone.
const END: &str = ".";

/// The text so far.
#[derive(Default)]
pub struct Import {
    text: String,
}

impl Dialogue for Import {
    fn prompt(&self) -> String {
        "import> ".into()
    }

    fn answer(&mut self, line: &str, desk: &mut Desk, _: u64) -> (String, Then) {
        if line.trim() == END {
            return (take(&self.text, desk), Then::Over);
        }
        // One byte more than a document may have is kept, so that it is refused as what it is.
        let room = (DOCUMENT_BYTES_MAX + 1).saturating_sub(self.text.len());
        self.text.extend(line.chars().chain(['\n']).take(room));
        (String::new(), Then::Next)
    }

    fn interrupt(&mut self) -> (String, Then) {
        ("Nothing was imported.\n".into(), Then::Over)
    }
}

/// Puts in force what is right in the text, and tells what is not.
fn take(text: &str, desk: &mut Desk) -> String {
    let _hold = match desk.hold() {
        Ok(hold) => hold,
        Err(why) => return format!("{why}\n"),
    };
    let reading = settings::apply_toml(desk.in_force(), text, "import");
    let complaints: String = reading.complaints.iter().map(|complaint| format!("{complaint}\n")).collect();
    if reading.settings == *desk.in_force() {
        return complaints + "Nothing is different from before.\n";
    }
    let changed =
        reading.settings.all().filter(|(row, value)| desk.in_force().get(row.name).as_ref() != Some(value));
    let count = changed.count();
    let settings = if count == 1 { "setting" } else { "settings" };
    match desk.put_in_force(reading.settings) {
        Ok(()) => format!(
            "{complaints}In force, with {count} {settings} changed. `save` keeps it across restarts.\n"
        ),
        Err(why) => format!("{complaints}{why}\n"),
    }
}
