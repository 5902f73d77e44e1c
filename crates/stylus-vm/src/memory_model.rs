//! Price of linear memory: linear per page beyond the free ones plus an exponential ramp over the whole transaction.

/// Pages that cost nothing.
pub const FREE_PAGES: u16 = 2;
/// Gas of each further page that is open.
pub const PAGE_GAS: u16 = 1_000;
/// Most pages a transaction may have open; one more cannot be paid.
pub const PAGE_LIMIT: u16 = 128;

/// Ramp in gas by the largest number of pages ever open in the transaction; made so that 8 MB cost 32M gas in all.
#[rustfmt::skip]
const RAMP: [u32; 129] = [
    1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 11, 12, 14, 17,
    19, 22, 25, 29, 33, 38, 43, 50, 57, 65, 75, 85, 98, 112, 128, 147, 168, 193, 221, 253, 289, 331,
    379, 434, 497, 569, 651, 745, 853, 976, 1117, 1279, 1463, 1675, 1917, 2194, 2511, 2874, 3290, 3765,
    4309, 4932, 5645, 6461,
    7395, 8464, 9687, 11087, 12689, 14523, 16621, 19024, 21773, 24919, 28521, 32642, 37359, 42758, 48938,
    56010, 64104, 73368, 83971, 96106, 109994, 125890,
    144082, 164904, 188735, 216010, 247226, 282953, 323844, 370643, 424206, 485509, 555672, 635973, 727880,
    833067, 953456, 1091243, 1248941, 1429429, 1636000, 1872423, 2143012, 2452704,
    2807151, 3212820, 3677113, 4208502, 4816684, 5512756, 6309419, 7221210, 8264766, 9459129, 10826093,
    12390601, 14181199, 16230562, 18576084, 21260563, 24332984, 27849408, 31873999,
];

/// The two parameters of the model that the chain owner can set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryModel {
    /// Pages that cost nothing.
    pub free_pages: u16,
    /// Gas of each further page that is open.
    pub page_gas: u16,
}

impl Default for MemoryModel {
    fn default() -> Self {
        Self { free_pages: FREE_PAGES, page_gas: PAGE_GAS }
    }
}

impl MemoryModel {
    /// Gas of opening `new` pages when `open` are open now and `ever` were the most open so far in the transaction.
    ///
    /// `page_gas * (beyond(open + new) - beyond(open)) + ramp(max(ever, open + new)) - ramp(ever)`, with
    /// `beyond(x) = max(0, x - free)`; zero while all fits the free pages; `u64::MAX` beyond the last entry of the ramp.
    #[must_use]
    pub fn cost(self, new: u16, open: u16, ever: u16) -> u64 {
        let new_open = open.saturating_add(new);
        let new_ever = ever.max(new_open);
        if new_ever <= self.free_pages {
            return 0;
        }
        let beyond = |pages: u16| u64::from(pages.saturating_sub(self.free_pages));
        let linear = (beyond(new_open) - beyond(open)) * u64::from(self.page_gas);
        match (ramp(new_ever), ramp(ever)) {
            (Some(after), Some(before)) => linear + (after - before),
            _ => u64::MAX,
        }
    }
}

/// [`MemoryModel::cost`] with the default parameters.
#[must_use]
pub fn cost(new: u16, open: u16, ever: u16) -> u64 {
    MemoryModel::default().cost(new, open, ever)
}

fn ramp(pages: u16) -> Option<u64> {
    RAMP.get(usize::from(pages)).map(|gas| u64::from(*gas))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_known_values() {
        assert_eq!(cost(2, 0, 0), 0);
        // the worked figure for 17 pages: 15 * 1000 + (9 - 1)
        assert_eq!(cost(17, 0, 0), 15_008);
        // pay_for_memory_grow(100) with one open page: 9,320,660,000 ink
        assert_eq!(cost(100, 1, 1), 932_066);
        // 8 MB = 32M gas: 126,000 linear and 31,873,998 of the ramp
        assert_eq!(cost(128, 0, 0), 31_999_998);
        // the ramp is paid once: what was ever open costs only the linear part again
        assert_eq!(cost(126, 2, 128), 126_000);
    }

    #[test]
    fn cost_beyond_the_ramp_cannot_be_paid() {
        assert_eq!(cost(129, 0, 0), u64::MAX);
        assert_eq!(cost(1, 128, 128), u64::MAX);
        assert_eq!(cost(u16::MAX, u16::MAX, 0), u64::MAX);
    }
}
