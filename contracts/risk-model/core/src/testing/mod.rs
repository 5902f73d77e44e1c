//! What the native tests of the model and its modules share: a host, portfolios, and the ABI as clients see it.

#![allow(missing_docs, missing_debug_implementations, clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod portfolios;

pub use plimsoll_kit::testing::{calls::Known, doors, host};

use alloy_primitives::{Address, U256, address};
use alloy_sol_types::{SolCall, SolError, SolEvent, SolType, SolValue, sol};
use plimsoll_risk::portfolio;

use self::host::{Door, TestHost};
use stylus_sdk::{host::VM, prelude::*};

use crate::{Model, PRICER, convert};

sol! {
    #![sol(all_derives)]

    // The structs again, by hand: what clients are told, in a shape that alloy encodes by itself.
    struct ExpiryOf {
        uint32 expiry; uint128 forward; int128 rate; int128 a; int128 b; int128 rho; int128 m; int128 sigma;
        uint128 sviForward; uint128 sviYears; uint64 forwardConfidence; uint64 rateConfidence; uint64 volConfidence;
    }
    struct CollateralOf {
        uint128 amount; uint128 price; uint64 confidence; uint64 maintenanceHaircut; uint64 initialHaircut;
        bool riskCancelling;
    }
    struct PortfolioOf {
        uint16 underlying; uint64 time; int128 cash; uint128 spot; uint64 spotConfidence; int128 perps;
        uint128 perpPrice; uint64 perpConfidence; int128 perpPnl; int128 perpFunding; uint128 stablePrice;
        uint128 depth; CollateralOf[] collaterals; ExpiryOf[] expiries; bytes32[] legs;
    }
    struct AssessmentOf {
        int128 initial; int128 maintenance; int128 markToMarket; int128 worst; uint16 worstScenario; int128 basis;
        int128 shortfall; uint128 maintenanceContingency; uint128 initialContingency;
    }
    struct GreeksOf {
        int128 value; int128 delta; int128 gamma; int128 vega; int128 theta; int128 rho; int128 vanna; int128 volga;
    }
    struct AttributionOf {
        int128 profit; int128 linear; int128 delta; int128 gamma; int128 vega; int128 rest; int128 discount;
        int128[] expiries; int128[] legs;
    }
    struct LiquidationRangeOf {
        uint128 below; uint128 above; uint128 distanceBelow; uint128 distanceAbove; uint64 probability;
    }
    struct TogetherOf {
        int128 initial; int128 maintenance; int128 markToMarket; uint128 loss; uint128 down; uint128 up; uint128 tail;
        uint128 alone;
    }
    struct MoveOf { int32 spot; int32 vol; }
    struct ScenarioOf { uint128 spot; uint8 shock; uint128 damp; }
    struct VolShockOf {
        uint128 rangeUp; uint128 rangeDown; uint128 shortTermPower; uint128 longTermPower; uint32 floor;
        uint128 minVolUp;
    }
    struct SkewShockOf {
        int128 linearBase; int128 linearC; int128 absBase; int128 absC; uint128 minKStar; uint128 width;
        int128 volStatic; int128 volScale;
    }
    struct MarginFactorsOf {
        uint128 maintenance; uint128 initial; uint128 longBase; uint128 longRateMult; uint128 longRateAdd;
        uint128 shortBase; uint128 shortRateMult; uint128 shortRateAdd;
    }
    struct BasisShockOf { uint128 up; uint128 down; uint128 add; uint128 mult; }
    struct ContingencyOf {
        uint128 pegThreshold; uint128 pegFactor; uint128 confidenceThreshold; uint128 confidenceMargin;
        uint128 perpMaintenance; uint128 perpInitial; uint128 optionMaintenance; uint128 optionInitial;
    }
    struct ParamsOf {
        ScenarioOf[] scenarios; VolShockOf volShock; SkewShockOf skew; MarginFactorsOf margin; BasisShockOf basis;
        ContingencyOf contingency;
    }

    interface IModel {
        function modules() external view returns (address[] memory all);
        function assess(PortfolioOf portfolio) external view returns (AssessmentOf memory assessment);
        function scenarios(PortfolioOf portfolio)
            external view returns (AssessmentOf memory assessment, int128[] memory profits);
        function assessTogether(PortfolioOf[] portfolios, uint64[] loadings, uint64 floor)
            external view returns (TogetherOf memory margin);
        function greeks(PortfolioOf portfolio)
            external view returns (GreeksOf memory account, GreeksOf[] memory byExpiry, GreeksOf[] memory byLeg);
        function attribute(PortfolioOf portfolio, uint16 scenario)
            external view returns (AttributionOf memory found);
        function worstMove(PortfolioOf portfolio, int32 low, int32 high, int32[] vols)
            external view returns (MoveOf memory found, int128 profit);
        function liquidationRange(PortfolioOf portfolio, uint32 step, uint128 volatility, uint32 horizon)
            external view returns (LiquidationRangeOf memory found);
        function setShortfall(uint16 underlying, uint64 share, bool binding, MoveOf[] moves) external;
        function shortfall(uint16 underlying)
            external view returns (uint64 share, bool binding, MoveOf[] memory moves);
        function setParams(uint16 underlying, ParamsOf params) external;
        function params(uint16 underlying) external view returns (ParamsOf memory all);
        function compiled(uint16 underlying) external view returns (address code);
        function owner() external view returns (address who);
        function pendingOwner() external view returns (address who);
        function transferOwnership(address pending) external;
        function acceptOwnership() external;
    }
}

pub const WAD: u128 = 1_000_000_000_000_000_000;
pub const OWNER: Address = address!("0x00000000000000000000000000000000000000aa");
pub const CONTRACT: Address = address!("0x5fbdb2315678afecb367f032d93f642f64180aa3");
/// Where the pricer module is.
pub const PRICING: Address = address!("0x00000000000000000000000000000000000000c6");
pub const BTC: u16 = 1;
pub const ETH: u16 = 2;
pub const NOW: u64 = 1_700_000_000;

/// One type as another of the same shape, through the encoding.
pub fn recast<A: SolValue, B: SolValue + From<<B::SolType as SolType>::RustType>>(value: &A) -> B {
    B::abi_decode_validate(&value.abi_encode()).unwrap()
}

/// The default parameters, as a client sends them.
pub fn standard() -> ParamsOf {
    recast(&convert::params_to_abi(&portfolio::Params::standard()).unwrap())
}

/// A contract on a host.
#[derive(Clone)]
pub struct Rig {
    pub host: TestHost,
    pub enter: Door,
}

impl Rig {
    /// A contract whose storage is empty, called by the owner to be.
    pub fn bare(enter: Door) -> Self {
        let host = TestHost::default();
        let mut world = host.0.borrow_mut();
        (world.contract, world.sender) = (CONTRACT, OWNER);
        world.modules.insert(PRICING, pricer);
        drop(world);
        Self { host, enter }
    }

    /// A module as the model calls it: there is an owner, and two underlyings have the default parameters.
    pub fn of(enter: Door) -> Self {
        let rig = Self::bare(enter);
        let mut model = rig.model();
        model.set_module(PRICER, PRICING);
        model.ownership.begin(OWNER).unwrap();
        rig.standard()
    }

    /// Gives two underlyings the default parameters, and forgets what has been logged.
    #[must_use]
    pub fn standard(self) -> Self {
        for underlying in [BTC, ETH] {
            self.model().replace_params(underlying, &recast(&standard())).unwrap();
        }
        self.host.0.borrow_mut().logs.clear();
        self
    }

    /// The same contract in the same state, on a host of its own.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { host: self.host.copy(), enter: self.enter }
    }

    /// The storage's root, for what calls cannot do.
    pub fn model(&self) -> Model {
        // SAFETY: the tests run no call while they have it.
        unsafe { Model::new(U256::ZERO, 0, self.host.vm()) }
    }

    /// A raw call; what a reverting one did is undone, as on a chain.
    pub fn raw(&self, input: Vec<u8>) -> Result<Vec<u8>, Vec<u8>> {
        let before = self.host.0.borrow().clone();
        let result = (self.enter)(input, self.host.vm());
        if result.is_err() {
            *self.host.0.borrow_mut() = before;
        }
        result
    }

    pub fn call<C: SolCall>(&self, call: C) -> Result<C::Return, Vec<u8>> {
        self.raw(call.abi_encode()).map(|data| C::abi_decode_returns_validate(&data).unwrap())
    }

    pub fn as_caller(&self, sender: Address) -> &Self {
        self.host.0.borrow_mut().sender = sender;
        self
    }

    /// The events since the rig was made or this was called last, each of which must be an `E`.
    pub fn events<E: SolEvent>(&self) -> Vec<E> {
        let logs = std::mem::take(&mut self.host.0.borrow_mut().logs);
        logs.into_iter().map(|(topics, data)| E::decode_raw_log_validate(topics, &data).unwrap()).collect()
    }
}

/// What means something to the model, for random calls.
pub fn known() -> Known {
    Known {
        words: vec![portfolios::leg(
            plimsoll_risk::ids::option(BTC, portfolios::expiry(7).expiry, 2_000_000_000_000, true),
            WAD as i128,
        )],
        addresses: vec![OWNER, CONTRACT],
        numbers: vec![
            BTC.into(),
            ETH.into(),
            NOW.into(),
            WAD,
            20_000 * WAD,
            portfolios::expiry(7).expiry.into(),
        ],
    }
}

/// That a call was refused for this reason.
#[track_caller]
pub fn refused<T>(result: Result<T, Vec<u8>>, expected: impl SolError) {
    let data = result.err().expect("the call must fail");
    assert_eq!(data, expected.abi_encode(), "not the expected error");
}

/// What the pricer module does: its door is no part of this crate, nor of those that delegate to it.
pub fn pricer(input: Vec<u8>, host: VM) -> Result<Vec<u8>, Vec<u8>> {
    // SAFETY: the caller's own accessor reads nothing while a module runs.
    let model = unsafe { Model::new(U256::ZERO, 0, host) };
    match model.priced(&input) {
        Some(result) => result.map_err(Into::into),
        None => Err(Vec::new()),
    }
}
