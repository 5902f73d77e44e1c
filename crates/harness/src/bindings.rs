//! Typed bindings of the contracts, generated from the committed interfaces.

#![allow(missing_docs, missing_debug_implementations, clippy::too_many_arguments)]

use alloy::sol;

sol!(
    #[sol(rpc, all_derives)]
    IPlimsoll,
    "../../abi/json/IPlimsoll.json"
);

sol!(
    #[sol(rpc, all_derives)]
    IPlimsollOracle,
    "../../abi/json/IPlimsollOracle.json"
);

sol!(
    #[sol(rpc, all_derives)]
    IPlimsollRiskModel,
    "../../abi/json/IPlimsollRiskModel.json"
);

sol! {
    /// What the scenarios use of an ERC-20 with an open mint.
    #[sol(rpc, all_derives)]
    interface IToken {
        function balanceOf(address owner) external view returns (uint256);
        function allowance(address owner, address spender) external view returns (uint256);
        function decimals() external view returns (uint8);
        function approve(address spender, uint256 amount) external returns (bool);
        function transfer(address to, uint256 amount) external returns (bool);
        function mint(address to, uint256 amount) external;
    }

    /// Constructor of the engine, called by the deployer with the selector of `stylus_constructor()`.
    #[sol(all_derives)]
    struct EngineArguments {
        address[] modules;
        address owner;
        address guardian;
        address quoteToken;
        address oracle;
    }

    /// Constructor of the oracle.
    #[sol(all_derives)]
    struct OracleArguments {
        address owner;
        address[] signers;
        uint8 threshold;
    }

    /// Constructor of the risk model.
    #[sol(all_derives)]
    struct RiskModelArguments {
        address[] modules;
        address owner;
    }
}

/// The Solidity contracts of the tests: tokens, venues, consumers, probes. Each has `BYTECODE` and typed calls.
pub mod solidity {
    use alloy::sol;

    // Their interfaces name structs of the engine, each its own copy.
    pub use self::{
        greeks_reader::GreeksReader, hostile_venue::HostileVenue, how_to_settle::HowToSettle,
        legs_probe::LegsProbe, options_book::OptionsBook, portfolio_bench::PortfolioBench,
        protection_desk::ProtectionDesk,
    };

    sol!(
        #[sol(all_derives)]
        CheckBeforeTrade,
        "../../tests/solidity/artifacts/CheckBeforeTrade.json"
    );
    sol!(
        #[sol(rpc, all_derives)]
        RfqVenue,
        "../../tests/solidity/artifacts/RfqVenue.json"
    );
    sol!(
        #[sol(all_derives)]
        UsdToken,
        "../../tests/solidity/artifacts/UsdToken.json"
    );
    sol!(
        #[sol(all_derives)]
        NoReturnToken,
        "../../tests/solidity/artifacts/NoReturnToken.json"
    );
    sol!(
        #[sol(all_derives)]
        FeeToken,
        "../../tests/solidity/artifacts/FeeToken.json"
    );
    sol!(
        #[sol(all_derives)]
        BlacklistToken,
        "../../tests/solidity/artifacts/BlacklistToken.json"
    );
    sol!(
        #[sol(all_derives)]
        FalseToken,
        "../../tests/solidity/artifacts/FalseToken.json"
    );
    sol!(
        #[sol(all_derives)]
        ReentrantToken,
        "../../tests/solidity/artifacts/ReentrantToken.json"
    );
    sol!(
        #[sol(all_derives)]
        FakeOracle,
        "../../tests/solidity/artifacts/FakeOracle.json"
    );
    sol!(
        #[sol(all_derives)]
        GasProbe,
        "../../tests/solidity/artifacts/GasProbe.json"
    );
    sol!(
        #[sol(all_derives)]
        IdsProbe,
        "../../tests/solidity/artifacts/IdsProbe.json"
    );
    sol!(
        #[sol(all_derives)]
        ContractWallet,
        "../../tests/solidity/artifacts/ContractWallet.json"
    );

    mod hostile_venue {
        alloy::sol!(
            #[sol(all_derives)]
            HostileVenue,
            "../../tests/solidity/artifacts/HostileVenue.json"
        );
    }

    mod protection_desk {
        alloy::sol!(
            #[sol(all_derives)]
            ProtectionDesk,
            "../../tests/solidity/artifacts/ProtectionDesk.json"
        );
    }

    mod how_to_settle {
        alloy::sol!(
            #[sol(all_derives)]
            HowToSettle,
            "../../tests/solidity/artifacts/HowToSettle.json"
        );
    }

    /// With its copy of the risk model's structs.
    pub mod legs_probe {
        alloy::sol!(
            #[sol(all_derives)]
            LegsProbe,
            "../../tests/solidity/artifacts/LegsProbe.json"
        );
    }

    /// With its copy of the risk model's structs.
    pub mod options_book {
        alloy::sol!(
            #[sol(all_derives)]
            OptionsBook,
            "../../tests/solidity/artifacts/OptionsBook.json"
        );
    }

    /// With its copy of the risk model's structs.
    pub mod portfolio_bench {
        alloy::sol!(
            #[sol(all_derives)]
            PortfolioBench,
            "../../tests/solidity/artifacts/PortfolioBench.json"
        );
    }

    pub mod greeks_reader {
        alloy::sol!(
            #[sol(all_derives)]
            GreeksReader,
            "../../tests/solidity/artifacts/GreeksReader.json"
        );
    }
}

/// The chain's own contracts.
pub mod arbitrum {
    use alloy::{
        primitives::{Address, address},
        sol,
    };

    /// `ArbWasm`: activation and facts of programs.
    pub const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");
    /// `ArbWasmCache`: which programs are cached.
    pub const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");
    /// `ArbOwner`: parameters of the chain.
    pub const ARB_OWNER: Address = address!("0000000000000000000000000000000000000070");
    /// `ArbDebug`: development chains only.
    pub const ARB_DEBUG: Address = address!("00000000000000000000000000000000000000ff");

    sol! {
        #[sol(all_derives)]
        interface ArbWasm {
            event ProgramActivated(
                bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version
            );
            error ProgramNotWasm();
            error ProgramNotActivated();
            error ProgramUpToDate();
            error ProgramKeepaliveTooSoon(uint64 ageInSeconds);
            error ProgramInsufficientValue(uint256 have, uint256 want);
            function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
            function codehashVersion(bytes32 codehash) external view returns (uint16 version);
            function programInitGas(address program) external view returns (uint64 gas, uint64 gasWhenCached);
            function programMemoryFootprint(address program) external view returns (uint16 footprint);
        }

        #[sol(all_derives)]
        interface ArbWasmCache {
            function isCacheManager(address manager) external view returns (bool);
            function allCacheManagers() external view returns (address[] memory managers);
            function cacheProgram(address program) external;
            function codehashIsCached(bytes32 codehash) external view returns (bool);
        }

        #[sol(all_derives)]
        interface ArbOwner {
            function setL1PricePerUnit(uint256 price) external;
            function addWasmCacheManager(address manager) external;
        }

        #[sol(all_derives)]
        interface ArbDebug {
            function becomeChainOwner() external;
        }

        #[sol(all_derives)]
        interface StylusDeployer {
            event ContractDeployed(address deployedContract);
            function deploy(bytes bytecode, bytes initData, uint256 initValue, bytes32 salt)
                external payable returns (address);
        }
    }
}
