//! Pools, farms, machines, RDS servers and application pools (`horizon-rest.md section 18.1`).
//!
//! v1 and the newest versions are modelled; versions in between show the fields that are known of them.

mod applications;
mod farms;
mod hosts;
mod images;
mod machines;
mod pools;

pub(crate) use applications::application_pools;
pub(crate) use farms::farms;
pub(crate) use hosts::rds_servers;
pub(crate) use machines::machines;
pub(crate) use pools::pools;

use super::call::{Answer, Call};
use super::error::ApiError;
use super::fields::{Row, Value};
use crate::sim::estate::{Estate, PlaceKind};
use crate::sim::ids::Kind;
use crate::sim::world::PoolSource;

/// What a caller needs to see pools and farms.
const POOL_VIEW: [&str; 1] = ["POOL_VIEW"];

/// `type` of a pool with this source.
pub(crate) fn pool_type(source: PoolSource) -> &'static str {
    if source == PoolSource::Unmanaged { "MANUAL" } else { "AUTOMATED" }
}

/// The number of a place of this kind.
fn place_of(estate: &Estate, kind: PlaceKind) -> u16 {
    estate.places.iter().position(|place| place.kind == kind).unwrap_or(0) as u16
}

fn seen(call: &Call<'_>, estate: &Estate, place: u16, wanted: &[&str]) -> bool {
    let place = &estate.places[usize::from(place)];
    place.pod == estate.local_pod && call.caller.on(place.access_group, wanted)
}

fn access_group(estate: &Estate, place: u16) -> Value<'static> {
    let group = estate.places[usize::from(place)].access_group;
    Value::owned(estate.ids.id(Kind::AccessGroup, u32::from(group)))
}

/// Finds a row by id: 404 when there is none, 403 when the caller may not see it.
fn one<R: Row>(
    call: &Call<'_>,
    estate: &Estate,
    row: Option<(R, u16)>,
    version: u8,
    wanted: &[&str],
) -> Answer {
    let missing = || ApiError::not_found("Entity does not exist.");
    let (row, place) = row.ok_or_else(missing)?;
    if estate.places[usize::from(place)].pod != estate.local_pod {
        return Err(missing());
    }
    if !seen(call, estate, place, wanted) {
        return Err(ApiError::forbidden());
    }
    Ok(call.one(&row, version))
}
