//! `console.*` and `debug.*`: free, and only on debug chains.

use std::fmt::Display;

use super::{Io, io::Result};

impl Io<'_, '_> {
    pub(super) fn log_txt(&mut self, ptr: u32, len: u32) -> Result {
        let text = String::from_utf8_lossy(self.read(ptr, len)?).into_owned();
        self.say(text)
    }

    pub(super) fn log_i32(&mut self, value: i32) -> Result {
        self.say(value)
    }

    pub(super) fn log_i64(&mut self, value: i64) -> Result {
        self.say(value)
    }

    pub(super) fn log_f32(&mut self, value: f32) -> Result {
        self.say(value)
    }

    pub(super) fn log_f64(&mut self, value: f64) -> Result {
        self.say(value)
    }

    pub(super) fn tee_i32(&mut self, value: i32) -> Result<i32> {
        self.say(value).map(|()| value)
    }

    pub(super) fn tee_i64(&mut self, value: i64) -> Result<i64> {
        self.say(value).map(|()| value)
    }

    pub(super) fn tee_f32(&mut self, value: f32) -> Result<f32> {
        self.say(value).map(|()| value)
    }

    pub(super) fn tee_f64(&mut self, value: f64) -> Result<f64> {
        self.say(value).map(|()| value)
    }

    /// Does nothing: programs call it to measure a host function.
    pub(super) fn null_host(&mut self) -> Result {
        Ok(())
    }

    /// Nothing is measured here.
    pub(super) fn start_benchmark(&mut self) -> Result {
        Ok(())
    }

    /// Nothing is measured here.
    pub(super) fn end_benchmark(&mut self) -> Result {
        Ok(())
    }

    fn say(&mut self, line: impl Display) -> Result {
        self.state.host.console(&line.to_string());
        Ok(())
    }
}
