//! Migration by age and sex: Rogers-Castro curves and the UN's model families.

use super::life_table::Sex;
use super::mortality::AGES;
use super::standards::{Once, Sheet, once};
use crate::error::{Error, Problem, Result};

/// Parameters of M(x) = a1·exp(-alpha1·x) + a2·exp(-alpha2·(x-mu2) - exp(-lambda2·(x-mu2))) + c
/// (Rogers & Castro 1981, "Model migration schedules", IIASA RR-81-30, without a retirement peak).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RogersCastro {
    pub a1: f64,
    pub alpha1: f64,
    pub a2: f64,
    pub alpha2: f64,
    pub mu2: f64,
    pub lambda2: f64,
    pub c: f64,
}

impl RogersCastro {
    /// The curve at exact age `x`.
    pub fn at(&self, x: f64) -> f64 {
        let from_peak = x - self.mu2;
        self.a1 * (-self.alpha1 * x).exp()
            + self.a2 * (-self.alpha2 * from_peak - (-self.lambda2 * from_peak).exp()).exp()
            + self.c
    }

    /// The curve at the middle of ages 0…100.
    pub fn by_age(&self) -> Vec<f64> {
        (0..AGES).map(|x| self.at(x as f64 + 0.5).max(0.0)).collect()
    }
}

/// Model families of movers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Family {
    #[default]
    Family,
    FemaleLabor,
    MaleLabor,
}

impl Family {
    pub fn name(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::FemaleLabor => "female_labor",
            Self::MaleLabor => "male_labor",
        }
    }

    /// # Errors
    /// `Model` for another name, with those that are known.
    pub fn parse(name: &str) -> Result<Self> {
        [Self::Family, Self::FemaleLabor, Self::MaleLabor].into_iter().find(|f| f.name() == name).ok_or_else(
            || {
                Error::model(
                    Problem::new("no such family of movers")
                        .column("family")
                        .value(name)
                        .expected("family, female_labor or male_labor"),
                )
            },
        )
    }
}

/// Which way people move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    In,
    Out,
}

/// The parameters of a family, sex and direction, as shipped.
///
/// # Errors
/// `Model` where the shipped table is damaged.
pub fn rogers_castro(family: Family, sex: Sex, direction: Direction) -> Result<RogersCastro> {
    let row = row_of("migration_rogers_castro", family, sex, direction)?;
    match row[..] {
        [a1, alpha1, a2, alpha2, mu2, lambda2, c] => {
            Ok(RogersCastro { a1, alpha1, a2, alpha2, mu2, lambda2, c })
        }
        _ => Err(Error::model(Problem::new("seven parameters are expected"))),
    }
}

/// Profile of movers by sex and age, [female 0…100, male 0…100], sum 1, by the Rogers-Castro curves.
///
/// # Errors
/// `Model` where the shipped table is damaged.
pub fn profile(family: Family, direction: Direction) -> Result<Vec<f64>> {
    let mut both = Vec::with_capacity(2 * AGES);
    for sex in Sex::BOTH {
        both.extend(rogers_castro(family, sex, direction)?.by_age());
    }
    Ok(normalised(both))
}

/// Profile of movers by sex and age from the UN's family tables, [female 0…100, male 0…100], sum 1.
/// The tables are of net movement: where a family of emigrants has returners, those ages are 0 here.
///
/// # Errors
/// `Model` where the shipped table is damaged.
pub fn family_table(family: Family, direction: Direction) -> Result<Vec<f64>> {
    let sign = if direction == Direction::In { 1.0 } else { -1.0 };
    let mut both = Vec::with_capacity(2 * AGES);
    for sex in Sex::BOTH {
        both.extend(
            row_of("migration_families", family, sex, direction)?.iter().map(|v| (v * sign).max(0.0)),
        );
    }
    Ok(normalised(both))
}

fn normalised(mut v: Vec<f64>) -> Vec<f64> {
    let total: f64 = v.iter().sum();
    v.iter_mut().for_each(|x| *x /= total);
    v
}

fn row_of(sheet: &'static str, family: Family, sex: Sex, direction: Direction) -> Result<Vec<f64>> {
    static CELLS: [Once<Sheet>; 2] = [Once::new(), Once::new()];
    let cell = &CELLS[usize::from(sheet == "migration_families")];
    let sheet = once(cell, || Sheet::open(sheet))?;
    let direction = if direction == Direction::In { "in" } else { "out" };
    let found = sheet
        .rows
        .iter()
        .position(|r| r[0] == family.name() && r[1] == sex.name() && r[2] == direction)
        .ok_or_else(|| Error::model(Problem::new("a family is missing").file(&sheet.path)))?;
    sheet.numbers(found, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_add_to_one_and_peak_among_the_young() {
        for family in [Family::Family, Family::FemaleLabor, Family::MaleLabor] {
            for direction in [Direction::In, Direction::Out] {
                for p in [profile(family, direction).unwrap(), family_table(family, direction).unwrap()] {
                    assert_eq!(p.len(), 2 * AGES);
                    assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
                    let peak = (10..AGES).max_by(|a, b| p[*a].total_cmp(&p[*b])).unwrap();
                    assert!((18..35).contains(&peak), "{family:?} {direction:?} {peak}");
                }
            }
        }
    }
}
