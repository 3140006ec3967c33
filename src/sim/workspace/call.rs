//! One call and its answer: parameters, bodies, lists, times (`workspace.md sections 4.3 and 4.5`).

use axum::http::StatusCode;
use jiff::fmt::strtime;
use serde_json::{Map, Value, json};

use super::error::CloudError;
use super::gate::WorkspaceAccess;
use crate::sim::estate::{Estate, Workspace, WorkspaceRefusal};
use crate::sim::faults::Quirks;
use crate::sim::shared::Shared;

/// How many rows a list gives when nothing is asked for, and at most.
const DEFAULT_LIMIT: usize = 10;
const MOST_LIMIT: usize = 100;
/// The greatest offset.
const MOST_OFFSET: i64 = 2_147_483_647;
/// How `sessions of a user` writes a time that has not come.
pub(crate) const NOT_YET: &str = "0001-01-01 00:00:00";

/// A good answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// `None` for an empty body.
    pub(crate) body: Option<Value>,
    /// A token, which travels as a header.
    pub(crate) token: Option<String>,
}

pub(crate) type Answer = Result<Reply, CloudError>;

impl Reply {
    pub(crate) fn json(body: Value) -> Self {
        Self { status: StatusCode::OK, body: Some(body), token: None }
    }

    pub(crate) fn empty() -> Self {
        Self { status: StatusCode::OK, body: None, token: None }
    }
}

/// A call that is allowed to happen.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: &'a [u8],
    pub(crate) identity: &'a WorkspaceAccess,
    pub(crate) quirks: Quirks,
    /// The ids of the path, in its order, without the project.
    pub(crate) ids: &'a [String],
}

impl Call<'_> {
    /// The id of the path.
    pub(crate) fn id(&self) -> &str {
        self.ids.first().map_or("", String::as_str)
    }

    /// A parameter of the query; an empty one counts as absent.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, CloudError> {
        self.parameter(name)
            .ok_or_else(|| CloudError::bad_request(format!("The parameter {name} is required.")))
    }

    /// A parameter that must be one of these.
    pub(crate) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<&str>, CloudError> {
        match self.parameter(name) {
            Some(value) if !words.contains(&value) => Err(CloudError::bad_request(format!(
                "The parameter {name} is not one of {}.",
                words.join(", ")
            ))),
            found => Ok(found),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, CloudError> {
        Ok(self.one_of(name, &["true", "false"])?.map(|value| value == "true"))
    }

    /// A time parameter, in epoch milliseconds.
    pub(crate) fn time(&self, name: &str) -> Result<Option<i64>, CloudError> {
        let read = |text: &str| {
            let time = text.parse::<jiff::Timestamp>().ok().filter(|_| text.len() <= 32);
            time.map(jiff::Timestamp::as_millisecond)
                .ok_or_else(|| CloudError::bad_request(format!("The parameter {name} is not a UTC time.")))
        };
        self.parameter(name).map(read).transpose()
    }

    fn number(&self, name: &str, from: i64, to: i64) -> Result<Option<usize>, CloudError> {
        let found = self.query.iter().find(|(known, _)| known == name);
        let Some((_, text)) = found else { return Ok(None) };
        let number = text.parse::<i64>().ok().filter(|number| (from..=to).contains(number));
        let wrong = || CloudError::bad_request(format!("The parameter {name} must be from {from} to {to}."));
        number.map(|number| Some(number as usize)).ok_or_else(wrong)
    }

    /// One page of a list under `key`, and how many there are in all. Past the end there is nothing.
    pub(crate) fn page<T>(&self, key: &str, rows: &[T], write: impl Fn(&T) -> Value) -> Answer {
        let offset = self.number("offset", 0, MOST_OFFSET)?.unwrap_or(0);
        let limit = self.number("limit", 1, MOST_LIMIT as i64)?.unwrap_or(DEFAULT_LIMIT);
        let items = self.rows(rows.iter().skip(offset).take(limit), write);
        Ok(Reply::json(json!({"count": rows.len(), key: items})))
    }

    /// Rows with the oddities of the faults.
    pub(crate) fn rows<'r, T: 'r>(
        &self,
        rows: impl Iterator<Item = &'r T>,
        write: impl Fn(&T) -> Value,
    ) -> Vec<Value> {
        let odd = |(number, row)| odd(write(row), self.quirks.at(number));
        rows.enumerate().map(odd).collect()
    }

    /// The body as an object.
    pub(crate) fn fields(&self) -> Result<Fields, CloudError> {
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(map)) => Ok(Fields(map)),
            _ => Err(CloudError::bad_request("The request body is not a JSON object.")),
        }
    }
}

/// What `new-enum` and `missing-fields` do to a row.
fn odd(mut row: Value, quirks: Quirks) -> Value {
    const HIDDEN: [&str; 6] =
        ["session_state", "login_user", "status", "image_id", "server_group_name", "account"];
    const WORDS: [(&str, &str); 5] = [
        ("session_state", "Hibernated"),
        ("status", "DREAMING"),
        ("vm_status", "TELEPORTING"),
        ("task_status", "meditating"),
        ("account_type", "ROBOT"),
    ];
    let Some(fields) = row.as_object_mut() else { return row };
    if quirks.missing && quirks.row % 4 == 1 {
        fields.retain(|name, _| !HIDDEN.contains(&name.as_str()));
    }
    if quirks.new_enum && quirks.row % 5 == 2 {
        for (name, word) in WORDS {
            if let Some(value) = fields.get_mut(name) {
                *value = Value::from(word);
            }
        }
    }
    row
}

/// The fields of a request's body.
#[derive(Debug, Clone)]
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl Fields {
    fn wrong(name: &str, rule: &str) -> CloudError {
        CloudError::bad_request(format!("The field {name} is not valid: {rule}."))
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text of so many characters.
    pub(crate) fn text(&self, name: &str, least: usize, most: usize) -> Result<Option<&str>, CloudError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let fits = |text: &&str| (least..=most).contains(&text.chars().count());
        let found = value.as_str().filter(fits);
        found.map(Some).ok_or_else(|| Self::wrong(name, &format!("a text of {least} to {most} characters")))
    }

    pub(crate) fn needed_text(&self, name: &str, least: usize, most: usize) -> Result<&str, CloudError> {
        self.text(name, least, most)?.ok_or_else(|| Self::wrong(name, "it is required"))
    }

    pub(crate) fn owned(&self, name: &str, least: usize, most: usize) -> Result<Option<String>, CloudError> {
        Ok(self.text(name, least, most)?.map(str::to_owned))
    }

    pub(crate) fn number(&self, name: &str, from: i64, to: i64) -> Result<Option<i64>, CloudError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let found = value.as_i64().filter(|number| (from..=to).contains(number));
        found.map(Some).ok_or_else(|| Self::wrong(name, &format!("a whole number from {from} to {to}")))
    }

    pub(crate) fn needed_number(&self, name: &str, from: i64, to: i64) -> Result<i64, CloudError> {
        self.number(name, from, to)?.ok_or_else(|| Self::wrong(name, "it is required"))
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, CloudError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| Self::wrong(name, "true or false"))
    }

    pub(crate) fn needed_flag(&self, name: &str) -> Result<bool, CloudError> {
        self.flag(name)?.ok_or_else(|| Self::wrong(name, "it is required"))
    }

    /// One of these words.
    pub(crate) fn word(&self, name: &str, words: &[&str]) -> Result<Option<&str>, CloudError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let found = value.as_str().filter(|text| words.contains(text));
        found.map(Some).ok_or_else(|| Self::wrong(name, &format!("one of {}", words.join(", "))))
    }

    /// 1 to `most` ids, no two the same.
    pub(crate) fn ids(&self, name: &str, most: usize) -> Result<Vec<String>, CloudError> {
        let rule = format!("1 to {most} different ids");
        let wrong = || Self::wrong(name, &rule);
        let values = self.get(name).and_then(Value::as_array).ok_or_else(wrong)?;
        let mut ids: Vec<String> = Vec::with_capacity(values.len());
        for value in values {
            let id = value.as_str().filter(|id| (1..=128).contains(&id.len())).ok_or_else(wrong)?;
            if ids.iter().any(|known| known == id) {
                return Err(wrong());
            }
            ids.push(id.to_owned());
        }
        if (1..=most).contains(&ids.len()) { Ok(ids) } else { Err(wrong()) }
    }

    /// Objects of a list.
    pub(crate) fn objects(&self, name: &str, most: usize) -> Result<Vec<Self>, CloudError> {
        let rule = format!("a list of 1 to {most} objects");
        let wrong = || Self::wrong(name, &rule);
        let values = self.get(name).and_then(Value::as_array).ok_or_else(wrong)?;
        if !(1..=most).contains(&values.len()) {
            return Err(wrong());
        }
        let object = |value: &Value| value.as_object().cloned().map(Self).ok_or_else(wrong);
        values.iter().map(object).collect()
    }
}

fn formatted(format: &str, at: i64) -> String {
    let time = jiff::Timestamp::from_millisecond(at).unwrap_or_default();
    strtime::format(format, time).unwrap_or_default()
}

/// A time of v1: `2024-05-07T07:54:21.009Z`, without the fraction when it is none.
pub(crate) fn time(at: i64) -> String {
    let seconds = formatted("%Y-%m-%dT%H:%M:%S", at);
    match at.rem_euclid(1000) {
        0 => format!("{seconds}Z"),
        millis => format!("{seconds}.{millis:03}Z"),
    }
}

/// A time of the sessions of a user: `2022-08-13 07:00:20`.
pub(crate) fn plain_time(at: Option<i64>) -> String {
    at.map_or_else(|| NOT_YET.to_owned(), |at| formatted("%Y-%m-%d %H:%M:%S", at))
}

/// Puts a field in where there is one.
pub(crate) fn put(row: &mut Value, name: &str, value: Option<String>) {
    if let (Some(fields), Some(value)) = (row.as_object_mut(), value) {
        fields.insert(name.to_owned(), Value::from(value));
    }
}

/// Whether a text contains a part, without regard to case.
pub(crate) fn contains(text: &str, part: Option<&str>) -> bool {
    part.is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
}

/// Whether a text is this one, where one is asked for.
pub(crate) fn is(text: &str, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| wanted == text)
}

/// The workspace of the estate; without one there is no such API.
pub(crate) fn workspace(estate: &Estate) -> Result<&Workspace, CloudError> {
    estate.workspace.as_ref().ok_or_else(CloudError::no_such_api)
}

pub(crate) fn workspace_mut(estate: &mut Estate) -> Result<&mut Workspace, CloudError> {
    estate.workspace.as_mut().ok_or_else(CloudError::no_such_api)
}

/// A refusal of the estate as an answer.
pub(crate) fn refused(refusal: WorkspaceRefusal, what: &str) -> CloudError {
    match refusal {
        WorkspaceRefusal::Unknown => CloudError::not_found(what),
        WorkspaceRefusal::WrongState => {
            CloudError::wrong_state(&format!("The {what} is not in a state for this operation."))
        }
        WorkspaceRefusal::Conflict => {
            CloudError::conflict(&format!("The {what} exists already or is in use."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_styles_of_the_service() {
        assert_eq!(time(1_715_068_461_009), "2024-05-07T07:54:21.009Z");
        assert_eq!(time(1_715_068_461_000), "2024-05-07T07:54:21Z");
        assert_eq!(plain_time(Some(1_660_374_020_000)), "2022-08-13 07:00:20");
        assert_eq!(plain_time(None), NOT_YET);
    }

    #[test]
    fn fields_are_held_to_their_rules() {
        let fields = |value: Value| match value {
            Value::Object(map) => Fields(map),
            _ => panic!("an object"),
        };
        let body = fields(json!({"name": "a", "n": 5, "ids": ["1", "2"], "twice": ["1", "1"], "none": []}));
        assert_eq!(body.needed_text("name", 1, 1).unwrap(), "a");
        assert!(body.needed_text("name", 2, 3).is_err() && body.needed_text("title", 1, 9).is_err());
        assert_eq!(body.number("n", 0, 5).unwrap(), Some(5));
        assert!(body.number("n", 0, 4).is_err() && body.number("name", 0, 4).is_err());
        assert_eq!(body.ids("ids", 2).unwrap(), ["1", "2"]);
        for bad in ["twice", "none", "absent", "name"] {
            assert!(body.ids(bad, 20).is_err(), "{bad}");
        }
        assert!(body.ids("ids", 1).is_err());
    }
}
