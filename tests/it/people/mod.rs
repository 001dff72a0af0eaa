//! People: how they are slowed, kept apart, asked again and written down.

mod audit;
mod elevation;
mod flood;
mod guesses;
mod invitations;
mod known_browsers;
mod roles;
mod sessions;

use reqwest::{Client, Response};

use crate::postgres;
use crate::server::{Server, within};

pub const PASSWORD: &str = "correct horse battery";

/// A browser at another address of this machine.
pub fn browser_at(address: &str) -> Client {
    Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .local_address(address.parse::<std::net::IpAddr>().unwrap())
        .build()
        .unwrap()
}

impl Server {
    /// A form as a browser posts it.
    pub async fn post_form(
        &self,
        browser: &Client,
        path: &str,
        cookie: &str,
        form: &[(&str, &str)],
    ) -> Response {
        let mut request =
            browser.post(format!("{}{path}", self.url)).header("sec-fetch-site", "same-origin");
        if !cookie.is_empty() {
            request = request.header("cookie", cookie);
        }
        let body: String =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let content = "application/x-www-form-urlencoded";
        request.header("content-type", content).body(body).send().await.unwrap()
    }

    pub async fn try_password(&self, browser: &Client, name: &str, password: &str) -> Response {
        self.post_form(browser, "/login", "", &[("name", name), ("password", password)]).await
    }

    /// The status of a try.
    pub async fn tried(&self, browser: &Client, name: &str, password: &str) -> u16 {
        self.try_password(browser, name, password).await.status().as_u16()
    }

    /// As the owner, past the functions: tests move rows, not clocks.
    pub async fn arrange(&self, sql: &str) {
        postgres::client(&self.database_url).await.batch_execute(sql).await.unwrap();
    }

    /// Until something waits for a lock that the test holds.
    pub async fn waits_for_a_lock(&self) {
        let sql = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        within("a statement to wait", async {
            while self.db.maybe_row(sql, &[]).await.unwrap().is_none() {}
        })
        .await;
    }

    /// Every session of everybody was begun half an hour ago.
    pub async fn let_elevation_end(&self) {
        self.arrange("update app.session set authenticated_at = now() - interval '16 minutes'")
            .await;
    }

    /// Who did what to whom, oldest first, without what the start of the server wrote.
    pub async fn audited(&self) -> Vec<String> {
        let sql = "select (actor ->> 'name') || ' ' || action || coalesce(' ' || target, '')
                   from app.audit where actor ->> 'name' <> 'first start' and target is distinct from 'test' order by id";
        let rows = self.db.rows(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// The session's cookie.
pub fn cookie_of(response: &Response) -> String {
    cookies_of(response).next().unwrap()
}

/// The cookie by which the browser is known from now on.
pub fn mark_of(response: &Response) -> String {
    cookies_of(response).find(|cookie| cookie.starts_with("ti-known=")).unwrap()
}

fn cookies_of(response: &Response) -> impl Iterator<Item = String> {
    let set = response.headers().get_all("set-cookie").iter();
    set.map(|set| set.to_str().unwrap().split(';').next().unwrap().to_owned())
}

/// As if the last wrong try were that long ago.
pub async fn later(server: &Server, seconds: f64) {
    let sql = format!(
        "update app.sign_in_tries set last_at = last_at - interval '{seconds} seconds', since = since - interval '{seconds} seconds'"
    );
    server.arrange(&sql).await;
}
