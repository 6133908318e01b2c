//! The program as people start it: one sentence and an exit code for what is wrong, files for what is right.
use std::path::Path;
use std::process::{Command, Output};

fn run(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_evaluate")).current_dir(folder).args(words).output().expect("it starts")
}

#[test]
fn what_is_wrong_is_one_sentence_and_an_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    file("text.txt", b"not a film");
    file("one.mjpeg", &[0xff, 0xd8, 0xff, 0xd9]);
    file("wrong.labels", b"# fine\nmotion 5\n");
    file("behind.labels", b"motion 5-6\n");
    file("wrong.csv", b"start_frame,end_frame\nx\n");
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let labels = |file| vec!["one.mjpeg", "--fps", "5", "--labels", file];
    for (words, code, sentence) in [
        (vec!["no-such.mp4"], 1, "no-such.mp4 cannot be read: No such file"),
        (vec!["text.txt"], 1, "text.txt is not a clip that ffmpeg can read: "),
        (vec!["empty", "--fps", "5"], 1, "empty holds no images"),
        (vec!["one.mjpeg"], 2, "one.mjpeg has no times of its own: say how many frames a second"),
        (vec!["one.mjpeg", "--fps", "0"], 2, "`0` is not a number of frames a second"),
        (vec!["one.mjpeg", "--sensitivity", "0", "--fps", "5"], 2, "the sensitivity goes from 1 to 100"),
        (vec!["one.mjpeg", "two.mjpeg"], 2, "unexpected argument"),
        (vec!["--wrong"], 2, "invalid option '--wrong'"),
        (vec!["--scene", "no-such-scene"], 2, "there is no scene `no-such-scene`"),
        (vec!["--scene", "x", "--size", "1x1"], 2, "`1x1` is not a size"),
        (vec!["one.mjpeg", "--fps", "5", "--sheet", "x.txt"], 2, "a sheet is a .png or a .gif"),
        (vec!["one.mjpeg", "--fps", "5", "--zone", "a 0,0 1,1"], 2, "zone `a` needs three corners or more"),
        (labels("missing.labels"), 1, "missing.labels cannot be read: "),
        (labels("wrong.labels"), 1, "wrong.labels, line 2: `5` is not a range"),
        (labels("behind.labels"), 1, "behind.labels, line 1: frame 5 is behind the end"),
        (vec!["one.mjpeg", "--fps", "5", "--score", "wrong.csv"], 1, "wrong.csv, line 2: `x` is not"),
        (
            vec!["one.mjpeg", "--fps", "5", "--json", "no/such/folder.json"],
            1,
            "no/such/folder.json cannot be written: ",
        ),
    ] {
        let output = run(folder.path(), &words);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
        assert!(said.starts_with(&format!("error: {sentence}")), "{words:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{words:?}: {said}");
    }
}

#[test]
fn a_scene_is_watched_judged_and_told_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "--scene",
        "walker-near",
        "--size",
        "96x64",
        "--alarm-csv",
        "a.csv",
        "--json",
        "r.json",
        "--trace",
        "t.csv",
        "--write-labels",
        "l.txt",
        "--sheet",
        "s.png",
        "--line",
        "gate 0.4,1 0.4,0",
    ];
    let output = run(folder.path(), &words);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains(" out  gate\n"), "{table}");
    assert!(table.contains("\nfound            ") && table.contains("false alarms"), "{table}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let report: serde_json::Value = serde_json::from_str(&read("r.json")).unwrap();
    let frames = report["frames"].as_u64().unwrap();
    let gate = &report["lines"][0];
    // A plane of 12 x 8 pixels: nobody gets clear of a line on it. tripwires.rs counts.
    let crossings = gate["crossings"].as_array().unwrap().len() as u64;
    assert_eq!(gate["in"].as_u64().unwrap() + gate["out"].as_u64().unwrap(), crossings);
    assert_eq!((&gate["name"], &gate["from"][1]), (&"gate".into(), &1.0.into()));
    assert_eq!(read("t.csv").lines().count() as u64, frames + 1);
    let alarms = report["alarms"].as_array().unwrap();
    let rows: Vec<String> =
        alarms.iter().map(|alarm| format!("{},{}", alarm["first_frame"], alarm["last_frame"])).collect();
    assert_eq!(read("a.csv").lines().skip(1).collect::<Vec<_>>(), rows);
    assert_eq!(report["activities"].as_array().unwrap().len(), read("l.txt").matches("motion ").count());
    assert!(std::fs::read(folder.path().join("s.png")).unwrap().starts_with(b"\x89PNG"));

    // The alarms of another program are judged in the same way: here, those that the labels ask for.
    let span =
        read("l.txt").lines().find_map(|line| Some(line.strip_prefix("motion ")?.replace('-', ","))).unwrap();
    std::fs::write(folder.path().join("b.csv"), format!("start_frame,end_frame\n{span}\n")).unwrap();
    let again = run(
        folder.path(),
        &["--scene", "walker-near", "--size", "96x64", "--score", "b.csv", "--json", "b.json"],
    );
    assert!(again.status.success());
    let report: serde_json::Value = serde_json::from_str(&read("b.json")).unwrap();
    assert_eq!((&report["found"], &report["delay_frames_median"]), (&1.into(), &0.into()));
    assert_eq!(report["false_alarms"].as_array().unwrap().len(), 0);
}
