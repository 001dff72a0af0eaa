//! The operators' listener: three routes, and none of them on the other one.

use std::collections::BTreeSet;

use http::Method;
use task_inbox::config::Ops;

use super::{METHODS, routed, same};
use crate::server::{Server, client, free_port};

const ROUTES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

#[tokio::test]
async fn s83_operators_routes_are_on_their_own_listener_only() {
    same(ROUTES.into_iter(), &routed(true));

    let port = free_port().await;
    let server = Server::start_with(|config| {
        config.ops = Ops { listen: Some(port), is_given: true };
    })
    .await;
    let status = async |method: &Method, address: String| {
        client().request(method.clone(), address).send().await.unwrap().status().as_u16()
    };
    for path in ROUTES {
        for method in METHODS {
            let expected = if method == Method::GET { 200 } else { 405 };
            assert_eq!(status(&method, format!("http://{port}{path}")).await, expected, "{path}");
        }
        assert_eq!(status(&Method::GET, format!("{}{path}", server.url)).await, 404, "{path}");
    }
    for path in ["/", "/login", "/api/v1/tasks", "/healthz", "/nothing"] {
        assert_eq!(status(&Method::GET, format!("http://{port}{path}")).await, 404, "{path}");
    }
}

#[tokio::test]
async fn s84_no_request_adds_a_series_to_the_metrics() {
    let port = free_port().await;
    let server = Server::start_with(|config| {
        config.ops = Ops { listen: Some(port), is_given: true };
    })
    .await;
    let series = async || {
        let text = client().get(format!("http://{port}/metrics")).send().await.unwrap();
        let text = text.text().await.unwrap();
        let named = text.lines().filter(|line| !line.starts_with('#'));
        named.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect::<BTreeSet<_>>()
    };

    let before = series().await;
    assert!(before.contains("task_inbox_tasks_open"), "{before:?}");
    for number in 0..20 {
        for path in ["", "/api/v1", "/api/v1/tasks", "/assets", "/login"] {
            let url = format!("{}{path}/nothing{number}?x={number}", server.url);
            client().get(url).bearer_auth(&server.key).send().await.unwrap();
        }
        client().get(format!("http://{port}/nothing{number}")).send().await.unwrap();
    }
    assert_eq!(series().await, before);
}
