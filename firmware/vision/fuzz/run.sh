#!/bin/sh
# Fuzzes the luma decoders: `fuzz/run.sh [SECONDS-FOR-EACH-TARGET]` (default 600). Needs a nightly Rust and `cargo install cargo-fuzz`.
#
# What is found stays in `artifacts/`; what reaches new code goes to the working corpus in the target folder, and from there
# `KEEP=1` brings the smallest set that covers the same into `corpus/`, which is kept and run as an ordinary test.
set -eu

cd "$(dirname "$0")"
seconds=${1:-600}
work=${CARGO_TARGET_DIR:-target}/fuzz-corpus
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-fuzz

for target in jpeg raw; do
    mkdir -p "$work/$target"
    cargo +nightly fuzz run --fuzz-dir . "$target" "$work/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -max_len=8192 -timeout=5 -print_final_stats=1
    if [ "${KEEP:-}" = 1 ]; then
        cargo +nightly fuzz run --fuzz-dir . "$target" "corpus/$target" "$work/$target" -- -merge=1 -max_len=8192
    fi
done
