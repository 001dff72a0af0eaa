//! Which keys a schema file may have, and which of them this version acts on.

pub use super::reserved_keys::{
    CALENDAR, CC, ETA, EVENT, HOLIDAY, NOTIFY, PUBLIC, QUESTION, RETENTION, ROTA, SLO,
};

/// How soon people should look.
pub const LEVELS: &[&str] = &["low", "normal", "high", "critical"];

/// Of a fact and of an input.
pub const KINDS: &[&str] = &[
    "text",
    "long_text",
    "number",
    "integer",
    "money",
    "select",
    "checkbox",
    "date",
    "datetime",
    "url",
    "email",
    "json",
];

/// The keys of one kind of mapping.
pub struct Level {
    /// Where it stands, as in [`NOT_YET`].
    pub path: &'static str,
    pub noun: &'static str,
    pub keys: &'static [&'static str],
    pub required: &'static [&'static str],
}

pub const TOP: Level = Level {
    path: "",
    noun: "the schema",
    keys: &[
        "name",
        "semver",
        "label",
        "default_hook_url",
        "hook_auth",
        "retention",
        "calendars",
        "rotas",
        "tasktypes",
    ],
    required: &["name", "semver", "tasktypes"],
};

pub const HOOK_AUTH: Level = Level {
    path: "hook_auth.",
    noun: "\"hook_auth\"",
    keys: &["kind", "val"],
    required: &["kind"],
};

pub const TASK_TYPE: Level = Level {
    path: "tasktypes[].",
    noun: "a task type",
    keys: &[
        "name",
        "label",
        "description",
        "title",
        "fields",
        "meta_schema",
        "pending_states",
        "resolved_states",
        "initial_state",
        "paused_states",
        "hook_url",
        "webhooks",
        "urgency",
        "respond_within",
        "on_expire",
        "undo_seconds",
        "reopen",
        "claim_for",
        "assign",
        "candidates",
        "merge",
        "events",
        "actions",
        "questions",
        "cc",
        "notify",
        "public",
        "eta",
        "slo",
    ],
    required: &["name", "resolved_states"],
};

pub const FIELD: Level = Level {
    path: "tasktypes[].fields[].",
    noun: "a field",
    keys: &["name", "label", "kind", "currency", "currency_from", "required", "preview", "blur"],
    required: &["name"],
};

pub const STATE: Level = Level {
    path: "tasktypes[].*_states[].",
    noun: "a state",
    keys: &[
        "name",
        "label",
        "outcome",
        "style",
        "confirm",
        "args",
        "reasons",
        "comment",
        "only_from",
    ],
    required: &["name"],
};

pub const URGENCY: Level = Level {
    path: "tasktypes[].urgency.",
    noun: "\"urgency\"",
    keys: &["default", "rules"],
    required: &[],
};

pub const RULE: Level = Level {
    path: "tasktypes[].urgency.rules[].",
    noun: "a rule",
    keys: &["when", "set"],
    required: &["when", "set"],
};

pub const META_SCHEMA: Level = Level {
    path: "tasktypes[].meta_schema.",
    noun: "\"meta_schema\"",
    keys: &[
        "type",
        "enum",
        "const",
        "required",
        "properties",
        "additionalProperties",
        "items",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
        "format",
        "title",
        "description",
        "default",
    ],
    required: &[],
};

pub const INPUT: Level = Level {
    path: "input.",
    noun: "an input",
    keys: &[
        "name",
        "kind",
        "label",
        "help",
        "required",
        "from",
        "default",
        "min",
        "max",
        "options",
        "currency",
        "currency_from",
    ],
    required: &["name", "kind"],
};

pub const OPTION: Level = Level {
    path: "input.options[].",
    noun: "an option",
    keys: &["value", "label"],
    required: &["value"],
};

pub const REASON: Level = Level {
    path: "tasktypes[].*_states[].reasons[].",
    noun: "a reason",
    keys: &["name", "label", "text"],
    required: &["name"],
};

pub const ASSIGN: Level = Level {
    path: "tasktypes[].assign.",
    noun: "\"assign\"",
    keys: &["to", "round_robin", "rota"],
    required: &[],
};

pub const MERGE: Level =
    Level { path: "tasktypes[].merge.", noun: "\"merge\"", keys: &["key"], required: &["key"] };

pub const ACTION: Level = Level {
    path: "tasktypes[].actions[].",
    noun: "an action",
    keys: &[
        "name",
        "label",
        "present",
        "required",
        "once",
        "manual",
        "url",
        "args",
        "confirm",
        "after_settled",
    ],
    required: &["name"],
};

/// Keys of the grammar that do nothing yet. Their use is refused, so that
/// nobody believes in a copy that is never sent.
pub const NOT_YET: &[&str] = &[
    "retention",
    "calendars",
    "rotas",
    "tasktypes[].assign.rota",
    "tasktypes[].events",
    "tasktypes[].questions",
    "tasktypes[].cc",
    "tasktypes[].notify",
    "tasktypes[].public",
    "tasktypes[].eta",
    "tasktypes[].slo",
];

impl Level {
    pub fn acts_on(&self, key: &str) -> bool {
        !NOT_YET.iter().any(|path| path.strip_prefix(self.path) == Some(key))
    }

    /// The key that was probably meant by one that does not exist.
    pub fn nearest(&self, unknown: &str) -> Option<&'static str> {
        let unknown = unknown.to_lowercase();
        // No key is that long; comparing would only cost time.
        if unknown.len() > 40 {
            return None;
        }
        let near = (unknown.len() / 3).clamp(1, 3);
        self.keys
            .iter()
            .map(|key| (distance(&unknown, key), *key))
            .filter(|(distance, _)| *distance <= near)
            .min()
            .map(|(_, key)| key)
    }
}

/// How many letters must be put in, left out or changed (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.chars().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[row.len() - 1]
}
