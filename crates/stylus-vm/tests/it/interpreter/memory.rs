//! Linear memory.

use super::Stop;

/// Bytes of a page.
const PAGE: usize = 65_536;
/// Pages that no program can pay for more of. The reference has no other limit; it matters only where the payment sees
/// 16 bits of a larger number.
const MOST_PAGES: u64 = 128;

#[derive(Debug)]
pub(super) struct Memory {
    bytes: Vec<u8>,
    most: u64,
}

impl Memory {
    pub(super) fn new(pages: u32, most: Option<u32>, data: &[(usize, &[u8])]) -> Self {
        let mut bytes = vec![0; pages as usize * PAGE];
        for (offset, segment) in data {
            bytes[*offset..offset + segment.len()].copy_from_slice(segment);
        }
        Self { bytes, most: u64::from(most.unwrap_or(u32::MAX)).min(MOST_PAGES) }
    }

    pub(super) fn pages(&self) -> u32 {
        (self.bytes.len() / PAGE) as u32
    }

    /// Pages before, or minus one.
    pub(super) fn grow(&mut self, pages: u32) -> u32 {
        let before = self.pages();
        let after = u64::from(before) + u64::from(pages);
        if pages > 0 && after > self.most {
            return u32::MAX;
        }
        self.bytes.resize(after as usize * PAGE, 0);
        before
    }

    pub(super) fn read(&self, at: u64, len: u64) -> Result<&[u8], Stop> {
        let end = at.checked_add(len).filter(|end| *end <= self.bytes.len() as u64).ok_or(Stop::Failure)?;
        Ok(&self.bytes[at as usize..end as usize])
    }

    pub(super) fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), Stop> {
        self.read(at, bytes.len() as u64)?;
        self.bytes[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    pub(super) fn fill(&mut self, at: u32, byte: u8, len: u32) -> Result<(), Stop> {
        self.read(at.into(), len.into())?;
        self.bytes[at as usize..at as usize + len as usize].fill(byte);
        Ok(())
    }

    pub(super) fn copy(&mut self, to: u32, from: u32, len: u32) -> Result<(), Stop> {
        self.read(to.into(), len.into())?;
        self.read(from.into(), len.into())?;
        self.bytes.copy_within(from as usize..from as usize + len as usize, to as usize);
        Ok(())
    }

    /// The bytes of a load, little endian, zero-extended.
    pub(super) fn load<const N: usize>(&self, base: u64, offset: u64) -> Result<u64, Stop> {
        let mut word = [0; 8];
        word[..N].copy_from_slice(self.read(u64::from(base as u32) + offset, N as u64)?);
        Ok(u64::from_le_bytes(word))
    }

    /// Stores the low bytes of a value.
    pub(super) fn store<const N: usize>(&mut self, base: u64, offset: u64, value: u64) -> Result<(), Stop> {
        self.write(u64::from(base as u32) + offset, &value.to_le_bytes()[..N])
    }
}
