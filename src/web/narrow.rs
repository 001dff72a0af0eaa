//! What a list is narrowed to: it stands in its address, in the form that changes
//! it, and in the link to the next page.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

use crate::task::Choices;

#[derive(Debug, Default, Deserialize)]
pub struct Narrowed {
    #[serde(flatten)]
    pub filter: Filter,
    /// Where the page begins.
    pub after: Option<String>,
}

/// As SQL takes it: what is not asked for is absent.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
pub struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// me, nobody, or a name
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub late: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

impl Filter {
    /// A form sends what was left empty too.
    pub fn tidy(mut self) -> Filter {
        for field in [
            &mut self.schema,
            &mut self.r#type,
            &mut self.state,
            &mut self.assignee,
            &mut self.late,
            &mut self.snoozed,
            &mut self.q,
        ] {
            *field = field.take().filter(|text| !text.trim().is_empty());
        }
        // A state is one of a type.
        self.state = self.state.filter(|_| self.r#type.is_some());
        self
    }

    fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("schema", &self.schema),
            ("type", &self.r#type),
            ("state", &self.state),
            ("assignee", &self.assignee),
            ("late", &self.late),
            ("snoozed", &self.snoozed),
            ("q", &self.q),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    /// Schema and type, if both were chosen.
    pub fn only(&self) -> Option<(&str, &str)> {
        self.schema.as_deref().zip(self.r#type.as_deref())
    }

    pub fn is_empty(&self) -> bool {
        self.pairs().next().is_none()
    }

    /// Whether more is asked for than a type.
    pub fn is_search(&self) -> bool {
        self.pairs().any(|(name, _)| !matches!(name, "schema" | "type"))
    }

    /// The same for another type, or for all; a state belongs to one type.
    pub fn of_type(&self, only: Option<(&str, &str)>) -> Filter {
        Filter {
            schema: only.map(|(schema, _)| schema.to_owned()),
            r#type: only.map(|(_, ttype)| ttype.to_owned()),
            state: None,
            ..self.clone()
        }
    }

    pub fn address(&self, path: &str, after: Option<&str>) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.pairs()).extend_pairs(after.map(|after| ("after", after)));
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// The search field, and the rest folded under it; open while some of it is on.
pub fn form(path: &str, filter: &Filter, choices: &Choices) -> Markup {
    let of_done = path == "/done";
    let folded = [&filter.state, &filter.assignee, &filter.late, &filter.snoozed];
    html! {
        search {
            form.narrow action=(path) {
                @if let Some((schema, ttype)) = filter.only() {
                    input type="hidden" name="schema" value=(schema);
                    input type="hidden" name="type" value=(ttype);
                }
                div.find {
                    label.unseen for="q" { "Search" }
                    input #q name="q" type="search" value=[filter.q.as_deref()] placeholder="Search" maxlength="200"
                        autocomplete="off" enterkeyhint="search" dir="auto";
                    button { "Search" }
                }
                details.verb open[folded.iter().any(|one| one.is_some())] {
                    summary { "Filter" }
                    div {
                        (whose(filter, choices))
                        @if filter.only().is_some() { (states(filter, choices, of_done)) }
                        (tick("late", "Late", filter.late.is_some()))
                        @if !of_done { (tick("snoozed", "Snoozed", filter.snoozed.is_some())) }
                        button { "Show" }
                    }
                }
                @if filter.is_search() {
                    a.button href=(Filter::default().of_type(filter.only()).address(path, None)) { "Clear" }
                }
            }
        }
    }
}

fn whose(filter: &Filter, choices: &Choices) -> Markup {
    let chosen = filter.assignee.as_deref();
    let known = chosen.is_none_or(|name| {
        matches!(name, "me" | "nobody") || choices.assignees.iter().any(|one| one == name)
    });
    html! {
        label for="assignee" { "Assigned to" }
        select #assignee name="assignee" {
            option value="" { "Anybody or nobody" }
            option value="me" selected[chosen == Some("me")] { "Me" }
            option value="nobody" selected[chosen == Some("nobody")] { "Nobody" }
            @for person in &choices.assignees {
                option value=(person) selected[chosen == Some(person.as_str())] { (person) }
            }
            @if let Some(name) = chosen.filter(|_| !known) { option value=(name) selected { (name) } }
        }
    }
}

fn states(filter: &Filter, choices: &Choices, resolved: bool) -> Markup {
    html! {
        label for="state" { "State" }
        select #state name="state" {
            option value="" { "Any" }
            @for state in choices.states.iter().filter(|state| state.resolved == resolved) {
                option value=(state.name) selected[filter.state.as_ref() == Some(&state.name)] { (state.label) }
            }
        }
    }
}

fn tick(name: &str, label: &str, is_on: bool) -> Markup {
    html! {
        label.tick { input type="checkbox" name=(name) value="yes" checked[is_on]; span { (label) } }
    }
}
