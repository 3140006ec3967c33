//! Access and refresh tokens (`horizon-rest.md section 2`): shaped like JWTs, judged by the simulated clock.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// How many tokens are kept before dead ones are thrown out.
const SWEEP_ABOVE: usize = 4096;

#[derive(Debug, Clone, Copy)]
struct Token {
    account: u32,
    /// The log-in it belongs to; a log-out ends all of it.
    login: u64,
    expires: i64,
}

/// The tokens that were handed out.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    access: HashMap<String, Token>,
    refresh: HashMap<String, Token>,
    logins: u64,
    issued: u64,
    seed: u64,
}

/// A new pair of tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Tokens {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Tokens for a log-in; times are epoch milliseconds.
    pub(crate) fn log_in(&mut self, account: u32, sid: &str, now: i64, access: i64, refresh: i64) -> Pair {
        self.sweep(now);
        self.logins += 1;
        let login = self.logins;
        let pair = Pair {
            access: self.issue("access", sid, now, now + access),
            refresh: self.issue("refresh", sid, now, now + refresh),
        };
        self.access.insert(pair.access.clone(), Token { account, login, expires: now + access });
        self.refresh.insert(pair.refresh.clone(), Token { account, login, expires: now + refresh });
        pair
    }

    /// A new access token for a refresh token that is still good, with the account.
    pub(crate) fn refresh(&mut self, token: &str, sid: &str, now: i64, access: i64) -> Option<(String, u32)> {
        let found = *self.refresh.get(token).filter(|token| token.expires > now)?;
        self.sweep(now);
        let new = self.issue("access", sid, now, now + access);
        self.access.insert(new.clone(), Token { expires: now + access, ..found });
        Some((new, found.account))
    }

    /// The account of a refresh token that is still good.
    pub(crate) fn refresher(&self, token: &str, now: i64) -> Option<u32> {
        self.refresh.get(token).filter(|token| token.expires > now).map(|token| token.account)
    }

    /// Ends the log-in of a refresh token; `None` when it is dead already.
    pub(crate) fn log_out(&mut self, token: &str, now: i64) -> Option<u32> {
        let found = *self.refresh.get(token).filter(|token| token.expires > now)?;
        self.refresh.retain(|_, token| token.login != found.login);
        self.access.retain(|_, token| token.login != found.login);
        Some(found.account)
    }

    /// The account of an access token that is still good.
    pub(crate) fn account(&self, token: &str, now: i64) -> Option<u32> {
        self.access.get(token).filter(|token| token.expires > now).map(|token| token.account)
    }

    pub(crate) fn expire_access(&mut self) {
        self.access.clear();
    }

    pub(crate) fn expire_refresh(&mut self) {
        self.refresh.clear();
    }

    fn sweep(&mut self, now: i64) {
        if self.access.len() + self.refresh.len() > SWEEP_ABOVE {
            self.access.retain(|_, token| token.expires > now);
            self.refresh.retain(|_, token| token.expires > now);
        }
    }

    fn issue(&mut self, kind: &str, sid: &str, now: i64, expires: i64) -> String {
        self.issued += 1;
        let header = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = serde_json::json!({
            "sub": sid, "iat": now / 1000, "exp": expires / 1000, "jti": self.issued, "tty": kind,
        });
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update(header.as_bytes());
        hash.update(claims.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(hash.finalize());
        format!("{header}.{claims}.{signature}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_expire_refresh_and_end_with_the_log_out() {
        let mut tokens = Tokens::new(1);
        let pair = tokens.log_in(2, "S-1", 1000, 500, 5000);
        assert_eq!(tokens.account(&pair.access, 1499), Some(2));
        assert_eq!(tokens.account(&pair.access, 1500), None);
        let (second, account) = tokens.refresh(&pair.refresh, "S-1", 2000, 500).unwrap();
        assert_eq!((account, tokens.account(&second, 2100)), (2, Some(2)));
        assert!(tokens.refresh(&pair.refresh, "S-1", 6000, 500).is_none());
        assert_eq!(tokens.log_out(&pair.refresh, 2200), Some(2));
        assert_eq!(tokens.log_out(&pair.refresh, 2200), None);
        assert_eq!(tokens.account(&second, 2300), None);
    }

    #[test]
    fn tokens_carry_their_expiry() {
        let mut tokens = Tokens::new(1);
        let pair = tokens.log_in(0, "S-1-5", 10_000, 60_000, 120_000);
        let claims = pair.access.split('.').nth(1).unwrap();
        let claims: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!(claims["exp"], 70);
        assert_eq!(claims["sub"], "S-1-5");
    }
}
