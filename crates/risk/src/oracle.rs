//! What the price oracle accepts and what its prices may be used for.
//!
//! Prices are WAD (1e18) of the quote currency per unit of the underlying, times Unix seconds, ages seconds, moves
//! parts per million. Nothing here rounds: every comparison is exact.
//!
//! A price is *fresh* up to an age of `max_age` seconds: it may be used for everything. Up to `max_age_late` it is
//! *late*: liquidation may still use it, because liquidation must go on while reports are slow; trading may not. Beyond
//! that it is *stale*, and nothing may use it. A report that breaks any rule is refused, never clamped.

use plimsoll_fixed::{PPM, WAD};

/// Largest price, 1e8 quote per unit: what the engine's arithmetic is laid out for.
pub const MAX_PRICE: u128 = 100_000_000 * WAD;

/// Largest `max_age_late`, seconds: a week.
pub const MAX_AGE_LATE: u32 = 7 * 24 * 60 * 60;

/// Largest `max_move`, ppm: a doubling. Zero, not a large number, switches the rule off.
pub const MAX_MOVE: u32 = 1_000_000;

/// What a price may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// There is no price.
    Unset = 0,
    /// For everything.
    Fresh = 1,
    /// For liquidation only.
    Late = 2,
    /// For nothing.
    Stale = 3,
}

impl Status {
    /// The number that stands for the status in the ABI.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The status that an ABI number stands for, none for an unknown number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Unset),
            1 => Some(Self::Fresh),
            2 => Some(Self::Late),
            3 => Some(Self::Stale),
            _ => None,
        }
    }

    /// Whether an account may trade or withdraw at the price.
    #[must_use]
    pub const fn allows_trading(self) -> bool {
        matches!(self, Self::Fresh)
    }

    /// Whether an account may be liquidated at the price.
    #[must_use]
    pub const fn allows_liquidation(self) -> bool {
        matches!(self, Self::Fresh | Self::Late)
    }
}

/// A price as an oracle answers it. The status is kept as the number that the oracle gave. A number that is no [`Status`]
/// allows nothing, and views show it unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quote {
    /// Number of the [`Status`].
    pub code: u8,
    /// WAD of quote per unit of the underlying: the last good price, whatever the status.
    pub price: u128,
    /// When the price was observed, Unix seconds.
    pub time: u64,
    /// Usable seconds of the feed so far: those in which its price was fresh.
    pub usable: u32,
}

impl Quote {
    /// The status; `None` when the number is no [`Status`].
    #[must_use]
    pub const fn status(&self) -> Option<Status> {
        Status::from_code(self.code)
    }

    /// Whether an account may trade or withdraw at the price. A price of zero is none.
    #[must_use]
    pub const fn allows_trading(&self) -> bool {
        self.price > 0 && matches!(self.status(), Some(status) if status.allows_trading())
    }

    /// Whether an account may be liquidated, and funding accrue, at the price. A price of zero is none.
    #[must_use]
    pub const fn allows_liquidation(&self) -> bool {
        self.price > 0 && matches!(self.status(), Some(status) if status.allows_liquidation())
    }
}

/// The worse of two status numbers. From best to worst: fresh, late, stale, unknown numbers in their order, unset.
#[must_use]
pub const fn worse(a: u8, b: u8) -> u8 {
    // Unset is zero; one less wraps it beyond all others.
    if a.wrapping_sub(1) < b.wrapping_sub(1) { b } else { a }
}

/// A price and the time it was observed at. A zero price stands for none; its time then still bars older reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// WAD of quote per unit of the underlying.
    pub price: u128,
    /// Unix seconds.
    pub time: u64,
    /// Usable seconds of the feed up to `time`: those in which its price was fresh.
    pub usable: u32,
    /// How long after `time` a report came in that moves too far from this price, seconds; zero when none has. From then on
    /// the price is late, until a second report agrees with one of the two.
    pub doubted_after: u32,
}

impl Price {
    /// Usable seconds of the feed since `time`, up to `now`.
    const fn usable_since(&self, ages: &Ages, now: u64) -> u32 {
        if self.price == 0 {
            return 0;
        }
        let since = now.saturating_sub(self.time);
        let most = match self.doubted_after {
            0 => ages.max_age,
            doubted if doubted < ages.max_age => doubted,
            _ => ages.max_age,
        };
        if since < most as u64 { since as u32 } else { most }
    }

    /// Usable seconds of the feed up to `now`. Never falls, however reports come in: `min(x, a) + min(y, a) >= min(x + y, a)`.
    #[must_use]
    pub const fn usable_at(&self, ages: &Ages, now: u64) -> u32 {
        // Wraps back what `counting` took away; seconds fill the type in 136 years.
        self.usable.wrapping_add(self.usable_since(ages, now))
    }

    /// The same price under other ages, with `usable` seconds of the feed up to `now`: what an outage was stays one, and no second
    /// that counted is taken back. May stand below zero, wrapped, until [`Price::usable_at`] adds what it took away.
    #[must_use]
    pub const fn counting(&self, usable: u32, ages: &Ages, now: u64) -> Self {
        Self { usable: usable.wrapping_sub(self.usable_since(ages, now)), ..*self }
    }

    /// The price that follows this one.
    #[must_use]
    pub const fn followed_by(&self, price: u128, time: u64, ages: &Ages) -> Self {
        Self { price, time, usable: self.usable_at(ages, time), doubted_after: 0 }
    }

    /// The same price, doubted from `now` on because of a report that moves too far from it.
    #[must_use]
    pub const fn doubted(&self, now: u64) -> Self {
        let after = now.saturating_sub(self.time);
        let after = if after < MAX_AGE_LATE as u64 { after as u32 } else { MAX_AGE_LATE };
        Self { doubted_after: if self.doubted_after == 0 { after } else { self.doubted_after }, ..*self }
    }
}

/// For how long a price may be used, seconds. All zero: the feed does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ages {
    /// Fresh up to this age.
    pub max_age: u32,
    /// Late up to this age.
    pub max_age_late: u32,
}

impl Ages {
    /// Whether a feed with these ages exists.
    #[must_use]
    pub const fn exists(&self) -> bool {
        self.max_age != 0
    }
}

/// The band of prices that a feed accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Band {
    /// Smallest price, WAD.
    pub min_price: u128,
    /// Largest price, WAD.
    pub max_price: u128,
    /// Largest difference from a previous price that is still fresh, ppm of that price. Zero: no such rule.
    pub max_move: u32,
}

impl Band {
    /// Whether `price` lies within the band, ends included.
    #[must_use]
    pub const fn contains(&self, price: u128) -> bool {
        self.min_price <= price && price <= self.max_price
    }

    /// What stays of the last price under this band: one outside is withdrawn, since what would be refused as a report
    /// must not be served as a price. Its time stays, so that no older report can take its place.
    #[must_use]
    pub const fn kept(&self, last: &Price) -> Price {
        Price { price: if self.contains(last.price) { last.price } else { 0 }, ..*last }
    }
}

/// A parameter of a feed that is outside its hard bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum FeedError {
    /// `max_age` is zero or above `max_age_late`.
    MaxAge = 0,
    /// `max_age_late` is above [`MAX_AGE_LATE`].
    MaxAgeLate = 1,
    /// `min_price` is zero or above `max_price`.
    MinPrice = 2,
    /// `max_price` is above [`MAX_PRICE`].
    MaxPrice = 3,
    /// `max_move` is above [`MAX_MOVE`].
    MaxMove = 4,
}

impl FeedError {
    /// The position of the parameter in the feed's ABI struct.
    #[must_use]
    pub const fn index(self) -> u8 {
        self as u8
    }
}

/// Why a reported price is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportError {
    /// The underlying has no feed.
    UnknownFeed,
    /// The report is of the future.
    FromFuture,
    /// The report is not newer than the stored price, which is of `last`, Unix seconds.
    NotNewer {
        /// Time of the stored price.
        last: u64,
    },
    /// The report would not be fresh: the oldest that would is of `oldest`, Unix seconds.
    TooOld {
        /// Time of the oldest report that would be accepted.
        oldest: u64,
    },
    /// The price is outside the feed's band.
    OutOfBounds,
}

/// What becomes of a report that breaks no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Its price is the price from now on.
    Accepted,
    /// It moves too far from the last price, which is still fresh. It is not lost: the feed is late until a second report agrees
    /// with it or with the last price. So a true jump stops trading at the old price at once, and a false one moves nothing.
    Doubted,
}

/// What `last` may be used for at time `now`.
///
/// A price of the future has no age and counts as stale.
#[must_use]
pub const fn status(last: &Price, ages: &Ages, now: u64) -> Status {
    if last.price == 0 {
        return Status::Unset;
    }
    let Some(age) = now.checked_sub(last.time) else {
        return Status::Stale;
    };
    if age <= ages.max_age as u64 && last.doubted_after == 0 {
        Status::Fresh
    } else if age <= ages.max_age_late as u64 {
        Status::Late
    } else {
        Status::Stale
    }
}

/// Checks a feed's parameters against their hard bounds.
///
/// # Errors
/// The first parameter, in the order of [`FeedError`], that is outside.
pub const fn check_feed(ages: &Ages, band: &Band) -> Result<(), FeedError> {
    if ages.max_age == 0 || ages.max_age > ages.max_age_late {
        return Err(FeedError::MaxAge);
    }
    if ages.max_age_late > MAX_AGE_LATE {
        return Err(FeedError::MaxAgeLate);
    }
    if band.min_price == 0 || band.min_price > band.max_price {
        return Err(FeedError::MinPrice);
    }
    if band.max_price > MAX_PRICE {
        return Err(FeedError::MaxPrice);
    }
    if band.max_move > MAX_MOVE {
        return Err(FeedError::MaxMove);
    }
    Ok(())
}

/// Whether `price` differs from `last` by more than `max_move` ppm of `last`: `1e6 * |price - last| > max_move * last`.
///
/// # Overflow
/// A difference beyond `u128 / 1e6` counts as too far; prices up to [`MAX_PRICE`] never come near it.
#[must_use]
pub const fn moves_too_far(price: u128, last: u128, max_move: u32) -> bool {
    match price.abs_diff(last).checked_mul(PPM) {
        Some(difference) => difference > last.saturating_mul(max_move as u128),
        None => true,
    }
}

/// Judges one reported price against its feed, the price `last` stored for it, and the report `doubting` that has put it in
/// doubt, if one has.
///
/// # Errors
/// The first rule broken, in this order: the feed exists; the report is not of the future; it is newer than `last` and than
/// `doubting`; it is fresh; its price is within the band.
pub const fn judge_report(
    report: &Price,
    last: &Price,
    doubting: &Price,
    ages: &Ages,
    band: &Band,
    now: u64,
) -> Result<Judged, ReportError> {
    if !ages.exists() {
        return Err(ReportError::UnknownFeed);
    }
    if report.time > now {
        return Err(ReportError::FromFuture);
    }
    let doubted = last.doubted_after != 0;
    let newest = if doubted && doubting.time > last.time { doubting.time } else { last.time };
    if report.time <= newest {
        return Err(ReportError::NotNewer { last: newest });
    }
    let oldest = now.saturating_sub(ages.max_age as u64);
    if report.time < oldest {
        return Err(ReportError::TooOld { oldest });
    }
    if report.price == 0 || !band.contains(report.price) {
        return Err(ReportError::OutOfBounds);
    }
    // After a gap there is no previous price to compare with, or the feed could never recover.
    let compared = band.max_move != 0 && last.price != 0 && last.time >= oldest;
    if !compared || !moves_too_far(report.price, last.price, band.max_move) {
        return Ok(Judged::Accepted);
    }
    let seconded =
        doubted && doubting.time >= oldest && !moves_too_far(report.price, doubting.price, band.max_move);
    Ok(if seconded { Judged::Accepted } else { Judged::Doubted })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1_700_000_000;
    const AGES: Ages = Ages { max_age: 60, max_age_late: 600 };
    const BAND: Band = Band { min_price: WAD, max_price: 1_000_000 * WAD, max_move: 100_000 };

    const NONE: Price = price(0, 0);

    const fn price(price: u128, time: u64) -> Price {
        Price { price, time, usable: 0, doubted_after: 0 }
    }

    #[test]
    fn quotes_allow_what_their_status_does() {
        for (code, trading, liquidation) in
            [(0, false, false), (1, true, true), (2, false, true), (3, false, false), (4, false, false)]
        {
            let quote = Quote { code, price: WAD, ..Quote::default() };
            assert_eq!(
                (quote.allows_trading(), quote.allows_liquidation()),
                (trading, liquidation),
                "{code}"
            );
            let none = Quote { code, price: 0, ..Quote::default() };
            assert!(!none.allows_trading() && !none.allows_liquidation(), "{code} without a price");
        }
        assert_eq!(Quote { code: 4, price: 1, ..Quote::default() }.status(), None);
    }

    #[test]
    fn the_worse_of_two_statuses() {
        let ranked = [1, 2, 3, 4, u8::MAX, 0];
        for (i, a) in ranked.into_iter().enumerate() {
            for (j, b) in ranked.into_iter().enumerate() {
                assert_eq!(worse(a, b), ranked[i.max(j)], "{a} and {b}");
            }
        }
    }

    #[test]
    fn status_changes_at_the_ages() {
        for (age, expected) in [
            (0, Status::Fresh),
            (60, Status::Fresh),
            (61, Status::Late),
            (600, Status::Late),
            (601, Status::Stale),
            (NOW, Status::Stale),
        ] {
            assert_eq!(status(&price(WAD, NOW - age), &AGES, NOW), expected, "age {age}");
        }
    }

    #[test]
    fn band_keeps_what_it_holds_and_every_time() {
        for kept in [WAD, 1_000_000 * WAD] {
            assert_eq!(BAND.kept(&price(kept, NOW)), price(kept, NOW));
        }
        for outside in [WAD - 1, 1_000_000 * WAD + 1, u128::MAX, 0] {
            assert_eq!(BAND.kept(&price(outside, NOW)), price(0, NOW));
        }
    }

    #[test]
    fn status_of_no_price_is_unset_at_any_time() {
        for time in [0, NOW, u64::MAX] {
            assert_eq!(status(&price(0, time), &AGES, NOW), Status::Unset);
        }
    }

    #[test]
    fn status_of_a_price_of_the_future_is_stale() {
        assert_eq!(status(&price(WAD, NOW + 1), &AGES, NOW), Status::Stale);
    }

    #[test]
    fn status_codes_are_those_of_the_abi() {
        let all = [Status::Unset, Status::Fresh, Status::Late, Status::Stale];
        for (code, expected) in (0..).zip(all) {
            assert_eq!(expected.code(), code);
            assert_eq!(Status::from_code(code), Some(expected));
        }
        assert_eq!(Status::from_code(4), None);
        assert_eq!(all.map(Status::allows_trading), [false, true, false, false]);
        assert_eq!(all.map(Status::allows_liquidation), [false, true, true, false]);
    }

    #[test]
    fn check_feed_errors_name_the_parameter() {
        let ages = |max_age, max_age_late| check_feed(&Ages { max_age, max_age_late }, &BAND);
        assert_eq!(ages(1, 1), Ok(()));
        assert_eq!(ages(604_800, 604_800), Ok(()));
        assert_eq!(ages(0, 600), Err(FeedError::MaxAge));
        assert_eq!(ages(601, 600), Err(FeedError::MaxAge));
        assert_eq!(ages(1, 604_801), Err(FeedError::MaxAgeLate));

        let band = |min_price, max_price, max_move| {
            check_feed(&AGES, &Band { min_price, max_price, max_move }).map_err(FeedError::index)
        };
        assert_eq!(band(1, 1, 0), Ok(()));
        assert_eq!(band(1, 100_000_000 * WAD, 1_000_000), Ok(()));
        assert_eq!(band(0, 1, 0), Err(2));
        assert_eq!(band(2, 1, 0), Err(2));
        assert_eq!(band(1, 100_000_000 * WAD + 1, 0), Err(3));
        assert_eq!(band(1, 1, 1_000_001), Err(4));
    }

    #[test]
    fn judge_report_errors_in_order() {
        let last = price(100 * WAD, NOW - 10);
        let check = |report| judge_report(&report, &last, &NONE, &AGES, &BAND, NOW);
        assert_eq!(check(price(110 * WAD, NOW)), Ok(Judged::Accepted));
        assert_eq!(check(price(90 * WAD, NOW - 9)), Ok(Judged::Accepted));
        assert_eq!(check(price(0, NOW + 1)), Err(ReportError::FromFuture));
        assert_eq!(check(price(0, NOW - 10)), Err(ReportError::NotNewer { last: NOW - 10 }));
        assert_eq!(check(price(WAD - 1, NOW)), Err(ReportError::OutOfBounds));
        assert_eq!(check(price(1_000_000 * WAD + 1, NOW)), Err(ReportError::OutOfBounds));
        let too_far = Ok(Judged::Doubted);
        assert_eq!(check(price(110 * WAD + 1, NOW)), too_far);
        assert_eq!(check(price(90 * WAD - 1, NOW)), too_far);

        let none = Ages::default();
        let unknown = judge_report(&price(WAD, NOW), &NONE, &NONE, &none, &Band::default(), NOW);
        assert_eq!(unknown, Err(ReportError::UnknownFeed));
        let old = judge_report(&price(WAD, NOW - 61), &price(WAD, NOW - 99), &NONE, &AGES, &BAND, NOW);
        assert_eq!(old, Err(ReportError::TooOld { oldest: NOW - 60 }));
    }

    #[test]
    fn judge_report_has_no_previous_price_after_a_gap() {
        let report = price(1_000 * WAD, NOW);
        let check = |age| judge_report(&report, &price(WAD, NOW - age), &NONE, &AGES, &BAND, NOW);
        assert_eq!(check(60), Ok(Judged::Doubted));
        assert_eq!(check(61), Ok(Judged::Accepted));
        let withdrawn = price(0, NOW - 1);
        assert_eq!(judge_report(&report, &withdrawn, &NONE, &AGES, &BAND, NOW), Ok(Judged::Accepted));
        let no_rule = Band { max_move: 0, ..BAND };
        assert_eq!(
            judge_report(&report, &price(WAD, NOW - 1), &NONE, &AGES, &no_rule, NOW),
            Ok(Judged::Accepted)
        );
    }

    #[test]
    fn a_doubted_price_is_late_until_a_second_report_agrees() {
        let last = price(100 * WAD, NOW - 20);
        let jump = price(85 * WAD, NOW - 10);
        assert_eq!(judge_report(&jump, &last, &NONE, &AGES, &BAND, NOW - 10), Ok(Judged::Doubted));
        let doubted = last.doubted(NOW - 10);
        assert_eq!((status(&doubted, &AGES, NOW), doubted.usable_at(&AGES, NOW)), (Status::Late, 10));
        let judge = |report| judge_report(&report, &doubted, &jump, &AGES, &BAND, NOW);
        // one that agrees with either settles it, one that agrees with neither does not, nor one that is older
        assert_eq!(judge(price(84 * WAD, NOW)), Ok(Judged::Accepted));
        assert_eq!(judge(price(101 * WAD, NOW)), Ok(Judged::Accepted));
        assert_eq!(judge(price(60 * WAD, NOW)), Ok(Judged::Doubted));
        assert_eq!(judge(price(84 * WAD, NOW - 10)), Err(ReportError::NotNewer { last: NOW - 10 }));
        // a doubt that is no longer fresh seconds nothing
        let later = NOW + 55;
        let last = price(100 * WAD, NOW).doubted(NOW + 1);
        let at = |report| judge_report(&report, &last, &jump, &AGES, &BAND, later);
        assert_eq!(at(price(84 * WAD, later)), Ok(Judged::Doubted));
        assert_eq!(last.followed_by(WAD, later, &AGES).doubted_after, 0);
    }

    #[test]
    fn moves_too_far_at_the_extremes() {
        assert!(moves_too_far(u128::MAX, 0, u32::MAX));
        assert!(moves_too_far(u128::MAX, WAD, u32::MAX));
        assert!(moves_too_far(0, u128::MAX, 999_999));
        assert!(!moves_too_far(u128::MAX, u128::MAX, 0));
        assert!(!moves_too_far(0, MAX_PRICE, 1_000_000));
        assert!(moves_too_far(0, MAX_PRICE, 999_999));
    }

    prop_compose! {
        /// Numbers near the seams as well as anywhere.
        fn any_time()(time in prop_oneof![NOW - 700..NOW + 100, any::<u64>()]) -> u64 { time }
    }

    prop_compose! {
        fn any_price()(price in prop_oneof![0..=MAX_PRICE, 0..=3 * WAD, any::<u128>()]) -> u128 { price }
    }

    prop_compose! {
        fn any_feed()(
            max_age in 1..=700_u32, more in 0..=700_u32, min_price in 1..=MAX_PRICE, width in 0..=MAX_PRICE,
            max_move in 0..=MAX_MOVE,
        ) -> (Ages, Band) {
            let max_price = (min_price + width).min(MAX_PRICE);
            (Ages { max_age, max_age_late: max_age + more }, Band { min_price, max_price, max_move })
        }
    }

    proptest! {
        #[test]
        fn status_never_improves_with_time(
            (ages, _) in any_feed(), last in (1..=MAX_PRICE, any_time()), now in any_time(), wait in any::<u32>(),
        ) {
            let last = price(last.0, last.1);
            let later = now.saturating_add(wait.into());
            prop_assume!(now >= last.time);
            prop_assert!(status(&last, &ages, later).code() >= status(&last, &ages, now).code());
        }

        #[test]
        fn judge_report_admits_only_what_is_then_fresh_and_newer(
            (ages, band) in any_feed(), report in (any_price(), any_time()), last in (any_price(), any_time()),
            now in any_time(),
        ) {
            prop_assert_eq!(check_feed(&ages, &band), Ok(()));
            let (report, last) = (price(report.0, report.1), price(last.0, last.1));
            if judge_report(&report, &last, &NONE, &ages, &band, now).is_ok() {
                prop_assert_eq!(status(&report, &ages, now), Status::Fresh);
                prop_assert!(report.time > last.time);
                prop_assert!(report.price > 0 && report.price <= MAX_PRICE);
                // Once stored, neither itself nor anything as old is admitted.
                let again = judge_report(&report, &report, &NONE, &ages, &band, now);
                prop_assert_eq!(again, Err(ReportError::NotNewer { last: report.time }));
            }
        }

        #[test]
        fn judge_report_admits_every_good_report(
            (ages, band) in any_feed(), place in 0..=1000_u128, age in 0..700_u64, before in 1..1000_u64,
        ) {
            let inside = band.min_price + (band.max_price - band.min_price) * place / 1000;
            let report = price(inside, NOW - age.min(ages.max_age.into()));
            let last = price(0, report.time - before);
            prop_assert_eq!(judge_report(&report, &last, &NONE, &ages, &band, NOW), Ok(Judged::Accepted));
        }

        /// Against the definition in whole percentages of a price that they divide.
        #[test]
        fn moves_too_far_agrees_with_the_definition(unit in 1..=MAX_PRICE / 200, percent in 0..=100_u32, to in 0..=200_u32) {
            let (last, price) = (100 * unit, u128::from(to) * unit);
            prop_assert_eq!(moves_too_far(price, last, 10_000 * percent), to.abs_diff(100) > percent);
        }
    }

    #[test]
    fn usable_seconds_stop_at_the_age_of_the_price() {
        let ages = Ages { max_age: 60, max_age_late: 3_600 };
        let first = Price { price: WAD, time: 1_000, usable: 7, doubted_after: 0 };
        assert_eq!([1_000, 1_030, 1_060, 5_000].map(|now| first.usable_at(&ages, now)), [7, 37, 67, 67]);
        let next = first.followed_by(2 * WAD, 5_000, &ages);
        assert_eq!((next, next.usable_at(&ages, 5_010)), (Price { usable: 67, ..price(2 * WAD, 5_000) }, 77));
        // withdrawn: no price, no time
        assert_eq!(Price { price: 0, ..next }.usable_at(&ages, 9_000), 67);
    }
}
