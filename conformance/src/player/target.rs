//! The system under test: where it listens, and whether it is a tagtrail with a control plane.

use std::fmt;
use std::str::FromStr;

/// A base URL that speaks the API.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// Host and port as they stand in the `Host` header.
    pub authority: String,
    /// The host to connect to, without brackets.
    pub host: String,
    pub port: u16,
    /// What stands before every path; empty, or without a slash at its end.
    pub prefix: String,
}

/// Why a text is no target.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TargetError {
    #[error("`{0}` is not an http:// URL")]
    Scheme(String),
    #[error("`{0}` names no host")]
    Host(String),
    #[error("`{0}` has a port that is not a number below 65536")]
    Port(String),
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(url: &str) -> Result<Self, TargetError> {
        let rest =
            url.strip_prefix("http://").ok_or_else(|| TargetError::Scheme(url.to_owned()))?;
        let (authority, prefix) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| TargetError::Port(url.to_owned()))?)
            }
            Some(_) | None => (authority, 80),
        };
        let host = host.trim_matches(['[', ']']);
        if host.is_empty() {
            return Err(TargetError::Host(url.to_owned()));
        }
        let prefix = prefix.trim_end_matches('/').to_owned();
        Ok(Self { authority: authority.to_owned(), host: host.to_owned(), port, prefix })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_taken_apart() {
        let target: Target = "http://[::1]:8080/worlds/a/".parse().unwrap();
        assert_eq!(
            (target.host.as_str(), target.port, target.prefix.as_str()),
            ("::1", 8080, "/worlds/a")
        );
        assert_eq!(target.to_string(), "http://[::1]:8080/worlds/a");
        assert_eq!("http://sandbox.example".parse::<Target>().unwrap().port, 80);
        for wrong in ["https://sandbox.example", "http://:80", "http://a:b"] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }
}
