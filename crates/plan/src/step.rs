//! `ltsc2019→ltsc2025`, as one types it.

use std::str::FromStr;

use transom::images::builds;

/// From one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<T> {
    /// What it is.
    pub from: T,
    /// What it will be.
    pub to: T,
}

/// What may stand between the two.
const ARROWS: [&str; 3] = ["→", "->", ".."];

fn step<T: PartialEq>(text: &str, example: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Step<T>, String> {
    let parts = ARROWS.iter().find_map(|arrow| text.split_once(arrow));
    let (from, to) = parts.ok_or_else(|| format!("write both, as in {example}"))?;
    let step = Step { from: read(from.trim())?, to: read(to.trim())? };
    if step.from == step.to { Err("both are the same".into()) } else { Ok(step) }
}

impl FromStr for Step<u32> {
    type Err = String;

    /// Builds, as the names of releases or as numbers: `ltsc2019→ltsc2025`, `10.0.17763->26100`.
    fn from_str(text: &str) -> Result<Self, String> {
        step(text, "ltsc2019→ltsc2025 or 17763..26100", |name| {
            let number = || name.parse().ok().filter(|build| (10_000..100_000).contains(build));
            let build = builds::of_release(name)
                .or_else(|| builds::parse(name))
                .or_else(|| builds::of_year(name))
                .or_else(number);
            build.ok_or_else(|| format!("`{name}` is no build of Windows: write ltsc2022, 20348 or 10.0.20348"))
        })
    }
}

impl FromStr for Step<(u32, u32)> {
    type Err = String;

    /// Versions of Kubernetes: `1.30→1.36`.
    fn from_str(text: &str) -> Result<Self, String> {
        let step = step(text, "1.30→1.36", |version| {
            let (major, minor) = version.trim_start_matches('v').split_once('.').unwrap_or_default();
            let minor = minor.split('.').next().unwrap_or_default();
            let numbers = major.parse().ok().zip(minor.parse().ok());
            numbers.ok_or_else(|| format!("`{version}` is no version of Kubernetes: write 1.36"))
        })?;
        if step.from > step.to { Err("Kubernetes cannot be downgraded".into()) } else { Ok(step) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_steps() {
        for text in ["ltsc2019→ltsc2025", "ltsc2019 -> 2025", "17763..26100", "10.0.17763->10.0.26100"] {
            assert_eq!(text.parse::<Step<u32>>(), Ok(Step { from: 17763, to: 26100 }), "{text}");
        }
        for text in ["1.30→1.36", "v1.30.2->1.36", "1.30..1.36"] {
            assert_eq!(text.parse::<Step<(u32, u32)>>(), Ok(Step { from: (1, 30), to: (1, 36) }), "{text}");
        }
        let error = |text: &str| text.parse::<Step<u32>>().expect_err("no step");
        assert_eq!(error("ltsc2019"), "write both, as in ltsc2019→ltsc2025 or 17763..26100");
        assert_eq!(error("ltsc2019→xp"), "`xp` is no build of Windows: write ltsc2022, 20348 or 10.0.20348");
        assert_eq!(error("17763..ltsc2019"), "both are the same");
        assert_eq!("1.36..1.30".parse::<Step<(u32, u32)>>(), Err("Kubernetes cannot be downgraded".into()));
        assert!("1.30..x".parse::<Step<(u32, u32)>>().is_err());
    }
}
