//! What is told: a table for people, JSON for programs, rows of alarms and frames.
//!
//! It must not compute scores.
mod alarm_csv;
mod json;
mod table;
mod trace;

pub use alarm_csv::{alarm_csv, read_alarm_csv};
pub use json::{CrossingReport, LineReport, Report, report};
pub use table::table;
pub use trace::trace_csv;
