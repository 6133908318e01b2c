#!/bin/sh
# What sealing costs, in instructions for a byte and for beginning a file: on x86-64 by callgrind, as the CPU's own instructions allow and
# with the portable code alone; on ARM with the firmware's own compiler flags, under QEMU's user emulation. Prints a table.
#
# Needs valgrind, and for ARM what firmware/vision/cost/arm.sh needs. What starting takes goes out by the difference of two runs.
set -eu

cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# shellcheck source=firmware/cost/count.sh
. firmware/cost/count.sh

# Name, then what counts the program's instructions, and the program.
row() {
    name=$1
    shift
    echo "$("$@" 1 4) $("$@" 1 12) $("$@" 21 0) $("$@" 1 0)" | awk -v name="$name" \
        '{ printf "| %s | %.2f | %d |\n", name, ($2 - $1) / 8 / 1048576, ($3 - $4) / 20 }'
}

cargo build --quiet --release --locked --package seal --example cost
row "x86-64" callgrind "$target/release/examples/cost"

soft='--cfg chacha20_backend="soft" --cfg poly1305_backend="soft"'
RUSTFLAGS=$soft CARGO_TARGET_DIR="$target/soft" cargo build --quiet --release --locked --package seal --example cost
row "x86-64, portable code" callgrind "$target/soft/release/examples/cost"

build_counter
for pair in aarch64-unknown-linux-musl:qemu-aarch64 armv7-unknown-linux-gnueabihf:qemu-arm; do
    triple=${pair%:*}
    RUSTFLAGS=$(flags "$triple") cargo build --quiet --release --locked --package seal --example cost --target "$triple"
    row "${triple%%-*}" emulated "${pair#*:}" "$target/$triple/release/examples/cost"
done
