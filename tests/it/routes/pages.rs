//! The pages: by a person whose role is enough, and by nobody else.

use http::Method;

use super::World;

pub struct Route {
    pub method: &'static str,
    pub path: &'static str,
    form: &'static str,
    /// Nobody, a viewer, a resolver of another schema, an admin.
    statuses: [u16; 4],
}

const fn get(path: &'static str, statuses: [u16; 4]) -> Route {
    Route { method: "GET", path, form: "", statuses }
}

const fn post(path: &'static str, form: &'static str, statuses: [u16; 4]) -> Route {
    Route { method: "POST", path, form, statuses }
}

/// To the form that signs in, or to the page that the form was on.
const BACK: u16 = 303;
const EVERYBODY: [u16; 4] = [200; 4];
const PEOPLE: [u16; 4] = [BACK, 200, 200, 200];
/// Who is of another schema finds no such task.
const RESOLVERS_DO: [u16; 4] = [BACK, 403, 404, BACK];
const ADMINS: [u16; 4] = [BACK, 403, 403, 200];
const ADMINS_DO: [u16; 4] = [BACK, 403, 403, BACK];

pub const ROUTES: &[Route] = &[
    get("/", PEOPLE),
    get("/done", PEOPLE),
    get("/tasks/{id}", [BACK, 200, 404, 200]),
    get("/tasks/{id}/state", [BACK; 4]),
    post("/tasks/{id}/state", "version=1&state=level1", [BACK, 403, 404, BACK]),
    get("/tasks/{id}/confirm", [BACK; 4]),
    post("/tasks/{id}/confirm", "version=99&state=level1", [BACK, 403, 404, 409]),
    get("/tasks/{id}/undo", [BACK; 4]),
    post("/tasks/{id}/undo", "version=2", [BACK, 403, 404, 409]),
    get("/tasks/{id}/comments", [BACK; 4]),
    post("/tasks/{id}/comments", "body=hello", RESOLVERS_DO),
    get("/tasks/{id}/claim", [BACK; 4]),
    post("/tasks/{id}/claim", "", RESOLVERS_DO),
    get("/tasks/{id}/release", [BACK; 4]),
    post("/tasks/{id}/release", "", RESOLVERS_DO),
    get("/tasks/{id}/assign", [BACK; 4]),
    post("/tasks/{id}/assign", "to=", RESOLVERS_DO),
    get("/tasks/{id}/facts", [BACK, 403, 404, 200]),
    post("/tasks/{id}/facts", "version=99&urgency=%22high%22", [BACK, 403, 404, 412]),
    get("/tasks/{id}/snooze", [BACK; 4]),
    post("/tasks/{id}/snooze", "for=hour", RESOLVERS_DO),
    get("/tasks/{id}/actions/{name}", [BACK; 4]),
    post("/tasks/{id}/actions/{name}", "done=true", [BACK, 403, 404, 404]),
    get("/tasks/{id}/withdraw", [BACK; 4]),
    post("/tasks/{id}/withdraw", "version=99", [BACK, 403, 403, 412]),
    get("/tasks/{id}/reopen", [BACK; 4]),
    post("/tasks/{id}/reopen", "version=2", [BACK, 403, 404, 409]),
    get("/attachments/{id}", [BACK, 200, 404, 200]),
    get("/deliveries", ADMINS),
    get("/deliveries/replay", ADMINS_DO),
    post("/deliveries/replay", "state=failed", ADMINS_DO),
    get("/deliveries/{id}", ADMINS),
    get("/deliveries/{id}/retry", ADMINS_DO),
    post("/deliveries/{id}/retry", "", ADMINS_DO),
    get("/endpoints/{id}/state", ADMINS_DO),
    post("/endpoints/{id}/state", "state=enabled", ADMINS_DO),
    get("/endpoints/{id}/ping", ADMINS_DO),
    post("/endpoints/{id}/ping", "", ADMINS),
    get("/endpoints/{id}/secret", ADMINS),
    post("/endpoints/{id}/secret", "grace=0", ADMINS),
    get("/audit", ADMINS),
    get("/account", PEOPLE),
    get("/account/password", PEOPLE),
    post("/account/password", "password=short", [BACK, 422, 422, 422]),
    get("/account/sessions/end", [BACK; 4]),
    post("/account/sessions/end", "", [BACK; 4]),
    get("/account/sessions/{id}/end", [BACK; 4]),
    post("/account/sessions/{id}/end", "", [BACK, 404, 404, 404]),
    get("/elevate", PEOPLE),
    post("/elevate", "password=wrong", [BACK, 401, 401, 401]),
    get("/login", EVERYBODY),
    // Without a password: a wrong one is slowed down from the second on.
    post("/login", "name=nobody", [422; 4]),
    get("/continue", [BACK; 4]),
    // Nobody is named without a proxy that is trusted.
    post("/continue", "", [BACK; 4]),
    get("/login/{token}", [404; 4]),
    post("/login/{token}", "", [404; 4]),
    get("/assets/{file}", [404; 4]),
    get("/favicon.ico", EVERYBODY),
    get("/manifest.webmanifest", EVERYBODY),
    get("/healthz", EVERYBODY),
    get("/api/v1/openapi.json", EVERYBODY),
    get("/api/docs", EVERYBODY),
    // The last: afterwards everybody is nobody.
    post("/logout", "", [BACK; 4]),
];

#[tokio::test]
async fn s20_every_page_asks_for_its_own_role() {
    let world = World::start().await;
    let cookies = [
        ("nobody", String::new()),
        ("a viewer", world.cookie("viewer", None).await),
        ("a resolver of another schema", world.cookie("resolver", Some("other")).await),
        ("an admin", world.cookie("admin", None).await),
    ];
    for Route { method, path, form, statuses } in ROUTES {
        let method: Method = method.parse().unwrap();
        for ((who, cookie), expected) in cookies.iter().zip(statuses) {
            let headers = [
                ("cookie", cookie.as_str()),
                ("sec-fetch-site", "same-origin"),
                ("content-type", "application/x-www-form-urlencoded"),
            ];
            let response = world.ask(&method, path, &headers, form).await;
            assert_eq!(response.status(), *expected, "{method} {path} by {who}");
            let asks = response
                .headers()
                .get("location")
                .is_some_and(|location| location.to_str().unwrap().starts_with("/login"));
            assert_eq!(
                asks,
                *who == "nobody" && *expected == BACK || ["/logout", "/continue"].contains(path),
                "{method} {path} by {who}"
            );
        }
    }
    // A key is no person.
    let key = format!("Bearer {}", world.server.key);
    let asked = world.ask(&Method::GET, "/", &[("authorization", &key)], "").await;
    assert_eq!(asked.headers()["location"], "/login?next=%2F");
}
