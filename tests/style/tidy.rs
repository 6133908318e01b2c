//! The house rules that a machine can check.

use std::path::{Path, PathBuf};
use tests::rig::root;
use tests::{Failure, Outcome};

/// Longest file, declared tables aside.
const LINES_MAX: usize = 600;
/// Longest tagline.
const TAGLINE_MAX: usize = 120;

fn rust_files() -> Result<Vec<(PathBuf, String)>, Failure> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["boards", "evaluate", "firmware", "fuzz", "image-builder", "scenes", "tests"]
            .iter()
            .map(|f| root().join(f))
            .collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() && path.file_name().is_some_and(|n| n != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path)?;
                files.push((path.strip_prefix(root())?.to_owned(), text));
            }
        }
    }
    Ok(files)
}

fn inside(path: &Path, folder: &str) -> bool {
    path.starts_with(folder)
}

/// Lines of a file that are code: neither comments nor empty.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//"))
}

/// H1: every file says what it is for, and none hides several jobs.
#[test]
fn every_file_has_a_head_and_a_size() -> Outcome {
    for (path, text) in rust_files()? {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! "), "{} has no head comment", path.display());
        assert!(first.len() <= TAGLINE_MAX, "{}: tagline too long", path.display());
        assert!(text.lines().count() <= LINES_MAX, "{} is too long", path.display());
    }
    Ok(())
}

/// H2: `unsafe` lives in `firmware/src/sys`, and nowhere else.
#[test]
fn unsafe_stays_in_sys() -> Outcome {
    for (path, text) in rust_files()? {
        if inside(&path, "firmware/src/sys") || inside(&path, "tests/style") {
            continue;
        }
        let guilty = code(&text)
            .find(|l| l.contains("unsafe {") || l.contains("unsafe fn") || l.contains("unsafe impl"));
        assert!(guilty.is_none(), "{}: {guilty:?}", path.display());
    }
    Ok(())
}

/// H3: only `clock.rs` reads a clock, in the firmware.
#[test]
fn only_the_clock_reads_a_clock() -> Outcome {
    let forbidden = ["Instant::now", "SystemTime::now", "clock_gettime("];
    for (path, text) in rust_files()? {
        if !inside(&path, "firmware/src") || path.ends_with("clock.rs") {
            continue;
        }
        let guilty = code(&text).find(|l| forbidden.iter().any(|f| l.contains(f)));
        assert!(guilty.is_none(), "{}: {guilty:?}", path.display());
    }
    Ok(())
}

/// H4: a board is a file: no board's name in code, outside the tests.
#[test]
fn no_board_name_in_code() -> Outcome {
    let boards = boards::list(&root().join("boards"))?;
    for (path, text) in rust_files()? {
        let of_tests = inside(&path, "tests") || path.to_string_lossy().contains("tests");
        if of_tests || inside(&path, "boards") {
            continue;
        }
        let product = text.split("#[cfg(test)]").next().unwrap_or_default();
        for board in &boards {
            // `virt` is also the emulator's default, which the front door names once.
            let named = code(product).filter(|l| l.contains(&format!("\"{board}\""))).count();
            assert!(named <= usize::from(path.ends_with("cli.rs")), "{} names {board}", path.display());
        }
    }
    Ok(())
}

/// H5: every numbered promise names a test that exists, or says that it has none.
#[test]
fn every_promise_names_its_test() -> Outcome {
    let specification = std::fs::read_to_string(root().join("tests/SPECIFICATION.md"))?;
    let all: String = rust_files()?.into_iter().map(|(_, text)| text).collect();
    let mut promises = 0;
    let mut ids = std::collections::BTreeSet::new();
    for line in specification
        .lines()
        .filter(|l| l.starts_with("| ") && !l.starts_with("| id") && !l.starts_with("| ---"))
    {
        promises += 1;
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        assert!(ids.insert(cells.get(1).copied().unwrap_or_default()), "{line}\nthe number is taken");
        let tests = cells.get(3).copied().unwrap_or_default();
        if tests.contains("no test yet") || tests.contains("run.sh") {
            continue;
        }
        let mut named = 0;
        for name in tests.split('`').skip(1).step_by(2) {
            named += 1;
            assert!(all.contains(&format!("fn {name}(")), "{line}\nthere is no test `{name}`");
        }
        assert!(named > 0, "{line}\nnames no test");
    }
    assert!(promises > 20, "the specification was read: {promises}");
    Ok(())
}

/// H6: the table of processes and threads in ARCHITECTURE.md is the one in the code.
#[test]
fn the_architecture_lists_every_process_and_thread() -> Outcome {
    let architecture = std::fs::read_to_string(root().join("ARCHITECTURE.md"))?;
    let services = std::fs::read_to_string(root().join("firmware/src/services.rs"))?;
    let product = services.split("#[cfg(test)]").next().unwrap_or_default();
    let names = product.split("name: \"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut seen = 0;
    for name in names {
        seen += 1;
        assert!(architecture.contains(&format!("| `{name}` |")), "ARCHITECTURE.md does not list `{name}`");
    }
    assert!(seen >= 8, "the table was read: {seen}");
    Ok(())
}
