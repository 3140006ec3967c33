//! Events about pools and farms (`events.md section 4.6`).

use super::{
    EventMeaning,
    EventResult::{Done, Failed},
    EventSubject::Pool,
    EventUrgency::WhoDidWhat,
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "ADMIN_ENABLE_DESKTOP_SUCCEEDED",
        (Pool, Done, WhoDidWhat),
        "An administrator enabled or disabled a pool; the text says which.",
        "Nobody gets a session from a disabled pool.",
    ),
    meaning(
        "ADMIN_ENABLED_DESKTOP_PROVISION_SUCCEEDED",
        (Pool, Done, WhoDidWhat),
        "An administrator switched the provisioning of a pool on or off; the text says which.",
        "Without it no new machines are made.",
    ),
    meaning(
        "ADMIN_POOL_BROADCASTMSG",
        (Pool, Done, WhoDidWhat),
        "An administrator sent a message to all sessions of a pool.",
        "The text of the event holds the message.",
    ),
    meaning(
        "ADMIN_ADD_DESKTOP_ENTITLEMENT",
        (Pool, Done, WhoDidWhat),
        "An administrator entitled a user or group to a pool.",
        "",
    ),
    meaning(
        "ADMIN_REMOVE_DESKTOP_ENTITLEMENT",
        (Pool, Done, WhoDidWhat),
        "An administrator took the entitlement to a pool away from a user or group.",
        "Sessions that are open go on; new ones are refused.",
    ),
    meaning(
        "VLSI_DESKTOP_USER_ENTITLEMENT_ADDED",
        (Pool, Done, WhoDidWhat),
        "An administrator entitled a user or group to a pool.",
        "",
    ),
    meaning(
        "VLSI_DESKTOP_USER_ENTITLEMENT_DELETED",
        (Pool, Done, WhoDidWhat),
        "An administrator took the entitlement to a pool away from a user or group.",
        "Sessions that are open go on; new ones are refused.",
    ),
    meaning(
        "VLSI_DESKTOP_UPDATED",
        (Pool, Done, WhoDidWhat),
        "An administrator changed a setting of a pool. Each setting has an event of its own.",
        "The attributes name the setting and its new value.",
    ),
    meaning(
        "VLSI_DESKTOP_PUSH_IMAGE_SCHEDULED",
        (Pool, Done, WhoDidWhat),
        "An administrator ordered a new image for a pool, now or for later.",
        "BROKER_PROVISIONING_PUBLISH_IMAGE_SUCCESS or _FAILED tells how it went.",
    ),
    meaning(
        "VLSI_DESKTOP_SCHEDULE_PUSH_IMAGE_FAILED",
        (Pool, Failed, WhoDidWhat),
        "An administrator ordered a new image for a pool and it was refused.",
        "Another push may be under way; look at the pool's state.",
    ),
    meaning(
        "VLSI_DESKTOP_PUSH_IMAGE_CANCELLED",
        (Pool, Done, WhoDidWhat),
        "An administrator called off a new image for a pool.",
        "Machines that have it already keep it.",
    ),
    meaning(
        "VLSI_DESKTOP_CANCEL_PUSH_IMAGE_FAILED",
        (Pool, Failed, WhoDidWhat),
        "An administrator tried to call off a new image for a pool and it was too late or refused.",
        "Look at the pool's state: the push may be done.",
    ),
    meaning(
        "VLSI_FARM_SCHEDULED_MAINTENANCE_CREATED",
        (Pool, Done, WhoDidWhat),
        "An administrator scheduled maintenance of a farm: its servers are made anew from their image.",
        "Its sessions are logged off when it begins, as far as the schedule says so.",
    ),
];
