//! `task-inbox user`: who may sign in, as what, and how.

use anyhow::Result;
use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;

use super::console::Console;
use super::input::read_line;
use crate::auth::password;
use crate::token;

const ROLES: [&str; 3] = ["admin", "resolver", "viewer"];

#[derive(Subcommand)]
pub enum Command {
    /// Add a person
    Create {
        name: String,
        /// A viewer reads, a resolver decides as well, an admin may do all
        #[arg(long, value_parser = ROLES, default_value = "resolver")]
        role: String,
        /// A schema whose tasks they see (may be repeated); all without
        #[arg(long = "schema", value_name = "SCHEMA")]
        schemas: Vec<String>,
        /// Read their password from standard input; without one they sign in by links
        #[arg(long)]
        password_stdin: bool,
    },
    /// Add a person and print the link by which they come in, once, within 7 days
    Invite {
        name: String,
        /// A viewer reads, a resolver decides as well, an admin may do all
        #[arg(long, value_parser = ROLES, default_value = "resolver")]
        role: String,
        /// A schema whose tasks they see (may be repeated); all without
        #[arg(long = "schema", value_name = "SCHEMA")]
        schemas: Vec<String>,
    },
    /// Everybody who may sign in
    List,
    /// Give a person another role
    Role {
        name: String,
        #[arg(value_parser = ROLES)]
        role: String,
    },
    /// Change which schemas' tasks a person sees
    SetSchemas {
        name: String,
        #[arg(value_name = "SCHEMA", required_unless_present = "all", conflicts_with = "all")]
        schemas: Vec<String>,
        /// Those of all schemas, also of later ones
        #[arg(long)]
        all: bool,
    },
    /// Where a person is signed in
    Sessions {
        name: String,
        /// Sign them out everywhere
        #[arg(long)]
        end: bool,
    },
    /// Sign a person out and keep them out
    Disable { name: String },
    /// Let a disabled person in again
    Enable { name: String },
    /// Print a link that signs a person in once, within an hour
    LoginLink { name: String },
    /// Set a person's password and sign them out everywhere
    SetPassword {
        name: String,
        /// Read it from standard input: a password on the command line is seen by others
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

impl Command {
    pub async fn run(self, console: &Console) -> Result<()> {
        match self {
            Command::Create { name, role, schemas, password_stdin } => {
                create(console, &name, &role, schemas, password_stdin).await
            }
            Command::Invite { name, role, schemas } => invite(console, &name, &role, schemas).await,
            Command::List => list(console).await,
            Command::Role { name, role } => {
                change(console, &name, Some(&role), None).await?;
                eprintln!("{name} is {role} now");
                Ok(())
            }
            Command::SetSchemas { name, schemas, all: _ } => {
                set_schemas(console, &name, schemas).await
            }
            Command::Sessions { name, end: false } => list_sessions(console, &name).await,
            Command::Sessions { name, end: true } => end_sessions(console, &name).await,
            Command::Disable { name } => {
                change(console, &name, None, Some(true)).await?;
                eprintln!("{name} is signed out and may not sign in");
                Ok(())
            }
            Command::Enable { name } => {
                change(console, &name, None, Some(false)).await?;
                eprintln!("{name} may sign in again");
                Ok(())
            }
            Command::LoginLink { name } => login_link(console, &name).await,
            Command::SetPassword { name, password_stdin: _ } => set_password(console, &name).await,
        }
    }
}

async fn create(
    console: &Console,
    name: &str,
    role: &str,
    schemas: Vec<String>,
    with_password: bool,
) -> Result<()> {
    let hash = if with_password { Some(hashed_password(name).await?) } else { None };
    let schemas = limited(schemas);
    let row = console
        .open()
        .await?
        .db
        .row(
            "select inbox_internal.create_person($1, $2, $3, $4)",
            &[&name, &role, &schemas, &hash],
        )
        .await?;

    let id: i32 = row.get(0);
    console.output.done(
        &json!({"id": id, "name": name, "role": role, "schemas": schemas}),
        &format!("{name} is added as {role}"),
    )?;
    if hash.is_none() {
        eprintln!("a link to sign in: task-inbox user login-link {name}");
    }
    Ok(())
}

/// None is all.
fn limited(schemas: Vec<String>) -> Option<Vec<String>> {
    Some(schemas).filter(|schemas| !schemas.is_empty())
}

async fn invite(console: &Console, name: &str, role: &str, schemas: Vec<String>) -> Result<()> {
    let opened = console.open().await?;
    let public_url = opened.public_url().await?;
    let (link, schemas) = (token::random_token(), limited(schemas));
    let sql = "select inbox_internal.invite_person($1, $2, $3, $4)";
    let row = opened.db.row(sql, &[&name, &role, &schemas, &token::hash(&link)]).await?;
    let until: Timestamp = row.get(0);

    let url = format!("{public_url}/login/{link}");
    eprintln!(
        "{name} is invited as {role}; the link works once, until {until}, and is shown this once"
    );
    console.output.one(
        &json!({"name": name, "role": role, "schemas": schemas, "url": url, "expires_at": until}),
        &url,
    )
}

async fn set_schemas(console: &Console, name: &str, schemas: Vec<String>) -> Result<()> {
    let schemas = limited(schemas);
    let sql = "select inbox_internal.set_schemas($1, $2)";
    console.open().await?.db.run(sql, &[&name, &schemas]).await?;
    match schemas {
        Some(schemas) => eprintln!("{name} sees the tasks of {} now", schemas.join(", ")),
        None => eprintln!("{name} sees the tasks of all schemas now"),
    }
    Ok(())
}

async fn list_sessions(console: &Console, name: &str) -> Result<()> {
    let sql = "select session_object from inbox_internal.list_sessions_of($1)";
    let sessions = console.open().await?.objects(sql, &[&name]).await?;
    let columns = ["id", "address", "created_at", "seen_at", "user_agent"];
    console.output.list("sessions", &columns, &sessions)
}

async fn end_sessions(console: &Console, name: &str) -> Result<()> {
    let sql = "select inbox_internal.end_sessions_of($1)";
    let ended: i32 = console.open().await?.db.row(sql, &[&name]).await?.get(0);
    console.output.done(
        &json!({"name": name, "ended": ended}),
        &format!("{name} is signed out of {ended} sessions"),
    )
}

async fn list(console: &Console) -> Result<()> {
    let people = console
        .open()
        .await?
        .objects("select person_object from inbox_internal.list_people()", &[])
        .await?;
    let columns =
        ["id", "name", "role", "schemas", "password", "created_at", "disabled_at", "last_seen_at"];
    console.output.list("people", &columns, &people)
}

/// What is None stays as it is.
async fn change(
    console: &Console,
    name: &str,
    role: Option<&str>,
    disabled: Option<bool>,
) -> Result<()> {
    let sql = "select inbox_internal.change_person($1, $2, $3)";
    Ok(console.open().await?.db.run(sql, &[&name, &role, &disabled]).await?)
}

async fn login_link(console: &Console, name: &str) -> Result<()> {
    let opened = console.open().await?;
    let public_url = opened.public_url().await?;
    let link = token::random_token();
    let sql = "select inbox_internal.create_login_link($1, $2, interval '1 hour')";
    opened.db.run(sql, &[&name, &token::hash(&link)]).await?;

    let url = format!("{public_url}/login/{link}");
    console.output.one(&json!({"name": name, "url": url}), &url)
}

async fn set_password(console: &Console, name: &str) -> Result<()> {
    let hash = hashed_password(name).await?;
    let sql = "select inbox_internal.set_password($1, $2)";
    console.open().await?.db.run(sql, &[&name, &hash]).await?;
    eprintln!("the password of {name} is set");
    Ok(())
}

async fn hashed_password(name: &str) -> Result<String> {
    let password = read_line("password")?;
    password::check(&password, name)?;
    Ok(password::hash(password).await?)
}
