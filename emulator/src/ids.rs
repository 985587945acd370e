//! The only maker of identifiers and of secrets.
//!
//! An identifier is a keyed permutation of a running number: it looks random, never collides, needs
//! no index (the inverse gives the number back) and leaves storage in ascending order. The key comes
//! from the world's seed and name, so the same seed and calls give the same identifiers (UID-05).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use rand::Rng;
use sha2::{Digest, Sha256};

use crate::model::Barcode;

/// The lowest minted identifier: minted ones have no leading zero, so that no client loses one.
const LOW: u64 = 1_000_000_000_000_000;
/// How many identifiers can be minted: all of sixteen digits from [`LOW`] on.
pub const SPAN: u64 = Barcode::END - LOW;
/// `SPAN` fits into 53 bits; of the rest, 0.08 %, the permutation walks on.
const RIGHT_BITS: u32 = 26;
const RIGHT_MASK: u64 = (1 << RIGHT_BITS) - 1;
const LEFT_MASK: u64 = (1 << 27) - 1;
const ROUNDS: usize = 10;

/// A permutation of the numbers below [`SPAN`], written as identifiers.
#[derive(Clone, Debug)]
pub struct Minter {
    keys: [u64; ROUNDS],
}

impl Minter {
    pub fn new(seed: u64, world: &str) -> Self {
        let mut keys = [0; ROUNDS];
        for (round, key) in keys.iter_mut().enumerate() {
            let digest = Sha256::new()
                .chain_update(b"tagtrail ids")
                .chain_update(seed.to_le_bytes())
                .chain_update(round.to_le_bytes())
                .chain_update(world.as_bytes())
                .finalize();
            *key = digest.iter().take(8).fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        Self { keys }
    }

    /// The identifier of a running number. Numbers from [`SPAN`] on do not exist.
    pub fn mint(&self, sequence: u64) -> Barcode {
        let mut word = sequence;
        loop {
            word = self.forward(word);
            if word < SPAN {
                return Barcode::new(LOW + word).unwrap_or_else(|| unreachable!("LOW is above 0"));
            }
        }
    }

    /// The running number of an identifier, minted or not.
    pub fn sequence(&self, barcode: Barcode) -> Option<u64> {
        let mut word = barcode.number().checked_sub(LOW)?;
        loop {
            word = self.backward(word);
            if word < SPAN {
                return Some(word);
            }
        }
    }

    fn forward(&self, word: u64) -> u64 {
        let (mut left, mut right) = (word >> RIGHT_BITS, word & RIGHT_MASK);
        for pair in self.keys.chunks_exact(2) {
            left = (left ^ mix(right, pair[0])) & LEFT_MASK;
            right = (right ^ mix(left, pair[1])) & RIGHT_MASK;
        }
        left << RIGHT_BITS | right
    }

    fn backward(&self, word: u64) -> u64 {
        let (mut left, mut right) = (word >> RIGHT_BITS, word & RIGHT_MASK);
        for pair in self.keys.chunks_exact(2).rev() {
            right = (right ^ mix(left, pair[1])) & RIGHT_MASK;
            left = (left ^ mix(right, pair[0])) & LEFT_MASK;
        }
        left << RIGHT_BITS | right
    }
}

fn mix(half: u64, key: u64) -> u64 {
    let word = (half ^ key).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (word ^ word >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 32
}

/// A world's secret: the source of its tokens and of the salts of its passwords.
///
/// A seeded world repeats its tokens on purpose, so whoever knows the seed knows the tokens. That is
/// right for a sandbox on this machine and for nothing else.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    pub fn new(seed: u64, world: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(b"tagtrail secret")
            .chain_update(seed.to_le_bytes())
            .chain_update(world.as_bytes());
        Self(digest.finalize().into())
    }

    /// The keyed hash of a text: a signature, a salt or a token, told apart by `purpose`.
    pub fn sign(&self, purpose: &str, text: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0)
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// An opaque token, the n-th of its purpose.
    pub fn token(&self, purpose: &str, number: u64) -> String {
        URL_SAFE_NO_PAD.encode(self.sign(purpose, &number.to_string()))
    }
}

/// What is kept of a token: its hash.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A name for this run of the program, told by the health check, so that no test mistakes another
/// server for its own.
pub fn instance() -> String {
    let mut bytes = [0; 12];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A seed for a run in which nobody gave one.
pub fn seed() -> u64 {
    rand::rng().next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_identifier_has_sixteen_digits_and_gives_its_number_back() {
        let minter = Minter::new(1, "default");
        for sequence in (0..2_000).chain([SPAN - 1, SPAN / 2]) {
            let barcode = minter.mint(sequence);
            assert_eq!(barcode.to_string().len(), 16);
            assert_ne!(barcode.to_string().as_bytes()[0], b'0');
            assert_eq!(minter.sequence(barcode), Some(sequence));
        }
    }

    #[test]
    fn worlds_and_seeds_differ_in_their_identifiers() {
        let first = |seed, world| Minter::new(seed, world).mint(0);
        assert_eq!(first(1, "default"), first(1, "default"));
        assert_ne!(first(1, "default"), first(2, "default"));
        assert_ne!(first(1, "default"), first(1, "other"));
    }

    #[test]
    fn tokens_of_one_purpose_differ_and_repeat_with_the_seed() {
        let secret = Secret::new(1, "default");
        assert_ne!(secret.token("mail", 1), secret.token("mail", 2));
        assert_ne!(secret.token("mail", 1), secret.token("code", 1));
        assert_eq!(secret.token("mail", 1), Secret::new(1, "default").token("mail", 1));
    }
}
