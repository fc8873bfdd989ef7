//! Builders of tokens and slow, obvious oracles.
