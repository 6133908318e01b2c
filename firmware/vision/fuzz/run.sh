#!/bin/sh
# Fuzzes the luma decoders, the splice and the detector: `fuzz/run.sh [SECONDS-FOR-EACH-TARGET [TARGET ...]]` (default 600, all targets).
#
# Any Rust will do: fuzzing needs instrumentation that a stable compiler only gives when it is told to pass for a nightly one. The crate
# has no unsafe code, so what can go wrong is a panic: no sanitizer is built in, which makes it three times as fast, but
# overflows and the compiler's own assertions are checked. What is found stays in `artifacts/`; what reaches new code goes to the working
# corpus in the target folder, and from there `KEEP=1` brings the smallest set that covers the same into `corpus/`, which is kept
# and run as an ordinary test. Inputs kept by hand or because they once broke something stay there.
set -eu

cd "$(dirname "$0")"
export RUSTC_BOOTSTRAP=1
seconds=${1:-600}
[ "$#" -eq 0 ] || shift
[ "$#" -gt 0 ] || set -- jpeg splice raw detector
work=${CARGO_TARGET_DIR:-target}/fuzz-corpus
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-fuzz

for target in "$@"; do
    # What is longer is only slower: a whole small frame fits, and so do a hundred orders to the detector.
    length=8192
    [ "$target" != detector ] || length=512
    mkdir -p "$work/$target" "corpus/$target"
    cargo fuzz run --sanitizer none --fuzz-dir . "$target" "$work/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -max_len="$length" -timeout=10 -print_final_stats=1
    if [ "${KEEP:-}" = 1 ]; then
        # New places in the code count, not how often one was passed: a few dozen inputs instead of a thousand.
        cargo fuzz run --sanitizer none --fuzz-dir . "$target" "corpus/$target" "$work/$target" -- \
            -set_cover_merge=1 -use_counters=0 -max_len="$length"
    fi
done
