#!/bin/sh
# The luma of an MJPEG frame, ours beside libjpeg-turbo's own decode at the same scale and at 1/8, as instructions (callgrind) and time.
# Prints a table.
#
#   firmware/vision/cost/mjpeg.sh [VIDEO ...]
#
# Each video, and a generated picture at four sizes, becomes MJPEG at several qualities (ffmpeg's -q:v: 2 is best) and chroma samplings.
# Needs valgrind, ffmpeg, libjpeg62-turbo-dev and a C compiler. Instructions are the difference between one pass over the frames and three, so
# that starting does not count. The time is that of the quickest pass of nine alternating runs each: what another process takes only adds.
set -eu

cd "$(dirname "$0")/../../.."
ours=${CARGO_TARGET_DIR:-target}/release/luma-cost
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
frames=${FRAMES:-20}

cargo build --quiet --release --locked --package luma-cost
cc -O2 -o "$folder/libjpeg" firmware/vision/cost/libjpeg_scaled.c -ljpeg

instructions() {
    for passes in 1 3; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" "$passes" 2>&1 | sed -n 's/.*Collected : //p'
    done | paste -s -d ' ' | awk -v frames="$count" '{ printf "%.0f", ($2 - $1) / 2 / frames }'
}

# The scale of our plane, which follows from the longest side: see `FrameSize` in the crate.
scale() {
    ffprobe -v error -show_entries stream=width,height -of csv=p=0:s=x "$1" |
        awk -F x '{ longest = $1 > $2 ? $1 : $2; print longest < 640 ? 2 : longest < 1280 ? 4 : 8 }'
}

# The quickest run's nanoseconds a frame, of both programs in turn. File, scale.
quickest() {
    for _ in 1 2 3 4 5 6 7 8 9; do
        "$ours" mjpeg "$1" 3 | sed 's/.*frames, \([0-9]*\) ns.*/ours \1/'
        "$folder/libjpeg" "$1" "$2" 3 | sed 's/.*frames, \([0-9]*\) ns.*/theirs \1/'
    done | awk '!($1 in best) || $2 < best[$1] { best[$1] = $2 } END { print best["ours"], best["theirs"] }'
}

# Name, quality, pixel format, ffmpeg's input options.
row() {
    name=$1
    quality=$2
    pixels=$3
    shift 3
    ffmpeg -v error -y "$@" -frames:v "$frames" -c:v mjpeg -q:v "$quality" -pix_fmt "$pixels" -fps_mode passthrough \
        -f mjpeg "$folder/clip"
    count=$("$ours" mjpeg "$folder/clip" 1 | sed 's/ frames.*//')
    bytes=$(($(wc -c <"$folder/clip") / count))
    scale=$(scale "$folder/clip")
    counted="$(instructions "$ours" mjpeg "$folder/clip") $(instructions "$folder/libjpeg" "$folder/clip" "$scale")"
    eighth=$(instructions "$folder/libjpeg" "$folder/clip" 8)
    echo "$name $pixels $quality $bytes $scale $counted $eighth $(quickest "$folder/clip" "$scale")" |
        awk '{ printf "| %s | %s | %d | %.1f | 1/%d | %.2f M | %.2f M | %.2f | %.2f M | %.2f | %.0f µs | %.0f µs | %.2f |\n",
            $1, substr($2, 5, 3), $3, $4 / 1000, $5, $6 / 1e6, $7 / 1e6, $6 / $7, $8 / 1e6, $6 / $8, $9 / 1000, $10 / 1000, $9 / $10 }'
}

echo '| clip | chroma | q | KB a frame | scale | ours | libjpeg-turbo | ratio | libjpeg-turbo 1/8 | ratio | ours, time | libjpeg-turbo | ratio |'
echo '|---|---|---|---|---|---|---|---|---|---|---|---|---|'
for size in 320x240 640x480 1280x720 1920x1080; do
    row "generated-$size" 4 yuvj422p -f lavfi -i "testsrc2=s=$size:r=25,noise=alls=6:allf=t"
done
for video in "$@"; do
    for quality in 2 4 8 16; do
        row "$(basename "$video")" "$quality" yuvj420p -i "$video"
    done
    row "$(basename "$video")" 4 yuvj422p -i "$video"
    row "$(basename "$video")" 4 yuvj444p -i "$video"
done
