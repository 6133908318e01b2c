//! Reads the finished binary: what it says about itself, and whether it may go on a card.

use std::path::Path;

use boards::Architecture;
use object::read::elf::{ElfFile, FileHeader, ProgramHeader as _};
use object::{LittleEndian, Object as _, ObjectSection as _, elf};

use super::{Error, attributes};

/// The section where the firmware keeps its version: magic, version, NUL, build id, NUL.
pub const VERSION_SECTION: &str = ".kerberos.version";
/// How that section starts.
const MAGIC: &[u8] = b"KERBEROS\0";
/// The section with the build attributes of 32-bit ARM.
const ATTRIBUTES_SECTION: &str = ".ARM.attributes";

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
        Architecture::Armv6 => inspect_arm(path, bytes, &attributes::UP_TO_V6K),
        Architecture::Armv7 => inspect_arm(path, bytes, &attributes::UP_TO_V7),
    }
}

/// A binary for 32-bit ARM also says how new a processor it needs; `known` are the ones that do.
fn inspect_arm(path: &Path, bytes: &[u8], known: &[u64]) -> Result<Binary, Error> {
    type Header = elf::FileHeader32<LittleEndian>;
    let binary = inspect_elf::<Header>(path, bytes, elf::EM_ARM)?;
    let file =
        ElfFile::<Header>::parse(bytes).map_err(|error| Error::Elf(path.to_owned(), error.to_string()))?;
    let section = file.section_by_name(ATTRIBUTES_SECTION).and_then(|section| section.data().ok());
    match section.and_then(|section| attributes::architecture::<Header>(LittleEndian, section)) {
        Some(found) if known.contains(&found) => Ok(binary),
        Some(_) => Err(Error::Refused(path.to_owned(), "it needs a newer processor than the board has")),
        None => Err(Error::Refused(path.to_owned(), "it does not say which processor it needs")),
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

    /// A 32-bit ARM program, with nothing in it but these build attributes (`Tag_CPU_arch`), where there are any.
    fn arm_program(architecture: Option<u8>) -> Vec<u8> {
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let names = b"\0.ARM.attributes\0.shstrtab\0";
        let attributes = match architecture {
            Some(value) => [&b"A\x11\0\0\0aeabi\0\x01\x07\0\0\0\x06"[..], &[value]].concat(),
            None => Vec::new(),
        };
        // Behind the header (52 bytes) one segment (32 bytes), then the sections' content, then their table of three.
        let (names_at, attributes_at) = (84_u32, 84 + names.len() as u32);
        let table_at = attributes_at + attributes.len() as u32;
        let mut bytes = vec![0x7f, b'E', b'L', b'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend([2, 0, 40, 0]);
        bytes.extend(words(&[1, 0, 52, table_at, 0]));
        bytes.extend([52_u16, 32, 1, 40, 3, 2].iter().flat_map(|half| half.to_le_bytes()));
        bytes.extend(words(&[STACK.0, 0, 0, 0, 0, 0, STACK.1, 0]));
        bytes.extend(names);
        bytes.extend(&attributes);
        bytes.extend([0; 40]);
        bytes.extend(words(&[1, 0x7000_0003, 0, 0, attributes_at, attributes.len() as u32, 0, 0, 1, 0]));
        bytes.extend(words(&[17, 3, 0, 0, names_at, names.len() as u32, 0, 0, 1, 0]));
        bytes
    }

    #[test]
    fn a_32_bit_program_must_not_need_a_newer_processor_than_the_board_has() {
        use Architecture::{Armv6, Armv7};
        let (version_6k, version_6t2, version_7, version_8) = (9, 8, 10, 14);
        for (arch, architecture, expected) in [
            (Armv6, Some(version_6k), None),
            (Armv7, Some(version_6k), None),
            (Armv7, Some(version_7), None),
            (Armv6, Some(version_7), Some("newer processor")),
            (Armv6, Some(version_6t2), Some("newer processor")),
            (Armv7, Some(version_8), Some("newer processor")),
            (Armv6, None, Some("does not say which processor")),
        ] {
            let result = inspect(Path::new("init"), &arm_program(architecture), arch);
            let reason = result.err().map(|error| error.to_string()).unwrap_or_default();
            assert_eq!(reason.contains(expected.unwrap_or("it")), expected.is_some(), "{arch:?}: {reason}");
        }
        let error = inspect(Path::new("init"), &arm_program(Some(version_6k)), Architecture::Arm64);
        assert!(error.is_err(), "the word size");
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
