//! The side of a position.

use plimsoll_fixed::Overflow;

/// The side of a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Profits when the price rises.
    Long,
    /// Profits when the price falls.
    Short,
}

impl Side {
    /// The side of a size; zero counts as long.
    #[must_use]
    pub const fn of(size: i128) -> Self {
        if size < 0 { Self::Short } else { Self::Long }
    }

    /// The other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
        }
    }

    /// A magnitude as a signed size of this side.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn signed(self, magnitude: u128) -> Result<i128, Overflow> {
        match self {
            Self::Long => i128::try_from(magnitude).map_err(|_| Overflow),
            Self::Short => 0i128.checked_sub_unsigned(magnitude).ok_or(Overflow),
        }
    }
}
