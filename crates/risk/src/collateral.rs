//! Converts a token's own units to WAD.

use plimsoll_fixed::Overflow;

/// Most decimals a quote token may have.
pub const MAX_DECIMALS: u8 = 18;

/// WAD of one unit in the last place of a token: `10^(18 - decimals)`; `None` for more than [`MAX_DECIMALS`].
#[must_use]
pub const fn scale_of(decimals: u8) -> Option<u128> {
    if decimals > MAX_DECIMALS { None } else { Some(10u128.pow((MAX_DECIMALS - decimals) as u32)) }
}

/// Token units as WAD. Exact.
///
/// # Errors
/// [`Overflow`] when it does not fit signed money.
pub fn to_wad(amount: u128, scale: u128) -> Result<u128, Overflow> {
    amount.checked_mul(scale).filter(|&wad| i128::try_from(wad).is_ok()).ok_or(Overflow)
}

/// Tokens held after `wad` more arrived.
///
/// # Errors
/// [`Overflow`] when they do not fit signed money: no account could hold them.
pub fn held_after(tokens: u128, wad: u128) -> Result<u128, Overflow> {
    tokens.checked_add(wad).filter(|&sum| i128::try_from(sum).is_ok()).ok_or(Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_of_known_tokens() {
        assert_eq!(scale_of(6), Some(1_000_000_000_000));
        assert_eq!(scale_of(18), Some(1));
        assert_eq!(scale_of(19), None);
    }

    #[test]
    fn held_after_stays_within_signed_money() {
        assert_eq!(held_after(5, 7), Ok(12));
        assert_eq!(held_after((1 << 127) - 2, 1), Ok((1 << 127) - 1));
        assert_eq!(held_after((1 << 127) - 1, 1), Err(Overflow));
        assert_eq!(held_after(u128::MAX, 1), Err(Overflow));
    }

    #[test]
    fn to_wad_refuses_what_money_cannot_hold() {
        assert_eq!(to_wad(5, 1_000_000_000_000), Ok(5_000_000_000_000));
        assert_eq!(to_wad(u128::MAX, 1), Err(Overflow));
        assert_eq!(to_wad(u128::MAX, 2), Err(Overflow));
    }
}
