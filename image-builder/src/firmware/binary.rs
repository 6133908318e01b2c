//! Reads the finished binary: what it says about itself, and whether it may go on a card.

use std::path::Path;

use boards::Architecture;
use object::read::elf::{ElfFile, FileHeader, ProgramHeader as _};
use object::{LittleEndian, Object as _, ObjectSection as _, elf};

use super::Error;

/// The section where the firmware keeps its version: magic, version, NUL, build id, NUL.
pub const VERSION_SECTION: &str = ".kerberos.version";
/// How that section starts.
const MAGIC: &[u8] = b"KERBEROS\0";

/// What a binary says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The package's version.
    pub version: String,
    /// Hash over its sources.
    pub build_id: String,
}

/// A binary that may go on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binary {
    /// Its version, if it is our firmware.
    pub version: Option<Version>,
}

/// Checks a program for the CPU.
///
/// # Errors
/// When it is no such program, or needs anything but itself, or has memory that can be written and executed.
pub fn inspect(path: &Path, bytes: &[u8], arch: Architecture) -> Result<Binary, Error> {
    match arch {
        Architecture::Arm64 => inspect_elf::<elf::FileHeader64<LittleEndian>>(path, bytes, elf::EM_AARCH64),
        Architecture::Armv7 => inspect_elf::<elf::FileHeader32<LittleEndian>>(path, bytes, elf::EM_ARM),
    }
}

fn inspect_elf<Header>(path: &Path, bytes: &[u8], machine: elf::Machine) -> Result<Binary, Error>
where
    Header: FileHeader<Endian = LittleEndian>,
{
    let elf = |error: object::Error| Error::Elf(path.to_owned(), error.to_string());
    let file = ElfFile::<Header>::parse(bytes).map_err(elf)?;
    let refuse = |reason| Err(Error::Refused(path.to_owned(), reason));
    let header = file.elf_header();
    if header.e_machine(LittleEndian) != machine {
        return refuse("it is for another processor");
    }
    if header.e_type(LittleEndian) != elf::ET_EXEC {
        return refuse("it is not a program at a fixed address");
    }
    let mut stack_is_declared = false;
    for segment in file.elf_program_headers() {
        let flags = segment.p_flags(LittleEndian);
        let executable = flags.contains(elf::PF_X);
        match segment.p_type(LittleEndian) {
            elf::PT_INTERP => return refuse("it needs an interpreter, so it is not static"),
            elf::PT_DYNAMIC => return refuse("it needs shared libraries, so it is not static"),
            elf::PT_GNU_STACK if executable => return refuse("its stack is executable"),
            elf::PT_GNU_STACK => stack_is_declared = true,
            elf::PT_LOAD if executable && flags.contains(elf::PF_W) => {
                return refuse("it has memory that can be both written and executed");
            }
            _ => {}
        }
    }
    if !stack_is_declared {
        return refuse("it does not say that its stack is not executable");
    }
    let section = file.section_by_name(VERSION_SECTION);
    let version = section.map(|section| section.data()).transpose().map_err(elf)?.map(parse_version);
    match version {
        Some(None) => refuse("its version section cannot be read"),
        version => Ok(Binary { version: version.flatten() }),
    }
}

/// `KERBEROS\0<version>\0<build id>\0`, padded.
fn parse_version(bytes: &[u8]) -> Option<Version> {
    let mut parts = bytes.strip_prefix(MAGIC)?.split(|byte| *byte == 0);
    let mut text = || -> Option<String> {
        let part = std::str::from_utf8(parts.next()?).ok()?;
        let valid = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic());
        valid.then(|| part.to_owned())
    };
    Some(Version { version: text()?, build_id: text()? })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use boards::Architecture;

    use super::{Version, inspect, parse_version};
    use crate::firmware::Error;

    /// A program with the given segments (type, flags), and nothing in them.
    fn program(kind: u16, machine: u16, segments: &[(u32, u32)]) -> Vec<u8> {
        let mut bytes = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend(kind.to_le_bytes());
        bytes.extend(machine.to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend([0; 8]);
        bytes.extend(64_u64.to_le_bytes());
        bytes.extend([0; 12]);
        for half in [64, 56, segments.len() as u16, 64, 0, 0] {
            bytes.extend(half.to_le_bytes());
        }
        for (kind, flags) in segments {
            bytes.extend(kind.to_le_bytes());
            bytes.extend(flags.to_le_bytes());
            bytes.extend([0; 48]);
        }
        bytes
    }

    const ARM64: u16 = 183;
    const STACK: (u32, u32) = (0x6474_e551, 6);

    fn reason(bytes: &[u8]) -> &'static str {
        match inspect(Path::new("init"), bytes, Architecture::Arm64) {
            Err(Error::Refused(_, reason)) => reason,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn only_static_programs_without_writable_code_pass() {
        let (code, data) = ((1, 5), (1, 6));
        assert_eq!(
            inspect(Path::new("init"), &program(2, ARM64, &[code, data, STACK]), Architecture::Arm64)
                .expect("good")
                .version,
            None
        );
        for (bytes, expected) in [
            (program(2, 62, &[code, STACK]), "another processor"),
            (program(3, ARM64, &[code, STACK]), "fixed address"),
            (program(2, ARM64, &[(3, 4), STACK]), "interpreter"),
            (program(2, ARM64, &[(2, 6), STACK]), "shared libraries"),
            (program(2, ARM64, &[(0x6474_e551, 7)]), "stack is executable"),
            (program(2, ARM64, &[(1, 7), STACK]), "both written and executed"),
            (program(2, ARM64, &[code, data]), "does not say"),
        ] {
            assert!(reason(&bytes).contains(expected), "{expected}");
        }
    }

    #[test]
    fn nonsense_is_an_error_and_never_a_panic() {
        let good = program(2, ARM64, &[(1, 5), STACK]);
        for length in 0..good.len() {
            assert!(inspect(Path::new("init"), &good[..length], Architecture::Arm64).is_err(), "{length}");
        }
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0xff;
            let _ = inspect(Path::new("init"), &bytes, Architecture::Arm64);
        }
    }

    #[test]
    fn the_version_is_read_from_its_section() {
        let expected = Version { version: "0.1.0".into(), build_id: "0123456789ab".into() };
        assert_eq!(parse_version(b"KERBEROS\x000.1.0\x000123456789ab\0\0\0"), Some(expected));
        for wrong in
            [&b""[..], b"KERBEROS\0", b"KERBEROS\x000.1.0", b"KERBEROS\0\0x\0", b"KERBEROX\x001\x002\0"]
        {
            assert_eq!(parse_version(wrong), None);
        }
    }
}
