//! The whole ledger, read through the lens at the latest block, against the book.

use alloy::primitives::{B256, U256};
use anyhow::{Context, Result, ensure};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::{self, MarketState, PositionView, PotView, RungView, Totals},
        IToken,
    },
    ids::QUOTE_SCALE,
    prelude::*,
};
use plimsoll_model::{AccountId, Book, MarketId, Use};
use plimsoll_risk::{
    ladder::{Ground, Held, Pot, Rung, Side},
    oracle,
};

use super::{Pair, account, revert_data};

/// An account's margin, and the worst status of its prices: what `marginOf` gives.
///
/// # Errors
/// When a sum does not fit.
pub fn margin(book: &Book, id: AccountId) -> Result<IPlimsoll::Margin> {
    let margin = book.margin_of(id, Use::Trading)?;
    let mut worst = oracle::Status::Fresh.code();
    for market in book.account(id).markets {
        let state = book.market(market)?;
        worst = oracle::worse(worst, oracle::status(&state.price, &state.ages, book.now).code());
    }
    Ok(IPlimsoll::Margin {
        equity: margin.equity,
        stress: margin.stress,
        initialEquity: margin.initial_equity,
        ripe: margin.ripe,
        initial: margin.initial,
        maintenance: margin.maintenance,
        backstop: margin.backstop_ceil(),
        priceStatus: worst,
    })
}

fn market_state(book: &Book, market: MarketId) -> Result<MarketState> {
    let (state, moment) = (book.market(market)?, book.moment(market)?);
    let (funding, _) = book.accrued(market)?;
    let mut estate = state.estate;
    if estate.waits() {
        estate.catch_up(funding.index).ok().context("an estate")?;
    }
    Ok(MarketState {
        fundingIndex: funding.index,
        fundingRate: funding.rate,
        nextFundingRate: state.params.funding.rate_floor(funding.premiums, funding.notional),
        usable: funding.usable,
        window: moment.window,
        generation: state.generation,
        clockStands: state.stands,
        openInterest: state.open_interest,
        badDebt: state.bad_debt,
        dust: state.dust,
        insurance: book.insurance_available(Some(market))?,
        estateCash: estate.cash,
        estateSize: estate.size,
        estateBasis: estate.basis,
        lastFill: state.last_fill,
        lastPass: state.last_pass,
    })
}

fn rungs(book: &Book, market: MarketId, side: Side) -> Result<Vec<RungView>> {
    let ladder = &book.market(market)?.ladder;
    let live = ladder.live.iter().filter(|at| at.side == side);
    Ok(live
        .map(|&at| {
            let Rung { size, basis, members, indices } = ladder.rung(at);
            RungView {
                tick: at.tick,
                generation: at.generation,
                retired: indices.retired(),
                members,
                size,
                basis,
                sizeIndex: indices.size,
                basisIndex: indices.basis,
                moved: indices.moved,
                fundingIndex: indices.funding,
            }
        })
        .collect())
}

fn pots(book: &Book, market: MarketId) -> Result<Vec<PotView>> {
    let ladder = &book.market(market)?.ladder;
    let queue = ladder.queue.iter();
    Ok(queue
        .map(|&(window, generation)| {
            let Pot { sum, kept } = ladder.pot(window, generation);
            PotView { window, generation, sum, kept }
        })
        .collect())
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, contract: &T, model: &T) -> Result<()> {
    ensure!(contract == model, "{what}\ncontract: {contract:?}\nmodel:    {model:?}");
    Ok(())
}

impl Pair {
    /// Compares every account, market, rung, total and token balance exactly.
    ///
    /// # Errors
    /// At the first difference, or when the node does not answer.
    pub async fn compare(&self) -> Result<()> {
        let (markets, accounts) = tokio::join!(self.compare_markets(), self.compare_accounts());
        markets?;
        accounts?;
        self.compare_tokens().await?;
        self.compare_one().await
    }

    async fn compare_markets(&self) -> Result<()> {
        let World { chain, engine, .. } = &self.world;
        let markets: Vec<MarketId> = self.book.markets.keys().copied().collect();
        let states = chain
            .call_many(*engine, markets.iter().map(|&m| IPlimsoll::marketCall { instrument: perp(m) }))
            .await?;
        let sides: Vec<(MarketId, Side)> =
            markets.iter().flat_map(|&market| [(market, Side::Long), (market, Side::Short)]).collect();
        let calls = sides.iter().map(|&(market, side)| IPlimsoll::rungsCall {
            instrument: perp(market),
            long: side == Side::Long,
        });
        let ladders = chain.call_many(*engine, calls).await?;
        let calls = markets.iter().map(|&m| IPlimsoll::potsCall { instrument: perp(m) });
        let queues = chain.call_many(*engine, calls).await?;
        for (state, &market) in states.iter().zip(&markets) {
            same(&format!("market {market}"), state, &market_state(&self.book, market)?)?;
        }
        for (ladder, &(market, side)) in ladders.iter().zip(&sides) {
            same(&format!("rungs of market {market}, {side:?}"), ladder, &rungs(&self.book, market, side)?)?;
        }
        for (queue, &market) in queues.iter().zip(&markets) {
            same(&format!("pots of market {market}"), queue, &pots(&self.book, market)?)?;
        }
        let book = &self.book;
        let totals = Totals {
            insurance: book.insurance,
            fees: book.fees,
            badDebt: book.bad_debt(),
            tokens: book.tokens,
        };
        same("totals", &chain.call(*engine, &IPlimsoll::totalsCall {}).await?, &totals)
    }

    async fn compare_accounts(&self) -> Result<()> {
        let World { chain, engine, .. } = &self.world;
        let ids: Vec<B256> = self.accounts.iter().map(|&id| account(id)).collect();
        let views =
            chain.call_many(*engine, ids.iter().map(|&account| IPlimsoll::accountOfCall { account })).await?;
        let margins = chain.call(*engine, &IPlimsoll::marginsOfCall { accounts: ids }).await?;
        ensure!(margins.len() == self.accounts.len(), "{} margins", margins.len());
        for (number, (&id, (contract, contract_margin))) in
            self.accounts.iter().zip(views.iter().zip(&margins)).enumerate()
        {
            let model = self.book.account_of(id)?;
            same(&format!("cash of account {number}"), &contract.cash, &model.cash)?;
            let positions: Vec<PositionView> = model
                .positions
                .iter()
                .map(|p| (p.market, p.held))
                .filter(|(_, held)| held.size != 0 || held.basis != 0 || held.young != 0)
                .map(|(market, Held { size, basis, young, .. })| PositionView {
                    instrument: perp(market),
                    size,
                    basis,
                    young,
                })
                .collect();
            same(&format!("positions of account {number}"), &contract.positions, &positions)?;
            same(&format!("margin of account {number}"), contract_margin, &margin(&self.book, id)?)?;
        }
        Ok(())
    }

    async fn compare_tokens(&self) -> Result<()> {
        let World { chain, engine, token, .. } = &self.world;
        let mut expected = self.wallets.clone();
        let scale = U256::from(QUOTE_SCALE);
        ensure!(U256::from(self.book.tokens) % scale == U256::ZERO, "tokens held are no whole units");
        expected.insert(*engine, U256::from(self.book.tokens) / scale);
        let calls = expected.keys().map(|&owner| IToken::balanceOfCall { owner });
        for (held, (owner, expected)) in chain.call_many(*token, calls).await?.iter().zip(&expected) {
            same(&format!("tokens of {owner}"), held, expected)?;
        }
        Ok(())
    }

    /// The views of one account that take more than its balances: another one each step.
    async fn compare_one(&self) -> Result<()> {
        let World { chain, engine, .. } = &self.world;
        let (book, turn) = (&self.book, self.reached.steps as usize);
        let Some(&id) = self.accounts.get(turn % self.accounts.len().max(1)) else { return Ok(()) };
        let account = account(id);
        // Never more than the tokens that are there: while somebody is insolvent, others' profits may exceed them.
        let margin = margin(book, id)?;
        let free = u128::try_from(margin.ripe).unwrap_or(0).saturating_sub(margin.initial).min(book.tokens);
        let contract = chain.call(*engine, &IPlimsoll::freeCollateralCall { account }).await?;
        same("free collateral", &contract, &free)?;
        for &market in book.markets.keys() {
            let instrument = perp(market);
            let at = format!("account {} in market {market}", turn % self.accounts.len());
            let contract = chain.call(*engine, &IPlimsoll::positionOfCall { account, instrument }).await?;
            let model = book.held(id, market)?;
            let contract = (contract.size, contract.basis, contract.young);
            same(&at, &contract, &(model.size, model.basis, model.young))?;
            if let Ok(price) = book.liquidation_price(id, market) {
                let call = IPlimsoll::liquidationPriceCall { account, instrument };
                let contract = chain.call(*engine, &call).await?;
                same(&format!("liquidation price of {at}"), &contract, &price.unwrap_or(0))?;
            }
            let call = IPlimsoll::quoteLiquidationCall { account, instrument };
            match (chain.call(*engine, &call).await, book.quote_liquidation(id, market)) {
                (Ok(quote), Ok((takeover, _))) => {
                    let contract = (quote.size, quote.price, quote.mark);
                    let mark = book.market(market)?.price.price;
                    same(&format!("quote for {at}"), &contract, &(takeover.size, takeover.price, mark))?;
                }
                (Err(failure), Err(error)) => match failure {
                    Failure::Reverted(revert) => {
                        same(&format!("no quote for {at}"), &revert.data, &revert_data(&error))?;
                    }
                    Failure::Other(error) => return Err(error),
                },
                (contract, model) => anyhow::bail!("quote for {at}: {contract:?} against {model:?}"),
            }
        }
        Ok(())
    }
}
