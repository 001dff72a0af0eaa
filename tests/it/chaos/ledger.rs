//! What was acknowledged against what arrived and what is still owed.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use uuid::Uuid;

use super::inbox::Inbox;
use super::load::Decision;
use super::receiver::Arrival;

/// A row of reporting.deliveries and its event.
struct Delivery {
    id: String,
    task: Uuid,
    sequence: i64,
    decision: Decision,
    state: String,
    settled: bool,
    failures: i32,
}

pub struct Ledger {
    pub acknowledged: usize,
    /// Nobody was told that they happened, but they did.
    pub unanswered: usize,
    pub accepted: usize,
    pub owed: usize,
    pub failed: usize,
    pub duplicates: usize,
    pub requests: usize,
}

impl Inbox {
    /// Asserted and printed at the end of a case.
    pub async fn balance(
        &self,
        name: &str,
        acknowledged: &[Decision],
        unanswered: &[Decision],
    ) -> Ledger {
        let arrivals = self.receiver.arrivals();
        let deliveries = self.deliveries().await;
        assert_eq!(self.receiver.refused(), [""; 0], "requests that do not verify");
        assert!(!self.logs().contains("panicked"), "a server panicked");

        all_is_known(&deliveries, acknowledged, unanswered);
        let accepted = one_id_and_body_each(&arrivals, &deliveries);
        in_order(&arrivals, &deliveries);
        let waiting = |delivery: &&Delivery| !accepted.contains(delivery.id.as_str());
        for delivery in deliveries.iter().filter(waiting) {
            assert_ne!(delivery.state, "delivered", "{} was never accepted", delivery.id);
        }
        let owed = deliveries.iter().filter(waiting).filter(|delivery| !delivery.settled).count();
        let ledger = Ledger {
            acknowledged: acknowledged.len(),
            unanswered: deliveries.len() - acknowledged.len(),
            accepted: accepted.len(),
            owed,
            failed: deliveries.iter().filter(waiting).count() - owed,
            duplicates: arrivals.iter().filter(|arrival| arrival.accepted.is_some()).count()
                - accepted.len(),
            requests: arrivals.len(),
        };
        ledger.print(name, unanswered.len());
        assert_eq!(
            ledger.acknowledged + ledger.unanswered,
            ledger.accepted + ledger.owed + ledger.failed,
            "{name}: the ledger does not balance"
        );
        ledger
    }

    async fn deliveries(&self) -> Vec<Delivery> {
        let sql = "select delivery.event_id, delivery.task_id, delivery.sequence, event.to_state,
                     delivery.state, delivery.settled_at is not null, delivery.failures
                   from reporting.deliveries delivery
                   join reporting.events event on event.id = delivery.event_id";
        let rows = self.client().await.query(sql, &[]).await.unwrap();
        let delivery = rows.iter().map(|row| Delivery {
            id: format!("evt_{}", row.get::<_, Uuid>(0).simple()),
            task: row.get(1),
            sequence: row.get::<_, i32>(2).into(),
            decision: (row.get(1), row.get(3)),
            state: row.get(4),
            settled: row.get(5),
            failures: row.get(6),
        });
        delivery.collect()
    }
}

/// Nothing is lost, and nothing is there that nobody asked for.
fn all_is_known(deliveries: &[Delivery], acknowledged: &[Decision], unanswered: &[Decision]) {
    let kept: HashSet<&Decision> = deliveries.iter().map(|delivery| &delivery.decision).collect();
    assert_eq!(kept.len(), deliveries.len(), "a decision is owed twice");
    let lost: Vec<_> = acknowledged.iter().filter(|decision| !kept.contains(decision)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let asked: HashSet<&Decision> = acknowledged.iter().chain(unanswered).collect();
    let invented: Vec<_> = kept.difference(&asked).collect();
    assert!(invented.is_empty(), "nobody asked for {invented:?}");
}

/// The ids that were accepted. A repeated request has the same id and body, and
/// nothing is sent that was not committed.
fn one_id_and_body_each<'a>(arrivals: &'a [Arrival], deliveries: &[Delivery]) -> HashSet<&'a str> {
    let owed: HashMap<&str, &Delivery> =
        deliveries.iter().map(|delivery| (delivery.id.as_str(), delivery)).collect();
    let mut bodies = HashMap::new();
    for arrival in arrivals {
        let delivery = owed.get(arrival.id.as_str());
        let delivery = delivery.unwrap_or_else(|| panic!("sent, but not kept: {arrival:?}"));
        assert_eq!((arrival.task, arrival.sequence), (delivery.task, delivery.sequence));
        assert_eq!(arrival.state, delivery.decision.1);
        let first = bodies.entry(&arrival.id).or_insert(arrival.body);
        assert_eq!(*first, arrival.body, "{} came with another body", arrival.id);
    }
    let accepted = arrivals.iter().filter(|arrival| arrival.accepted.is_some());
    accepted.map(|arrival| arrival.id.as_str()).collect()
}

/// An event is first sent after all earlier ones of its task were accepted,
/// except those that had failed three times.
fn in_order(arrivals: &[Arrival], deliveries: &[Delivery]) {
    let mut began: HashMap<&str, Instant> = HashMap::new();
    let mut accepted: HashMap<&str, Instant> = HashMap::new();
    for arrival in arrivals {
        began.entry(&arrival.id).or_insert(arrival.at);
        if let Some(at) = arrival.accepted {
            let first = accepted.entry(&arrival.id).or_insert(at);
            *first = at.min(*first);
        }
    }
    let mut chains: BTreeMap<(Uuid, i64), &Delivery> = BTreeMap::new();
    for delivery in deliveries {
        chains.insert((delivery.task, delivery.sequence), delivery);
    }
    let chains: Vec<&Delivery> = chains.into_values().collect();
    for pair in chains.windows(2).filter(|pair| pair[0].task == pair[1].task) {
        let (earlier, later) = (pair[0], pair[1]);
        let Some(later_began) = began.get(later.id.as_str()) else { continue };
        let in_turn = accepted.get(earlier.id.as_str()).is_some_and(|at| at <= later_began);
        assert!(
            in_turn || earlier.failures >= 3,
            "{} of task {} came before {}",
            later.sequence,
            later.task,
            earlier.sequence
        );
    }
}

impl Ledger {
    fn print(&self, name: &str, asked: usize) {
        eprintln!("\n{name}");
        for (what, count) in [
            ("decisions acknowledged", self.acknowledged),
            ("decisions without an answer", asked),
            ("  of which were taken", self.unanswered),
            ("accepted by the receiver", self.accepted),
            ("still owed", self.owed),
            ("failed", self.failed),
            ("requests in all", self.requests),
            ("accepted again, same id", self.duplicates),
        ] {
            eprintln!("  {what:<32}{count:>9}");
        }
    }
}

/// A line below a ledger, for what was measured on the way.
pub fn note(what: &str, value: impl std::fmt::Display) {
    eprintln!("  {what:<32}{value:>9}");
}
