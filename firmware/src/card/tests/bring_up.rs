//! What was found and what is done about it, against a partition that does as it is told.

use super::super::clips::{BroughtUp, Partition, TRIES, bring_up};
use super::super::raw::{self, Look};
use super::super::superblock::{BYTES, Superblock};
use super::template;
use boards::template::Template;
use nix::errno::Errno;
use std::io;

const LENGTH_BYTES: u64 = 160 << 20;

/// A partition that refuses to be mounted for so many times, or until it is mended or made anew.
struct Told {
    refuses: Errno,
    times: u32,
    look: Box<dyn Fn() -> io::Result<Look>>,
    heals_when: &'static str,
    writes: bool,
    length_bytes: u64,
    did: Vec<&'static str>,
}

impl Partition for Told {
    fn mount(&mut self) -> Result<(), Errno> {
        self.times = self.times.saturating_sub(1);
        let healed = self.did.contains(&self.heals_when);
        if self.times == 0 || healed { Ok(()) } else { Err(self.refuses) }
    }

    fn pause(&mut self) {}

    fn look(&mut self) -> io::Result<Look> {
        (self.look)()
    }

    fn rewrite(&mut self) -> io::Result<()> {
        if self.writes { Ok(()) } else { Err(Errno::EIO.into()) }
    }

    fn length_bytes(&self) -> u64 {
        self.length_bytes
    }

    fn write_primary(&mut self, _: &[u8; BYTES]) -> io::Result<()> {
        self.did.push("mend");
        if self.writes { Ok(()) } else { Err(io::ErrorKind::Other.into()) }
    }

    fn make_anew(&mut self) -> io::Result<()> {
        self.did.push("make anew");
        if self.writes { Ok(()) } else { Err(io::ErrorKind::Other.into()) }
    }
}

fn superblock() -> Superblock {
    let bytes = template();
    raw::template_superblock(&Template::parse(&bytes).expect("whole")).expect("there")
}

fn told(refuses: Errno, look: impl Fn() -> io::Result<Look> + 'static) -> Told {
    let look = Box::new(look);
    Told {
        refuses,
        times: u32::MAX,
        look,
        heals_when: "",
        writes: true,
        length_bytes: LENGTH_BYTES,
        did: vec![],
    }
}

fn found(primary: Option<Superblock>, substitute: Option<Superblock>) -> impl Fn() -> io::Result<Look> {
    move || Ok(Look { primary: primary.clone(), substitute: substitute.clone() })
}

#[test]
fn a_good_partition_is_mounted_and_nothing_else() {
    let mut p4 = Told { times: 1, ..told(Errno::EIO, || panic!("no look is needed")) };
    assert_eq!(bring_up(&mut p4, true), Ok(BroughtUp::default()));
    assert!(p4.did.is_empty());
}

#[test]
fn a_hiccup_costs_nothing() {
    for times in 2..=TRIES {
        let mut p4 = Told { times, ..told(Errno::EIO, || panic!("no look is needed")) };
        assert_eq!(bring_up(&mut p4, true), Ok(BroughtUp::default()));
        assert!(p4.did.is_empty());
    }
}

#[test]
fn a_card_that_cannot_be_read_is_left_alone() {
    for refuses in [Errno::EIO, Errno::EINVAL, Errno::EUCLEAN] {
        let mut p4 = told(refuses, || Err(Errno::EIO.into()));
        let sentence = bring_up(&mut p4, true).expect_err("not mounted");
        assert!(sentence.contains("cannot be read"), "{sentence}");
        assert!(p4.did.is_empty());
    }
}

#[test]
fn what_is_not_damage_is_left_alone() {
    for refuses in [Errno::EACCES, Errno::EROFS, Errno::ENXIO, Errno::ENOENT, Errno::ENODEV, Errno::ENOMEM] {
        let mut p4 = told(refuses, found(None, None));
        assert!(bring_up(&mut p4, true).expect_err("not mounted").contains("cannot be mounted"));
        assert!(p4.did.is_empty(), "{refuses}");
    }
}

#[test]
fn a_backup_is_tried_before_clips_are_given_up() {
    let mut p4 = Told { heals_when: "mend", ..told(Errno::EINVAL, found(None, Some(superblock()))) };
    assert_eq!(bring_up(&mut p4, true), Ok(BroughtUp { mended: true, anew: None }));
    assert_eq!(p4.did, ["mend"]);
    // In vain: the primary superblock is whole now, the rest is not.
    let mut p4 = Told { heals_when: "make anew", ..told(Errno::EINVAL, found(None, Some(superblock()))) };
    assert!(bring_up(&mut p4, true).expect("mounted").anew.is_some());
    assert_eq!(p4.did, ["mend", "make anew"]);
}

#[test]
fn damage_on_a_working_card_is_made_anew() {
    for (primary, why) in [(None, "no file system"), (Some(superblock()), "damaged")] {
        let mut p4 = Told { heals_when: "make anew", ..told(Errno::EUCLEAN, found(primary, None)) };
        let done = bring_up(&mut p4, true).expect("mounted");
        assert!(done.anew.as_ref().is_some_and(|said| said.contains(why)), "{done:?}");
        assert_eq!(p4.did, ["make anew"]);
    }
}

#[test]
fn a_copy_of_a_larger_card_is_made_anew_and_called_so() {
    let look = found(Some(superblock()), None);
    let mut p4 = Told { heals_when: "make anew", length_bytes: 32 << 20, ..told(Errno::EINVAL, look) };
    assert_eq!(
        bring_up(&mut p4, true).expect("mounted").anew.as_deref(),
        Some("the card is a copy of a larger one")
    );
}

#[test]
fn a_card_that_cannot_be_written_or_does_not_keep_what_was_written_is_told() {
    for primary in [None, Some(superblock())] {
        let mut p4 = Told { writes: false, ..told(Errno::EIO, found(primary, None)) };
        assert!(bring_up(&mut p4, true).expect_err("not mounted").contains("cannot be written"));
        assert!(p4.did.is_empty(), "nothing is begun that cannot be ended");
    }
    let mut p4 = told(Errno::EUCLEAN, found(None, None));
    assert!(bring_up(&mut p4, true).expect_err("not mounted").contains("even a clips partition made anew"));
    assert_eq!(p4.did, ["make anew"], "once");
}
