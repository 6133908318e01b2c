//! Held against the stock `age` tool: what is sealed here, it opens, whole, cut and changed.
//!
//! Debian's package `age`. Where it is missing each test says so and is passed over.

use std::error::Error;
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::Command;

use seal::{CHUNK_BYTES, Recipient, Sealer, header_bytes, header_end, sealed_bytes, whole_chunks};
use tempfile::TempDir;

type Outcome = Result<(), Box<dyn Error>>;

/// A few whole chunks and a short one.
const CLIP_BYTES: usize = 4 * CHUNK_BYTES + 12_345;
/// Cuts besides those at boundaries.
const CUTS: u64 = 200;

/// A folder with keys, and the tool.
struct Age {
    folder: TempDir,
}

impl Age {
    /// `None`, and a sentence, without the tool.
    fn find() -> Result<Option<Self>, Box<dyn Error>> {
        if ["age", "age-keygen"].iter().any(|tool| Command::new(tool).arg("--version").output().is_err()) {
            eprintln!("Passed over: there is no `age` here (Debian's package of that name).");
            return Ok(None);
        }
        Ok(Some(Self { folder: tempfile::tempdir()? }))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A new key; its secret stays in the file of that name.
    fn key(&self, name: &str) -> Result<Recipient, Box<dyn Error>> {
        let made = Command::new("age-keygen").arg("-o").arg(self.path(name)).output()?;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let public = Command::new("age-keygen").arg("-y").arg(self.path(name)).output()?;
        Ok(String::from_utf8(public.stdout)?.parse()?)
    }

    /// What the tool makes of a file with the secret of that name, and whether it is content.
    fn open(&self, file: &[u8], name: &str) -> Result<(Vec<u8>, bool), Box<dyn Error>> {
        fs::write(self.path("file.age"), file)?;
        let opened = Command::new("age")
            .arg("-d")
            .arg("-i")
            .arg(self.path(name))
            .arg(self.path("file.age"))
            .output()?;
        Ok((opened.stdout, opened.status.success()))
    }
}

fn system_random(bytes: &mut [u8]) -> std::io::Result<()> {
    fs::File::open("/dev/urandom")?.read_exact(bytes)
}

/// A file as the recorder would write it: in pieces.
fn sealed(plaintext: &[u8], recipients: &[Recipient]) -> Result<Vec<u8>, seal::SealError> {
    let mut sealer = Sealer::begin(recipients, &mut system_random, Vec::new())?;
    let mut file = Vec::new();
    let (before, end) = plaintext.split_at(plaintext.len().saturating_sub(100));
    for piece in before.chunks(50_001) {
        sealer.push(piece)?;
        file.extend_from_slice(sealer.unwritten());
        sealer.written(sealer.unwritten().len());
    }
    sealer.finish(end)?;
    file.extend_from_slice(sealer.unwritten());
    Ok(file)
}

fn plaintext(bytes: usize) -> Vec<u8> {
    (0..bytes as u64).map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

#[test]
fn stock_age_opens_files_of_every_length() -> Outcome {
    let Some(age) = Age::find()? else { return Ok(()) };
    let owner = age.key("owner")?;
    for length in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 5_000_000] {
        let plaintext = plaintext(length);
        let file = sealed(&plaintext, &[owner])?;
        assert_eq!(file.len() as u64, sealed_bytes(1, length as u64));
        assert!(age.open(&file, "owner")? == (plaintext, true), "{length} bytes");
    }
    Ok(())
}

#[test]
fn stock_age_opens_it_for_each_of_two_owners_and_nobody_else() -> Outcome {
    let Some(age) = Age::find()? else { return Ok(()) };
    let owners = [age.key("one")?, age.key("two")?];
    age.key("stranger")?;
    let plaintext = plaintext(CLIP_BYTES);
    let file = sealed(&plaintext, &owners)?;
    assert!(age.open(&file, "one")? == (plaintext.clone(), true));
    assert!(age.open(&file, "two")? == (plaintext, true));
    assert_eq!(age.open(&file, "stranger")?, (Vec::new(), false));
    Ok(())
}

#[test]
fn stock_age_gives_every_whole_chunk_before_a_cut() -> Outcome {
    let Some(age) = Age::find()? else { return Ok(()) };
    let owner = age.key("owner")?;
    let plaintext = plaintext(CLIP_BYTES);
    let file = sealed(&plaintext, &[owner])?;
    let header = header_end(&file)? as u64;
    assert_eq!(header, header_bytes(1) as u64);
    let length = file.len() as u64;
    let chunk = (CHUNK_BYTES + 16) as u64;
    // Each boundary and its neighbours, the header, and places all over the file.
    let boundaries =
        (0..=4).flat_map(|number| (header + number * chunk).saturating_sub(1)..=header + number * chunk + 1);
    let others = (0..CUTS).map(|number| (number * 0x9e37_79b9 + 7) % length);
    for cut in boundaries.chain(others).chain([0, 21, 22, header - 16, length - 1]) {
        let torn = file.get(..usize::try_from(cut)?).ok_or("a cut behind the end")?;
        let whole = whole_chunks(cut, header);
        let kept = usize::try_from(whole.map_or(0, |whole| whole.plaintext_bytes))?;
        let (opened, is_content) = age.open(torn, "owner")?;
        assert!(opened == plaintext[..kept], "cut at {cut}: {} of {kept} bytes", opened.len());
        assert!(!is_content, "cut at {cut}");
        if let Some(whole) = whole {
            // Mended, it gives the same.
            let mended = age.open(&file[..usize::try_from(whole.bytes)?], "owner")?;
            assert!(mended == (opened, false), "mended after {cut}");
        }
    }
    Ok(())
}

#[test]
fn stock_age_refuses_a_flipped_bit_anywhere() -> Outcome {
    let Some(age) = Age::find()? else { return Ok(()) };
    let owner = age.key("owner")?;
    let plaintext = plaintext(CLIP_BYTES);
    let file = sealed(&plaintext, &[owner])?;
    let header = header_bytes(1);
    let places = (0..header).step_by(5).chain((header..file.len()).step_by(6007)).chain([file.len() - 1]);
    for (at, bit) in places.zip((0..8).cycle()) {
        let mut changed = file.clone();
        *changed.get_mut(at).ok_or("behind the end")? ^= 1 << bit;
        let (opened, is_content) = age.open(&changed, "owner")?;
        assert!(!is_content, "bit {bit} of byte {at}");
        let chunks = at.saturating_sub(header) / (CHUNK_BYTES + 16);
        assert!(opened == plaintext[..chunks * CHUNK_BYTES], "only what stands before byte {at}");
    }
    Ok(())
}
