//! The memory that there is for judging.

use std::fs;

/// What an instance of the module may take, in bytes: some twenty times the longest objects of Kubernetes.
pub const OF_INSTANCE: usize = 64 << 20;

/// What a server takes that judges nothing, in bytes, and some more.
const OF_SERVER: u64 = 64 << 20;

/// How much memory the container may take, in bytes; `None` where nobody says so.
pub fn limit() -> Option<u64> {
    // cgroups, version 2 and version 1.
    let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let said = files.into_iter().find_map(|file| fs::read_to_string(file).ok())?;
    // Version 1 says a number near the largest that there is, version 2 `max`.
    said.trim().parse().ok().filter(|limit| *limit < 1 << 60)
}

/// How many requests can be judged at once in so much memory: each takes an instance, its body and its answer.
pub fn room(limit: u64, max_body: usize) -> u32 {
    let each = (OF_INSTANCE + 2 * max_body) as u64;
    u32::try_from(limit.saturating_sub(OF_SERVER) / each).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_fit() {
        assert_eq!(room(512 << 20, 8 << 20), 5);
        assert_eq!(room(64 << 20, 8 << 20), 1, "one there has to be");
        assert_eq!(room(8 << 30, 8 << 20), 101);
    }
}
