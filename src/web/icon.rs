//! The few icons, drawn inline: no request, and they take the text's colour.
//! The paths are lucide's (ISC, see assets/README.md).

use maud::{Markup, html};

fn icon(strokes: Markup) -> Markup {
    html! { svg.icon viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" { (strokes) } }
}

pub fn inbox() -> Markup {
    icon(html! {
        path d="M22 12h-6l-2 3h-4l-2-3H2" {}
        path d="M5.45 5.11 2 12v6a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2v-6l-3.45-6.89A2 2 0 0 0 16.76 4H7.24a2 2 0 0 0-1.79 1.11z" {}
    })
}

pub fn done() -> Markup {
    icon(html! {
        circle cx="12" cy="12" r="10" {}
        path d="m16 9-5.5 5.5L8 12" {}
    })
}

pub fn account() -> Markup {
    icon(html! {
        path d="M17.925 20.056a6 6 0 0 0-11.851.001" {}
        circle cx="12" cy="11" r="4" {}
        circle cx="12" cy="12" r="10" {}
    })
}

pub fn back() -> Markup {
    icon(html! { path d="m15 18-6-6 6-6" {} })
}

pub fn outside() -> Markup {
    icon(html! {
        path d="M15 3h6v6" {}
        path d="M10 14 21 3" {}
        path d="M18 13v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h6" {}
    })
}

pub fn alert() -> Markup {
    icon(html! {
        path d="m21.73 18-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3" {}
        path d="M12 9v4" {}
        path d="M12 17h.01" {}
    })
}

pub fn undo() -> Markup {
    icon(html! {
        path d="M9 14 4 9l5-5" {}
        path d="M4 9h10.5a5.5 5.5 0 0 1 0 11H11" {}
    })
}

pub fn key() -> Markup {
    icon(html! {
        path d="M2.586 17.414A2 2 0 0 0 2 18.828V21a1 1 0 0 0 1 1h3a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h1a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h.172a2 2 0 0 0 1.414-.586l.814-.814a6.5 6.5 0 1 0-4-4z" {}
        circle cx="16.5" cy="7.5" r=".5" {}
    })
}

/// How a task went, said by shape and not only by colour.
pub fn outcome(outcome: Option<&str>) -> Markup {
    icon(match outcome {
        Some("positive") => html! { path d="M20 6 9 17l-5-5" {} },
        Some("negative") => html! { path d="M18 6 6 18" {} path d="m6 6 12 12" {} },
        _ => html! { path d="M5 12h14" {} },
    })
}

/// A box, ticked or not.
pub fn ticked(done: bool) -> Markup {
    icon(html! {
        rect width="18" height="18" x="3" y="3" rx="2" {}
        @if done { path d="m9 12 2 2 4-4" {} }
    })
}
