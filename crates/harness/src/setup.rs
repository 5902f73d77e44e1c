//! What a development node needs before Stylus contracts deploy: the steps of Nitro's `run-dev-node.sh`.
//!
//! Each step looks first and acts only when its result is missing, so the setup can run on a fresh Nitro, on the
//! embedded node, or twice on either.

use alloy::{
    primitives::{Address, B256, Bytes, U256, address, bytes, keccak256},
    sol_types::SolCall,
};
use anyhow::{Context, Result, ensure};

use crate::{
    bindings::arbitrum::{
        ARB_DEBUG, ARB_OWNER, ARB_WASM_CACHE, ArbDebug, ArbOwner,
        ArbWasmCache::{self, isCacheManagerCall},
    },
    chain::{Chain, Tx},
    key::Key,
    workspace::{self, Artifact},
};

/// The CREATE2 factory that stands at the same address on every chain.
pub const CREATE2_FACTORY: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
/// Deploys, activates and initialises a Stylus program in one call.
pub const STYLUS_DEPLOYER: Address = address!("cEcba2F1DC234f70Dd89F2041029807F8D03A990");

/// Signer of [`FACTORY_TRANSACTION`]: an address that nobody has the key of.
const FACTORY_SIGNER: Address = address!("3fab184622dc19b6109349b94811493bf2a45362");
/// The one transaction of that signer, valid on every chain: it was signed without a chain id.
const FACTORY_TRANSACTION: Bytes = bytes!(
    "f8a58085174876e800830186a08080b853604580600e600039806000f350fe7fffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd5b80825250505060"
    "14600cf31ba02222222222222222222222222222222222222222222222222222222222222222a022222222222222222222"
    "22222222222222222222222222222222222222222222"
);
/// Ether that the signer needs for it: 1 ETH, as the devnode's script sends.
const FACTORY_FUNDS: u128 = 1_000_000_000_000_000_000;

/// What stands on a node that was set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Contract that anyone may ask to cache a program.
    pub cache_manager: Address,
}

/// Makes the developer key chain owner, frees calls of the L1 price, and puts the CREATE2 factory, the cache manager
/// and the StylusDeployer in place.
///
/// # Errors
/// When the node is no development chain or a contract does not arrive at its address.
pub async fn setup(chain: &Chain) -> Result<Setup> {
    // On a node that several processes share, one sets up and the others find it done.
    let _lock = tokio::task::spawn_blocking(|| workspace::lock("setup")).await??;
    let dev = Key::dev();
    chain
        .transact(&dev, ARB_DEBUG, &ArbDebug::becomeChainOwnerCall {})
        .await
        .context("ArbDebug.becomeChainOwner: is this a development chain?")?;
    chain.transact(&dev, ARB_OWNER, &ArbOwner::setL1PricePerUnitCall { price: U256::ZERO }).await?;
    place_factory(chain, &dev).await?;
    place(chain, &dev, &Artifact::load("StylusDeployer")?, Some(STYLUS_DEPLOYER)).await?;
    let cache_manager = place(chain, &dev, &Artifact::load("DevCacheManager")?, None).await?;
    let known = chain.call(ARB_WASM_CACHE, &isCacheManagerCall { manager: cache_manager }).await?;
    if !known {
        let call = ArbOwner::addWasmCacheManagerCall { manager: cache_manager };
        chain.transact(&dev, ARB_OWNER, &call).await.context("ArbOwner.addWasmCacheManager")?;
    }
    Ok(Setup { cache_manager })
}

impl Setup {
    /// Caches a program, so that calls of it pay the cached price from then on; nothing when it is cached.
    ///
    /// # Errors
    /// When the node refuses.
    pub async fn cache(&self, chain: &Chain, program: Address, code_hash: B256) -> Result<()> {
        let question = ArbWasmCache::codehashIsCachedCall { codehash: code_hash };
        if !chain.call(ARB_WASM_CACHE, &question).await? {
            // The development manager hands this very call on.
            let call = ArbWasmCache::cacheProgramCall { program };
            let tx = Tx::raw(&Key::dev(), self.cache_manager, call.abi_encode());
            chain.send(tx).await.context("caching a program")?;
        }
        Ok(())
    }
}

async fn place_factory(chain: &Chain, dev: &Key) -> Result<()> {
    if !chain.code(CREATE2_FACTORY).await?.is_empty() {
        return Ok(());
    }
    let funds = U256::from(FACTORY_FUNDS);
    if chain.balance(FACTORY_SIGNER).await? < funds {
        chain.send(Tx::raw(dev, FACTORY_SIGNER, Bytes::new()).value(funds)).await?;
    }
    chain.publish(FACTORY_TRANSACTION).await.context("publishing the CREATE2 factory")?;
    ensure!(!chain.code(CREATE2_FACTORY).await?.is_empty(), "the CREATE2 factory did not arrive");
    Ok(())
}

/// Creates a contract through the factory with salt zero unless it stands there already.
async fn place(chain: &Chain, dev: &Key, artifact: &Artifact, expected: Option<Address>) -> Result<Address> {
    let name = &artifact.name;
    let at = CREATE2_FACTORY.create2(B256::ZERO, keccak256(&artifact.bytecode));
    if let Some(expected) = expected {
        ensure!(at == expected, "{name} would stand at {at}, not at {expected}");
    }
    if chain.code(at).await?.is_empty() {
        let data = [B256::ZERO.as_slice(), &artifact.bytecode].concat();
        chain.send(Tx::raw(dev, CREATE2_FACTORY, data)).await.with_context(|| format!("deploying {name}"))?;
        ensure!(!chain.code(at).await?.is_empty(), "{name} did not arrive at {at}");
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::{consensus::TxEnvelope, eips::eip2718::Decodable2718};

    #[test]
    fn factory_transaction_is_the_known_signers_first_creation() {
        let tx = TxEnvelope::decode_2718(&mut FACTORY_TRANSACTION.as_ref()).unwrap();
        let TxEnvelope::Legacy(tx) = tx else { panic!("not a legacy transaction") };
        let signer = tx.signature().recover_address_from_prehash(&tx.signature_hash()).unwrap();
        assert_eq!(signer, FACTORY_SIGNER);
        assert_eq!(tx.tx().nonce, 0);
        assert_eq!(FACTORY_SIGNER.create(0), CREATE2_FACTORY);
    }
}
