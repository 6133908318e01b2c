//! What comes off a whole card, and what happens to files that are there already.

use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::super::copy::Watch;
use super::super::{Error, Order, Wanted, list, run, select};
use super::made::{Made, ONE, Patient, TWO, names, pull};

const JSON: &[u8] = br#"{"complete":true,"cause":"tamper","tamper":"covered","clock":"trusted","startUs":-5000000,"endUs":7250000}"#;

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect()
}

/// Two clips with descriptions, a chain, and a still picture.
fn card() -> Made {
    Made::with(&[
        (&format!("{ONE}.mp4"), &bytes(3_000_001)),
        (&format!("{ONE}.json"), JSON),
        (&format!("{TWO}.mp4"), &bytes(70_000)),
        (&format!("{TWO}.json"), b"{\"complete\":false}"),
        (&format!("{TWO}.jpg"), b"a picture"),
        ("chain-0000000001.jsonl", b"one\n"),
    ])
}

#[test]
fn every_file_comes_whole_with_its_time_and_the_card_stays_as_it_is() {
    let sizes = [0, 1, 4095, 4096, 4097, 1 << 20, (5 << 20) + 17];
    let made = Made::new();
    let name = |size: usize| format!("{size}_1-0_gate_0-0-1-1_9_7.mp4");
    sizes.iter().for_each(|size| made.put(&name(*size), &bytes(*size)));
    // 100 years on: beyond what 32 bits hold.
    made.debugfs(&[&format!("set_inode_field /clips/{} mtime @4948893296", name(1))]);
    // Every other block is a hole: 500 extents, more than fit into an inode or into one block.
    let mut pieces = bytes(1000 * 4096);
    pieces.chunks_exact_mut(4096).step_by(2).for_each(|block| block.fill(0));
    made.put("pieces", &pieces);
    let report = made.pull_all();
    assert_eq!((report.files, report.clips, report.same), (8, 7, 0), "{report}");
    assert!(sizes.iter().all(|size| made.file(&name(*size)) == bytes(*size)));
    assert!(made.blocks("/clips/pieces").len() < 900, "it has holes");
    assert!(made.file("pieces") == pieces);
    let modified =
        fs::metadata(made.pulled().join(name(1))).and_then(|meta| meta.modified()).expect("a time");
    let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(4_948_893_296);
    // debugfs of some versions keeps 32 bits of what it is told.
    let short = SystemTime::UNIX_EPOCH + Duration::from_secs(4_948_893_296 - (1 << 32));
    assert!(modified == expected || modified == short, "{modified:?}");
}

#[test]
fn blocks_that_were_never_written_are_zeros_and_not_what_the_card_held_before() {
    let made = Made::with(&[("torn.mp4", &bytes(4096))]);
    made.debugfs(&["fallocate /clips/torn.mp4 1 20", "set_inode_field /clips/torn.mp4 size 81920"]);
    made.pull_all();
    let file = made.file("torn.mp4");
    assert!(
        file.len() == 81_920 && file[..4096] == bytes(4096) && file[4096..].iter().all(|byte| *byte == 0)
    );
}

#[test]
fn a_second_run_copies_nothing_and_a_third_only_what_is_new() {
    let made = card();
    assert_eq!(made.pull_all().files, 6);
    let report = made.pull_all();
    assert_eq!((report.files, report.same), (0, 6), "{report}");
    made.put("1795499999_1-5_gate_0-0-9-9_77_2.mp4", b"new");
    let report = made.pull_all();
    assert_eq!((report.files, report.clips, report.same), (1, 1, 6), "{report}");
    assert_eq!(made.names().len(), 7, "nothing is left behind: {:?}", made.names());
}

#[test]
fn a_file_that_differs_is_kept_and_the_cards_comes_beside_it() {
    let made = card();
    made.pull_all();
    let video = made.pulled().join(format!("{ONE}.mp4"));
    let mut other = fs::read(&video).expect("read");
    other[1_500_000] ^= 1;
    fs::write(&video, &other).expect("written");
    // And a folder where a file should go.
    fs::remove_file(made.pulled().join(format!("{TWO}.json"))).expect("removed");
    fs::create_dir(made.pulled().join(format!("{TWO}.json"))).expect("made");
    let report = made.pull_all();
    assert_eq!((report.files, report.same, report.beside.len()), (2, 4, 2), "{report}");
    assert!(report.to_string().contains(&format!("the card's is {ONE}.2.mp4")), "{report}");
    assert!(
        made.file(&format!("{ONE}.mp4")) == other && made.file(&format!("{ONE}.2.mp4")) == bytes(3_000_001)
    );
    assert_eq!(made.pull_all().same, 6, "and not once more");
}

#[test]
fn a_file_that_went_on_on_the_card_replaces_its_beginning() {
    let made = card();
    made.pull_all();
    made.debugfs(&["rm /clips/chain-0000000001.jsonl"]);
    made.put("chain-0000000001.jsonl", b"one\ntwo\n");
    let report = made.pull_all();
    assert_eq!((report.files, report.same, report.beside.len()), (1, 5, 0), "{report}");
    assert_eq!(made.file("chain-0000000001.jsonl"), b"one\ntwo\n");
}

#[test]
fn names_that_could_leave_the_folder_and_what_is_no_file_stay_on_the_card() {
    let made = card();
    // debugfs makes no such names: they are put in place of others of the same length.
    for (plain, hostile) in [
        ("aa-hostile.mp4", &b"../hostile.mp4"[..]),
        ("bbbbbbbbbbb", b"/etc/passwd"),
        ("cccccccc", b"\x1b[2Jcccc"),
    ] {
        made.put(plain, b"bad");
        made.rename(plain, hostile);
    }
    made.put(&format!("{ONE}.json.new"), b"{");
    made.debugfs(&["mkdir /clips/folder.mp4", "symlink /clips/link.mp4 /etc/passwd"]);
    let report = made.pull_all();
    assert_eq!((report.files, report.refused.len(), report.drafts), (6, 5, 1), "{report}");
    assert!(!report.to_string().contains('\x1b'), "{report:?}");
    assert_eq!(made.names().len(), 6);
    assert!(!made.pulled().join("../hostile.mp4").exists());
}

#[test]
fn only_what_is_wanted_comes_and_the_chain_with_it() {
    let made = card();
    let (result, report) = made.pull(Wanted { newest: Some(1), since: None });
    result.expect("pulled");
    assert_eq!((report.files, report.clips), (4, 1), "{report}");
    assert!(made.names().iter().all(|name| !name.starts_with(ONE)));
}

#[test]
fn the_list_tells_time_length_size_state_and_cause() {
    let made = card();
    let mut card = made.open().expect("opened");
    let content = card.content().expect("listed");
    let (text, is_whole) = list::table(&mut card, select::select(content.candidates, Wanted::default()));
    let lines: Vec<&str> = text.lines().collect();
    assert!(is_whole);
    let newer = "~2026-11-24 00:37:39    0.0 s    68.3 KiB  cut short  -                ";
    assert_eq!(lines[1], format!("{newer}{TWO}.mp4"));
    let older = "2026-11-23 00:37:39    12.2 s     2.8 MiB  complete   tamper covered   ";
    assert_eq!(lines[2], format!("{older}{ONE}.mp4"));
    assert!(lines[3].starts_with("2 clips, newest first; 1 other files. Nothing was copied."), "{text}");
    assert!(!made.pulled().exists());
    let order =
        Order { card: made.path(), folder: Some(made.pulled()), wanted: Wanted::default(), list: true };
    let mut shown = String::new();
    run(&order, &mut |text| shown += text).expect("listed");
    assert_eq!(shown, text);
}

/// Stops at the n-th look.
struct Impatient(usize);

impl Watch for Impatient {
    fn progress(&mut self, _: u64, _: u64) {}

    fn stop(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 == 0
    }
}

#[test]
fn whenever_it_is_stopped_there_is_no_half_clip_and_the_next_run_goes_on() {
    let made = card();
    let mut copied = Vec::new();
    for looks in 1.. {
        let to = made.pulled().with_extension(looks.to_string());
        let (result, report) =
            pull(made.open().expect("opened"), Wanted::default(), &to, &mut Impatient(looks));
        copied.push(report.files);
        if result.is_ok() {
            break;
        }
        assert!(matches!(result, Err(Error::Stopped)), "{result:?}");
        assert_eq!(names(&to).len(), report.files, "{:?}", names(&to));
        let (result, after) = pull(made.open().expect("opened"), Wanted::default(), &to, &mut Patient);
        result.expect("went on");
        assert_eq!((after.same, after.files), (report.files, 6 - report.files));
    }
    assert!(copied.len() > 6 && copied.is_sorted() && copied.last() == Some(&6), "{copied:?}");
}

#[test]
fn a_full_disk_of_this_computer_is_told_and_what_was_copied_stays() {
    let made = card();
    let disk = made.pulled();
    fs::create_dir(&disk).expect("made");
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&disk).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        println!("NOT RUN: only root can make a small disk");
        return;
    }
    let (result, report) = pull(made.open().expect("opened"), Wanted::default(), &disk, &mut Patient);
    let left = names(&disk);
    let umount = Command::new("umount").arg(&disk).status();
    assert!(umount.is_ok_and(|status| status.success()));
    let error = result.expect_err("full").to_string();
    assert!(error.contains("No space left on device") && error.ends_with("stays"), "{error}");
    // The newer clip and the chain fit; of the older one, its description.
    assert_eq!((report.files, left.len()), (5, 5), "{left:?}");
    assert!(!left.contains(&format!("{ONE}.mp4")));
}
