//! Where in the data a text stands, and so what it is.

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// The name, address or id of somebody or something: replaced.
    Name,
    /// The version of a program or system; taken for a name when it looks unlike one, as are the following ones.
    Version,
    /// A time.
    Time,
    /// The id of a plan or of a journal: made here, from no name, unless somebody renamed a file.
    OwnId,
    /// A word of an open list of the server, such as a state.
    Word,
    /// The code or key of an error.
    Code,
    /// The name of a theme.
    Theme,
    /// The name of a verb, or the title of changes.
    Verb,
    /// What is typed as a pace.
    Pace,
    /// A sentence with names in it.
    Sentence,
    /// A message to users.
    Message,
    /// A column with its width, or keys: read by this program only.
    OwnWord,
    /// A filter, as it is typed.
    Filter,
    /// A filter that was understood.
    FilterInForce,
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

    /// Below a key of an object. Typed lines are kept by their kind.
    pub(super) fn below(self, key: &str) -> Self {
        let kind = HISTORY.iter().find(|(kind, _)| self.field == "history" && *kind == key);
        kind.map_or(self, |(kind, _)| Self { owner: "history", variant: kind, field: "" })
    }

    /// What a key of an object is.
    pub(super) fn key_rule(self) -> Rule {
        let is_it = |(of, name, _): &&(&str, &str, Rule)| self.is_of(of) && *name == self.field;
        KEYS.iter().find(is_it).map_or(Rule::Name, |(.., rule)| *rule)
    }

    /// What stands there. A place that nobody thought of holds names.
    pub(super) fn rule(self) -> Rule {
        if self.owner == "history" {
            let kind = HISTORY.iter().find(|(kind, _)| *kind == self.variant);
            return kind.map_or(Rule::Name, |(_, rule)| *rule);
        }
        let is_it = |(of, names, _): &&(&str, &[&str], Rule)| self.is_of(of) && names.contains(&self.field);
        PLACES.iter().find(is_it).map_or(Rule::Name, |(.., rule)| *rule)
    }

    fn is_of(self, name: &str) -> bool {
        name == self.owner || name == self.variant
    }
}

/// Texts that are no names: the type or variant, its fields, what stands there.
const PLACES: &[(&str, &[&str], Rule)] = &[
    // Sessions and what they run on.
    ("Session", &["kind", "state", "protocol", "pool_type", "pool_source"], Rule::Word),
    ("Session", &["agent_version"], Rule::Version),
    ("Client", &["kind"], Rule::Word),
    ("Client", &["version"], Rule::Version),
    ("Gateway", &["location"], Rule::Word),
    ("Pod", &["health"], Rule::Word),
    ("Pod", &["description"], Rule::Sentence),
    ("PoolNames", &["kind"], Rule::Word),
    // Events.
    ("AuditEvent", &["severity", "kind", "module"], Rule::Word),
    ("AuditEvent", &["message"], Rule::Sentence),
    // Server and account.
    ("Capabilities", &["product_version"], Rule::Version),
    ("No", &[""], Rule::Sentence),
    ("Account", &["privileges", "federated"], Rule::Word),
    ("Role", &["built_in", "privileges"], Rule::Word),
    ("PrivilegeInfo", &["name", "sub_privileges"], Rule::Word),
    ("Role", &["description"], Rule::Sentence),
    ("AccessGroup", &["description"], Rule::Sentence),
    ("FederationGroup", &["description"], Rule::Sentence),
    ("Principal", &["description"], Rule::Sentence),
    // Failures, and reasons in words.
    ("Fault", &["operation", "message"], Rule::Sentence),
    ("Fault", &["key"], Rule::Code),
    ("Fault", &["needs"], Rule::Word),
    ("Cause", &["words"], Rule::Sentence),
    ("Outcome", &[""], Rule::Sentence),
    ("HoldReason", &[""], Rule::Sentence),
    ("Standing", &[""], Rule::Sentence),
    ("Unread", &[""], Rule::Sentence),
    ("Stage", &["why"], Rule::Sentence),
    ("Wait", &["why"], Rule::Sentence),
    ("Pressure", &["cooling"], Rule::Sentence),
    ("Held", &["what"], Rule::Sentence),
    ("Rate", &["what"], Rule::Sentence),
    ("CannotRecord", &[""], Rule::Sentence),
    ("RecordingEnded", &[""], Rule::Sentence),
    ("FileWritten", &["answer"], Rule::Sentence),
    ("ReportWritten", &["answer"], Rule::Sentence),
    ("Amended", &["answer"], Rule::Sentence),
    ("ProtectedGroupsFound", &["unfound"], Rule::Sentence),
    ("State", &["unfound_groups"], Rule::Sentence),
    ("Recovered", &["notes"], Rule::Sentence),
    // Images.
    ("Stream", &["operating_system", "source", "status"], Rule::Word),
    ("Stream", &["description"], Rule::Sentence),
    ("Version", &["status"], Rule::Word),
    ("Version", &["description"], Rule::Sentence),
    ("Tag", &["description"], Rule::Sentence),
    ("Asset", &["clone_type", "image_type", "status"], Rule::Word),
    ("ImageUse", &["push"], Rule::Word),
    ("Moment", &["raw"], Rule::Time),
    // Workspace.
    ("AppServer", &["status", "vm_status", "task_status", "os_type", "job_kind", "job_status"], Rule::Word),
    ("AppServer", &["os_version"], Rule::Version),
    ("AppServer", &["description"], Rule::Sentence),
    ("AppServerGroup", &["os_type", "app_type"], Rule::Word),
    ("AppServerGroup", &["description"], Rule::Sentence),
    ("AppGroup", &["kind", "authorization_type"], Rule::Word),
    ("AppGroup", &["description"], Rule::Sentence),
    ("Authorization", &["account_kind", "platform"], Rule::Word),
    ("AppAccount", &["kind", "platform"], Rule::Word),
    ("ImageServer", &["status"], Rule::Word),
    ("ImageServer", &["description"], Rule::Sentence),
    ("ImageServerAccount", &["account_type"], Rule::Word),
    ("ImageRef", &["image_type"], Rule::Word),
    ("ImageJob", &["kind", "status"], Rule::Word),
    ("SubJob", &["kind", "status"], Rule::Word),
    ("SubJob", &["error_code"], Rule::Code),
    ("SubJob", &["error_message"], Rule::Sentence),
    // Jobs and plans.
    ("Plan", &["id", "retry_of"], Rule::OwnId),
    ("ChangePlan", &["id", "retry_of"], Rule::OwnId),
    ("ChangePlan", &["title", "consequences", "warnings", "words"], Rule::Sentence),
    ("ChangeItem", &["label", "details"], Rule::Sentence),
    ("HeldChange", &["label", "reason"], Rule::Sentence),
    ("PlanSaved", &["plan"], Rule::OwnId),
    ("Terms", &["guard"], Rule::Filter),
    ("Opened", &["journal"], Rule::OwnId),
    ("Opened", &["program"], Rule::Version),
    ("Record", &["id"], Rule::OwnId),
    ("ListedJob", &["id"], Rule::OwnId),
    ("ListedJob", &["told"], Rule::Sentence),
    ("JobLine", &["plan"], Rule::OwnId),
    ("JobLine", &["verb"], Rule::Verb),
    ("Interrupted", &["journal", "plan"], Rule::OwnId),
    ("Interrupted", &["verb"], Rule::Verb),
    ("MessageText", &["text"], Rule::Message),
    ("Template", &["text"], Rule::Message),
    ("Composer", &["last", "own"], Rule::Message),
    ("State", &["last_message"], Rule::Message),
    // What the console said last, what was typed, and how it looks.
    ("Notice", &["text"], Rule::Sentence),
    ("NamedView", &["filter"], Rule::Filter),
    ("Place", &["filter"], Rule::Filter),
    ("Filter", &[""], Rule::FilterInForce),
    ("NamedView", &["columns"], Rule::OwnWord),
    ("Settings", &["columns"], Rule::OwnWord),
    ("ColumnEntry", &["chosen"], Rule::OwnWord),
    ("ColumnSheet", &["before"], Rule::OwnWord),
    ("Override", &["keys"], Rule::OwnWord),
    ("FilterLine", &["text"], Rule::Filter),
    ("EventPane", &["filter_text"], Rule::Filter),
    ("PermissionsTab", &["filter"], Rule::Filter),
    ("ImagesTab", &["filter"], Rule::Filter),
    ("ListView", &["filter"], Rule::Filter),
    ("State", &["history"], Rule::Filter),
    ("Memory", &["history"], Rule::Filter),
    ("Looks", &["theme"], Rule::Theme),
    ("ThemeChoice", &["name", "former", "pair"], Rule::Theme),
    ("ThemeChoice", &["objection"], Rule::Sentence),
];

/// Keys of objects that are no names.
const KEYS: &[(&str, &str, Rule)] = &[("EventAttributesRead", "answer", Rule::Word)];

/// The lines of which kinds are remembered, where they are no filters.
const HISTORY: &[(&str, Rule)] =
    &[("Command", Rule::Command), ("Pace", Rule::Pace), ("Ticket", Rule::Name), ("Include", Rule::Name)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_nobody_thought_of_holds_names() {
        assert_eq!(Place::of("Session").field("user_name").rule(), Rule::Name);
        assert_eq!(Place::of("Session").field("brand_new").rule(), Rule::Name);
        assert_eq!(Place::default().rule(), Rule::Name);
        assert_eq!(Place::of("Session").field("state").rule(), Rule::Word);
        let answer = Place::default().variant("Msg", "FileWritten").field("answer");
        assert_eq!(answer.variant("Result", "Err").rule(), Rule::Sentence);
    }

    #[test]
    fn what_is_remembered_is_scrambled_by_its_kind() {
        let history = Place::of("Memory").field("history");
        assert_eq!(history.below("Filter").rule(), Rule::Filter);
        assert_eq!(history.below("Command").rule(), Rule::Command);
        assert_eq!(history.below("Ticket").rule(), Rule::Name);
    }
}
