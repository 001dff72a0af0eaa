//! What lies beside the facts of a task: files, the reports behind it, and what is
//! to be seen to before one decides.

use jiff::Timestamp;
use maud::{Markup, html};
use uuid::Uuid;

use super::{fact, icon, time};
use crate::task::{Attachment, Item, Member, TaskPage};

/// Links only: nothing is fetched before somebody asks for it.
pub fn files(files: &[Attachment]) -> Markup {
    html! {
        @if !files.is_empty() {
            section.files {
                h2 { "Attachments" }
                ul {
                    @for file in files {
                        li {
                            @if let Some(url) = fact::safe_href(&file.url) {
                                a.outside href=(url) target="_blank" rel="noreferrer noopener" {
                                    span dir="auto" { (file.name) } (icon::outside())
                                    span.unseen { " (opens in a new tab)" }
                                }
                            } @else {
                                span dir="auto" { (file.name) }
                            }
                            @if let Some(kind) = &file.media_type {
                                " " span.hint { (kind) @if let Some(size) = file.size { ", " (bytes(size)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One answer is for all of them, so what differs is shown.
pub fn reports(task: &TaskPage, now: Timestamp) -> Markup {
    let count = task.row.merged_count + 1;
    html! {
        @if task.row.merged_count > 0 {
            section.reports {
                h2 { (count) " reports" }
                p.hint { "One answer settles them all. Every application hears of its own." }
                ol {
                    @for member in &task.members { (report(member, now)) }
                }
                @if task.members.len() < task.row.merged_count.unsigned_abs() as usize {
                    p.hint { "The newest of them are not listed." }
                }
            }
        }
    }
}

fn report(member: &Member, now: Timestamp) -> Markup {
    html! {
        li {
            p {
                @if member.withdrawn { s { "Posted " (time::ago(member.posted_at, now)) } " (withdrawn)" }
                @else { "Posted " (time::ago(member.posted_at, now)) }
                @if let Some(from) = &member.posted_by { " by " bdi { (from) } }
                @if let Some(external) = &member.external_id { ", " bdi { (external) } }
                @if member.differs.is_empty() { ", with the same facts" }
            }
            @if !member.differs.is_empty() { (fact::list(&member.differs)) }
        }
    }
}

/// Within the form of the decision, so that a comment goes along with a tick.
pub fn checklist(id: Uuid, items: &[Item], may_tick: bool) -> Markup {
    html! {
        @if !items.is_empty() {
            section.checklist {
                h2 { "To see to" }
                ul { @for item in items { (to_do(id, item, may_tick)) } }
            }
        }
    }
}

fn to_do(id: Uuid, item: &Item, may_tick: bool) -> Markup {
    let label = item.label.as_deref().unwrap_or(&item.name);
    let done = item.done_at.is_some();
    html! {
        li data-done=[done.then_some("yes")] {
            span.what {
                (icon::ticked(done))
                span {
                    bdi { (label) }
                    span.unseen { @if done { " (done)" } @else { " (not done)" } }
                    @if let Some(person) = item.done_by.as_ref().filter(|_| done) { span.hint { " " bdi { (person.name) } } }
                    @else if item.required { span.hint { " needed" } }
                }
            }
            @if may_tick {
                button name="done" value=(!done) formaction={ "/tasks/" (id) "/actions/" (item.name) } formnovalidate {
                    @if done { "Not done" } @else { "Done" } span.unseen { ": " (label) }
                }
            }
        }
    }
}

/// "12 KB": how long it will take, not how many there are.
fn bytes(size: i64) -> String {
    match size {
        ..1_000 => format!("{size} bytes"),
        1_000..1_000_000 => format!("{} KB", size / 1_000),
        _ => format!("{}.{} MB", size / 1_000_000, size % 1_000_000 / 100_000),
    }
}
