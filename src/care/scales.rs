//! Scales of ability, each a type of its own: nothing converts one into another.

use crate::error::{Error, Problem, Result};

/// GB/T 42195-2022 老年人能力评估规范, five levels from 90 points in 26 items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GbtLevel {
    /// 能力完好: 90 points.
    Intact,
    /// 轻度失能: 66-89.
    Mild,
    /// 中度失能: 46-65.
    Moderate,
    /// 重度失能: 30-45.
    Severe,
    /// 完全失能: 0-29, or coma.
    Complete,
}

/// What moves a GB/T 42195 level beyond the points.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GbtOverrides {
    /// In coma: completely disabled whatever the points.
    pub coma: bool,
    /// A diagnosis of dementia (F00-F03) or another mental disorder (F04-F99).
    pub dementia_or_psychiatric: bool,
    /// Risk events (getting lost, self-harm, …) in the last 30 days; two or more count.
    pub risk_events: u32,
}

/// The level by points, made one level worse, once, for a diagnosis or for two risk events in 30 days.
///
/// # Errors
/// `Data` for points above 90.
pub fn gbt_level(points: u32, overrides: GbtOverrides) -> Result<GbtLevel> {
    let level = match points {
        0..=29 => GbtLevel::Complete,
        30..=45 => GbtLevel::Severe,
        46..=65 => GbtLevel::Moderate,
        66..=89 => GbtLevel::Mild,
        90 => GbtLevel::Intact,
        _ => return Err(points_above("GB/T 42195", points, 90)),
    };
    if overrides.coma {
        return Ok(GbtLevel::Complete);
    }
    let worse = overrides.dementia_or_psychiatric || overrides.risk_events >= 2;
    Ok(if worse { level.one_worse() } else { level })
}

impl GbtLevel {
    pub const ALL: [Self; 5] = [Self::Intact, Self::Mild, Self::Moderate, Self::Severe, Self::Complete];

    pub fn id(self) -> &'static str {
        ["intact", "mild", "moderate", "severe", "complete"][self as usize]
    }
    pub fn label(self) -> &'static str {
        ["能力完好", "轻度失能", "中度失能", "重度失能", "完全失能"][self as usize]
    }
    fn one_worse(self) -> Self {
        Self::ALL[(self as usize + 1).min(4)]
    }
}

/// MZ/T 039-2013, daily-life part only: the class by Barthel index. The whole level also takes the
/// mental, sensory and social parts by a matrix, which is left to the assessor's own result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MztAdlLevel {
    /// 能力完好: 100 points.
    Intact,
    /// 轻度受损: 65-95.
    Mild,
    /// 中度受损: 45-60.
    Moderate,
    /// 重度受损: 40 and less.
    Severe,
}

/// # Errors
/// `Data` for points above 100 or not in steps of 5.
pub fn mzt_adl_level(barthel: u32) -> Result<MztAdlLevel> {
    if barthel > 100 || !barthel.is_multiple_of(5) {
        return Err(points_above("Barthel index (steps of 5)", barthel, 100));
    }
    Ok(match barthel {
        0..=40 => MztAdlLevel::Severe,
        41..=60 => MztAdlLevel::Moderate,
        61..=95 => MztAdlLevel::Mild,
        _ => MztAdlLevel::Intact,
    })
}

/// Self-care ability of tekun persons (民发〔2021〕43号), three levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TekunLevel {
    /// 具备生活自理能力.
    Able,
    /// 部分丧失生活自理能力: one to three of six items.
    PartlyLost,
    /// 完全丧失生活自理能力: four and more.
    Lost,
}

/// From the number of the six items (eating, dressing, getting out of bed, toilet, walking indoors,
/// bathing) that the person can't do alone.
///
/// # Errors
/// `Data` for more than six.
pub fn tekun_level(unable: u32) -> Result<TekunLevel> {
    match unable {
        0 => Ok(TekunLevel::Able),
        1..=3 => Ok(TekunLevel::PartlyLost),
        4..=6 => Ok(TekunLevel::Lost),
        _ => Err(points_above("items of tekun self-care", unable, 6)),
    }
}

/// Self-reported health of the census long form, four answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CensusLevel {
    /// 健康.
    Healthy,
    /// 基本健康.
    BasicallyHealthy,
    /// 不健康，但生活能自理.
    UnhealthyIndependent,
    /// 生活不能自理.
    Unable,
}

fn points_above(scale: &str, points: u32, most: u32) -> Error {
    Error::data(
        Problem::new(format!("not a score of {scale}")).value(points).expected(format!("0 to {most}")),
    )
}
