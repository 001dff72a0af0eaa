//! The main job in a real browser the size of a phone.

use std::process::Stdio;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::hook::Hook;
use crate::server::{Server, make_login_link, sample, within};
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

    async fn tap(&self, css: &str) {
        let element = within(css, self.client.wait().for_element(Locator::Css(css))).await.unwrap();
        within(css, element.click()).await.unwrap();
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
    phone.open(&make_login_link(&server, "admin").await).await;
    phone.tap("form button").await;
    phone.tap(&format!("#task-{id} a")).await;
    phone.see("Comment").await;
    phone.ask("window.stillHere = true").await;

    server.set_state(id, "allow", 200).await;
    phone.tap("button[value=block]").await;
    phone.see("Already settled by test").await;
    assert_eq!(phone.ask("return window.stillHere").await, true, "htmx swapped it in");
    phone.close().await;
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
    phone.open(&make_login_link(&server, "admin").await).await;
    phone.tap("form button").await;
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
    phone.open(&make_login_link(&server, "admin").await).await;
    phone.tap("form button").await;
    phone.tap(&format!("#task-{id} a")).await;
    phone.tap("button[value=block]").await;
    phone.see("The app is told now.").await;
    assert_eq!(phone.ask("return document.querySelector('#undo').checkVisibility()").await, false);
    hook.received(1).await;
    phone.close().await;
}
