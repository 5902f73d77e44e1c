//! The functions whose accuracy, gas and time `ARITHMETIC.md` lists, and the inputs on which they are tried.
//!
//! **To add a function**: one entry in [`FUNCTIONS`], with a [`Formula`] that says what it should give. The same table is
//! compiled into the program that runs on the node, timed natively, and compared with 256 bits; where solady or prb-math
//! have the function, `ArithmeticBench.sol` runs it under the numbers given here.

#![no_std]

use plimsoll_fixed::{
    Overflow, WAD, atan_wad,
    binary::{Scale, normal_cdf},
    exp_wad, ln_wad, log2_wad, normal_cdf_wad, normal_pdf_wad, pow_wad, sqrt_wad_floor, student_t3_tail_wad,
};

const ONE: i128 = WAD as i128;
/// How many inputs each function is tried on.
pub const INPUTS: usize = 256;
/// What stands for the result of a function that refuses its arguments, or whose result is beyond 128 bits. No result
/// is this.
pub const REFUSED: i128 = i128::MIN;

/// What a function should give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// Its first argument: the loop without a function.
    Nothing,
    /// e^x
    Exp,
    /// The natural logarithm.
    Ln,
    /// The logarithm to base 2.
    Log2,
    /// The square root.
    Sqrt,
    /// x^y
    Pow,
    /// The normal distribution function.
    NormalCdf,
    /// The normal density.
    NormalPdf,
    /// The upper tail of Student's t with three degrees of freedom.
    StudentTail,
    /// The arctangent.
    Atan,
    /// x*y
    Product,
    /// 1/x
    Inverse,
}

/// How a function's arguments and result stand for numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// WAD.
    Wad,
    /// Arguments with 57 fractional bits, a result with 62.
    Binary,
    /// [`Scale`]: the exponent above the 64 bits of the mantissa.
    Scale,
}

/// A function of two numbers (most ignore the second) and how it is tried.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name in the table.
    pub name: &'static str,
    /// What its inputs are, in the table's words.
    pub domain: &'static str,
    /// What it should give.
    pub formula: Formula,
    /// What its arguments and its result are written in.
    pub numbers: Numbers,
    /// The function; [`REFUSED`] where it gives none.
    pub call: fn(i128, i128) -> i128,
    /// Arguments from two words of random bits, written as `numbers` says.
    pub input: fn(u64, u64) -> (i128, i128),
    /// Its number in `ArithmeticBench.sol` as solady has it.
    pub solady: Option<u8>,
    /// Its number there as prb-math has it.
    pub prb: Option<u8>,
}

/// Everything in the table, in its order. The first is the empty loop.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "nothing",
        domain: "",
        formula: Formula::Nothing,
        numbers: Numbers::Wad,
        call: |x, _| x,
        input: |u, _| (between(0, 1, u), 0),
        solady: Some(0),
        prb: Some(0),
    },
    Function {
        name: "exp",
        domain: "-40 to 1",
        formula: Formula::Exp,
        numbers: Numbers::Wad,
        call: |x, _| or_refused(exp_wad(x)),
        input: |u, _| (between(-40, 1, u), 0),
        solady: Some(1),
        prb: Some(11),
    },
    Function {
        name: "exp",
        domain: "1 to 40",
        formula: Formula::Exp,
        numbers: Numbers::Wad,
        call: |x, _| or_refused(exp_wad(x)),
        input: |u, _| (between(1, 40, u), 0),
        solady: Some(1),
        prb: Some(11),
    },
    Function {
        name: "ln",
        domain: "1e-15 to 1e15",
        formula: Formula::Ln,
        numbers: Numbers::Wad,
        call: |x, _| or_refused(ln_wad(x as u128)),
        input: |u, _| (spread(11, 110, u), 0),
        solady: Some(2),
        prb: Some(12),
    },
    Function {
        name: "log2",
        domain: "1e-15 to 1e15",
        formula: Formula::Log2,
        numbers: Numbers::Wad,
        call: |x, _| or_refused(log2_wad(x as u128)),
        input: |u, _| (spread(11, 110, u), 0),
        solady: None,
        prb: Some(13),
    },
    Function {
        name: "sqrt",
        domain: "1e-15 to 1e15",
        formula: Formula::Sqrt,
        numbers: Numbers::Wad,
        call: |x, _| sqrt_wad_floor(x as u128) as i128,
        input: |u, _| (spread(11, 110, u), 0),
        solady: Some(4),
        prb: Some(14),
    },
    Function {
        name: "pow",
        domain: "x 0.07 to 18, y -4 to 4",
        formula: Formula::Pow,
        numbers: Numbers::Wad,
        call: |x, y| or_refused(pow_wad(x as u128, y)),
        input: |u, v| (spread(57, 64, u), between(-4, 4, v)),
        solady: Some(5),
        prb: Some(15),
    },
    Function {
        name: "normal cdf",
        domain: "-8 to 8",
        formula: Formula::NormalCdf,
        numbers: Numbers::Wad,
        call: |x, _| normal_cdf_wad(x) as i128,
        input: |u, _| (between(-8, 8, u), 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "normal pdf",
        domain: "-8 to 8",
        formula: Formula::NormalPdf,
        numbers: Numbers::Wad,
        call: |x, _| normal_pdf_wad(x) as i128,
        input: |u, _| (between(-8, 8, u), 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "t(3) tail",
        domain: "-20 to 20",
        formula: Formula::StudentTail,
        numbers: Numbers::Wad,
        call: |x, _| student_t3_tail_wad(x) as i128,
        input: |u, _| (between(-20, 20, u), 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "atan",
        domain: "1e-8 to 1e8",
        formula: Formula::Atan,
        numbers: Numbers::Wad,
        call: |x, _| atan_wad(x),
        input: |u, _| (spread(34, 86, u), 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "binary normal cdf",
        domain: "-8 to 8",
        formula: Formula::NormalCdf,
        numbers: Numbers::Binary,
        call: |x, _| i128::from(normal_cdf(x as i64)),
        input: |u, _| (between(-8, 8, u) * (1 << 57) / ONE, 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "Scale times",
        domain: "1e-9 to 5e8, both",
        formula: Formula::Product,
        numbers: Numbers::Scale,
        call: |x, y| packed(scale(x).zip(scale(y)).map(|(x, y)| x.times(y))),
        input: |u, v| (spread_scale(u), spread_scale(v)),
        solady: None,
        prb: None,
    },
    Function {
        name: "Scale inverse",
        domain: "1e-9 to 5e8",
        formula: Formula::Inverse,
        numbers: Numbers::Scale,
        call: |x, _| packed(scale(x).and_then(Scale::inverse)),
        input: |u, _| (spread_scale(u), 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "Scale root",
        domain: "1e-9 to 5e8",
        formula: Formula::Sqrt,
        numbers: Numbers::Scale,
        call: |x, _| packed(scale(x).map(Scale::root)),
        input: |u, _| (spread_scale(u), 0),
        solady: None,
        prb: None,
    },
];

fn or_refused<T: TryInto<i128>>(result: Result<T, Overflow>) -> i128 {
    result.ok().and_then(|found| found.try_into().ok()).unwrap_or(REFUSED)
}

/// A [`Scale`] of its words; none of other words.
#[must_use]
pub fn scale(words: i128) -> Option<Scale> {
    Scale::from_parts(words as u64, i32::try_from(words >> 64).ok()?)
}

fn packed(number: Option<Scale>) -> i128 {
    number.map_or(REFUSED, |number| {
        let (mantissa, exponent) = number.parts();
        (i128::from(exponent) << 64) | i128::from(mantissa)
    })
}

// Arguments come from random bits by shifts and products alone, not by functions of the table.

/// The words of a [`Scale`] from 2^-30 to 2^29, each exponent as likely.
fn spread_scale(u: u64) -> i128 {
    ((i128::from(below(59, u)) - 93) << 64) | i128::from(splitmix(u) | (1 << 63))
}

/// From `low` to `high`, WAD, evenly.
fn between(low: i128, high: i128, u: u64) -> i128 {
    low * ONE + (high - low) * ((i128::from(u) * ONE) >> 64)
}

/// A number of `least` to `most` bits, at most 127, each length as likely.
fn spread(least: u32, most: u32, u: u64) -> i128 {
    let bits = least + below(most - least + 1, u);
    let random = (u128::from(splitmix(u)) << 64) | u128::from(splitmix(!u));
    ((random | (1 << 127)) >> (128 - bits)) as i128
}

/// A number below `end`, evenly.
fn below(end: u32, u: u64) -> u32 {
    ((u128::from(u) * u128::from(end)) >> 64) as u32
}

/// The arguments of one trial of a function: the same on every machine.
#[must_use]
pub fn input(function: &Function, trial: usize) -> (i128, i128) {
    let first = 2 * trial as u64;
    (function.input)(splitmix(first), splitmix(first + 1))
}

/// The n-th number of SplitMix64.
const fn splitmix(n: u64) -> u64 {
    let mut z = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
