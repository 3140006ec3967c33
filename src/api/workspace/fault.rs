//! Refusals of the cloud, its gateway and whatever stands in between (`workspace.md section 4.2`).
//!
//! The status decides what a refusal means. The code is shown and never interpreted: its numbers are used again with
//! other meanings.

use serde_json::Value;

use crate::{
    api::{
        Operation,
        fault::{kind_of_status, reason_phrase, shorten, without_markup},
    },
    domain::{Fault, FaultKind, Text, WireKind},
};

/// What an error body says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    code: Option<Text>,
    message: Option<Text>,
    request_id: Option<Text>,
}

impl Words {
    /// Reads `error_code`/`error_msg`, `errorCode`/`errorMsg`, `code`/`message`, or one of these one level down; otherwise
    /// the raw text, without the tags of a web page.
    fn of_body(body: &[u8]) -> Self {
        let raw = || shorten(&without_markup(&String::from_utf8_lossy(body)));
        let Ok(json) = serde_json::from_slice::<Value>(body) else {
            return Self { message: raw(), ..Self::default() };
        };
        let inner =
            json.as_object().into_iter().flat_map(|fields| fields.values()).filter(|value| value.is_object());
        let mut words = std::iter::once(&json).chain(inner).find_map(Self::of_object).unwrap_or_default();
        words.request_id = text(&json, "request_id");
        if words.code.is_none() && words.message.is_none() {
            words.message = json.as_str().map_or_else(raw, shorten);
        }
        words
    }

    fn of_object(json: &Value) -> Option<Self> {
        let pairs = [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message")];
        pairs.into_iter().find_map(|(code, message)| {
            let words = Self { code: text(json, code), message: text(json, message), request_id: None };
            (words.code.is_some() || words.message.is_some()).then_some(words)
        })
    }
}

/// A text that is not empty; IAM gives its codes as numbers.
fn text(json: &Value, name: &str) -> Option<Text> {
    match json.get(name)? {
        Value::String(text) => shorten(text),
        Value::Number(number) => shorten(&number.to_string()),
        _ => None,
    }
}

/// The fault of an answer with this status. Its message ends with the code.
pub(in crate::api) fn of_answer(
    operation: Operation,
    status: u16,
    body: &[u8],
    request_id: Option<&Text>,
) -> Fault {
    let words = Words::of_body(body);
    let message = words.message.unwrap_or_else(|| Text::clean(reason_phrase(status)));
    let message = match &words.code {
        Some(code) => Text::clean(&format!("{message} [{code}]")),
        None => message,
    };
    let kind = match status {
        409 => FaultKind::InvalidState,
        other => kind_of_status(other),
    };
    Fault {
        status: Some(status),
        key: words.code,
        request_id: request_id.cloned().or(words.request_id),
        needs: needed(operation).filter(|_| status == 403).map(Text::from),
        wire: WireKind::Workspace,
        ..Fault::new(kind, operation.label(), message)
    }
}

/// The actions of IAM that a call takes (`workspace.md sections 5 to 9`).
fn needed(operation: Operation) -> Option<&'static str> {
    Some(match operation {
        Operation::ListSessions => "workspace:session:listSessions",
        Operation::ListUserSessions => "workspace:session:listSessionByUserName",
        Operation::Logoff => "workspace:session:logoffUserSession",
        Operation::ListImageServers => "workspace:imageServer:list",
        Operation::ReadImageServer => "workspace:imageServer:get",
        Operation::UpdateImageServer => "workspace:imageServer:update",
        Operation::DeleteImageServers => "workspace:imageServer:batchDelete",
        Operation::RecreateImage => "workspace:imageServer:recreate, and several actions of vpc and ims",
        Operation::ListImageJobs => "workspace:images:listImageJobs",
        Operation::ReadImageJob => "workspace:images:getImageJob",
        Operation::ListImageSubJobs => "workspace:imageServer:listImageSubJobs",
        Operation::ListAppServerGroups => "workspace:serverGroup:list",
        Operation::ReadAppServerGroupState => "workspace:serverGroup:getServerState",
        Operation::ListAppServers => "workspace:server:list",
        Operation::ReadAppServer => "workspace:server:get",
        Operation::RebootAppServers => "workspace:server:batchReboot",
        Operation::MaintainAppServers => "workspace:server:batchChangeMaintainMode",
        Operation::ReadAppServerJob => "workspace:jobs:get",
        Operation::ListAppGroups => "workspace:appGroup:list",
        Operation::ListAuthorizations => "workspace:appGroup:listAuthorization",
        Operation::AddAuthorizations => "workspace:appGroup:addAuthorization",
        Operation::RemoveAuthorizations => "workspace:appGroup:batchDeleteAuthorization",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(
        r#"{"error_code":"WKS.00211902","error_msg":"no such image server"}"#,
        Some("WKS.00211902"),
        Some("no such image server")
    )]
    #[case(r#"{"errorCode":"A.1","errorMsg":"x"}"#, Some("A.1"), Some("x"))]
    #[case(r#"{"code":"A.2","message":"y"}"#, Some("A.2"), Some("y"))]
    #[case(
        r#"{"error":{"code":401,"message":"The password is wrong","title":"Unauthorized"}}"#,
        Some("401"),
        Some("The password is wrong")
    )]
    #[case(r#"{"result":{"error_code":"A.3","error_msg":"z"}}"#, Some("A.3"), Some("z"))]
    #[case(r#"{"error_msg":"only words"}"#, None, Some("only words"))]
    #[case(r#"{"error_code":"","error_msg":""}"#, None, Some(r#"{"error_code":"","error_msg":""}"#))]
    #[case(r#"{"odd":[1]}"#, None, Some(r#"{"odd":[1]}"#))]
    #[case("[]", None, Some("[]"))]
    #[case("", None, None)]
    #[case("upstream\u{1b}[2J", None, Some("upstream\u{fffd}[2J"))]
    #[case(
        "<html><head><title>502</title></head><body>Bad <b>Gateway</b></body></html>",
        None,
        Some("502 Bad Gateway")
    )]
    fn all_shapes_give_their_words(
        #[case] body: &str,
        #[case] code: Option<&str>,
        #[case] message: Option<&str>,
    ) {
        let words = Words::of_body(body.as_bytes());
        assert_eq!(words.code.as_ref().map(Text::as_str), code);
        assert_eq!(words.message.as_ref().map(Text::as_str), message);
    }

    #[rstest]
    #[case(400, FaultKind::InvalidArgument)]
    #[case(401, FaultKind::Unauthenticated)]
    #[case(403, FaultKind::InsufficientPermission)]
    #[case(404, FaultKind::EntityNotFound)]
    #[case(405, FaultKind::InvalidArgument)]
    #[case(409, FaultKind::InvalidState)]
    #[case(415, FaultKind::InvalidArgument)]
    #[case(429, FaultKind::Throttled)]
    #[case(500, FaultKind::Unexpected)]
    #[case(503, FaultKind::Unexpected)]
    fn the_status_alone_decides(#[case] status: u16, #[case] kind: FaultKind) {
        // A code that means something else elsewhere.
        let body = br#"{"error_code":"WKS.00081102","error_msg":"no","request_id":"from-body"}"#;
        let fault = of_answer(Operation::ListImageServers, status, body, None);
        assert_eq!((fault.kind, fault.status), (kind, Some(status)));
        assert_eq!(fault.message.as_str(), "no [WKS.00081102]");
        assert_eq!(fault.request_id.as_ref().unwrap().as_str(), "from-body");
        let shown = of_answer(Operation::ListImageServers, status, body, Some(&"abc".into())).to_string();
        assert!(shown.contains(&format!("(HTTP {status}, request abc)")), "{shown}");
    }
}
