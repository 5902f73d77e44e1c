//! The integration tests of `risk`: one executable, a module a file.

mod black76;
mod exact76;
mod ladder_properties;
mod page_tables;
mod portfolio_against_floats;
mod portfolio_cases;
mod portfolio_greeks;
mod portfolio_properties;
mod published_cases;
mod support;
mod svi_report;
mod svi_shape;
mod svi_surface;
mod worked_example;
