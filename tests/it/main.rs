//! One binary for all integration tests, which keeps linking short.
