//! Looking changes nothing.

use std::collections::BTreeMap;

use http::Method;

use super::{World, api, pages};
use crate::server::make_login_link;

/// Every table of ours, its rows in one text. When somebody was last seen is not
/// a change; of a key and of a session that is written now and then.
async fn everything(world: &World) -> BTreeMap<String, String> {
    let db = &world.server.db;
    let tables = "select tablename::text from pg_catalog.pg_tables where schemaname = 'app'";
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for row in db.rows(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let rows = format!(
            "select coalesce(string_agg(text, e'\\n' order by text), '') from (
               select (to_jsonb(stored) - '{{seen_at,last_used_at}}'::text[])::text as text from app.{table} stored) all_of_it"
        );
        found.insert(table, db.row(&rows, &[]).await.unwrap().get(0));
    }
    assert!(found.len() > 10 && !found["session"].is_empty() && !found["task"].is_empty());
    found
}

#[tokio::test]
async fn s34_no_get_and_no_head_changes_anything() {
    let world = World::start().await;
    let cookie = world.cookie("admin", None).await;
    let key = format!("Bearer {}", world.server.key);
    let link = make_login_link(&world.server, "admin").await;
    let link = link.strip_prefix(&world.server.url).unwrap().to_owned();
    // The feed and the audit log number what is new in them when they are read;
    // that is nobody's data.
    world.server.get("/events").await;
    let audit = world.server.http.get(format!("{}/api/v1/audit", world.server.url));
    assert_eq!(audit.bearer_auth(&world.server.key).send().await.unwrap().status(), 200);

    let before = everything(&world).await;
    let paths = (api::ROUTES.iter().map(|route| (route.method, route.path)))
        .chain(pages::ROUTES.iter().map(|route| (route.method, route.path)))
        .filter(|(method, _)| *method == "GET")
        .map(|(_, path)| path)
        .chain([link.as_str(), "/?type=flag-content&schema=ti:sample", "/login?next=/done"]);
    for path in paths {
        for method in [Method::GET, Method::HEAD] {
            let headers = [("cookie", cookie.as_str()), ("authorization", key.as_str())];
            let response = world.ask(&method, path, &headers, "").await;
            assert!(response.status().as_u16() < 500, "{method} {path}");
            assert!(response.headers().get("set-cookie").is_none(), "{method} {path}");
        }
    }
    let after = everything(&world).await;
    for (table, rows) in &before {
        assert_eq!(after[table], *rows, "{table} has changed");
    }
}
