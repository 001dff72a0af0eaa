//! What every page shares: the document, the shell around it, banners, error pages.

use http::StatusCode;
use maud::{DOCTYPE, Markup, html};

use super::{assets, icon};
use crate::auth::{Person, Role};
use crate::task::Shell;

/// htmx as we want it, in the words of 4.0.1: no style sheet of its own, and no
/// settling, which copies `style` attributes against our policy; the browser
/// keeps the history; a server fault swaps nothing, so a typed comment survives
/// it. Refusals (409, 412, 422) are swapped by default.
const HTMX_CONFIG: &str = r#"{"includeIndicatorCSS":false,"defaultSettleDelay":0,"history":false,"noSwap":[204,304,"5xx"]}"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Inbox,
    Done,
    Other,
}

/// What the shell shows of the person who is signed in.
#[derive(Debug, Clone)]
pub struct Frame {
    pub person: String,
    pub open: i64,
    pub tab: Tab,
    /// What keeps decisions from reaching their application, one sentence each.
    pub banners: Vec<String>,
    /// Whether to show what only admins may open.
    pub admin: bool,
}

impl Frame {
    pub fn new(person: &Person, shell: Shell, tab: Tab) -> Frame {
        let Shell { open, banners, admin } = shell;
        Frame { person: person.name.clone(), open, tab, banners, admin }
    }
}

/// A page for somebody who is signed in.
pub fn page(title: &str, frame: &Frame, main: Markup) -> Markup {
    document(
        title,
        html! {
            (tabs(frame))
            main #main tabindex="-1" { (banners(&frame.banners)) (main) }
        },
    )
}

/// A list and what leads to its next page.
pub fn list(items: Markup, more: Option<&str>) -> Markup {
    html! {
        div.rows {
            ul #list { (items) }
            div #more {
                @if let Some(url) = more {
                    // The answer is the whole next page: its rows are put
                    // below ours, and its link takes the place of this one.
                    a #show-more.button href=(url) hx-get=(url) hx-target="#list" hx-select="#list > li"
                        hx-swap="beforeend" hx-select-oob="#more" { "Show more" }
                }
                p #notice.refusal role="status" {}
            }
        }
    }
}

/// A form whose answer takes the place of the page.
pub fn form(action: &str, fields: Markup) -> Markup {
    form_of("decide", action, fields)
}

/// The same, of another class.
pub fn form_of(class: &str, action: &str, fields: Markup) -> Markup {
    html! {
        // Boosted, not hx-post: the button's own formaction is heeded then.
        form class=(class) method="post" action=(action) hx-boost="true" hx-target="#main" hx-select="#main"
            hx-select-oob="#tabs" hx-swap="outerHTML" hx-disable="findAll button" { (fields) }
    }
}

/// Why what was sent was refused. It stands where the thumb is and is read out;
/// without words it is where app.js says that there was no answer at all.
pub fn answer(words: Option<&str>) -> Markup {
    html! {
        p #notice.refusal role="status" tabindex="-1" autofocus[words.is_some()] {
            @if let Some(words) = words { (icon::alert()) span { (words) } }
        }
    }
}

/// What a rule says, as a sentence: it begins and ends like one.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    sentence_end(&(first + letters.as_str()))
}

pub fn sentence_end(words: &str) -> String {
    let dot = if words.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{words}{dot}")
}

/// Why a form on the page was refused, beside it.
pub fn refusal(words: &str) -> Markup {
    html! { p.refusal role="alert" { (icon::alert()) span { (words) } } }
}

/// Why a form on a card was refused; its fields are described by it.
pub fn form_error(words: &str) -> Markup {
    html! { p #error.refusal role="alert" { (icon::alert()) span { (words) } } }
}

/// A page for everybody: sign-in and what can go wrong before it.
pub fn card(title: &str, main: Markup) -> Markup {
    document(
        title,
        html! {
            main #main.card tabindex="-1" {
                img src=(assets::url("icon.svg")) alt="" width="56" height="56";
                (main)
            }
        },
    )
}

/// A page for everybody to read.
pub fn sheet(title: &str, main: Markup) -> Markup {
    document(title, html! { main #main.sheet tabindex="-1" { (main) } })
}

/// Words with `code` in them.
pub fn marked(words: &str) -> Markup {
    html! {
        @for (place, part) in words.split('`').enumerate() {
            @if place % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// The page of a refusal or a fault, inside the shell when somebody is signed in.
pub fn error(status: StatusCode, frame: Option<&Frame>) -> Markup {
    let (title, advice) = match status {
        StatusCode::NOT_FOUND => {
            ("There is nothing here", "The link may be old, or the task belongs to another team.")
        }
        StatusCode::FORBIDDEN => {
            ("This is not yours to do", "Your role does not allow it. An admin can change that.")
        }
        StatusCode::MISDIRECTED_REQUEST => (
            "This is not the address of the inbox",
            "Open it by its own address, which its operator sets as TASK_INBOX_PUBLIC_URL.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::URI_TOO_LONG => {
            ("That was too long", "Go back, make it shorter and try again.")
        }
        status if status.is_server_error() => (
            "That did not work",
            "The fault is ours and has been logged. Nothing was changed; try again in a moment.",
        ),
        _ => ("That was not understood", "Go back, look at what you typed and try again."),
    };
    let body = html! {
        h1 { (title) }
        p { (advice) }
        p.code { "Error " (status.as_u16()) }
        p { a.button href="/" { "Go to the inbox" } }
    };
    match frame {
        Some(frame) => page(title, frame, html! { div.empty { (body) } }),
        None => card(title, body),
    }
}

/// What somebody sees whose role is too low.
pub fn role_needed(person: &Person, needed: Role) -> Markup {
    let title = "This is not yours to do";
    card(
        title,
        html! {
            h1 { (title) }
            p {
                "It needs " (needed.with_article()) ". You are signed in as " bdi { (person.name) } ", "
                (person.role.with_article()) ". An admin can change that."
            }
            p.code { "Error " (StatusCode::FORBIDDEN.as_u16()) }
            p { a.button href="/" { "Go to the inbox" } }
        },
    )
}

fn document(title: &str, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) " · Task inbox" }
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="theme-color" content="#f6f5f1" media="(prefers-color-scheme: light)";
                meta name="theme-color" content="#121615" media="(prefers-color-scheme: dark)";
                meta name="htmx-config" content=(HTMX_CONFIG);
                link rel="stylesheet" href=(assets::url("app.css"));
                link rel="icon" href=(assets::url("icon.svg")) type="image/svg+xml";
                link rel="apple-touch-icon" href=(assets::url("icon-180.png"));
                link rel="manifest" href="/manifest.webmanifest";
                script src=(assets::url("htmx.min.js")) defer {}
                script src=(assets::url("app.js")) defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (body)
            }
        }
    }
}

fn tabs(frame: &Frame) -> Markup {
    let current = |tab| (frame.tab == tab).then_some("page");
    html! {
        nav #tabs aria-label="Main" {
            a href="/" aria-current=[current(Tab::Inbox)] {
                (icon::inbox()) span { "Inbox" }
                @if frame.open > 0 { span.count { (frame.open) } }
            }
            a href="/done" aria-current=[current(Tab::Done)] { (icon::done()) span { "Done" } }
            details.account {
                summary { (icon::account()) span { "Account" } }
                div {
                    p { "Signed in as " strong dir="auto" { (frame.person) } }
                    a.button href="/account" { "Account and devices" }
                    @if frame.admin {
                        a.button href="/deliveries" { "Webhooks" }
                        a.button href="/audit" { "Audit log" }
                    }
                    form method="post" action="/logout" { button { "Sign out" } }
                }
            }
        }
    }
}

fn banners(banners: &[String]) -> Markup {
    html! {
        @for banner in banners {
            p.banner {
                (icon::key())
                @match banner.split_once("Run: ") {
                    Some((words, command)) => { span { (words) "Run " code { (command) } } }
                    None => { span { (banner) } }
                }
            }
        }
    }
}
