//! Random Stylus programs out of arbitrary bytes: typed, mostly terminating, within the features that activation
//! allows. Fewer bytes make a smaller program, so that shrinking the bytes shrinks it.

mod body;
mod entropy;
mod expr;
pub(crate) mod imports;
mod module;
mod scene;
mod stmt;

pub(crate) use self::entropy::Entropy;
pub(crate) use self::module::module;
pub(crate) use self::scene::Scene;
