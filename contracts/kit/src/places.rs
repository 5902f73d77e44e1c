//! Elements with their places.

/// The elements of a list, each with its place, from zero.
///
/// `enumerate` would check that the count does not overflow. The place of that panic would stand in the program's data,
/// which every call pays for.
pub fn places<T>(all: &[T]) -> impl Iterator<Item = (usize, &T)> {
    (0..all.len()).zip(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_from_zero_to_the_end() {
        assert_eq!(places(&['a', 'b', 'c']).collect::<Vec<_>>(), [(0, &'a'), (1, &'b'), (2, &'c')]);
        assert_eq!(places::<u8>(&[]).next(), None);
    }
}
