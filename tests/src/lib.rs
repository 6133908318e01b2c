//! Whole-image tests' harness; see SPECIFICATION.md.
