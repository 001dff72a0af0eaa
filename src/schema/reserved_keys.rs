//! The keys within those that this version does not act on.

use super::keys::Level;

pub const RETENTION: Level = Level {
    path: "retention.",
    noun: "\"retention\"",
    keys: &["meta", "tasks", "attachments"],
    required: &[],
};

pub const CALENDAR: Level = Level {
    path: "calendars.*.",
    noun: "a calendar",
    keys: &["tz", "hours", "holidays"],
    required: &["tz", "hours"],
};

pub const HOLIDAY: Level = Level {
    path: "calendars.*.holidays[].",
    noun: "a holiday",
    keys: &["day", "hours"],
    required: &["day"],
};

pub const ROTA: Level =
    Level { path: "rotas.*.", noun: "a rota", keys: &["ical", "overrides"], required: &["ical"] };

pub const EVENT: Level = Level {
    path: "tasktypes[].events.*.",
    noun: "an event",
    keys: &["by", "data", "merge_meta", "state", "label"],
    required: &[],
};

pub const QUESTION: Level = Level {
    path: "tasktypes[].questions.*.",
    noun: "a question",
    keys: &["title", "form", "while_waiting", "on_submit", "expires"],
    required: &["title", "form"],
};

pub const CC: Level = Level {
    path: "tasktypes[].cc[].",
    noun: "a copy",
    keys: &["url", "email", "webhooks", "include_meta"],
    required: &[],
};

pub const NOTIFY: Level = Level {
    path: "tasktypes[].notify.",
    noun: "\"notify\"",
    keys: &["actions", "lock_screen"],
    required: &[],
};

pub const PUBLIC: Level = Level {
    path: "tasktypes[].public.",
    noun: "\"public\"",
    keys: &["status", "stats", "title", "states", "fields", "due"],
    required: &[],
};

pub const ETA: Level =
    Level { path: "tasktypes[].eta.", noun: "\"eta\"", keys: &["features"], required: &[] };

pub const SLO: Level = Level {
    path: "tasktypes[].slo.",
    noun: "\"slo\"",
    keys: &["resolve_within", "calendar", "target", "window"],
    required: &[],
};
