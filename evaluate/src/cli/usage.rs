//! What `--help` and `scenes` print.
use std::fmt::Write as _;

/// The whole text.
pub const USAGE: &str = "\
usage: evaluate INPUT [options]          what the detector says about it, and how well that fits the labels
       evaluate --scene NAME [options]   the same for a generated scene, whose truth is known
       evaluate scenes                   list the scenes
       evaluate peers --scenes all|A,B,... [--seconds N] [--size WxH] [--seed N] [--every-frame] [CLIP=LABELS ...]
                                         ours beside Motion and OpenCV, as Markdown (first: evaluate/peers/install.sh);
                                         --every-frame: Motion also at 4 frames/s, where it looks at each, which takes long
       evaluate cost [--time-only] [--scene NAME] [FILE.mjpeg ...]
                                         instructions and time for each frame, beside OpenCV, Motion, libjpeg-turbo and a
                                         copy; a scene at three sizes

INPUT is a clip that ffmpeg reads, a file of joined JPEGs (with --fps), or a folder of images (with --fps). A clip
becomes what a camera delivers, MJPEG, with its own times, frame by frame; MJPEG inside a clip is taken as it is.

  --labels FILE         what is true; see below
  --fps N               frames a second of what has no times of its own: 25, 29.97, 30000/1001; overrides a clip's
  --crop X,Y,WxH        a part of a clip's picture, in its pixels
  --zone 'NAME X,Y ...' watch this polygon (as in labels; may be given again)
  --line 'NAME X,Y X,Y' count what crosses this line (as in labels; may be given again)
  --sensitivity N       of the detector, 1 to 100 (default 50)
  --tolerance-ms N      an alarm this near to a label belongs to it (default 500)
  --seed N --seconds N --size WxH --quality N
                        of a scene: another course, length, picture (default 640x480), JPEG quality (default 80)
  --score FILE          judge the alarms in this CSV instead of running the detector
results, apart from the table on standard output:
  --alarm-csv FILE      rows `start_frame,end_frame` of the raised alarm: frames from 0, both inside, without post-roll
  --json FILE           everything that was found
  --trace FILE          a row for each frame: time, alarm, changes, blob, region, why
  --sheet FILE.png|gif  frames around alarms and misses, with zones, regions and the detector's words drawn in
  --write-labels FILE   the labels in force; of a scene, its truth

Labels, a statement a line, `#` begins a comment; frames count from 0, both ends are inside:
  zone road 0.49,0.74 0.66,0.74 0.66,0.92 0.49,0.92   a polygon in parts of the picture (or: 631,532 ... of 1280x720);
                                                      zones are watched, and nothing outside of them
  line gate 0.3,0.9 0.3,0.5                           a tripwire: whoever stands at its first point and looks to its
                                                      second sees things go in from left to right, and out
  motion 9-30 in road                                 something moves in these frames, in this zone (or anywhere)
  motion 17.2s-19.5s                                  the same, in seconds after the first frame
  ignore 40-49                                        an alarm here is neither right nor wrong
  tamper 100-200 covered                              the camera is tampered with

Found: an alarm in the labelled frames or within the tolerance. Delay: from the first labelled frame. False: an alarm that
touches no label within the tolerance; false alarms up to a second apart are one. evaluate/README.md has the definitions.
";

/// The catalogue of scenes.
pub fn scenes() -> String {
    let mut text = format!("{:<24} {:<9} {:>7}  WHAT\n", "SCENE", "KIND", "SECONDS");
    for scene in scenes::catalogue() {
        let kind = format!("{:?}", scene.kind).to_lowercase();
        // Writing to a string does not fail.
        let _ = writeln!(text, "{:<24} {kind:<9} {:>7}  {}", scene.name, scene.seconds, scene.what);
    }
    text
}
