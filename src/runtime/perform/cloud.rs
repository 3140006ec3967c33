//! What only Workspace has: lists, builds and the orders on record that name them.

use std::sync::Arc;

use super::{Shared, not_connected};
use crate::{
    api::RequestClass,
    core::{
        cloud::{AccessBook, BuildList, CloudEffect, CloudList, CloudMsg, OrderRecord},
        effect::RequestId,
        msg::Msg,
    },
    domain::{
        AppServer, AppServerQuery, AuthorizationQuery, CloudJobKind, Fault, ImageServer, ImageServerQuery,
    },
};

/// Does what an effect asks for.
pub(super) async fn perform(shared: Arc<Shared>, effect: CloudEffect) {
    let told = match effect {
        CloudEffect::FetchServers { request } => {
            CloudMsg::ServersRead { request, answer: servers(&shared).await.map(Arc::new) }
        }
        CloudEffect::FetchAccess { request } => access(&shared, request).await,
        CloudEffect::FetchAppServers { request } => {
            CloudMsg::AppServersRead { request, answer: app_servers(&shared).await.map(Arc::new) }
        }
        CloudEffect::FetchBuilds { request } => {
            let answer = builds(&shared).await.map(Box::new);
            CloudMsg::BuildsRead { request, record: Box::new(orders(&shared).await), answer }
        }
        CloudEffect::FollowBuild { job } => {
            let answer = match shared.estate().await {
                Some(estate) => estate.image_job(RequestClass::Poll, &job).await.map(Box::new),
                None => Err(not_connected("read a job on images")),
            };
            CloudMsg::BuildRead { job, answer }
        }
    };
    shared.send(Msg::Cloud(told)).await;
}

async fn servers(shared: &Shared) -> Result<CloudList<ImageServer>, Fault> {
    let estate = shared.estate().await.ok_or_else(|| not_connected("list image servers"))?;
    let list = estate.image_servers(RequestClass::Poll, &ImageServerQuery::default(), |_| {}).await?;
    Ok(CloudList { rows: list.rows, complete: list.complete, unreadable: list.unreadable })
}

async fn app_servers(shared: &Shared) -> Result<CloudList<AppServer>, Fault> {
    let estate = shared.estate().await.ok_or_else(|| not_connected("list app servers"))?;
    let list = estate.app_servers(RequestClass::Poll, &AppServerQuery::default()).await?;
    Ok(CloudList { rows: list.rows, complete: list.complete, unreadable: list.unreadable })
}

async fn access(shared: &Shared, request: RequestId) -> CloudMsg {
    let read = async {
        let estate = shared.estate().await.ok_or_else(|| not_connected("list app groups"))?;
        let groups = estate.app_groups(RequestClass::Poll).await?;
        let query = AuthorizationQuery::default();
        let authorizations = estate.authorizations(RequestClass::Poll, &query).await?;
        Ok(Arc::new(AccessBook {
            complete: groups.complete && authorizations.complete,
            unreadable: groups.unreadable + authorizations.unreadable,
            groups: groups.rows,
            authorizations: authorizations.rows,
        }))
    };
    CloudMsg::AccessRead { request, answer: read.await }
}

/// All builds, with their parts in one call more.
async fn builds(shared: &Shared) -> Result<BuildList, Fault> {
    let estate = shared.estate().await.ok_or_else(|| not_connected("list jobs on images"))?;
    let kind = CloudJobKind::CreateServerImage;
    let jobs = estate.image_jobs(RequestClass::Poll, Some(kind.clone()), None).await?;
    // Without the parts the builds are known all the same.
    let parts = estate.image_sub_jobs(RequestClass::Poll, kind, None).await;
    let mut list = BuildList { complete: jobs.complete, jobs: jobs.rows };
    match parts {
        Ok(parts) => {
            for job in &mut list.jobs {
                let of = parts.rows.iter().filter(|part| part.job_id.as_ref() == Some(&job.id));
                let of: Vec<_> = of.cloned().collect();
                job.sub_jobs = (!of.is_empty()).then_some(of);
            }
        }
        Err(fault) => tracing::debug!(%fault, "the parts of builds could not be read"),
    }
    Ok(list)
}

/// What is on record of the builds that were ordered from this machine on this estate.
async fn orders(shared: &Shared) -> OrderRecord {
    let mut orders = OrderRecord::default();
    match shared.scribe.of_this_estate().await {
        Ok(records) => records.iter().for_each(|recovered| orders.add(recovered)),
        Err(error) => tracing::warn!(%error, "the record of jobs could not be read"),
    }
    orders
}
