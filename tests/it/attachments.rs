//! Files of tasks: what is taken, whose they are, and how they leave again.

use http::Method;
use reqwest::Response;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::server::{Server, client, make_person, sample};

const PASSWORD: &str = "correct horse battery";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n the rest of a picture";
const OTHER: &str = "name: other\nsemver: '1'\ntasktypes: [{name: t, resolved_states: [done]}]\n";

async fn start() -> Server {
    let server = Server::start().await;
    server.load(&sample()).await;
    server
}

async fn send(server: &Server, key: &str, query: &str, data: &[u8]) -> Response {
    let url = format!("{}/api/v1/attachments?{query}", server.url);
    let request = server.http.post(url).bearer_auth(key).body(data.to_vec());
    // Nobody believes what is said here.
    request.header("content-type", "text/html").send().await.unwrap()
}

async fn refused(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: Value = response.json().await.unwrap();
    (status, problem["code"].as_str().unwrap().to_owned())
}

async fn upload(server: &Server, name: &str, data: &[u8]) -> Value {
    let response = send(server, &server.key, &format!("schema=ti:sample&name={name}"), data).await;
    assert_eq!(response.status(), 201);
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let file: Value = response.json().await.unwrap();
    assert_eq!(location, format!("/api/v1/attachments/{}", file["id"].as_str().unwrap()));
    file
}

async fn read(server: &Server, key: &str, file: &Value) -> Response {
    let url = format!("{}/api/v1/attachments/{}", server.url, file["id"].as_str().unwrap());
    server.http.get(url).bearer_auth(key).send().await.unwrap()
}

fn flag(attachments: &Value) -> Value {
    json!({"schema_name": "ti:sample", "task": "flag-content", "attachments": attachments})
}

#[tokio::test]
async fn a_file_is_kept_byte_for_byte_and_named_by_its_hash() {
    let server = start().await;
    let data: Vec<u8> = (0..5 * 1024 * 1024).map(|at: u32| (at % 251) as u8).collect();
    let file = upload(&server, "all.bin", &data).await;
    assert_eq!(file["size"], 5 * 1024 * 1024);
    assert_eq!(file["media_type"], "application/octet-stream");

    let response = read(&server, &server.key, &file).await;
    let tag = response.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(tag, format!("\"{}\"", file["sha256"].as_str().unwrap()));
    assert_eq!(response.headers()["content-length"], "5242880");
    assert!(response.bytes().await.unwrap() == data);

    let url = format!("{}/api/v1/attachments/{}", server.url, file["id"].as_str().unwrap());
    for (tags, status) in [(tag.as_str(), 304), ("W/\"x\", *", 304), ("\"x\"", 200)] {
        let asked = server.http.get(&url).bearer_auth(&server.key).header("if-none-match", tags);
        let response = asked.send().await.unwrap();
        assert_eq!(response.status(), status, "{tags}");
        assert_eq!(response.headers()["etag"], tag.as_str());
        assert_eq!(response.bytes().await.unwrap().is_empty(), status == 304);
    }
    let head = server.http.head(&url).bearer_auth(&server.key).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()["content-length"]),
        (200, &"5242880".parse().unwrap())
    );
    assert!(head.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_good_file_is_refused_with_its_reason() {
    let server = start().await;
    server.load(OTHER).await;
    let limited = server.make_key(&["post"], Some("other")).await;
    let reader = server.make_key(&["read", "resolve", "admin"], None).await;
    let large = vec![b'x'; 5 * 1024 * 1024 + 1];
    for (key, query, data, expected) in [
        (&server.key, "schema=ti:sample&name=a", &b""[..], (422, "attachment_size")),
        (&server.key, "schema=ti:sample&name=a", &large, (413, "body_size")),
        (&server.key, "schema=ti:sample&name=%0A%E2%80%AE", b"x", (422, "attachment_name")),
        (&server.key, "schema=ti:sample&name=a/b/..", b"x", (422, "attachment_name")),
        (&server.key, "schema=ti:sample&name=", b"x", (422, "attachment_name")),
        (
            &server.key,
            &format!("schema=ti:sample&name={}", "x".repeat(201)),
            b"x",
            (422, "attachment_name"),
        ),
        (&server.key, "schema=ti:sample&name=a%00b", b"x", (422, "value_storable")),
        (&server.key, "schema=ti:sample", b"x", (422, "query_shape")),
        (&server.key, "schema=ti:sample&name=a&size=1", b"x", (422, "query_shape")),
        (&server.key, "schema=nobodys&name=a", b"x", (404, "schema_exists")),
        (&limited, "schema=ti:sample&name=a", b"x", (403, "key_schema")),
        (&limited, "schema=nobodys&name=a", b"x", (403, "key_schema")),
        (&reader, "schema=ti:sample&name=a", b"x", (403, "key_scope")),
        (&"nobodys".to_owned(), "schema=ti:sample&name=a", b"x", (401, "key_known")),
    ] {
        let found = refused(send(&server, key, query, data).await).await;
        assert_eq!((found.0, found.1.as_str()), expected, "{query}");
    }
    let kept = "select count(*) from app.attachment";
    assert_eq!(server.db.row(kept, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_name_is_only_a_name() {
    let server = start().await;
    for (given, name) in [
        ("a.png", "a.png"),
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("C:%5Cusers%5Cana%5Cbill.pdf", "bill.pdf"),
        ("a%0D%0ASet-Cookie:%20x%0Ab", "aSet-Cookie: xb"),
        ("invoice%E2%80%AEfdp.exe", "invoicefdp.exe"),
        ("%20Stra%C3%9Fe%20%F0%9F%A6%8A%20", "Straße 🦊"),
    ] {
        assert_eq!(upload(&server, given, b"x").await["name"], name);
    }
    let file = upload(&server, "a%22%0A%C3%BC.png", PNG).await;
    let response = read(&server, &server.key, &file).await;
    let disposition = "inline; filename=\"a__.png\"; filename*=UTF-8''a%22%C3%BC.png";
    assert_eq!(response.headers()["content-disposition"], disposition);
}

#[tokio::test]
async fn s78_hostile_files_come_back_as_nothing_that_runs() {
    let server = start().await;
    make_person(&server.db, "ana", "viewer", PASSWORD).await;
    let cookie = server.sign_in("ana").await;
    let html = b"<!doctype html><script>alert(document.domain)</script>";
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'></svg>";
    let picture_and_page = [&b"GIF89a/*"[..], html, b"*/=1;"].concat();
    let page_in_png = [PNG, html].concat();
    let bomb = [&b"PK\x03\x04"[..], &[0; 4096]].concat();
    for (name, data, kind, shown) in [
        ("a.svg", &svg[..], "text/plain; charset=utf-8", false),
        ("a.html", html, "text/plain; charset=utf-8", false),
        ("a.html", &page_in_png, "image/png", true),
        ("a.js", &picture_and_page, "image/gif", true),
        ("a.zip", &bomb, "application/zip", false),
        ("a.pdf", b"%PDF-1.7 /JS", "application/pdf", false),
        ("a.png", b"\xff\xfe<\0s\0c\0r\0i\0p\0t\0", "application/octet-stream", false),
    ] {
        let file = upload(&server, name, data).await;
        let posted = server.post(flag(&json!([{"id": file["id"]}])), 201).await;
        let url = posted["task"]["attachments"][0]["url"].as_str().unwrap();
        let by_person = client().get(url).header("cookie", &cookie).send().await.unwrap();
        for response in [read(&server, &server.key, &file).await, by_person] {
            assert_eq!(response.status(), 200, "{name}");
            let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), kind, "{name}");
            let expected = if shown { "inline" } else { "attachment" };
            assert_eq!(header("content-disposition").split(';').next(), Some(expected), "{name}");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(
                header("content-security-policy"),
                "default-src 'none'; frame-ancestors 'none'; sandbox"
            );
            assert_eq!(header("cache-control"), "private, no-cache");
            assert_eq!(header("cross-origin-resource-policy"), "same-origin");
            assert!(!response.headers().contains_key("content-encoding"), "{name}");
            assert!(response.bytes().await.unwrap() == data, "{name}");
        }
    }
}

#[tokio::test]
async fn a_post_takes_uploads_and_links_and_its_digest_tells_them() {
    let server = start().await;
    let file = upload(&server, "photo.png", PNG).await;
    let link = json!({"url": "https://files.example/a.pdf"});
    let given = json!([{"id": file["id"], "name": "../the photo.png"}, link, {"url": "https://a", "name": "A"}]);
    let posted = server.post(flag(&given), 201).await;
    let task = &posted["task"];
    let url = format!("{}/attachments/{}", server.url, file["id"].as_str().unwrap());
    let nothing = json!({"media_type": null, "size": null, "sha256": null, "id": null});
    let linked = |url: &str, name: &str| {
        let mut linked = nothing.clone();
        linked["url"] = json!(url);
        linked["name"] = json!(name);
        linked
    };
    assert_eq!(
        task["attachments"],
        json!([
            {"id": file["id"], "name": "the photo.png", "url": url, "media_type": "image/png",
             "size": PNG.len(), "sha256": file["sha256"]},
            linked("https://files.example/a.pdf", "https://files.example/a.pdf"),
            linked("https://a", "A"),
        ])
    );

    // The one that is there stays, another comes; what the decider sees is another thing now.
    let path = format!("/tasks/{}", posted["id"].as_str().unwrap());
    let more = upload(&server, "more.txt", b"more").await;
    let change = json!({"attachments": [{"id": file["id"]}, {"id": more["id"]}]});
    let changed = server.call(Method::PATCH, &path, Some(change.clone()), 200).await;
    assert_eq!(changed["task"]["attachments"].as_array().unwrap().len(), 2);
    assert_ne!(changed["task"]["digest"], task["digest"]);
    assert_eq!(changed["task"]["version"], 2);
    let again = server.call(Method::PATCH, &path, Some(change), 200).await;
    assert_eq!(again["task"]["version"], 2);
    let none = server.call(Method::PATCH, &path, Some(json!({"attachments": null})), 200).await;
    assert_eq!(none["task"]["attachments"], json!([]));
    assert_ne!(none["task"]["digest"], changed["task"]["digest"]);
}

#[tokio::test]
async fn what_is_no_attachment_is_named_with_its_place() {
    let server = start().await;
    let file = upload(&server, "a", b"x").await;
    for (given, code, pointer) in [
        (json!({}), "attachment_limits", "/attachments"),
        (json!(["id"]), "attachment_limits", "/attachments/0"),
        (
            json!([{"url": "https://a"}, {"url": "javascript:alert(1)"}]),
            "attachment_limits",
            "/attachments/1/url",
        ),
        (json!([{"url": "https://a", "size": 1}]), "attachment_limits", "/attachments/0/size"),
        (json!([{"id": file["id"], "url": "https://a"}]), "attachment_limits", "/attachments"),
        (json!([{"name": "a"}]), "attachment_limits", "/attachments"),
        (json!([{"id": null}]), "attachment_limits", "/attachments/0/id"),
        (json!(vec![json!({"url": "https://a"}); 21]), "attachment_limits", "/attachments"),
        (json!([{"id": "../etc/passwd"}]), "upload_exists", "/attachments"),
        (json!([{"id": Uuid::now_v7()}]), "upload_exists", "/attachments"),
    ] {
        let problem = server.post(flag(&given), 422).await;
        assert_eq!(
            (&problem["code"], &problem["errors"][0]["pointer"]),
            (&json!(code), &json!(pointer)),
            "{given}"
        );
    }
    server.post(flag(&json!(vec![json!({"url": "https://a"}); 20])), 201).await;
}

#[tokio::test]
async fn a_loose_upload_is_its_keys_alone() {
    let server = start().await;
    server.load(OTHER).await;
    let file = upload(&server, "a", b"x").await;
    let given = json!([{"id": file["id"]}]);
    let stranger = server.make_key(&["read", "post"], None).await;
    let path = format!("/tasks/{}", server.post_flag().await);
    for (method, path, body) in [
        (Method::POST, "/tasks", flag(&given)),
        (Method::PATCH, path.as_str(), json!({"attachments": given})),
    ] {
        let body = Some(body.to_string());
        let problem = server.call_with(&stranger, method, path, &[], body, 422).await;
        assert_eq!(problem["code"], "upload_exists");
    }
    // Of another schema than the task, though the key is for both.
    let elsewhere = json!({"schema_name": "other", "task": "t", "attachments": given});
    assert_eq!(server.post(elsewhere, 422).await["code"], "upload_exists");
    assert_eq!(
        refused(read(&server, &stranger, &file).await).await,
        (404, "attachment_exists".into())
    );
    assert_eq!(read(&server, &server.key, &file).await.status(), 200);

    // Whose key took the place of the first has its uploads.
    let line = "update app.api_key heir set line_id = coalesce(first.line_id, first.id) from app.api_key first
                where heir.prefix = $1 and first.prefix = $2";
    server.db.run(line, &[&&stranger[..12], &&server.key[..12]]).await.unwrap();
    server
        .call_with(&stranger, Method::POST, "/tasks", &[], Some(flag(&given).to_string()), 201)
        .await;
    // From then on it is the task's, and no other task's.
    assert_eq!(server.post(flag(&given), 422).await["code"], "upload_exists");
}

#[tokio::test]
async fn of_two_posts_for_one_upload_one_gets_it() {
    let server = start().await;
    for _ in 0..10 {
        let file = upload(&server, "a", b"x").await;
        let body = flag(&json!([{"id": file["id"]}])).to_string();
        let post = async || {
            let url = format!("{}/api/v1/tasks", server.url);
            let request = server.http.post(url).bearer_auth(&server.key).body(body.clone());
            request.send().await.unwrap().status().as_u16()
        };
        let mut found: [u16; 4] = tokio::join!(post(), post(), post(), post()).into();
        found.sort_unstable();
        assert_eq!(found, [201, 422, 422, 422]);
    }
}

#[tokio::test]
async fn the_same_post_again_finds_its_task_with_its_files() {
    let server = start().await;
    for headers in [&[][..], &[("idempotency-key", "once")]] {
        let file = upload(&server, "a", b"x").await;
        let mut body = flag(&json!([{"id": file["id"]}]));
        body["external_id"] = json!(format!("order-{}", headers.len()));
        let post = async |status: u16| {
            let body = Some(body.to_string());
            server.call_with(&server.key, Method::POST, "/tasks", headers, body, status).await
        };
        let first = post(201).await;
        let again = post(200).await;
        assert_eq!((&again["id"], &again["task"]), (&first["id"], &first["task"]));
        // It is still the task's.
        let owner = "select task_id from app.attachment where id::text = $1";
        let owner: Uuid =
            server.db.row(owner, &[&file["id"].as_str().unwrap()]).await.unwrap().get(0);
        assert_eq!(first["id"], json!(owner));
    }
}

#[tokio::test]
async fn who_sees_the_task_sees_its_files() {
    let server = start().await;
    server.load(OTHER).await;
    for (name, role) in [("ana", "viewer"), ("bob", "admin")] {
        make_person(&server.db, name, role, PASSWORD).await;
    }
    let limit = "update app.person set schemas = array['other'] where name = 'bob'";
    server.db.run(limit, &[]).await.unwrap();
    let (ana, bob) = (server.sign_in("ana").await, server.sign_in("bob").await);
    let status = async |cookie: &str, file: &Value| {
        let url = format!("{}/attachments/{}", server.url, file["id"].as_str().unwrap());
        client().get(url).header("cookie", cookie).send().await.unwrap().status().as_u16()
    };
    let other = server.make_key(&["read"], Some("other")).await;
    let reader = server.make_key(&["read"], Some("ti:sample")).await;

    let (file, member, early) = (
        upload(&server, "a", b"x").await,
        upload(&server, "b", b"x").await,
        upload(&server, "c", b"x").await,
    );
    assert_eq!(status(&ana, &file).await, 404);
    for (file, extra) in [
        (&file, json!({"merge_key": "m"})),
        // Behind the first from the start.
        (&member, json!({"merge_key": "m"})),
        (&early, json!({"start_at": "2999-01-01T00:00:00Z"})),
    ] {
        let mut body = flag(&json!([{"id": file["id"]}]));
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        server.post(body, 201).await;
    }
    for file in [&file, &member] {
        assert_eq!(
            (status(&ana, file).await, status(&bob, file).await, status("", file).await),
            (200, 404, 303)
        );
        assert_eq!(read(&server, &reader, file).await.status(), 200);
        assert_eq!(
            refused(read(&server, &other, file).await).await,
            (404, "attachment_exists".into())
        );
    }
    // It has not begun: people do not know of it yet, applications do.
    assert_eq!(
        (status(&ana, &early).await, read(&server, &reader, &early).await.status().as_u16()),
        (404, 200)
    );
    let nobodys = read(&server, &server.key, &json!({"id": "%00"})).await;
    assert_eq!(refused(nobodys).await, (404, "attachment_exists".into()));
}

#[tokio::test]
async fn uploads_that_nobody_took_are_gone_after_a_day() {
    let server = start().await;
    let (old, taken, new) = (
        upload(&server, "a", b"x").await,
        upload(&server, "b", b"x").await,
        upload(&server, "c", b"x").await,
    );
    server.post(flag(&json!([{"id": taken["id"]}])), 201).await;
    let earlier =
        "update app.attachment set created_at = now() - interval '25 hours' where name <> 'c'";
    server.db.run(earlier, &[]).await.unwrap();
    server.db.run("select inbox_internal.forget_uploads()", &[]).await.unwrap();
    for (file, status) in [(&old, 404), (&taken, 200), (&new, 200)] {
        assert_eq!(read(&server, &server.key, file).await.status(), status);
    }
}
