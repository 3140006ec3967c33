//! The nearest valid name, for messages about a wrong one.

/// The candidate that is most like `given`; `None` when there are no candidates.
pub(crate) fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&given, &candidate.to_lowercase()), candidate))
        .fold(None, |best: Option<(f64, &str)>, next| match best {
            Some(kept) if kept.0 >= next.0 => Some(kept),
            _ => Some(next),
        })
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_name_wins() {
        assert_eq!(nearest("helpdesc", ["small", "helpdesk", "huge"]), Some("helpdesk"));
        assert_eq!(nearest("anything", []), None);
    }
}
