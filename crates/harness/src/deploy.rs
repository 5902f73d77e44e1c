//! Deploys the contracts: create, activate, construct, cache.

use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::SolValue,
};
use anyhow::{Context, Result, ensure};

use crate::{
    bindings::{
        EngineArguments, OracleArguments, RiskModelArguments,
        arbitrum::StylusDeployer::{self, ContractDeployed},
    },
    build::{Contracts, MODULES, ORACLE, RISK_MODEL, RISK_MODULES, ROUTER},
    chain::{Chain, Tx},
    key::Key,
    setup::{STYLUS_DEPLOYER, Setup},
    wasm::Program,
};

/// First four bytes of keccak-256 of `stylus_constructor()`, by which a constructor is called.
pub const CONSTRUCTOR_SELECTOR: [u8; 4] = [0x55, 0x85, 0x25, 0x8d];
/// Wei sent along for the activation's data fee, about 1e14; the deployer returns the rest.
const ACTIVATION_VALUE: u128 = 10_000_000_000_000_000;

/// Deploys one program through the StylusDeployer, which activates it unless the chain knows the code already and
/// calls its constructor; then caches it.
///
/// # Errors
/// When the chain refuses the code, its activation, or the constructor its arguments.
pub async fn program(
    chain: &Chain,
    setup: &Setup,
    from: &Key,
    program: &Program,
    constructor: Option<Bytes>,
) -> Result<Address> {
    let package = &program.package;
    let call = StylusDeployer::deployCall {
        bytecode: program.init_code(),
        initData: constructor.unwrap_or_default(),
        initValue: U256::ZERO,
        salt: Default::default(),
    };
    let tx = Tx::call(from, STYLUS_DEPLOYER, &call).value(U256::from(ACTIVATION_VALUE));
    let receipt = chain.send(tx).await.with_context(|| format!("deploying {package}"))?;
    let address = receipt.event::<ContractDeployed>()?.deployedContract;
    let code = chain.code(address).await?;
    ensure!(code == program.code, "{package}: the code at {address} is not what was deployed");
    setup.cache(chain, address, program.code_hash()).await?;
    Ok(address)
}

/// Calldata of a constructor with these ABI-encoded arguments.
#[must_use]
pub fn constructor(arguments: &[u8]) -> Bytes {
    [&CONSTRUCTOR_SELECTOR, arguments].concat().into()
}

/// Deploys the oracle.
///
/// # Errors
/// As [`program`].
pub async fn oracle(
    chain: &Chain,
    setup: &Setup,
    contracts: &Contracts,
    from: &Key,
    arguments: &OracleArguments,
) -> Result<Address> {
    let data = constructor(&arguments.abi_encode_params());
    program(chain, setup, from, contracts.get(ORACLE)?, Some(data)).await
}

/// Deploys the risk model over modules of its own, without parameters.
///
/// # Errors
/// As [`program`].
pub async fn risk_model(
    chain: &Chain,
    setup: &Setup,
    contracts: &Contracts,
    from: &Key,
    owner: Address,
) -> Result<Address> {
    let mut modules = Vec::with_capacity(RISK_MODULES.len());
    for package in RISK_MODULES {
        modules.push(program(chain, setup, from, contracts.get(package)?, None).await?);
    }
    let data = constructor(&RiskModelArguments { modules, owner }.abi_encode_params());
    program(chain, setup, from, contracts.get(RISK_MODEL)?, Some(data)).await
}

/// Deploys the engine's modules, which hold no state and so may serve many engines.
///
/// # Errors
/// As [`program`].
pub async fn modules(
    chain: &Chain,
    setup: &Setup,
    contracts: &Contracts,
    from: &Key,
) -> Result<Vec<Address>> {
    let mut addresses = Vec::with_capacity(MODULES.len());
    for package in MODULES {
        addresses.push(program(chain, setup, from, contracts.get(package)?, None).await?);
    }
    Ok(addresses)
}

/// Deploys the engine: the router over its modules.
///
/// # Errors
/// As [`program`].
pub async fn engine(
    chain: &Chain,
    setup: &Setup,
    contracts: &Contracts,
    from: &Key,
    arguments: &EngineArguments,
) -> Result<Address> {
    let data = constructor(&arguments.abi_encode_params());
    program(chain, setup, from, contracts.get(ROUTER)?, Some(data)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::primitives::keccak256;

    #[test]
    fn constructor_selector_is_the_hash_of_its_signature() {
        assert_eq!(keccak256("stylus_constructor()")[..4], CONSTRUCTOR_SELECTOR);
    }

    #[test]
    fn constructor_arguments_are_encoded_like_a_functions() {
        // (address[], address, address, address, address): offset 0xa0 of the array, four words, length, elements
        let arguments = EngineArguments {
            modules: vec![Address::repeat_byte(1)],
            owner: Address::repeat_byte(2),
            guardian: Address::repeat_byte(3),
            quoteToken: Address::repeat_byte(4),
            oracle: Address::repeat_byte(5),
        };
        let data = constructor(&arguments.abi_encode_params());
        assert_eq!(data.len(), 4 + 7 * 32);
        assert_eq!(data[4..36], U256::from(0xa0).to_be_bytes::<32>());
        assert_eq!(data[36 + 12..68], [2; 20]);
    }
}
