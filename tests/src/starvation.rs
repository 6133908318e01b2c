//! For how long the host kept a machine from running: what no test may hold against the product.
//!
//! It must not judge.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

/// What a process's threads have waited for a processor, from the first look on.
#[derive(Default)]
pub struct Starvation {
    /// What each thread had waited at the last look, ns.
    waits: HashMap<PathBuf, u64>,
    sum_ns: u64,
}

impl Starvation {
    /// Looks at a process: the sum of the longest waits between looks.
    ///
    /// Linux, Documentation/scheduler/sched-stats.rst: the second number of a thread's schedstat is the time in ns that it
    /// waited on a run queue. Of threads that wait at the same time the longest counts; where the host does not count, nothing.
    pub fn look(&mut self, process: u32) -> Duration {
        let mut longest_ns = 0;
        for thread in std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
            let path = thread.path().join("schedstat");
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let Some(now_ns) = text.split(' ').nth(1).and_then(|number| number.parse().ok()) else {
                continue;
            };
            let before_ns = self.waits.insert(path, now_ns).unwrap_or(now_ns);
            longest_ns = longest_ns.max(now_ns.saturating_sub(before_ns));
        }
        self.sum_ns += longest_ns;
        Duration::from_nanos(self.sum_ns)
    }
}
