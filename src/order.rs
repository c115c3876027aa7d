//! The one sort of the module. A generic sort is compiled anew for each type, some five kilobytes
//! of WebAssembly each time; so what is to be sorted is sorted by its text, here.

/// The positions of `texts` in ascending order of the texts; equal ones stay in their order.
pub(crate) fn by_text(texts: &[&str]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let mut merged = order.clone();
    // Runs of this length are in order; two at a time become one.
    let mut run = 1;
    while run < order.len() {
        for (two, out) in order.chunks(2 * run).zip(merged.chunks_mut(2 * run)) {
            let (mut left, mut right) = two.split_at(run.min(two.len()));
            for place in out {
                let from = match (left, right) {
                    ([l, ..], [r, ..]) if texts[*r] < texts[*l] => &mut right,
                    ([], _) => &mut right,
                    _ => &mut left,
                };
                if let Some((first, rest)) = from.split_first() {
                    (*place, *from) = (*first, rest);
                }
            }
        }
        std::mem::swap(&mut order, &mut merged);
        run *= 2;
    }
    order
}

/// Adds an item to those that are there, in its place, unless it is there: in which order they come is then
/// not for a message to tell.
pub(crate) fn insert<T: PartialOrd>(items: &mut Vec<T>, item: T) {
    let at = items.partition_point(|other| *other < item);
    if items.get(at) != Some(&item) {
        items.insert(at, item);
    }
}

/// Sorts by a text of each; equal ones stay in their order.
pub(crate) fn sort<T>(items: &mut Vec<T>, text: fn(&T) -> &str) {
    if items.windows(2).all(|two| text(&two[0]) <= text(&two[1])) {
        return;
    }
    let texts: Vec<&str> = items.iter().map(text).collect();
    let order = by_text(&texts);
    let mut taken: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(order.into_iter().filter_map(|index| taken[index].take()));
}

/// `texts` in ascending order.
pub(crate) fn sorted<'t>(texts: &[&'t str]) -> Vec<&'t str> {
    by_text(texts).into_iter().map(|index| texts[index]).collect()
}

/// Of each text the position of the first that is equal to it: its own, where none stands before it.
pub(crate) fn first_equal(texts: &[&str]) -> Vec<usize> {
    let mut firsts = vec![0; texts.len()];
    let mut first = 0;
    for (place, index) in by_text(texts).into_iter().enumerate() {
        if place == 0 || texts[index] != texts[first] {
            first = index;
        }
        firsts[index] = first;
    }
    firsts
}

#[cfg(test)]
mod tests {
    #[test]
    fn finds_the_first_of_equal_ones() {
        assert_eq!(super::first_equal(&["b", "a", "b", "c", "a", "b"]), [0, 1, 0, 3, 1, 0]);
        assert!(super::first_equal(&[]).is_empty());
    }

    #[test]
    fn sorts_and_keeps_equal_ones_in_order() {
        for len in [0, 1, 2, 3, 7, 8, 100] {
            let texts: Vec<String> = (0..len).map(|n| format!("{}", n * 37 % 11)).collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let mut expected: Vec<usize> = (0..len).collect();
            expected.sort_by_key(|index| texts[*index]);
            assert_eq!(super::by_text(&texts), expected);
        }
    }
}
