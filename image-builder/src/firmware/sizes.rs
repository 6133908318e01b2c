//! Who takes how much of the binary: the sizes of its symbols, summed by the crate that they come from.

use std::collections::BTreeMap;
use std::path::Path;

use boards::Architecture;
use object::read::elf::{ElfFile, FileHeader};
use object::{LittleEndian, Object as _, ObjectSymbol as _, elf};

use super::Error;

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Crate, or what else it is.
    pub name: String,
    /// Bytes of its symbols.
    pub bytes: u64,
}

/// The table, largest first. Needs a binary with symbols.
///
/// # Errors
/// When the file cannot be read.
pub fn table(path: &Path, arch: Architecture) -> Result<Vec<Row>, Error> {
    let data = std::fs::read(path).map_err(|source| Error::Io { path: path.to_owned(), source })?;
    match arch {
        Architecture::Arm64 => rows::<elf::FileHeader64<LittleEndian>>(path, &data),
        Architecture::Armv6 | Architecture::Armv7 => rows::<elf::FileHeader32<LittleEndian>>(path, &data),
    }
}

fn rows<Header: FileHeader<Endian = LittleEndian>>(path: &Path, data: &[u8]) -> Result<Vec<Row>, Error> {
    let file =
        ElfFile::<Header>::parse(data).map_err(|error| Error::Elf(path.to_owned(), error.to_string()))?;
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for symbol in file.symbols() {
        *sums.entry(owner(symbol.name().unwrap_or_default())).or_default() += symbol.size();
    }
    let mut rows: Vec<Row> =
        sums.into_iter().map(|(name, bytes)| Row { name, bytes }).filter(|row| row.bytes > 0).collect();
    rows.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.name.cmp(&other.name)));
    Ok(rows)
}

/// What C symbols and data without a name are counted under.
const OTHERS: &str = "C library and data without a name";

/// The crate of a mangled symbol; of `<Type as Trait>::method` the type's.
fn owner(symbol: &str) -> String {
    let Ok(name) = rustc_demangle::try_demangle(symbol) else { return OTHERS.to_owned() };
    let name = format!("{name:#}");
    // Past `<`, `&`, `*mut`, `dyn` and the like, to the first word that a `::` follows.
    let end = name.find("::").unwrap_or(0);
    let head = &name[..end];
    let start =
        head.rfind(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').map_or(0, |at| at + 1);
    let owner = &head[start..];
    if owner.is_empty() { OTHERS.to_owned() } else { owner.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{OTHERS, owner};

    #[test]
    fn symbols_belong_to_crates() {
        for (symbol, expected) in [
            ("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core"),
            (
                "_ZN55_$LT$vision..luma..Luma$u20$as$u20$core..fmt..Debug$GT$3fmt17h0123456789abcdefE",
                "vision",
            ),
            ("memcpy", OTHERS),
            ("", OTHERS),
            ("_ZN", OTHERS),
            ("_ZN99x", OTHERS),
            ("_RNvNtCs6GSVXm7oiwY_7mycrate3foo3bar", "mycrate"),
        ] {
            assert_eq!(owner(symbol), expected, "{symbol}");
        }
    }
}
