//! Who may call: keys, tokens, and the gateway's memory of wrong signatures (`workspace.md section 3`).

use std::collections::HashMap;
use std::fmt;

use super::error::CloudError;
use super::sign::{Claim, Signed, date, same};
use crate::sim::estate::Estate;
use crate::sim::horizon::Json;
use crate::sim::ids::{push_hex, spread};

/// How far the date of a signature may be from real time, in milliseconds.
const SKEW: i64 = 15 * 60_000;
/// After so many wrong signatures in a row a key is locked.
const STRIKES: u32 = 5;
/// For how long, in milliseconds of simulated time.
const LOCKED_FOR: i64 = 5 * 60_000;
/// How long a token lives, in milliseconds of simulated time.
const TOKEN_LIVES: i64 = 24 * 3_600_000;
/// Real tokens are thousands of characters long.
const TOKEN_LENGTH: usize = 2400;

/// How an identity gets in to the Workspace face.
#[derive(Clone, PartialEq, Eq)]
pub struct WorkspaceAccess {
    /// The login name; with the password of the simulator it gets a token from IAM.
    pub account: String,
    /// Whether it may only read.
    pub read_only: bool,
    /// The region, which is the name of the project.
    pub region: String,
    /// The project.
    pub project_id: String,
    /// The access key.
    pub access_key: String,
    /// The secret key.
    pub secret_key: String,
    /// A token that was handed out at the start.
    pub token: String,
}

impl fmt::Debug for WorkspaceAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WorkspaceAccess")
            .field("account", &self.account)
            .field("project_id", &self.project_id)
            .finish_non_exhaustive()
    }
}

impl WorkspaceAccess {
    /// The object of the ready line.
    pub(crate) fn write(&self, url: &str, line: &mut Json) {
        line.object(|line| {
            line.text_field("url", url);
            line.text_field("region", &self.region);
            line.text_field("project_id", &self.project_id);
            line.text_field("ak", &self.access_key);
            line.text_field("sk", &self.secret_key);
            line.text_field("token", &self.token);
        });
    }
}

#[derive(Debug, Clone, Copy)]
struct Token {
    /// The position of the identity.
    identity: usize,
    issued: i64,
    /// Whether it is for the project; for the whole account otherwise.
    project: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Strikes {
    count: u32,
    locked_until: i64,
}

/// Keys and tokens.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    pub(crate) identities: Vec<WorkspaceAccess>,
    tokens: HashMap<String, Token>,
    strikes: HashMap<String, Strikes>,
    issued: u64,
    requests: u64,
    seed: u64,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The position of the identity.
    pub(crate) identity: usize,
    /// Whether the token, if it was one, is for the project.
    pub(crate) project: bool,
}

impl Gate {
    pub(crate) fn new(estate: &Estate, seed: u64) -> Self {
        let mut gate = Self { seed: spread(seed ^ 0x6761_7465), ..Self::default() };
        let (Some(workspace), Some(world)) = (&estate.workspace, &estate.defined.world.workspace) else {
            return gate;
        };
        for (number, identity) in world.identities.iter().enumerate() {
            let token = gate.issue(number, estate.now, true);
            let key = |part: u64, length| gate.letters(part + number as u64 * 16, length);
            gate.identities.push(WorkspaceAccess {
                account: identity.account.get_ref().clone(),
                read_only: identity.read_only,
                region: world.region.clone(),
                project_id: workspace.project_id.clone(),
                access_key: key(1, 20).to_uppercase(),
                secret_key: key(2, 40),
                token,
            });
        }
        gate
    }

    /// Letters and digits by chance.
    fn letters(&self, what: u64, length: usize) -> String {
        const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut word = spread(self.seed ^ what);
        let mut text = String::with_capacity(length);
        while text.len() < length {
            word = spread(word);
            text.push(char::from(LETTERS[(word % 62) as usize]));
        }
        text
    }

    /// A new token.
    pub(crate) fn issue(&mut self, identity: usize, now: i64, project: bool) -> String {
        self.issued += 1;
        let text = format!("MIIG{}", self.letters(0x0074_0000_0000 + self.issued, TOKEN_LENGTH));
        self.tokens.insert(text.clone(), Token { identity, issued: now, project });
        text
    }

    /// When a token that is issued now ends.
    pub(crate) fn ends(now: i64, limit: Option<u64>) -> i64 {
        now + limit.map_or(TOKEN_LIVES, |seconds| (seconds as i64 * 1000).min(TOKEN_LIVES))
    }

    pub(crate) fn expire_tokens(&mut self) {
        // They are known still, which gives the message of an expired one.
        self.tokens.values_mut().for_each(|token| token.issued = i64::MIN / 2);
    }

    /// The id of a request.
    pub(crate) fn request_id(&mut self) -> String {
        self.requests += 1;
        let high = spread(self.seed ^ self.requests);
        let mut text = String::with_capacity(32);
        push_hex(&mut text, high, 16);
        push_hex(&mut text, spread(high), 16);
        text
    }

    pub(crate) fn identity_of(&self, account: &str) -> Option<usize> {
        self.identities.iter().position(|identity| identity.account == account)
    }

    /// Who calls, by the token or else by the signature. `now` is simulated, `real` real; `limit` is how many seconds
    /// a fault lets tokens live.
    pub(crate) fn admit(
        &mut self,
        request: &Signed<'_>,
        now: i64,
        real: i64,
        limit: Option<u64>,
    ) -> Result<Caller, CloudError> {
        if let Some(text) = request.header("x-auth-token") {
            let found = self.tokens.get(text).copied();
            let token = found.ok_or_else(|| CloudError::unauthorized("decrypt token fail"))?;
            if Self::ends(token.issued, limit) <= now {
                return Err(CloudError::unauthorized("token expired, the token must be updated"));
            }
            return Ok(Caller { identity: token.identity, project: token.project });
        }
        let Some(header) = request.header("authorization") else {
            return Err(CloudError::unauthorized("x-auth-token not found"));
        };
        let claim = Claim::parse(header)
            .ok_or_else(|| CloudError::unauthorized("authorization format is incorrect"))?;
        self.verify(request, &claim, now, real)
    }

    fn verify(
        &mut self,
        request: &Signed<'_>,
        claim: &Claim,
        now: i64,
        real: i64,
    ) -> Result<Caller, CloudError> {
        let found = self.identities.iter().position(|known| known.access_key == claim.access_key);
        let identity = found.ok_or_else(|| {
            CloudError::unauthorized(&format!(
                "Get secretKey failed,ak:{},err:ak not exist",
                claim.access_key
            ))
        })?;
        let signed = request.header("x-sdk-date").and_then(date);
        let signed = signed.ok_or_else(|| CloudError::unauthorized("x-sdk-date is not valid"))?;
        if (signed - real).abs() > SKEW {
            let status = axum::http::StatusCode::UNAUTHORIZED;
            let text = "Incorrect app authentication information: signature expired, the clock is off";
            return Err(CloudError::gateway(status, "APIGW.0303", text));
        }
        let strikes = self.strikes.entry(claim.access_key.clone()).or_default();
        if strikes.locked_until > now {
            return Err(CloudError::unauthorized("AK access failed to reach the limit,forbidden"));
        }
        let right = request.signature(&self.identities[identity].secret_key, &claim.signed_headers);
        if right.is_some_and(|right| same(&right, &claim.signature)) {
            *strikes = Strikes::default();
            return Ok(Caller { identity, project: true });
        }
        strikes.count += 1;
        if strikes.count >= STRIKES {
            *strikes = Strikes { count: 0, locked_until: now + LOCKED_FOR };
        }
        Err(CloudError::unauthorized("verify aksk signature fail"))
    }
}
