//! The risk model: books of options in a contract's storage, and every function on one of 64.

use alloy::{
    primitives::{Address, B256},
    sol_types::SolCall,
};
use anyhow::{Result, ensure};
use plimsoll_e2e::{
    risk::standard,
    stored_book::{StoredBook, strip},
    table::{grouped, markdown},
};
use plimsoll_harness::{
    bindings::IPlimsollRiskModel::{self, Move, Portfolio, setParamsCall, setShortfallCall},
    gas::{GasProfile, Place},
    prelude::*,
};
use serde_json::{Value, json};

use crate::bench::{Bench, Rows};

/// Days to the expiries of a book.
const DAYS: [u32; 4] = [7, 30, 60, 90];
const SCENARIOS: u64 = 33;
const MOVES: u64 = 500;

/// What stands above the table of books.
const BOOKS: &str = "Gas of a transaction of its own in which a Solidity contract (`PortfolioBench.sol`) reads a book of \
options and its surfaces from its storage, one cold slot a leg and four an expiry, and has the risk model assess it under \
the 33 standard scenarios; half of the legs are short, all strikes differ. The last rows revalue the book in 500 moves of \
an expected shortfall as well. One option with four expiries is left out: a model does not count what no leg needs.

Storage is what reads of storage cost, 2,100 where the slot is cold, the contract's and the model's. Compute is the \
instructions of the model's programs, its decoding and encoding included, without host functions. Calls and base are all \
the rest: the transaction's 21,000 and calldata, the contract's own instructions, calls, starts of programs, host \
functions. An option-scenario is compute over options times scenarios and moves; its budget is 40 at 64 options, and with \
few what is done once for all weighs more.";

/// A book that was assessed.
#[derive(Debug)]
pub(crate) struct Book {
    options: u64,
    expiries: usize,
    moves: u64,
    receipt: (u64, Vec<u8>),
    split: Option<Split>,
}

/// Where its gas went.
#[derive(Clone, Copy, Debug)]
struct Split {
    storage: u64,
    compute: u64,
}

impl Book {
    fn case(&self) -> String {
        let options = if self.options == 1 { "option" } else { "options" };
        let expiries = if self.expiries == 1 { "expiry" } else { "expiries" };
        let moves = if self.moves == 0 { String::new() } else { format!(", {} moves", self.moves) };
        format!("{} {options}, {} {expiries}{moves}", self.options, self.expiries)
    }

    const fn budget(&self) -> Option<u128> {
        match (self.options, self.moves) {
            (64, 0) => Some(300_000),
            (128, 0) => Some(560_000),
            (64, _) => Some(1_600_000),
            _ => None,
        }
    }

    /// Its row of the table; without a split on a node that has no profile.
    fn row(&self) -> Vec<String> {
        let gas = self.receipt.0;
        let split = self.split.map(|Split { storage, compute }| {
            let tenths = compute * 10 / (self.options * (SCENARIOS + self.moves));
            [
                grouped(storage.into()),
                grouped(compute.into()),
                grouped(gas.saturating_sub(storage + compute).into()),
                format!("{}.{}", tenths / 10, tenths % 10),
            ]
        });
        let scenarios = if self.moves == 0 { String::new() } else { format!(" + {}", self.moves) };
        let mut row = vec![
            self.options.to_string(),
            self.expiries.to_string(),
            format!("{SCENARIOS}{scenarios}"),
            grouped(gas.into()),
            self.budget().map_or_else(|| "-".to_owned(), grouped),
        ];
        row.extend(split.unwrap_or([const { String::new() }; 4]));
        row
    }
}

/// The table of books, with what stands above it.
pub(crate) fn table(books: &[Book]) -> String {
    let head = [
        "options",
        "expiries",
        "scenarios",
        "gas",
        "budget",
        "storage",
        "compute",
        "calls and base",
        "an option-scenario",
    ];
    let rows: Vec<_> = books.iter().map(Book::row).collect();
    format!("\n## Portfolio margin\n\n{BOOKS}\n\n{}", markdown(0, &head, &rows))
}

/// The same as transactions, for a file that is compared with another node's.
pub(crate) fn note(books: &[Book], rows: &mut Rows) {
    for book in books {
        rows.note::<IPlimsollRiskModel::assessCall>(&book.case(), book.receipt.0, &book.receipt.1);
    }
}

/// Everything of the risk model.
pub(crate) async fn all(bench: &Bench, rows: &mut Rows) -> Result<Vec<Book>> {
    let (world, owner) = (&bench.world, &bench.world.owner);
    let model = world.deploy_risk_model().await?;
    let params = setParamsCall { underlying: BTC, params: standard() };
    ensure!(params.params.scenarios.len() as u64 == SCENARIOS, "another number of scenarios");
    bench.send_to(rows, "33 scenarios, new", model, owner, &params).await?;
    bench.send_to(rows, "33 scenarios, replaced", model, owner, &params).await?;

    let book = StoredBook::deploy(&world.chain, owner, model).await?;
    let mut books = Vec::new();
    for options in [1, 16, 32, 64, 128] {
        for expiries in [1, DAYS.len()] {
            if expiries as u64 <= options {
                books.push(assess(bench, &book, options, expiries, 0).await?);
            }
        }
    }
    views(bench, rows, model).await?;

    let tail = shortfall();
    bench.send_to(rows, "500 moves, new", model, owner, &tail).await?;
    bench.send_to(rows, "500 moves, replaced", model, owner, &tail).await?;
    bench.view_of(rows, "500 moves", model, &IPlimsollRiskModel::shortfallCall { underlying: BTC }).await?;
    for expiries in [1, DAYS.len()] {
        books.push(assess(bench, &book, 64, expiries, MOVES).await?);
    }

    let pending = world.user("next risk owner").await?;
    let call = IPlimsollRiskModel::transferOwnershipCall { pending: pending.address() };
    bench.send_to(rows, "", model, owner, &call).await?;
    bench.send_to(rows, "", model, &pending, &IPlimsollRiskModel::acceptOwnershipCall {}).await?;
    Ok(books)
}

/// Stores a book and has it assessed.
async fn assess(bench: &Bench, book: &StoredBook, options: u64, expiries: usize, moves: u64) -> Result<Book> {
    let (chain, owner) = (&bench.world.chain, &bench.world.owner);
    let portfolio = strip(options, &DAYS[..expiries]);
    let receipt = book.assess(chain, owner, &portfolio).await?;
    let split = match bench.world.node.is_embedded() {
        true => Some(split(chain, receipt.transaction_hash).await?),
        false => None,
    };
    let receipt = (receipt.gas(), StoredBook::call(&portfolio).abi_encode());
    Ok(Book { options, expiries, moves, receipt, split })
}

/// Where the gas of a transaction went: reads of storage by the EVM's own trace and the programs' host functions, instructions
/// of programs by their profile.
async fn split(chain: &Chain, transaction: B256) -> Result<Split> {
    let profile = GasProfile::fetch(chain, transaction).await?;
    let ink = |of: fn(&Place) -> bool| {
        let found: i64 = profile.nodes.iter().filter(|node| of(&node.place)).map(|node| node.ink).sum();
        found.unsigned_abs() / profile.ink_price
    };
    let compute = ink(|place| matches!(place, Place::Function { .. }));
    let hosts = ink(|place| matches!(place, Place::Host { name } if name.starts_with("storage_")));
    let question = (transaction, json!({ "disableStack": true, "disableStorage": true }));
    let trace: Value = chain.request("debug_traceTransaction", question).await?;
    let steps = trace["structLogs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let reads: u64 =
        steps.iter().filter(|step| step["op"] == "SLOAD").filter_map(|step| step["gasCost"].as_u64()).sum();
    ensure!(compute > 0 && hosts > 0 && reads > 0, "no profile of the transaction");
    Ok(Split { storage: hosts + reads, compute })
}

/// Moves of spot within 30 % and of volatility within 40 %, no two alike, in no order; the mean of the worst 2.5 %.
fn shortfall() -> setShortfallCall {
    // Strides that share no factor with the number of moves visit each place once.
    let at = |i: u64, stride: u64| (i * stride % MOVES) as i32 - MOVES as i32 / 2;
    let moves = (0..MOVES).map(|i| Move { spot: at(i, 263) * 120_000, vol: at(i, 131) * 160_000 }).collect();
    setShortfallCall { underlying: BTC, share: WAD as u64 / 40, binding: true, moves }
}

/// Every view, on 64 options of four expiries where it asks for a portfolio, without an expected shortfall.
async fn views(bench: &Bench, rows: &mut Rows, at: Address) -> Result<()> {
    let book = || strip(64, &DAYS);
    let case = "64 options, 4 expiries";
    bench.view_of(rows, case, at, &IPlimsollRiskModel::assessCall { portfolio: book() }).await?;
    bench.view_of(rows, case, at, &IPlimsollRiskModel::scenariosCall { portfolio: book() }).await?;
    bench.view_of(rows, case, at, &IPlimsollRiskModel::greeksCall { portfolio: book() }).await?;
    let attribute = IPlimsollRiskModel::attributeCall { portfolio: book(), scenario: 0 };
    bench.view_of(rows, case, at, &attribute).await?;
    let worst = IPlimsollRiskModel::worstMoveCall {
        portfolio: book(),
        low: -30_000_000,
        high: 30_000_000,
        vols: vec![-20_000_000, 0, 40_000_000],
    };
    bench.view_of(rows, &format!("{case}, spot within 30 %, 3 volatilities"), at, &worst).await?;
    // With the last, no price is short, and the search goes all the way both ways.
    for (cash, both, found) in
        [(10_000, true, "a price on both sides"), (1_000_000, false, "no price on either side")]
    {
        let range = IPlimsollRiskModel::liquidationRangeCall {
            portfolio: Portfolio { cash: cash * WAD as i128, ..book() },
            step: 5_000_000,
            volatility: WAD * 6 / 10,
            horizon: 86_400,
        };
        let prices = bench.world.chain.call(at, &range).await?;
        ensure!((prices.below > 0, prices.above > 0) == (both, both), "not {found}");
        bench.view_of(rows, &format!("{case}, steps of 5 %, {found}"), at, &range).await?;
    }
    let together = IPlimsollRiskModel::assessTogetherCall {
        portfolios: vec![book()],
        loadings: vec![WAD as u64 / 2],
        floor: WAD as u64 / 5,
    };
    bench.view_of(rows, &format!("one underlying, {case}"), at, &together).await?;
    bench.view_of(rows, "33 scenarios", at, &IPlimsollRiskModel::paramsCall { underlying: BTC }).await?;
    bench.view_of(rows, "", at, &IPlimsollRiskModel::compiledCall { underlying: BTC }).await?;
    bench.view_of(rows, "six", at, &IPlimsollRiskModel::modulesCall {}).await?;
    bench.view_of(rows, "", at, &IPlimsollRiskModel::ownerCall {}).await?;
    bench.view_of(rows, "", at, &IPlimsollRiskModel::pendingOwnerCall {}).await
}
