//! What processes and the machine spend, as Linux tells it.

/// Milliseconds of processor time that a process has had so far, the system's on its behalf included; none if it is gone.
#[must_use]
pub fn cpu_ms(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(") ").map(|(_, fields)| fields.split(' '));
    let ticks = fields.into_iter().flatten().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
    ticks.sum::<u64>() * MS_A_TICK
}

/// The most memory that a process ever had resident, in KiB; 0 if it is gone.
#[must_use]
pub fn peak_memory_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|peak| peak.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or_default()
}

/// Linux counts a hundred ticks a second.
const MS_A_TICK: u64 = 10;

/// Milliseconds that the machine was busy so far, over all processors.
#[must_use]
pub fn busy_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let all = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks = all.enumerate().filter(|(column, _)| !matches!(column, 3 | 4)).take(6);
    ticks.filter_map(|(_, ticks)| ticks.parse::<u64>().ok()).sum::<u64>() * MS_A_TICK
}

/// How many processors there are.
#[must_use]
pub fn processors() -> u64 {
    std::thread::available_parallelism().map_or(1, |count| u64::try_from(count.get()).unwrap_or(1))
}

/// Percent of the machine that others used in `wall_ms` in which it was busy for `busy_ms`, `own_ms` of them with our own work.
#[must_use]
pub fn foreign_percent(busy_ms: u64, own_ms: u64, wall_ms: f64) -> f64 {
    let foreign = crate::figure(busy_ms.saturating_sub(own_ms));
    crate::round(100.0 * foreign / (wall_ms * crate::figure(processors())).max(1.0))
}
