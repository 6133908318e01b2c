#!/bin/sh
# What the luma work, the detector and marks cost on ARM, as instructions: the firmware's own compiler flags, under QEMU's user emulation. Prints a table.
#
#   firmware/vision/cost/arm.sh [CLIP.mjpeg ...]
#
# Needs a qemu-user that takes plugins (Debian 12's 7.2 does, later ones of Debian do not; QEMU_USER_FOLDER says where another one is),
# gcc-arm-linux-gnueabihf and a C compiler. Instructions are counted by count_instructions.c; those of
# starting are taken out by the difference of two runs. Emulation says nothing about time.
set -eu

cd "$(dirname "$0")/../../.."
target=${CARGO_TARGET_DIR:-target}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# shellcheck source=firmware/cost/count.sh
. firmware/cost/count.sh

# Instructions per frame: emulator, program, frames in a pass, arguments.
per_frame() {
    machine=$1
    program=$2
    frames=$3
    shift 3
    for passes in 1 3; do
        emulated "$machine" "$program" "$@" "$passes"
    done | paste -s -d ' ' | awk -v frames="$frames" '{ printf "%.0f", ($2 - $1) / 2 / frames }'
}

row() {
    what=$1
    frames=$2
    pixels=$3
    shift 3
    for pair in aarch64-unknown-linux-musl:qemu-aarch64 armv7-unknown-linux-gnueabihf:qemu-arm; do
        per_frame "${pair#*:}" "$target/${pair%:*}/release/luma-cost" "$frames" "$@"
        echo
    done | paste -s -d ' ' |
        awk -v what="$what" -v px="$pixels" '{ printf "| %s | %d | %.2f | %d | %.2f |\n", what, $1, $1 / px, $2, $2 / px }'
}

for triple in aarch64-unknown-linux-musl armv7-unknown-linux-gnueabihf; do
    RUSTFLAGS=$(flags "$triple") cargo build --quiet --release --locked --package luma-cost --target "$triple"
done
build_counter

if ! "$emulators/qemu-aarch64" -plugin "$folder/count.so" \
    "$target/aarch64-unknown-linux-musl/release/luma-cost" memcpy 1 1 >/dev/null 2>&1; then
    echo "error: $emulators/qemu-aarch64 is missing or takes no plugins: see the head of $0" >&2
    exit 1
fi

echo '| one frame | aarch64, instructions | a pixel | armv7, instructions | a pixel |'
echo '|---|---|---|---|---|'
for size in 640x480 1280x720 1920x1080; do
    pixels=$((${size%x*} * ${size#*x}))
    for fourcc in YUYV NV12 RGGB RG10 pRAA pRCC; do
        row "$fourcc $size" 1 "$pixels" raw "$fourcc" "$size"
    done
    row "exposure and white balance of pRAA $size" 1 "$pixels" expose pRAA "$size"
    row "memcpy of YUYV $size" 1 "$pixels" memcpy $((2 * pixels))
done
for size in 160x90 320x180; do
    row "detector, plane of $size" 64 $((${size%x*} * ${size#*x})) detect "$size" 0
done
for clip in "$@"; do
    said=$("$emulators/qemu-aarch64" "$target/aarch64-unknown-linux-musl/release/luma-cost" mjpeg "$clip" 1)
    size=$(ffprobe -v error -show_entries stream=width,height -of csv=p=0:s=x "$clip")
    frames=${said%% *}
    pixels=$((${size%x*} * ${size#*x}))
    row "$(basename "$clip")" "$frames" "$pixels" mjpeg "$clip"
    row "$(basename "$clip") with an index" "$frames" "$pixels" mjpeg-index "$clip"
    for set in text-16 mask both; do
        for way in index walk; do
            row "$set on $(basename "$clip") by $way" "$frames" "$pixels" splice "$clip" "$set" "$way"
        done
    done
done
