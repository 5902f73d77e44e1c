//! The contract on a native host, called through its ABI as a client would call it.

mod abi;
mod governance;
mod host;
mod layout;
mod reports;
mod signatures;
mod slices;
mod surfaces;

use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use alloy_sol_types::{Eip712Domain, SolCall, SolError, SolEvent, SolStruct, SolValue, sol};
use k256::ecdsa::SigningKey;

use plimsoll_kit::testing::host::TestHost;

use self::host::{address_of, host};
use crate::entry::enter;

sol! {
    #![sol(all_derives)]

    struct PricePoint { uint16 underlying; uint128 price; uint64 time; }
    struct PriceReport { PricePoint[] points; uint64 deadline; }
    struct Feed { uint32 maxAge; uint32 maxAgeLate; uint128 minPrice; uint128 maxPrice; uint32 maxMove; }
    struct PriceView { uint8 status; uint128 price; uint64 time; uint32 usable; }

    struct SlicePoint {
        uint16 underlying; uint32 expiry; uint64 time; uint128 forward; int32 rate;
        int64 a; int64 b; int64 rho; int64 m; int64 sigma;
        uint32 forwardConfidence; uint32 rateConfidence; uint32 volConfidence;
    }
    struct SliceReport { SlicePoint[] slices; uint64 deadline; }
    struct Surface { uint32 maxAge; uint32 maxAgeLate; uint32 maxVolJump; uint32 maxForwardJump; }
    struct Expiry {
        uint32 expiry; uint128 forward; int128 rate; int128 a; int128 b; int128 rho; int128 m; int128 sigma;
        uint128 sviForward; uint128 sviYears; uint64 forwardConfidence; uint64 rateConfidence; uint64 volConfidence;
    }
    struct SliceView { uint8 status; uint64 time; uint64 age; Expiry slice; }

    /// What clients are told.
    interface IOracle {
        function submit(PricePoint[] points, uint64 deadline, bytes[] signatures) external;
        function prices(uint16[] underlyings) external view returns (PriceView[] memory views);
        function price(uint16 underlying) external view returns (uint8 status, uint128 price, uint64 time);
        function feed(uint16 underlying) external view returns (Feed memory rules);
        function digest(PricePoint[] points, uint64 deadline) external view returns (bytes32 hash);
        function submitSlices(SlicePoint[] slices, uint64 deadline, bytes[] signatures) external;
        function surface(uint16 underlying, uint32[] expiries) external view returns (Expiry[] memory all);
        function slices(uint16 underlying, uint32[] expiries) external view returns (SliceView[] memory views);
        function expiries(uint16 underlying) external view returns (uint32[] memory all);
        function surfaceRules(uint16 underlying) external view returns (Surface memory rules);
        function sliceDigest(SlicePoint[] slices, uint64 deadline) external view returns (bytes32 hash);
        function setSurface(uint16 underlying, Surface surface) external;
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

const SURFACE: Surface =
    Surface { maxAge: 1200, maxAgeLate: 7200, maxVolJump: 500_000, maxForwardJump: 200_000 };

/// A deployed oracle: two of three signers, feeds and surfaces for two underlyings, no prices and
/// no slices.
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
        let rig = Self { host: host(), keys };
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
            rig.call(IOracle::setSurfaceCall { underlying, surface: SURFACE }).unwrap();
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
        PriceReport { points: points.to_vec(), deadline }.eip712_signing_hash(&self.domain())
    }

    fn slice_digest(&self, slices: &[SlicePoint], deadline: u64) -> B256 {
        SliceReport { slices: slices.to_vec(), deadline }.eip712_signing_hash(&self.domain())
    }

    fn domain(&self) -> Eip712Domain {
        let world = self.host.0.borrow();
        Eip712Domain {
            name: Some("Plimsoll Oracle".into()),
            version: Some("1".into()),
            chain_id: Some(world.chain_id.try_into().unwrap()),
            verifying_contract: Some(world.contract),
            salt: None,
        }
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

    /// Submits slices signed by the first two signers.
    fn submit_slices(&self, slices: &[SlicePoint]) -> Result<(), Vec<u8>> {
        let deadline = u64::MAX;
        let digest = self.slice_digest(slices, deadline);
        let signatures = vec![self.sign(0, digest), self.sign(1, digest)];
        self.call(IOracle::submitSlicesCall { slices: slices.to_vec(), deadline, signatures }).map(drop)
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
fn refused<T>(result: Result<T, Vec<u8>>, expected: impl SolError) {
    let data = result.err().expect("the call must fail");
    assert_eq!(data, expected.abi_encode(), "not the expected error");
}

fn point(underlying: u16, price: u128, time: u64) -> PricePoint {
    PricePoint { underlying, price, time }
}

/// A good slice of so many days: volatility 60 % at the forward, a skew, variance growing with time.
fn slice(underlying: u16, days: u32, time: u64) -> SlicePoint {
    let per_day = 1_000_000_000_000 * 36 / 100 / 365;
    SlicePoint {
        underlying,
        expiry: NOW as u32 + days * 86_400,
        time,
        forward: 2000 * WAD + u128::from(days) * WAD,
        rate: 50_000_000,
        a: i64::from(days) * per_day * 3 / 4,
        b: i64::from(days) * per_day,
        rho: -200_000_000_000,
        m: 10_000_000_000,
        sigma: 250_000_000_000,
        forwardConfidence: 1_000_000,
        rateConfidence: 990_000,
        volConfidence: 950_000,
    }
}
