//! Scenario: case.toml and scenarios: parse, validate, extend.
