//! The whole ledger, read through the lens at the latest block, against the book.

use alloy::primitives::{B256, U256};
use anyhow::{Result, ensure};
use plimsoll_harness::{
    bindings::{
        IPlimsoll::{self, MarketState, PositionView, RungView, Totals},
        IToken,
    },
    ids::QUOTE_SCALE,
    prelude::*,
};
use plimsoll_model::{AccountId, Book, MarketId};
use plimsoll_risk::{
    ladder::Side,
    margin::{Exposure, Margin},
    oracle,
};

use super::{Pair, account, revert_data};

/// An account's margin at the last prices whatever their status, and the worst status: what `marginOf` gives.
///
/// # Errors
/// When a sum does not fit.
pub fn margin(book: &Book, id: AccountId) -> Result<IPlimsoll::Margin> {
    let view = book.account_of(id)?;
    let mut margin = Margin::of_cash(view.cash);
    let mut worst = oracle::Status::Fresh.code();
    for position in &view.positions {
        let state = book.market(position.market)?;
        let status = oracle::status(&state.price, &state.ages, book.now).code();
        worst = oracle::worse(worst, status);
        let exposure = Exposure {
            size: position.size,
            basis: position.basis,
            mark: state.price.price,
            open_interest: state.open_interest,
            params: &state.params.margin,
        };
        margin.add(&exposure).map_err(|_| anyhow::anyhow!("margin overflows"))?;
    }
    Ok(IPlimsoll::Margin {
        equity: margin.equity,
        initialEquity: margin.initial_equity,
        initial: margin.initial,
        maintenance: margin.maintenance,
        backstop: margin.backstop_ceil(),
        priceStatus: worst,
    })
}

fn market_state(book: &Book, market: MarketId) -> Result<MarketState> {
    let (state, funding) = (book.market(market)?, book.funding(market)?);
    Ok(MarketState {
        fundingIndex: funding.index,
        premium: funding.premium,
        fundingTime: funding.time,
        openInterest: state.open_interest,
        badDebt: state.bad_debt,
        dust: state.dust,
    })
}

fn rungs(book: &Book, market: MarketId, side: Side) -> Result<Vec<RungView>> {
    let ladder = book.market(market)?.ladder(side);
    let (mut rungs, mut at) = (Vec::new(), None);
    while let Some(tick) = ladder.next(side, at) {
        let (rung, tally) = ladder.rung(tick);
        rungs.push(RungView {
            tick,
            size: rung.size,
            basis: tally.basis,
            shrink: rung.shrink,
            index: rung.index,
            takenPerUnit: rung.taken,
            epoch: rung.epoch,
            members: tally.members,
        });
        at = Some(tick);
    }
    Ok(rungs)
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
        for (state, &market) in states.iter().zip(&markets) {
            same(&format!("market {market}"), state, &market_state(&self.book, market)?)?;
        }
        for (ladder, &(market, side)) in ladders.iter().zip(&sides) {
            same(&format!("rungs of market {market}, {side:?}"), ladder, &rungs(&self.book, market, side)?)?;
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
                .filter(|p| p.size != 0)
                .map(|p| PositionView { instrument: perp(p.market), size: p.size, basis: p.basis })
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
        let expected = margin(book, id)?;
        // Never more than the tokens that are there: while somebody is insolvent, others' profits may exceed them.
        let free = u128::try_from(expected.initialEquity).unwrap_or(0).saturating_sub(expected.initial);
        let free = free.min(book.tokens);
        let contract = chain.call(*engine, &IPlimsoll::freeCollateralCall { account }).await?;
        same("free collateral", &contract, &free)?;
        for &market in book.markets.keys() {
            let instrument = perp(market);
            let at = format!("account {} in market {market}", turn % self.accounts.len());
            let contract = chain.call(*engine, &IPlimsoll::positionOfCall { account, instrument }).await?;
            let model = book.position_of(id, market)?;
            same(&at, &(contract.size, contract.basis), &(model.size, model.basis))?;
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
