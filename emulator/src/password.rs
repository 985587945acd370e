//! Passwords and client secrets: kept as Argon2id hashes, compared in constant time.
//!
//! The cost is the profile's, for a sandbox a few microseconds, so that a seed world starts at once. A
//! real system must pay a thousand times more.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};

use crate::ids::Secret;

const PASSES: u32 = 1;
const SALT_BYTES: usize = 16;

/// Compared where there is no such person, so that the time of an answer tells nobody who exists.
const NOBODY: &str = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2(memory_kib: u32) -> Argon2<'static> {
    let params = Params::new(memory_kib.max(Params::MIN_M_COST), PASSES, 1, None)
        .unwrap_or_else(|_| unreachable!("there is no upper limit of memory"));
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash in PHC text form. The salt follows from the world's secret and the owner, so a seeded
/// world is the same each time.
pub fn hash(secret: &Secret, memory_kib: u32, owner: &str, password: &str) -> String {
    let salt = secret.sign("salt", owner);
    let salt = SaltString::encode_b64(&salt[..SALT_BYTES])
        .unwrap_or_else(|_| unreachable!("sixteen bytes are a salt"));
    argon2(memory_kib)
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .unwrap_or_default()
}

/// Whether a password fits a hash, which names its own cost. Nobody, and who has no password yet, fits
/// none.
pub fn verify(hash: Option<&str>, password: &str) -> bool {
    let known = hash.filter(|hash| !hash.is_empty());
    let fits = PasswordHash::new(known.unwrap_or(NOBODY))
        .is_ok_and(|hash| argon2(0).verify_password(password.as_bytes(), &hash).is_ok());
    fits && known.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_fits_its_hash() {
        let hash = hash(&Secret::new(1, "default"), 8, "user/1", "tagtrail-dev-1");
        assert!(verify(Some(&hash), "tagtrail-dev-1"));
        assert!(!verify(Some(&hash), "tagtrail-dev-2"));
        assert!(!verify(Some(""), ""));
        assert!(!verify(None, ""));
        assert!(!hash.contains("tagtrail-dev"));
    }
}
