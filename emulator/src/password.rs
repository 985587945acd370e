//! Passwords and client secrets: kept as Argon2id hashes, compared in constant time.
//!
//! The cost is that of a sandbox, a few microseconds, so that a seed world starts at once. A real
//! system must pay a thousand times more.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};

use crate::ids::Secret;

const MEMORY_KIB: u32 = 8;
const PASSES: u32 = 1;
const SALT_BYTES: usize = 16;

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)
        .unwrap_or_else(|_| unreachable!("the parameters are constants in range"));
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash in PHC text form. The salt follows from the world's secret and the owner, so a seeded
/// world is the same each time.
pub fn hash(secret: &Secret, owner: &str, password: &str) -> String {
    let salt = secret.sign("salt", owner);
    let salt = SaltString::encode_b64(&salt[..SALT_BYTES])
        .unwrap_or_else(|_| unreachable!("sixteen bytes are a salt"));
    argon2()
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .unwrap_or_default()
}

/// False for an empty hash: no password was set yet.
pub fn verify(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash)
        .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_fits_its_hash() {
        let hash = hash(&Secret::new(1, "default"), "user/1", "tagtrail-dev-1");
        assert!(verify(&hash, "tagtrail-dev-1"));
        assert!(!verify(&hash, "tagtrail-dev-2"));
        assert!(!verify("", ""));
        assert!(!hash.contains("tagtrail-dev"));
    }
}
