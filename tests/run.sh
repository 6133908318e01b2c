#!/bin/sh
# Everything that CI runs, on any Debian 12 with Rust: installs what is missing, then the checks, the tests of every crate,
# the proofs of the ring, Miri, and the whole-image tests under QEMU. `tests/run.sh quick` leaves out what boots machines;
# `tests/run.sh edges` is nothing but the test of inputs that needs a kernel of its own (some minutes more, once), `tests/run.sh gadget` the same for
# the console on the USB device port, `tests/run.sh vimc` for bare sensors, `tests/run.sh vivid` for the kernel's test camera.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then
    PATH="$HOME/.cargo/bin:$PATH"
fi

step() {
    printf '\n==> %s\n' "$*"
}

step "What this host needs"
./flash.sh packages
for component in rustfmt clippy; do
    cargo "${component#rust}" --version >/dev/null 2>&1 || rustup component add "$component"
done

if [ "${1:-}" = edges ]; then
    step "Inputs on simulated lines"
    exec cargo test --profile host --locked --package tests --test edges -- --test-threads=1 --nocapture
fi

if [ "${1:-}" = gadget ]; then
    step "The console on the USB device port"
    exec cargo test --profile host --locked --package tests --test gadget -- --test-threads=1 --nocapture
fi

if [ "${1:-}" = vimc ]; then
    step "Bare sensors"
    exec cargo test --profile host --locked --package tests --test vimc -- --test-threads=1 --nocapture
fi

if [ "${1:-}" = vivid ]; then
    step "The kernel's test camera"
    exec cargo test --profile host --locked --package tests --test vivid -- --test-threads=1 --nocapture
fi

step "Format and lints"
cargo fmt --all --check
cargo clippy --workspace --all-targets --locked -- -D warnings
cargo clippy --package firmware --features test-hooks --locked -- -D warnings

step "Tests of the crates"
cargo test --locked --package boards --package evaluate --package evidence --package firmware --package seal --package settings --package vision
cargo test --profile host --locked --package hours --package image-builder
cargo test --profile host --locked --package tests --lib --test tidy

step "The ring under Miri and ThreadSanitizer"
tests/prove-ring.sh

step "The vision crate's quick tests under Miri"
tests/prove-vision.sh

if [ "${1:-}" = quick ]; then
    step "Left out: dependencies, front door, images, machines"
    exit 0
fi

step "Dependencies: licences, sources, duplicates"
cargo deny --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-deny
cargo deny --locked check bans licenses sources

step "The detector on every CPU"
cargo test --profile host --locked --package tests --test determinism -- --nocapture

step "The front door and the images"
cargo test --profile host --locked --package tests --test front_door --test image --test images --test card_writer -- --test-threads=1 --nocapture

# The named tests of whole machines, one after the other.
machines() {
    chosen=
    for name in "$@"; do
        chosen="$chosen --test $name"
    done
    # shellcheck disable=SC2086  # $chosen is a list of words
    cargo test --profile host --locked --package tests $chosen -- --test-threads=1 --nocapture
}

step "The other boards, from their own card images"
machines boards u_boot

step "The booted image, judged from outside"
# First alone: it makes the image that all the others copy.
machines console
# Then two at a time: mostly one of them waits, for its watchdog or for a minute in which nothing may happen.
beside=$(mktemp)
machines hours selftest services settings watchdog export send >"$beside" 2>&1 &
lane=$!
result=0
machines alarm wires view bad_cards camera first_boot formats recording || result=$?
wait "$lane" || result=$?

step "The watchdog, hours, services, settings, selftest, export, send (they ran beside the tests above)"
cat "$beside"
rm -f "$beside"
[ "$result" -eq 0 ] || exit "$result"

step "Power cuts"
# Alone: how much a cut may cost is counted in seconds. For a long night: KERBEROS_POWER_STATES=20000 takes that many torn and as many
# reordered states of each recording.
machines states rules kills

step "All passed"
