//! What people look at, beside very many tasks; and programs that wait.

use std::time::Duration;

use anyhow::{Result, ensure};
use task_inbox::token;
use tokio::time::Instant;

use crate::inbox::{Inbox, SCHEMA, TYPE};
use crate::life::{self, WAITERS};
use crate::receiver::Receiver;
use crate::wire::Wire;
use crate::{Plan, process, say};

const LOOKS: usize = 60;

pub struct Looks {
    pub open: usize,
    pub settled: usize,
    /// From a decision's answer to that of who waited for it; sorted.
    pub waiters: Vec<Duration>,
    /// Of the server while they wait, at most.
    pub memory: Option<u64>,
    /// By path; sorted.
    pub pages: Vec<(&'static str, Vec<Duration>)>,
}

const PAGES: [&str; 5] = ["/", "/?q=watches+bob42", "/?assignee=me", "/?late=yes", "/done"];

pub async fn measure(plan: &Plan, inbox: &Inbox, receiver: &Receiver) -> Result<Looks> {
    say("readers who wait");
    let waiters = life::waiters(inbox, receiver).await?;
    let memory = process::peak(inbox.pid);
    say("pages beside very many tasks");
    fill(inbox, plan.open, false).await?;
    // Those that were waited for are settled too.
    fill(inbox, plan.settled - WAITERS, true).await?;
    inbox.db.run("analyze app.task", &[]).await?;
    let cookie = sign_in(inbox).await?;

    let mut pages = Vec::new();
    for path in PAGES {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\ncookie: ti={cookie}\r\ncontent-length: 0\r\n\r\n",
            inbox.address
        );
        let mut wire = Wire::connect(inbox.address).await?;
        let mut took = Vec::new();
        for _ in 0..LOOKS {
            let asked = Instant::now();
            let status = wire.status_of(request.as_bytes()).await?;
            ensure!(status == 200, "{path} was answered with {status}");
            took.push(asked.elapsed());
        }
        took.sort();
        pages.push((path, took));
    }
    Ok(Looks { open: plan.open, settled: plan.settled, waiters, memory, pages })
}

/// Rows alone: a history is not looked at here.
async fn fill(inbox: &Inbox, count: usize, settled: bool) -> Result<()> {
    let sql = "insert into app.task (
                 task_type_id, schema_name, schema_version, ttype, title, resolved_at, resolved_by, resolution, state,
                 meta, digest, urgency, posted_at, posted_by, request_hash, respond_by, assignee, search)
               select type.id, $1, '2', $2, 'Buy cheap watches! ' || n,
                 case when $4 then now() - n * interval '1 second' end,
                 case when $4 then '{\"kind\": \"sql\", \"id\": \"b\", \"name\": \"b\"}'::jsonb end,
                 case when $4 then 'decided' end, case when $4 then 'allow' end,
                 jsonb_build_object('post', 'Buy cheap watches! Only today, only here.', 'author', 'bob' || n % 1000),
                 md5(n::text), (enum_range(null::app.urgency))[1 + n % 4], now() - n * interval '2 seconds',
                 '{\"kind\": \"sql\", \"id\": \"b\", \"name\": \"b\"}', sha256(n::text::bytea),
                 case when n % 5 = 0 then now() + (n % 7 - 3) * interval '1 hour' end,
                 case when n % 3 = 0 then 'admin' end,
                 to_tsvector('simple', 'Buy cheap watches ' || n || ' bob' || n % 1000)
               from generate_series($3::int, $5::int) n
               cross join (
                 select type.id from app.task_type type where type.name = $2 order by type.id desc limit 1) type";
    for first in (1..=count).step_by(50_000) {
        let last = (first + 49_999).min(count) as i32;
        inbox.db.run(sql, &[&SCHEMA, &TYPE, &(first as i32), &settled, &last]).await?;
    }
    Ok(())
}

async fn sign_in(inbox: &Inbox) -> Result<String> {
    let token = token::random_token();
    inbox
        .db
        .run(
            "select inbox_internal.start_session(person.id, $1, 'bench', '127.0.0.1', 'link', null, null, $1)
             from app.person where person.name = 'admin'",
            &[&token::hash(&token)],
        )
        .await?;
    Ok(token)
}
