//! Events about log-ins and refusals of administrators and of the API (`events.md section 4.7`).

use super::{
    EventMeaning,
    EventResult::{Done, Failed},
    EventSubject::Administrator,
    EventUrgency::{Normal, Watch},
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "REST_AUTH_LOGIN_SUCCESS",
        (Administrator, Done, Normal),
        "Somebody logged in to the REST API. This console does so when it starts; a log-in writes a second \
         row as well.",
        "",
    ),
    meaning(
        "REST_AUTH_LOGIN_FAILURE",
        (Administrator, Failed, Watch),
        "A log-in to the REST API was refused.",
        "A script with an old password, or somebody guesses: the text names the account.",
    ),
    meaning(
        "REST_AUTH_LOGOUT_SUCCESS",
        (Administrator, Done, Normal),
        "Somebody logged out of the REST API.",
        "",
    ),
    meaning(
        "REST_AUTH_REFRESH_TOKEN_SUCCESS",
        (Administrator, Done, Normal),
        "A client of the REST API, such as this console, renewed its token.",
        "",
    ),
    meaning(
        "REST_AUTH_PERMISSION_FAILURE",
        (Administrator, Failed, Watch),
        "A call of the REST API was refused because the account lacks a privilege. The text names the \
         account and the call.",
        "If it is this console's account, `:whoami` shows what it may do.",
    ),
    meaning(
        "VLSI_USERLOGGEDIN",
        (Administrator, Done, Normal),
        "An administrator logged in, by the web console or by an API.",
        "",
    ),
    meaning(
        "VLSI_USERLOGGEDIN_REST",
        (Administrator, Done, Normal),
        "Somebody logged in to the REST API.",
        "",
    ),
    meaning(
        "VLSI_USERLOGIN_REST_FAILED",
        (Administrator, Failed, Watch),
        "A log-in to the REST API was refused.",
        "A script with an old password, or somebody guesses: the text names the account.",
    ),
    meaning(
        "VLSI_USERLOGOFF_REST",
        (Administrator, Done, Normal),
        "Somebody logged out of the REST API.",
        "",
    ),
    meaning("VLSI_USERLOGGEDOUT", (Administrator, Done, Normal), "An administrator logged out.", ""),
    meaning(
        "VLSI_USERLOGIN_FAIL",
        (Administrator, Failed, Watch),
        "A log-in of an administrator was refused.",
        "The text names the account. Many of them: somebody guesses.",
    ),
    meaning(
        "VLSI_LOGIN_FAIL",
        (Administrator, Failed, Watch),
        "A log-in as administrator was refused; the server does not know who it was.",
        "Many of them: somebody guesses.",
    ),
    meaning(
        "VLSI_INSUFFICIENT_PERMISSION",
        (Administrator, Failed, Watch),
        "An operation was refused because the account lacks a privilege. The text names the account and the \
         operation.",
        "If it should be allowed, look at the account's permissions.",
    ),
    meaning(
        "ADMIN_USERLOGGEDIN",
        (Administrator, Done, Normal),
        "An administrator logged in with name and password.",
        "",
    ),
    meaning("ADMIN_USERLOGGEDOUT", (Administrator, Done, Normal), "An administrator logged out.", ""),
    meaning(
        "ADMIN_LOGIN_FAIL",
        (Administrator, Failed, Watch),
        "A log-in as administrator with name and password was refused.",
        "Many of them: somebody guesses.",
    ),
];
