//! What a person is asked, and which answers count.

use super::super::ask::agrees;
use super::computer::Computer;

/// Whether `answer` counts as a yes, and what was asked.
fn ask(removable: bool, yes: bool, answer: &str) -> (bool, String) {
    let computer = Computer::with_card();
    computer.put("sys/block/sdb/removable", if removable { "1" } else { "0" });
    let disk = computer.choose(8, 16).expect("accepted");
    let mut asked = Vec::new();
    let agreed = agrees(&disk, yes, &mut answer.as_bytes(), &mut asked).expect("asked");
    (agreed, String::from_utf8(asked).expect("text"))
}

#[test]
fn a_card_wants_a_yes() {
    for (answer, expected) in
        [("y\n", true), ("YES\n", true), ("n\n", false), ("\n", false), ("", false), ("yy\n", false)]
    {
        assert_eq!(ask(true, false, answer).0, expected, "{answer:?}");
    }
    let (_, asked) = ask(true, false, "n\n");
    let expected =
        "Use the 29.7 GiB card found at /dev/sdb, Generic- SD/MMC? All that is on it is lost. [y/N] ";
    assert_eq!(asked, expected);
    assert_eq!(ask(true, true, ""), (true, String::new()), "--yes");
}

#[test]
fn a_disk_that_is_no_card_wants_its_size_typed_back() {
    for answer in ["y\n", "29.7\n", "29.7 gib\n", "29 GiB\n", "\n", ""] {
        for yes in [false, true] {
            assert!(!ask(false, yes, answer).0, "{answer:?}, --yes: {yes}");
        }
    }
    let (agreed, asked) = ask(false, false, "29.7 GiB\n");
    assert!(agreed);
    assert!(asked.contains("is not a removable card"), "{asked}");
    assert!(asked.ends_with("To write to it all the same, type its size: 29.7 GiB\n> "), "{asked}");
}
