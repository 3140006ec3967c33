//! Identifiers of simulated objects, computed instead of stored.
//!
//! Every object has a number that only grows. Its public id is that number, scrambled by the seed into
//! UUID form; the scrambling can be undone, so no table from id to object exists and 250,000 sessions cost
//! no memory for ids. The ids are opaque to clients (`horizon-rest.md section 1`).

/// What an id names; two kinds never share an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Kind {
    Session = 1,
    SessionGuid,
    Machine,
    RdsHost,
    Pool,
    Farm,
    Application,
    AccessGroup,
    Pod,
    Site,
    Endpoint,
    Permission,
    Location,
    VirtualCenter,
    Cluster,
    AdObject,
    ConnectionServer,
    FederationGroup,
    ImageStream,
    ImageVersion,
    ImageTag,
    ImageAsset,
    DesktopEntitlement,
    ApplicationEntitlement,
    Role,
}

/// Turns object numbers into public ids and back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ids {
    seed: u64,
}

/// One round of `SplitMix64`: spreads the bits of `value` over the whole word.
pub(crate) fn spread(value: u64) -> u64 {
    let mut word = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    fn key(self, kind: Kind) -> u64 {
        spread(self.seed ^ ((kind as u64) << 56))
    }

    /// The public id of object `number`.
    pub(crate) fn id(self, kind: Kind, number: u32) -> String {
        let mut text = String::with_capacity(36);
        self.write(kind, number, &mut text);
        text
    }

    /// Writes the public id of object `number` behind `text`.
    pub(crate) fn write(self, kind: Kind, number: u32, text: &mut String) {
        let key = self.key(kind);
        let first = scramble(number, key);
        let high = spread(key ^ u64::from(number));
        let low = spread(high);
        let groups = [
            (u64::from(first), 8),
            (high >> 48, 4),
            (0x4000 | ((high >> 32) & 0x0FFF), 4),
            (0x8000 | ((high >> 16) & 0x3FFF), 4),
            (low & 0xFFFF_FFFF_FFFF, 12),
        ];
        for (place, (group, digits)) in groups.into_iter().enumerate() {
            if place > 0 {
                text.push('-');
            }
            push_hex(text, group, digits);
        }
    }

    /// The number behind a public id, when it is an id of this kind and seed.
    pub(crate) fn number(self, kind: Kind, id: &str) -> Option<u32> {
        let scrambled = u32::from_str_radix(id.get(..8)?, 16).ok()?;
        let number = unscramble(scrambled, self.key(kind));
        (self.id(kind, number) == id).then_some(number)
    }
}

/// Writes the lowest `digits` hexadecimal digits of a number.
pub(crate) fn push_hex(text: &mut String, number: u64, digits: u32) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    for digit in (0..digits).rev() {
        text.push(HEX[(number >> (4 * digit)) as usize & 15]);
    }
}

fn round(half: u16, key: u64, step: u32) -> u16 {
    (spread(key ^ (u64::from(step) << 32) ^ u64::from(half)) >> 24) as u16
}

/// A four-round Feistel network: a permutation of the 32-bit numbers chosen by `key`.
fn scramble(number: u32, key: u64) -> u32 {
    let (mut left, mut right) = ((number >> 16) as u16, number as u16);
    for step in 0..4 {
        (left, right) = (right, left ^ round(right, key, step));
    }
    (u32::from(left) << 16) | u32::from(right)
}

fn unscramble(number: u32, key: u64) -> u32 {
    let (mut left, mut right) = ((number >> 16) as u16, number as u16);
    for step in (0..4).rev() {
        (left, right) = (right ^ round(left, key, step), left);
    }
    (u32::from(left) << 16) | u32::from(right)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_go_back_to_their_number_and_to_no_other_kind() {
        let ids = Ids::new(7);
        for number in (0..70_000).step_by(37).chain([u32::MAX]) {
            let id = ids.id(Kind::Session, number);
            assert_eq!(id.len(), 36);
            assert_eq!(ids.number(Kind::Session, &id), Some(number));
            assert_eq!(ids.number(Kind::Machine, &id), None);
            assert_eq!(Ids::new(8).number(Kind::Session, &id), None);
        }
    }

    #[test]
    fn ids_are_distinct_and_bad_ids_are_unknown() {
        let ids = Ids::new(1);
        let all: HashSet<String> = (0..20_000).map(|number| ids.id(Kind::Session, number)).collect();
        assert_eq!(all.len(), 20_000);
        for bad in ["", "x", "zzzzzzzz-0000", "ÄÖÜäöüßß", &"0".repeat(36)] {
            assert_eq!(ids.number(Kind::Session, bad), None);
        }
    }
}
