//! Events about log-ins of users (`events.md section 4.2`).

use super::{
    EventMeaning,
    EventResult::{Failed, Happened},
    EventSubject::Login,
    EventUrgency::{ActNow, Normal, UserStuck, Watch},
    meaning,
};

/// The types.
pub(super) const TYPES: &[EventMeaning] = &[
    meaning(
        "BROKER_USERLOGGEDIN",
        (Login, Happened, Normal),
        "A user logged in at the connection server; a desktop is not asked for yet.",
        "",
    ),
    meaning(
        "BROKER_USERLOGGEDOUT",
        (Login, Happened, Normal),
        "A user logged out of the connection server. Sessions may run on.",
        "",
    ),
    meaning(
        "BROKER_USERCHANGEDPASSWORD",
        (Login, Happened, Normal),
        "A user changed the own password while logging in.",
        "",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_BAD_USER_PASSWORD",
        (Login, Failed, Watch),
        "A log-in was refused: wrong name or password.",
        "Many for one user: a stored password is old, or somebody guesses. Many for many users: look where \
         they come from.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_ACCOUNT_LOCKED_OUT",
        (Login, Failed, UserStuck),
        "A log-in was refused: the account is locked in the directory.",
        "Unlock it there, after finding out which device still uses an old password.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_ACCOUNT_DISABLED",
        (Login, Failed, UserStuck),
        "A log-in was refused: the account is disabled in the directory.",
        "Ask who disabled it, and why, before it is enabled again.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_ACCOUNT_EXPIRED",
        (Login, Failed, UserStuck),
        "A log-in was refused: the account has expired in the directory.",
        "Its end date is set in the directory.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_ACCOUNT_RESTRICTION",
        (Login, Failed, UserStuck),
        "A log-in was refused: a restriction of the account in the directory, such as an empty password or \
         where it may log in.",
        "Look at the account's restrictions and at the policies of the domain.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_PASSWORD_EXPIRED",
        (Login, Failed, UserStuck),
        "A log-in was refused: the password has expired.",
        "The user can change it where the client offers that, else in the directory.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_PASSWORD_MUST_CHANGE",
        (Login, Failed, UserStuck),
        "A log-in was refused: the password must be changed first.",
        "The user can change it where the client offers that, else in the directory.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_NO_LOGON_SERVERS",
        (Login, Failed, ActNow),
        "A log-in was refused: the connection server reaches no domain controller. Nobody of that domain can \
         log in.",
        "Look at the domain controllers, at DNS and at the network of the connection server.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_TIME_RESTRICTION",
        (Login, Failed, UserStuck),
        "A log-in was refused: the account may not log in at this hour.",
        "The hours are set in the directory; look at the clocks as well.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_GENERAL",
        (Login, Failed, Watch),
        "A log-in was refused, and the server does not say why.",
        "Look at the log of the connection server that wrote the event.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_SECUREID_ACCESS_DENIED",
        (Login, Failed, UserStuck),
        "A log-in was refused by SecurID.",
        "Look at the token of the user in the SecurID server.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_SECUREID_NEWPIN_REJECTED",
        (Login, Failed, UserStuck),
        "SecurID did not accept the new PIN that the user chose.",
        "The rules for PINs are set in the SecurID server.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_SECUREID_WRONG_NEXTTOKEN",
        (Login, Failed, UserStuck),
        "SecurID asked for the next code of the token and got a wrong one.",
        "The clock of the token may be off: it can be set right in the SecurID server.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_SECUREID_WRONG_STATE",
        (Login, Failed, UserStuck),
        "The steps of a SecurID log-in came in the wrong order.",
        "The user should begin afresh. Many of them: look at the load balancer before the connection \
         servers.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_RADIUS_ACCESS_DENIED",
        (Login, Failed, UserStuck),
        "A log-in was refused by the RADIUS server.",
        "Look at the user and the reason in the log of the RADIUS server.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_RADIUS_CHALLENGE_RESPONSE_REJECTED",
        (Login, Failed, UserStuck),
        "The RADIUS server did not accept the user's answer to its challenge.",
        "A code that is old or typed wrong; look at the log of the RADIUS server.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_RADIUS_WRONG_STATE",
        (Login, Failed, UserStuck),
        "The steps of a RADIUS log-in came in the wrong order.",
        "The user should begin afresh. Many of them: look at the load balancer before the connection \
         servers.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_SAML_ACCESS_DENIED",
        (Login, Failed, UserStuck),
        "A log-in by SAML was refused: what the identity provider said was not valid.",
        "Look at the clocks, and at the certificate and metadata of the SAML authenticator.",
    ),
    meaning(
        "BROKER_USER_AUTHFAILED_SAML_ACCESS_REQUIRED",
        (Login, Failed, Watch),
        "A client did not log in by SAML although the connection server demands it.",
        "The user should start from the portal of the identity provider.",
    ),
    meaning(
        "BROKER_USER_NOT_ENTITLED",
        (Login, Failed, UserStuck),
        "A user logged in but is entitled to no pool: there is nothing to open.",
        "Look at the entitlements and at the user's groups.",
    ),
    meaning(
        "BROKER_USER_NOT_AUTHORIZED",
        (Login, Failed, UserStuck),
        "A user logged in but may not do what was asked for.",
        "Look at the user's rights for that operation.",
    ),
    meaning(
        "BROKER_USER_POOLS_DISABLED",
        (Login, Failed, UserStuck),
        "A user logged in, but all pools that the user is entitled to are disabled.",
        "Enable the pool when it is meant to be open; ADMIN_ENABLE_DESKTOP_SUCCEEDED shows who switched it.",
    ),
    meaning(
        "BROKER_LMV_USER_GES_DISABLED",
        (Login, Failed, UserStuck),
        "A user logged in, but all global entitlements of the user are disabled.",
        "Enable the global entitlement when it is meant to be open.",
    ),
    meaning(
        "BROKER_UNAUTHENTICATED_ACCESS_FAILED",
        (Login, Failed, UserStuck),
        "A log-in without authentication, as kiosks use it, was refused.",
        "Look at the account for unauthenticated access and at the settings of that connection server.",
    ),
    meaning(
        "BROKER_USER_LOCK_SSO",
        (Login, Happened, Normal),
        "The stored credentials of a user were locked: the next desktop asks for the password.",
        "",
    ),
    meaning(
        "BROKER_USER_UNLOCK_SSO",
        (Login, Happened, Normal),
        "The stored credentials of a user can be used again.",
        "",
    ),
];
