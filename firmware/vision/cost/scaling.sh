#!/bin/sh
# What the detector's cost grows with, in instructions (callgrind): the plane's area, and the number of zones. Prints two tables and the
# bytes of its state.
#
#   firmware/vision/cost/scaling.sh
#
# Needs valgrind. Instructions are the difference between one pass over the frames and three, so that making the frames and learning
# the scene do not count.
set -eu

cd "$(dirname "$0")/../../.."
program=${CARGO_TARGET_DIR:-target}/release/luma-cost
cargo build --quiet --release --locked --package luma-cost

# Instructions per frame of a plane's size and a number of zones.
per_frame() {
    for passes in 1 3; do
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" detect "$1" "$2" "$passes" 2>&1 | sed -n 's/.*Collected : //p'
    done | paste -s -d ' ' | awk '{ printf "%.0f", ($2 - $1) / 2 / 64 }'
}

echo '| plane | pixels | instructions a frame | a pixel |'
echo '|---|---|---|---|'
for size in 80x45 112x63 160x90 224x126 320x180 320x240 320x320; do
    per_frame "$size" 0 | awk -v size="$size" -v px=$((${size%x*} * ${size#*x})) '{ printf "| %s | %d | %d | %.1f |\n", size, px, $1, $1 / px }'
done
echo
echo '| zones on a plane of 160x90 | instructions a frame |'
echo '|---|---|'
for zones in 0 1 2 3 4 5 6 7 8; do
    echo "| $zones | $(per_frame 160x90 "$zones") |"
done
echo
echo "State: $("$program" state)."
