//! The functions whose accuracy, gas and time `ARITHMETIC.md` lists, and the inputs on which they are tried.
//!
//! **To add a function**: one entry in [`FUNCTIONS`], with a [`Formula`] that says what it should give. The same table is
//! compiled into the program that runs on the node, timed natively, and compared with 256 bits; where solady or prb-math
//! have the function, `ArithmeticBench.sol` runs it under the numbers given here.

#![no_std]

use plimsoll_fixed::{
    WAD, atan_wad,
    binary::{Scale, normal_cdf},
    exp_wad, ln_wad, log2_wad, normal_cdf_wad, normal_pdf_wad, pow_wad, sqrt_wad_floor, student_t3_tail_wad,
};

const ONE: i128 = WAD as i128;
/// How many inputs each function is tried on.
pub const INPUTS: usize = 256;

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
    /// The function.
    pub call: fn(i128, i128) -> i128,
    /// Arguments from two uniform numbers below one (WAD), written as `numbers` says.
    pub input: fn(i128, i128) -> (i128, i128),
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
        input: |u, _| (u, 0),
        solady: Some(0),
        prb: Some(0),
    },
    Function {
        name: "exp",
        domain: "-40 to 1",
        formula: Formula::Exp,
        numbers: Numbers::Wad,
        call: exp,
        input: |u, _| (between(-40, 1, u), 0),
        solady: Some(1),
        prb: Some(11),
    },
    Function {
        name: "exp",
        domain: "1 to 40",
        formula: Formula::Exp,
        numbers: Numbers::Wad,
        call: exp,
        input: |u, _| (between(1, 40, u), 0),
        solady: Some(1),
        prb: Some(11),
    },
    Function {
        name: "ln",
        domain: "1e-15 to 1e15",
        formula: Formula::Ln,
        numbers: Numbers::Wad,
        call: |x, _| ln_wad(x as u128).unwrap_or_default(),
        input: |u, _| (spread(34, u), 0),
        solady: Some(2),
        prb: Some(12),
    },
    Function {
        name: "log2",
        domain: "1e-15 to 1e15",
        formula: Formula::Log2,
        numbers: Numbers::Wad,
        call: |x, _| log2_wad(x as u128).unwrap_or_default(),
        input: |u, _| (spread(34, u), 0),
        solady: None,
        prb: Some(13),
    },
    Function {
        name: "sqrt",
        domain: "1e-15 to 1e15",
        formula: Formula::Sqrt,
        numbers: Numbers::Wad,
        call: |x, _| sqrt_wad_floor(x as u128) as i128,
        input: |u, _| (spread(34, u), 0),
        solady: Some(4),
        prb: Some(14),
    },
    Function {
        name: "pow",
        domain: "x 0.05 to 20, y -4 to 4",
        formula: Formula::Pow,
        numbers: Numbers::Wad,
        call: |x, y| pow_wad(x as u128, y).unwrap_or_default() as i128,
        input: |u, v| (spread(3, u), between(-4, 4, v)),
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
        input: |u, _| (spread(18, u), 0),
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
        domain: "2e-9 to 4e8, both",
        formula: Formula::Product,
        numbers: Numbers::Scale,
        call: |x, y| packed(scale(x).times(scale(y))),
        input: |u, v| (spread_scale(u), spread_scale(v)),
        solady: None,
        prb: None,
    },
    Function {
        name: "Scale inverse",
        domain: "2e-9 to 4e8",
        formula: Formula::Inverse,
        numbers: Numbers::Scale,
        call: |x, _| packed(scale(x).inverse().unwrap_or(Scale::ZERO)),
        input: |u, _| (spread_scale(u), 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "Scale root",
        domain: "2e-9 to 4e8",
        formula: Formula::Sqrt,
        numbers: Numbers::Scale,
        call: |x, _| packed(scale(x).root()),
        input: |u, _| (spread_scale(u), 0),
        solady: None,
        prb: None,
    },
];

fn exp(x: i128, _: i128) -> i128 {
    exp_wad(x).unwrap_or_default() as i128
}

/// A [`Scale`] of its words.
#[must_use]
pub fn scale(words: i128) -> Scale {
    Scale::from_parts(words as u64, (words >> 64) as i32).unwrap_or(Scale::ZERO)
}

fn packed(number: Scale) -> i128 {
    let (mantissa, exponent) = number.parts();
    (i128::from(exponent) << 64) | i128::from(mantissa)
}

/// The words of a [`Scale`] from `exp(-20)` to `exp(20)`, evenly on a logarithmic scale.
fn spread_scale(u: i128) -> i128 {
    packed(Scale::from_wad(spread(20, u) as u128))
}

/// From `low` to `high`, evenly.
fn between(low: i128, high: i128, u: i128) -> i128 {
    low * ONE + (high - low) * u
}

/// From `exp(-span)` to `exp(span)`, evenly on a logarithmic scale.
fn spread(span: i128, u: i128) -> i128 {
    exp(between(-span, span, u), 0).max(1)
}

/// The arguments of one trial of a function: the same on every machine.
#[must_use]
pub fn input(function: &Function, trial: usize) -> (i128, i128) {
    let uniform = |n: u64| (i128::from(splitmix(n)) * ONE) >> 64;
    (function.input)(uniform(2 * trial as u64), uniform(2 * trial as u64 + 1))
}

/// The n-th number of SplitMix64.
const fn splitmix(n: u64) -> u64 {
    let mut z = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
