//! The identity of the ledger: what the accounts, insurance and fees are worth is what the engine holds.

use std::fmt;

use alloy::primitives::{Address, B256};
use anyhow::{Context, Result, ensure};

use crate::{
    bindings::{IPlimsoll, IToken},
    chain::Chain,
    ids::QUOTE_SCALE,
};

/// The terms of `sum(cash) + sum(young) + sum(basis) + estates + insurance + fees - bad debt = tokens`, WAD of quote, with cash
/// and basis of every account and estate caught up. It does not depend on any price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Sum of cash.
    pub cash: i128,
    /// Sum of all young profit.
    pub young: u128,
    /// Sum of the bases of all positions.
    pub basis: i128,
    /// Cash and bases of the estates of all markets.
    pub estates: i128,
    /// Insurance fund.
    pub insurance: u128,
    /// Fees that the owner has not withdrawn.
    pub fees: u128,
    /// Losses that nobody has borne yet.
    pub bad_debt: u128,
    /// Quote tokens that the engine accounts for.
    pub tokens: u128,
    /// Left side less right side: zero but for the counted dust.
    pub difference: i128,
}

impl Identity {
    /// Reads every account and the totals at the latest block. The accounts must be all that ever held anything.
    ///
    /// # Errors
    /// When the node does not answer, a sum leaves its type, or the engine accounts for more than it holds.
    pub async fn read(chain: &Chain, engine: Address, accounts: &[B256]) -> Result<Self> {
        let calls = accounts.iter().map(|&account| IPlimsoll::accountOfCall { account });
        let states = chain.call_many(engine, calls).await?;
        let totals = chain.call(engine, &IPlimsoll::totalsCall {}).await?;
        let (quote, decimals) = {
            let quote = chain.call(engine, &IPlimsoll::quoteTokenCall {}).await?;
            (quote.token, quote.decimals)
        };
        let held = chain.call(quote, &IToken::balanceOfCall { owner: engine }).await?;
        let scale = if decimals == 6 { QUOTE_SCALE } else { 10_u128.pow(18 - u32::from(decimals.min(18))) };
        ensure!(
            held.saturating_mul(alloy::primitives::U256::from(scale))
                >= alloy::primitives::U256::from(totals.tokens),
            "the engine accounts for {} WAD of quote but holds {held} units",
            totals.tokens
        );
        let mut identity = Self {
            insurance: totals.insurance,
            fees: totals.fees,
            bad_debt: totals.badDebt,
            tokens: totals.tokens,
            ..Self::default()
        };
        for state in states {
            identity.cash = identity.cash.checked_add(state.cash).context("sum of cash")?;
            for position in state.positions {
                identity.basis = identity.basis.checked_add(position.basis).context("sum of bases")?;
                identity.young = identity.young.checked_add(position.young).context("sum of young profit")?;
            }
        }
        let instruments = chain.call(engine, &IPlimsoll::instrumentsCall {}).await?;
        let calls = instruments.iter().map(|&instrument| IPlimsoll::marketCall { instrument });
        for market in chain.call_many(engine, calls).await? {
            let estate = market.estateCash.checked_add(market.estateBasis);
            identity.estates =
                estate.and_then(|estate| identity.estates.checked_add(estate)).context("sum of estates")?;
        }
        identity.difference = identity.compute().context("the identity leaves its type")?;
        Ok(identity)
    }

    fn compute(&self) -> Option<i128> {
        let signed = |x: u128| i128::try_from(x).ok();
        self.cash
            .checked_add(self.basis)?
            .checked_add(signed(self.young)?)?
            .checked_add(self.estates)?
            .checked_add(signed(self.insurance)?)?
            .checked_add(signed(self.fees)?)?
            .checked_sub(signed(self.bad_debt)?)?
            .checked_sub(signed(self.tokens)?)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cash {} + young {} + basis {} + estates {} + insurance {} + fees {} - bad debt {} - tokens {} = {}",
            self.cash,
            self.young,
            self.basis,
            self.estates,
            self.insurance,
            self.fees,
            self.bad_debt,
            self.tokens,
            self.difference
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compute_balances_a_ledger_with_a_loss_nobody_bore() {
        // 100 deposited by each of two, 10 paid into insurance; one lost 130 to the other, who paid 5 of fees: 0 and 225
        // of cash, of which 20 are young and 5 lie in an estate, and 30 of bad debt
        let identity = Identity {
            cash: 200,
            young: 20,
            basis: 0,
            estates: 5,
            insurance: 10,
            fees: 5,
            bad_debt: 30,
            tokens: 210,
            difference: 0,
        };
        assert_eq!(identity.compute(), Some(0));
    }

    #[test]
    fn compute_overflow_is_no_number() {
        assert_eq!(Identity { cash: i128::MAX, fees: 1, ..Identity::default() }.compute(), None);
    }
}
