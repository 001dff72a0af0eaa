-- Signing in: what a wrong try counts for.

-- The names that were tried stood here as plain hashes, so that a dump let
-- anybody see whether a password had been typed as a name. From now on `who` is
-- "name " and a hash that takes the server's key to make, or what the function sign_in_counts says.
delete from app.sign_in_tries;
