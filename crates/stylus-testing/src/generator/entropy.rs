//! Choices out of bytes.

/// A source of choices; zero once its bytes are used up, which every choice takes for its plainest case.
#[derive(Clone, Debug)]
pub struct Entropy<'a> {
    bytes: &'a [u8],
}

impl<'a> Entropy<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                *first
            }
            None => 0,
        }
    }

    pub fn u64(&mut self) -> u64 {
        u64::from_be_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// A number below `end`, which is at most 256.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    /// True with a chance of `of256` in 256; false without bytes.
    pub fn chance(&mut self, of256: u8) -> bool {
        self.byte() > 255 - of256
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// The index of a weight: the first is the plainest.
    pub fn weighted(&mut self, weights: &[u8]) -> usize {
        let total: usize = weights.iter().map(|weight| usize::from(*weight)).sum();
        // two bytes: the sum may be larger than one holds
        let mut at = (usize::from(self.byte()) << 8 | usize::from(self.byte())) % total;
        for (index, weight) in weights.iter().enumerate() {
            match at.checked_sub(usize::from(*weight)) {
                Some(rest) => at = rest,
                None => return index,
            }
        }
        0
    }

    /// A number with interesting edges.
    pub fn number(&mut self) -> u64 {
        match self.below(8) {
            0 | 1 => u64::from(self.byte()),
            2 => self.pick(&[0, 1, u64::MAX, 1 << 63, 1 << 31, u64::MAX >> 1, 0x7fff_ffff, 0xffff_ffff]),
            3 => u64::from(self.byte()).wrapping_neg(),
            4 => 1 << self.below(64),
            5 => (1u64 << self.below(64)).wrapping_sub(1),
            _ => self.u64(),
        }
    }
}
