//! Care: ability levels and the need for care.
//!
//! Definitions of need differ tenfold (2.34 % to 26.2 % of those aged 60+), so a definition is
//! always named, never a default. Axes are [draw, year, sex, age]: sex 0 female, 1 male, ages 0…100+.

mod generator;
mod gradient;
mod local;
mod multistate;
mod need;
mod published;
mod scales;
mod schedule;
mod settings;
mod solve;
mod tables;

pub use gradient::{Gradient, Structure, gradient, national_structure};
pub use local::{Assessed, Local, Prior, re_estimate};
pub use multistate::{Chain, Multistate, Observation, fit as fit_multistate};
pub use need::{Health, need, need_draws};
pub use published::{Consistency, check_matrices};
pub use scales::{
    CensusLevel, GbtLevel, GbtOverrides, MztAdlLevel, TekunLevel, gbt_level, mzt_adl_level, tekun_level,
};
pub use schedule::{Level, Schedule, schedule, schedules};
pub use settings::{
    SettingPreset, Staff, StaffPreset, place_by_setting, setting_presets, staff_presets, staff_required,
};

pub use tables::{definitions_table, need_table, prevalence_table};

/// Ages in single years, 0…100+.
pub const AGES: usize = 101;
