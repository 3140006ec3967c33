//! Addresses of servers and fingerprints of certificates, as people type them.

use url::{Host, Url};

/// Reads the address of an endpoint of the cloud: as [`parse_server`], but a path may follow, which some proxies need.
pub fn parse_endpoint(given: &str) -> Result<Url, String> {
    let given = given.trim();
    let start = given.find("://").map_or(0, |at| at + 3);
    let end = given.get(start..).and_then(|rest| rest.find('/')).map_or(given.len(), |at| start + at);
    let (host, path) = given.split_at(end);
    let mut url = parse_server(host)?;
    if path.contains(['?', '#']) {
        return Err("an address must not have a query".to_owned());
    }
    url.set_path(path.trim_end_matches('/'));
    Ok(url)
}

/// Reads the address of a connection server. `https://` is assumed without a scheme; plain `http://` is only taken for
/// this machine itself, because the password travels over it. The error never repeats the address: somebody may have
/// put a password into it.
pub fn parse_server(given: &str) -> Result<Url, String> {
    let given = given.trim();
    if given.is_empty() {
        return Err("the address of a server is empty".to_owned());
    }
    let with_scheme = if given.contains("://") { given.to_owned() } else { format!("https://{given}") };
    let mut url =
        Url::parse(&with_scheme).map_err(|error| format!("not the address of a server: {error}"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address must not hold a user name or password".to_owned());
    }
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&url) => {}
        "http" => {
            return Err("http:// would send the password in clear text; use https://".to_owned());
        }
        other => return Err(format!("`{other}://` is not supported; use https://")),
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("an address must end behind the host and port".to_owned());
    }
    // People copy the address of the API page; the client adds the path itself.
    match url.path().trim_end_matches('/') {
        "" | "/rest" | "/admin" => url.set_path("/"),
        _ => return Err("an address must end behind the host and port".to_owned()),
    }
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Reads the SHA-256 fingerprint of a certificate: 64 hexadecimal digits, colons and spaces between them allowed, as
/// `openssl x509 -fingerprint -sha256` and browsers print it. The result is 64 lower-case digits.
pub fn parse_pin(given: &str) -> Result<String, String> {
    let given = given.trim();
    let digits = given.rsplit_once('=').map_or(given, |(_, digits)| digits);
    let digits: String =
        digits.chars().filter(|character| !matches!(character, ':' | ' ')).collect::<String>().to_lowercase();
    if let Some(wrong) = digits.chars().find(|character| !character.is_ascii_hexdigit()) {
        return Err(format!("a SHA-256 fingerprint has only hexadecimal digits, not `{wrong}`"));
    }
    if digits.len() != 64 {
        return Err(format!("a SHA-256 fingerprint has 64 hexadecimal digits, not {}", digits.len()));
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("cs1.example.com", "https://cs1.example.com/")]
    #[case(" cs1.example.com:8443 ", "https://cs1.example.com:8443/")]
    #[case("https://cs1.example.com/rest/", "https://cs1.example.com/")]
    #[case("[::1]:8443", "https://[::1]:8443/")]
    #[case("http://127.0.0.1:4172", "http://127.0.0.1:4172/")]
    #[case("http://localhost:1", "http://localhost:1/")]
    fn addresses_that_are_taken(#[case] given: &str, #[case] expected: &str) {
        assert_eq!(parse_server(given).map(String::from).as_deref(), Ok(expected));
    }

    #[rstest]
    #[case("", "empty")]
    #[case("http://cs1.example.com", "clear text")]
    #[case("ftp://cs1", "not supported")]
    #[case("https://", "not the address")]
    #[case("cs1.example.com/admin/x", "must end")]
    #[case("cs1?x=1", "must end")]
    fn addresses_that_are_refused(#[case] given: &str, #[case] expected: &str) {
        let error = parse_server(given).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn an_endpoint_may_have_a_path() {
        let parse = |given: &str| parse_endpoint(given).map(String::from);
        assert_eq!(parse("https://proxy.example/cloud/").as_deref(), Ok("https://proxy.example/cloud"));
        assert_eq!(parse("proxy.example").as_deref(), Ok("https://proxy.example/"));
        assert_eq!(parse("http://127.0.0.1:8080").as_deref(), Ok("http://127.0.0.1:8080/"));
        assert!(parse("http://proxy.example").unwrap_err().contains("clear text"));
        assert!(parse("https://a:hunter2@proxy.example/x").is_err());
        assert!(parse("https://proxy.example/x?y=1").is_err());
    }

    #[test]
    fn an_address_with_a_password_is_refused_without_repeating_it() {
        let error = parse_server("https://kaya:hunter2@cs1").unwrap_err();
        assert!(error.contains("must not hold") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn fingerprints_as_tools_print_them() {
        let plain = "ab".repeat(32);
        let colons = vec!["AB"; 32].join(":");
        assert_eq!(parse_pin(&plain).as_deref(), Ok(plain.as_str()));
        assert_eq!(parse_pin(&colons).as_deref(), Ok(plain.as_str()));
        assert_eq!(parse_pin(&format!("sha256 Fingerprint={colons}")).as_deref(), Ok(plain.as_str()));
        assert!(parse_pin("abcd").unwrap_err().contains("not 4"));
        assert!(parse_pin(&"zz".repeat(32)).unwrap_err().contains("`z`"));
    }
}
