//! The functions that take settings in.

/// The custom section that names them.
pub const SECTION: &str = "transom.bake";

/// The numbers of the functions that take settings in before a module is used, whether they are
/// exported or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hooks {
    /// `(len: i32) -> i32`, memory for the settings.
    pub alloc: u32,
    /// `(ptr: i32, len: i32) -> i64`, which answers as `configure` of the raw ABI does:
    /// `(ptr << 32) | len` of `{"valid": …, "errors": […]}`.
    pub configure: u32,
}

impl Hooks {
    /// What the section holds: two little-endian numbers.
    #[must_use]
    pub fn encode(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&self.alloc.to_le_bytes());
        bytes[4..].copy_from_slice(&self.configure.to_le_bytes());
        bytes
    }

    /// Reads what [`encode`](Hooks::encode) wrote.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Hooks> {
        let (alloc, configure) = bytes.split_first_chunk()?;
        let configure = configure.try_into().ok()?;
        Some(Hooks { alloc: u32::from_le_bytes(*alloc), configure: u32::from_le_bytes(configure) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_come_back() {
        let hooks = Hooks { alloc: 1, configure: 70_000 };
        assert_eq!(Hooks::decode(&hooks.encode()), Some(hooks));
        assert_eq!(Hooks::decode(b"short"), None);
        assert_eq!(Hooks::decode(b"nine bytes"), None);
    }
}
