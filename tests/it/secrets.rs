//! Secrets at rest and where they must never show.

use http::Method;
use serde_json::json;
use task_inbox::config::SETTINGS;
use task_inbox::serve::Part;

use crate::cli::shell::{SECRET_KEY, Shell, program, run};
use crate::hook::Hook;
use crate::postgres;
use crate::server::{self, Server, client, make_person, sample, sample_to, within};
use crate::source::{complain, files};

const OTHER_KEY: &str = "OTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTBmZWRjYmE=";

#[tokio::test]
async fn s61_what_is_sealed_for_one_row_opens_in_no_other() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.with_hook(&hook).await;
    // Both were sealed with the right key, for the other's row.
    let swapped = "update app.webhook_secret here set sealed = there.sealed
                   from app.webhook_secret there where there.id <> here.id";
    server.db.run(swapped, &[]).await.unwrap();
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let delivery = server.delivery(id, 2, "blocked").await;
    assert!(delivery["reason"].as_str().unwrap().contains("was changed"), "{delivery}");
    assert!(hook.so_far().is_empty());
}

#[tokio::test]
async fn s62_a_server_without_the_key_of_a_secret_says_so_and_decisions_stand() {
    let hook = Hook::start().await;
    let database_url = postgres::fresh_database().await;
    let server = Server::on(&database_url, Part::All).await;
    server.with_hook(&hook).await;
    server.stop().await;

    for unfit in [Some(OTHER_KEY), None] {
        let server = Server::on_with(&database_url, Part::All, |config| {
            config.secret_key = unfit.map(str::to_owned);
            config.data = "/nonexistent".into();
        })
        .await;
        // Before anything is to be sent.
        server.endpoint_waits("TASK_INBOX_SECRET_KEY").await;
        make_person(&server.db, &postgres::unique("eve"), "admin", "correct horse").await;
        let banners: String = server
            .db
            .row("select inbox_internal.banners(array['ti:sample'])::text", &[])
            .await
            .unwrap()
            .get(0);
        assert!(banners.contains("TASK_INBOX_SECRET_KEY"), "{banners}");
        let id = server.post_flag().await;
        server.set_state(id, "allow", 200).await;
        server.delivery(id, 2, "blocked").await;
        server.stop().await;
    }
    assert!(hook.so_far().is_empty());

    let mut command = program(&["serve"]);
    command.env("DATABASE_URL", &database_url).env("TASK_INBOX_SECRET_KEY", OTHER_KEY);
    command.env("TASK_INBOX_LISTEN", "127.0.0.1:0").env("TASK_INBOX_OPS_LISTEN", "off");
    let mut serving = command.stdin(std::process::Stdio::null()).spawn().unwrap();
    let log = tokio::io::BufReader::new(serving.stderr.take().unwrap());
    within("the line in the log", async {
        let mut lines = tokio::io::AsyncBufReadExt::lines(log);
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("ERROR") && line.contains("2 secrets do not open") {
                return;
            }
        }
        panic!("the server ended without it");
    })
    .await;
    serving.kill().await.unwrap();

    // The right key again, and everything that waited goes out.
    let _server = Server::on(&database_url, Part::All).await;
    hook.received(2).await;
}

#[tokio::test]
async fn s62_an_old_key_ring_stops_only_its_own_server() {
    let hook = Hook::start().await;
    let database_url = postgres::fresh_database().await;
    let with_old_ring = || {
        Server::on_with(&database_url, Part::All, |config| {
            config.secret_key = Some(OTHER_KEY.to_owned());
        })
    };
    let good = Server::on(&database_url, Part::All).await;
    good.with_hook(&hook).await;
    let old = with_old_ring().await;

    // Decided there, so that its worker is the first to hear of it; and a rotation
    // seals with a key that only the other has.
    let rotate = "/schemas/ti:sample/secret/rotate";
    for count in 1..=4 {
        let id = old.post_flag().await;
        old.set_state(id, "allow", 200).await;
        hook.received(count).await;
        old.delivery(id, 2, "delivered").await;
        good.call(Method::POST, rotate, Some(json!({"grace_seconds": 0})), 200).await;
    }
    let endpoint = &old.get("/endpoints").await["endpoints"][0];
    assert!(endpoint["sendable"] == true && endpoint["reason"].is_null(), "{endpoint}");

    good.stop().await;
    let id = old.post_flag().await;
    old.set_state(id, "allow", 200).await;
    let delivery = old.delivery(id, 2, "blocked").await;
    assert!(delivery["reason"].as_str().unwrap().contains("TASK_INBOX_SECRET_KEY"), "{delivery}");
    assert_eq!(delivery["attempts"], 0);

    let _good = Server::on(&database_url, Part::All).await;
    hook.received(5).await;
    old.delivery(id, 2, "delivered").await;
}

#[tokio::test]
async fn s63_a_rotation_of_the_sealing_key_that_was_killed_is_begun_again() {
    let shell = Shell::with_sample().await;
    for name in ["ti:a", "ti:b", "ti:c"] {
        let source = sample().replace("'ti:sample'", &format!("'{name}'"));
        shell.run_with(&["schema", "apply", "-"], &source).await.ok();
        shell.run(&["webhook-secret", "create", name]).await.ok();
    }
    let mut owner = postgres::client(&shell.database_url).await;
    let with = |keys: &str| {
        let mut command = shell.command(&["secrets", "rotate"]);
        command.env("TASK_INBOX_SECRET_KEY", keys);
        command
    };
    let both = format!("{OTHER_KEY},{SECRET_KEY}");
    let sealed =
        "select count(distinct substring(sealed from 1 for 4)), count(*) from app.webhook_secret";

    // Somebody holds one in the middle, so that it stops there.
    let holding = owner.transaction().await.unwrap();
    let middle = "select from app.webhook_secret where id = (
                    select id from app.webhook_secret order by id offset 3 limit 1) for update";
    holding.query(middle, &[]).await.unwrap();
    let mut rotating = with(&both).spawn().unwrap();
    within("the first half", async {
        while holding.query_one(sealed, &[]).await.unwrap().get::<_, i64>(0) < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    rotating.kill().await.unwrap();
    holding.rollback().await.unwrap();
    let found = owner.query_one(sealed, &[]).await.unwrap();
    assert_eq!((found.get::<_, i64>(0), found.get::<_, i64>(1)), (2, 6));

    run(with(&both), "").await.ok();
    assert_eq!(owner.query_one(sealed, &[]).await.unwrap().get::<_, i64>(0), 1);
    let again = run(with(OTHER_KEY), "").await.ok();
    assert!(again.stderr.contains("0 secrets"), "{}", again.stderr);
}

#[tokio::test]
async fn s64_a_setting_and_its_file_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("value");
    std::fs::write(&file, "hunter2-file").unwrap();
    for setting in SETTINGS {
        let both = format!("both `{0}` and `{0}_FILE` are set", setting.name);
        let mut command = program(&["task", "list"]);
        command.env("DATABASE_URL", "postgresql://u@127.0.0.1:1/none");
        command.env("TASK_INBOX_DATA", folder.path());
        command.env(setting.name, "hunter2-value").env(format!("{}_FILE", setting.name), &file);
        let ran = run(command, "").await;
        assert_eq!(ran.code, Some(1), "{}", setting.name);
        assert!(ran.stderr.contains(&both), "{}: {}", setting.name, ran.stderr);
        assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    }
}

#[test]
fn s65_nothing_that_holds_a_secret_can_be_printed_for_debugging() {
    let secret = ["password", "secret_key", "signing", "hook_key", "signing_secret", "api_key"];
    let other = ["token", "proxy", "database_url", "login_url", "sealer", "keys"];
    let mut faults = Vec::new();
    for (path, text) in files("src", "rs") {
        for rest in text.split("#[derive(").skip(1) {
            let (traits, rest) = rest.split_once(')').unwrap();
            let body = rest.split("\n}").next().unwrap();
            if !traits.contains("Debug") || !body.contains("struct ") {
                continue;
            }
            let fields = body.lines().filter_map(|line| line.trim().split_once(':'));
            for name in fields.map(|(name, _)| name.trim_start_matches("pub ")) {
                if secret.contains(&name) || other.contains(&name) {
                    faults.push(format!("{}: {name}", path.display()));
                }
            }
        }
    }
    complain(&faults);
}

#[tokio::test]
async fn s60_no_table_and_no_statement_holds_a_secret_in_clear() {
    let (server, hook) = (Server::start().await, Hook::start().await);
    server.load(&sample_to(&hook.url)).await;
    let signing = server.make_secret("ti:sample").await;
    make_person(&server.db, "eve", "admin", "correct horse battery").await;
    let sign_in = async |password: &str| {
        let form = [("name", "eve"), ("password", password)];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = client().post(format!("{}/login", server.url)).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.header("sec-fetch-site", "same-origin").send().await.unwrap()
    };
    let cookie = sign_in("correct horse battery").await;
    let cookie = cookie.headers()["set-cookie"].to_str().unwrap().to_owned();
    let session = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    sign_in("my-other-password").await;
    let link = server::make_login_link(&server, "eve").await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let key = hook.received(1).await[0].headers["ti-key"].to_str().unwrap().to_owned();
    let body = Some(json!({"grace_seconds": 60}));
    let path = "/schemas/ti:sample/secret/rotate";
    let rotated = server.call(Method::POST, path, body, 200).await;
    let rotated = rotated["signing_secret"].as_str().unwrap().to_owned();

    let link = link.rsplit_once('/').unwrap().1.to_owned();
    let passwords = ["correct horse battery", "my-other-password"].map(str::to_owned);
    let tokens = [signing, rotated, key, session, link, server.key.clone(), SECRET_KEY.to_owned()];
    let (dump, tables) = dump(&server.database_url).await;
    assert!(tables > 15 && dump.contains("ti:sample"), "{tables} tables");
    for secret in tokens.iter().chain(&passwords) {
        assert!(secret.len() > 15, "{secret}");
        // The part that is secret, in clear and as PostgreSQL writes bytes.
        let part = &secret[secret.len() - 16..];
        let bytes: String = part.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!dump.contains(part) && !dump.contains(&bytes), "{part}");
    }
}

#[tokio::test]
async fn s60_the_password_of_the_proxy_is_not_in_why_a_webhook_failed() {
    let proxy = "http://inbox:hunter2-of-the-proxy@127.0.0.1:1";
    let server = Server::start_with(|config| {
        let outbound = config.outbound.as_mut().unwrap();
        outbound.proxy = Some(proxy.parse().unwrap());
        outbound.schedule = vec![600.0];
    })
    .await;
    // Through the proxy a name is looked up there; without https it must be listed here.
    server.load(&sample_to("https://app.example/hook")).await;
    server.make_secret("ti:sample").await;
    let id = server.post_flag().await;
    server.set_state(id, "allow", 200).await;
    let told = within("a failed try", async {
        loop {
            let delivery = server.delivery(id, 2, "owed").await;
            if delivery["attempts"] == 1 {
                return server.get(&format!("/deliveries/{}", delivery["id"])).await.to_string();
            }
        }
    })
    .await;
    let (dump, _) = dump(&server.database_url).await;
    assert!(!told.contains("hunter2") && !dump.contains("hunter2"), "{told}");
}

/// Every row of every table as text, the sessions' statements, and how many tables.
async fn dump(database_url: &str) -> (String, usize) {
    let owner = postgres::client(database_url).await;
    let tables = "select format('select coalesce(string_agg(row::text, chr(10)), '''') from %I.%I row', schemaname, tablename)
                  from pg_tables where schemaname not in ('pg_catalog', 'information_schema')";
    let tables = owner.query(tables, &[]).await.unwrap();
    let sessions = "select string_agg(query, chr(10)) from pg_stat_activity where datname = current_database()";
    let mut text: String = owner.query_one(sessions, &[]).await.unwrap().get(0);
    for table in &tables {
        text += &owner.query_one(table.get::<_, &str>(0), &[]).await.unwrap().get::<_, String>(0);
    }
    (text, tables.len())
}

impl Server {
    /// Once the first endpoint says that it waits for this.
    async fn endpoint_waits(&self, reason: &str) {
        within("the reason why an endpoint waits", async {
            loop {
                let endpoint = &self.get("/endpoints").await["endpoints"][0];
                if endpoint["reason"].as_str().is_some_and(|found| found.contains(reason)) {
                    return;
                }
            }
        })
        .await;
    }
}
