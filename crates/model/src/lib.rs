//! The engine as a pure ledger in memory.
//!
//! [`Book`] keeps the state that the contract keeps, and has one function for each of the contract's acts on accounts,
//! markets and funds. Every rule is a call into [`plimsoll_risk`]. A random sequence of [`Step`]s, run here and on the
//! chain, must agree on every balance to the unit. The book is the reference of that differential test, checks invariants
//! cheaply, and serves as a simulator.
//!
//! The book also counts the roundings so far ([`Dust`]). Its checks ([`Book::identity`], [`Book::check`]) compare with
//! a bound that follows from the arithmetic.
//!
//! ```
//! use plimsoll_model::{AccountId, Ages, Book, Config, Fill, Params};
//! # fn params() -> Params { plimsoll_model::generate::ordinary_market() }
//! let mut book = Book::new(Config::default(), 1_000);
//! let (alice, bob) = (AccountId::from_number(1), AccountId::from_number(2));
//! book.list_market(1, params(), Ages { max_age: 60, max_age_late: 3_600 })?;
//! book.set_price(1, 10_000 * plimsoll_risk::WAD)?;
//! book.deposit(alice, 1_000_000_000)?; // 1,000 of a token with 6 decimals
//! book.deposit(bob, 1_000_000_000)?;
//! let size = plimsoll_risk::WAD as i128 / 10;
//! book.settle(&[Fill { taker: alice, maker: bob, market: 1, size, price: 10_000 * plimsoll_risk::WAD }])?;
//! assert_eq!(book.open_interest(1)?, size as u128);
//! # Ok::<(), plimsoll_model::Error>(())
//! ```

pub mod adversary;
pub mod generate;

mod account;
mod action;
mod book;
mod bury;
mod check;
mod cover_bad_debt;
mod deleverage;
mod deposit;
mod dust;
mod error;
mod fund_insurance;
mod holdings;
mod insurance;
mod liquidate;
mod market;
mod poke;
mod random;
mod settle;
mod tokens;
mod touch;
mod withdraw;
mod withdraw_fees;

pub use account::{Account, AccountId, AccountView, PositionView};
pub use action::{Action, Outcome, Step};
pub use book::{Book, Config, Use};
pub use bury::{Buried, Interred};
pub use check::{Discrepancy, Identity};
pub use deleverage::Pass;
pub use dust::Dust;
pub use error::Error;
pub use generate::{Generator, Options};
pub use liquidate::Liquidation;
pub use market::{Ladder, Market, MarketId};
pub use plimsoll_risk::{market::Params, oracle::Ages};
pub use settle::Fill;
