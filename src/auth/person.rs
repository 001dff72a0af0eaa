//! Who is signed in, and as what. A handler names the least it needs (a person, a
//! resolver, an admin, somebody who signed in just now), and only the checks here
//! make one of these.

use std::ops::Deref;

use http::HeaderMap;
use serde_json::{Value, json};
use uuid::Uuid;

use super::session::session_token;
use crate::app::App;
use crate::error::Error;
use crate::token;

/// From little to much: an admin may do all that a resolver may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Viewer,
    Resolver,
    Admin,
}

impl Role {
    fn of(text: &str) -> Role {
        match text {
            "admin" => Role::Admin,
            "resolver" => Role::Resolver,
            _ => Role::Viewer,
        }
    }

    /// As in "an admin, who …".
    pub fn may(self) -> &'static str {
        match self {
            Role::Viewer => "reads",
            Role::Resolver => "reads and decides",
            Role::Admin => "may do everything",
        }
    }

    /// As in "this needs …".
    pub fn with_article(self) -> &'static str {
        match self {
            Role::Viewer => "a viewer",
            Role::Resolver => "a resolver",
            Role::Admin => "an admin",
        }
    }
}

/// A person who is signed in; at least a viewer.
#[derive(Clone)]
pub struct Person {
    pub id: i32,
    pub name: String,
    pub role: Role,
    /// The session's public id.
    pub session: Uuid,
    /// Without one they sign in by links, or through a proxy.
    pub has_password: bool,
    /// Signed in within the last 15 minutes.
    elevated: bool,
}

impl Person {
    pub fn actor(&self) -> Value {
        json!({"kind": "person", "id": self.id.to_string(), "name": self.name})
    }

    pub fn resolver(self) -> Result<Resolver, Person> {
        if self.role >= Role::Resolver { Ok(Resolver(self)) } else { Err(self) }
    }

    pub fn admin(self) -> Result<Admin, Person> {
        if self.role >= Role::Admin { Ok(Admin(self)) } else { Err(self) }
    }
}

/// A person who may decide.
pub struct Resolver(Person);

/// A person who may do everything.
pub struct Admin(Person);

/// Somebody who signed in within the last 15 minutes, and not a browser that was
/// left open.
pub struct Elevated<P>(P);

impl<P: AsRef<Person>> Elevated<P> {
    pub fn of(person: P) -> Result<Elevated<P>, P> {
        if person.as_ref().elevated { Ok(Elevated(person)) } else { Err(person) }
    }
}

impl AsRef<Person> for Person {
    fn as_ref(&self) -> &Person {
        self
    }
}

impl AsRef<Person> for Admin {
    fn as_ref(&self) -> &Person {
        &self.0
    }
}

impl Deref for Resolver {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl Deref for Admin {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.0
    }
}

impl<P> Deref for Elevated<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.0
    }
}

/// The person behind the cookie, if there is one.
pub async fn signed_in(headers: &HeaderMap, app: &App) -> Result<Option<Person>, Error> {
    let Some(token) = session_token(headers, app) else {
        return Ok(None);
    };
    let sql = "select id, name, role, session_id, elevated, has_password
               from inbox_internal.find_session($1)";
    let row = app.db.maybe_row(sql, &[&token::hash(token)]).await?;
    Ok(row.map(|row| Person {
        id: row.get(0),
        name: row.get(1),
        role: Role::of(row.get(2)),
        session: row.get(3),
        elevated: row.get(4),
        has_password: row.get(5),
    }))
}
