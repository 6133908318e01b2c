#!/bin/sh
# The vision crate's own tests under Miri: those that end within seconds there. The crate has no unsafe code, so what Miri could find in it
# is little: overflows, reads beyond an end, what depends on how memory lies. Needs a nightly Rust with Miri, as prove-ring.sh.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

rustup component add miri --toolchain nightly >/dev/null 2>&1 ||
    rustup toolchain install nightly --profile minimal --component miri >/dev/null 2>&1 || true
if ! cargo +nightly miri --version >/dev/null 2>&1; then
    echo "LEFT OUT: Miri (rustup cannot install it here)"
    exit 0
fi
# A folder of its own: a nightly and the stable compiler would build each other's crates anew.
CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/miri" cargo +nightly miri test --locked --package vision --lib -- \
    luma::bits luma::canonical luma::index luma::reduce luma::segments blobs::tests::bounds opening::tests::planes \
    motion::sensitivity motion::tally motion::tracks motion::zones
