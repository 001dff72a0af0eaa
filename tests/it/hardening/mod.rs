//! What stands between the network and the handlers. Names carry the number of
//! the promise in the table of SECURITY.md.

mod remote_user;
