//! Columns that the operator chose, with the widths that were chosen for them.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Column;

/// The widths that can be chosen, in columns of the screen.
pub const WIDTHS: RangeInclusive<u16> = 2..=80;

/// A column, and how wide it is where that was chosen. Written `user`, or `user:20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChosenColumn {
    /// Which column.
    pub column: Column,
    /// How wide; as the screen allows when not chosen.
    pub width: Option<u16>,
}

/// Why a text is no chosen column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAColumn {
    /// No column has this name.
    #[error("there is no column `{0}`")]
    Unknown(String),
    /// The width is none, or out of [`WIDTHS`].
    #[error("the width of `{0}` must be a number from {low} to {high}", low = WIDTHS.start(), high = WIDTHS.end())]
    Width(String),
}

impl ChosenColumn {
    /// The least width at which it is shown.
    pub(super) fn least(self) -> u16 {
        self.width.unwrap_or_else(|| self.column.min_width())
    }

    /// The width that it takes where there is room.
    pub(super) fn preferred(self) -> u16 {
        self.width.unwrap_or_else(|| self.column.preferred_width())
    }

    /// Its share of what is left over: none where a width was chosen.
    pub(super) fn stretch(self) -> u16 {
        if self.width.is_some() { 0 } else { self.column.stretch() }
    }
}

impl From<Column> for ChosenColumn {
    fn from(column: Column) -> Self {
        Self { column, width: None }
    }
}

impl fmt::Display for ChosenColumn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.width {
            Some(width) => write!(formatter, "{}:{width}", self.column.id()),
            None => formatter.write_str(self.column.id()),
        }
    }
}

impl From<ChosenColumn> for String {
    fn from(chosen: ChosenColumn) -> Self {
        chosen.to_string()
    }
}

impl FromStr for ChosenColumn {
    type Err = NotAColumn;

    fn from_str(text: &str) -> Result<Self, NotAColumn> {
        let (name, width) = match text.split_once(':') {
            Some((name, width)) => (name, Some(width)),
            None => (text, None),
        };
        let column = Column::from_id(name).ok_or_else(|| NotAColumn::Unknown(name.to_owned()))?;
        let width = match width {
            None => None,
            Some(width) => {
                let number = width.trim().parse().ok().filter(|width| WIDTHS.contains(width));
                Some(number.ok_or_else(|| NotAColumn::Width(name.to_owned()))?)
            }
        };
        Ok(Self { column, width })
    }
}

impl TryFrom<String> for ChosenColumn {
    type Error = NotAColumn;

    fn try_from(text: String) -> Result<Self, NotAColumn> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_column_reads_back_as_it_is_written() {
        for text in ["user", "user:20", "clientaddress:2", "pool:80"] {
            assert_eq!(text.parse::<ChosenColumn>().unwrap().to_string(), text);
        }
        assert_eq!("usr".parse::<ChosenColumn>(), Err(NotAColumn::Unknown("usr".to_owned())));
        for text in ["user:1", "user:81", "user:", "user:wide"] {
            assert_eq!(text.parse::<ChosenColumn>(), Err(NotAColumn::Width("user".to_owned())), "{text}");
        }
    }
}
