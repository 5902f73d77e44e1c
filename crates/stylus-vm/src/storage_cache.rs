//! The write-back cache of storage words that each program instance has.

use std::collections::HashMap;

use alloy_primitives::B256;

/// A word, and what the chain is known to hold in its place.
#[derive(Clone, Copy, Debug)]
struct Word {
    value: B256,
    known: Option<B256>,
}

impl Word {
    fn is_dirty(&self) -> bool {
        self.known != Some(self.value)
    }
}

/// Words by key, in the order of first use, and how often the cache was used.
#[derive(Debug, Default)]
pub(crate) struct StorageCache {
    words: Vec<(B256, Word)>,
    index: HashMap<B256, usize>,
    reads: u32,
    writes: u32,
}

impl StorageCache {
    /// Gas of one more read: 32 are free, up to 128 cost 2, then 10.
    pub(crate) fn read_gas(&mut self) -> u64 {
        self.reads = self.reads.saturating_add(1);
        match self.reads {
            0..=32 => 0,
            33..=128 => 2,
            _ => 10,
        }
    }

    /// Gas of one more write: 8 are free, up to 64 cost 7, then 10.
    pub(crate) fn write_gas(&mut self) -> u64 {
        self.writes = self.writes.saturating_add(1);
        match self.writes {
            0..=8 => 0,
            9..=64 => 7,
            _ => 10,
        }
    }

    /// The word as the program last saw or wrote it.
    pub(crate) fn get(&self, key: B256) -> Option<B256> {
        self.index.get(&key).map(|at| self.words[*at].1.value)
    }

    /// Remembers a word read from the chain.
    pub(crate) fn insert_known(&mut self, key: B256, value: B256) {
        self.insert(key, Word { value, known: Some(value) });
    }

    /// Writes a word; the chain gets it at the next flush.
    pub(crate) fn write(&mut self, key: B256, value: B256) {
        match self.index.get(&key) {
            Some(at) => self.words[*at].1.value = value,
            None => self.insert(key, Word { value, known: None }),
        }
    }

    /// The words that the chain does not hold yet; they count as known afterwards.
    pub(crate) fn flush(&mut self) -> Vec<(B256, B256)> {
        let mut dirty = Vec::new();
        for (key, word) in &mut self.words {
            if word.is_dirty() {
                dirty.push((*key, word.value));
                word.known = Some(word.value);
            }
        }
        dirty
    }

    /// Forgets every word, not the counts.
    pub(crate) fn clear(&mut self) {
        self.words.clear();
        self.index.clear();
    }

    fn insert(&mut self, key: B256, word: Word) {
        self.index.insert(key, self.words.len());
        self.words.push((key, word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(byte: u8) -> B256 {
        B256::repeat_byte(byte)
    }

    #[test]
    fn flush_sends_dirty_words_once() {
        let mut cache = StorageCache::default();
        cache.insert_known(word(1), word(9));
        cache.write(word(1), word(9));
        assert_eq!(cache.flush(), [], "written back to what the chain holds");
        cache.write(word(1), word(8));
        cache.write(word(2), word(0));
        assert_eq!(cache.flush(), [(word(1), word(8)), (word(2), word(0))]);
        assert_eq!(cache.flush(), []);
        cache.write(word(1), word(9));
        assert_eq!(cache.flush(), [(word(1), word(9))], "known moves with the flush");
    }

    #[test]
    fn clear_forgets_words_but_not_counts() {
        let mut cache = StorageCache::default();
        for _ in 0..32 {
            assert_eq!(cache.read_gas(), 0);
        }
        cache.insert_known(word(1), word(1));
        cache.clear();
        assert_eq!(cache.get(word(1)), None);
        assert_eq!(cache.read_gas(), 2);
    }

    #[test]
    fn tiers_by_count() {
        let mut cache = StorageCache::default();
        let reads: Vec<u64> = (0..130).map(|_| cache.read_gas()).collect();
        assert_eq!((reads[31], reads[32], reads[127], reads[128]), (0, 2, 2, 10));
        let writes: Vec<u64> = (0..66).map(|_| cache.write_gas()).collect();
        assert_eq!((writes[7], writes[8], writes[63], writes[64]), (0, 7, 7, 10));
    }
}
