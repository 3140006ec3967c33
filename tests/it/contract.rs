//! Every request of the client and every answer of the simulator against the vendor's OpenAPI definition.
//!
//! The definition is not part of the project; where it is not at hand the test says so loudly and passes. A recording
//! proxy stands between client and simulator, so what is checked is what was on the wire.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, hash_map::Entry},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{Method, StatusCode},
    response::Response,
};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::{
    image_changes, images, permissions,
    support::{Estate, simulate},
};
use foretop::{
    api::{Action, RequestClass},
    domain::{MessageSeverity, MessageText, Verb},
    sim::SimOptions,
};

/// Where the definition is, if it is here.
fn definition() -> Option<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/reference/horizon-openapi-2512-subset.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        #[expect(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("SKIPPED: the contract test needs the OpenAPI definition at {}", path.display());
        }
        return None;
    };
    Some(serde_json::from_str(&text).expect("the definition is JSON"))
}

/// One exchange on the wire.
#[derive(Debug, Clone)]
struct Exchange {
    method: Method,
    /// Below `/rest`.
    path: String,
    query: Vec<(String, String)>,
    body: Bytes,
    status: StatusCode,
    answer: Bytes,
}

#[derive(Clone)]
struct Proxy {
    target: String,
    http: reqwest::Client,
    seen: Arc<Mutex<Vec<Exchange>>>,
}

async fn pass_on(State(proxy): State<Proxy>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let url = format!("{}{}", proxy.target, parts.uri);
    let mut headers = parts.headers.clone();
    headers.remove("host");
    headers.remove("content-length");
    headers.remove("accept-encoding");
    let answer = proxy
        .http
        .request(parts.method.clone(), &url)
        .headers(headers)
        .body(body.clone())
        .send()
        .await
        .unwrap();
    let status = answer.status();
    let mut response = Response::builder().status(status);
    for (name, value) in answer.headers() {
        if !matches!(name.as_str(), "content-length" | "transfer-encoding") {
            response = response.header(name, value);
        }
    }
    let bytes = answer.bytes().await.unwrap();
    let url = url::Url::parse(&url).unwrap();
    proxy.seen.lock().unwrap().push(Exchange {
        method: parts.method,
        path: url.path().trim_start_matches("/rest").to_owned(),
        query: url.query_pairs().into_owned().collect(),
        body,
        status,
        answer: bytes.clone(),
    });
    response.body(Body::from(bytes)).unwrap()
}

/// Stands between client and simulator. Returns its address and what it sees.
async fn proxy(target: &str) -> (String, Arc<Mutex<Vec<Exchange>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let http = crate::support::http();
    let state = Proxy { target: target.trim_end_matches('/').to_owned(), http, seen: Arc::clone(&seen) };
    let router = Router::new().fallback(pass_on).with_state(state);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, seen)
}

/// The definition, made strict: an object may hold only what the schema names.
struct Contract {
    document: Value,
    /// Those that were made, by their schema: each looks through the whole document first.
    validators: RefCell<HashMap<String, jsonschema::Validator>>,
}

impl Contract {
    fn new(mut document: Value) -> Self {
        make_strict(&mut document["components"]["schemas"]);
        Self { document, validators: RefCell::default() }
    }

    /// The template of a path and its operation: `/inventory/v1/sessions/{id}`.
    fn operation(&self, exchange: &Exchange) -> Result<(&str, &Value), String> {
        let method = exchange.method.as_str().to_lowercase();
        let paths = self.document["paths"].as_object().unwrap();
        let segments: Vec<&str> = exchange.path.split('/').collect();
        // A literal path goes before a template that it would match too.
        let mut matching: Vec<(&String, &Value)> =
            paths.iter().filter(|(path, _)| fits(path, &segments)).collect();
        matching.sort_by_key(|(path, _)| path.matches('{').count());
        let (path, item) = matching.first().ok_or_else(|| format!("no such path: {}", exchange.path))?;
        let operation = item.get(&method).ok_or_else(|| format!("{path} has no {method}"))?;
        Ok((path.as_str(), operation))
    }

    /// Whether the subset leaves this version of a resource out but has another: it holds the first and the newest.
    fn is_left_out(&self, exchange: &Exchange) -> bool {
        let without_version = |path: &str| {
            let parts = path.split('/').filter(|part| !is_version(part));
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        let wanted = without_version(&exchange.path);
        let paths = self.document["paths"].as_object().unwrap();
        self.operation(exchange).is_err() && paths.keys().any(|path| without_version(path) == wanted)
    }

    fn check(&self, exchange: &Exchange) -> Result<(), String> {
        if self.is_left_out(exchange) || exchange.status == StatusCode::NOT_FOUND {
            // 404 is how a server says that it has not got a version; no list declares it.
            return Ok(());
        }
        let (path, operation) = self.operation(exchange)?;
        let named: BTreeMap<&str, &Value> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| Some((parameter["name"].as_str()?, parameter)))
            .collect();
        for (name, _) in &exchange.query {
            if !named.contains_key(name.as_str()) {
                return Err(format!("{path} takes no parameter {name}"));
            }
        }
        for (name, parameter) in named {
            if parameter["required"] == true && !exchange.query.iter().any(|(given, _)| given == name) {
                return Err(format!("{path} needs the parameter {name}"));
            }
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        // The vendor types the password as a list of strings; real servers take a plain string.
        if !schema.is_null() && path != "/login" {
            self.validate(schema, &exchange.body).map_err(|error| format!("request to {path}: {error}"))?;
        }
        let status = exchange.status.as_u16().to_string();
        let Some(answer) = operation["responses"].get(&status) else {
            return Err(format!("{path} never answers {status}"));
        };
        let content = answer["content"].as_object().and_then(|content| content.values().next());
        if let Some(schema) = content.map(|content| &content["schema"])
            && exchange.status.is_success()
        {
            self.validate(schema, &exchange.answer).map_err(|error| format!("answer of {path}: {error}"))?;
        }
        Ok(())
    }

    fn validate(&self, schema: &Value, body: &[u8]) -> Result<(), String> {
        let mut validators = self.validators.borrow_mut();
        let validator = match validators.entry(schema.to_string()) {
            Entry::Occupied(made) => made.into_mut(),
            Entry::Vacant(place) => place.insert(self.validator(schema)?),
        };
        let value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        validator.validate(&value).map_err(|error| format!("{error} at {}", error.instance_path()))
    }

    fn validator(&self, schema: &Value) -> Result<jsonschema::Validator, String> {
        let mut root = schema.clone();
        if let Some(object) = root.as_object_mut() {
            object.insert("components".to_owned(), self.document["components"].clone());
        }
        jsonschema::draft4::new(&root).map_err(|error| error.to_string())
    }
}

fn fits(template: &str, segments: &[&str]) -> bool {
    let parts: Vec<&str> = template.split('/').collect();
    parts.len() == segments.len()
        && parts.iter().zip(segments).all(|(part, segment)| part.starts_with('{') || part == segment)
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v').is_some_and(|digits| digits.parse::<u8>().is_ok())
}

fn make_strict(schemas: &mut Value) {
    for schema in schemas.as_object_mut().unwrap().values_mut() {
        let object = schema.as_object_mut().unwrap();
        if object.contains_key("properties") && !object.contains_key("additionalProperties") {
            object.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    }
}

/// Uses everything that the client can do.
async fn use_everything(estate: &Estate) {
    let list = estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap();
    assert!(list.sessions.len() > 30, "the small world has sessions");
    let ids: Vec<_> = list.sessions.iter().map(|session| session.id.clone()).collect();
    estate.session(&ids[0]).await.unwrap();
    let message = MessageText { severity: MessageSeverity::Warning, text: "Please save your work".into() };
    for verb in Verb::ALL {
        let message = (verb == Verb::Message).then(|| message.clone());
        let answers =
            estate.act(&Action { verb, message }, &ids[..8], &CancellationToken::new()).await.unwrap();
        assert_eq!(answers.len(), 8);
    }
    estate.events(None).await.unwrap();
    images::use_everything(estate).await;
    Box::pin(permissions::use_everything(estate)).await;
    image_changes::use_everything(estate).await;
    estate.logout().await;
}

#[tokio::test]
async fn what_is_on_the_wire_keeps_to_the_vendors_definition() {
    let Some(document) = definition() else { return };
    let contract = Contract::new(document);
    let mut failures = Vec::new();
    let mut checked = 0;
    for release in ["2512", "2506", "2503", "2412", "2406", "2312", "2209", "2111"] {
        let simulator =
            simulate(SimOptions { release: release.parse().unwrap(), ..crate::support::small() }).await;
        let (address, seen) = proxy(simulator.url()).await;
        let estate = crate::support::connect_to(&address, &simulator).await;
        Box::pin(use_everything(&estate)).await;
        raw_reads(&address, &simulator, &contract).await;
        for exchange in seen.lock().unwrap().iter() {
            checked += 1;
            if let Err(error) = contract.check(exchange) {
                failures.push(format!("release {release}: {} {}: {error}", exchange.method, exchange.path));
            }
        }
        simulator.shutdown().await;
    }
    failures.sort();
    failures.dedup();
    assert!(failures.is_empty(), "{} of {checked} exchanges:\n{}", failures.len(), failures.join("\n"));
    assert!(checked > 200, "only {checked} exchanges were seen");
}

/// Uses everything that the client can do with a federation; one of its pods does not answer.
async fn use_the_federation(estate: &Estate, simulator: &foretop::sim::Simulator) {
    let federation = estate.federation(RequestClass::Poll).await.unwrap().expect("there is one");
    let mut targets = Vec::new();
    for pod in &federation.pods {
        let list = estate.list_pod_sessions(&pod.id, RequestClass::Poll, |_| {}).await.unwrap();
        targets.extend(list.sessions.into_iter().take(8).map(|session| (pod.id.clone(), session.id)));
    }
    simulator.control().set_pod_down("LIS1", true);
    let message = MessageText { severity: MessageSeverity::Error, text: "Please save your work".into() };
    for verb in Verb::ALL {
        let message = (verb == Verb::Message).then(|| message.clone());
        let action = Action { verb, message };
        let answers = estate.act_on_pods(&action, &targets, &CancellationToken::new()).await.unwrap();
        assert_eq!(answers.len(), 24);
    }
    estate.list_sessions(RequestClass::Poll, |_| {}).await.unwrap();
    estate.events(None).await.unwrap();
    estate.federation(RequestClass::Poll).await.unwrap();
}

#[tokio::test]
async fn a_federation_keeps_to_the_vendors_definition() {
    let Some(document) = definition() else { return };
    let contract = Contract::new(document);
    let mut failures = Vec::new();
    let mut checked = 0;
    for release in ["2512", "2503", "2406", "2303", "2111"] {
        let simulator = simulate(SimOptions {
            world: foretop::sim::WorldSource::Builtin("federation".to_owned()),
            release: release.parse().unwrap(),
            sessions: Some(120),
            ..crate::support::small()
        })
        .await;
        let (address, seen) = proxy(simulator.url()).await;
        let estate = crate::support::connect_to(&address, &simulator).await;
        use_the_federation(&estate, &simulator).await;
        raw_reads(&address, &simulator, &contract).await;
        raw_lists_of_pods(&address, &simulator).await;
        for exchange in seen.lock().unwrap().iter() {
            checked += 1;
            if let Err(error) = contract.check(exchange) {
                failures.push(format!("release {release}: {} {}: {error}", exchange.method, exchange.path));
            }
        }
        simulator.shutdown().await;
    }
    failures.sort();
    failures.dedup();
    assert!(failures.is_empty(), "{} of {checked} exchanges:\n{}", failures.len(), failures.join("\n"));
    assert!(checked > 150, "only {checked} exchanges were seen");
}

/// Reads what belongs to each pod, through the proxy: endpoints, and sessions by who brokered them and whose they are.
async fn raw_lists_of_pods(address: &str, simulator: &foretop::sim::Simulator) {
    simulator.control().set_pod_down("LIS1", false);
    let http = crate::support::http();
    let token = raw_log_in(address, simulator).await;
    let get = async |path: String| -> Value {
        let url = format!("{address}/rest{path}");
        http.get(url).bearer_auth(&token).send().await.unwrap().json().await.unwrap_or_default()
    };
    for pod in get("/federation/v1/pods".to_owned()).await.as_array().unwrap() {
        let id = pod["id"].as_str().unwrap();
        let endpoints = get(format!("/federation/v1/pods/{id}/endpoints")).await;
        let first = endpoints[0]["id"].as_str().unwrap();
        get(format!("/federation/v1/pods/{id}/endpoints/{first}")).await;
        for version in 1..=3 {
            let list = format!("/inventory/v{version}/global-sessions");
            let brokered = get(format!("{list}?brokering_pod_id={id}&page=1&size=50")).await;
            if let Some(user) = brokered[0]["user_id"].as_str() {
                get(format!("{list}?user_id={user}&sort_by=start_time&order_by=DESC")).await;
            }
        }
    }
}

/// Logs in as the administrator; returns the access token.
async fn raw_log_in(address: &str, simulator: &foretop::sim::Simulator) -> String {
    let credentials = simulator.credentials();
    let login = serde_json::json!({
        "username": credentials.username, "password": credentials.password, "domain": credentials.domain,
    });
    let http = crate::support::http();
    let tokens: Value =
        http.post(format!("{address}/rest/login")).json(&login).send().await.unwrap().json().await.unwrap();
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// Reads every list and every first entity by id that the definition has and the release serves, through the proxy.
async fn raw_reads(address: &str, simulator: &foretop::sim::Simulator, contract: &Contract) {
    let http = crate::support::http();
    let token = raw_log_in(address, simulator).await;
    for (path, item) in contract.document["paths"].as_object().unwrap() {
        let needs_more = item["get"]["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|parameter| parameter["in"] == "query" && parameter["required"] == true);
        if item.get("get").is_none() || path.contains('{') || needs_more || path == "/login" {
            continue;
        }
        // Releases before 2312 want a version here; the client reads this list in the way of each release.
        if path == "/config/v1/im-assets" {
            continue;
        }
        let url = format!("{address}/rest{path}");
        let answer = http.get(&url).bearer_auth(&token).send().await.unwrap();
        if !answer.status().is_success() {
            // What a release does not serve answers 404, which no list declares: not an exchange to check.
            continue;
        }
        let list: Value = answer.json().await.unwrap();
        let first = list.as_array().and_then(|list| list.first()).and_then(|row| row["id"].as_str());
        if let Some(id) = first.map(str::to_owned)
            && contract.document["paths"].get(format!("{path}/{{id}}")).is_some()
        {
            http.get(format!("{url}/{id}")).bearer_auth(&token).send().await.unwrap();
        }
    }
}

/// The check itself must be able to fail.
#[test]
fn the_contract_notices_what_the_definition_does_not_allow() {
    let Some(document) = definition() else { return };
    let contract = Contract::new(document);
    let exchange = |path: &str, query: &[(&str, &str)], answer: &str| Exchange {
        method: Method::GET,
        path: path.to_owned(),
        query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: Bytes::new(),
        status: StatusCode::OK,
        answer: Bytes::from(answer.to_owned()),
    };
    let sessions = "/inventory/v7/sessions";
    assert_eq!(contract.check(&exchange(sessions, &[("page", "1")], r#"[{"id":"s"}]"#)), Ok(()));
    for (path, query, answer) in [
        (sessions, None, r#"[{"id":"s","colour":"blue"}]"#),
        (sessions, None, r#"[{"id":"s","session_state":"ASLEEP"}]"#),
        (sessions, None, r#"[{"id":"s","idle_duration":"long"}]"#),
        (sessions, Some(("limit", "5")), r#"[{"id":"s"}]"#),
        ("/inventory/v1/sessions", None, r#"[{"id":"s","user_name":"not in this version"}]"#),
        ("/inventory/v1/nowhere", None, "[]"),
    ] {
        let query: Vec<_> = query.into_iter().collect();
        assert!(contract.check(&exchange(path, &query, answer)).is_err(), "{path} {query:?} {answer}");
    }
}
