//! App groups and who may use them (`workspace.md section 8`).

use serde::Deserialize;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{
    read::{self, Row},
    wire::{Workspace, within},
};
use crate::{
    api::{
        Estate, Listing, Operation, RequestClass,
        gate::Turn,
        http::never_sent,
        request::{Body, Request},
    },
    domain::{
        AccountKind, AccountPlatform, AppAccount, AppGroup, AppGroupId, Authorization, AuthorizationQuery,
        Fault,
    },
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireAppGroup {
    id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    app_server_group_id: Option<String>,
    app_server_group_name: Option<String>,
    app_type: Option<String>,
    authorization_type: Option<String>,
    create_at: Option<String>,
    app_count: Option<i64>,
}

impl WireAppGroup {
    fn row(self) -> Option<Row<AppGroup>> {
        let id: AppGroupId = read::id(self.id)?;
        Some(Row(
            id.raw().to_owned(),
            AppGroup {
                id,
                name: read::text(self.name),
                description: read::text(self.description),
                server_group_id: read::id(self.app_server_group_id),
                server_group_name: read::text(self.app_server_group_name),
                kind: read::word(self.app_type),
                authorization_type: read::text(self.authorization_type),
                created_at: read::moment(self.create_at),
                apps: self.app_count,
            },
        ))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireAuthorization {
    id: Option<String>,
    account_id: Option<String>,
    account: Option<String>,
    account_type: Option<String>,
    platform_type: Option<String>,
    domain: Option<String>,
    app_group_id: Option<String>,
    app_group_name: Option<String>,
    create_at: Option<String>,
}

impl WireAuthorization {
    fn row(self) -> Option<Row<Authorization>> {
        let id = self.id.filter(|id| !id.is_empty())?;
        Some(Row(
            id.clone(),
            Authorization {
                id: id.into(),
                account_id: read::text(self.account_id),
                account: read::text(self.account),
                account_kind: read::word(self.account_type),
                platform: read::word(self.platform_type),
                domain: read::text(self.domain),
                app_group_id: read::id(self.app_group_id),
                app_group_name: read::text(self.app_group_name),
                created_at: read::moment(self.create_at),
            },
        ))
    }
}

impl Workspace {
    pub(in crate::api) async fn app_groups(&self, class: RequestClass) -> Result<Listing<AppGroup>, Fault> {
        let request = Request::get(Operation::ListAppGroups, self.path(1, "app-groups"));
        self.list(class, &request, "items", WireAppGroup::row, |_| {}).await
    }

    pub(in crate::api) async fn authorizations(
        &self,
        class: RequestClass,
        query: &AuthorizationQuery,
    ) -> Result<Listing<Authorization>, Fault> {
        let path = self.path(1, "app-groups/actions/list-authorizations");
        let mut request = Request::get(Operation::ListAuthorizations, path);
        if let Some(group) = &query.app_group {
            request = request.with("app_group_id", group.raw());
        }
        if let Some(account) = &query.account {
            request = request.with("account", account);
        }
        self.list(class, &request, "authorizations", WireAuthorization::row, |_| {}).await
    }

    /// Adds or removes authorizations.
    pub(in crate::api) async fn change_authorizations(
        &self,
        operation: Operation,
        groups: &[AppGroupId],
        accounts: &[AppAccount],
        stop: &CancellationToken,
    ) -> Result<(), Fault> {
        let rest = match operation {
            Operation::AddAuthorizations => "app-groups/authorizations",
            _ => "app-groups/actions/batch-delete-authorization",
        };
        let body = authorizations_body(operation, groups, accounts)?;
        let request = Request::post(operation, self.path(1, rest), Body::Json(body.to_string()));
        self.ask(Turn::stoppable(RequestClass::Job, stop), &request).await.map(drop)
    }
}

fn authorizations_body(
    operation: Operation,
    groups: &[AppGroupId],
    accounts: &[AppAccount],
) -> Result<Value, Fault> {
    within(operation, "app groups", groups.len(), Estate::MAX_APP_GROUPS)?;
    within(operation, "accounts", accounts.len(), Estate::MAX_ACCOUNTS)?;
    let mut wire = Vec::with_capacity(accounts.len());
    for account in accounts {
        if account.kind == AccountKind::Group && account.id.as_ref().is_none_or(String::is_empty) {
            return Err(never_sent(operation, &format!("the group {} has no id", account.account)));
        }
        let mut row = json!({ "account": account.account, "account_type": account.kind.word() });
        let optional = [
            ("id", account.id.as_deref()),
            ("domain", account.domain.as_deref()),
            ("platform_type", account.platform.as_ref().map(AccountPlatform::word)),
        ];
        for (name, value) in optional {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                row[name] = json!(value);
            }
        }
        wire.push(row);
    }
    let groups: Vec<&str> = groups.iter().map(AppGroupId::raw).collect();
    Ok(json!({ "app_group_ids": groups, "accounts": wire }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(kind: AccountKind, id: Option<&str>) -> AppAccount {
        AppAccount { account: "kaya".into(), kind, id: id.map(str::to_owned), domain: None, platform: None }
    }

    #[test]
    fn a_group_must_have_its_id_and_numbers_are_limited() {
        let body = |groups: usize, accounts: &[AppAccount]| {
            let groups: Vec<AppGroupId> = (0..groups).map(|id| id.to_string().into()).collect();
            authorizations_body(Operation::AddAuthorizations, &groups, accounts)
        };
        let user = account(AccountKind::User, None);
        assert_eq!(
            body(1, std::slice::from_ref(&user)).unwrap(),
            json!({"app_group_ids": ["0"], "accounts": [{"account": "kaya", "account_type": "USER"}]})
        );
        assert!(body(1, &[account(AccountKind::Group, None)]).is_err());
        assert!(body(1, &[account(AccountKind::Group, Some("g"))]).is_ok());
        assert!(
            body(0, std::slice::from_ref(&user)).is_err() && body(11, std::slice::from_ref(&user)).is_err()
        );
        assert!(body(1, &vec![user.clone(); 50]).is_ok() && body(1, &vec![user; 51]).is_err());
    }
}
