#!/bin/sh
# What the chain's SHA-256 costs, in instructions for a byte: on x86-64 by callgrind, on ARM with the firmware's own compiler flags under QEMU's
# user emulation, whose CPUs have the instructions for it where the board's may not. Prints a table.
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
    echo "$("$@" 4) $("$@" 12)" | awk -v name="$name" '{ printf "| %s | %.2f |\n", name, ($2 - $1) / 8 / 1048576 }'
}

cargo build --quiet --release --locked --package evidence --example cost
row "x86-64 (valgrind has no instructions for SHA-256)" callgrind "$target/release/examples/cost"

build_counter
# Arguments: name, target, emulator, CPU, further compiler flags.
arm() {
    built=$target/hash$(printf %s "$5" | tr -dc a-z)
    RUSTFLAGS="$(flags "$2") $5" CARGO_TARGET_DIR=$built \
        cargo build --quiet --release --locked --package evidence --example cost --target "$2"
    QEMU_CPU=$4 row "$1" emulated "$3" "$built/$2/release/examples/cost"
}

arm "aarch64, with instructions for SHA-256" aarch64-unknown-linux-musl qemu-aarch64 cortex-a53 ''
arm "aarch64, portable code (Raspberry Pi 3 and 4)" aarch64-unknown-linux-musl qemu-aarch64 cortex-a53 '--cfg=sha2_backend="soft"'
arm "armv7" armv7-unknown-linux-gnueabihf qemu-arm cortex-a7 ''
