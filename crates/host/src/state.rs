//! What the engine knows of an instance while it runs: how much memory it may have.

use wasmtime::ResourceLimiter;

/// What the engine asks while the instance runs.
pub(crate) struct State {
    pub(crate) memory_limit: usize,
    /// The last growth of memory or table was refused. Rust code traps right after.
    pub(crate) refused: bool,
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.refused = desired > self.memory_limit;
        Ok(!self.refused)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.refused = true;
        Ok(())
    }

    fn table_growing(&mut self, _current: usize, _desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}
