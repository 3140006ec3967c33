//! `:can PRINCIPAL VERB TARGET`: yes, no or unknown, with the reasons.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use super::place::{Place, place};
use super::{
    Deed, Grant, PermissionRow,
    matrix::{EVERYTHING, covers, matrix},
    walk::Membership,
};
use crate::{
    core::filter::Truth,
    domain::{AccessGroupId, Account, PermissionBook, Text, Verb},
};

/// Words for what can be asked about, and what they mean on their own.
const DEEDS: &[(&str, Option<Verb>, Deed)] = &[
    ("message", Some(Verb::Message), Deed::Message),
    ("disconnect", Some(Verb::Disconnect), Deed::Message),
    ("logoff", Some(Verb::Logoff), Deed::Logoff),
    ("logoff-forced", Some(Verb::LogoffForced), Deed::Logoff),
    ("restart", Some(Verb::Restart), Deed::Reset),
    ("reset", Some(Verb::Reset), Deed::Reset),
    ("push-image", None, Deed::PushImage),
    ("manage", None, Deed::ManagePermissions),
];

/// Verbs that mean `manage`.
const MANAGING: &[&str] = &["manage", "create", "change", "update", "delete", "replace", "edit"];

/// A question that was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Who: `DOMAIN\name`, the name alone, or a SID.
    pub principal: String,
    /// The verb as it was typed.
    pub verb: String,
    /// What it comes to.
    pub deed: Deed,
    /// The verb on sessions, if it is one.
    pub on_sessions: Option<Verb>,
    /// On what: a name as it was typed.
    pub target: String,
}

impl Question {
    /// Understands three words. The error says what would be right.
    pub fn new(principal: &str, verb: &str, target: &str) -> Result<Self, Text> {
        let typed = verb.to_lowercase();
        let about = target.to_lowercase();
        let question = |deed: Deed, on_sessions: Option<Verb>| Self {
            principal: principal.to_owned(),
            verb: verb.to_owned(),
            deed,
            on_sessions,
            target: target.to_owned(),
        };
        if principal.trim().is_empty() || target.trim().is_empty() {
            return Err(Text::clean("three words are needed: PRINCIPAL VERB TARGET"));
        }
        if MANAGING.contains(&typed.as_str()) {
            return match about.as_str() {
                "images" | "image" => Ok(question(Deed::ManageImages, None)),
                "permissions" | "permission" => Ok(question(Deed::ManagePermissions, None)),
                _ => Err(Text::clean(&format!("{verb} goes with images or permissions, not with {target}"))),
            };
        }
        let found =
            DEEDS.iter().find(|(word, ..)| *word == typed || (*word == "push-image" && typed == "push"));
        if let Some((_, on_sessions, deed)) = found {
            return Ok(question(*deed, *on_sessions));
        }
        let near = DEEDS
            .iter()
            .map(|(word, ..)| (strsim::damerau_levenshtein(word, &typed), *word))
            .filter(|(distance, word)| *distance <= word.len() / 2)
            .min();
        let near = near.map(|(_, word)| format!("; nearest is {word}")).unwrap_or_default();
        let words: Vec<&str> = DEEDS.iter().map(|(word, ..)| *word).collect();
        Err(Text::clean(&format!("no verb {verb}{near}; valid: {}", words.join(", "))))
    }

    /// Understands a line: three words, those with blanks in quotes.
    pub fn parse(line: &str) -> Result<Self, Text> {
        let words = words(line)?;
        match words.as_slice() {
            [principal, verb, target] => Self::new(principal, verb, target),
            _ => Err(Text::clean(
                "three words are needed: PRINCIPAL VERB TARGET, as in CORP\\t.lee reset fin-w11; quotes around blanks",
            )),
        }
    }

    /// The question in words.
    pub fn title(&self) -> Text {
        Text::clean(&format!("can {} {} {}", self.principal, self.verb, self.target))
    }
}

fn words(line: &str) -> Result<Vec<String>, Text> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut begun) = (String::new(), false, false);
    for character in line.chars() {
        match character {
            '"' => {
                quoted = !quoted;
                begun = true;
            }
            blank if blank.is_whitespace() && !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => {
                word.push(other);
                begun = true;
            }
        }
    }
    if quoted {
        return Err("a quote is never closed".into());
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

/// The answer with its reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Yes, no or unknown.
    pub answer: Truth,
    /// Why, line by line; the first says it in one sentence.
    pub reasons: Vec<Text>,
}

impl Verdict {
    fn new(answer: Truth, reason: &str) -> Self {
        Self { answer, reasons: vec![Text::clean(reason)] }
    }

    /// The word for the answer.
    pub fn word(&self) -> &'static str {
        word(self.answer)
    }
}

/// Whether somebody may do something, from the permissions of theirs and of their groups.
pub fn answer(question: &Question, book: &PermissionBook, who: &Membership, place: &Place) -> Verdict {
    if let (Some(verb), Place::Groups { what, only_rds: true, .. }) = (question.on_sessions, place)
        && verb.acts_on_machine()
    {
        return Verdict::new(Truth::No, &format!("{what}, all on RDS servers: nobody may {verb} those"));
    }
    let theirs: Vec<PermissionRow<'_>> = book
        .permissions
        .iter()
        .filter(|permission| permission.principal.as_ref().is_some_and(|id| who.ids.contains_key(id)))
        .map(|permission| PermissionRow::new(book, permission))
        .collect();
    let nowhere = BTreeSet::new();
    let (groups, what, elsewhere) = match place {
        Place::System => (&nowhere, None, None),
        Place::Groups { what, groups, untold: 0, .. } => (groups, Some(what), None),
        Place::Groups { what, groups, untold, .. } => {
            (groups, Some(what), Some(format!("of {untold} of its sessions the access group is not told")))
        }
        Place::Unknown(why) => (&nowhere, None, Some(why.as_str().to_owned())),
    };
    let context = Context { question, book, who, theirs: &theirs };
    let mut parts: Vec<Verdict> = groups.iter().map(|group| context.on(Some(group))).collect();
    match (&elsewhere, place) {
        (None, Place::System) => parts.push(context.on(None)),
        (None, _) => {}
        // What holds on the root group holds wherever it is, and what is granted nowhere holds nowhere.
        (Some(why), _) => {
            let mut part = context.wherever_it_is();
            if part.answer == Truth::Unknown {
                part.reasons.insert(0, Text::clean(why));
            }
            parts.push(part);
        }
    }
    let mut verdict = combined(parts);
    if let Place::Unknown(why) = place
        && verdict.answer != Truth::Unknown
    {
        // A slip in the name, something on another pod: what would hold here is told, but it is no answer.
        let here = format!("for something in this pod it would be {}", verdict.word());
        verdict = Verdict::new(Truth::Unknown, why.as_str());
        verdict.reasons.push(Text::clean(&here));
    }
    verdict.reasons.extend(what.cloned());
    if verdict.answer != Truth::Yes {
        // A name that nothing is found for may be a slip.
        if let Place::Unknown(why) = place
            && !verdict.reasons.contains(why)
        {
            verdict.reasons.push(why.clone());
        }
        verdict.reasons.extend(context.footnotes());
    }
    verdict
}

/// The answers for several access groups as one: yes only when it is yes on all.
fn combined(mut parts: Vec<Verdict>) -> Verdict {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    let answer = parts.iter().fold(Truth::Yes, |truth, part| truth.and(part.answer));
    let some = parts.iter().any(|part| part.answer == Truth::Yes) && answer == Truth::No;
    let mut reasons = Vec::new();
    if some {
        reasons.push(Text::clean("not for all of it"));
    }
    for part in parts {
        let word = part.word();
        reasons.extend(part.reasons.iter().map(|reason| Text::clean(&format!("{word}: {reason}"))));
    }
    Verdict { answer, reasons }
}

/// Everything that a question is answered from.
struct Context<'a> {
    question: &'a Question,
    book: &'a PermissionBook,
    who: &'a Membership,
    theirs: &'a [PermissionRow<'a>],
}

impl Context<'_> {
    fn grants(&self) -> impl Iterator<Item = (&PermissionRow<'_>, Grant)> {
        let place = Deed::ALL.iter().position(|deed| *deed == self.question.deed).unwrap_or(0);
        self.theirs.iter().map(move |row| {
            let grant = row.grants.get(place).cloned().unwrap_or(Grant::Unknown("not known".into()));
            (row, grant)
        })
    }

    /// The answer on one access group, or for the whole system.
    fn on(&self, group: Option<&AccessGroupId>) -> Verdict {
        let holds = |row: &PermissionRow<'_>| match group {
            Some(group) => covers(self.book, row.permission, group),
            None => Truth::Yes,
        };
        self.judge(&holds, group)
    }

    /// The answer where nobody can tell on which access group it is.
    fn wherever_it_is(&self) -> Verdict {
        let holds = |row: &PermissionRow<'_>| {
            let group = row.permission.local_group.as_ref();
            let root = group.map_or(Truth::Unknown, |group| super::matrix::is_root(self.book, group));
            // It may be on exactly this group.
            if root == Truth::Yes { Truth::Yes } else { Truth::Unknown }
        };
        self.judge(&holds, None)
    }

    fn judge(&self, holds: &dyn Fn(&PermissionRow<'_>) -> Truth, group: Option<&AccessGroupId>) -> Verdict {
        let (mut doubts, mut lacks) = (Vec::new(), Vec::new());
        for (row, grant) in self.grants() {
            let place = &row.local_group;
            match (&grant, holds(row)) {
                (Grant::Yes(by), Truth::Yes) => {
                    let reason = format!("{}, by {by}", self.granted(row));
                    return Verdict::new(Truth::Yes, &reason);
                }
                (Grant::Yes(_), Truth::No) => {
                    let target = group.map_or_else(|| "it".to_owned(), |group| self.group_name(group));
                    lacks.push(format!(
                        "granted on {place}, {} is in {target}: {}",
                        self.question.target,
                        self.granted(row)
                    ));
                }
                (Grant::Yes(by), Truth::Unknown) => {
                    doubts.push(format!("granted on {place}, by {by}: {}", self.granted(row)));
                }
                (Grant::Federated(by), _) => {
                    doubts.push(format!(
                        "only where it came through a global entitlement, by {by}: {}",
                        self.granted(row)
                    ));
                }
                (Grant::Unknown(_), Truth::No) => {}
                (Grant::Unknown(why), _) => doubts.push(format!("{}: {why}", self.granted(row))),
                (Grant::No(missing), _) => lacks.push(format!("{} lacks {missing}", self.granted(row))),
            }
        }
        if !doubts.is_empty() {
            doubts.extend(lacks);
            return Verdict {
                answer: Truth::Unknown,
                reasons: doubts.iter().map(|line| Text::clean(line)).collect(),
            };
        }
        if let Some(doubt) = self.general_doubt() {
            let mut reasons =
                vec![Text::clean(&format!("no permission that is known of allows it; {doubt}"))];
            reasons.extend(lacks.iter().map(|line| Text::clean(line)));
            return Verdict { answer: Truth::Unknown, reasons };
        }
        if lacks.is_empty() {
            let name = &self.who.label;
            return Verdict::new(
                Truth::No,
                &format!("neither {name} nor a group of theirs has a permission"),
            );
        }
        Verdict { answer: Truth::No, reasons: lacks.iter().map(|line| Text::clean(line)).collect() }
    }

    /// Why a no would say too much: groups or permissions that are not known.
    fn general_doubt(&self) -> Option<String> {
        match (&self.who.doubt, self.book.unreadable) {
            (Some(doubt), _) => Some(format!("{doubt}; only direct permissions were looked at")),
            (None, 0) => None,
            (None, count) => Some(format!("{count} permissions could not be read")),
        }
    }

    /// `CORP\vdi-helpdesk as Help Desk on Root`, with the way there when it is through a group.
    fn granted(&self, row: &PermissionRow<'_>) -> String {
        let direct = row.permission.principal.as_ref() == Some(&self.who.id);
        if direct { row.label().to_string() } else { format!("{} (a group of theirs)", row.label()) }
    }

    fn group_name(&self, group: &AccessGroupId) -> String {
        let name = self.book.local_group(group).and_then(|group| group.name.clone());
        name.map_or_else(|| group.to_string(), |name| name.to_string())
    }

    /// What else belongs to the answer.
    fn footnotes(&self) -> Vec<Text> {
        let needs = self.question.deed.privileges().join(" or ");
        let mut notes = vec![format!("needs {needs}")];
        if let Err(fault) = &self.book.roles {
            notes.push(format!("the roles could not be read: {fault}"));
        }
        notes.iter().map(|note| Text::clean(note)).collect()
    }
}

/// What somebody may do where, from their own permissions and those of their groups: by deed, the places. For the preview
/// of a new permission.
pub fn already(book: &PermissionBook, who: &BTreeSet<&str>) -> BTreeMap<Deed, BTreeSet<Text>> {
    let mut places: BTreeMap<Deed, BTreeSet<Text>> = BTreeMap::new();
    for permission in &book.permissions {
        if !permission.principal.as_ref().is_some_and(|id| who.contains(id.raw())) {
            continue;
        }
        let row = PermissionRow::new(book, permission);
        for (deed, grant) in Deed::ALL.into_iter().zip(matrix(book, permission.role.as_ref())) {
            if grant.truth().is_yes() {
                places.entry(deed).or_default().insert(row.local_group.clone());
            }
        }
    }
    places
}

/// The word for an answer.
pub fn word(answer: Truth) -> &'static str {
    match answer {
        Truth::Yes => "yes",
        Truth::No => "no",
        Truth::Unknown => "unknown",
    }
}

/// What the privileges say that the server itself works out for somebody (`horizon-rest.md section 12`); groups are in them.
/// `None` where it does not tell.
pub fn in_rights(question: &Question, rights: &Account, place: &Place) -> Option<Truth> {
    let privileges = rights.privileges.as_ref()?;
    let deed = question.deed;
    let has = |names: &Vec<Text>, wanted: &[&str]| names.iter().any(|name| wanted.contains(&name.as_str()));
    let grants = |names: &Vec<Text>| has(names, deed.privileges()) || has(names, &[EVERYTHING]);
    let on = |group: &AccessGroupId| privileges.get(group).is_some_and(grants);
    let anywhere = privileges.values().any(grants);
    let federated = rights.federated.iter().flat_map(BTreeMap::values).chain(privileges.values());
    let by_federation =
        deed.federated_privilege().is_some_and(|name| federated.into_iter().any(|names| has(names, &[name])));
    let on_root = match &rights.root_group {
        Some(root) => Truth::from(on(root)),
        None if anywhere => Truth::Unknown,
        None => Truth::No,
    };
    let local = match place {
        Place::System => Truth::from(anywhere),
        Place::Unknown(_) if !anywhere => Truth::No,
        Place::Unknown(_) => on_root.or(Truth::Unknown),
        Place::Groups { only_rds: true, .. }
            if question.on_sessions.is_some_and(crate::domain::Verb::acts_on_machine) =>
        {
            return Some(Truth::No);
        }
        Place::Groups { groups, untold, .. } => {
            let rest = match (*untold, anywhere) {
                (0, _) => Truth::Yes,
                (_, true) => Truth::Unknown,
                (_, false) => Truth::No,
            };
            let all = groups.iter().fold(rest, |truth, group| truth.and(Truth::from(on(group))));
            on_root.or(all)
        }
    };
    Some(if local == Truth::No && by_federation { Truth::Unknown } else { local })
}

/// An answer together with the server's own. Where ours is not known the server's counts; where they contradict each
/// other nobody knows.
pub fn with_server(mut own: Verdict, server: Option<Truth>) -> Verdict {
    let Some(server) = server else {
        return own;
    };
    let line = match (own.answer, server) {
        (ours, theirs) if ours == theirs => "the server itself says the same".to_owned(),
        (Truth::Unknown, theirs) => {
            own.answer = theirs;
            format!("{}, as the server itself works it out from all groups", word(theirs))
        }
        (_, Truth::Unknown) => "what the server itself tells leaves it open".to_owned(),
        (ours, theirs) => {
            own.answer = Truth::Unknown;
            format!("the permissions say {}, the server itself says {}", word(ours), word(theirs))
        }
    };
    let decided = own.answer != Truth::Unknown && line.starts_with(word(own.answer));
    let place = if decided { 0 } else { own.reasons.len() };
    own.reasons.insert(place, Text::clean(&line));
    own
}
