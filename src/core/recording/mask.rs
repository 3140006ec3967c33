//! Data with stand-ins for the names in it.
//!
//! The data says itself where its texts stand ([`Place`]); the names of variants and fields are not texts. A text whose
//! place is not known to hold something else is a name: what is forgotten here is scrambled, not told.

use std::fmt;

use serde::{
    Serialize,
    ser::{self, Error as _},
};
use serde_json::{Map, Value};

use super::{
    expression, kept,
    place::{Place, Rule},
    prose,
    scramble::Scrambler,
};

/// What goes wrong when data has no form in JSON.
type Failed = serde_json::Error;

/// A value with stand-ins for the names; as it is without a scrambler.
pub(super) fn mask<T: Serialize + ?Sized>(
    value: &T,
    scrambler: &mut Option<Scrambler>,
) -> Result<Value, Failed> {
    value.serialize(Masker { scrambler, place: Place::default(), is_key: false })
}

/// A text that stands in a known place.
pub(super) fn mask_text(text: &str, rule: Rule, scrambler: &mut Scrambler) -> String {
    let is_kept = match rule {
        Rule::Version => kept::is_version(text),
        Rule::Time => kept::is_time(text),
        Rule::OwnId => kept::is_journal(text),
        Rule::Word => kept::is_word(text),
        Rule::Code => kept::is_code(text),
        Rule::Theme => kept::is_theme(text),
        Rule::Verb => kept::is_verb(text),
        Rule::OwnWord => kept::is_own(text),
        _ => false,
    };
    match rule {
        _ if is_kept => text.to_owned(),
        Rule::Name
        | Rule::Version
        | Rule::Time
        | Rule::OwnId
        | Rule::OwnWord
        | Rule::Word
        | Rule::Code
        | Rule::Theme => scrambler.name(text),
        Rule::Pace => kept::pace(scrambler, text),
        Rule::Sentence | Rule::Verb => prose::sentence(scrambler, text),
        Rule::Message => prose::message(scrambler, text),
        Rule::Filter => expression::filter(scrambler, text),
        Rule::FilterInForce => expression::filter_in_force(scrambler, text),
        Rule::Command => expression::command(scrambler, text),
    }
}

struct Masker<'a> {
    scrambler: &'a mut Option<Scrambler>,
    place: Place,
    /// Whether it is about the key of an object.
    is_key: bool,
}

impl Masker<'_> {
    fn text(&mut self, text: &str) -> String {
        let rule = if self.is_key { self.place.key_rule() } else { self.place.rule() };
        match self.scrambler {
            Some(scrambler) => mask_text(text, rule, scrambler),
            None => text.to_owned(),
        }
    }

    fn inner<T: Serialize + ?Sized>(&mut self, place: Place, value: &T) -> Result<Value, Failed> {
        value.serialize(Masker { scrambler: &mut *self.scrambler, place, is_key: false })
    }
}

/// Whether a text is a moment or a duration, as everything here writes them.
fn is_moment(text: &str) -> bool {
    let is_moment = text.len() >= 20
        && text.ends_with('Z')
        && text.bytes().zip(b"0000-00-00T00:00:00".iter()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == *other,
        })
        && text.bytes().skip(19).all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'Z'));
    let duration = text.strip_prefix('-').unwrap_or(text).strip_prefix("PT");
    is_moment
        || duration.is_some_and(|parts| {
            // Numbers with their units: a machine may be called PT0042.
            let numbers: Vec<&str> = parts.split_inclusive(['H', 'M', 'S']).collect();
            !numbers.is_empty()
                && numbers.iter().all(|number| {
                    let digits = number.strip_suffix(['H', 'M', 'S']).unwrap_or_default();
                    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
                })
        })
}

/// Parts of a list or of an object.
struct Parts<'a> {
    masker: Masker<'a>,
    list: Vec<Value>,
    object: Map<String, Value>,
    key: String,
    /// The variant that the parts belong to.
    variant: Option<&'static str>,
}

impl<'a> Parts<'a> {
    fn of(masker: Masker<'a>, variant: Option<&'static str>) -> Self {
        Self { masker, list: Vec::new(), object: Map::new(), key: String::new(), variant }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let value = self.masker.inner(self.masker.place, value)?;
        self.list.push(value);
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Failed> {
        let value = self.masker.inner(self.masker.place.field(name), value)?;
        self.object.insert(name.to_owned(), value);
        Ok(())
    }

    fn wrapped(variant: Option<&'static str>, value: Value) -> Value {
        match variant {
            None => value,
            Some(variant) => Value::Object([(variant.to_owned(), value)].into_iter().collect()),
        }
    }
}

macro_rules! listed {
    ($($kind:ident $add:ident),+) => { $(
        impl ser::$kind for Parts<'_> {
            type Ok = Value;
            type Error = Failed;
            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
                self.item(value)
            }
            fn end(self) -> Result<Value, Failed> {
                Ok(Self::wrapped(self.variant, Value::Array(self.list)))
            }
        }
    )+ };
}
listed!(SerializeSeq serialize_element, SerializeTuple serialize_element, SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field);

macro_rules! fielded {
    ($($kind:ident),+) => { $(
        impl ser::$kind for Parts<'_> {
            type Ok = Value;
            type Error = Failed;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Failed> {
                self.field(name, value)
            }
            fn end(self) -> Result<Value, Failed> {
                Ok(Self::wrapped(self.variant, Value::Object(self.object)))
            }
        }
    )+ };
}
fielded!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Parts<'_> {
    type Ok = Value;
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        let place = self.masker.place;
        let key = key.serialize(Masker { scrambler: &mut *self.masker.scrambler, place, is_key: true })?;
        self.key = match key {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            other => return Err(Failed::custom(format!("{other} cannot be a key"))),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let value = self.masker.inner(self.masker.place.below(&self.key), value)?;
        self.object.insert(std::mem::take(&mut self.key), value);
        Ok(())
    }

    fn end(self) -> Result<Value, Failed> {
        Ok(Value::Object(self.object))
    }
}

macro_rules! plain {
    ($($name:ident $kind:ty),+) => { $(
        fn $name(self, value: $kind) -> Result<Value, Failed> {
            Ok(Value::from(value))
        }
    )+ };
}

impl<'a> ser::Serializer for Masker<'a> {
    type Ok = Value;
    type Error = Failed;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    plain!(serialize_bool bool, serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_f32 f32, serialize_f64 f64);

    fn serialize_char(self, value: char) -> Result<Value, Failed> {
        Ok(Value::String(value.to_string()))
    }

    fn serialize_str(mut self, value: &str) -> Result<Value, Failed> {
        Ok(Value::String(self.text(value)))
    }

    /// Moments and durations say themselves what they are: they have no text of their own to be told by.
    fn collect_str<T: fmt::Display + ?Sized>(mut self, value: &T) -> Result<Value, Failed> {
        let text = value.to_string();
        Ok(Value::String(if is_moment(&text) { text } else { self.text(&text) }))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Failed> {
        Ok(Value::Array(value.iter().map(|byte| Value::from(*byte)).collect()))
    }

    fn serialize_none(self) -> Result<Value, Failed> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Failed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Failed> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Failed> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Failed> {
        Ok(Value::String(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        value: &T,
    ) -> Result<Value, Failed> {
        if name == "Filter" {
            return self.inner(Place::of(name), value);
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Failed> {
        let place = self.place.variant(name, variant);
        let value = self.inner(place, value)?;
        Ok(Parts::wrapped(Some(variant), value))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, Failed> {
        Ok(Parts::of(self, None))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, Failed> {
        Ok(Parts::of(self, None))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>, Failed> {
        Ok(Parts::of(self, None))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Failed> {
        let place = self.place.variant(name, variant);
        Ok(Parts::of(Masker { place, ..self }, Some(variant)))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, Failed> {
        Ok(Parts::of(self, None))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts<'a>, Failed> {
        Ok(Parts::of(Masker { place: Place::of(name), ..self }, None))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, Failed> {
        let place = self.place.variant(name, variant);
        Ok(Parts::of(Masker { place, ..self }, Some(variant)))
    }
}
