//! Changing what is known of a task: an input for each fact, and only what was
//! touched is changed.

use serde_json::{Value, json};

use super::{Desk, has, lacks};
use crate::hook::Hook;

const SHOP: &str = "name: shop
semver: '1'
default_hook_url: HOOK
tasktypes:
- name: refund
  label: Refund
  title: 'Refund for {order}'
  webhooks: [task.changed]
  fields:
  - {name: order, label: Order, kind: text, required: true}
  - {name: amount, label: Amount, kind: money, currency: EUR, required: true}
  - {name: paid, label: Paid, kind: datetime}
  - {name: due, label: Due, kind: date}
  - {name: vip, label: VIP, kind: checkbox}
  - {name: told, label: Told, kind: checkbox}
  - {name: iban, label: IBAN, blur: true}
  - {name: customer/email, label: E-mail, kind: email}
  - {name: items, label: Items, kind: json}
  meta_schema:
    properties:
      count: {type: integer, minimum: 1, maximum: 99, title: Parcels}
      size: {enum: [small, 3]}
      phone: {type: string, maxLength: 5}
      items: {type: array, items: {type: object, required: [sku]}}
  resolved_states: [{name: approve, label: Approve}]
  claim_for: 15m
";

pub struct Shop {
    pub desk: Desk,
    hook: Hook,
}

impl Shop {
    pub async fn open() -> Shop {
        let (desk, hook) = (Desk::open().await, Hook::start().await);
        desk.server.load(&SHOP.replace("HOOK", &hook.url)).await;
        desk.server.make_secret("shop").await;
        Shop { desk, hook }
    }

    pub async fn post(&self, meta: Value) -> String {
        let mut all = json!({"order": "007", "amount": 4000});
        all.as_object_mut().unwrap().extend(meta.as_object().unwrap().clone());
        let new = json!({"schema_name": "shop", "meta": all, "tags": ["eu", "vip"]});
        self.desk.post("refund", new).await
    }

    pub async fn change(
        &self,
        task: &str,
        who: &str,
        form: &[(&str, &str)],
        status: u16,
    ) -> String {
        self.desk.submit(&format!("{task}/facts"), who, form, status).await
    }

    /// By ana, who saw the first version.
    pub async fn first(&self, task: &str, form: &[(&str, &str)], status: u16) -> String {
        let form: Vec<_> = [("version", "1")].iter().chain(form).copied().collect();
        self.change(task, &self.desk.ana, &form, status).await
    }
}

/// The mark beside a field, which tells later that nobody touched it.
pub fn mark(page: &str, name: &str) -> String {
    let start = format!("name=\"was.{name}\" value=\"");
    page.split_once(&start).unwrap().1.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn who_changes_a_fact_changes_the_page_the_history_the_webhook_and_the_digest() {
    let shop = Shop::open().await;
    let task = shop.post(json!({"paid": "2026-11-03T10:00:05.250+01:00"})).await;
    let before = shop.desk.task(&task).await;
    has(
        &shop.desk.see(&task, &shop.desk.ana).await,
        &[&format!("{task}/facts"), "Change the facts…"],
    );

    let page = shop.desk.see(&format!("{task}/facts"), &shop.desk.ana).await;
    has(
        &page,
        &[
            "Amount (EUR)",
            "name=\"meta.amount\" type=\"text\" inputmode=\"decimal\" value=\"40.00\" required",
            "type=\"datetime-local\" step=\"any\" value=\"2026-11-03T09:00:05\"",
            "name=\"meta.due\" type=\"date\" value=\"\"",
            "<summary>Show <bdi>IBAN</bdi></summary>",
            "Parcels",
            "min=\"1\" max=\"99\"",
            "<option value=\"&quot;normal&quot;\" selected>Normal",
            "name=\"tags\" rows=\"3\"",
            "\neu\nvip</textarea>",
            "name=\"version\" value=\"1\"",
        ],
    );
    shop.first(&task, &[("meta.amount", "12.50"), ("meta.due", "2026-12-01")], 303).await;
    let after = shop.desk.task(&task).await;
    assert_eq!(after["meta"]["amount"], 1250);
    assert_eq!(after["meta"]["paid"], "2026-11-03T10:00:05.250+01:00");
    assert_ne!(after["digest"], before["digest"]);
    let step = shop.desk.last(&task).await;
    assert_eq!((&step["kind"], &step["via"]), (&json!("changed"), &json!("web")));
    assert_eq!(step["actor"]["name"], "ana");
    assert_eq!(step["args"], json!({"meta": {"amount": 1250, "due": "2026-12-01"}}));
    has(&shop.desk.see(&task, &shop.desk.eve).await, &["12.50 EUR", "1 Dec 2026"]);
    let told = shop.hook.received(1).await[0].json();
    assert_eq!(
        (&told["type"], &told["data"]["task"]["meta"]["amount"]),
        (&json!("task.changed"), &json!(1250))
    );
}

#[tokio::test]
async fn facts_keep_their_json_type_and_those_nobody_touched_every_digit() {
    let shop = Shop::open().await;
    let odd = json!({
        "customer": {"email": "eve@shop.example", "since": null}, "items": [{"sku": "a", "n": null}], "vip": true,
        "code": "007", "rate": 2, "size": "small", "a/b~c": "odd", "with \"quotes\" & spaces": "x", "🚀": "go",
        "version": "v1", "urgency": "u", "deep": {"x": {"gone": 1, "kept": null}}, "lines": "a\r\nb\rc", "flag": true});
    let task = shop.post(odd).await;
    let big = "99999999999999999999999999999999999999";
    let form = [
        ("filled", "yes"),
        ("meta.rate", big),
        ("meta.code", "008"),
        ("meta.size", "3"),
        ("meta.count", "3"),
        ("meta.vip", "true"),
        ("meta.told", "false"),
        ("meta.customer/email", "bob@shop.example"),
        ("meta.a/b~c", "even"),
        ("meta.with \"quotes\" & spaces", "y"),
        ("meta.🚀", "🛬"),
        ("meta.version", "v2"),
        ("meta.urgency", "w"),
        ("meta.deep", "{\"x\": {\"kept\": null, \"new\": 2.50}}"),
        // As a browser sends what nobody touched.
        ("meta.lines", "a\r\nb\r\nc"),
        ("meta.order", "007"),
        ("meta.nothing", "that is known"),
        ("nothing", "either"),
        ("urgency", "\"high\""),
        ("respond_by", "2040-01-01T10:30"),
        ("tags", " eu \r\n\r\nnew one\r\n"),
    ];
    shop.first(&task, &form, 303).await;
    let changed = shop.desk.task(&task).await;
    let asked = shop.desk.last(&task).await["args"].clone();
    assert_eq!(
        asked["meta"]["deep"],
        json!({"x": {"gone": null, "new": 2.50}}),
        "only what differs: {asked}"
    );
    for kept in ["order", "vip", "lines", "items", "nothing"] {
        assert_eq!(asked["meta"].get(kept), None, "{kept}: {asked}");
    }
    assert_eq!(changed["meta"]["lines"], "a\r\nb\rc");
    has(&shop.desk.see(&task, &shop.desk.eve).await, &[big]);
    for (name, value) in [
        ("code", json!("008")),
        ("size", json!(3)),
        ("count", json!(3)),
        ("told", json!(false)),
        ("flag", json!(false)),
        ("customer", json!({"email": "bob@shop.example", "since": null})),
        ("a/b~c", json!("even")),
        ("with \"quotes\" & spaces", json!("y")),
        ("🚀", json!("🛬")),
        ("version", json!("v2")),
        ("urgency", json!("w")),
    ] {
        assert_eq!(changed["meta"][name], value, "{name}");
    }
    assert_eq!(
        (&changed["urgency"], &changed["tags"]),
        (&json!("high"), &json!(["eu", "new one"]))
    );
    assert_eq!(changed["respond_by"], "2040-01-01T10:30:00+00:00");
}

#[tokio::test]
async fn what_is_emptied_is_taken_away() {
    let shop = Shop::open().await;
    let customer = json!({"email": "eve@shop.example", "since": null});
    let task = shop.post(json!({"code": "a", "deep": {"b": 1}, "customer": customer})).await;
    shop.first(&task, &[("respond_by", "2040-01-01T10:30")], 303).await;
    let form = [
        ("version", "2"),
        ("meta.code", ""),
        ("meta.customer/email", ""),
        ("meta.deep", " "),
        ("respond_by", ""),
        ("tags", ""),
    ];
    shop.change(&task, &shop.desk.ana, &form, 303).await;
    let changed = shop.desk.task(&task).await;
    assert_eq!(changed["meta"]["customer"], json!({"since": null}));
    for gone in ["code", "deep"] {
        assert_eq!(changed["meta"].get(gone), None, "{gone}");
    }
    assert_eq!((&changed["respond_by"], &changed["tags"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn what_nobody_changed_is_no_event() {
    let shop = Shop::open().await;
    let task = shop.post(json!({"rate": 12.50, "deep": {"a": null}})).await;
    for form in [
        &[][..],
        &[
            ("filled", "yes"),
            ("meta.order", "007"),
            ("meta.amount", "40.00"),
            ("urgency", "\"normal\""),
        ],
        // The same in other words.
        &[
            ("meta.amount", "40"),
            ("meta.rate", "12.500"),
            ("meta.deep", "{ \"a\":null}"),
            ("tags", "eu\r\nvip\r\n"),
        ],
        &[("was.meta.amount", "nonsense"), ("meta.amount", "40.00"), ("was.", ""), ("", "")],
    ] {
        shop.first(&task, form, 303).await;
    }
    let still = shop.desk.task(&task).await;
    assert_eq!((&still["version"], &still["sequence"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn what_does_not_fit_is_said_beside_its_field_and_nothing_typed_is_lost() {
    let shop = Shop::open().await;
    let task = shop.post(json!({"rate": 2, "deep": {"a": 1}, "items": []})).await;
    let page = shop
        .first(
            &task,
            &[
                ("meta.amount", "1,000"),
                ("meta.rate", "much"),
                ("meta.deep", "{\"a\": }"),
                ("meta.order", "<b>🚀 mine</b>"),
                ("meta.iban", "a\0b"),
            ],
            422,
        )
        .await;
    has(
        &page,
        &[
            "Not saved. Please look at: Amount, IBAN, deep, rate.",
            "Amount must be an amount such as 40.00.",
            "rate must be a number such as 12.5.",
            "deep is not JSON, line 1 column 7: expected value.",
            "IBAN has a character that no text may have (NUL).",
            "value=\"1,000\"",
            "{&quot;a&quot;: }",
            "value=\"&lt;b&gt;🚀 mine&lt;/b&gt;\"",
            "<details class=\"field\" open>",
        ],
    );
    lacks(&page, &["<b>🚀"]);

    // What only PostgreSQL knows.
    for (form, words) in [
        (("meta.order", " "), "Order is needed."),
        (("meta.count", "100"), "Parcels must be at most 99."),
        (("meta.size", "\"huge\""), "size must be one of these."),
        (("meta.due", "soon"), "Due must be a date such as"),
        (("meta.phone", "123456"), "phone must have 5 or fewer characters."),
        (("meta.items", "[{\"sku\": 1}, {}]"), "Items at /1/sku is required."),
        (("meta.deep", "{\"a\": null}"), "deep cannot get a member that is null; leave it out."),
        (("respond_by", "2020-01-01T00:00"), "Answer by must lie in the future."),
        (("respond_by", "soon"), "Answer by must be a time."),
    ] {
        let page = shop.first(&task, &[form], 422).await;
        has(&page, &[words, "Not saved. Please look at: ", "aria-invalid=\"true\""]);
    }
    assert_eq!(shop.desk.task(&task).await["version"], 1);

    let long = "ä🚀".repeat(5_000);
    shop.first(&task, &[("meta.order", &long)], 303).await;
    assert_eq!(shop.desk.task(&task).await["meta"]["order"], long.as_str());
    let all = "x".repeat(1024 * 1024);
    shop.change(&task, &shop.desk.ana, &[("version", "2"), ("meta.order", &all)], 413).await;
    for version in ["", "abc", "0", "-1", "99999999999"] {
        shop.change(&task, &shop.desk.ana, &[("version", version), ("meta.order", "x")], 422).await;
    }
    shop.change(&task, &shop.desk.ana, &[("meta.order", "x")], 422).await;
}

#[tokio::test]
async fn who_was_slower_keeps_what_they_typed_and_undoes_nothing_of_the_faster() {
    let shop = Shop::open().await;
    let task = shop.post(json!({"rate": 2, "code": "a"})).await;
    let seen = shop.desk.see(&format!("{task}/facts"), &shop.desk.ana).await;
    let marks =
        ["meta.order", "meta.amount", "meta.rate", "meta.code"].map(|name| mark(&seen, name));
    let form = |version: &'static str, typed: [&'static str; 4]| {
        let names = ["meta.order", "meta.amount", "meta.rate", "meta.code"];
        let marked = names.map(|name| format!("was.{name}")).into_iter().zip(marks.clone());
        let typed = names.map(str::to_owned).into_iter().zip(typed.map(str::to_owned));
        let first = ("version".to_owned(), version.to_owned());
        marked.chain(typed).chain([first]).collect::<Vec<_>>()
    };
    let theirs = [("version", "1"), ("meta.amount", "50"), ("meta.rate", "9")];
    shop.change(&task, &shop.desk.bob, &theirs, 303).await;

    // She changed the amount too, and the code; the rate is only what she saw.
    let mine = form("1", ["007", "60", "2", "mine"]);
    let mine: Vec<_> = mine.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let page = shop.change(&task, &shop.desk.ana, &mine, 412).await;
    has(
        &page,
        &[
            "bob changed this task while you looked. Your words are still here.",
            "Amount was changed meanwhile; now it is “50.00”.",
            "value=\"60\"",
            "value=\"mine\"",
            "step=\"any\" value=\"9\"",
            "name=\"version\" value=\"2\"",
        ],
    );
    assert_ne!(mark(&page, "meta.rate"), marks[2]);
    let again =
        [("version", "2"), ("meta.amount", "60"), ("meta.rate", "9"), ("meta.code", "mine")];
    shop.change(&task, &shop.desk.ana, &again, 303).await;
    assert_eq!(
        shop.desk.last(&task).await["args"],
        json!({"meta": {"amount": 6000, "code": "mine"}})
    );
}

#[tokio::test]
async fn who_may_not_or_comes_too_late_is_told_so() {
    let shop = Shop::open().await;
    let desk = &shop.desk;
    let task = shop.post(json!({"code": "a"})).await;
    let facts = format!("{task}/facts");
    lacks(&desk.see(&task, &desk.eve).await, &["Change the facts"]);
    desk.server.page(&facts, &desk.eve, 403).await;
    shop.change(&task, &desk.eve, &[("version", "1"), ("meta.code", "b")], 403).await;
    let limit = "update app.person set schemas = array['desk'] where name = 'bob'";
    desk.server.db.run(limit, &[]).await.unwrap();
    desk.server.page(&facts, &desk.bob, 404).await;
    shop.change(&task, &desk.bob, &[("version", "1"), ("meta.code", "b")], 404).await;

    // A claim keeps others from deciding, not from saying what they know.
    desk.submit(&format!("{task}/claim"), &desk.root, &[], 303).await;
    has(&desk.see(&facts, &desk.ana).await, &["root</bdi> is at it"]);
    shop.first(&task, &[("meta.code", "b")], 303).await;

    let page = desk.see(&facts, &desk.ana).await;
    has(&page, &["value=\"b\"", ">Save<"]);
    desk.submit(
        &format!("{task}/state"),
        &desk.root,
        &[("version", "3"), ("state", "approve")],
        303,
    )
    .await;
    let page = shop.change(&task, &desk.ana, &[("version", "3"), ("meta.code", "mine")], 409).await;
    has(&page, &["already settled as", "by root.", "value=\"mine\""]);
    lacks(&page, &[">Save<"]);
    let page =
        shop.change(&task, &desk.ana, &[("version", "3"), ("meta.amount", "much")], 409).await;
    has(&page, &["This task cannot be changed any more.", "value=\"much\""]);
    desk.server.page(&facts, &desk.ana, 303).await;
    lacks(&desk.see(&task, &desk.ana).await, &["Change the facts"]);
}

#[tokio::test]
async fn facts_too_large_for_a_form_are_named_and_the_others_can_be_changed() {
    let shop = Shop::open().await;
    let members: serde_json::Map<String, Value> =
        (0..8_000).map(|place| (format!("a{place}"), json!(1))).collect();
    let task = shop.post(json!({"huge": "x".repeat(40_000), "many": members})).await;
    let page = shop.desk.see(&format!("{task}/facts"), &shop.desk.ana).await;
    has(&page, &["the app can change it: <bdi>huge, many</bdi>.", "name=\"meta.amount\""]);
    lacks(&page, &["name=\"meta.huge\"", "name=\"meta.many\""]);
    shop.first(&task, &[("meta.amount", "1"), ("meta.huge", "y")], 303).await;
    let changed = shop.desk.task(&task).await;
    assert_eq!(changed["meta"]["amount"], 100);
    assert_eq!(changed["meta"]["huge"].as_str().unwrap().len(), 40_000);
}
