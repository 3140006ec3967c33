//! Server-side filters (`horizon-rest.md section 5.2`).

use serde::Serialize;
use serde_json::Value;

/// A filter expression of the REST API. Only what Foretop sends is here.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type")]
pub(super) enum Filter {
    /// The field has exactly this value.
    Equals { name: &'static str, value: Value },
    /// The field begins with this value.
    StartsWith { name: &'static str, value: Value },
    /// The field lies in the span, bounds included. The keys are camelCase, unlike all else.
    Between {
        name: &'static str,
        #[serde(rename = "fromValue")]
        from: Value,
        #[serde(rename = "toValue")]
        to: Value,
    },
    /// At least one holds.
    Or { filters: Vec<Self> },
}

impl Filter {
    /// `Equals` on a field.
    pub(super) fn equals(name: &'static str, value: impl Into<Value>) -> Self {
        Self::Equals { name, value: value.into() }
    }

    /// `StartsWith` on a field.
    pub(super) fn starts_with(name: &'static str, value: impl Into<Value>) -> Self {
        Self::StartsWith { name, value: value.into() }
    }

    /// `Between` on a field.
    pub(super) fn between(name: &'static str, from: impl Into<Value>, to: impl Into<Value>) -> Self {
        Self::Between { name, from: from.into(), to: to.into() }
    }

    /// The value of the `filter` parameter, not yet percent-encoded.
    pub(super) fn json(&self) -> String {
        // A filter is made of strings and numbers: it always has a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request::encode;

    // The worked examples of horizon-rest.md section 5.2, as far as the grammar here goes; the encoding is one function
    // for all of them.

    #[test]
    fn a_span_of_time() {
        let filter = Filter::between("time", 1_712_300_000_000_i64, 1_712_386_400_000_i64);
        assert_eq!(
            filter.json(),
            r#"{"type":"Between","name":"time","fromValue":1712300000000,"toValue":1712386400000}"#
        );
        assert_eq!(
            encode(&filter.json()),
            "%7B%22type%22%3A%22Between%22%2C%22name%22%3A%22time%22%2C%22fromValue%22%3A1712300000000%2C%22toValue%22%3A1712386400000%7D"
        );
    }

    #[test]
    fn several_sids_in_one_call() {
        let filter = Filter::Or {
            filters: vec![
                Filter::equals("id", "S-1-5-21-1-2-3-500"),
                Filter::equals("id", "S-1-5-21-1-2-3-1104"),
            ],
        };
        assert_eq!(
            encode(&filter.json()),
            "%7B%22type%22%3A%22Or%22%2C%22filters%22%3A%5B%7B%22type%22%3A%22Equals%22%2C%22name%22%3A%22id%22%2C%22value%22%3A%22S-1-5-21-1-2-3-500%22%7D%2C%7B%22type%22%3A%22Equals%22%2C%22name%22%3A%22id%22%2C%22value%22%3A%22S-1-5-21-1-2-3-1104%22%7D%5D%7D"
        );
    }

    #[test]
    fn a_fragment_with_a_backslash_a_space_and_a_letter_beyond_ascii() {
        let json = r#"{"type":"Not","filter":{"type":"Equals","name":"user_name","value":"CORP\\jörg doe"}}"#;
        assert_eq!(
            encode(json),
            "%7B%22type%22%3A%22Not%22%2C%22filter%22%3A%7B%22type%22%3A%22Equals%22%2C%22name%22%3A%22user_name%22%2C%22value%22%3A%22CORP%5C%5Cj%C3%B6rg%20doe%22%7D%7D"
        );
        assert_eq!(
            Filter::equals("user_name", "CORP\\jörg doe").json(),
            r#"{"type":"Equals","name":"user_name","value":"CORP\\jörg doe"}"#
        );
    }
}
