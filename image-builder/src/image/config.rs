//! A person's `kerberos.toml` for `--config`: read, and checked with the very parser that the board applies it with.
//!
//! On the board a fault costs only its setting; here, where somebody can still correct it, any fault refuses the file.

use std::io::Read as _;
use std::path::Path;

use boards::layout::SETTINGS_FILE;
use settings::Settings;
use settings::document::DOCUMENT_BYTES_MAX;

use super::Error;

/// Reads the file.
///
/// # Errors
/// When it cannot be read, or the board would complain about it.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    // One byte more than the parser takes, so that it is the parser who says what is too long.
    let most = DOCUMENT_BYTES_MAX as u64 + 1;
    std::fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|source| Error::ConfigUnreadable { path: path.to_owned(), source })?;
    let reading = settings::apply_bytes(&Settings::default(), &bytes, SETTINGS_FILE);
    if reading.complaints.is_empty() {
        return Ok(bytes);
    }
    let complaints = reading.complaints.iter().map(|complaint| {
        let message = &complaint.message;
        format!("line {}: {message}", complaint.line)
    });
    Err(Error::Config { path: path.to_owned(), complaints: complaints.collect() })
}

#[cfg(test)]
mod tests {
    use super::read;

    fn refusal(bytes: &[u8]) -> String {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), bytes).expect("written");
        let said = read(file.path()).expect_err("refused").to_string();
        said.replace(&file.path().display().to_string(), "FILE")
    }

    #[test]
    fn a_good_file_is_taken_as_it_is() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let text = "# the gate\r\nname = \"gate\"\r\n[motion]\r\nsensitivity = 70\r\n";
        std::fs::write(file.path(), text).expect("written");
        assert_eq!(read(file.path()).expect("taken"), text.as_bytes());
        std::fs::write(file.path(), settings::template()).expect("written");
        assert_eq!(read(file.path()).expect("taken"), settings::template().as_bytes());
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        let said = refusal(b"name = \"gate\"\nmotion.sensitvity = 70\nalarm.pulse_ms = 5\n");
        assert!(said.starts_with("the board would not take over FILE: line 2: "), "{said}");
        assert!(said.contains("did you mean motion.sensitivity?"), "{said}");
        assert!(said.contains("\n    line 3: alarm.pulse_ms must be "), "{said}");
        let said = refusal(b"armed = true\nname = \"\xe9\"\n");
        assert!(said.contains("line 2: This is not UTF-8"), "{said}");
        assert!(refusal(b"armed\n").contains("line 1: This is not TOML: "));
        assert!(refusal(&[b'#'; 40_000]).contains("longer than 32768 bytes"));
        let said = read("/no/such/file".as_ref()).expect_err("refused").to_string();
        assert!(said.starts_with("/no/such/file cannot be read: "), "{said}");
    }
}
