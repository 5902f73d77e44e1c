//! Ids of accounts and instruments, packed as the contracts pack them.

use alloy::primitives::{Address, B256, U256};

/// Kind byte of a perpetual in an instrument id.
pub const KIND_PERP: u8 = 1;
/// Underlying number that the scenarios give to bitcoin.
pub const BTC: u16 = 1;
/// Underlying number that the scenarios give to ether.
pub const ETH: u16 = 2;

/// One unit of anything in WAD.
pub const WAD: u128 = 1_000_000_000_000_000_000;
/// Decimals of the quote token of the scenarios.
pub const QUOTE_DECIMALS: u8 = 6;
/// WAD of quote per smallest unit of a quote token of [`QUOTE_DECIMALS`].
pub const QUOTE_SCALE: u128 = 1_000_000_000_000;

/// `bytes32(owner ++ subaccount)`: the owner in the high 20 bytes, the subaccount in the low 12.
#[must_use]
pub fn account_id(owner: Address, subaccount: u64) -> B256 {
    let mut id = [0; 32];
    id[..20].copy_from_slice(owner.as_slice());
    id[24..].copy_from_slice(&subaccount.to_be_bytes());
    B256::from(id)
}

/// The owner packed into an account id.
#[must_use]
pub fn owner_of(account: B256) -> Address {
    Address::from_slice(&account[..20])
}

/// Instrument id of the perpetual on `underlying`.
#[must_use]
pub const fn perp(underlying: u16) -> u128 {
    (underlying as u128) << 112 | (KIND_PERP as u128) << 104
}

/// Underlying of an instrument id.
#[must_use]
pub const fn underlying_of(instrument: u128) -> u16 {
    (instrument >> 112) as u16
}

/// Whole units in WAD.
///
/// # Panics
/// Above 3.4e20 units, which no scenario reaches; the contracts see WAD values only.
#[must_use]
pub const fn wad(units: u128) -> u128 {
    units * WAD
}

/// WAD of quote in units of a 6-decimals token, rounded down.
#[must_use]
pub fn to_quote_units(amount: u128) -> U256 {
    U256::from(amount / QUOTE_SCALE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::address;

    #[test]
    fn account_id_packs_owner_high_and_subaccount_low() {
        let owner = address!("3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E");
        let id = account_id(owner, 0x0102);
        assert_eq!(id.to_string(), "0x3f1eae7d46d88f08fc2f8ed27fcb2ab183eb2d0e000000000000000000000102");
        assert_eq!(owner_of(id), owner);
    }

    #[test]
    fn perp_packs_underlying_and_kind() {
        // u16 underlying, u8 kind, then 13 zero bytes
        assert_eq!(format!("{:032x}", perp(2)), "00020100000000000000000000000000");
        assert_eq!(underlying_of(perp(0xabcd)), 0xabcd);
    }
}
