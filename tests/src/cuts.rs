//! A clip cut off anywhere, as a power cut or a torn download leaves it, and what the world's own tools make of it.
//!
//! As a power cut or a torn download leaves it: ffprobe plays open clips, Debian's age opens sealed ones. What is right is known from
//! `fragments`, from the format's lengths and from the camera, never from the firmware. It must not boot anything.

use crate::card::{run, text};
use crate::clip::{Clip, frame_numbers};
use crate::{Failure, Outcome, Rig, fragments, report};
use image_builder::camera::random::Random;
use image_builder::camera::{Act, PixelFormat, Scene, Truth};
use image_builder::digest::sha256;
use std::fs::File;
use std::path::Path;
use std::process::Command;

/// Random cuts of each file; ffprobe needs some 50 ms for one.
const CUTS: usize = 1000;
/// Seed of the cuts unless `KERBEROS_CUT_SEED` says otherwise.
const SEED: u64 = 20_261_127;
/// The seed of the scene that every rig's camera looks at: `camera::Options::new`.
const CAMERA_SEED: u64 = 1;
/// Keeps these random numbers apart from others of the same seed.
const STREAM_CUTS: u64 = 3;
/// age, "Payload": a full chunk in the plaintext and in the file.
const CHUNK_BYTES: usize = 64 * 1024;
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + 16;
/// age, "Payload": the nonce behind the header.
const NONCE_BYTES: usize = 16;

/// A frame as a player takes it out of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Packet {
    /// Microseconds since the clip's start.
    time_us: u64,
    /// SHA-256 of its bytes.
    hash: String,
}

/// What a player takes out of a file, as far as it comes. Complaints about the end are expected of a file that is cut.
fn packets(path: &Path) -> Result<Vec<Packet>, Failure> {
    let output = Command::new("ffprobe")
        .args(["-v", "quiet", "-show_packets", "-show_data_hash", "sha256", "-of", "csv=p=0"])
        .args(["-show_entries", "packet=pts,data_hash"])
        .arg(path)
        .output()?;
    // That a torn file ends with an error is usual; that ffprobe was killed, as on a machine without memory, says nothing of the file.
    if output.status.code().is_none() {
        return Err(format!("ffprobe did not finish: {}", output.status).into());
    }
    let packet = |line: &str| {
        let (time_us, hash) = line.split_once(",SHA256:")?;
        Some(Packet { time_us: time_us.parse().ok()?, hash: hash.to_owned() })
    };
    let said = String::from_utf8(output.stdout)?;
    let packets = said.lines().filter(|line| !line.is_empty()).map(packet).collect::<Option<_>>();
    packets.ok_or_else(|| format!("ffprobe said of {}: {said}", path.display()).into())
}

/// Places at which a file of that length is cut: those that are named, and a thousand others; the longest first.
fn places(length: usize, named: impl Iterator<Item = usize>) -> Result<Vec<usize>, Failure> {
    let seed = std::env::var("KERBEROS_CUT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEED);
    println!("seed {seed}, {CUTS} random cuts of {length} bytes");
    let mut random = Random::new(seed, STREAM_CUTS);
    let limit = u32::try_from(length)?;
    let mut places: Vec<usize> = named.filter(|at| *at <= length).collect();
    places.extend((0..CUTS).map(|_| random.below(limit) as usize));
    places.sort_unstable_by(|a, b| b.cmp(a));
    places.dedup();
    Ok(places)
}

/// Cuts a copy of `file` at each of these places, the longest first, and judges what is left, on all processors.
fn each_cut(
    file: &[u8],
    extension: &str,
    places: &[usize],
    judge: impl Fn(&Path, usize) -> Outcome + Sync,
) -> Outcome {
    let threads = std::thread::available_parallelism()?.get();
    let stretch = |places: &[usize]| -> Outcome {
        let copy = tempfile::Builder::new().suffix(extension).tempfile()?;
        std::fs::write(copy.path(), file)?;
        for at in places {
            File::options().write(true).open(copy.path())?.set_len(*at as u64)?;
            judge(copy.path(), *at).map_err(|error| format!("cut at {at}: {error}"))?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let stretches = places.chunks(places.len().div_ceil(threads).max(1));
        let run = |places| scope.spawn(move || stretch(places).map_err(|error| error.to_string()));
        let workers: Vec<_> = stretches.map(run).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().map_err(|_| "a worker panicked".to_owned())?)
            .map_err(Failure::from)
    })
}

/// What the camera showed so far, by the number of the frame.
pub fn shown(rig: &Rig) -> Vec<Option<Truth>> {
    (0..rig.camera.stats().offered).map(|number| rig.camera.truth(number)).collect()
}

/// Every frame of a clip is to the byte the one that the camera made, which its number tells: the generated scene, made once more.
///
/// # Errors
/// A frame that is another, or a clip that cannot be decoded.
pub fn frames_are_the_cameras(clip: &[u8], shown: &[Option<Truth>]) -> Outcome {
    let numbers = frame_numbers(clip)?;
    let whole = fragments::read(clip);
    assert_eq!(numbers.len(), whole.frames(), "frames that decode, and frames in the boxes");
    let mut scene = Scene::new(CAMERA_SEED, PixelFormat::Mjpeg);
    for (number, sample) in numbers.iter().zip(whole.samples()) {
        let truth = shown.get(usize::try_from(*number)?).copied().flatten();
        let truth = truth.ok_or_else(|| format!("the camera never showed frame {number}"))?;
        scene.set_act(if truth.object.is_some() { Act::Moving } else { Act::Still });
        let sent = scene.frame(truth.mode, *number)?;
        assert!(sent == clip[sample.bytes.clone()], "frame {number} is not what the camera sent");
    }
    report::figure("frames of a clip that are the camera's to the byte", numbers.len());
    Ok(())
}

/// A clip plays whole, and cut at every fragment's end and its neighbours and anywhere else: at least to the end of its last whole
/// fragment, with the times and the bytes that the boxes say. What a player takes of the fragment that is torn are its next frames, and the
/// last of them may be torn itself.
///
/// # Errors
/// A cut after which a player shows less or something else.
pub fn an_open_clip_plays_wherever_it_is_cut(clip: &Path) -> Outcome {
    let file = std::fs::read(clip)?;
    let whole = fragments::read(&file);
    assert_eq!(whole.bytes, file.len(), "the clip is whole");
    let expected: Vec<Packet> = whole
        .samples()
        .map(|sample| Packet { time_us: sample.time_us, hash: sha256(&file[sample.bytes.clone()]) })
        .collect();
    assert_eq!(packets(clip)?, expected, "the whole clip");
    let ends: Vec<usize> = whole.fragments.iter().map(|fragment| fragment.end).collect();
    assert!(ends.len() >= 4, "a clip of several fragments: {ends:?}");
    for (index, end) in ends.iter().enumerate() {
        // To decode is dear; what is the same bytes is the same picture.
        let cut = tempfile::Builder::new().suffix(".mp4").tempfile()?;
        std::fs::write(cut.path(), &file[..*end])?;
        let frames: usize = whole.fragments[..=index].iter().map(|fragment| fragment.samples.len()).sum();
        assert_eq!(Clip::probe(cut.path())?.times_s.len(), frames, "{end} bytes decode without an error");
    }
    let header_end = whole.fragments[0].start;
    let named = ends.iter().chain([&header_end]).flat_map(|end| [end - 1, *end, end + 1]);
    let places = places(file.len(), named)?;
    each_cut(&file, ".mp4", &places, |cut, at| {
        let kept = whole.fragments.iter().filter(|fragment| fragment.end <= at);
        let kept: usize = kept.map(|fragment| fragment.samples.len()).sum();
        let played = packets(cut)?;
        if played.len() < kept || played[..kept] != expected[..kept] {
            return Err(format!("{} frames play, {kept} are whole", played.len()).into());
        }
        let torn = played[kept..].iter().zip(&expected[kept..]);
        let wrong = torn.filter(|(played, expected)| played != expected).count();
        let last_differs = played.len() > kept && played.last() != expected.get(played.len() - 1);
        if played.len() > expected.len() || wrong > usize::from(last_differs) {
            return Err(format!("behind {kept} whole frames come {:?}", &played[kept..]).into());
        }
        Ok(())
    })?;
    report::figure("cuts of a clip that play to the last whole fragment", places.len());
    Ok(())
}

/// A sealed clip opens with stock age wherever it is cut: to exactly the whole chunks before the cut, and with an error. Whole it opens to
/// `plaintext`.
///
/// # Errors
/// A cut after which less or something else comes out.
pub fn a_sealed_clip_opens_wherever_it_is_cut(sealed: &Path, identity: &Path, plaintext: &[u8]) -> Outcome {
    let file = std::fs::read(sealed)?;
    // age, "Header MAC": the line with the three dashes is the header's last one.
    let mac = file.windows(5).position(|part| part == b"\n--- ").ok_or("no header")? + 1;
    let line = file[mac..].iter().position(|byte| *byte == b'\n').ok_or("no header's end")?;
    let payload = mac + line + 1 + NONCE_BYTES;
    let chunks = plaintext.len() / CHUNK_BYTES;
    let ends = (0..=chunks).map(|chunk| payload + chunk * SEALED_CHUNK_BYTES);
    let named = ends.flat_map(|end| [end - 1, end, end + 1]).filter(|at| *at < file.len());
    let places = places(file.len(), named)?;
    let identity = text(identity);
    each_cut(&file, ".age", &places, |cut, at| {
        let opened = Command::new("age").args(["-d", "-i", &identity]).arg(cut).output()?;
        let whole = at.saturating_sub(payload) / SEALED_CHUNK_BYTES * CHUNK_BYTES;
        if opened.status.success() {
            return Err("age takes it for a whole file".into());
        }
        if opened.stdout != plaintext[..whole] {
            return Err(format!("{} bytes come out, {whole} are whole", opened.stdout.len()).into());
        }
        Ok(())
    })?;
    let whole = tempfile::NamedTempFile::new()?;
    run("age", &["-d", "-i", &identity, "-o", &text(whole.path()), &text(sealed)])?;
    assert!(std::fs::read(whole.path())? == plaintext, "the whole file opens to the clip");
    report::figure("cuts of a sealed clip that open to their last whole chunk", places.len());
    Ok(())
}
