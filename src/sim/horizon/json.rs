//! JSON written straight into bytes: lists of sessions are too long for trees of values.

/// A JSON text under construction. The caller keeps objects and arrays balanced.
#[derive(Debug, Default)]
pub(crate) struct Json {
    bytes: Vec<u8>,
    comma: bool,
}

impl Json {
    pub(crate) fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity), comma: false }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn separate(&mut self) {
        if self.comma {
            self.bytes.push(b',');
        }
        self.comma = true;
    }

    fn open(&mut self, bracket: u8) {
        self.separate();
        self.bytes.push(bracket);
        self.comma = false;
    }

    fn close(&mut self, bracket: u8) {
        self.bytes.push(bracket);
        self.comma = true;
    }

    pub(crate) fn begin_object(&mut self) {
        self.open(b'{');
    }

    pub(crate) fn end_object(&mut self) {
        self.close(b'}');
    }

    pub(crate) fn begin_array(&mut self) {
        self.open(b'[');
    }

    pub(crate) fn end_array(&mut self) {
        self.close(b']');
    }

    pub(crate) fn key(&mut self, name: &str) {
        self.separate();
        self.quote(name);
        self.bytes.push(b':');
        self.comma = false;
    }

    pub(crate) fn text(&mut self, value: &str) {
        self.separate();
        self.quote(value);
    }

    pub(crate) fn integer(&mut self, value: i64) {
        self.separate();
        self.bytes.extend_from_slice(value.to_string().as_bytes());
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.separate();
        self.bytes.extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(crate) fn texts<S: AsRef<str>>(&mut self, values: impl IntoIterator<Item = S>) {
        self.begin_array();
        for value in values {
            self.text(value.as_ref());
        }
        self.end_array();
    }

    /// `"name":"value"`.
    pub(crate) fn text_field(&mut self, name: &str, value: &str) {
        self.key(name);
        self.text(value);
    }

    /// `"name":"value"`, or nothing.
    pub(crate) fn optional_field(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text_field(name, value);
        }
    }

    /// `"name":number`.
    pub(crate) fn integer_field(&mut self, name: &str, value: i64) {
        self.key(name);
        self.integer(value);
    }

    /// `"name":true`.
    pub(crate) fn boolean_field(&mut self, name: &str, value: bool) {
        self.key(name);
        self.boolean(value);
    }

    /// An object made by `fill`.
    pub(crate) fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.begin_object();
        fill(self);
        self.end_object();
    }

    fn quote(&mut self, text: &str) {
        self.bytes.push(b'"');
        let mut plain_from = 0;
        let bytes = text.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
                continue;
            }
            self.bytes.extend_from_slice(&bytes[plain_from..at]);
            plain_from = at + 1;
            match byte {
                b'"' => self.bytes.extend_from_slice(b"\\\""),
                b'\\' => self.bytes.extend_from_slice(b"\\\\"),
                b'\n' => self.bytes.extend_from_slice(b"\\n"),
                control => self.bytes.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
            }
        }
        self.bytes.extend_from_slice(&bytes[plain_from..]);
        self.bytes.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json() {
        let mut json = Json::default();
        json.begin_array();
        json.object(|json| {
            json.text_field("a\"b", "c\\d\n\u{1b}[2J 王");
            json.integer_field("n", -5);
            json.key("list");
            json.texts(["x", "y"]);
        });
        json.object(|json| json.boolean_field("yes", true));
        json.end_array();
        let read: serde_json::Value = serde_json::from_slice(&json.finish()).unwrap();
        assert_eq!(
            read,
            serde_json::json!([{"a\"b": "c\\d\n\u{1b}[2J 王", "n": -5, "list": ["x", "y"]}, {"yes": true}])
        );
    }
}
