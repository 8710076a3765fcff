//! Donor counties: how counties like this one differ from the standard.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};

use super::ages::{AGES, AgeGroup, contiguous};
use super::covariance::{CELLS, COMPONENTS, GROUPS, Place, Residuals, SIXTY, Scale, add_outer};
use super::eigen::principal;
use super::graduate::to_single;
use crate::error::{Error, Problem, Result};
use crate::tables::Input;

/// Counties with a full age table.
#[derive(Debug, Clone)]
pub struct Donors {
    /// (counties, 38) persons in the cells of `GROUPS`, women first.
    pub counts: Array2<f64>,
    /// Division codes (GB/T 2260) and names, where the table has them; one a county, else empty.
    pub codes: Vec<String>,
    pub names: Vec<String>,
    /// Rows left out because a cell is unknown.
    pub incomplete: usize,
}

impl Donors {
    /// One county a row, columns `f_0, f_1-4, …, f_85+, m_0, …`; other groups are brought to these.
    /// Other columns (names, codes) are ignored; a county with an unknown cell is left out and counted.
    ///
    /// # Errors
    /// `Error::Data` for missing or ragged columns, negative counts, a county without persons.
    pub fn from_table(input: &Input) -> Result<Self> {
        let names = input.table.column_names();
        let labels: Vec<String> = names
            .iter()
            .filter_map(|n| n.strip_prefix("f_"))
            .filter(|l| AgeGroup::parse(l).is_ok())
            .map(str::to_owned)
            .collect();
        let missing: Vec<String> =
            labels.iter().map(|l| format!("m_{l}")).filter(|m| !names.contains(m)).collect();
        if labels.is_empty() || !missing.is_empty() {
            let what = if labels.is_empty() {
                "no age columns".to_owned()
            } else {
                format!("no {}", missing.join(", "))
            };
            return Err(Error::data(
                Problem::new(what)
                    .column("donors")
                    .value(names.join(", "))
                    .expected("columns f_0, f_1-4, …, f_85+, m_0, …, m_85+"),
            ));
        }
        let mut labels = labels;
        labels.sort_by_key(|l| AgeGroup::parse(l).map_or(AGES, |g| g.from));
        let groups = contiguous(&labels)?;
        let mut columns = Vec::new();
        for sex in ["f", "m"] {
            for l in &labels {
                columns.push((format!("{sex}_{l}"), input.table.numbers_by_name(&format!("{sex}_{l}"))?));
            }
        }
        let texts = |columns: &[&str]| -> Result<Option<Vec<Option<String>>>> {
            let there = columns.iter().find(|c| names.iter().any(|n| n == *c));
            there.map(|c| input.table.texts_by_name(c)).transpose()
        };
        let all_codes = texts(&["code", "代码", "行政区划代码", "区划代码"])?;
        let all_names = texts(&["county", "name", "县", "名称", "地区"])?;
        let (mut codes, mut names_kept) = (Vec::new(), Vec::new());
        let (mut problems, mut rows, mut incomplete) = (Vec::new(), Vec::new(), 0);
        for i in 0..input.table.num_rows() {
            let cells: Option<Vec<f64>> = columns.iter().map(|c| c.1[i]).collect();
            // A NaN from a frame is an unknown cell like a null.
            let Some(cells) = cells.filter(|c| c.iter().all(|v| !v.is_nan())) else {
                incomplete += 1;
                continue;
            };
            let before = problems.len();
            for (v, (name, _)) in cells.iter().zip(&columns) {
                if !v.is_finite() || *v < 0.0 {
                    problems
                        .push(input.problem(i, name, "not a count").value(v).expected("persons, 0 or more"));
                }
            }
            if cells.iter().sum::<f64>() <= 0.0 && problems.len() == before {
                problems.push(
                    input.problem(i, "donors", "a county without persons").expected("counts of persons"),
                );
            }
            if problems.len() == before {
                let table = Array2::from_shape_vec((2, labels.len()), cells)
                    .map_err(|e| Error::data(Problem::new(e.to_string())))?;
                rows.extend(regroup(&table, &groups, &labels)?);
                for (all, kept) in [(&all_codes, &mut codes), (&all_names, &mut names_kept)] {
                    kept.extend(all.as_ref().map(|a| a[i].clone().unwrap_or_default()));
                }
            }
        }
        if !problems.is_empty() {
            return Err(Error::Data(problems));
        }
        let counties = rows.len() / CELLS;
        let counts = Array2::from_shape_vec((counties, CELLS), rows)
            .map_err(|e| Error::data(Problem::new(e.to_string())))?;
        Ok(Self { counts, codes, names: names_kept, incomplete })
    }

    /// Log ratio (counties, 38) of each county's structure to the standard without it, and its place.
    ///
    /// `standard` (38) in persons, `whole` persons in all; where `whole` is less than the donors' own
    /// sum they are no parts of it and the standard is taken as it is.
    pub fn ratios(&self, standard: &Array1<f64>, whole: f64) -> (Array2<f64>, Vec<Place>) {
        let total: f64 = self.counts.sum();
        let parts = whole > 0.0 && whole >= 0.999 * total;
        let scaled = standard * (whole / standard.sum());
        let mut ratios = Array2::zeros((self.counts.nrows(), CELLS));
        let mut places = Vec::new();
        for (i, county) in self.counts.rows().into_iter().enumerate() {
            let rest = &scaled - &county;
            let own = if parts && rest.iter().zip(&scaled).all(|(r, s)| *r > 0.2 * s) {
                rest
            } else {
                standard.clone()
            };
            let (n, m) = (county.sum(), own.sum());
            for c in 0..CELLS {
                // Half a person keeps an empty cell finite.
                let own_share = (own[c] / m).max(1e-9);
                ratios[[i, c]] = ((county[c] + 0.5) / (n + 19.0) / own_share).ln();
            }
            places.push(Place::new(n, share_60(&county.to_owned()), share_60(&own)));
        }
        (ratios, places)
    }

    /// The counties at the given places of the table.
    pub fn pick(&self, rows: &[usize]) -> Self {
        let text = |all: &Vec<String>| rows.iter().filter_map(|i| all.get(*i).cloned()).collect();
        Self {
            counts: self.counts.select(ndarray::Axis(0), rows),
            codes: text(&self.codes),
            names: text(&self.names),
            incomplete: 0,
        }
    }

    /// Row numbers by province, the first two digits of the code.
    ///
    /// # Errors
    /// `Error::Data` where the table has no codes.
    pub fn by_province(&self) -> Result<BTreeMap<String, Vec<usize>>> {
        if self.codes.len() != self.counts.nrows() {
            return Err(Error::data(
                Problem::new("no division codes")
                    .column("code")
                    .expected("a column code of GB/T 2260, such as 433101"),
            ));
        }
        let mut provinces: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (i, code) in self.codes.iter().enumerate() {
            provinces.entry(code.chars().take(2).collect()).or_default().push(i);
        }
        Ok(provinces)
    }

    /// Estimates how counties differ from their provinces from tables with codes (one a census), each
    /// county against its province without it; provinces in `exclude` (two digits) are left out, and
    /// those with fewer than five counties.
    ///
    /// # Errors
    /// `Error::Data` without codes, `Error::Model` for too few counties.
    pub fn estimate(tables: &[Self], exclude: &[String]) -> Result<Residuals> {
        let (mut places, mut rows) = (Vec::new(), Vec::new());
        for table in tables {
            for (province, at) in table.by_province()? {
                if at.len() < 5 || exclude.contains(&province) {
                    continue;
                }
                let counties = table.pick(&at);
                let sum = counties.counts.sum_axis(ndarray::Axis(0));
                let (ratios, here) = counties.ratios(&sum, sum.sum());
                rows.extend(ratios.iter().copied());
                places.extend(here);
            }
        }
        let ratios = Array2::from_shape_vec((places.len(), CELLS), rows)
            .map_err(|e| Error::data(Problem::new(e.to_string())))?;
        Residuals::estimate(&places, &ratios)
    }

    /// The stored mean and covariance brought to what the donors nearest in 60+ share and size show
    /// (normal-inverse-Wishart updating, weights falling off as a Gaussian): mean (38) and factor.
    pub fn update(
        &self,
        prior: &Residuals,
        scale: Scale,
        place: Place,
        standard: &Array1<f64>,
        whole: f64,
    ) -> (Array1<f64>, Array2<f64>) {
        let (ratios, places) = self.ratios(standard, whole);
        let weights: Vec<f64> = places.iter().map(|p| weight(*p, place, scale)).collect();
        let sum: f64 = weights.iter().sum();
        let rest: Vec<Array1<f64>> =
            ratios.rows().into_iter().zip(&places).map(|(r, p)| &r - &prior.mean_at(*p)).collect();
        let mut shift = Array1::zeros(CELLS);
        for (e, w) in rest.iter().zip(&weights) {
            shift.scaled_add(w / (sum + scale.prior_mean), e);
        }
        let all = sum + scale.prior_covariance;
        let mut covariance = prior.covariance() * (scale.prior_covariance / all);
        for (e, w) in rest.iter().zip(&weights) {
            add_outer(&mut covariance, &(e - &shift), w / all);
        }
        (prior.mean_at(place) + shift, principal(&covariance, COMPONENTS))
    }
}

/// Weight of a donor: 1 for the same 60+ share and size.
fn weight(donor: Place, place: Place, scale: Scale) -> f64 {
    let a = (donor.share - place.share) / scale.bandwidth_share;
    let b = (donor.size - place.size) / scale.bandwidth_size;
    (-0.5 * (a * a + b * b)).exp()
}

/// Share of 60+ of 38 cells.
pub fn share_60(cells: &Array1<f64>) -> f64 {
    let old: f64 = cells.iter().enumerate().filter(|(c, _)| c % GROUPS.len() >= SIXTY).map(|(_, v)| v).sum();
    old / cells.sum()
}

/// Single years (2, 101) to the 38 cells.
pub fn to_cells(single: &Array2<f64>) -> Array1<f64> {
    let bounds = |g: usize| match g {
        0 => (0, 1),
        1 => (1, 5),
        18 => (85, AGES),
        g => (g * 5 - 5, g * 5),
    };
    Array1::from_shape_fn(CELLS, |c| {
        let (from, to) = bounds(c % GROUPS.len());
        (from..to).map(|x| single[[c / GROUPS.len(), x]]).sum()
    })
}

/// A county's table in the 38 cells.
fn regroup(table: &Array2<f64>, groups: &[AgeGroup], labels: &[String]) -> Result<Vec<f64>> {
    if labels.iter().eq(GROUPS.iter()) {
        return Ok(table.iter().copied().collect());
    }
    Ok(to_cells(&to_single(table, groups)?).to_vec())
}
