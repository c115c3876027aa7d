//! Quantities as Kubernetes writes them: `500m`, `1.5Gi`, `2e3`.
//!
//! Read exactly, to a billionth and without floating point, as `resource.ParseQuantity` in
//! k8s.io/apimachinery does.

/// An amount: bytes of memory, CPUs, devices. Never negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    units: u64,
    nanos: u32,
}

const NANOS: u64 = 1_000_000_000;

impl Quantity {
    /// Nothing.
    pub const ZERO: Quantity = Quantity { units: 0, nanos: 0 };

    /// The most there can be; whatever is more counts as this.
    pub const MAX: Quantity = Quantity { units: u64::MAX, nanos: 0 };

    /// Thousandths, as of CPUs.
    pub const fn milli(thousandths: u32) -> Quantity {
        Quantity { units: (thousandths / 1000) as u64, nanos: thousandths % 1000 * 1_000_000 }
    }

    /// Mebibytes, as of memory.
    pub const fn mebi(mebibytes: u32) -> Quantity {
        Quantity { units: (mebibytes as u64) << 20, nanos: 0 }
    }

    /// Reads one; `None` where the text is none, or less than nothing.
    pub fn read(text: &str) -> Option<Quantity> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let is_suffix = |b: u8| !b.is_ascii_digit() && b != b'.';
        let end = unsigned.bytes().position(is_suffix).unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let (mut tens, mut kibis) = scale(suffix)?;

        let mut amount = Quantity::ZERO;
        let (mut has_digits, mut has_point, mut is_full) = (false, false, false);
        for byte in number.bytes() {
            if byte == b'.' {
                if has_point {
                    return None;
                }
                has_point = true;
                continue;
            }
            has_digits = true;
            let longer = amount.units.checked_mul(10).and_then(|units| units.checked_add(u64::from(byte - b'0')));
            match longer.filter(|_| !is_full) {
                Some(units) => {
                    amount.units = units;
                    tens -= i32::from(has_point);
                }
                // Digits behind the nineteenth only say how large it is.
                None => {
                    is_full = true;
                    tens = tens.saturating_add(i32::from(!has_point));
                }
            }
        }
        if !has_digits {
            return None;
        }
        while amount > Quantity::ZERO && (kibis > 0 || tens != 0) {
            let larger = match (kibis, tens) {
                (1.., _) => amount.times(1024),
                (_, 1..) => amount.times(10),
                _ => None,
            };
            match larger {
                Some(larger) if kibis > 0 => (amount, kibis) = (larger, kibis - 1),
                Some(larger) => (amount, tens) = (larger, tens - 1),
                None if tens < 0 && amount.units == 0 && amount.nanos == 1 => break,
                None if tens < 0 => (amount, tens) = (amount.tenth(), tens + 1),
                None => amount = Quantity::MAX,
            }
            if amount == Quantity::MAX {
                break;
            }
        }
        (amount == Quantity::ZERO || !text.starts_with('-')).then_some(amount)
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Quantity) -> Quantity {
        let nanos = u64::from(self.nanos) + u64::from(other.nanos);
        let units = self.units.checked_add(other.units).and_then(|units| units.checked_add(nanos / NANOS));
        units.map_or(Quantity::MAX, |units| Quantity { units, nanos: (nanos % NANOS) as u32 })
    }

    /// Whole thousandths, rounded up.
    pub fn in_milli(self) -> u64 {
        self.units.saturating_mul(1000).saturating_add(u64::from(self.nanos.div_ceil(1_000_000)))
    }

    /// Whole mebibytes, rounded up.
    pub fn in_mebi(self) -> u64 {
        let part = !self.units.is_multiple_of(1 << 20) || self.nanos > 0;
        (self.units >> 20) + u64::from(part)
    }

    /// Whole mebibytes, rounded down.
    pub fn whole_mebi(self) -> u64 {
        self.units >> 20
    }

    fn times(self, factor: u64) -> Option<Quantity> {
        let nanos = u64::from(self.nanos) * factor;
        let units = self.units.checked_mul(factor)?.checked_add(nanos / NANOS)?;
        Some(Quantity { units, nanos: (nanos % NANOS) as u32 })
    }

    /// A tenth of it; what is left below a billionth is rounded up.
    fn tenth(self) -> Quantity {
        let nanos = (self.units % 10 * NANOS + u64::from(self.nanos)).div_ceil(10);
        Quantity { units: self.units / 10 + nanos / NANOS, nanos: (nanos % NANOS) as u32 }
    }
}

/// What a suffix multiplies by: a power of ten, and one of 1024.
fn scale(suffix: &str) -> Option<(i32, u32)> {
    const KIBIS: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    const TENS: [(&str, i32); 10] =
        [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
    if let Some(&(_, tens)) = TENS.iter().find(|(name, _)| *name == suffix) {
        return Some((tens, 0));
    }
    if let Some(index) = KIBIS.iter().position(|name| *name == suffix) {
        return Some((0, index as u32 + 1));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    Some((exponent.parse().ok()?, 0))
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    fn read(text: &str) -> Option<(u64, u32)> {
        Quantity::read(text).map(|quantity| (quantity.units, quantity.nanos))
    }

    #[test]
    fn as_kubernetes_reads_them() {
        for (text, units, nanos) in [
            ("0", 0, 0),
            ("-0", 0, 0),
            ("+1", 1, 0),
            ("1.", 1, 0),
            (".5", 0, 500_000_000),
            ("0.25", 0, 250_000_000),
            ("100m", 0, 100_000_000),
            ("1500m", 1, 500_000_000),
            ("800m", 0, 800_000_000),
            ("1n", 0, 1),
            ("0.1n", 0, 1),
            ("1.01n", 0, 2),
            ("3u", 0, 3000),
            ("1k", 1000, 0),
            ("1.5Gi", 3 << 29, 0),
            ("0.1Ki", 102, 400_000_000),
            ("1Ei", 1 << 60, 0),
            ("0.5Ei", 1 << 59, 0),
            ("1E", 1_000_000_000_000_000_000, 0),
            ("1E3", 1000, 0),
            ("12e6", 12_000_000, 0),
            ("1e-3", 0, 1_000_000),
            ("1.5e+2", 150, 0),
            ("128974848000m", 128_974_848, 0),
            ("0.000000000001G", 0, 1_000_000),
            ("1.00000000000000000000Mi", 1 << 20, 0),
            ("000000000000000000000000000001Mi", 1 << 20, 0),
            ("100000000000000000000m", 100_000_000_000_000_000, 0),
            ("0e2000000000", 0, 0),
            ("1e-2000000000", 0, 1),
            ("1e2000000000", u64::MAX, 0),
            ("99Ei", u64::MAX, 0),
        ] {
            assert_eq!(read(text), Some((units, nanos)), "{text}");
        }
        for text in [
            "",
            ".",
            "-",
            "m",
            "Mi",
            "-1",
            "1K",
            "1mi",
            "1i",
            "1e",
            "1e-",
            "1.1.1",
            "1 Gi",
            " 1",
            "1Gib",
            "a",
            "1e99999999999",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn they_compare_and_add_up() {
        let quantity = |text| Quantity::read(text).unwrap_or(Quantity::MAX);
        assert_eq!(quantity("1Gi"), quantity("1024Mi"));
        assert_eq!(quantity("0.5"), Quantity::milli(500));
        assert_eq!(quantity("2Gi"), Quantity::mebi(2048));
        assert!(quantity("1G") < quantity("1Gi") && quantity("999m") < quantity("1"));
        assert_eq!(quantity("600m").plus(quantity("600m")), Quantity::milli(1200));
        assert_eq!(quantity("10Ei").plus(quantity("10Ei")), Quantity::MAX);
        assert_eq!((quantity("1.0001").in_milli(), quantity("1048577").in_mebi()), (1001, 2));
        assert_eq!(quantity("16777215Ki").whole_mebi(), 16383);
    }
}
