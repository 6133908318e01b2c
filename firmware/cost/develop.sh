#!/bin/sh
# What a JPEG picture of a raw frame costs beside libjpeg-turbo, in instructions: on this machine by callgrind, on ARM under QEMU's user
# emulation with the firmware's own compiler flags. Prints a table.
#
#   firmware/cost/develop.sh [VIDEO]
#
# Without a video: a generated picture with noise. Needs valgrind, ffmpeg, libjpeg62-turbo-dev and a C compiler; for ARM what count.sh says, the cross
# compilers, and libjpeg-turbo for ARM: TURBO_arm64 and TURBO_armhf name folders into which Debian's libjpeg62-turbo-dev for that architecture was unpacked
# (`apt-get download libjpeg62-turbo-dev:arm64; dpkg-deb -x ...`); without one its column is empty.
set -eu

cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
frames=4

# shellcheck source=firmware/cost/count.sh
. firmware/cost/count.sh

# Instructions a frame: the difference between one pass and three. What counts, then the command without its passes.
per_frame() {
    for passes in 1 3; do
        "$@" "$passes"
    done | paste -s -d ' ' | awk -v frames="$frames" '{ printf "%.2f", ($2 - $1) / 2 / frames / 1e6 }'
}

cargo build --quiet --release --locked --package firmware --example develop
for triple in aarch64-unknown-linux-musl armv7-unknown-linux-gnueabihf; do
    RUSTFLAGS=$(flags "$triple") cargo build --quiet --release --locked --package firmware --example develop --target "$triple"
done
build_counter
cc -O2 -o "$folder/turbo" firmware/cost/libjpeg_encode.c -ljpeg
for pair in arm64:aarch64-linux-gnu armhf:arm-linux-gnueabihf; do
    tree=$(eval "echo \${TURBO_${pair%:*}:-}")
    [ -n "$tree" ] || continue
    "${pair#*:}-gcc" -O2 -static -I"$tree/usr/include" -I"$tree/usr/include/${pair#*:}" -o "$folder/turbo-${pair%:*}" \
        firmware/cost/libjpeg_encode.c "$tree/usr/lib/${pair#*:}/libjpeg.a"
done

# A peer's cost on ARM, if there is one.
peer() {
    if [ -x "$folder/turbo-$2" ]; then per_frame emulated "$1" "$folder/turbo-$2" "$folder/frames" "$width" "$height"; else echo -; fi
}

echo '| frame | KB a picture | x86-64, ours | libjpeg-turbo | aarch64, ours | libjpeg-turbo | armv7, ours | libjpeg-turbo |'
echo '|---|---|---|---|---|---|---|---|'
for size in 320x240 640x480 800x592; do
    width=${size%x*} height=${size#*x}
    if [ $# -gt 0 ]; then set -- "$1"; input="-i $1"; else input="-f lavfi -i testsrc2=s=$size:r=5,noise=alls=6:allf=t"; fi
    # shellcheck disable=SC2086  # options, each a word
    ffmpeg -v error -y $input -frames:v $frames -vf "scale=$size" -pix_fmt yuyv422 -f rawvideo "$folder/frames"
    ours="$folder/frames YUYV $width $height"
    # shellcheck disable=SC2086
    kilobytes=$("$target/release/examples/develop" $ours 1 | awk '{ printf "%.0f", $1 / 1000 }')
    # shellcheck disable=SC2086
    echo "| $size | $kilobytes | $(per_frame callgrind "$target/release/examples/develop" $ours) |" \
        "$(per_frame callgrind "$folder/turbo" "$folder/frames" "$width" "$height") |" \
        "$(per_frame emulated qemu-aarch64 "$target/aarch64-unknown-linux-musl/release/examples/develop" $ours) |" \
        "$(peer qemu-aarch64 arm64) |" \
        "$(per_frame emulated qemu-arm "$target/armv7-unknown-linux-gnueabihf/release/examples/develop" $ours) |" \
        "$(peer qemu-arm armhf) |"
done
