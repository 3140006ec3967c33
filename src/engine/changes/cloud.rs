//! The changes that Workspace has: builds of images, authorizations, and what is asked of app servers
//! (`workspace.md sections 5.6, 8 and 9.3`).
//!
//! A build is confirmed when the cloud's job for it is seen: that it began. What becomes of it the console follows
//! afterwards; the change is over by then.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::{Sent, look::Looked, servers};
use crate::{
    api::{ChangeAnswer, CreatedId, Estate, ItemAnswer, Listing, RequestClass},
    domain::{
        AppAccount, AppGroupId, Authorization, AuthorizationQuery, Change, CloudJobId, CloudJobKind, Fault,
        FaultKind, ImageJob, SubJob, Text, WireKind,
    },
    engine::pacing::never_left,
};

/// So much may the cloud's clock be behind this machine's; more than seconds has signatures refused sooner or later.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(10);

/// Whether a change is one of these.
pub(super) fn has(change: &Change) -> bool {
    change.kind().wire() == WireKind::Workspace
}

/// Who is let in, or out, and where.
fn pair(change: &Change) -> Option<(&AppGroupId, &AppAccount)> {
    match change {
        Change::AddAuthorization { group, account } | Change::RemoveAuthorization { group, account, .. } => {
            Some((group, account))
        }
        _ => None,
    }
}

/// How many of these changes, from the first one on, are one call: every account of a call is applied to every app
/// group of it, so only whole blocks of accounts, group after group, travel together. A build goes alone.
pub(super) fn together<'a>(changes: impl Iterator<Item = &'a Change>) -> usize {
    let changes: Vec<&Change> = changes.collect();
    if matches!(changes.first(), Some(Change::OrderServer { .. })) {
        return changes.len();
    }
    let pairs: Vec<(&AppGroupId, &AppAccount)> = changes.into_iter().map_while(pair).collect();
    let Some((group, _)) = pairs.first() else { return 1 };
    let size = pairs.iter().take(Estate::MAX_ACCOUNTS).take_while(|pair| pair.0 == *group).count();
    let (first, rest) = pairs.split_at(size);
    let is_block = |block: &&[(&AppGroupId, &AppAccount)]| {
        let of_one_group = block.iter().all(|pair| Some(pair.0) == block.first().map(|pair| pair.0));
        of_one_group && block.iter().zip(first).all(|(one, other)| one.1 == other.1)
    };
    let more = rest.chunks_exact(size).take(Estate::MAX_APP_GROUPS - 1).take_while(is_block);
    size * (1 + more.count())
}

/// Sends changes that are one call. Its fault is about all of them; but a refusal does not say which of several it is
/// about, so each is then asked for by itself: nothing of the call was done, and what was is done or refused again without
/// harm (`workspace.md section 8`).
pub(super) async fn change(
    estate: &Estate,
    changes: &[&Change],
    stop: &CancellationToken,
) -> Result<Vec<ChangeAnswer>, Fault> {
    let [first, rest @ ..] = changes else { return Ok(Vec::new()) };
    if let Change::BuildImage { server, image, .. } = first
        && rest.is_empty()
    {
        let job = estate.recreate_image(server, image, stop).await?;
        let created = Some(CreatedId(job.raw().to_owned()));
        return Ok(vec![ChangeAnswer { answer: ItemAnswer::Accepted, created }]);
    }
    if matches!(first, Change::OrderServer { .. }) {
        return servers::order(estate, changes, stop).await;
    }
    let accepted = || ChangeAnswer { answer: ItemAnswer::Accepted, created: None };
    match authorizations(estate, changes, stop).await {
        Ok(()) => Ok(changes.iter().map(|_| accepted()).collect()),
        Err(fault) if changes.len() > 1 && is_about_one(&fault) => {
            tracing::debug!(%fault, "several were refused together; each is asked for by itself");
            let mut answers = Vec::with_capacity(changes.len());
            for one in changes {
                let answer = match authorizations(estate, std::slice::from_ref(one), stop).await {
                    Ok(()) => ItemAnswer::Accepted,
                    Err(own) if own.maybe_done => ItemAnswer::NoAnswer(own),
                    // The refusal of all of them is the last that was said about it.
                    Err(own) if never_left(&own) => ItemAnswer::Refused(fault.clone()),
                    Err(own) if own.kind == FaultKind::EntityNotFound => ItemAnswer::NotFound(own),
                    Err(own) => ItemAnswer::Refused(own),
                };
                answers.push(ChangeAnswer { answer, created: None });
            }
            Ok(answers)
        }
        Err(fault) => Err(fault),
    }
}

/// Whether a refusal of several may be about one of them only.
fn is_about_one(fault: &Fault) -> bool {
    let kinds = [FaultKind::InvalidArgument, FaultKind::InvalidState, FaultKind::EntityNotFound];
    fault.status.is_some() && !fault.maybe_done && kinds.contains(&fault.kind)
}

/// One call: every account of these changes for every app group of them.
async fn authorizations(estate: &Estate, changes: &[&Change], stop: &CancellationToken) -> Result<(), Fault> {
    let (mut groups, mut accounts) = (Vec::new(), Vec::new());
    for (group, account) in changes.iter().filter_map(|change| pair(change)) {
        if !groups.contains(group) {
            groups.push(group.clone());
        }
        if !accounts.contains(account) {
            accounts.push(account.clone());
        }
    }
    match changes {
        [Change::AddAuthorization { .. }, ..] => estate.authorize(&groups, &accounts, stop).await,
        [Change::RemoveAuthorization { .. }, ..] => estate.unauthorize(&groups, &accounts, stop).await,
        _ => Err(Fault::new(FaultKind::Unexpected, "change", "this is no change of Workspace")),
    }
}

/// The builds that are on the list before a new one is ordered.
pub(super) async fn before(estate: &Estate) -> Option<BTreeSet<String>> {
    match estate.image_jobs(RequestClass::Job, Some(CloudJobKind::CreateServerImage), None).await {
        Ok(list) => {
            let ids = list.rows.iter().map(|job| job.id.raw().to_owned()).collect();
            list.complete.then_some(ids)
        }
        Err(fault) => {
            tracing::debug!(%fault, "the builds that there are could not be read");
            None
        }
    }
}

/// Looks whether changes have happened, each by itself.
pub(super) async fn look(
    estate: &Estate,
    sent: &[Sent<'_>],
    taken: &BTreeSet<String>,
    late: bool,
) -> Vec<Looked> {
    let mut looked = Vec::with_capacity(sent.len());
    let mut access = Access::of(estate, sent);
    let servers = servers::read(estate, sent, late).await;
    for sent in sent {
        let one = match sent.change {
            Change::OrderServer { order, server, .. } => {
                let now = servers.iter().find(|known| known.id == *server);
                Ok(now.map_or(Looked::Unknown, |now| servers::look_at(*order, now, sent.begun)))
            }
            // They were looked at just before; what is left open then stays open.
            _ if late => Ok(Looked::Unknown),
            Change::BuildImage { image, .. } => look_at_build(estate, sent, taken, &image.name).await,
            Change::AddAuthorization { group, account } => access.has(group, account).await,
            Change::RemoveAuthorization { group, account, .. } => {
                access.has(group, account).await.map(opposite)
            }
            _ => Ok(Looked::Unknown),
        };
        looked.push(one.unwrap_or_else(|fault| {
            tracing::debug!(%fault, "a change could not be looked at");
            Looked::Unknown
        }));
    }
    looked
}

/// A build is there when its job is. Without an answer only a job that is new and names the image proves anything: the
/// cloud tells neither the image server nor, while it runs, always the image.
async fn look_at_build(
    estate: &Estate,
    sent: &Sent<'_>,
    taken: &BTreeSet<String>,
    name: &str,
) -> Result<Looked, Fault> {
    if let Some(created) = sent.created {
        let id = CloudJobId::from(created.0.as_str());
        return match estate.image_job(RequestClass::Job, &id).await {
            Ok(_) => Ok(Looked::Done),
            Err(fault) if fault.kind == FaultKind::EntityNotFound => Ok(Looked::NotDone),
            Err(fault) => Err(fault),
        };
    }
    find_build(estate, sent, taken, name).await
}

/// Looks in the list of builds for one that began since the order and has the image's name (`workspace.md section 6.2`).
/// Two of them are a doubt: none is taken for the one.
async fn find_build(
    estate: &Estate,
    sent: &Sent<'_>,
    taken: &BTreeSet<String>,
    name: &str,
) -> Result<Looked, Fault> {
    let kind = CloudJobKind::CreateServerImage;
    let jobs = estate.image_jobs(RequestClass::Job, Some(kind.clone()), None).await?;
    let parts = estate.image_sub_jobs(RequestClass::Job, kind, None).await?;
    let began: Vec<&ImageJob> =
        jobs.rows.iter().filter(|job| began_since(job, sent) && !taken.contains(job.id.raw())).collect();
    Ok(judge(&began, &parts.rows, jobs.complete && parts.complete, name))
}

/// Whether a build is none that was there before the order; where that was not read, whether it began after it.
fn began_since(job: &ImageJob, sent: &Sent<'_>) -> bool {
    if let Some(before) = sent.before {
        return !before.contains(job.id.raw());
    }
    let began = job.began_at.as_ref().and_then(|moment| moment.at);
    sent.at.zip(began).is_some_and(|(at, began)| began.duration_since(at) >= -CLOCKS_DIFFER)
}

/// What the builds that began since the order say of it.
fn judge(began: &[&ImageJob], parts: &[SubJob], complete: bool, name: &str) -> Looked {
    let names = |job: &&&ImageJob| -> Vec<&str> {
        let of = parts.iter().filter(|part| part.job_id.as_ref() == Some(&job.id));
        of.filter_map(|part| part.resource_name.as_ref()).map(Text::as_str).collect()
    };
    let ids = |jobs: &[&ImageJob]| jobs.iter().map(|job| job.id.to_string()).collect::<Vec<_>>().join(", ");
    let named: Vec<&ImageJob> = began.iter().filter(|job| names(job).contains(&name)).copied().collect();
    let nameless: Vec<&ImageJob> = began.iter().filter(|job| names(job).is_empty()).copied().collect();
    let words = match named.as_slice() {
        [one] if complete => return Looked::Found(CreatedId(one.id.raw().to_owned())),
        [one] => {
            format!("build {} began since and names this image, but not all builds could be read", one.id)
        }
        [_, _, ..] => format!(
            "builds {} began since and name this image: which of them is this one is not known",
            ids(&named)
        ),
        [] if !complete => "no build that began since names this image, but not all could be read".to_owned(),
        [] if !nameless.is_empty() => {
            format!("builds that began since do not name their image yet: {}", ids(&nameless))
        }
        [] => "no build that began since names this image".to_owned(),
    };
    Looked::Doubt(Text::clean(&words))
}

/// Who may use which app groups, read when it is asked for: once for an app group that several changes are about.
struct Access<'a> {
    estate: &'a Estate,
    changes: BTreeMap<&'a AppGroupId, usize>,
    lists: BTreeMap<&'a AppGroupId, Result<Listing<Authorization>, Fault>>,
}

impl<'a> Access<'a> {
    fn of(estate: &'a Estate, sent: &[Sent<'a>]) -> Self {
        let mut changes = BTreeMap::new();
        for (group, _) in sent.iter().filter_map(|sent| pair(sent.change)) {
            *changes.entry(group).or_default() += 1;
        }
        Self { estate, changes, lists: BTreeMap::new() }
    }

    async fn has(&mut self, group: &'a AppGroupId, account: &AppAccount) -> Result<Looked, Fault> {
        if self.changes.get(group).is_none_or(|changes| *changes == 1) {
            let list = self.read(group, Some(account.account.clone())).await?;
            return Ok(is_in(&list, group, account));
        }
        if !self.lists.contains_key(group) {
            let list = self.read(group, None).await;
            self.lists.insert(group, list);
        }
        match self.lists.get(group) {
            Some(Ok(list)) => Ok(is_in(list, group, account)),
            Some(Err(fault)) => Err(fault.clone()),
            None => Ok(Looked::Unknown),
        }
    }

    async fn read(
        &self,
        group: &AppGroupId,
        account: Option<String>,
    ) -> Result<Listing<Authorization>, Fault> {
        let query = AuthorizationQuery { app_group: Some(group.clone()), account };
        self.estate.authorizations(RequestClass::Job, &query).await
    }
}

fn is_in(list: &Listing<Authorization>, group: &AppGroupId, account: &AppAccount) -> Looked {
    let found = list.rows.iter().any(|known| is_of(known, group, account));
    match (found, list.complete) {
        (true, _) => Looked::Done,
        (false, true) => Looked::NotDone,
        (false, false) => Looked::Unknown,
    }
}

/// Whether an authorization is the one that is meant. What one side does not tell does not count.
fn is_of(known: &Authorization, group: &AppGroupId, account: &AppAccount) -> bool {
    let same = |known: Option<&str>, wanted: Option<&str>| match (known, wanted) {
        (Some(known), Some(wanted)) => known.eq_ignore_ascii_case(wanted),
        _ => true,
    };
    known.app_group_id.as_ref() == Some(group)
        && known.account.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case(&account.account))
        && known.account_kind.as_ref().is_none_or(|kind| *kind == account.kind)
        && same(known.domain.as_ref().map(Text::as_str), account.domain.as_deref())
        && same(known.account_id.as_ref().map(Text::as_str), account.id.as_deref())
}

fn opposite(looked: Looked) -> Looked {
    match looked {
        Looked::Done => Looked::NotDone,
        Looked::NotDone => Looked::Done,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountKind, Moment, NewImage};

    fn change(group: &str, account: &str) -> Change {
        let account = AppAccount {
            account: account.into(),
            kind: AccountKind::User,
            id: None,
            domain: None,
            platform: None,
        };
        Change::AddAuthorization { group: group.into(), account: Box::new(account) }
    }

    /// How many of these travel in the first call.
    fn first_call(pairs: &[(&str, &str)]) -> usize {
        let changes: Vec<Change> = pairs.iter().map(|(group, account)| change(group, account)).collect();
        together(changes.iter())
    }

    fn part(job: &str, name: Option<&str>) -> SubJob {
        SubJob {
            id: format!("{job}-1").into(),
            job_id: Some(job.into()),
            kind: None,
            began_at: None,
            ended_at: None,
            status: None,
            resource_id: None,
            resource_name: name.map(Into::into),
            error_code: None,
            error_message: None,
        }
    }

    fn build(id: &str, began: &str) -> ImageJob {
        ImageJob {
            id: id.into(),
            kind: None,
            began_at: Moment::read(began),
            ended_at: None,
            status: None,
            sub_jobs_total: None,
            sub_jobs: None,
        }
    }

    #[test]
    fn a_build_is_found_by_its_name_when_it_is_the_only_one_and_two_are_both_said() {
        let (one, two) = (build("1", ""), build("2", ""));
        let judged = |jobs: &[&ImageJob], parts: &[SubJob], complete| judge(jobs, parts, complete, "office");
        let doubt = |looked: Looked| match looked {
            Looked::Doubt(words) => words.to_string(),
            other => panic!("{other:?}"),
        };
        let (mine, other, mute) = (part("1", Some("office")), part("2", Some("cad")), part("2", None));
        let found = judged(&[&one, &two], &[mine.clone(), other], true);
        assert_eq!(found, Looked::Found(CreatedId("1".to_owned())));
        assert_eq!(judged(&[&one, &two], &[mine.clone(), mute.clone()], true), found);
        let both = doubt(judged(&[&one, &two], &[mine.clone(), part("2", Some("office"))], true));
        assert!(both.contains("1, 2") && both.contains("which of them"), "{both}");
        assert!(doubt(judged(&[&one], &[mine], false)).contains("not all builds could be read"));
        assert!(doubt(judged(&[&two], &[mute], true)).contains("do not name their image yet: 2"));
        assert_eq!(doubt(judged(&[], &[], true)), "no build that began since names this image");
        assert!(doubt(judged(&[], &[], false)).contains("not all could be read"));
    }

    #[test]
    fn what_was_there_before_the_order_is_not_what_came_of_it() {
        let change = change("g", "x");
        let before = BTreeSet::from(["1".to_owned()]);
        let at = Some("2026-03-02T14:00:30Z".parse().unwrap());
        let sent =
            Sent { change: &change, created: None, before: Some(&before), at, settling: false, begun: false };
        assert!(!began_since(&build("1", "2026-03-02 15:00:00"), &sent));
        assert!(began_since(&build("2", ""), &sent));
        // After a restart nobody knows what was there.
        let later = Sent { before: None, settling: true, ..sent };
        assert!(began_since(&build("2", "2026-03-02 14:00:25"), &later));
        assert!(!began_since(&build("2", "2026-03-02 14:00:00"), &later));
        assert!(!began_since(&build("2", ""), &later), "an unknown time proves nothing");
    }

    #[test]
    fn only_whole_blocks_of_accounts_travel_together_so_that_nobody_is_let_in_by_the_way() {
        assert_eq!(first_call(&[("a", "x")]), 1);
        assert_eq!(first_call(&[("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]), 4);
        // y was held back on b: the whole product would let it in.
        assert_eq!(first_call(&[("a", "x"), ("a", "y"), ("b", "x")]), 2);
        assert_eq!(first_call(&[("a", "x"), ("a", "y"), ("b", "x"), ("c", "y")]), 2);
        assert_eq!(first_call(&[("a", "x"), ("b", "x"), ("c", "y")]), 2);
        let names: Vec<String> = (0..60).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|name| ("a", name.as_str())).collect();
        assert_eq!(first_call(&many), 50);
        let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        assert_eq!(first_call(&many), 10);
        let build = Change::BuildImage { server: "s".into(), server_name: None, image: NewImage::default() };
        assert_eq!(together([&build, &build].into_iter()), 1);
    }

    #[test]
    fn an_authorization_is_known_by_group_and_account_and_what_both_sides_tell() {
        let account = AppAccount {
            account: "kaya".into(),
            kind: AccountKind::User,
            id: None,
            domain: Some("corp.example".into()),
            platform: None,
        };
        let mut known = Authorization {
            id: "a1".into(),
            account_id: Some("7".into()),
            account: Some("KAYA".into()),
            account_kind: Some(AccountKind::User),
            platform: None,
            domain: None,
            app_group_id: Some("g1".into()),
            app_group_name: None,
            created_at: None,
        };
        assert!(is_of(&known, &"g1".into(), &account));
        assert!(!is_of(&known, &"g2".into(), &account));
        known.domain = Some("other.example".into());
        assert!(!is_of(&known, &"g1".into(), &account));
        known.domain = None;
        known.account_kind = Some(AccountKind::Group);
        assert!(!is_of(&known, &"g1".into(), &account));
    }
}
