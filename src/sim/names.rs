//! Names by pattern: `FIN-W11-{n:4}` is `FIN-W11-0042` for number 42.

/// A pattern with one place for a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    before: String,
    digits: usize,
    after: String,
}

impl Pattern {
    /// Reads a pattern; `None` unless it holds `{n}` or `{n:DIGITS}` exactly once.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (before, rest) = text.split_once("{n")?;
        let (width, after) = rest.split_once('}')?;
        let digits = match width.strip_prefix(':') {
            Some(digits) => digits.parse().ok().filter(|digits| (1..=12).contains(digits))?,
            None if width.is_empty() => 1,
            None => return None,
        };
        if after.contains("{n") {
            return None;
        }
        Some(Self { before: before.to_owned(), digits, after: after.to_owned() })
    }

    /// The name with this number.
    pub(crate) fn name(&self, number: u32) -> String {
        format!("{}{number:0digits$}{}", self.before, self.after, digits = self.digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_make_names() {
        assert_eq!(Pattern::parse("FIN-{n:4}").unwrap().name(42), "FIN-0042");
        assert_eq!(Pattern::parse("{n}x").unwrap().name(7), "7x");
        for bad in ["none", "{n", "{n:}", "{n:0}", "{n}{n}", "{nn}"] {
            assert_eq!(Pattern::parse(bad), None, "{bad}");
        }
    }
}
