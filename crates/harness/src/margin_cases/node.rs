//! A JSON value that knows where it stands, so that what is wrong with it can be told.

use std::{borrow::Cow, collections::BTreeMap};

use anyhow::{Context, Result, bail};
use serde_json::value::RawValue;

use super::decimal;

/// A value in its file: its path and its text. Numbers stay text, since their digits must not pass through a float.
pub(super) struct Node<'a> {
    path: String,
    text: &'a str,
}

impl<'a> Node<'a> {
    /// A whole file.
    pub(super) fn root(text: &'a str) -> Result<Self> {
        let raw: &RawValue = serde_json::from_str(text).context("this is not JSON")?;
        Ok(Self { path: String::new(), text: raw.get() })
    }

    fn fields(&self) -> Result<BTreeMap<Cow<'a, str>, &'a RawValue>> {
        serde_json::from_str(self.text).or_else(|_| self.refuse("is no object"))
    }

    /// A field that may be missing.
    pub(super) fn optional(&self, name: &str) -> Result<Option<Self>> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Ok(self.fields()?.get(name).map(|raw| Self { path, text: raw.get() }))
    }

    /// A field that must be there.
    pub(super) fn field(&self, name: &str) -> Result<Self> {
        match self.optional(name)? {
            Some(field) => Ok(field),
            None if self.path.is_empty() => bail!("{name} is missing"),
            None => bail!("{}.{name} is missing", self.path),
        }
    }

    /// The elements of a list.
    pub(super) fn items(&self) -> Result<Vec<Self>> {
        let raw: Vec<&'a RawValue> =
            serde_json::from_str(self.text).or_else(|_| self.refuse("is no list"))?;
        let node = |(index, raw): (usize, &'a RawValue)| Self {
            // A case counts its paths from itself.
            path: if self.path.is_empty() { String::new() } else { format!("{}[{index}]", self.path) },
            text: raw.get(),
        };
        Ok(raw.into_iter().enumerate().map(node).collect())
    }

    /// A field that is a list, each element read.
    pub(super) fn list<T>(&self, name: &str, read: impl Fn(Self) -> Result<T>) -> Result<Vec<T>> {
        self.field(name)?.items()?.into_iter().map(read).collect()
    }

    /// A string, or a number as it is written.
    pub(super) fn name(&self) -> Result<String> {
        match self.text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(self.text).or_else(|_| self.refuse("is no string")),
            Some(b'-' | b'0'..=b'9') => Ok(self.text.to_owned()),
            _ => self.refuse("is neither a string nor a number"),
        }
    }

    /// A field that is true or false.
    pub(super) fn boolean(&self, name: &str) -> Result<bool> {
        let field = self.field(name)?;
        serde_json::from_str(field.text).or_else(|_| field.refuse("is neither true nor false"))
    }

    /// A field that is a number, WAD.
    pub(super) fn wad(&self, name: &str) -> Result<i128> {
        self.field(name)?.to_wad()
    }

    /// A field that is a number and not negative, WAD.
    pub(super) fn unsigned(&self, name: &str) -> Result<u128> {
        self.field(name)?.to_unsigned()
    }

    /// The number, WAD.
    pub(super) fn to_wad(&self) -> Result<i128> {
        match self.text.as_bytes().first() {
            Some(b'-' | b'0'..=b'9') => decimal::wad(self.text).or_else(|_| self.refuse("is too large")),
            _ => self.refuse("is no number"),
        }
    }

    /// The number, which must not be negative, WAD.
    pub(super) fn to_unsigned(&self) -> Result<u128> {
        let value = self.to_wad()?;
        u128::try_from(value).or_else(|_| self.refuse("is negative"))
    }

    /// The number times a factor, which must be whole.
    pub(super) fn whole(&self, factor: i128) -> Result<i128> {
        let Some(product) = self.to_wad()?.checked_mul(factor) else { return self.refuse("is too large") };
        self.check(product % decimal::ONE == 0, "is no whole number of seconds")?;
        Ok(product / decimal::ONE)
    }

    /// Refuses the value unless it is fine.
    pub(super) fn check(&self, fine: bool, what: &str) -> Result<()> {
        if fine { Ok(()) } else { self.refuse(what) }
    }

    /// Refuses the value.
    pub(super) fn refuse<T>(&self, what: &str) -> Result<T> {
        const SHOWN: usize = 40;
        let shown: String = self.text.chars().take(SHOWN).collect();
        let dots = if shown.len() < self.text.len() { " ..." } else { "" };
        if self.path.is_empty() {
            bail!("{shown}{dots} {what}")
        } else {
            bail!("{}: {shown}{dots} {what}", self.path)
        }
    }
}
