//! placeholder
pub const ROUTES: &[([u8; 4], u8)] = &[];
