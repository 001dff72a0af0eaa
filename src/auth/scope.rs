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

// Sending a webhook again is for who posts and for admins.
scopes! { Read "read", Post "post", Resolve "resolve", Resend "resend", Admin "admin" }
