//! The changes that Workspace has: builds of images and authorizations (`workspace.md sections 5.6 and 8`).
//!
//! A build is confirmed when the cloud's job for it is seen: that it began. What becomes of it the console follows
//! afterwards; the change is over by then.

use std::collections::BTreeSet;

use tokio_util::sync::CancellationToken;

use super::{Sent, look::Looked};
use crate::{
    api::{ChangeAnswer, CreatedId, Estate, ItemAnswer, RequestClass},
    domain::{
        AppAccount, AppGroupId, Authorization, AuthorizationQuery, Change, CloudJobId, CloudJobKind, Fault,
        FaultKind, Text, WireKind,
    },
};

/// Whether a change is one of these.
pub(super) fn has(change: &Change) -> bool {
    change.kind().wire() == WireKind::Workspace
}

/// Sends one change. A refusal of it is the fault of the call, which is about nothing else.
pub(super) async fn change(
    estate: &Estate,
    change: &Change,
    stop: &CancellationToken,
) -> Result<ChangeAnswer, Fault> {
    let mut created = None;
    match change {
        Change::BuildImage { server, image, .. } => {
            let job = estate.recreate_image(server, image, stop).await?;
            created = Some(CreatedId(job.raw().to_owned()));
        }
        Change::AddAuthorization { group, account } => {
            estate.authorize(std::slice::from_ref(group), std::slice::from_ref(&**account), stop).await?;
        }
        Change::RemoveAuthorization { group, account, .. } => {
            estate.unauthorize(std::slice::from_ref(group), std::slice::from_ref(&**account), stop).await?;
        }
        other => {
            let words = "this is no change of Workspace";
            return Err(Fault::new(FaultKind::Unexpected, other.kind().label(), words));
        }
    }
    Ok(ChangeAnswer { answer: ItemAnswer::Accepted, created })
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
pub(super) async fn look(estate: &Estate, sent: &[Sent<'_>], late: bool) -> Vec<Looked> {
    let mut looked = Vec::with_capacity(sent.len());
    for sent in sent {
        let one = match sent.change {
            // They were looked at when they were sent; what is left open then stays open.
            _ if late && !sent.settling => Ok(Looked::Unknown),
            Change::BuildImage { image, .. } => look_at_build(estate, sent, &image.name).await,
            Change::AddAuthorization { group, account } => is_there(estate, group, account).await,
            Change::RemoveAuthorization { group, account, .. } => {
                is_there(estate, group, account).await.map(opposite)
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
async fn look_at_build(estate: &Estate, sent: &Sent<'_>, name: &str) -> Result<Looked, Fault> {
    if let Some(created) = sent.created {
        let id = CloudJobId::from(created.0.as_str());
        return match estate.image_job(RequestClass::Job, &id).await {
            Ok(_) => Ok(Looked::Done),
            Err(fault) if fault.kind == FaultKind::EntityNotFound => Ok(Looked::NotDone),
            Err(fault) => Err(fault),
        };
    }
    let Some(before) = sent.before else { return Ok(Looked::Unknown) };
    let parts = estate.image_sub_jobs(RequestClass::Job, CloudJobKind::CreateServerImage, None).await?;
    let is_new = |job: &CloudJobId| !before.contains(job.raw());
    let found = parts.rows.iter().any(|part| {
        part.job_id.as_ref().is_some_and(is_new)
            && part.resource_name.as_ref().is_some_and(|known| known.as_str() == name)
    });
    Ok(if found { Looked::Done } else { Looked::Unknown })
}

async fn is_there(estate: &Estate, group: &AppGroupId, account: &AppAccount) -> Result<Looked, Fault> {
    let query = AuthorizationQuery { app_group: Some(group.clone()), account: Some(account.account.clone()) };
    let list = estate.authorizations(RequestClass::Job, &query).await?;
    let found = list.rows.iter().any(|known| is_of(known, group, account));
    Ok(match (found, list.complete) {
        (true, _) => Looked::Done,
        (false, true) => Looked::NotDone,
        (false, false) => Looked::Unknown,
    })
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
        Looked::Unknown => Looked::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AccountKind;

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
