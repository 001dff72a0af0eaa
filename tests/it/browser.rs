//! The main job in a real browser the size of a phone.

use std::process::Stdio;

use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::hook::Hook;
use crate::server::{Server, make_login_link, make_person, sample, within};
use crate::undo_pages::let_pass;

struct Phone {
    client: Client,
    _driver: Child,
}

impl Phone {
    async fn start(javascript: bool) -> Phone {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed by `tools/setup test`");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = within("chromedriver", async {
            loop {
                let line = lines.next_line().await.unwrap().unwrap();
                if let Some((_, port)) = line.split_once("started successfully on port ") {
                    return port.trim_end_matches('.').to_owned();
                }
            }
        })
        .await;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities());
        let address = format!("http://127.0.0.1:{port}");
        let client = within("the browser", builder.connect(&address)).await.unwrap();
        let phone = Phone { client, _driver: driver };
        if !javascript {
            phone.keep_scripts_out(&address).await;
        }
        phone
    }

    /// No script of ours arrives; the driver needs its own to find things.
    async fn keep_scripts_out(&self, driver: &str) {
        let session = self.client.session_id().await.unwrap().unwrap();
        let url = format!("{driver}/session/{session}/goog/cdp/execute");
        for command in [
            json!({"cmd": "Network.enable", "params": {}}),
            json!({"cmd": "Network.setBlockedURLs", "params": {"urls": ["*.js"]}}),
        ] {
            let answer = crate::server::client().post(&url).json(&command).send().await.unwrap();
            assert!(answer.status().is_success(), "{answer:?}");
        }
    }

    /// Until the inbox is there: a page that is opened before that ends the sign-in.
    async fn sign_in(&self, server: &Server) {
        self.open(&make_login_link(server, "admin").await).await;
        self.tap("form button").await;
        within("the inbox", self.client.wait().for_element(Locator::Css("nav"))).await.unwrap();
    }

    async fn tap(&self, css: &str) {
        let element = within(css, self.client.wait().for_element(Locator::Css(css))).await.unwrap();
        within(css, element.click()).await.unwrap();
    }

    /// In place of what stands there.
    async fn fill(&self, css: &str, text: &str) {
        let element = within(css, self.client.wait().for_element(Locator::Css(css))).await.unwrap();
        within(css, element.clear()).await.unwrap();
        within(css, element.send_keys(text)).await.unwrap();
    }

    async fn gone(&self, css: &str) {
        let script = format!("return document.querySelector(\"{css}\") === null");
        within(css, async { while self.ask(&script).await != true {} }).await;
    }

    async fn see(&self, text: &str) {
        let path = format!("//*[contains(normalize-space(.), \"{text}\")]");
        within(text, self.client.wait().for_element(Locator::XPath(&path))).await.unwrap();
    }

    async fn open(&self, url: &str) {
        within(url, self.client.goto(url)).await.unwrap();
    }

    async fn close(self) {
        within("the browser's end", self.client.close()).await.unwrap();
    }

    async fn ask(&self, script: &str) -> Value {
        within(script, self.client.execute(script, Vec::new())).await.unwrap()
    }

    async fn nothing_overflows(&self) {
        let over =
            self.ask("return document.documentElement.scrollWidth - window.innerWidth").await;
        assert!(
            over.as_i64().unwrap() <= 0,
            "{over} px too wide at {}",
            self.client.current_url().await.unwrap()
        );
    }
}

fn capabilities() -> Map<String, Value> {
    let options = json!({
        "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        "mobileEmulation": {"deviceMetrics": {"width": 390, "height": 844, "pixelRatio": 2, "touch": true}},
    });
    let Value::Object(capabilities) =
        json!({"browserName": "chrome", "goog:chromeOptions": options})
    else {
        unreachable!("an object")
    };
    capabilities
}

async fn a_person_decides_on_a_phone(javascript: bool) {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let secret = server.with_hook(&hook).await;
    let id = server.post_flag().await;
    let phone = Phone::start(javascript).await;

    phone.open(&make_login_link(&server, "admin").await).await;
    phone.nothing_overflows().await;
    phone.tap("form button").await;
    phone.see("flag-content").await;
    assert_eq!(
        phone.ask("return typeof htmx").await,
        if javascript { "object" } else { "undefined" }
    );
    phone.nothing_overflows().await;
    phone.tap(&format!("#task-{id} a")).await;
    phone.see("Comment").await;
    phone.nothing_overflows().await;
    let comment = within("the comment", phone.client.find(Locator::Css("textarea"))).await.unwrap();
    within("typing", comment.send_keys("bought a watch")).await.unwrap();
    phone.tap("button[value=block]").await;
    phone.see("Settled by admin").await;
    phone.nothing_overflows().await;

    let received = hook.received(1).await.remove(0);
    received.verify(&secret);
    let data = &received.json()["data"];
    assert_eq!(
        (&data["state"], &data["comment"], &data["via"]),
        (&json!("block"), &json!("bought a watch"), &json!("web"))
    );
    phone.open(&server.url).await;
    phone.see("Nothing waits for you").await;
    phone.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn a_person_signs_in_and_decides_on_a_phone() {
    a_person_decides_on_a_phone(true).await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn a_person_decides_on_a_phone_without_javascript() {
    a_person_decides_on_a_phone(false).await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn who_was_slower_is_told_on_the_page_without_a_reload() {
    let server = Server::start().await;
    server.with_hook(&Hook::start().await).await;
    let id = server.post_flag().await;
    let phone = Phone::start(true).await;
    phone.sign_in(&server).await;
    phone.tap(&format!("#task-{id} a")).await;
    phone.see("Comment").await;
    phone.ask("window.stillHere = true").await;

    server.set_state(id, "allow", 200).await;
    phone.tap("button[value=block]").await;
    phone.see("Already settled by test").await;
    assert_eq!(phone.ask("return window.stillHere").await, true, "htmx swapped it in");
    phone.close().await;
}

const DESK: &str = "name: desk
semver: '1'
tasktypes:
- name: refund
  label: Refund
  title: 'Refund for {order}'
  resolved_states:
  - {name: approve, args: [{name: amount, label: Amount, kind: money, currency: EUR, from: amount, required: true, max: 5000},
                           {name: payload, label: Payload, kind: json}]}
  - {name: deny, label: Deny, reasons: [damaged, {name: late, label: Too late, text: 'The 30 days are over.'}]}
";

async fn the_life_of_a_task_on_a_phone(javascript: bool) {
    let server = Server::start().await;
    server.load(DESK).await;
    let order = json!({"order": 104, "amount": 4000});
    let task = json!({"schema_name": "desk", "task": "refund", "meta": order});
    let [first, second] = [server.post(task.clone(), 201).await, server.post(task, 201).await];
    let page = |task: &Value| format!("{}/tasks/{}", server.url, task["id"].as_str().unwrap());
    make_person(&server.db, "bob", "resolver", "correct horse battery").await;
    let bob = server.sign_in("bob").await;

    let phone = Phone::start(javascript).await;
    phone.sign_in(&server).await;
    phone.open(&page(&first)).await;
    phone.tap("button[value=approve]").await;
    phone.see("Amount (EUR)").await;
    phone.nothing_overflows().await;
    phone.fill("[name='args.amount']", "51").await;
    phone.fill("[name='args.payload']", "{\"a\": }").await;
    // Meanwhile somebody else says that they are at it.
    let path = format!("/tasks/{}", first["id"].as_str().unwrap());
    server.submit(&format!("{path}/claim"), &bob, "", 303).await;
    phone.tap(".moves button.plain").await;
    phone.see("bob has claimed the task").await;
    phone.tap("[name=take]").await;
    phone.gone("[name=take]").await;
    phone.tap(".moves button.plain").await;
    phone.see("Amount must be an amount of at most 50.00.").await;
    phone.see("Payload is not JSON").await;
    phone.nothing_overflows().await;
    phone.fill("[name='args.amount']", "12.50").await;
    phone.fill("[name='args.payload']", "{\"a\": [1]}").await;
    phone.tap(".moves button.plain").await;
    phone.see("Settled by admin: approve").await;
    phone.see("12.50 EUR").await;
    phone.nothing_overflows().await;
    let history = server.get(&format!("{path}/history")).await;
    let args = history["history"].as_array().unwrap().last().unwrap()["args"].clone();
    assert_eq!(args, json!({"amount": 1250, "payload": {"a": [1]}}));

    phone.open(&page(&second)).await;
    phone.tap(".verbs details:nth-of-type(2) summary").await;
    phone.tap("button[value=hour]").await;
    phone.see("Snoozed until").await;
    phone.open(&server.url).await;
    phone.see("Nothing waits for you").await;
    phone.open(&page(&second)).await;
    phone.tap("button[value=deny]").await;
    phone.tap("[name='args.reason'] option:nth-of-type(3)").await;
    phone.tap(".moves button.plain").await;
    phone.see("Settled by admin: Deny").await;
    phone.see("The 30 days are over.").await;
    phone.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn a_form_a_claim_and_a_snooze_work_on_a_phone() {
    the_life_of_a_task_on_a_phone(true).await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn a_form_a_claim_and_a_snooze_work_on_a_phone_without_javascript() {
    the_life_of_a_task_on_a_phone(false).await;
}

/// With a value of every kind that a browser may do something to.
async fn facts_are_changed_on_a_phone(javascript: bool) {
    let server = Server::start().await;
    server.load(DESK).await;
    let meta = json!({
        "order": "007", "amount": 4000, "rate": 12.50, "big": 12345678901234567i64, "note": "a\r\nb\rc", "flag": false,
        "yes": true, "page": " https://shop.example/ ", "at": "2026-11-03T10:00:00.250+01:00", "empty": "", "none": null,
        "spaces": "  two  ", "deep": {"a": [1, null], "b": null}, "a/b~c \"q\" 🚀": "odd", "version": "v1"});
    let posted = server
        .post(json!({"schema_name": "desk", "task": "refund", "meta": meta, "tags": ["a"]}), 201)
        .await;
    let path = format!("/tasks/{}", posted["id"].as_str().unwrap());
    let version = async || server.get(&path).await["task"]["version"].clone();

    let phone = Phone::start(javascript).await;
    phone.sign_in(&server).await;
    phone.open(&format!("{}{path}", server.url)).await;
    phone.tap(".verbs a").await;
    phone.see("What you empty is taken away.").await;
    phone.nothing_overflows().await;
    phone.tap(".moves button").await;
    phone.see("Besides deciding").await;
    assert_eq!(version().await, 1, "nobody touched anything");

    phone.open(&format!("{}{path}/facts", server.url)).await;
    phone.fill("[name='meta.order']", "104").await;
    phone.fill("[name='meta.rate']", "0.10").await;
    phone.fill("[name='meta.deep']", "{\"a\": }").await;
    phone.tap("[name='meta.flag']").await;
    let theirs = json!({"meta": {"amount": 5000, "order": "105"}});
    server.call(Method::PATCH, &path, Some(theirs), 200).await;
    phone.tap(".moves button").await;
    phone.see("deep is not JSON").await;
    phone.see("order was changed meanwhile; now it is “105”.").await;
    phone.nothing_overflows().await;
    phone.fill("[name='meta.deep']", "").await;
    phone.tap(".moves button").await;
    phone.see("Besides deciding").await;
    phone.see("Refund for 104").await;
    phone.nothing_overflows().await;
    assert_eq!(phone.client.current_url().await.unwrap().path(), path);
    let history = server.get(&format!("{path}/history")).await;
    let args = history["history"].as_array().unwrap().last().unwrap()["args"].clone();
    assert_eq!(args, json!({"meta": {"order": "104", "rate": 0.10, "deep": null, "flag": true}}));
    phone.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn facts_are_changed_on_a_phone_and_what_was_not_touched_stays() {
    facts_are_changed_on_a_phone(true).await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn facts_are_changed_on_a_phone_without_javascript() {
    facts_are_changed_on_a_phone(false).await;
}

/// The sample schema, whose decisions can be undone this long.
async fn held(seconds: u8) -> (Server, Hook, String) {
    let (server, hook) = (Server::start().await, Hook::start().await);
    let held = format!("name: flag-content, undo_seconds: {seconds}");
    let source = sample().replace("http://localhost:5001/api/v1/tihook", &hook.url);
    server.load(&source.replace("name: flag-content", &held)).await;
    let secret = server.make_secret("ti:sample").await;
    (server, hook, secret)
}

async fn a_slip_of_the_thumb_is_taken_back(javascript: bool) {
    let (server, hook, secret) = held(120).await;
    let id = server.post_flag().await;
    let phone = Phone::start(javascript).await;
    phone.sign_in(&server).await;
    phone.tap(&format!("#task-{id} a")).await;
    phone.tap("button[value=block]").await;
    phone.see("The app hears of it at").await;
    phone.nothing_overflows().await;
    let left = phone.ask("return document.querySelector('#undo .figure').textContent").await;
    assert_eq!(left.as_str().unwrap().ends_with(" s"), javascript, "{left}");

    phone.tap("#undo").await;
    phone.see("Taken back").await;
    phone.see("admin took it back").await;
    phone.nothing_overflows().await;
    phone.tap("button[value=allow]").await;
    phone.see("Settled by admin: allow").await;
    let_pass(&server, id, 120).await;
    let received = hook.received(1).await.remove(0);
    received.verify(&secret);
    assert_eq!(received.json()["data"]["state"], "allow");
    phone.close().await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn a_slip_of_the_thumb_is_taken_back_on_a_phone() {
    a_slip_of_the_thumb_is_taken_back(true).await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn a_slip_of_the_thumb_is_taken_back_on_a_phone_without_javascript() {
    a_slip_of_the_thumb_is_taken_back(false).await;
}

#[tokio::test]
#[ignore = "needs Chromium: `make test` brings it"]
async fn the_button_to_undo_goes_when_it_is_too_late() {
    let (server, hook, _) = held(2).await;
    let id = server.post_flag().await;
    let phone = Phone::start(true).await;
    phone.sign_in(&server).await;
    phone.tap(&format!("#task-{id} a")).await;
    phone.tap("button[value=block]").await;
    phone.see("The app is told now.").await;
    assert_eq!(phone.ask("return document.querySelector('#undo').checkVisibility()").await, false);
    hook.received(1).await;
    phone.close().await;
}
