//! Times as people read them. The server does not know the reader's zone, so
//! ages are relative, the rest is UTC, and app.js turns clocks to local time.

use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Older than this, a date says more than a number of days.
const FORTNIGHT: i64 = 14 * DAY;

/// "4 min", with the exact time to hover and for machines.
pub fn age(at: Timestamp, now: Timestamp) -> Markup {
    html! { time.age datetime=(machine(at)) title=(absolute(at)) { (age_words(at, now)) } }
}

/// "4 min ago" in a sentence.
pub fn ago(at: Timestamp, now: Timestamp) -> Markup {
    let counted = (MINUTE..FORTNIGHT).contains(&(now.as_second() - at.as_second()));
    html! {
        time.age.ago datetime=(machine(at)) title=(absolute(at)) { (age_words(at, now)) @if counted { " ago" } }
    }
}

/// "in 56 min", "in 3 days"; of what is over "now".
pub fn until(at: Timestamp, now: Timestamp) -> String {
    match at.as_second() - now.as_second() {
        ..1 => "now".to_owned(),
        1..MINUTE => "in under a minute".to_owned(),
        seconds => format!("in {}", span(seconds)),
    }
}

/// "14:05 UTC" today, else with the day.
pub fn clock(at: Timestamp, now: Timestamp) -> Markup {
    let format = if same_day(at, now) { "%H:%M UTC" } else { "%-d %b, %H:%M UTC" };
    html! { time.clock datetime=(machine(at)) title=(absolute(at)) { (at.strftime(format)) } }
}

/// "14:05:08 UTC", where a minute is too rough.
pub fn second(at: Timestamp, now: Timestamp) -> Markup {
    let format = if same_day(at, now) { "%H:%M:%S UTC" } else { "%-d %b, %H:%M:%S UTC" };
    html! { time.clock.second datetime=(machine(at)) title=(absolute(at)) { (at.strftime(format)) } }
}

fn same_day(at: Timestamp, now: Timestamp) -> bool {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    day(at) == day(now)
}

/// "22 Nov 2026, 14:05 UTC"
pub fn absolute(at: Timestamp) -> String {
    at.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// As an input of a form takes it, in UTC.
pub fn local(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M").to_string()
}

pub fn machine(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// How long something took: "under 0.1 s", "0.3 s", "12 s", "4 min".
pub fn took(from: Timestamp, to: Timestamp) -> String {
    match to.as_millisecond() - from.as_millisecond() {
        ..100 => "under 0.1 s".to_owned(),
        milliseconds => roughly(milliseconds),
    }
}

/// How long something took that was measured exactly: "12 ms", then as above.
pub fn measured(milliseconds: i64) -> String {
    match milliseconds {
        ..100 => format!("{} ms", milliseconds.max(0)),
        _ => roughly(milliseconds),
    }
}

fn roughly(milliseconds: i64) -> String {
    match milliseconds {
        ..10_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
        10_000..60_000 => format!("{} s", milliseconds / 1000),
        _ => span(milliseconds / 1000),
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        ..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..DAY => format!("{} h", seconds / HOUR),
        _ if seconds / DAY == 1 => "1 day".to_owned(),
        _ => format!("{} days", seconds / DAY),
    }
}

fn age_words(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - at.as_second();
    let year = |at: Timestamp| at.to_zoned(TimeZone::UTC).year();
    match seconds {
        ..MINUTE => "just now".to_owned(),
        MINUTE..FORTNIGHT => span(seconds),
        _ if year(at) == year(now) => at.strftime("%-d %b").to_string(),
        _ => at.strftime("%-d %b %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_as_short_as_it_can_be() {
        let now: Timestamp = "2026-11-22T14:05:00Z".parse().unwrap();
        for (at, short, sentence) in [
            ("2026-11-22T14:05:30Z", "just now", "just now"),
            ("2026-11-22T14:04:01Z", "just now", "just now"),
            ("2026-11-22T14:04:00Z", "1 min", "1 min ago"),
            ("2026-11-22T13:05:01Z", "59 min", "59 min ago"),
            ("2026-11-22T13:05:00Z", "1 h", "1 h ago"),
            ("2026-11-21T14:05:01Z", "23 h", "23 h ago"),
            ("2026-11-21T14:05:00Z", "1 day", "1 day ago"),
            ("2026-11-08T14:05:01Z", "13 days", "13 days ago"),
            ("2026-11-08T14:05:00Z", "8 Nov", "8 Nov"),
            ("2025-12-31T23:59:59Z", "31 Dec 2025", "31 Dec 2025"),
        ] {
            let moment = at.parse().unwrap();
            assert_eq!(age_words(moment, now), short, "{at}");
            assert!(
                ago(moment, now).into_string().contains(&format!(">{sentence}</time>")),
                "{at}"
            );
        }
    }

    #[test]
    fn an_age_carries_its_exact_time() {
        let at = "2026-11-22T14:01:00.123Z".parse().unwrap();
        let now = "2026-11-22T14:05:00Z".parse().unwrap();
        assert_eq!(
            age(at, now).into_string(),
            r#"<time class="age" datetime="2026-11-22T14:01:00Z" title="22 Nov 2026, 14:01 UTC">4 min</time>"#
        );
    }

    #[test]
    fn a_duration_is_told_as_roughly_as_it_matters() {
        let from: Timestamp = "2026-11-22T14:00:00Z".parse().unwrap();
        for (milliseconds, words) in [
            (-5, "under 0.1 s"),
            (14, "under 0.1 s"),
            (340, "0.3 s"),
            (9_999, "9.9 s"),
            (12_000, "12 s"),
            (240_000, "4 min"),
            (90_000_000, "1 day"),
        ] {
            let to = from + jiff::SignedDuration::from_millis(milliseconds);
            assert_eq!(took(from, to), words, "{milliseconds}");
        }
    }
}
