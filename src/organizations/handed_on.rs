//! A register as bytes, for another process or a cache: what it holds in memory and nothing of its source besides.

use serde::{Deserialize, Serialize};

use super::register::Register;
use super::rules::Rules;
use crate::error::{Error, Problem, Result};

/// Only the version that wrote it reads it: what a register holds is no format that is promised.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Serialize)]
struct Out<'a> {
    version: &'a str,
    register: &'a Register,
    rules: &'a Rules,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Deserialize)]
struct In {
    register: Register,
    rules: Rules,
}

/// A register with the rules that it is read under.
///
/// # Errors
/// None in practice: everything in it can be written.
pub fn to_bytes(register: &Register, rules: &Rules) -> Result<Vec<u8>> {
    let out = Out { version: VERSION, register, rules };
    serde_json::to_vec(&out).map_err(|e| Error::data(Problem::new(format!("can't be handed on: {e}"))))
}

/// What `to_bytes` made.
///
/// # Errors
/// `Error::Data` for bytes of another version, or that were damaged.
pub fn from_bytes(bytes: &[u8]) -> Result<(Register, Rules)> {
    let wrong = |message: String| {
        Error::data(Problem::new(message).expected("the register, read again from its source"))
    };
    let damaged = |_| wrong("a register that was damaged on its way".to_owned());
    let Version { version } = serde_json::from_slice(bytes).map_err(damaged)?;
    if version != VERSION {
        return Err(wrong(format!("a register that minsuan {version} handed on; this is {VERSION}")));
    }
    let In { register, rules } = serde_json::from_slice(bytes).map_err(damaged)?;
    if register.is_whole() {
        Ok((register, rules))
    } else {
        Err(wrong("a register that was damaged on its way".to_owned()))
    }
}

/// A day as text: the dates of rules carry no other form.
pub(super) mod day {
    use chrono::NaiveDate;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[allow(clippy::ref_option, reason = "serde hands it on so")]
    pub fn serialize<S: Serializer>(day: &Option<NaiveDate>, s: S) -> Result<S::Ok, S::Error> {
        day.map(|d| d.to_string()).serialize(s)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<NaiveDate>, D::Error> {
        let text: Option<String> = Deserialize::deserialize(d)?;
        text.map(|t| t.parse().map_err(D::Error::custom)).transpose()
    }
}
