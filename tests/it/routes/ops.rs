//! The operators' listener: three routes, and none of them on the other one.

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
