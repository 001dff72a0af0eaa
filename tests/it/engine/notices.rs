//! Operators hear of what failed and of what was stopped.
