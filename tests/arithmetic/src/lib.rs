//! The functions whose accuracy, gas and time `ARITHMETIC.md` lists, and the inputs on which they are tried.
//!
//! **To add a function**: one entry in [`FUNCTIONS`], with a [`Formula`] that says what it should give. The same table is
//! compiled into the program that runs on the node, timed natively, and compared with 256 bits; where solady or prb-math
//! have the function, `ArithmeticBench.sol` runs it under the numbers given here.

#![no_std]

use plimsoll_fixed::{
    WAD, atan_wad, exp_wad, ln_wad, log2_wad, normal_cdf_wad, normal_pdf_wad, pow_wad, sqrt_wad_floor,
    student_t3_tail_wad,
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
}

/// A function of two WADs (most ignore the second) and how it is tried.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name in the table.
    pub name: &'static str,
    /// What its inputs are, in the table's words.
    pub domain: &'static str,
    /// What it should give.
    pub formula: Formula,
    /// The function; arguments and result in WAD.
    pub call: fn(i128, i128) -> i128,
    /// Arguments from two uniform numbers below one (WAD).
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
        call: |x, _| x,
        input: |u, _| (u, 0),
        solady: Some(0),
        prb: Some(0),
    },
    Function {
        name: "exp",
        domain: "-40 to 1",
        formula: Formula::Exp,
        call: exp,
        input: |u, _| (between(-40, 1, u), 0),
        solady: Some(1),
        prb: Some(11),
    },
    Function {
        name: "exp",
        domain: "1 to 40",
        formula: Formula::Exp,
        call: exp,
        input: |u, _| (between(1, 40, u), 0),
        solady: Some(1),
        prb: Some(11),
    },
    Function {
        name: "ln",
        domain: "1e-15 to 1e15",
        formula: Formula::Ln,
        call: |x, _| ln_wad(x as u128).unwrap_or_default(),
        input: |u, _| (spread(34, u), 0),
        solady: Some(2),
        prb: Some(12),
    },
    Function {
        name: "log2",
        domain: "1e-15 to 1e15",
        formula: Formula::Log2,
        call: |x, _| log2_wad(x as u128).unwrap_or_default(),
        input: |u, _| (spread(34, u), 0),
        solady: None,
        prb: Some(13),
    },
    Function {
        name: "sqrt",
        domain: "1e-15 to 1e15",
        formula: Formula::Sqrt,
        call: |x, _| sqrt_wad_floor(x as u128) as i128,
        input: |u, _| (spread(34, u), 0),
        solady: Some(4),
        prb: Some(14),
    },
    Function {
        name: "pow",
        domain: "x 0.05 to 20, y -4 to 4",
        formula: Formula::Pow,
        call: |x, y| pow_wad(x as u128, y).unwrap_or_default() as i128,
        input: |u, v| (spread(3, u), between(-4, 4, v)),
        solady: Some(5),
        prb: Some(15),
    },
    Function {
        name: "normal cdf",
        domain: "-8 to 8",
        formula: Formula::NormalCdf,
        call: |x, _| normal_cdf_wad(x) as i128,
        input: |u, _| (between(-8, 8, u), 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "normal pdf",
        domain: "-8 to 8",
        formula: Formula::NormalPdf,
        call: |x, _| normal_pdf_wad(x) as i128,
        input: |u, _| (between(-8, 8, u), 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "t(3) tail",
        domain: "-20 to 20",
        formula: Formula::StudentTail,
        call: |x, _| student_t3_tail_wad(x) as i128,
        input: |u, _| (between(-20, 20, u), 0),
        solady: None,
        prb: None,
    },
    Function {
        name: "atan",
        domain: "1e-8 to 1e8",
        formula: Formula::Atan,
        call: |x, _| atan_wad(x),
        input: |u, _| (spread(18, u), 0),
        solady: None,
        prb: None,
    },
];

fn exp(x: i128, _: i128) -> i128 {
    exp_wad(x).unwrap_or_default() as i128
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
