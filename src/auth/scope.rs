//! What a handler of the API asks of a key, as a type.

pub trait Scope: Send + Sync {
    /// As `inbox_internal.check_right` knows it.
    const RIGHT: &'static str;
}

macro_rules! scopes {
    ($($name:ident $right:literal),+ $(,)?) => {$(
        pub struct $name;

        impl Scope for $name {
            const RIGHT: &'static str = $right;
        }
    )+};
}

// Which scopes are enough for each lies in `inbox_internal.scopes_for`.
scopes! {
    Read "read", Post "post", Resolve "resolve", Admin "admin", Resend "resend",
    Change "change", Withdraw "withdraw", Comment "comment", Assign "assign", Claim "claim",
    Release "release", Snooze "snooze", Tick "tick", Reopen "reopen", Undo "undo",
}
