//! Outside numbers: the UN's cases, Spectrum, Preston's Sweden, WPP2019 by five-year groups, WPP2024 e0.
//!
//! Reads `../shared/reference`; a case whose file is not there is skipped and its name printed.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers outside of test functions

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use minsuan::demography::life_table::{self, A0Rule, Sex};
use minsuan::demography::project::{Clamp, Inputs, Projection, Timing, project};
use minsuan::demography::residual::{Mothers, ResidualSpec, residual_migration};
use ndarray::{Array1, Array2, Array3, ArrayD};

/// A file of the reference data as rows by column name, or `None` (and its name on the screen).
fn read(name: &str) -> Option<Vec<HashMap<String, String>>> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference").join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    let mut text = String::new();
    if name.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    Some(
        reader
            .records()
            .map(|r| header.iter().cloned().zip(r.unwrap().iter().map(str::to_owned)).collect())
            .collect(),
    )
}

fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].trim_end_matches('+').parse().unwrap_or_else(|_| panic!("{column}: {}", row[column]))
}

fn sex(row: &HashMap<String, String>) -> usize {
    usize::from(row["sex"].starts_with('m'))
}

/// [year, sex, age] of one column, years from the first on.
fn cube(rows: &[HashMap<String, String>], column: &str) -> Array3<f64> {
    let year = |r: &HashMap<String, String>| number(r, "year") as usize;
    let first = rows.iter().map(year).min().unwrap();
    let years = rows.iter().map(year).max().unwrap() - first + 1;
    let ages = rows.iter().map(|r| number(r, "age") as usize).max().unwrap() + 1;
    let mut out = Array3::from_elem((years, 2, ages), f64::NAN);
    for r in rows {
        out[[year(r) - first, sex(r), number(r, "age") as usize]] = number(r, column);
    }
    out
}

/// Largest difference relative to the expected value, with a floor on its size.
fn worst(got: impl IntoIterator<Item = f64>, want: impl IntoIterator<Item = f64>, floor: f64) -> f64 {
    let (mut worst, mut n): (f64, usize) = (0.0, 0);
    for (g, w) in got.into_iter().zip(want) {
        worst = worst.max((g - w).abs() / w.abs().max(floor));
        n += 1;
    }
    assert!(n > 0);
    worst
}

#[derive(Default)]
struct Case {
    population: Array2<f64>,
    survival: Array3<f64>,
    fertility: Array2<f64>,
    srb: Array1<f64>,
    migration: Option<Array3<f64>>,
}

impl Case {
    fn run(&self, timing: Timing, width: u32) -> Projection {
        project(&Inputs {
            population: self.population.view().into_dyn(),
            survival: self.survival.view().into_dyn(),
            fertility: self.fertility.view().into_dyn(),
            srb: self.srb.view().into_dyn(),
            migration: self.migration.as_ref().map(|m| m.view().into_dyn()),
            emigration: None,
            timing,
            width,
            clamp: Clamp::Refuse,
            births_by_age: true,
            deaths: true,
        })
        .unwrap()
    }
}

/// Inputs of a UN case: the rates of year t move the stock of t to t+1.
fn un_case(folder: &str, srb: &str) -> Option<Case> {
    let base = cube(&read(&format!("population/{folder}/base_pop.csv.gz"))?, "pop");
    let rates = read(&format!("population/{folder}/rates.csv.gz"))?;
    let fertility = cube(&rates, "asfr").index_axis(ndarray::Axis(1), 0).to_owned();
    let srb = read(&format!("population/{folder}/{srb}"))?.iter().map(|r| number(r, "srb")).collect();
    Some(Case {
        population: base.index_axis(ndarray::Axis(0), 0).to_owned(),
        survival: cube(&rates, "sx"),
        fertility,
        srb,
        migration: Some(cube(&rates, "netmig")),
    })
}

fn births(p: &ArrayD<f64>, sex: usize) -> Vec<f64> {
    p.index_axis(ndarray::Axis(1), sex).to_vec()
}

trait ToVec {
    fn to_vec(&self) -> Vec<f64>;
}
impl ToVec for ndarray::ArrayViewD<'_, f64> {
    fn to_vec(&self) -> Vec<f64> {
        self.iter().copied().collect()
    }
}

#[test]
fn canada_as_the_un_stored_it() {
    let Some(case) = un_case("canada", "srb.csv.gz") else { return };
    let p = case.run(Timing::End, 1);
    let want = cube(&read("population/canada/expected_pop.csv.gz").unwrap(), "pop");
    assert!(worst(p.population.iter().copied(), want.iter().copied(), 1.0) < 1e-12);
    let born = read("population/canada/expected_births.csv.gz").unwrap();
    for (sex, column) in ["female", "male"].iter().enumerate() {
        assert!(worst(births(&p.births, sex), born.iter().map(|r| number(r, column)), 1.0) < 1e-12);
    }
    let dead = cube(&read("population/canada/expected_deaths.csv.gz").unwrap(), "deaths_cohort");
    assert!(worst(p.deaths.iter().copied(), dead.iter().copied(), 1.0) < 1e-12);
    let by_age = read("population/canada/expected_births_age.csv.gz").unwrap();
    let got = p.births_by_age.unwrap();
    assert!(worst(got.iter().copied(), by_age.iter().map(|r| number(r, "births")), 1.0) < 1e-12);
}

#[test]
fn canada_and_france_by_the_uns_engine_with_both_timings() {
    for (folder, srb, timing, name) in [
        ("canada_both_timings", "srb.csv", Timing::End, "end"),
        ("canada_both_timings", "srb.csv", Timing::Even, "even"),
        ("france_hmd", "srb.csv.gz", Timing::End, "end"),
    ] {
        let Some(case) = un_case(folder, srb) else { continue };
        let p = case.run(timing, 1);
        let file = |what: &str| read(&format!("population/{folder}/ccmppWPP_{name}_{what}")).unwrap();
        let want = cube(&file("pop.csv.gz"), "pop");
        assert!(worst(p.population.iter().copied(), want.iter().copied(), 1.0) < 1e-12, "{folder} {name}");
        let born = file("births.csv");
        for (sex, column) in ["births_f", "births_m"].iter().enumerate() {
            assert!(worst(births(&p.births, sex), born.iter().map(|r| number(r, column)), 1.0) < 1e-12);
        }
        let dead = cube(&file("deaths_mig.csv.gz"), "deaths_cohort");
        assert!(worst(p.deaths.iter().copied(), dead.iter().copied(), 1.0) < 1e-12, "{folder} {name} deaths");
    }
}

#[test]
fn spectrum_with_the_open_group_survived_apart() {
    for folder in ["spectrum_za", "spectrum_za_nomig"] {
        let file = |what: &str| read(&format!("population/{folder}/{what}"));
        let Some(rates) = file("netmig_asfr.csv.gz") else { continue };
        // Rates of t move t-1 to t; the row of 1970 is unused.
        let later = |c: Array3<f64>| c.slice(ndarray::s![1.., .., ..]).to_owned();
        let srb_births = file("srb_births.csv.gz").unwrap();
        let base = cube(&file("base_pop.csv.gz").unwrap(), "pop");
        let case = Case {
            population: base.index_axis(ndarray::Axis(0), 0).to_owned(),
            survival: later(cube(&file("survival_82rows.csv.gz").unwrap(), "sx")),
            fertility: later(cube(&rates, "asfr")).index_axis(ndarray::Axis(1), 0).to_owned(),
            srb: srb_births.iter().skip(1).map(|r| number(r, "srb")).collect(),
            migration: Some(later(cube(&rates, "netmig"))),
        };
        // Which timing Spectrum uses does not matter without migration.
        let p = case.run(Timing::End, 1);
        let want = cube(&file("expected_pop.csv.gz").unwrap(), "pop");
        let worst_pop = worst(p.population.iter().copied(), want.iter().copied(), 1.0);
        assert!(worst_pop < 5e-6, "{folder}: {worst_pop}");
        let born = p.births.sum_axis(ndarray::Axis(1));
        let worst_births =
            worst(born.iter().copied(), srb_births.iter().skip(1).map(|r| number(r, "births_expected")), 1.0);
        assert!(worst_births < 5e-6, "{folder}: {worst_births}");
    }
}

#[test]
fn sweden_1993_to_half_a_person() {
    let Some(rows) = read("population/sweden1993_preston/case.csv") else { return };
    let column = |name: &str| rows.iter().map(|r| number(r, name)).collect::<Vec<f64>>();
    let both =
        |f: &str, m: &str| Array2::from_shape_vec((2, rows.len()), [column(f), column(m)].concat()).unwrap();
    let survival = both("survival_ratio_age_f", "survival_ratio_age_m").insert_axis(ndarray::Axis(0));
    let case = Case {
        population: both("pop_count_age_f_begin", "pop_count_age_m_begin"),
        survival,
        fertility: Array2::from_shape_vec((1, rows.len()), column("fert_rate_age_f")).unwrap(),
        srb: Array1::from_elem(1, 1.05),
        migration: Some(both("mig_net_count_age_f", "mig_net_count_age_m").insert_axis(ndarray::Axis(0))),
    };
    let p = case.run(Timing::Even, 5);
    let want = both("pop_count_age_f_end", "pop_count_age_m_end");
    for (g, w) in p.population.index_axis(ndarray::Axis(0), 1).iter().zip(&want) {
        // Printed to whole persons, so half a person and the sixth digit of the printed ratios.
        assert!((g - w).abs() <= 0.5 + 1e-6, "{g} {w}");
    }
}

#[test]
fn e0_of_every_abridged_table_of_wpp2024() {
    let (Some(mx), Some(e0)) =
        (read("life_tables/wpp2024_mx_abridged.csv.gz"), read("life_tables/wpp2024_e0_expected.csv.gz"))
    else {
        return;
    };
    let mut tables: HashMap<(String, String), [Vec<f64>; 2]> = HashMap::new();
    for r in &mx {
        let t = tables.entry((r["country_code"].clone(), r["period"].clone())).or_default();
        t[0].push(number(r, "mxF"));
        t[1].push(number(r, "mxM"));
    }
    let ages = minsuan::demography::standards::ABRIDGED;
    let (mut most, mut single_most, mut n, mut risen): (f64, f64, usize, usize) = (0.0, 0.0, 0, 0);
    for r in &e0 {
        let t = &tables[&(r["country_code"].clone(), r["period"].clone())];
        for (sex, column) in [(Sex::Female, "e0F"), (Sex::Male, "e0M")] {
            let rates = &t[sex.index()];
            let table = life_table::abridged(&ages, rates, sex, A0Rule::default()).unwrap();
            let error = (table.e0() - number(r, column)).abs();
            most = most.max(error);
            assert!(error < 0.002, "{} {} {column}: {error}", r["country_code"], r["period"]);
            let single = minsuan::demography::graduation::mx_to_single(&ages, rates, sex).unwrap();
            // Where the hazards of the intervals rise, those of the years do.
            let hazards: Vec<f64> =
                (16..21).map(|i| (table.lx[i] / table.lx[i + 1]).ln()).chain([5.0 * rates[21]]).collect();
            if hazards.windows(2).all(|w| w[1] >= w[0]) {
                risen += 1;
                assert!(single[81..101].windows(2).all(|w| w[1] >= w[0] - 1e-12), "{column} {single:?}");
            }
            let single = life_table::single(&single, sex, A0Rule::default()).unwrap();
            single_most = single_most.max((single.e0() - table.e0()).abs());
            n += 1;
        }
    }
    println!(
        "{n} tables: e0 within {most:.5}, in single years within {single_most:.4}; {risen} rise from 75 on"
    );
    assert!(risen > n / 2);
    assert!(single_most < 0.012);
}

/// Five-year groups of WPP2019: surviving and bearing the published population with the published rates,
/// what is left over is the net migration of the period, with "even" timing.
///
/// The residual is the exact solution of the engine's "even" equations, without iteration. Whose women bear
/// is a convention that the published figures tell: births of the mean of the two published populations meet
/// the published migration to the rounding of the rates. The UN's later engine counts the half that came at
/// the start from the start on; that is `Mothers::Engine`, and misses WPP2019 by the children of M/2.
#[test]
fn wpp2019_by_five_year_groups() {
    let (Some(mx), Some(pasfr), Some(pop), Some(other)) = (
        read("wpp2019_5x5/mx.csv.gz"),
        read("wpp2019_5x5/pasfr.csv.gz"),
        read("wpp2019_5x5/pop.csv.gz"),
        read("wpp2019_5x5/tfr_srb_mig.csv.gz"),
    ) else {
        return;
    };
    let key = |r: &HashMap<String, String>| (r["country_code"].clone(), r["t"].clone());
    let mut rates: HashMap<(String, String), [Vec<f64>; 2]> = HashMap::new();
    for r in &mx {
        let t = rates.entry(key(r)).or_default();
        t[0].push(number(r, "mxF"));
        t[1].push(number(r, "mxM"));
    }
    let mut people: HashMap<(String, String), [Vec<f64>; 2]> = HashMap::new();
    for r in &pop {
        let t = people.entry(key(r)).or_default();
        t[0].push(number(r, "popF"));
        t[1].push(number(r, "popM"));
    }
    let mut shares: HashMap<(String, String), Vec<f64>> = HashMap::new();
    for r in &pasfr {
        shares.entry(key(r)).or_default().push(number(r, "pasfr"));
    }
    let ages = minsuan::demography::standards::ABRIDGED;
    // Differences from 2020 on, of the engine's own births, of China, and before 2020.
    let (mut late, mut own, mut china, mut early) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut skipped = 0;
    for r in &other {
        let (code, period) = key(r);
        let (first, last) = period.split_once('-').unwrap();
        let find = |year: &str| people.get(&(code.clone(), year.to_owned()));
        let (Some(before), Some(after)) = (find(first), find(last)) else {
            skipped += 1;
            continue;
        };
        let rates = &rates[&(code.clone(), period.clone())];
        let whole = |v: &Vec<f64>, n: usize| v.len() == n && v.iter().all(|x| x.is_finite());
        if !before.iter().chain(after).all(|v| whole(v, 21)) || !rates.iter().all(|v| whole(v, 22)) {
            skipped += 1;
            continue;
        }
        let mut survival = Array3::zeros((1, 2, 21));
        for sex in Sex::BOTH {
            let table = life_table::abridged(&ages, &rates[sex.index()], sex, A0Rule::default()).unwrap();
            survival
                .slice_mut(ndarray::s![0, sex.index(), ..])
                .assign(&Array1::from(table.survival().unwrap()));
        }
        let mut fertility = Array2::zeros((1, 21));
        for (i, s) in shares[&(code.clone(), period.clone())].iter().enumerate() {
            fertility[[0, 3 + i]] = number(r, "tfr") * s / 100.0 / 5.0;
        }
        let stock = |p: &[Vec<f64>; 2]| Array2::from_shape_fn((2, 21), |(s, x)| p[s][x]);
        let (before, after, srb) = (stock(before), stock(after), number(r, "srb"));
        let residual = |mothers| {
            residual_migration(&ResidualSpec {
                before: before.view(),
                after: after.view(),
                survival: survival.index_axis(ndarray::Axis(0), 0),
                fertility: fertility.row(0),
                srb,
                timing: Timing::Even,
                width: 5,
                mothers,
            })
            .unwrap()
        };
        let off = |m: &Array2<f64>| (m.sum() - number(r, "netmig")).abs() / after.sum();
        let (stocks, engine) = (residual(Mothers::Stocks), residual(Mothers::Engine));
        if first.parse::<i32>().unwrap() < 2020 {
            early.push(off(&stocks));
            continue;
        }
        late.push(off(&stocks));
        own.push(off(&engine));
        if code == "156" {
            china.push(off(&stocks));
        }
        // The engine itself, with what was found put in, arrives at the published population.
        let case = Case {
            population: before.clone(),
            survival: survival.clone(),
            fertility: fertility.clone(),
            srb: Array1::from_elem(1, srb),
            migration: Some(engine.insert_axis(ndarray::Axis(0))),
        };
        let arrived = case.run(Timing::Even, 5).population;
        let arrived = arrived.index_axis(ndarray::Axis(0), 1).to_vec();
        let error = worst(arrived, after.iter().copied(), 1.0);
        assert!(error < 1e-9, "{code} {period}: {error}");
    }
    for (what, v) in [
        ("from 2020 on", &mut late),
        ("engine's births", &mut own),
        ("China", &mut china),
        ("before 2020", &mut early),
    ] {
        v.sort_by(f64::total_cmp);
        if let Some(most) = v.last() {
            println!("{what}: {} periods, median {:.1e}, most {most:.1e}", v.len(), v[v.len() / 2]);
        }
    }
    println!("{skipped} periods without every group");
    let (median, most) = (late[late.len() / 2], late[late.len() - 1]);
    assert!(late.len() > 2000, "{}", late.len());
    assert!(median <= 1e-5 && most <= 1e-3, "{median} {most}");
}
