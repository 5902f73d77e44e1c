//! The integration tests of `e2e`: one executable, a module a file.

mod abi;
mod access;
mod check_trade;
mod collateral;
mod deleverage;
mod deleverage_scale;
mod differential;
mod funding;
mod gas_profile;
mod governance;
mod insurance;
mod liquidation;
mod margin;
mod options_book;
mod options_settlement;
mod oracle;
mod portfolio;
mod portfolio_params;
mod portfolio_properties;
mod portfolio_random;
mod portfolio_vectors;
mod portfolio_views;
#[path = "../../../../crates/risk/tests/it/support/random_portfolios.rs"]
mod random_portfolios;
mod reentry;
mod replay;
mod router;
mod solidity;
mod surfaces;
mod tokens;
mod trading;
mod views;
