//! Hashes by which stores find what belongs together: who waits for an event, what ran for the same customer.

/// A hash of what something is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyHash([u8; 16]);

impl KeyHash {
    /// Returns the hash of parts, each of which counts with its length.
    ///
    /// INVARIANT: stores hold these hashes, so how they are computed never changes.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        let mut bytes = [0; 16];
        hasher.finalize_xof().fill(&mut bytes);
        Self(bytes)
    }

    /// Returns the bytes, for stores.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Returns the hash of these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the hash as 32 hexadecimal digits.
    pub(crate) fn to_text(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns a number below a million, the same for the same hash, and as often one as another.
    pub(crate) fn of_a_million(&self) -> u32 {
        let low = self.0.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        u32::try_from(low % 1_000_000).unwrap_or(0)
    }

    /// Returns a number below `count`, for spreading keys.
    pub(crate) fn place(&self, count: usize) -> usize {
        let high = self.0.last_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        usize::try_from(high % (count.max(1) as u64)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_count_with_their_lengths_and_the_hash_never_changes() {
        let of = |parts: &[&str]| KeyHash::of(parts.iter().map(|part| part.as_bytes()));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        let hex: String = of(&["ab", "c"]).as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "a0968c014f3fc7bd1a7d9a8d1ad1177e");
    }

    #[test]
    fn a_share_of_the_keys_is_near_to_what_is_asked_for() {
        let hashes = (0..10_000u32).map(|number| KeyHash::of([number.to_le_bytes().as_slice()]));
        let tenth = hashes.filter(|hash| hash.of_a_million() < 100_000).count();
        assert!((900..1100).contains(&tenth), "{tenth}");
    }
}
