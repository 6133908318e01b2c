#!/bin/sh
# What the look at a JPEG frame costs, on which capture decides whether it is whole, in instructions by callgrind. Prints a table.
#
#   firmware/cost/heal.sh PICTURE.jpg
#
# Needs valgrind.
set -eu

cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# shellcheck source=firmware/cost/count.sh
. firmware/cost/count.sh

cargo build --quiet --release --locked --package firmware --example heal

# Instructions a frame: the difference between one pass and 641.
per_frame() {
    for passes in 1 641; do
        callgrind "$target/release/examples/heal" "$folder/picture.jpg" "$passes" "$1"
    done | paste -s -d ' ' | awk '{ printf "%.0f", ($2 - $1) / 640 }'
}

cp "$1" "$folder/picture.jpg"
echo "$(stat -c %s "$folder/picture.jpg") bytes"
echo "| the first frames of a stream, searched for their end | $(per_frame first) |"
echo "| later ones, of which one in 64 is | $(per_frame later) |"
