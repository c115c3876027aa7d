//! Placeholder until the tables land.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Os { Windows, Linux, Multi, Unknown }
#[derive(Debug, Clone)]
pub struct Image<'a> { pub os: Os, pub because: &'a str }
pub fn read(reference: &str) -> Image<'_> {
    let os = if reference.contains("nanoserver") || reference.contains("mcr.microsoft.com/windows") { Os::Windows } else if reference.starts_with("nginx") { Os::Linux } else { Os::Unknown };
    Image { os, because: reference }
}
pub mod builds {
    pub fn parse(value: &str) -> Option<u32> {
        let build = value.strip_prefix("10.0.")?;
        if build.len() >= 4 && build.bytes().all(|b| b.is_ascii_digit()) { build.parse().ok() } else { None }
    }
}
