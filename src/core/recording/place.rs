//! Where in the data a text stands, and so what it is.

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The name, address or id of somebody or something: replaced.
    Name,
    /// Nothing that tells of anybody: a version, a word of this program.
    Plain,
    /// A word of an open list of the server, such as a state; taken for a name when it looks unlike one.
    Word,
    /// A sentence with names in it.
    Sentence,
    /// A message to users.
    Message,
    /// A filter.
    Filter,
    /// A line behind `:`.
    Command,
}

/// The place of a text: the type that holds it, the variant, the field. What wraps it (lists, options, answers) does not
/// count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Place {
    owner: &'static str,
    variant: &'static str,
    field: &'static str,
}

impl Place {
    /// Within this struct.
    pub(super) fn of(owner: &'static str) -> Self {
        Self { owner, ..Self::default() }
    }

    /// Within this variant.
    pub(super) fn variant(self, owner: &'static str, variant: &'static str) -> Self {
        // An answer is about what it was asked for.
        if owner == "Result" { self } else { Self { owner, variant, field: "" } }
    }

    /// In this field.
    pub(super) fn field(self, field: &'static str) -> Self {
        Self { field, ..self }
    }

    /// What stands there. A place that nobody thought of holds names.
    pub(super) fn rule(self) -> Rule {
        let Self { owner, variant, field } = self;
        let is_it = |(of, name, rule): &(&str, &str, Rule)| {
            ((*of == owner || *of == variant) && (*name == field || *name == "*")).then_some(*rule)
        };
        PLACES.iter().find_map(is_it).unwrap_or(Rule::Name)
    }
}

/// Texts that are no names: the type or variant, its field, what stands there.
const PLACES: &[(&str, &str, Rule)] = &[];
