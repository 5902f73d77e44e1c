//! Numbers as people read them.

use plimsoll_harness::ids::WAD;

/// Whole number with separators of thousands.
pub(crate) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// WAD of dollars, rounded to whole ones.
pub(crate) fn dollars(wad: u128) -> String {
    format!("${}", grouped((wad + WAD / 2) / WAD))
}

/// Signed WAD with all its 18 digits, for a ledger.
pub(crate) fn exact(wad: i128) -> String {
    let (whole, rest) = (wad.unsigned_abs() / WAD, wad.unsigned_abs() % WAD);
    format!("{}{}.{rest:018}", if wad < 0 { "-" } else { "" }, grouped(whole))
}

/// WAD as a percentage.
pub(crate) fn percent(wad: u128) -> String {
    let hundredths = (wad + WAD / 20_000) / (WAD / 10_000);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// Signed WAD units with two digits.
pub(crate) fn units(wad: i128) -> String {
    let hundredths = (wad.unsigned_abs() + WAD / 200) / (WAD / 100);
    let sign = if wad < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", grouped(hundredths / 100), hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_separates_thousands() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"],
            [0, 999, 1_000, 1_234_567].map(grouped).each_ref().map(String::as_str)
        );
    }

    #[test]
    fn dollars_and_percent_round_to_the_nearest() {
        assert_eq!(dollars(1_500_000_000_000_000_000), "$2");
        assert_eq!(percent(WAD / 8), "12.50 %");
        assert_eq!(percent(WAD / 3), "33.33 %");
    }

    #[test]
    fn exact_and_units_keep_the_sign() {
        assert_eq!(exact(-1), "-0.000000000000000001");
        assert_eq!(exact(1_234 * WAD as i128), "1,234.000000000000000000");
        assert_eq!(units(-(WAD as i128) * 3 / 2), "-1.50");
    }
}
