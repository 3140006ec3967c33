//! What to ask a Horizon server and what its answers mean.
pub(super) mod events;
