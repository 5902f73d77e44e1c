//! State of ArbOS: what the chain itself remembers, kept as storage of one account so that it journals, reverts and
//! snapshots like everything else. Keys follow the layout of `stylus.md` section 4.8.

pub mod address_set;
pub mod params;
pub mod pricer;
pub mod programs;
pub mod storage;

use alloy_primitives::{Address, U256, address};

use self::address_set::AddressSet;
use self::params::StylusParams;
use self::storage::{Fault, Slots, Space};

/// The account whose storage is the state of ArbOS.
pub const ARBOS_STATE: Address = address!("A4B05FffffFffFFFFfFFfffFfffFFfffFfFfFFFf");

/// Gas of opening the state in a precompile: one storage read.
pub const OPEN_GAS: u64 = storage::READ_GAS;

const VERSION: u64 = 0;
const NETWORK_FEE_ACCOUNT: u64 = 3;
const CHAIN_ID: u64 = 4;
const INFRA_FEE_ACCOUNT: u64 = 6;
const L1_PRICE_PER_UNIT: u64 = 7;

/// The subspace of L1 pricing.
#[must_use]
pub fn l1_pricing() -> Space {
    Space::ROOT.sub(&[0])
}

/// The set of chain owners.
#[must_use]
pub fn chain_owners() -> AddressSet {
    AddressSet::new(Space::ROOT.sub(&[4]))
}

/// The subspace of Stylus programs.
#[must_use]
pub fn programs() -> Space {
    Space::ROOT.sub(&[8])
}

/// The set of managers of the program cache.
#[must_use]
pub fn cache_managers() -> AddressSet {
    AddressSet::new(programs().sub(&[4]))
}

/// Version of ArbOS.
///
/// # Errors
/// [`Fault::OutOfGas`] where reads are metered.
pub fn version<S: Slots + ?Sized>(s: &mut S) -> Result<u64, Fault> {
    Ok(Space::ROOT.get(s, VERSION)?.saturating_to())
}

/// Version of ArbOS as a precompile that has opened the state knows it.
fn version_for_free<S: Slots + ?Sized>(s: &mut S) -> u64 {
    s.load(Space::ROOT.key(U256::from(VERSION).into())).saturating_to()
}

/// Who receives the fees of compute.
///
/// # Errors
/// [`Fault::OutOfGas`] where reads are metered.
pub fn network_fee_account<S: Slots + ?Sized>(s: &mut S) -> Result<Address, Fault> {
    Ok(Address::from_word(Space::ROOT.get(s, NETWORK_FEE_ACCOUNT)?.into()))
}

/// Sets who receives the fees of compute.
///
/// # Errors
/// [`Fault::OutOfGas`] where writes are metered.
pub fn set_network_fee_account<S: Slots + ?Sized>(s: &mut S, to: Address) -> Result<(), Fault> {
    Space::ROOT.set(s, NETWORK_FEE_ACCOUNT, to.into_word().into())
}

/// Who receives the infrastructure part of fees.
///
/// # Errors
/// [`Fault::OutOfGas`] where reads are metered.
pub fn infra_fee_account<S: Slots + ?Sized>(s: &mut S) -> Result<Address, Fault> {
    Ok(Address::from_word(Space::ROOT.get(s, INFRA_FEE_ACCOUNT)?.into()))
}

/// Sets who receives the infrastructure part of fees.
///
/// # Errors
/// [`Fault::OutOfGas`] where writes are metered.
pub fn set_infra_fee_account<S: Slots + ?Sized>(s: &mut S, to: Address) -> Result<(), Fault> {
    Space::ROOT.set(s, INFRA_FEE_ACCOUNT, to.into_word().into())
}

/// Price of a unit of L1 calldata, wei. Remembered, never charged.
///
/// # Errors
/// [`Fault::OutOfGas`] where reads are metered.
pub fn l1_price<S: Slots + ?Sized>(s: &mut S) -> Result<U256, Fault> {
    l1_pricing().get(s, L1_PRICE_PER_UNIT)
}

/// Sets the price of a unit of L1 calldata, wei.
///
/// # Errors
/// [`Fault::OutOfGas`] where writes are metered.
pub fn set_l1_price<S: Slots + ?Sized>(s: &mut S, price: U256) -> Result<(), Fault> {
    l1_pricing().set(s, L1_PRICE_PER_UNIT, price)
}

/// Moves the chain to another version of ArbOS and gives the Stylus parameters the values that came with it.
///
/// # Errors
/// [`Fault::OutOfGas`] where writes are metered.
pub fn upgrade<S: Slots + ?Sized>(s: &mut S, to: u64) -> Result<(), Fault> {
    let from = version(s)?;
    let mut params = StylusParams::read(s)?;
    Space::ROOT.set(s, VERSION, U256::from(to))?;
    params.upgrade(from, to);
    params.write(s)
}

/// Writes the state that a new chain starts with.
///
/// # Errors
/// None in an unmetered store.
pub fn genesis<S: Slots + ?Sized>(s: &mut S, arbos: u64, chain_id: u64) -> Result<(), Fault> {
    Space::ROOT.set(s, VERSION, U256::from(arbos))?;
    Space::ROOT.set(s, CHAIN_ID, U256::from(chain_id))?;
    StylusParams::initial(arbos).write(s)?;
    pricer::genesis(s)
}
