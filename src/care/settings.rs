//! Where people are cared for, and the carers this takes: named presets, none of them a standard.

use std::collections::BTreeMap;

use num_rational::Ratio;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::error::{Error, Problem, Result};

const FILE: &str = "standards/presets.toml";

/// Shares of persons by setting.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingPreset {
    pub id: String,
    pub home: Decimal,
    pub community: Decimal,
    pub institution: Decimal,
    /// `slogan`: a planning slogan, not a standard.
    pub status: String,
    /// To be shown with every result.
    pub note: String,
}

/// Residents for whom one carer on duty is there, by group of residents.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffPreset {
    pub id: String,
    /// `common_practice`: found in no official text.
    pub status: String,
    pub note: String,
    pub per_carer: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    setting: Vec<SettingPreset>,
    staff: Vec<StaffPreset>,
}

fn file() -> Result<File> {
    let text = crate::assets::text(FILE)
        .ok_or_else(|| Error::data(Problem::new("shipped file is missing").file(FILE)))?;
    toml::from_str(text).map_err(|e| Error::data(Problem::new(e.to_string()).file(FILE)))
}

/// # Errors
/// `Data` where the shipped table is broken.
pub fn setting_presets() -> Result<Vec<SettingPreset>> {
    Ok(file()?.setting)
}

/// # Errors
/// `Data` where the shipped table is broken.
pub fn staff_presets() -> Result<Vec<StaffPreset>> {
    Ok(file()?.staff)
}

/// Persons at home, in community care and in institutions under a preset.
pub fn place_by_setting(persons: f64, preset: &SettingPreset) -> [f64; 3] {
    use num_traits::ToPrimitive;
    [preset.home, preset.community, preset.institution].map(|s| persons * s.to_f64().unwrap_or(0.0))
}

/// Carers of one facility.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Staff {
    /// At work at the same time: Σ ceil(residents / residents per carer) over the groups.
    pub on_duty: u64,
    /// Posts that keep them on duty: ceil(on_duty × full-time factor).
    pub posts: u64,
}

/// Carers by facility. `residents` has a row a facility and a column a group, `per_carer` the residents
/// for whom one carer is there. Rounded up in each group of each facility, never over the total: two
/// homes of four residents at 1:3 need four carers, not three. `full_time_factor` is posts per carer on
/// duty and has no default: 1 where the ratio is posts to residents, about 4.2 for 24 hours a day.
///
/// # Errors
/// `Data` for a ratio of zero, a factor under 1, rows of another length, or numbers beyond 64 bits.
pub fn staff_required(
    residents: &[Vec<u64>],
    per_carer: &[u64],
    full_time_factor: Ratio<u64>,
) -> Result<Vec<Staff>> {
    let mut problems = Vec::new();
    if per_carer.contains(&0) {
        problems.push(Problem::new("residents per carer is zero").column("per_carer").expected("1 or more"));
    }
    if full_time_factor < Ratio::from_integer(1) {
        problems.push(
            Problem::new("full-time factor below one")
                .column("full_time_factor")
                .value(full_time_factor)
                .expected("1 or more posts per carer on duty"),
        );
    }
    for (i, row) in residents.iter().enumerate().filter(|(_, r)| r.len() != per_carer.len()) {
        problems.push(
            Problem::new("groups do not match the ratios")
                .row(i + 1)
                .column("residents")
                .value(row.len())
                .expected(format!("{} groups", per_carer.len())),
        );
    }
    if !problems.is_empty() {
        return Err(Error::Data(problems));
    }
    let too_many = || Error::data(Problem::new("too many residents").column("residents"));
    residents
        .iter()
        .map(|row| {
            let mut on_duty = 0_u64;
            for (n, r) in row.iter().zip(per_carer) {
                on_duty = on_duty.checked_add(n.div_ceil(*r)).ok_or_else(too_many)?;
            }
            let posts = u128::from(on_duty) * u128::from(*full_time_factor.numer());
            let posts = posts.div_ceil(u128::from(*full_time_factor.denom()));
            Ok(Staff { on_duty, posts: u64::try_from(posts).map_err(|_| too_many())? })
        })
        .collect()
}
