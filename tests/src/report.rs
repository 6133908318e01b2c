//! Figures that a test measured, printed so that BENCHMARKS.md can be made from them. Never a threshold.

/// Prints one figure.
pub fn figure(name: &str, value: impl std::fmt::Display) {
    println!("figure: {name}: {value}");
}
