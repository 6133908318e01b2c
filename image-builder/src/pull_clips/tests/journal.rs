//! Cards whose power was cut: journals that debugfs writes, held against what e2fsck makes of the same card.

use std::process::Command;

use boards::layout::CLIPS;

use super::made::{Made, ONE};

/// Writes a transaction that puts these bytes into a block. `rest`: more commands.
fn journal(made: &Made, options: &str, block: u64, content: &[u8], rest: &[String]) {
    let source = made.beside("block", content);
    let write = format!("jw -b {block} {}", source.display());
    let mut commands = vec![format!("jo {options}"), write];
    commands.extend_from_slice(rest);
    commands.push("jc".into());
    made.debugfs(&commands.iter().map(String::as_str).collect::<Vec<_>>());
}

/// The folder's block before and after a file was added; the card has the older one.
fn two_states() -> (Made, u64, Vec<u8>) {
    let made = Made::with(&[("before.mp4", b"before")]);
    let block = made.blocks("/clips")[0];
    let read = |made: &Made| {
        let bytes = std::fs::read(made.path()).expect("read");
        let at = (CLIPS.offset_bytes + block * 4096) as usize;
        bytes[at..at + 4096].to_vec()
    };
    let old = read(&made);
    made.put(&format!("{ONE}.mp4"), b"after");
    let new = read(&made);
    made.spoil(block * 4096, &old);
    (made, block, new)
}

/// What e2fsck finds in the folder once it has replayed the journal of a copy.
fn by_e2fsck(made: &Made) -> bool {
    let part = made.beside("part", &std::fs::read(made.path()).expect("read")[CLIPS.offset_bytes as usize..]);
    let _ = Command::new("/usr/sbin/e2fsck")
        .args(["-E", "journal_only", "-y"])
        .arg(&part)
        .output()
        .expect("e2fsck");
    let listed =
        Command::new("/usr/sbin/debugfs").args(["-R", "ls -p /clips"]).arg(&part).output().expect("debugfs");
    String::from_utf8_lossy(&listed.stdout).contains(ONE)
}

#[test]
fn a_journal_is_replayed_in_memory_and_the_card_stays_as_it_is() {
    for options in ["-c -v 3", ""] {
        let (made, block, new) = two_states();
        assert_eq!(made.pull_all().files, 1, "without a journal it is not there");
        journal(&made, options, block, &new, &[]);
        let report = made.pull_all();
        assert!(by_e2fsck(&made));
        assert_eq!((report.files, report.same), (1, 1), "`{options}`: {report}");
        assert_eq!(made.file(&format!("{ONE}.mp4")), b"after");
        assert!(made.open().expect("opened").notes()[0].contains("the power was cut"));
    }
}

#[test]
fn a_transaction_without_its_end_is_not_replayed() {
    let (made, block, new) = two_states();
    let source = made.beside("block", &new);
    made.debugfs(&["jo -c -v 3", &format!("jw -c -b {block} {}", source.display()), "jc"]);
    assert_eq!(made.pull_all().files, 1);
    assert!(!by_e2fsck(&made));
}

#[test]
fn what_was_revoked_later_is_not_replayed() {
    let (made, block, new) = two_states();
    // The second transaction revokes what the first one holds; it writes some other block.
    let other = made.beside("other", &[0; 4096]);
    journal(&made, "-c -v 3", block, &new, &[format!("jw -r {block} -b 9000 {}", other.display())]);
    assert_eq!(made.pull_all().files, 1);
    assert!(!by_e2fsck(&made));
}

#[test]
fn a_damaged_copy_in_the_journal_is_not_used_and_told() {
    let (made, block, new) = two_states();
    journal(&made, "-c -v 3", block, &new, &[]);
    // Superblock, descriptor, then the block.
    let at = made.blocks("<8>")[2] * 4096;
    made.spoil(at + 2000, b"spoilt");
    assert_eq!(made.pull_all().files, 1);
    assert!(made.open().expect("opened").notes().iter().any(|note| note.contains("are damaged")));
}
