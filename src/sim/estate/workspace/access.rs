//! App groups and who may use them (`workspace.md section 8`).

use super::{AppGroup, Authorization, Made, Workspace, WorkspaceRefusal};

/// An account to be authorized, or to lose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccountWanted {
    pub(crate) account: String,
    pub(crate) account_type: String,
    pub(crate) id: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) platform_type: Option<String>,
}

impl Workspace {
    pub(crate) fn app_group(&self, id: &str) -> Option<&AppGroup> {
        self.app_groups.iter().find(|group| group.id == id)
    }

    /// Adds an app group; a name that is taken is a conflict, an unknown server group is not found.
    pub(crate) fn add_app_group(
        &mut self,
        name: &str,
        description: &str,
        server_group: Option<&str>,
        desktops: bool,
    ) -> Result<AppGroup, WorkspaceRefusal> {
        let server_group = server_group.map(|id| self.server_group_at(id)).transpose()?;
        if self.app_groups.iter().any(|group| group.name == name) {
            return Err(WorkspaceRefusal::Conflict);
        }
        let number = self.next();
        let group = AppGroup {
            id: self.ids.digits(Made::AppGroup, number),
            name: name.to_owned(),
            description: description.to_owned(),
            server_group,
            desktops,
            created: self.now,
        };
        self.app_groups.push(group.clone());
        Ok(group)
    }

    pub(crate) fn server_group_at(&self, id: &str) -> Result<usize, WorkspaceRefusal> {
        let found = self.server_groups.iter().position(|group| group.id == id);
        found.ok_or(WorkspaceRefusal::Unknown)
    }

    /// Changes an app group; a server group can only be given to one that has none.
    pub(crate) fn change_app_group(
        &mut self,
        id: &str,
        name: Option<String>,
        description: Option<String>,
        server_group: Option<&str>,
    ) -> Result<AppGroup, WorkspaceRefusal> {
        let server_group = server_group.map(|id| self.server_group_at(id)).transpose()?;
        let taken = |group: &AppGroup| group.id != id && name.as_ref() == Some(&group.name);
        if self.app_groups.iter().any(taken) {
            return Err(WorkspaceRefusal::Conflict);
        }
        let found = self.app_groups.iter_mut().find(|group| group.id == id);
        let group = found.ok_or(WorkspaceRefusal::Unknown)?;
        if server_group.is_some() && group.server_group.is_some() {
            return Err(WorkspaceRefusal::Conflict);
        }
        group.name = name.unwrap_or_else(|| std::mem::take(&mut group.name));
        group.description = description.unwrap_or_else(|| std::mem::take(&mut group.description));
        group.server_group = server_group.or(group.server_group);
        Ok(group.clone())
    }

    /// Takes the server group away from the app groups that have it.
    pub(crate) fn disassociate(&mut self, server_group: &str) -> Result<(), WorkspaceRefusal> {
        let at = self.server_group_at(server_group)?;
        for group in self.app_groups.iter_mut().filter(|group| group.server_group == Some(at)) {
            group.server_group = None;
        }
        Ok(())
    }

    /// Deletes app groups with their authorizations; what is gone already stays gone.
    pub(crate) fn delete_app_groups(&mut self, ids: &[String]) {
        self.app_groups.retain(|group| !ids.contains(&group.id));
        self.authorizations.retain(|authorization| !ids.contains(&authorization.app_group));
    }

    /// Authorizes every account for every group. One that is authorized already is passed over.
    pub(crate) fn authorize(
        &mut self,
        groups: &[String],
        accounts: &[AccountWanted],
    ) -> Result<(), WorkspaceRefusal> {
        if groups.iter().any(|id| self.app_group(id).is_none()) {
            return Err(WorkspaceRefusal::Unknown);
        }
        for group in groups {
            for wanted in accounts {
                if !self.authorizations.iter().any(|known| fits(known, group, wanted)) {
                    self.add_authorization(group, wanted);
                }
            }
        }
        Ok(())
    }

    pub(super) fn add_authorization(&mut self, group: &str, wanted: &AccountWanted) {
        let number = self.next();
        let account_id = wanted.id.clone().unwrap_or_else(|| self.ids.uuid(Made::UserId, number));
        self.authorizations.push(Authorization {
            id: self.ids.digits(Made::Authorization, number),
            account_id,
            account: wanted.account.clone(),
            account_type: wanted.account_type.clone(),
            platform_type: wanted.platform_type.clone().unwrap_or_else(|| "AD".to_owned()),
            domain: wanted.domain.clone().unwrap_or_else(|| self.defined.world.domain.dns.clone()),
            app_group: group.to_owned(),
            created: self.now,
        });
    }

    /// Takes authorizations away; what is not there stays away.
    pub(crate) fn unauthorize(&mut self, groups: &[String], accounts: &[AccountWanted]) {
        self.authorizations.retain(|known| {
            !groups.iter().any(|group| accounts.iter().any(|wanted| fits(known, group, wanted)))
        });
    }
}

fn fits(known: &Authorization, group: &str, wanted: &AccountWanted) -> bool {
    known.app_group == group
        && known.account_type == wanted.account_type
        && known.account.eq_ignore_ascii_case(&wanted.account)
}
