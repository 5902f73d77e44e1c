//! Random Stylus programs out of arbitrary bytes: typed, mostly terminating, within the features that activation
//! allows. Fewer bytes make a smaller program, so that shrinking the bytes shrinks it.

mod body;
mod entropy;
mod expr;
pub mod imports;
mod module;
mod scene;
mod stmt;

pub use self::entropy::Entropy;
pub use self::module::module;
pub use self::scene::Scene;
