//! Events about servers, the federation and settings (`events.md sections 4.5 and 4.6`).

use super::{
    EventMeaning,
    EventResult::{Done, Failed, Happened},
    EventSubject::{Infrastructure, Settings},
    EventUrgency::{ActNow, Normal, Watch, WhoDidWhat},
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "BROKER_VC_STATUS_CHANGED_UP",
        (Infrastructure, Happened, Normal),
        "The connection server reaches a vCenter again.",
        "",
    ),
    meaning(
        "BROKER_VC_STATUS_CHANGED_DOWN",
        (Infrastructure, Failed, ActNow),
        "The connection server does not reach a vCenter: no machine can be made, restarted or reset there. \
         The server calls this a mere information.",
        "Look at that vCenter and at the network to it.",
    ),
    meaning(
        "BROKER_VC_STATUS_CHANGED_RECONNECTING",
        (Infrastructure, Happened, Watch),
        "The connection server tries to reach a vCenter again.",
        "UP should follow soon.",
    ),
    meaning(
        "BROKER_VC_STATUS_CHANGED_NOT_YET_CONNECTED",
        (Infrastructure, Happened, Watch),
        "The connection server has not reached a vCenter since it started.",
        "UP should follow soon; if not, look at that vCenter.",
    ),
    meaning(
        "BROKER_VC_STATUS_CHANGED_CANNOT_LOGIN",
        (Infrastructure, Failed, ActNow),
        "The connection server cannot log in to a vCenter: no machine can be made, restarted or reset there.",
        "Look at the account that Horizon uses there.",
    ),
    meaning(
        "BROKER_VC_STATUS_CHANGED_INVALID_CREDENTIALS",
        (Infrastructure, Failed, ActNow),
        "A vCenter does not accept the password of the account that Horizon uses: no machine can be made, \
         restarted or reset there.",
        "The password was changed there and not here, or the account is locked.",
    ),
    meaning(
        "BROKER_VC_STATUS_CHANGED_UNKNOWN",
        (Infrastructure, Failed, Watch),
        "The connection server cannot tell how a vCenter is.",
        "Look at that vCenter and at the network to it.",
    ),
    meaning(
        "BROKER_VC_STATUS_CHANGED_DOWN_INVALID_CERT",
        (Infrastructure, Failed, ActNow),
        "The connection server does not trust the certificate of a vCenter and does not talk to it.",
        "If it was renewed on purpose, accept the new one in the Horizon console.",
    ),
    meaning(
        "BROKER_VC_DISABLED",
        (Infrastructure, Happened, Watch),
        "A vCenter is not used for the time being.",
        "BROKER_VC_ENABLED should follow.",
    ),
    meaning("BROKER_VC_ENABLED", (Infrastructure, Happened, Normal), "A vCenter is used again.", ""),
    meaning(
        "BROKER_VC_CERT_EXPIRED",
        (Infrastructure, Failed, Watch),
        "The certificate of a vCenter has expired.",
        "Renew it, and accept the new one in the Horizon console.",
    ),
    meaning(
        "BROKER_VC_CERT_EXPIRY_WARNING",
        (Infrastructure, Happened, Watch),
        "The certificate of a vCenter will expire soon.",
        "Renew it, and accept the new one in the Horizon console.",
    ),
    meaning(
        "BROKER_SECURE_GATEWAY_CERT_EXPIRED",
        (Infrastructure, Failed, Watch),
        "The certificate of a secure gateway has expired.",
        "Renew it there: clients refuse to connect through it otherwise.",
    ),
    meaning(
        "BROKER_SECURE_GATEWAY_CERT_EXPIRY_WARNING",
        (Infrastructure, Happened, Watch),
        "The certificate of a secure gateway will expire soon.",
        "Renew it there: clients refuse to connect through it otherwise.",
    ),
    meaning(
        "BROKER_SAML_CERT_EXPIRED",
        (Infrastructure, Failed, Watch),
        "The certificate of a SAML authenticator has expired.",
        "Renew it at the identity provider and read its metadata again: log-ins by SAML fail otherwise.",
    ),
    meaning(
        "BROKER_SAML_CERT_EXPIRY_WARNING",
        (Infrastructure, Happened, Watch),
        "The certificate of a SAML authenticator will expire soon.",
        "Renew it at the identity provider and read its metadata again: log-ins by SAML fail otherwise.",
    ),
    meaning(
        "BROKER_LMV_POD_ENDPOINT_STATE_CHANGED",
        (Infrastructure, Happened, Watch),
        "A pod of the federation is reached in another way than before, or not at all; the text names the \
         new state.",
        "Look at the pods: what is asked of one that is away does not arrive.",
    ),
    meaning(
        "BROKER_LMV_POD_TIME_OUT_OF_SYNC",
        (Infrastructure, Failed, Watch),
        "The clock of another pod is off by some seconds.",
        "Set the clocks: tokens and the order of events depend on them.",
    ),
    meaning(
        "BROKER_EVENT_HANDLING_STARTED",
        (Infrastructure, Happened, Normal),
        "A connection server began to write events.",
        "It has just started, or its event database has been set up.",
    ),
    meaning(
        "BROKER_EVENT_HANDLING_STOPPED",
        (Infrastructure, Happened, ActNow),
        "A connection server stopped writing events: its events are missing from here on.",
        "If nobody shut it down, look at that server and at the event database.",
    ),
    meaning(
        "BROKER_EVENT_SYSLOG_CONNECT_ERROR",
        (Infrastructure, Failed, ActNow),
        "Events cannot be sent to the syslog server.",
        "Look at that server and at the network to it.",
    ),
    meaning(
        "BROKER_BACKUP_FAILED",
        (Infrastructure, Failed, Watch),
        "The backup of a connection server's configuration failed.",
        "Look at the free space on that server and at the folder of the backups.",
    ),
    meaning(
        "BROKER_RADIUS_SERVER_FAILOVER",
        (Infrastructure, Failed, Watch),
        "A RADIUS server does not answer; the other one took over.",
        "Mend it before the other one fails as well.",
    ),
    meaning(
        "BROKER_RADIUS_ALL_SERVER_FAIL",
        (Infrastructure, Failed, ActNow),
        "No RADIUS server answers: nobody who needs one can log in.",
        "Look at the RADIUS servers and at the network to them.",
    ),
    meaning(
        "BROKER_SMALL_MEMORY",
        (Infrastructure, Happened, Normal),
        "A connection server has little memory.",
        "Compare it with what the vendor asks for.",
    ),
    meaning(
        "BROKER_DAILY_MAX_DESKTOP_SESSIONS",
        (Infrastructure, Happened, Normal),
        "The most desktop sessions at one time during the last 24 hours. A statistic, once a day.",
        "",
    ),
    meaning(
        "BROKER_DAILY_MAX_USERS",
        (Infrastructure, Happened, Normal),
        "The most users with desktop sessions at one time during the last 24 hours. A statistic, once a day.",
        "",
    ),
    meaning(
        "BROKER_DAILY_MAX_APP_USERS",
        (Infrastructure, Happened, Normal),
        "The most users with application sessions at one time during the last 24 hours. A statistic, once a \
         day.",
        "",
    ),
    meaning(
        "BROKER_DAILY_MAX_CCU_USERS",
        (Infrastructure, Happened, Normal),
        "The most connections at one time during the last 24 hours. A statistic, once a day.",
        "",
    ),
    meaning(
        "VLSI_GLOBAL_SETTINGS_UPDATED",
        (Settings, Done, WhoDidWhat),
        "An administrator changed a setting of the whole estate. Each setting has an event of its own.",
        "The attributes name the setting and its new value.",
    ),
    meaning(
        "ADMIN_DATABASE_CONFIGURATION_UPDATED",
        (Settings, Done, WhoDidWhat),
        "An administrator changed the settings of the event database: where this log is kept.",
        "Older events may not be there any more.",
    ),
    meaning(
        "ADMIN_EVENT_CONFIGURATION_UPDATED",
        (Settings, Done, WhoDidWhat),
        "An administrator changed how events are kept or sent on.",
        "",
    ),
    meaning(
        "VLSI_CPA_KEY_PAIR_ROTATION_REQUESTED",
        (Settings, Done, WhoDidWhat),
        "An administrator asked for new keys between the pods of the federation.",
        "",
    ),
    meaning(
        "VLSI_GATEWAY_CERTIFICATE_ADDED",
        (Settings, Done, WhoDidWhat),
        "An administrator added the certificate of a gateway.",
        "",
    ),
    meaning(
        "VLSI_GATEWAY_CERTIFICATE_DELETED",
        (Settings, Done, WhoDidWhat),
        "An administrator deleted the certificate of a gateway.",
        "",
    ),
    meaning(
        "VLSI_POD_FEDERATION_OP_FAILURE",
        (Settings, Failed, Watch),
        "An operation on the federation failed; the text names it.",
        "Look at the health of the other pods.",
    ),
];
