//! Sessions as a floor keeps them: in structs with texts of their own, or in columns.

use std::{borrow::Cow, collections::HashMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

/// A text of the answer, where it stands there without escapes.
#[derive(Debug, Default)]
pub(crate) struct Word<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Letters;

        impl<'de> Visitor<'de> for Letters {
            type Value = Word<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, letters: &'de str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Borrowed(letters)))
            }

            fn visit_str<E: de::Error>(self, letters: &str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Owned(letters.to_owned())))
            }
        }

        deserializer.deserialize_str(Letters)
    }
}

fn letters<'w>(word: Option<&'w Word<'_>>) -> Option<&'w str> {
    word.map(|word| &*word.0)
}

/// The fields that the console keeps, too.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de> + Default"))]
pub(crate) struct Row<T> {
    id: Option<T>,
    access_group_id: Option<T>,
    agent_version: Option<T>,
    application_names: Option<Vec<T>>,
    broker_user_id: Option<T>,
    brokered_remotely: Option<bool>,
    client_data: Option<Client<T>>,
    cloud_managed: Option<bool>,
    desktop_pool_id: Option<T>,
    desktop_pool_or_farm_name: Option<T>,
    desktop_pool_or_farm_source: Option<T>,
    desktop_pool_or_farm_type: Option<T>,
    disconnected_time: Option<i64>,
    domain_name: Option<T>,
    farm_id: Option<T>,
    forever_session: Option<bool>,
    groups: Option<Vec<T>>,
    guid: Option<T>,
    idle_duration: Option<i64>,
    internal_session_id: Option<T>,
    last_session_duration_ms: Option<i64>,
    machine_id: Option<T>,
    machine_or_rds_server_dns: Option<T>,
    machine_or_rds_server_name: Option<T>,
    rds_server_id: Option<T>,
    resourced_remotely: Option<bool>,
    security_gateway_data: Option<Gateway<T>>,
    session_protocol: Option<T>,
    session_state: Option<T>,
    session_type: Option<T>,
    start_time: Option<i64>,
    unauthenticated: Option<bool>,
    user_id: Option<T>,
    user_name: Option<T>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de> + Default"))]
struct Client<T> {
    address: Option<T>,
    location_id: Option<T>,
    name: Option<T>,
    r#type: Option<T>,
    version: Option<T>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "T: Deserialize<'de> + Default"))]
struct Gateway<T> {
    address: Option<T>,
    domain_name: Option<T>,
    location: Option<T>,
}

/// Texts behind one another, each different one once.
#[derive(Debug, Default)]
struct Texts {
    known: HashMap<Box<str>, u32>,
    places: Vec<u32>,
}

impl Texts {
    fn push(&mut self, text: Option<&str>) {
        let text = text.unwrap_or_default();
        let place = self.known.get(text).copied().unwrap_or_else(|| {
            let place = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
            self.known.insert(text.into(), place);
            place
        });
        self.places.push(place);
    }
}

/// How many columns have texts that repeat, texts of their own, numbers, and answers of yes and no.
const REPEATED: usize = 21;
const UNIQUE: usize = 5;
const NUMBERS: usize = 4;
const ANSWERS: usize = 5;

/// Sessions in columns.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    rows: usize,
    repeated: [Texts; REPEATED],
    /// All texts of a column in one string, and where each ends.
    unique: [(String, Vec<u32>); UNIQUE],
    numbers: [Vec<Option<i64>>; NUMBERS],
    answers: [Vec<Option<bool>>; ANSWERS],
    lists: Texts,
}

impl Columns {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Takes one in.
    pub(crate) fn push(&mut self, row: &Row<Word<'_>>) {
        self.rows += 1;
        let (client, gateway) = (row.client_data.as_ref(), row.security_gateway_data.as_ref());
        let repeated: [Option<&str>; REPEATED] = [
            letters(row.access_group_id.as_ref()),
            letters(row.agent_version.as_ref()),
            letters(row.desktop_pool_id.as_ref()),
            letters(row.desktop_pool_or_farm_name.as_ref()),
            letters(row.desktop_pool_or_farm_source.as_ref()),
            letters(row.desktop_pool_or_farm_type.as_ref()),
            letters(row.domain_name.as_ref()),
            letters(row.farm_id.as_ref()),
            letters(row.machine_id.as_ref()).or(letters(row.rds_server_id.as_ref())),
            letters(row.machine_or_rds_server_dns.as_ref()),
            letters(row.machine_or_rds_server_name.as_ref()),
            letters(row.session_protocol.as_ref()),
            letters(row.session_state.as_ref()),
            letters(row.session_type.as_ref()),
            letters(row.user_id.as_ref()),
            letters(row.user_name.as_ref()),
            client.and_then(|client| letters(client.r#type.as_ref())),
            client.and_then(|client| letters(client.version.as_ref())),
            gateway.and_then(|gateway| letters(gateway.address.as_ref())),
            gateway.and_then(|gateway| letters(gateway.domain_name.as_ref())),
            gateway.and_then(|gateway| letters(gateway.location.as_ref())),
        ];
        self.repeated.iter_mut().zip(repeated).for_each(|(column, text)| column.push(text));
        let unique: [Option<&str>; UNIQUE] = [
            letters(row.id.as_ref()),
            letters(row.guid.as_ref()).or(letters(row.internal_session_id.as_ref())),
            client.and_then(|client| letters(client.name.as_ref())),
            client.and_then(|client| letters(client.address.as_ref())),
            client.and_then(|client| letters(client.location_id.as_ref())),
        ];
        for ((texts, ends), text) in self.unique.iter_mut().zip(unique) {
            texts.push_str(text.unwrap_or_default());
            ends.push(u32::try_from(texts.len()).unwrap_or(u32::MAX));
        }
        let numbers =
            [row.start_time, row.disconnected_time, row.idle_duration, row.last_session_duration_ms];
        self.numbers.iter_mut().zip(numbers).for_each(|(column, number)| column.push(number));
        let answers = [
            row.brokered_remotely,
            row.resourced_remotely,
            row.cloud_managed,
            row.forever_session,
            row.unauthenticated,
        ];
        self.answers.iter_mut().zip(answers).for_each(|(column, answer)| column.push(answer));
        for list in [&row.groups, &row.application_names] {
            let words = list.iter().flatten().map(|word| &*word.0);
            self.lists.push(Some(&words.collect::<Vec<_>>().join(" ")));
        }
    }
}
