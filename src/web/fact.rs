//! One fact of a task, shown by its kind. What does not fit its kind is shown
//! as it came: a person who decides must see what the application sent.

use jiff::{Timestamp, civil::Date};
use maud::{Markup, html};
use url::Url;

use super::{icon, time};
use crate::task::Fact;

/// All facts of a task.
pub fn list(facts: &[Fact]) -> Markup {
    html! {
        dl.facts {
            @for fact in facts {
                div.long[is_long(fact)] {
                    dt dir="auto" { (fact.label) }
                    dd { (hidden_or(fact, value(fact))) }
                }
            }
        }
    }
}

/// The first facts in a list: one line each and no links, the row is the link.
pub fn brief(facts: &[Fact]) -> Markup {
    html! {
        @if !facts.is_empty() {
            dl.brief {
                @for fact in facts {
                    div {
                        dt dir="auto" { (fact.label) }
                        dd dir="auto" { @if fact.blur { "hidden" } @else { (short(fact)) } }
                    }
                }
            }
        }
    }
}

/// The one gate for links from data: anything but http and https stays text,
/// because maud escapes attributes but not URL schemes.
pub fn safe_href(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

/// Too long to stand beside its label on a phone.
fn is_long(fact: &Fact) -> bool {
    matches!(fact.kind.as_str(), "json" | "url") || fact.preview || fact.text.len() > 80
}

fn hidden_or(fact: &Fact, value: Markup) -> Markup {
    html! {
        @if fact.blur {
            details { summary { "Show" span.unseen { (fact.label) } } (value) }
        } @else {
            (value)
        }
    }
}

fn value(fact: &Fact) -> Markup {
    if (fact.kind == "url" || fact.preview)
        && let Some(url) = safe_href(&fact.text)
    {
        return link(&url, &fact.text);
    }
    match fact.kind.as_str() {
        "json" => html! { pre dir="ltr" { (fact.text) } },
        "number" | "integer" | "money" | "date" | "datetime" => {
            html! { span.figure { (short(fact)) } }
        }
        _ => text(&short(fact)),
    }
}

/// A very long text begins folded, so that the buttons are not a minute away.
fn text(text: &str) -> Markup {
    const FOLDED: usize = 1200;
    let start = &text[..text.floor_char_boundary(FOLDED / 2)];
    html! {
        @if text.len() > FOLDED {
            p.text.start dir="auto" { (start) "…" }
            details {
                summary { "Show all " (text.chars().count()) " characters" }
                p.text dir="auto" { (text) }
            }
        } @else {
            p.text dir="auto" { (text) }
        }
    }
}

fn link(url: &Url, text: &str) -> Markup {
    html! {
        a.outside href=(url) target="_blank" rel="noreferrer noopener" {
            span { (text) } (icon::outside())
            span.unseen { " (opens in a new tab)" }
        }
    }
}

/// The fact as one piece of text.
fn short(fact: &Fact) -> String {
    let text = fact.text.trim();
    let told = match fact.kind.as_str() {
        "checkbox" => match text {
            "true" | "yes" => Some("Yes".to_owned()),
            "false" | "no" => Some("No".to_owned()),
            _ => None,
        },
        "date" => text.parse::<Date>().ok().map(|date| date.strftime("%-d %b %Y").to_string()),
        "datetime" => text.parse::<Timestamp>().ok().map(time::absolute),
        _ => None,
    };
    told.unwrap_or_else(|| fact.text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        for (text, safe) in [
            ("https://shop.example/orders/104", true),
            ("http://localhost:5001/scan.png", true),
            ("HTTPS://SHOP.EXAMPLE/", true),
            ("  https://shop.example/ ", true),
            ("javascript:alert(1)", false),
            ("JaVaScRiPt:alert(1)", false),
            (" java\nscript:alert(1)", false),
            ("data:text/html,<script>alert(1)</script>", false),
            ("vbscript:msgbox(1)", false),
            ("file:///etc/passwd", false),
            ("mailto:bob@shop.example", false),
            ("//shop.example/", false),
            ("/tasks/1", false),
            ("shop.example", false),
            ("https://", false),
            ("", false),
        ] {
            assert_eq!(safe_href(text).is_some(), safe, "{text:?}");
        }
    }

    #[test]
    fn what_does_not_fit_its_kind_is_shown_as_it_came() {
        for (kind, text, shown) in [
            // SQL has written it out already.
            ("money", "40.00 EUR", "40.00 EUR"),
            ("checkbox", "yes", "Yes"),
            ("checkbox", "maybe", "maybe"),
            ("date", "2026-11-03", "3 Nov 2026"),
            ("date", "tomorrow", "tomorrow"),
            ("datetime", "2026-11-03T10:00:00+01:00", "3 Nov 2026, 09:00 UTC"),
            ("text", " two\nlines ", " two\nlines "),
        ] {
            let fact = Fact {
                name: "fact".into(),
                label: "Fact".into(),
                kind: kind.into(),
                preview: false,
                blur: false,
                text: text.into(),
            };
            assert_eq!(short(&fact), shown, "{kind} {text:?}");
        }
    }
}
