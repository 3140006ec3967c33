//! The filter grammar of the API (`horizon-rest.md section 5.2`).

use std::borrow::Cow;

use serde_json::Value as Tree;

use super::error::ApiError;
use super::fields::{BT, CO, EQ, EW, Field, NE, Row, SW, Value};
use crate::sim::nearest::nearest;
use crate::sim::release::Release;

/// How deep filters may nest.
const DEPTH: usize = 32;

/// A comparison with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equals,
    NotEquals,
    Contains,
    StartsWith,
    EndsWith,
}

/// A value in a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Texts(Vec<String>),
}

/// A filter over the fields `F`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter<F> {
    Compare(Comparison, F, Literal),
    Between(F, i64, i64),
    Not(Box<Self>),
    And(Vec<Self>),
    Or(Vec<Self>),
}

/// What a list takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grammar<'a, F: 'static> {
    pub(crate) fields: &'static [Field<F>],
    pub(crate) version: u8,
    pub(crate) release: Release,
    /// The only fields that an `Or` may compare, and only with `Equals`; all when absent
    /// (users: `id` and `domain`).
    pub(crate) or_only: Option<&'a [&'a str]>,
}

fn bad(message: String) -> ApiError {
    ApiError::bad_request("common.filter.invalid", message)
}

impl<F: Copy + PartialEq> Grammar<'_, F> {
    /// Reads a filter.
    pub(crate) fn parse(&self, text: &str) -> Result<Filter<F>, ApiError> {
        let tree: Tree = serde_json::from_str(text)
            .map_err(|error| bad(format!("The filter is not valid JSON: {error}")))?;
        self.filter(&tree, DEPTH, false)
    }

    fn filter(&self, tree: &Tree, depth: usize, in_or: bool) -> Result<Filter<F>, ApiError> {
        if depth == 0 {
            return Err(bad("The filter is nested too deeply.".to_owned()));
        }
        let Some(object) = tree.as_object() else {
            return Err(bad("A filter must be an object.".to_owned()));
        };
        let kind = match object.get("type") {
            Some(Tree::String(kind)) => kind.as_str(),
            _ => return Err(bad("A filter must have a type.".to_owned())),
        };
        let member =
            |name: &str| object.get(name).ok_or_else(|| bad(format!("A {kind} filter must have `{name}`.")));
        match kind {
            "And" | "Or" => {
                let Some(filters) = member("filters")?.as_array().filter(|filters| !filters.is_empty())
                else {
                    return Err(bad(format!("`filters` of {kind} must be a list that is not empty.")));
                };
                let is_or = kind == "Or";
                let parts: Result<Vec<Filter<F>>, ApiError> =
                    filters.iter().map(|part| self.filter(part, depth - 1, in_or || is_or)).collect();
                Ok(if is_or { Filter::Or(parts?) } else { Filter::And(parts?) })
            }
            "Not" => Ok(Filter::Not(Box::new(self.filter(member("filter")?, depth - 1, in_or)?))),
            "Between" => {
                let field = self.field(member("name")?, kind, BT, in_or)?;
                let bound = |name: &str| -> Result<i64, ApiError> {
                    whole(member(name)?).ok_or_else(|| bad(format!("`{name}` must be a whole number.")))
                };
                Ok(Filter::Between(field.of, bound("fromValue")?, bound("toValue")?))
            }
            _ => {
                let (comparison, bit) = match kind {
                    "Equals" => (Comparison::Equals, EQ),
                    "NotEquals" => (Comparison::NotEquals, NE),
                    "Contains" => (Comparison::Contains, CO),
                    "StartsWith" => (Comparison::StartsWith, SW),
                    "EndsWith" => (Comparison::EndsWith, EW),
                    other => {
                        return Err(bad(format!(
                            "`{other}` is not a filter type; names are case-sensitive."
                        )));
                    }
                };
                let field = self.field(member("name")?, kind, bit, in_or)?;
                let literal = literal(member("value")?, comparison)
                    .ok_or_else(|| bad(format!("The value of `{}` cannot be compared.", field.name)))?;
                Ok(Filter::Compare(comparison, field.of, literal))
            }
        }
    }

    /// The field of that name, when this filter type is allowed on it.
    fn field(&self, name: &Tree, kind: &str, bit: u8, in_or: bool) -> Result<&'static Field<F>, ApiError> {
        let Some(name) = name.as_str() else {
            return Err(bad("The name of a field must be a string.".to_owned()));
        };
        let known = || self.fields.iter().filter(|field| field.is_in(self.version, self.release));
        let Some(field) = known().find(|field| field.name == name) else {
            let hint = nearest(name, known().map(|field| field.name)).unwrap_or("");
            return Err(bad(format!("There is no field `{name}`; the nearest is `{hint}`.")));
        };
        if field.allowed(self.release) & bit == 0 {
            return Err(bad(format!("{kind} is not supported on the field `{name}`.")));
        }
        if in_or && self.or_only.is_some_and(|only| bit != EQ || !only.contains(&name)) {
            return Err(bad(format!("Or does not take {kind} on the field `{name}`.")));
        }
        Ok(field)
    }
}

fn whole(tree: &Tree) -> Option<i64> {
    match tree {
        Tree::Number(number) => number
            .as_i64()
            .or_else(|| number.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64)),
        Tree::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn literal(tree: &Tree, comparison: Comparison) -> Option<Literal> {
    match tree {
        Tree::String(text) => Some(Literal::Text(text.clone())),
        Tree::Number(_) => whole(tree).map(Literal::Integer),
        Tree::Bool(yes) => Some(Literal::Boolean(*yes)),
        Tree::Array(items) if comparison == Comparison::Contains && !items.is_empty() => {
            let texts: Option<Vec<String>> =
                items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            texts.map(Literal::Texts)
        }
        _ => None,
    }
}

impl<F> Filter<F> {
    /// The same with all texts in lower case, for rows whose texts are.
    pub(crate) fn in_lower_case(self) -> Self {
        let lower = |filters: Vec<Self>| filters.into_iter().map(Self::in_lower_case).collect();
        match self {
            Self::Compare(comparison, field, literal) => {
                let literal = match literal {
                    Literal::Text(text) => Literal::Text(text.to_lowercase()),
                    Literal::Texts(texts) => {
                        Literal::Texts(texts.iter().map(|text| text.to_lowercase()).collect())
                    }
                    other => other,
                };
                Self::Compare(comparison, field, literal)
            }
            Self::Not(filter) => Self::Not(Box::new(filter.in_lower_case())),
            Self::And(filters) => Self::And(lower(filters)),
            Self::Or(filters) => Self::Or(lower(filters)),
            between @ Self::Between(..) => between,
        }
    }
}

impl<F: Copy + PartialEq + std::fmt::Debug + 'static> Filter<F> {
    /// Whether a row passes.
    pub(crate) fn matches<R: Row<Field = F>>(&self, row: &R) -> bool {
        match self {
            Self::Compare(comparison, field, literal) => compare(*comparison, &row.value(*field), literal),
            Self::Between(field, from, to) => match row.value(*field) {
                Value::Integer(number) => (*from..=*to).contains(&number),
                _ => false,
            },
            Self::Not(filter) => !filter.matches(row),
            Self::And(filters) => filters.iter().all(|filter| filter.matches(row)),
            Self::Or(filters) => {
                // Many values of one field, such as 50 ids, are the rule; the row's own is made once.
                let mut known: Option<(F, Value<'_>)> = None;
                filters.iter().any(|filter| match filter {
                    Self::Compare(comparison, field, literal) => {
                        let fresh = known.take().filter(|(of, _)| of == field);
                        let (_, value) = known.insert(fresh.unwrap_or_else(|| (*field, row.value(*field))));
                        compare(*comparison, value, literal)
                    }
                    other => other.matches(row),
                })
            }
        }
    }
}

fn compare(comparison: Comparison, value: &Value<'_>, literal: &Literal) -> bool {
    match comparison {
        Comparison::NotEquals => !compare(Comparison::Equals, value, literal),
        Comparison::Equals => match (value, literal) {
            (Value::Text(text), Literal::Text(wanted)) => text == wanted,
            (Value::Integer(number), Literal::Integer(wanted)) => number == wanted,
            (Value::Integer(number), Literal::Text(wanted)) => wanted.parse() == Ok(*number),
            (Value::Boolean(yes), Literal::Boolean(wanted)) => yes == wanted,
            (Value::Boolean(yes), Literal::Text(wanted)) => wanted.parse() == Ok(*yes),
            (Value::Texts(texts), Literal::Text(wanted)) => texts.iter().any(|text| text == wanted),
            _ => false,
        },
        Comparison::Contains => match (value, literal) {
            (Value::Text(text), Literal::Text(wanted)) => text.contains(wanted.as_str()),
            (Value::Text(text), Literal::Texts(wanted)) => {
                wanted.iter().any(|wanted| text.contains(wanted.as_str()))
            }
            (Value::Texts(texts), Literal::Text(wanted)) => texts.iter().any(|text| text == wanted),
            (Value::Texts(texts), Literal::Texts(wanted)) => {
                wanted.iter().any(|wanted| texts.iter().any(|text: &Cow<'_, str>| text == wanted))
            }
            _ => false,
        },
        Comparison::StartsWith => {
            matches!((value, literal), (Value::Text(text), Literal::Text(wanted)) if text.starts_with(wanted.as_str()))
        }
        Comparison::EndsWith => {
            matches!((value, literal), (Value::Text(text), Literal::Text(wanted)) if text.ends_with(wanted.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Of {
        Name,
        Age,
        Tags,
        Awake,
        Kind,
    }

    struct Pet;

    impl Row for Pet {
        type Field = Of;
        const FIELDS: &'static [Field<Of>] = &[
            Field::new(Of::Name, "name", 1, EQ | SW | CO | EW, true),
            Field::new(Of::Age, "age", 1, EQ | BT, true).later(BT, Release::R2506),
            Field::new(Of::Tags, "tags", 2, CO, false),
            Field::new(Of::Awake, "awake", 1, EQ, false),
            Field::new(Of::Kind, "more.kind", 1, EQ | NE, false),
        ];

        fn value(&self, field: Of) -> Value<'_> {
            match field {
                Of::Name => Value::text("Mia Ö"),
                Of::Age => Value::Integer(7),
                Of::Tags => Value::Texts(vec!["soft".into(), "grey".into()]),
                Of::Awake => Value::Boolean(false),
                Of::Kind => Value::text("CAT"),
            }
        }
    }

    fn grammar(version: u8, release: Release) -> Grammar<'static, Of> {
        Grammar { fields: Pet::FIELDS, version, release, or_only: None }
    }

    fn passes(text: &str) -> bool {
        grammar(2, Release::R2512).parse(text).unwrap().matches(&Pet)
    }

    #[rstest::rstest]
    #[case(r#"{"type":"Equals","name":"name","value":"Mia Ö"}"#, true)]
    #[case(r#"{"type":"Equals","name":"name","value":"mia ö"}"#, false)]
    #[case(r#"{"type":"Contains","name":"name","value":"ia"}"#, true)]
    #[case(r#"{"type":"StartsWith","name":"name","value":"Mi"}"#, true)]
    #[case(r#"{"type":"EndsWith","name":"name","value":"Ö"}"#, true)]
    #[case(r#"{"type":"Equals","name":"age","value":"7"}"#, true)]
    #[case(r#"{"type":"Between","name":"age","fromValue":7,"toValue":9}"#, true)]
    #[case(r#"{"type":"Between","name":"age","fromValue":"1","toValue":"6"}"#, false)]
    #[case(r#"{"type":"Contains","name":"tags","value":"grey"}"#, true)]
    #[case(r#"{"type":"Contains","name":"tags","value":"gre"}"#, false)]
    #[case(r#"{"type":"Contains","name":"tags","value":["x","soft"]}"#, true)]
    #[case(r#"{"type":"Equals","name":"awake","value":false}"#, true)]
    #[case(r#"{"type":"NotEquals","name":"more.kind","value":"DOG"}"#, true)]
    #[case(r#"{"type":"Not","filter":{"type":"Equals","name":"awake","value":true}}"#, true)]
    #[case(r#"{"type":"And","filters":[{"type":"Equals","name":"age","value":7},{"type":"Equals","name":"name","value":"x"}]}"#, false)]
    #[case(r#"{"type":"Or","filters":[{"type":"Equals","name":"age","value":8},{"type":"Equals","name":"age","value":7}]}"#, true)]
    fn filters_match(#[case] filter: &str, #[case] expected: bool) {
        assert_eq!(passes(filter), expected);
    }

    #[rstest::rstest]
    #[case("{", "not valid JSON")]
    #[case("[]", "must be an object")]
    #[case("{}", "must have a type")]
    #[case(r#"{"type":"equals","name":"name","value":"x"}"#, "case-sensitive")]
    #[case(r#"{"type":"Equals","name":"nam","value":"x"}"#, "the nearest is `name`")]
    #[case(r#"{"type":"Equals","value":"x"}"#, "must have `name`")]
    #[case(r#"{"type":"Equals","name":"name"}"#, "must have `value`")]
    #[case(r#"{"type":"Equals","name":"name","value":{"a":1}}"#, "cannot be compared")]
    #[case(r#"{"type":"NotEquals","name":"name","value":"x"}"#, "not supported")]
    #[case(r#"{"type":"Between","name":"name","fromValue":1,"toValue":2}"#, "not supported")]
    #[case(r#"{"type":"Between","name":"age","from_value":1,"to_value":2}"#, "must have `fromValue`")]
    #[case(r#"{"type":"Between","name":"age","fromValue":"x","toValue":2}"#, "whole number")]
    #[case(r#"{"type":"And","filters":[]}"#, "not empty")]
    fn mistakes_are_explained(#[case] filter: &str, #[case] expected: &str) {
        let error = grammar(2, Release::R2512).parse(filter).unwrap_err();
        assert_eq!(error.status.as_u16(), 400);
        assert!(error.message.contains(expected), "{}", error.message);
    }

    #[test]
    fn versions_and_releases_limit_the_fields() {
        let tags = r#"{"type":"Contains","name":"tags","value":"x"}"#;
        assert!(grammar(1, Release::R2512).parse(tags).is_err());
        assert!(grammar(2, Release::R2512).parse(tags).is_ok());
        let between = r#"{"type":"Between","name":"age","fromValue":1,"toValue":2}"#;
        assert!(grammar(1, Release::R2412).parse(between).is_err());
        assert!(grammar(1, Release::R2506).parse(between).is_ok());
    }

    #[test]
    fn or_can_be_limited_to_some_fields() {
        let mut limited = grammar(2, Release::R2512);
        limited.or_only = Some(&["age"]);
        let or = |inner: &str| format!(r#"{{"type":"Or","filters":[{inner}]}}"#);
        assert!(limited.parse(&or(r#"{"type":"Equals","name":"age","value":7}"#)).is_ok());
        assert!(limited.parse(&or(r#"{"type":"Equals","name":"name","value":"x"}"#)).is_err());
        assert!(limited.parse(r#"{"type":"Contains","name":"name","value":"x"}"#).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd(text in "\\PC*", name in "[a-z_.]{0,12}", value in "\\PC{0,20}") {
            let written = serde_json::json!({"type": "Equals", "name": name, "value": value}).to_string();
            for text in [text, written] {
                if let Ok(filter) = grammar(2, Release::R2512).parse(&text) {
                    filter.matches(&Pet);
                }
            }
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let mut filter = r#"{"type":"Equals","name":"age","value":7}"#.to_owned();
        for _ in 0..40 {
            filter = format!(r#"{{"type":"Not","filter":{filter}}}"#);
        }
        assert!(grammar(1, Release::R2512).parse(&filter).is_err());
    }
}
