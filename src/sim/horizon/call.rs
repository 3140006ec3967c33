//! One call and its answer, as the handlers see them.

use axum::http::StatusCode;

use super::error::ApiError;
use super::fields::{self, Row};
use super::filter::{Filter, Grammar};
use super::json::Json;
use super::query::{Query, Slice, slice, sort_rows};
use crate::sim::access::Access;
use crate::sim::faults::Quirks;
use crate::sim::release::Release;
use crate::sim::shared::Shared;

/// A call that is allowed to happen.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) query: &'a Query,
    pub(crate) caller: &'a Access,
    pub(crate) body: &'a [u8],
    pub(crate) quirks: Quirks,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
}

/// A good answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// JSON; `None` for an empty body.
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) more: bool,
    pub(crate) total: Option<usize>,
}

pub(crate) type Answer = Result<Reply, ApiError>;

impl Reply {
    pub(crate) fn json(json: Json) -> Self {
        Self { status: StatusCode::OK, body: Some(json.finish()), more: false, total: None }
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, body: None, more: false, total: None }
    }

    /// One page of a list.
    pub(crate) fn page(json: Json, slice: &Slice) -> Self {
        Self { more: slice.more, total: slice.total, ..Self::json(json) }
    }
}

impl Call<'_> {
    pub(crate) fn release(&self) -> Release {
        self.shared.release
    }

    /// Refuses the call when the caller has none of these privileges anywhere.
    pub(crate) fn need(&self, privileges: &[&str]) -> Result<(), ApiError> {
        if self.caller.any(privileges) { Ok(()) } else { Err(ApiError::forbidden()) }
    }

    /// The filter of the query, where the list takes one.
    pub(crate) fn filter<F: Copy + PartialEq>(
        &self,
        grammar: Grammar<'_, F>,
    ) -> Result<Option<Filter<F>>, ApiError> {
        self.query.get("filter").map(|text| grammar.parse(text)).transpose()
    }

    /// Filters, sorts, cuts and writes a list.
    pub(crate) fn list<R: Row>(&self, mut rows: Vec<R>, version: u8, or_only: Option<&[&str]>) -> Answer {
        let release = self.release();
        let grammar = Grammar { fields: R::FIELDS, version, release, or_only };
        if release >= R::FILTERED_SINCE
            && let Some(filter) = self.filter(grammar)?
        {
            rows.retain(|row| filter.matches(row));
        }
        if let Some((field, descending)) = self.query.sort(R::FIELDS, version, release)? {
            sort_rows(&mut rows, field, descending);
        }
        let cut = slice(self.query.page()?, rows.len())?;
        let json = self.rows(rows.get(cut.rows.clone()).unwrap_or_default(), version);
        Ok(Reply::page(json, &cut))
    }

    /// Writes a list that takes neither paging nor filters.
    pub(crate) fn plain_list<R: Row>(&self, rows: &[R], version: u8) -> Reply {
        Reply::json(self.rows(rows, version))
    }

    fn rows<R: Row>(&self, rows: &[R], version: u8) -> Json {
        let mut json = Json::with_capacity(rows.len() * 600 + 16);
        json.begin_array();
        for (number, row) in rows.iter().enumerate() {
            fields::write(row, version, self.release(), self.quirks.at(number), &mut json);
        }
        json.end_array();
        json
    }

    /// Writes one row.
    pub(crate) fn one<R: Row>(&self, row: &R, version: u8) -> Reply {
        let mut json = Json::default();
        fields::write(row, version, self.release(), self.quirks, &mut json);
        Reply::json(json)
    }
}
