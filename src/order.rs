//! The one sort of the module. A generic sort is compiled anew for each type, some five kilobytes
//! of WebAssembly each time; so what is to be sorted is sorted by its text, here.

/// The positions of `texts` in ascending order of the texts; equal ones stay in their order.
pub(crate) fn by_text(texts: &[&str]) -> Vec<usize> {
    let mut order: Vec<(&str, usize)> = texts.iter().enumerate().map(|(index, text)| (*text, index)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, index)| index).collect()
}

/// `texts` in ascending order.
pub(crate) fn sorted<'t>(texts: &[&'t str]) -> Vec<&'t str> {
    by_text(texts).into_iter().map(|index| texts[index]).collect()
}
