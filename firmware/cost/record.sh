#!/bin/sh
# What recording costs beside `cp` of the same bytes and beside ffmpeg's own way of putting Motion JPEG into fragmented MP4, in CPU time
# (user and system) for a frame: the least of several runs, all on this machine, in turn. Prints a table.
#
# Needs ffmpeg. Every way syncs what it wrote: ours each second, the others at the end.
set -eu

cd "$(dirname "$0")/../.."
runs=${RUNS:-7}
target=${CARGO_TARGET_DIR:-target}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cargo build --quiet --release --locked --package firmware --example record
ffmpeg -v error -f lavfi -i testsrc2=size=1280x720:rate=15:duration=60 -vf noise=alls=5:allf=t -c:v mjpeg -q:v 6 \
    -f mjpeg "$folder/frames.mjpeg"
frames=900

# CPU milliseconds of a command.
cpu_ms() {
    bash -c 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>&1; } 2>&1' _ "$@" | awk '{ print ($1 + $2) * 1000 }'
}

copy() {
    cpu_ms sh -c "cp '$folder/frames.mjpeg' '$folder/copy' && sync -d '$folder/copy'"
}

mux() {
    cpu_ms sh -c "ffmpeg -v error -y -f mjpeg -framerate 15 -i '$folder/frames.mjpeg' -c copy \
        -movflags frag_keyframe+empty_moov -frag_duration 1000000 '$folder/mux.mp4' && sync -d '$folder/mux.mp4'"
}

ours() {
    rm -rf "$folder/clips"
    mkdir "$folder/clips"
    cpu_ms "$target/release/examples/record" "$folder/frames.mjpeg" "$folder/clips" "$1"
}

least() {

    for _ in $(seq "$runs"); do
        "$@"
    done | sort -n | head -1
}

bytes=$(stat -c %s "$folder/frames.mjpeg")
base=$(least copy)
find=$(least ours nothing)
echo "$frames frames of $((bytes / frames)) bytes"
for way in "cp:copy" "ours:ours plain" "of that, SHA-256:ours hash" "ours, sealed:ours sealed" "ffmpeg -c copy:mux"; do
    # shellcheck disable=SC2086  # a function and its argument
    ms=$(least ${way#*:})
    # Finding the pictures in the file is no part of recording: a camera delivers them apart.
    case $way in *:ours*) without=$find ;; *) without=0 ;; esac
    awk -v name="${way%%:*}" -v ms="$ms" -v without="$without" -v base="$base" -v n="$frames" \
        'BEGIN { ms -= without; printf "| %s | %.0f us | %.2f |\n", name, ms * 1000 / n, ms / base }'
done
