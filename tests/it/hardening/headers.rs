//! What every answer tells browsers.

use std::collections::BTreeMap;

use reqwest::Response;
use task_inbox::web::assets;

use crate::server::{Server, client};

const OF_PAGES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";
const OF_THE_REST: &str = "default-src 'none'; frame-ancestors 'none'";
/// What an answer says of itself and not of how to treat it.
const OF_THIS_ANSWER: [&str; 8] = [
    "allow",
    "content-length",
    "content-type",
    "date",
    "location",
    "transfer-encoding",
    "vary",
    "www-authenticate",
];

fn found(response: &Response) -> BTreeMap<String, String> {
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    let all = response.headers().iter().map(|(name, value)| (name.to_string(), text(value)));
    all.filter(|(name, _)| !OF_THIS_ANSWER.contains(&name.as_str())).collect()
}

fn expected(policy: &str, cache: &str) -> BTreeMap<String, String> {
    [
        ("cache-control", cache),
        ("content-security-policy", policy),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("x-robots-tag", "noindex"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

#[tokio::test]
async fn s37_s38_every_answer_carries_exactly_these_headers() {
    let server = Server::start().await;
    let stylesheet = assets::url("app.css");
    for (path, status, policy, cache) in [
        ("/login", 200, OF_PAGES, "no-store"),
        (stylesheet, 200, OF_PAGES, "public, max-age=31536000, immutable"),
        ("/favicon.ico", 200, OF_PAGES, "public, max-age=3600"),
        ("/", 303, OF_PAGES, "no-store"),
        ("/nothing", 404, OF_PAGES, "no-store"),
        ("/assets/nothing.css", 404, OF_PAGES, "no-store"),
        ("/logout", 405, OF_PAGES, "no-store"),
        ("/api/v1/tasks", 401, OF_THE_REST, "no-store"),
        ("/api/v1/nothing", 404, OF_THE_REST, "no-store"),
        ("/api/docs", 200, OF_PAGES, "no-store"),
        ("/api/v1/openapi.json", 200, OF_THE_REST, "no-store"),
        ("/healthz", 200, OF_THE_REST, "no-store"),
    ] {
        let response = client().get(format!("{}{path}", server.url)).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(found(&response), expected(policy, cache), "{path}");
    }
    let response = server
        .http
        .get(format!("{}/api/v1/tasks", server.url))
        .bearer_auth(&server.key)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(found(&response), expected(OF_THE_REST, "no-store"));
}

#[tokio::test]
async fn only_https_is_promised_to_stay_https() {
    let public = |url: &str| Some(url.parse().unwrap());
    for (url, promised) in
        [("https://inbox.example", Some("max-age=31536000")), ("http://inbox.example", None)]
    {
        let server = Server::start_with(|config| config.public_url = public(url)).await;
        let address = format!("http://{}/login", server.listens);
        let request = client().get(address).header("host", "inbox.example");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let found = response.headers().get("strict-transport-security");
        assert_eq!(found.map(|value| value.to_str().unwrap()), promised, "{url}");
    }
}
