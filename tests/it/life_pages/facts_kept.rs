//! Changing facts: what nobody meant to change stays, and nothing typed is lost
//! without a word.

use serde_json::json;

use super::facts::{Shop, mark};
use super::{has, lacks};

#[tokio::test]
async fn what_was_typed_for_a_fact_that_is_gone_is_said_and_not_lost() {
    let shop = Shop::open().await;
    let task = shop.post(json!({"code": "a", "note": "b"})).await;
    let seen = shop.desk.see(&format!("{task}/facts"), &shop.desk.ana).await;
    let (code, note) = (mark(&seen, "meta.code"), mark(&seen, "meta.note"));
    let gone = [("version", "1"), ("meta.code", ""), ("meta.note", "")];
    shop.change(&task, &shop.desk.bob, &gone, 303).await;

    // Of the two she touched one.
    let mine = [
        ("was.meta.code", code.as_str()),
        ("meta.code", "mine <b>"),
        ("was.meta.note", &note),
        ("meta.note", "b"),
        ("meta.amount", "60"),
    ];
    let page = shop.first(&task, &mine, 409).await;
    has(&page, &["“code”, for which you wrote “mine &lt;b&gt;”", "value=\"60\"", "value=\"2\""]);
    lacks(&page, &["“note”"]);
    assert_eq!(shop.desk.task(&task).await["version"], 2);
}

const MONEY: &str = "name: money
semver: '1'
tasktypes:
- name: refund
  fields:
  - {name: amount, label: Amount, kind: money, currency_from: /currency}
  - {name: customer, label: Customer, kind: json}
  - {name: customer/email, label: E-mail, kind: text}
  meta_schema: {properties: {customer: {properties: {email: {maxLength: 5}}}}}
  resolved_states: [{name: approve, label: Approve}]
";

#[tokio::test]
async fn an_amount_is_not_read_in_the_currency_that_was() {
    let shop = Shop::open().await;
    shop.desk.server.load(MONEY).await;
    let new = json!({"schema_name": "money", "meta": {"amount": 4000, "currency": "EUR"}});
    let task = shop.desk.post("refund", new).await;
    let both = [("meta.amount", "5000"), ("meta.currency", "JPY")];
    let page = shop.first(&task, &both, 422).await;
    has(&page, &["Amount was read in the old currency", "value=\"5000\"", "value=\"JPY\""]);

    shop.first(&task, &[("meta.currency", "JPY")], 303).await;
    let then = [("version", "2"), ("meta.amount", "5000"), ("meta.currency", "JPY")];
    shop.change(&task, &shop.desk.ana, &then, 303).await;
    assert_eq!(shop.desk.task(&task).await["meta"], json!({"amount": 5000, "currency": "JPY"}));
}

#[tokio::test]
async fn a_fact_without_a_place_is_refused_and_a_fault_stands_at_its_own_field() {
    let shop = Shop::open().await;
    let task = shop.post(json!({"customer": "eve"})).await;
    let page = shop.first(&task, &[("meta.customer/email", "eve@shop.example")], 422).await;
    has(&page, &["E-mail has no place: what it belongs to is no object."]);
    assert_eq!(shop.desk.task(&task).await["meta"]["customer"], "eve");

    shop.desk.server.load(MONEY).await;
    let new = json!({"schema_name": "money", "meta": {"customer": {"email": "e"}}});
    let task = shop.desk.post("refund", new).await;
    let page = shop.first(&task, &[("meta.customer/email", "too long")], 422).await;
    has(&page, &["Please look at: E-mail."]);
}

#[tokio::test]
async fn a_form_that_opens_can_be_saved() {
    let shop = Shop::open().await;
    let many: Vec<u8> = (0..10_000).map(|place| (place % 10) as u8).collect();
    let new = json!({
        "schema_name": "shop", "tags": ["Paris, France", "vip"],
        "meta": {"order": "", "amount": 4000, "many": many},
    });
    let task = shop.desk.post("refund", new).await;
    let page = shop.desk.see(&format!("{task}/facts"), &shop.desk.ana).await;
    has(&page, &["the app can change it: <bdi>many</bdi>.", "Paris, France\nvip</textarea>"]);
    // A browser would not send the empty text that is there.
    let order = page.split_once("name=\"meta.order\"").unwrap().1.split_once('>').unwrap().0;
    assert!(!order.contains("required"), "{order}");
    shop.first(&task, &[("tags", "Paris, France\r\nvip\r\neu"), ("meta.order", "")], 303).await;
    let changed = shop.desk.task(&task).await;
    assert_eq!(changed["tags"], json!(["Paris, France", "vip", "eu"]));
    assert_eq!(changed["meta"]["order"], "");
}
