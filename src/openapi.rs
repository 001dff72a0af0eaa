//! The description of the API (OpenAPI 3.1), as programs read it. `web/docs.rs` shows
//! it to people; tests see to it that it is true.

pub const TEXT: &str = include_str!("../assets/openapi.json");
