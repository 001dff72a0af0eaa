//! Deciding with a form: what stands in it, what is kept, what comes back.

use serde_json::json;

use super::{Desk, has, lacks};

const APPROVED: [(&str, &str); 5] = [
    ("version", "1"),
    ("state", "approve"),
    ("confirmed", "yes"),
    ("filled", "yes"),
    ("comment", ""),
];

fn approved<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    APPROVED.iter().chain(more).copied().collect()
}

#[tokio::test]
async fn the_form_of_a_move_has_an_input_for_each_kind_with_what_is_known() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let page = desk.see(&task, &desk.ana).await;
    has(&page, &["Approve…", "Deny…", &format!("formaction=\"{task}/confirm\"")]);
    lacks(&page, &["args.amount"]);

    let form = [("version", "1"), ("state", "approve"), ("comment", "half a thought")];
    let page = desk.submit(&format!("{task}/confirm"), &desk.ana, &form, 200).await;
    has(
        &page,
        &[
            "half a thought",
            "are you sure?",
            "Amount (EUR)",
            "inputmode=\"decimal\" value=\"40.00\" required",
            "From 0.01 to 100.00.",
            "fee (JPY)",
            "type=\"number\" inputmode=\"numeric\" step=\"1\" value=\"14\" max=\"30\"",
            "<option value=\"&quot;small&quot;\">small</option>",
            "<option value=\"3\">Three</option>",
            "<option value=\"true\">true</option>",
            "type=\"checkbox\" value=\"true\" checked",
            "type=\"date\"",
            "At (UTC)",
            "type=\"datetime-local\" step=\"any\" value=\"2026-11-03T09:00:05\"",
            "type=\"url\"",
            "type=\"email\"",
            "maxlength=\"500\"",
            "Two lines are enough",
            "2.5\n",
        ],
    );
    assert_eq!(desk.task(&task).await["version"], 1);
}

#[tokio::test]
async fn what_is_filled_in_keeps_its_json_type() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let form = approved(&[
        ("args.amount", "12.5"),
        ("args.fee", "300"),
        ("args.days", "7"),
        ("args.rate", "0.10"),
        ("args.size", "3"),
        ("args.on", "2026-12-01"),
        ("args.at", "2026-12-01T08:30"),
        ("args.page", "https://shop.example/104"),
        ("args.to", "bob@shop.example"),
        ("args.note", "two\r\nlines"),
        ("args.payload", "{\"to\": [\"bob\", 2.50]}"),
    ]);
    desk.submit(&format!("{task}/state"), &desk.ana, &form, 303).await;
    let step = desk.last(&task).await;
    let kept = json!({
        "amount": 1250, "fee": 300, "days": 7, "rate": 0.10, "size": 3, "mail": false, "on": "2026-12-01",
        "at": "2026-12-01T08:30:00Z", "page": "https://shop.example/104", "to": "bob@shop.example",
        "note": "two\nlines", "payload": {"to": ["bob", 2.50]}});
    assert_eq!(step["args"], kept);
    let page = desk.see(&task, &desk.eve).await;
    has(&page, &["12.50 EUR", "300 JPY", "Three", "Mail the customer", "settled it"]);
}

#[tokio::test]
async fn what_was_left_empty_is_absent_and_what_was_unticked_is_not() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let empty = ["fee", "rate", "size", "on", "at", "page", "to", "note", "payload"];
    let empty: Vec<String> = empty.iter().map(|name| format!("args.{name}")).collect();
    let mut form = approved(&[("args.amount", "40"), ("args.days", "14"), ("args.mail", "true")]);
    form.extend(empty.iter().map(|name| (name.as_str(), "")));
    desk.submit(&format!("{task}/state"), &desk.ana, &form, 303).await;
    assert_eq!(desk.last(&task).await["args"], json!({"amount": 4000, "days": 14, "mail": true}));
}

#[tokio::test]
async fn each_error_stands_at_its_field_and_nothing_typed_is_lost() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let form = approved(&[
        ("args.amount", "1,000"),
        ("args.days", ""),
        ("args.rate", "much"),
        ("args.size", "\"huge\""),
        ("args.on", "soon"),
        ("args.page", "javascript:alert(1)"),
        ("args.note", "<b>mine</b>"),
        ("args.payload", "{\"a\": }"),
    ]);
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &form, 422).await;
    has(
        &page,
        &[
            "Not sent. Please look at: ",
            "id=\"args.amount-wrong\">Amount must be an amount such as 40.00.",
            "value=\"1,000\"",
            "aria-describedby=\"args.amount-hint args.amount-wrong\" aria-invalid=\"true\"",
            "Days cannot be left empty.",
            "rate must be a number such as 12.5.",
            "Size must be one of these.",
            "on must be a date such as",
            "page must be an http or https address",
            "Payload is not JSON, line 1 column 7: expected value.",
            "{&quot;a&quot;: }",
            "&lt;b&gt;mine&lt;/b&gt;",
        ],
    );
    lacks(&page, &["<b>mine", "Note must"]);
    assert_eq!(desk.task(&task).await["version"], 1);

    for (typed, words) in [
        ("", "Amount is needed."),
        ("100.01", "Amount must be an amount from 0.01 to 100.00."),
        ("0", "Amount must be an amount from 0.01 to 100.00."),
    ] {
        let form = approved(&[("args.amount", typed), ("args.days", "14")]);
        has(&desk.submit(&format!("{task}/state"), &desk.ana, &form, 422).await, &[words]);
    }
}

#[tokio::test]
async fn a_box_that_must_be_ticked_is_asked_for() {
    let desk = Desk::open().await;
    let task = desk.refund().await;
    let form = [("version", "1"), ("state", "sure"), ("filled", "yes")];
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &form, 422).await;
    has(&page, &["I have seen it must be ticked."]);
    let form = [("version", "1"), ("state", "sure"), ("filled", "yes"), ("args.seen", "true")];
    desk.submit(&format!("{task}/state"), &desk.ana, &form, 303).await;
    assert_eq!(desk.last(&task).await["args"], json!({"seen": true}));
}

#[tokio::test]
async fn a_reason_says_its_text_where_nobody_wrote_another() {
    let desk = Desk::open().await;
    let deny = |reason: &'static str, comment: &'static str| {
        [
            ("version", "1"),
            ("state", "deny"),
            ("filled", "yes"),
            ("args.reason", reason),
            ("comment", comment),
        ]
    };
    let task = desk.refund().await;
    let page = desk
        .submit(&format!("{task}/confirm"), &desk.ana, &[("version", "1"), ("state", "deny")], 200)
        .await;
    has(&page, &["Too late", "Sorry, the 30 days are over.", "Other"]);
    desk.submit(&format!("{task}/state"), &desk.ana, &deny("\"late\"", ""), 303).await;
    let step = desk.last(&task).await;
    assert_eq!(
        (&step["args"], &step["comment"]),
        (&json!({"reason": "late"}), &json!("Sorry, the 30 days are over."))
    );

    let task = desk.refund().await;
    desk.submit(&format!("{task}/state"), &desk.ana, &deny("\"late\"", "By one day"), 303).await;
    assert_eq!(desk.last(&task).await["comment"], "By one day");

    let task = desk.refund().await;
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &deny("\"other\"", ""), 422).await;
    has(&page, &["id=\"comment-wrong\"", "<option value=\"&quot;other&quot;\" selected>"]);
    let page = desk.submit(&format!("{task}/state"), &desk.ana, &deny("", "no"), 422).await;
    has(&page, &["Reason is needed."]);
}
