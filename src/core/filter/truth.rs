//! Three-valued truth: what is unknown is neither true nor false.

use std::ops::Not;

use serde::{Deserialize, Serialize};

/// What a filter says about a row (Kleene's strong logic). Only [`Truth::Yes`] shows a row; only [`Truth::Yes`] lets a
/// guard pass (`design.md section 4`, rule 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Truth {
    /// It matches.
    Yes,
    /// It does not match.
    No,
    /// It rests on a value that is not known.
    Unknown,
}

impl Truth {
    /// Both must hold: one No is enough for No.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::Yes | Self::Unknown, Self::Yes | Self::Unknown) => Self::Unknown,
        }
    }

    /// One must hold: one Yes is enough for Yes.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        !(!self).and(!other)
    }

    /// Whether it is known to match.
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(matches: bool) -> Self {
        if matches { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_known_side_may_decide_alone() {
        assert_eq!(Truth::No.and(Truth::Unknown), Truth::No);
        assert_eq!(Truth::Yes.and(Truth::Unknown), Truth::Unknown);
        assert_eq!(Truth::Yes.or(Truth::Unknown), Truth::Yes);
        assert_eq!(Truth::No.or(Truth::Unknown), Truth::Unknown);
        assert_eq!(!Truth::Unknown, Truth::Unknown);
    }
}
