//! The multistate model against a published fit and against what it must be.
#![allow(clippy::unwrap_used)] // helpers outside #[test] functions

use std::io::Read;
use std::path::Path;
use std::process::Command;

use minsuan::care::*;
use minsuan::draws::Stream;
use minsuan::error::Error;
use ndarray::Array2;

const GO: &(dyn Fn(usize, usize) -> bool + Sync) = &|_, _| true;

/// A reference file's text, or none with the reason told.
fn reference(path: &str) -> Option<String> {
    let path = Path::new("../shared/reference").join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    let mut text = String::new();
    if path.extension().is_some_and(|e| e == "gz") {
        let out = Command::new("gzip").arg("-dc").arg(&path).output().unwrap();
        return Some(String::from_utf8(out.stdout).unwrap());
    }
    std::fs::File::open(path).unwrap().read_to_string(&mut text).unwrap();
    Some(text)
}

#[test]
fn the_heart_transplant_data_give_the_published_likelihood() {
    // Jackson (2011), "Multi-state models for panel data: the msm package for R", J. Stat. Softw. 38(8):
    // four states, death exact, -2 log likelihood 3968.798.
    let Some(text) = reference("care/cav.csv") else { return };
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let headers = rows.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let (person, time, state) = (at("PTNUM"), at("years"), at("state"));
    let observations: Vec<Observation> = rows
        .records()
        .map(|r| {
            let r = r.unwrap();
            let state: usize = r[state].parse().unwrap();
            Observation {
                person: r[person].parse().unwrap(),
                time: r[time].parse().unwrap(),
                state: state - 1,
            }
        })
        .collect();
    assert_eq!(observations.len(), 2846);
    let moves = vec![(0, 1), (0, 3), (1, 0), (1, 2), (1, 3), (2, 1), (2, 3)];
    let chain = Chain { states: 4, moves, exact: Some(3) };
    let f = fit_multistate(&observations, &chain, GO).unwrap();
    assert!((f.minus_two_log_likelihood - 3968.798).abs() < 6e-4, "{}", f.minus_two_log_likelihood);
    // The same paper prints the intensities: 1-2 0.128, 1-4 0.0425, 2-1 0.225, 2-3 0.342, 3-4 0.306.
    for (k, want) in [(0, 0.128), (1, 0.0425), (2, 0.225), (3, 0.342), (6, 0.306)] {
        assert!((f.intensity[k] / want - 1.0).abs() < 0.01, "{k}: {} {want}", f.intensity[k]);
        assert!(f.lower[k] < want && want < f.upper[k]);
    }
    let p = f.probabilities(1.0).unwrap();
    assert!(p.rows().into_iter().all(|r| (r.sum() - 1.0).abs() < 1e-12));
    assert!((p[[3, 3]] - 1.0).abs() < 1e-12);
}

#[test]
fn with_death_alone_the_intensity_is_deaths_by_years() {
    // One way out, known to the day: the estimate is deaths ÷ person-years, its log has variance 1/deaths.
    let mut observations = Vec::new();
    let mut years = 0.0;
    for person in 0..40 {
        let t = 0.5 + f64::from(person as u32) * 0.1;
        let died = person % 4 == 0;
        observations.push(Observation { person, time: 0.0, state: 0 });
        observations.push(Observation { person, time: t, state: usize::from(died) });
        years += t;
    }
    let chain = Chain { states: 2, moves: vec![(0, 1)], exact: Some(1) };
    let f = fit_multistate(&observations, &chain, GO).unwrap();
    assert!((f.intensity[0] - 10.0 / years).abs() < 1e-6);
    let width = (f.upper[0] / f.intensity[0]).ln();
    assert!((width - 1.959964 / 10.0_f64.sqrt()).abs() < 1e-4, "{width}");
    assert!((f.mean_stay()[0].unwrap() - years / 10.0).abs() < 1e-3);
    assert_eq!(f.mean_stay()[1], None);
}

#[test]
fn two_states_seen_yearly_have_a_closed_form() {
    // Of 100 well 20 are frail after a year, of 50 frail 10 are well: P(1) is met exactly, and
    // p01 + p10 = 1 − e^(−(a+b)) with a : b = p01 : p10.
    let mut observations = Vec::new();
    let mut person = 0;
    for (from, to, n) in [(0, 0, 80), (0, 1, 20), (1, 0, 10), (1, 1, 40)] {
        for _ in 0..n {
            observations.push(Observation { person, time: 0.0, state: from });
            observations.push(Observation { person, time: 1.0, state: to });
            person += 1;
        }
    }
    let chain = Chain { states: 2, moves: vec![(0, 1), (1, 0)], exact: None };
    let f = fit_multistate(&observations, &chain, GO).unwrap();
    let sum = -(1.0_f64 - 0.4).ln();
    assert!((f.intensity[0] - sum / 2.0).abs() < 1e-5 && (f.intensity[1] - sum / 2.0).abs() < 1e-5);
    let p = f.probabilities(1.0).unwrap();
    assert!((p[[0, 1]] - 0.2).abs() < 1e-6 && (p[[1, 0]] - 0.2).abs() < 1e-6);
}

/// Follows one person of a known chain to its visits at 0, 1, 2, 3 years and death to the day.
fn follow(person: u64, q: &Array2<f64>, out: &mut Vec<Observation>) {
    let mut random = Stream::new(11, "multistate", "", person);
    let (mut state, mut time, mut visit) = (usize::from(random.uniform() < 0.3), 0.0, 0);
    out.push(Observation { person, time: 0.0, state });
    loop {
        let stay = -random.uniform().ln() / -q[[state, state]];
        while f64::from(visit + 1) <= time + stay && visit < 3 {
            visit += 1;
            out.push(Observation { person, time: f64::from(visit), state });
        }
        time += stay;
        if visit == 3 {
            return;
        }
        let mut u = random.uniform() * -q[[state, state]];
        let from = state;
        for to in (0..3).filter(|k| *k != from) {
            u -= q[[from, to]];
            if u < 0.0 {
                state = to;
                break;
            }
        }
        if state == 2 {
            out.push(Observation { person, time, state });
            return;
        }
    }
}

#[test]
fn a_known_chain_is_found_again() {
    let q = ndarray::arr2(&[[-0.25, 0.2, 0.05], [0.1, -0.4, 0.3], [0.0, 0.0, 0.0]]);
    let mut observations = Vec::new();
    for person in 0..1_500 {
        follow(person, &q, &mut observations);
    }
    let chain = Chain { states: 3, moves: vec![(0, 1), (0, 2), (1, 0), (1, 2)], exact: Some(2) };
    let f = fit_multistate(&observations, &chain, GO).unwrap();
    for (k, (from, to)) in chain.moves.iter().enumerate() {
        let truth = q[[*from, *to]];
        // Within twice the half-width of the 95 % interval: missed by chance once in ten thousand.
        let half = (f.upper[k] / f.intensity[k]).ln();
        assert!((f.intensity[k] / truth).ln().abs() < 2.0 * half && half < 0.5, "{k}: {:?}", f.intensity);
    }
    // Names of states are arbitrary: swapping the first two swaps the estimates.
    let swapped: Vec<Observation> =
        observations.iter().map(|o| Observation { state: [1, 0, 2][o.state], ..*o }).collect();
    let chain = Chain { states: 3, moves: vec![(1, 0), (1, 2), (0, 1), (0, 2)], exact: Some(2) };
    let g = fit_multistate(&swapped, &chain, GO).unwrap();
    assert!(f.intensity.iter().zip(&g.intensity).all(|(a, b)| (a / b - 1.0).abs() < 1e-4));
}

#[test]
fn what_makes_no_chain_is_refused() {
    let o = |person, time, state| Observation { person, time, state };
    let chain = Chain { states: 3, moves: vec![(0, 1), (1, 2)], exact: Some(2) };
    let fit = |obs: &[Observation], c: &Chain| fit_multistate(obs, c, GO);
    for bad in [
        vec![],
        vec![o(1, 0.0, 0), o(1, 0.0, 1)],
        vec![o(1, 0.0, 0), o(1, f64::NAN, 1)],
        vec![o(1, 0.0, 0), o(1, 1.0, 3)],
        vec![o(1, 0.0, 0), o(1, 1.0, 2), o(1, 2.0, 0)],
        vec![o(1, 0.0, 0), o(2, 1.0, 1), o(1, 2.0, 1)],
        // Nothing leads from 2 back to 1.
        vec![o(1, 0.0, 1), o(1, 1.0, 0)],
    ] {
        assert!(matches!(fit(&bad, &chain), Err(Error::Data(_))), "{bad:?}");
    }
    let good = [o(1, 0.0, 0), o(1, 1.0, 1), o(2, 0.0, 0), o(2, 1.0, 0)];
    for moves in [vec![], vec![(0, 0)], vec![(0, 3)], vec![(0, 1), (0, 1)], vec![(2, 0)]] {
        let chain = Chain { moves, ..chain.clone() };
        assert!(matches!(fit(&good, &chain), Err(Error::Model(_))), "{chain:?}");
    }
    // Nobody is seen to die, so the second move can't be told.
    assert!(fit(&good, &chain).is_err());
    let only = Chain { states: 2, moves: vec![(0, 1)], exact: None };
    assert!(matches!(fit_multistate(&good, &only, &|_, _| false), Err(Error::Interrupted)));
    assert!(fit(&good, &only).unwrap().probabilities(-1.0).is_err());
}

#[test]
fn five_of_fourteen_published_cells_contradict_themselves() {
    // CLHLS one-year and three-year matrices by sex and age, printed to three decimals.
    let Some(text) = reference("care/clhls_transitions.csv.gz") else { return };
    let mut cells: std::collections::BTreeMap<(String, String), [Array2<f64>; 2]> = Default::default();
    for row in csv::Reader::from_reader(text.as_bytes()).records() {
        let row = row.unwrap();
        let years: usize = row[0].parse().unwrap();
        let cell = cells.entry((row[1].to_owned(), row[2].to_owned())).or_insert_with(|| {
            let mut m = Array2::zeros((4, 4));
            m[[3, 3]] = 1.0;
            [m.clone(), m]
        });
        let (from, to): (usize, usize) = (row[3].parse().unwrap(), row[4].parse().unwrap());
        cell[usize::from(years == 3)][[from - 1, to - 1]] = row[5].parse().unwrap();
    }
    assert_eq!(cells.len(), 14);
    let found: Vec<Consistency> = cells
        .values()
        .map(|[one, three]| check_matrices(&one.view(), &three.view(), 3, 0.001).unwrap())
        .collect();
    let wrong: Vec<f64> = found.iter().filter(|c| !c.holds()).map(|c| c.power_gap).collect();
    assert_eq!(wrong.len(), 5, "{found:?}");
    assert!(wrong.iter().all(|g| (0.0145..0.1185).contains(g)), "{wrong:?}");
}

#[test]
fn matrices_that_are_none_are_refused() {
    let one = ndarray::arr2(&[[0.9, 0.1], [0.0, 1.0]]);
    let ok = check_matrices(&one.view(), &one.dot(&one).view(), 2, 0.0).unwrap();
    assert!(ok.holds() && ok.power_gap == 0.0);
    let leaves = ndarray::arr2(&[[0.9, 0.1], [0.1, 0.9]]);
    assert!(check_matrices(&leaves.view(), &one.view(), 2, 0.001).is_err());
    let above = ndarray::arr2(&[[1.1, -0.1], [0.0, 1.0]]);
    assert!(check_matrices(&above.view(), &one.view(), 2, f64::NAN).is_err_and(|e| e.problems().len() == 3));
    assert!(check_matrices(&one.view(), &Array2::eye(3).view(), 2, 0.001).is_err());
}
