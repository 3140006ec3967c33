//! Permissions, roles, access groups and the directory (`horizon-rest.md sections 9 to 12 and 18.2`).

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use super::{
    ChangeAnswer, Estate, ItemAnswer, Operation, RequestClass, fault,
    gate::Turn,
    horizon::{
        directory::{self, Domains},
        groups, names, permissions, rights, roles,
        versions::Resource,
        wire::{Horizon, LIST_NAMES_BUDGET},
    },
    http::never_sent,
    request::Request,
};
use crate::domain::{
    Account, Change, ChangeKind, Fault, FaultKind, NewPermission, Permission, PermissionBook, PermissionId,
    Principal, Release, Text, UserId,
};

/// The release that tells what somebody else may do; older ones pass over the question and answer for oneself.
const RIGHTS_OF_OTHERS: Release = Release(2309);

/// The release that names the domains (`horizon-rest.md section 2.7`).
const DOMAINS_SINCE: Release = Release(2209);

impl Horizon {
    fn release(&self) -> Option<Release> {
        self.server().known_environment().and_then(|environment| environment.release)
    }

    /// Puts a request in the version that the release has, without stepping down: where a 404 may mean that the thing
    /// itself is not there, and for orders.
    async fn put_as_known(
        &self,
        turn: Turn<'_>,
        resource: Resource,
        request: &Request,
    ) -> Result<super::server::Versioned, Fault> {
        let Some(version) = self.server().versions.of(resource) else {
            return Err(self.server().absent(resource, request));
        };
        self.put(turn, None, &request.at_version(version)).await
    }

    /// One list of the book.
    async fn part<T>(
        &self,
        class: RequestClass,
        resource: Resource,
        request: Request,
        read: impl FnOnce(&[u8]) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let versioned = self.put(class, Some(resource), &request).await?;
        read(&versioned.answer.body)
    }

    /// How domains are called; asked for once. Nothing fails when it cannot be had: names stay as they come.
    async fn domains(&self, class: RequestClass) -> Domains {
        if self.release().is_some_and(|release| release < DOMAINS_SINCE) {
            return Domains::default();
        }
        let read = self.domains.get_or_try_init(|| async {
            match self.put(class, None, &directory::domains_request()).await {
                Ok(versioned) => Ok(Domains::read(&versioned.answer.body)),
                // The server has no such call.
                Err(fault) if fault.status == Some(404) => Ok(Domains::default()),
                Err(fault) => Err(fault),
            }
        });
        read.await.cloned().unwrap_or_else(|fault| {
            tracing::debug!(%fault, "domains keep their long names");
            Domains::default()
        })
    }

    /// Fills in who has the permissions where the list does not say it (v1). What cannot be looked up within the
    /// budget stays a SID.
    ///
    /// # Errors
    ///
    /// When not everybody could be looked up: names that are missing then say nothing.
    async fn name_principals(&self, permissions: &mut [Permission], version: u8) -> Result<(), Fault> {
        let class = RequestClass::Lookup;
        let looked_up = tokio::time::timeout(LIST_NAMES_BUDGET, async {
            let domains = self.domains(class).await;
            for permission in &mut *permissions {
                permission.principal_name =
                    permission.principal_name.take().map(|name| domains.shorten(name));
            }
            if version >= 2 {
                return Ok(());
            }
            let (known, complete) = self.look_up(class, permissions, &domains).await;
            for permission in &mut *permissions {
                let principal = permission.principal.as_ref().and_then(|sid| known.get(sid));
                if let Some(principal) = principal.filter(|_| permission.principal_name.is_none()) {
                    permission.principal_name.clone_from(&principal.name);
                    permission.principal_kind = principal.kind;
                }
            }
            complete
        });
        match looked_up.await {
            Ok(complete) => complete,
            // The list gave the names; only the short names of the domains are late.
            Err(_) if version >= 2 => Ok(()),
            Err(_) => {
                tracing::debug!("who has the permissions is still being looked up");
                let words = "the directory did not answer in time";
                Err(Fault::new(FaultKind::Unreachable, "look up users and groups", words))
            }
        }
    }

    /// Those who have permissions, as far as the directory knows them; and whether all of them were asked for.
    async fn look_up(
        &self,
        class: RequestClass,
        permissions: &[Permission],
        domains: &Domains,
    ) -> (HashMap<UserId, Principal>, Result<(), Fault>) {
        let mut seen = HashSet::new();
        let sids: Vec<&UserId> = permissions
            .iter()
            .filter(|permission| permission.principal_name.is_none())
            .filter_map(|permission| permission.principal.as_ref())
            .filter(|sid| seen.insert(*sid))
            .collect();
        let mut known = HashMap::new();
        for sids in sids.chunks(directory::PER_CALL) {
            let answer = self.put(class, None, &directory::some_request(sids)).await;
            match answer.and_then(|versioned| directory::read_list(&versioned.answer.body, domains)) {
                Ok(found) => {
                    known.extend(found.into_iter().map(|principal| (principal.id.clone(), principal)));
                }
                Err(fault) => {
                    tracing::debug!(%fault, "names stay SIDs");
                    return (known, Err(fault));
                }
            }
        }
        (known, Ok(()))
    }
}

impl Estate {
    /// Everything about permissions. `Permission_List`.
    ///
    /// # Errors
    ///
    /// When the permissions themselves cannot be read; then nothing else is asked for, because a server writes every
    /// refusal into its log. A part that cannot be read says so in the book.
    pub async fn permission_book(&self, class: RequestClass) -> Result<PermissionBook, Fault> {
        let inner = self.horizon(Operation::ListPermissions)?;
        let versioned = inner.put(class, Some(Resource::Permissions), &permissions::list_request()).await?;
        let (mut listed, unreadable) = permissions::read_list(&versioned.answer.body)?;
        let (roles, local_groups, federation_groups, privileges, names, pools) = tokio::join!(
            inner.part(class, Resource::Roles, roles::request(), roles::read),
            inner.part(class, Resource::LocalGroups, groups::local_request(), groups::read_local),
            inner.part(
                class,
                Resource::FederationGroups,
                groups::federation_request(),
                groups::read_federation
            ),
            inner.part(class, Resource::Privileges, roles::privileges_request(), roles::read_privileges),
            inner.name_principals(&mut listed, versioned.version),
            // Questions about a pool need its names, and nothing else does.
            tokio::time::timeout(LIST_NAMES_BUDGET, names::pools(inner, class)),
        );
        Ok(PermissionBook {
            permissions: listed,
            roles,
            local_groups,
            federation_groups: match federation_groups {
                // No federation, no groups of it.
                Err(fault) if fault.status == Some(409) => Ok(Vec::new()),
                other => other,
            },
            privileges,
            unreadable,
            names,
            pools: pools.ok().flatten(),
        })
    }

    /// One permission as it is now; `EntityNotFound` when it is gone. `Permission_Get`.
    ///
    /// # Errors
    ///
    /// The server's refusal, or that it cannot be reached.
    pub async fn permission(&self, id: &PermissionId) -> Result<Permission, Fault> {
        let inner = self.horizon(Operation::ReadPermission)?;
        let request = permissions::one_request(id);
        let missing =
            match inner.put_as_known(RequestClass::Job.into(), Resource::Permissions, &request).await {
                Ok(versioned) => {
                    let mut permission = permissions::read_one(&versioned.answer.body)?;
                    let version = inner.server().versions.of(Resource::Permissions).unwrap_or_default();
                    // A permission without a name is shown by its SID.
                    inner.name_principals(std::slice::from_mut(&mut permission), version).await.ok();
                    return Ok(permission);
                }
                Err(fault) if fault.kind == FaultKind::EntityNotFound => fault,
                Err(fault) => return Err(fault),
            };
        // The version may be missing instead of the permission: only a list tells.
        let found = self.permissions(std::slice::from_ref(id)).await?;
        found.into_iter().find(|permission| permission.id == *id).ok_or(missing)
    }

    /// Those of these permissions that are still there. `Permission_GetInfos`.
    ///
    /// # Errors
    ///
    /// The server's refusal, or that it cannot be reached; `BadAnswer` when one is missing and a row could not be read,
    /// which may be the missing one.
    pub async fn permissions(&self, ids: &[PermissionId]) -> Result<Vec<Permission>, Fault> {
        let inner = self.horizon(Operation::ListPermissions)?;
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(permissions::MOST_IDS) {
            let request = permissions::some_request(ids);
            let versioned = inner.put(RequestClass::Job, Some(Resource::Permissions), &request).await?;
            let (mut rows, unreadable) = permissions::read_list(&versioned.answer.body)?;
            rows.retain(|permission| ids.contains(&permission.id));
            if unreadable > 0 && ids.iter().any(|id| rows.iter().all(|row| row.id != *id)) {
                let what = format!("{unreadable} rows could not be read: what is missing may be there");
                return Err(fault::bad_answer(request.operation, &what));
            }
            inner.name_principals(&mut rows, versioned.version).await.ok();
            found.extend(rows);
        }
        Ok(found)
    }

    /// Users and groups whose login, name or e-mail begins with what is typed, `limit` of them at most. A domain in
    /// front is left out; a whole SID finds its owner. Exact matches come first.
    ///
    /// # Errors
    ///
    /// When none of the searches worked.
    pub async fn search_principals(&self, text: &str, limit: usize) -> Result<Vec<Principal>, Fault> {
        let inner = self.horizon(Operation::ListUsers)?;
        let text = text.trim();
        let text = text.rsplit_once('\\').map_or(text, |(_, login)| login);
        if text.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let class = RequestClass::Job;
        let domains = inner.domains(class).await;
        let size = limit.min(super::page::PAGE_SIZE);
        let requests = if text.to_ascii_uppercase().starts_with("S-1-") {
            vec![directory::some_request(&[&UserId::from(text.to_ascii_uppercase())])]
        } else {
            directory::SEARCHED.map(|field| directory::search_request(field, text, size)).to_vec()
        };
        let answers = join_all(requests.iter().map(|request| inner.put(class, None, request))).await;
        let (mut found, mut seen) = (Vec::<Principal>::new(), HashSet::new());
        let (mut worked, mut failed) = (false, None);
        for answer in answers {
            match answer.and_then(|versioned| directory::read_list(&versioned.answer.body, &domains)) {
                Ok(rows) => {
                    worked = true;
                    found.extend(rows.into_iter().filter(|row| seen.insert(row.id.clone())));
                }
                Err(fault) => {
                    failed.get_or_insert(fault);
                }
            }
        }
        if let Some(fault) = failed.filter(|_| !worked) {
            return Err(fault);
        }
        found.sort_by_key(|principal| !is_exactly(principal, text));
        found.truncate(limit);
        Ok(found)
    }

    /// Those of these users and groups that the directory knows, looked up together.
    ///
    /// # Errors
    ///
    /// The server's refusal, or that it cannot be reached.
    pub async fn principals(&self, ids: &[UserId]) -> Result<Vec<Principal>, Fault> {
        let inner = self.horizon(Operation::ListUsers)?;
        let class = RequestClass::Lookup;
        let domains = inner.domains(class).await;
        let ids: Vec<&UserId> = ids.iter().collect();
        let mut found = Vec::with_capacity(ids.len());
        for ids in ids.chunks(directory::PER_CALL) {
            let versioned = inner.put(class, None, &directory::some_request(ids)).await?;
            found.extend(directory::read_list(&versioned.answer.body, &domains)?);
        }
        Ok(found)
    }

    /// One user or group, with the groups it belongs to where the server tells them; `EntityNotFound` when the SID does
    /// not resolve.
    ///
    /// # Errors
    ///
    /// The server's refusal, or that it cannot be reached.
    pub async fn principal(&self, id: &UserId) -> Result<Principal, Fault> {
        let inner = self.horizon(Operation::ReadUser)?;
        let class = RequestClass::Job;
        let domains = inner.domains(class).await;
        let version = directory::version_of(inner.release());
        let mut answer = inner.put(class, None, &directory::one_request(id, version)).await;
        let missing = |fault: &Fault| fault.kind == FaultKind::EntityNotFound;
        if version > 1 && answer.as_ref().is_err_and(missing) {
            // Either the SID or the version is not there; every server has v1.
            answer = inner.put(class, None, &directory::one_request(id, 1)).await;
        }
        directory::read_one(&answer?.answer.body, &domains)
    }

    /// What somebody else may do, as the server works it out; needs `GLOBAL_PERMISSION_VIEW` and release 2309. The
    /// name of the account is its SID.
    ///
    /// # Errors
    ///
    /// The server's refusal, or that the release cannot tell.
    pub async fn rights_of(&self, id: &UserId) -> Result<Account, Fault> {
        let inner = self.horizon(Operation::ReadRights)?;
        let cannot = || {
            let what = format!("the server tells what others may do from release {RIGHTS_OF_OTHERS} on only");
            fault::bad_answer(Operation::ReadRights, &what)
        };
        if inner.release().is_some_and(|release| release < RIGHTS_OF_OTHERS) {
            return Err(cannot());
        }
        let request = rights::request().with("ad_user_or_group_id", id.raw());
        let versioned = inner.put(RequestClass::Job, None, &request).await?;
        let mut account = rights::read(id.raw(), &versioned.answer.body)?;
        if account.id.as_ref().is_some_and(|answered| answered != id) {
            // It passed over the question and answered for oneself.
            return Err(cannot());
        }
        account.id = Some(id.clone());
        if account.root_group.is_none() {
            // What is the root for one is the root for all.
            account.root_group = inner.root_group();
        }
        Ok(account)
    }

    /// Creates or deletes permissions: see [`Estate::change`].
    pub(super) async fn change_permissions(
        &self,
        changes: &[&Change],
        stop: &CancellationToken,
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        let Some(kind) = changes.first().map(|change| change.kind()) else { return Ok(Vec::new()) };
        let operation = Operation::of_change(kind);
        let most = Self::most_changes(kind);
        if changes.len() > most {
            let what = format!("{} changes in one call, {most} at most", changes.len());
            return Err(never_sent(operation, &what));
        }
        let turn = Turn::stoppable(RequestClass::Job, stop);
        let mixed = || never_sent(operation, "changes of several kinds in one call");
        if kind == ChangeKind::CreatePermission {
            let spec = |change: &&Change| match change {
                Change::CreatePermission(spec) => Some(spec.clone()),
                _ => None,
            };
            let specs: Option<Vec<NewPermission>> = changes.iter().map(spec).collect();
            return self.create_permissions(turn, &specs.ok_or_else(mixed)?).await;
        }
        let id = |change: &&Change| match change {
            Change::DeletePermission(id) => Some(id.clone()),
            _ => None,
        };
        let ids: Option<Vec<PermissionId>> = changes.iter().map(id).collect();
        self.delete_permissions(turn, &ids.ok_or_else(mixed)?).await
    }

    async fn create_permissions(
        &self,
        turn: Turn<'_>,
        specs: &[NewPermission],
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        let request = permissions::create_request(&specs.iter().collect::<Vec<_>>());
        let versioned =
            self.horizon(request.operation)?.put_as_known(turn, Resource::Permissions, &request).await?;
        permissions::read_created(specs.len(), &versioned.answer.body)
    }

    async fn delete_permissions(
        &self,
        turn: Turn<'_>,
        ids: &[PermissionId],
    ) -> Result<Vec<ChangeAnswer>, Fault> {
        // An id that is given twice is asked for once; both get the answer.
        let mut seen = HashSet::new();
        let targets: Vec<&PermissionId> = ids.iter().filter(|id| seen.insert(*id)).collect();
        let request = permissions::delete_request(&targets);
        let versioned =
            self.horizon(request.operation)?.put_as_known(turn, Resource::Permissions, &request).await?;
        let answer = versioned.answer;
        let answers = permissions::read_deleted(&targets, answer.status, &answer.body)?;
        let by_id: HashMap<&PermissionId, ItemAnswer> = targets.into_iter().zip(answers).collect();
        let answer_of = |id| Some(ChangeAnswer { answer: by_id.get(id)?.clone(), created: None });
        Ok(ids.iter().filter_map(answer_of).collect())
    }
}

/// Whether what was typed is the whole login or name, however it is written.
fn is_exactly(principal: &Principal, text: &str) -> bool {
    let text = text.to_lowercase();
    let login = principal.name.as_ref().and_then(|name| name.as_str().rsplit('\\').next());
    let names = [login, principal.full_name.as_ref().map(Text::as_str), Some(principal.id.raw())];
    names.into_iter().flatten().any(|name| name.to_lowercase() == text)
}
