-- Signing in: who is known, by a mark in the browser.

-- An address is its neighbours' as well: by wrong tries of theirs they kept out who had
-- signed in from it, and could tell which names there are.
drop table app.known_address;

-- Where a person has signed in: there only wrong tries of that browser slow them. A
-- browser that several people use has one mark and a row for each of them.
create table app.known_browser (
  -- Of the mark, which only the browser has.
  token_hash bytea not null,
  person_id int not null references app.person (id),
  -- When this person last signed in there.
  last_at timestamptz not null default now(),
  primary key (token_hash, person_id)
);

create index known_browser_person on app.known_browser (person_id, last_at);
create index known_browser_last on app.known_browser (last_at);
