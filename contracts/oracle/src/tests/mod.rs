//! The contract on a native host, called through its ABI as a client would call it.

mod abi;
mod governance;
mod host;
mod reports;
mod signatures;

use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use alloy_sol_types::{Eip712Domain, SolCall, SolEvent, SolStruct, SolValue, sol};
use k256::ecdsa::SigningKey;

use self::host::{TestHost, address_of};
use crate::{entry::enter, errors::Error};

sol! {
    #![sol(all_derives)]

    struct PricePoint { uint16 underlying; uint128 price; uint64 time; }
    struct PriceReport { PricePoint[] points; uint64 deadline; }
    struct Feed { uint32 maxAge; uint32 maxAgeLate; uint128 minPrice; uint128 maxPrice; uint32 maxMove; }
    struct PriceView { uint8 status; uint128 price; uint64 time; }

    /// What clients are told.
    interface IOracle {
        function submit(PricePoint[] points, uint64 deadline, bytes[] signatures) external;
        function prices(uint16[] underlyings) external view returns (PriceView[] memory views);
        function price(uint16 underlying) external view returns (uint8 status, uint128 price, uint64 time);
        function feed(uint16 underlying) external view returns (Feed memory rules);
        function digest(PricePoint[] points, uint64 deadline) external view returns (bytes32 hash);
        function signers() external view returns (address[] memory all);
        function threshold() external view returns (uint8 number);
        function owner() external view returns (address who);
        function pendingOwner() external view returns (address who);
        function setFeed(uint16 underlying, Feed feed) external;
        function setSigners(address[] signers, uint8 threshold) external;
        function transferOwnership(address pending) external;
        function acceptOwnership() external;
    }
}

const WAD: u128 = 1_000_000_000_000_000_000;
const OWNER: Address = address!("0x00000000000000000000000000000000000000aa");
const NOW: u64 = 1_700_000_000;
const BTC: u16 = 1;
const ETH: u16 = 2;

const RULES: Feed =
    Feed { maxAge: 60, maxAgeLate: 600, minPrice: WAD, maxPrice: 1_000_000 * WAD, maxMove: 100_000 };

/// A deployed oracle: two of three signers, feeds for two underlyings, no prices.
#[derive(Clone)]
struct Rig {
    host: TestHost,
    /// In ascending order of address.
    keys: Vec<SigningKey>,
}

impl Rig {
    fn new() -> Self {
        let mut keys: Vec<_> = (1..=3_u8).map(|seed| SigningKey::from_slice(&[seed; 32]).unwrap()).collect();
        keys.sort_by_key(|key| address_of(key.verifying_key()));
        let rig = Self { host: TestHost::default(), keys };
        {
            let mut world = rig.host.0.borrow_mut();
            world.now = NOW;
            world.chain_id = 412_346;
            world.contract = address!("0x5fbdb2315678afecb367f032d93f642f64180aa3");
            world.sender = OWNER;
        }
        let signers = rig.signers();
        rig.raw(construction(OWNER, &signers, 2)).unwrap();
        for underlying in [BTC, ETH] {
            rig.call(IOracle::setFeedCall { underlying, feed: RULES }).unwrap();
        }
        rig.host.0.borrow_mut().logs.clear();
        rig
    }

    fn signers(&self) -> Vec<Address> {
        self.keys.iter().map(|key| address_of(key.verifying_key())).collect()
    }

    /// A raw call; what a reverting one did is undone, as on a chain.
    fn raw(&self, input: Vec<u8>) -> Result<Vec<u8>, Vec<u8>> {
        let before = self.host.0.borrow().clone();
        let result = enter(input, self.host.vm());
        if result.is_err() {
            *self.host.0.borrow_mut() = before;
        }
        result
    }

    fn call<C: SolCall>(&self, call: C) -> Result<C::Return, Vec<u8>> {
        self.raw(call.abi_encode()).map(|data| C::abi_decode_returns_validate(&data).unwrap())
    }

    fn as_caller(&self, sender: Address) -> &Self {
        self.host.0.borrow_mut().sender = sender;
        self
    }

    fn at(&self, now: u64) -> &Self {
        self.host.0.borrow_mut().now = now;
        self
    }

    /// The digest by alloy's implementation of EIP-712.
    fn digest(&self, points: &[PricePoint], deadline: u64) -> B256 {
        let world = self.host.0.borrow();
        let domain = Eip712Domain {
            name: Some("Plimsoll Oracle".into()),
            version: Some("1".into()),
            chain_id: Some(world.chain_id.try_into().unwrap()),
            verifying_contract: Some(world.contract),
            salt: None,
        };
        PriceReport { points: points.to_vec(), deadline }.eip712_signing_hash(&domain)
    }

    fn sign(&self, key: usize, digest: B256) -> Bytes {
        let (signature, id) = self.keys[key].sign_prehash_recoverable(digest.as_slice()).unwrap();
        [&signature.to_bytes()[..], &[27 + id.to_byte()]].concat().into()
    }

    /// Submits points signed by the first two signers.
    fn submit(&self, points: &[PricePoint]) -> Result<(), Vec<u8>> {
        let deadline = u64::MAX;
        let digest = self.digest(points, deadline);
        let signatures = vec![self.sign(0, digest), self.sign(1, digest)];
        self.call(IOracle::submitCall { points: points.to_vec(), deadline, signatures }).map(drop)
    }

    fn price(&self, underlying: u16) -> (u8, u128, u64) {
        let view = self.call(IOracle::priceCall { underlying }).unwrap();
        (view.status, view.price, view.time)
    }

    fn storage(&self) -> impl PartialEq + std::fmt::Debug + use<> {
        self.host.0.borrow().storage.clone()
    }

    /// The events since the rig was made or this was called last, each of which must be an `E`.
    fn events<E: SolEvent>(&self) -> Vec<E> {
        let logs = std::mem::take(&mut self.host.0.borrow_mut().logs);
        logs.into_iter().map(|(topics, data)| E::decode_raw_log_validate(topics, &data).unwrap()).collect()
    }
}

/// The call that a deployer makes: its selector is that of `stylus_constructor()`, whatever the arguments.
fn construction(owner: Address, signers: &[Address], threshold: u8) -> Vec<u8> {
    let selector = &keccak256("stylus_constructor()")[..4];
    [selector, &(owner, signers, U256::from(threshold)).abi_encode_params()].concat()
}

/// That a call was refused for this reason.
#[track_caller]
fn refused<T>(result: Result<T, Vec<u8>>, expected: impl Into<Error>) {
    let data = result.err().expect("the call must fail");
    assert_eq!(data, Vec::<u8>::from(expected.into()), "not the expected error");
}

fn point(underlying: u16, price: u128, time: u64) -> PricePoint {
    PricePoint { underlying, price, time }
}
