//! Query parameters, paging and sorting (`horizon-rest.md sections 5.1, 5.3 and 5.4`).

use percent_encoding::percent_decode_str;

use super::error::ApiError;
use super::fields::{Field, Row};
use crate::sim::release::Release;

/// The largest page, and the most that an unpaginated call gives.
pub(crate) const MOST: usize = 1000;

/// The decoded parameters of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Decodes a query string. Text that is not UTF-8 is a 400.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let decode = |part: &str| {
            percent_decode_str(&part.replace('+', " "))
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|error| {
                    ApiError::bad_request("common.query.invalid", format!("The query is not UTF-8: {error}"))
                })
        };
        let mut pairs = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        Ok(Self { pairs })
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a repeated parameter.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A truth value; anything but `true` and `false` is a 400.
    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(ApiError::bad_request(
                "common.query.invalid",
                format!("`{name}` must be true or false, not `{other}`."),
            )),
        }
    }

    fn positive(&self, name: &str) -> Result<Option<usize>, ApiError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match text.parse::<usize>() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(ApiError::bad_request(
                "common.pagination.invalid",
                format!("`{name}` must be a whole number above 0, not `{text}`."),
            )),
        }
    }

    /// The wanted page; `None` unless both `page` and `size` are given.
    pub(crate) fn page(&self) -> Result<Option<Page>, ApiError> {
        let (page, size) = (self.positive("page")?, self.positive("size")?);
        match (page, size) {
            (Some(_), Some(size)) if size > MOST => Err(ApiError::bad_request(
                "common.pagination.invalid",
                format!("`size` must not be above {MOST}."),
            )),
            (Some(page), Some(size)) => Ok(Some(Page { page, size })),
            _ => Ok(None),
        }
    }

    /// The wanted order; releases before 2303 do not sort and ignore the parameters.
    pub(crate) fn sort<F: Copy>(
        &self,
        fields: &'static [Field<F>],
        version: u8,
        release: Release,
    ) -> Result<Option<(F, bool)>, ApiError> {
        if release < Release::R2303 {
            return Ok(None);
        }
        let bad = |message: String| Err(ApiError::bad_request("common.sort.invalid", message));
        let descending = match self.get("order_by") {
            None | Some("ASC") => false,
            Some("DESC") => true,
            Some(other) => return bad(format!("`order_by` must be ASC or DESC, not `{other}`.")),
        };
        let Some(name) = self.get("sort_by") else {
            if self.get("order_by").is_some() {
                return bad("`order_by` needs `sort_by`.".to_owned());
            }
            return Ok(None);
        };
        let found = fields.iter().find(|field| field.name == name && field.is_in(version, release));
        match found {
            Some(field) if field.sortable => Ok(Some((field.of, descending))),
            _ => bad(format!("The list cannot be sorted by `{name}`.")),
        }
    }
}

/// A page, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) page: usize,
    pub(crate) size: usize,
}

/// Which rows to send, and what the headers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) rows: std::ops::Range<usize>,
    /// `HAS_MORE_RECORDS: TRUE`.
    pub(crate) more: bool,
    /// `X-TOTAL-COUNT`, on paginated calls.
    pub(crate) total: Option<usize>,
}

/// Cuts a page out of `total` rows; a page past the end is a 400, except page 1 of an empty list.
pub(crate) fn slice(page: Option<Page>, total: usize) -> Result<Slice, ApiError> {
    let Some(Page { page, size }) = page else {
        return Ok(Slice { rows: 0..total.min(MOST), more: false, total: None });
    };
    let start = (page - 1).saturating_mul(size);
    if start >= total && page > 1 {
        return Err(ApiError::bad_request(
            "common.pagination.page.out.of.range",
            format!("Page {page} is past the end of the list."),
        ));
    }
    let end = start.saturating_add(size).min(total);
    Ok(Slice { rows: start..end, more: end < total, total: Some(total) })
}

/// Sorts rows by a field; the order of equal rows is kept.
pub(crate) fn sort_rows<R: Row>(rows: &mut [R], field: R::Field, descending: bool) {
    rows.sort_by(|one, two| one.value(field).order(&two.value(field), descending));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Result<Option<Page>, u16> {
        Query::parse(text).unwrap().page().map_err(|error| error.status.as_u16())
    }

    #[test]
    fn page_and_size_go_together() {
        assert_eq!(page("page=2&size=50"), Ok(Some(Page { page: 2, size: 50 })));
        assert_eq!(page("page=2"), Ok(None));
        assert_eq!(page("size=5"), Ok(None));
        assert_eq!(page(""), Ok(None));
        for bad in ["page=0&size=1", "page=1&size=0", "page=-1&size=5", "page=a&size=5", "page=1&size=1001"] {
            assert_eq!(page(bad), Err(400), "{bad}");
        }
    }

    #[test]
    fn slices_know_whether_more_follows() {
        let of = |page, size, total| slice(Some(Page { page, size }), total);
        assert_eq!(of(1, 10, 25).unwrap(), Slice { rows: 0..10, more: true, total: Some(25) });
        assert_eq!(of(3, 10, 25).unwrap(), Slice { rows: 20..25, more: false, total: Some(25) });
        assert!(!of(2, 10, 20).unwrap().more);
        assert_eq!(of(1, 10, 0).unwrap().rows, 0..0);
        assert_eq!(of(4, 10, 25).unwrap_err().status.as_u16(), 400);
        assert_eq!(of(3, 10, 20).unwrap_err().status.as_u16(), 400);
        assert_eq!(of(usize::MAX, 1000, 20).unwrap_err().status.as_u16(), 400);
        assert_eq!(slice(None, 5000).unwrap(), Slice { rows: 0..1000, more: false, total: None });
    }

    #[test]
    fn queries_are_decoded() {
        let query = Query::parse("a=%7B%22x%22%3A%20%22%C3%B6%22%7D&ids=1&ids=2&flag").unwrap();
        assert_eq!(query.get("a"), Some("{\"x\": \"ö\"}"));
        assert_eq!(query.all("ids").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.get("flag"), Some(""));
        assert!(Query::parse("a=%FF").is_err());
        assert!(query.boolean("flag").is_err());
    }
}
