//! Care: published totals, the age gradient, scales, staff.
#![allow(clippy::unwrap_used)] // helpers outside #[test] functions

use minsuan::care::*;
use ndarray::{Array2, Array3, Array4};
use num_rational::Ratio;
use proptest::prelude::*;

/// Share in need of the national population aged `from` and over.
fn national_share(definition: &str, from: usize) -> f64 {
    let structure = national_structure().unwrap();
    let s = schedule(definition).unwrap();
    let (mut need, mut persons) = (0.0, 0.0);
    for age in from..AGES {
        persons += structure.persons[age];
        need += structure.persons[age] * s.levels.iter().map(|l| l.prevalence[[0, age]]).sum::<f64>();
    }
    need / persons
}

#[test]
fn each_definition_gives_its_published_total_on_the_national_structure_of_2020() {
    // 2020 census 2.34 %; fourth survey (2015) 18.3 %; multi-source 12.27 % of 65+; meta-analysis 26.2 %.
    let published = [
        ("census_2020", 60, 0.0234),
        ("survey_2015", 60, 0.183),
        ("multi_source_2025", 65, 0.1227),
        ("meta_97", 60, 0.262),
        ("survey_2015_gbt", 60, 0.183),
    ];
    assert_eq!(schedules().unwrap().len(), published.len());
    for (definition, from, total) in published {
        let share = national_share(definition, from);
        assert!((share - total).abs() < 1e-9, "{definition}: {share}");
    }
}

#[test]
fn the_gradient_stays_close_to_the_published_counts_of_shanghai() {
    // 2010 census, Shanghai towns: 81/11210, 79/7614, 136/5348.
    let g = gradient().unwrap();
    assert!((g.slope - 0.1373).abs() < 5e-4, "{}", g.slope);
    let five = |from: usize| (from..from + 5).map(|a| g.share(a)).sum::<f64>() / 5.0;
    for (from, unable, persons) in [(60, 81.0, 11_210.0), (65, 79.0, 7_614.0), (70, 136.0, 5_348.0)] {
        let (p, n): (f64, f64) = (unable / persons, persons);
        // Within two standard errors of a share of so many persons.
        let error = (p * (1.0 - p) / n).sqrt();
        assert!((five(from) - p).abs() < 2.0 * error, "{from}: {} {p}", five(from));
    }
}

#[test]
fn schedules_rise_with_age_and_say_what_they_are() {
    for s in schedules().unwrap() {
        assert!(!s.label.is_empty() && !s.source.is_empty() && !s.note.is_empty() && s.log_sd > 0.0);
        for level in &s.levels {
            assert_eq!(level.prevalence.dim(), (2, AGES));
            for sex in 0..2 {
                assert!((0..60).all(|a| level.prevalence[[sex, a]] == 0.0));
                assert!((60..100).all(|a| level.prevalence[[sex, a]] < level.prevalence[[sex, a + 1]]));
                assert!(level.prevalence[[sex, 100]] < 1.0);
            }
        }
    }
    let gbt = schedule("survey_2015_gbt").unwrap();
    let ids: Vec<_> = gbt.levels.iter().map(|l| l.id.as_str()).collect();
    assert_eq!(ids, ["mild", "moderate", "severe", "complete"]);
    assert!(gbt.label.contains("假定") && gbt.note.contains("假定"));
}

#[test]
fn an_unknown_definition_names_the_known_ones() {
    let text = schedule("2015").unwrap_err().to_string();
    for known in ["census_2020", "survey_2015", "multi_source_2025", "meta_97", "survey_2015_gbt"] {
        assert!(text.contains(known), "{text}");
    }
}

#[test]
fn a_flat_schedule_counts_by_hand() {
    // 45,000 aged 60+: 2.34 % are 1,053, 18.3 % are 8,235, 26.2 % are 11,790.
    let mut population = Array2::zeros((2, AGES));
    population[[0, 70]] = 20_000.0;
    population[[1, 80]] = 25_000.0;
    for (share, persons) in [(0.0234, 1_053.0), (0.183, 8_235.0), (0.262, 11_790.0)] {
        let flat = Array2::from_shape_fn((2, AGES), |(_, a)| if a < 60 { 0.0 } else { share });
        let n = need(&population.view(), &flat.view(), [0.0, 0.0]).unwrap();
        assert!((n - persons).abs() < 1e-9);
    }
}

#[test]
fn a_shift_moves_the_schedule_to_older_ages() {
    let p = schedule("survey_2015").unwrap().levels[0].prevalence.clone();
    let mut population = Array2::zeros((2, AGES));
    population[[1, 80]] = 1_000.0;
    let at = |shift| need(&population.view(), &p.view(), [9.0, shift]).unwrap();
    assert!((at(2.0) - 1_000.0 * p[[1, 78]]).abs() < 1e-9);
    assert!((at(0.5) - 500.0 * (p[[1, 79]] + p[[1, 80]])).abs() < 1e-9);
    assert!((at(-1.0) - 1_000.0 * p[[1, 81]]).abs() < 1e-9);
    // At 60 the schedule goes on below its first age; at 59 there is no need by this definition.
    population.fill(0.0);
    population[[0, 60]] = 1_000.0;
    population[[0, 59]] = 1_000.0;
    let young = need(&population.view(), &p.view(), [1.0, 0.0]).unwrap();
    assert!(young > 0.0 && young < 1_000.0 * p[[0, 60]]);
}

#[test]
fn dynamic_equilibrium_lies_between_the_two_others() {
    let p = schedule("survey_2015").unwrap().levels[0].prevalence.clone();
    let population = Array2::from_elem((2, AGES), 100.0);
    let of = |h: Health| need(&population.view(), &p.view(), [h.shift(4.0), h.shift(3.0)]).unwrap();
    assert!(of(Health::FullShift) < of(Health::DynamicEquilibrium));
    assert!(of(Health::DynamicEquilibrium) < of(Health::Constant));
    assert!(Health::parse("morbidity").is_err());
}

#[test]
fn draws_give_what_single_calls_give() {
    let p = schedule("survey_2015").unwrap().levels[0].prevalence.clone();
    let population = Array4::from_shape_fn((3, 2, 2, AGES), |(d, y, s, a)| (d + 2 * y + 3 * s + a) as f64);
    let shift = Array3::from_shape_fn((1, 2, 2), |(_, y, s)| (y + s) as f64 * 0.7);
    // Factors that cut no share at 1.
    let factor = [0.9, 1.0, 1.05];
    let all = need_draws(&population.view(), &p.view(), &shift.view(), &factor).unwrap();
    for d in 0..3 {
        for y in 0..2 {
            let cells = population.slice(ndarray::s![d, y, .., ..]);
            let one = need(&cells, &(&p * factor[d]).view(), [shift[[0, y, 0]], shift[[0, y, 1]]]).unwrap();
            assert!((one - all[[d, y]]).abs() < 1e-9 * one, "{one} {}", all[[d, y]]);
        }
    }
    let all_in_need = need_draws(&population.view(), &p.view(), &shift.view(), &[1e9]).unwrap();
    let aged = population.slice(ndarray::s![0, 0, .., 60..]).sum();
    assert_eq!(all_in_need[[0, 0]], aged);
}

#[test]
fn what_does_not_fit_is_refused() {
    let p = Array2::zeros((2, AGES));
    let bad = Array2::from_elem((2, AGES), f64::NAN);
    assert!(need(&bad.view(), &p.view(), [0.0; 2]).is_err());
    assert!(need(&Array2::zeros((2, 100)).view(), &p.view(), [0.0; 2]).is_err());
    assert!(need(&p.view(), &Array2::from_elem((2, AGES), 1.5).view(), [0.0; 2]).is_err());
    assert!(need(&p.view(), &p.view(), [f64::INFINITY, 0.0]).is_err());
    let population = Array4::zeros((3, 2, 2, AGES));
    let shift = Array3::zeros((2, 2, 2));
    assert!(need_draws(&population.view(), &p.view(), &shift.view(), &[1.0]).is_err());
    let shift = Array3::zeros((1, 1, 2));
    assert!(need_draws(&population.view(), &p.view(), &shift.view(), &[1.0, 1.0]).is_err());
    assert!(need_draws(&population.view(), &p.view(), &shift.view(), &[-1.0]).is_err());
}

#[test]
fn gbt_levels_by_points_and_overrides() {
    use GbtLevel::*;
    let plain = GbtOverrides::default();
    for (points, level) in
        [(90, Intact), (89, Mild), (66, Mild), (65, Moderate), (46, Moderate), (45, Severe)]
    {
        assert_eq!(gbt_level(points, plain).unwrap(), level);
    }
    for (points, level) in [(30, Severe), (29, Complete), (0, Complete)] {
        assert_eq!(gbt_level(points, plain).unwrap(), level);
    }
    assert!(gbt_level(91, plain).is_err());
    let coma = GbtOverrides { coma: true, ..plain };
    assert_eq!(gbt_level(90, coma).unwrap(), Complete);
    let dementia = GbtOverrides { dementia_or_psychiatric: true, ..plain };
    assert_eq!(gbt_level(90, dementia).unwrap(), Mild);
    assert_eq!(gbt_level(10, dementia).unwrap(), Complete);
    let events = |n| GbtOverrides { risk_events: n, ..plain };
    assert_eq!(gbt_level(70, events(1)).unwrap(), Mild);
    assert_eq!(gbt_level(70, events(2)).unwrap(), Moderate);
    // Both reasons together make it one level worse, not two.
    let both = GbtOverrides { dementia_or_psychiatric: true, risk_events: 3, coma: false };
    assert_eq!(gbt_level(70, both).unwrap(), Moderate);
}

#[test]
fn the_other_scales_keep_their_own_levels() {
    assert_eq!(mzt_adl_level(100).unwrap(), MztAdlLevel::Intact);
    assert_eq!(mzt_adl_level(65).unwrap(), MztAdlLevel::Mild);
    assert_eq!(mzt_adl_level(45).unwrap(), MztAdlLevel::Moderate);
    assert_eq!(mzt_adl_level(40).unwrap(), MztAdlLevel::Severe);
    assert!(mzt_adl_level(97).is_err() && mzt_adl_level(105).is_err());
    assert_eq!(tekun_level(0).unwrap(), TekunLevel::Able);
    assert_eq!(tekun_level(3).unwrap(), TekunLevel::PartlyLost);
    assert_eq!(tekun_level(4).unwrap(), TekunLevel::Lost);
    assert!(tekun_level(7).is_err());
}

#[test]
fn staff_is_rounded_up_in_each_facility() {
    let one = Ratio::from_integer(1);
    let staff = staff_required(&[vec![4, 0], vec![4, 0]], &[3, 6], one).unwrap();
    assert_eq!(staff.iter().map(|s| s.on_duty).sum::<u64>(), 4);
    let merged = staff_required(&[vec![8, 0]], &[3, 6], one).unwrap();
    assert_eq!(merged[0].on_duty, 3);
    // ceil(3/3) + ceil(7/6) = 3 on duty; at 4.2 posts each for 24 hours ceil(12.6) = 13.
    let day = staff_required(&[vec![3, 7]], &[3, 6], Ratio::new(42, 10)).unwrap();
    assert_eq!((day[0].on_duty, day[0].posts), (3, 13));
    let wrong = staff_required(&[vec![1]], &[3, 0], Ratio::new(1, 2)).unwrap_err();
    assert_eq!(wrong.problems().len(), 3);
}

#[test]
fn presets_are_marked_as_what_they_are() {
    for preset in setting_presets().unwrap() {
        assert_eq!(preset.status, "slogan");
        assert_eq!(preset.home + preset.community + preset.institution, 1.into());
        assert!(preset.note.contains("不是标准"));
        let placed = place_by_setting(10_000.0, &preset);
        assert!((placed.iter().sum::<f64>() - 10_000.0).abs() < 1e-9);
    }
    assert!(staff_presets().unwrap().iter().all(|p| p.status == "common_practice"));
}

proptest! {
    #[test]
    fn more_people_never_need_less(extra in 0.0..1e4_f64, age in 0..AGES, shift in -5.0..5.0_f64) {
        let p = schedule("survey_2015").unwrap().levels[0].prevalence.clone();
        let mut population = Array2::from_elem((2, AGES), 10.0);
        let before = need(&population.view(), &p.view(), [shift, 0.0]).unwrap();
        population[[0, age]] += extra;
        let after = need(&population.view(), &p.view(), [shift, 0.0]).unwrap();
        prop_assert!(after >= before && after.is_finite());
        prop_assert!(after <= population.sum());
    }
}

/// Counts that a schedule with shifted odds would give: `persons` at each sex and age.
fn assessments(s: &Schedule, shift: f64, male: f64, decade: f64, persons: f64) -> Vec<Assessed> {
    let mut out = Vec::new();
    for sex in 0..2 {
        for age in 60..AGES {
            let worse = |k: usize| -> f64 { s.levels[k..].iter().map(|l| l.prevalence[[sex, age]]).sum() };
            let by = shift + male * (sex as f64 - 0.5) + decade * (age as f64 - 75.0) / 10.0;
            let moved = |k: usize| {
                let p = worse(k);
                if k == s.levels.len() { 0.0 } else { 1.0 / (1.0 + (1.0 - p) / p * (-by).exp()) }
            };
            let edges: Vec<f64> = std::iter::once(1.0).chain((0..=s.levels.len()).map(moved)).collect();
            for (level, w) in edges.windows(2).enumerate() {
                out.push(Assessed { sex, age, level, persons: persons * (w[0] - w[1]) });
            }
        }
    }
    out
}

#[test]
fn without_assessments_the_published_schedule_comes_back() {
    let s = schedule("survey_2015_gbt").unwrap();
    let local = re_estimate(&s, &[], Prior::of(&s)).unwrap();
    for (a, b) in local.schedule.levels.iter().zip(&s.levels) {
        let off = (&a.prevalence - &b.prevalence).iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        assert!(off < 1e-12, "{off}");
    }
    assert!((local.standard_error[0] - s.log_sd).abs() < 1e-12);
}

#[test]
fn many_assessments_give_back_the_shift_that_made_them() {
    let s = schedule("survey_2015_gbt").unwrap();
    let truth = (-0.4, 0.2, 0.1);
    let many = assessments(&s, truth.0, truth.1, truth.2, 1e5);
    let local = re_estimate(&s, &many, Prior::of(&s)).unwrap();
    let e = &local.estimate;
    assert!(
        (e[0] - truth.0).abs() < 1e-2 && (e[4] - truth.1).abs() < 1e-2 && (e[5] - truth.2).abs() < 1e-2,
        "{e:?}"
    );
    assert!(e[1..4].iter().all(|v| v.abs() < 1e-2), "{e:?}");
    assert!(local.standard_error[0] < 0.01);
    assert!(local.schedule.label.contains("本地"));
    // Fewer assessments are pulled further towards what is published.
    let few = re_estimate(&s, &assessments(&s, truth.0, truth.1, truth.2, 1.0), Prior::of(&s)).unwrap();
    assert!(few.estimate[0] < 0.0 && few.estimate[0] > e[0], "{:?}", few.estimate);
}

#[test]
fn one_cell_with_a_wide_prior_is_the_local_share() {
    // 30 of 100 women of 80 in need; with every spread wide the fit meets the share: logit 0.3 = −0.8473.
    let s = schedule("survey_2015").unwrap();
    let at = |level, persons| Assessed { sex: 0, age: 80, level, persons };
    let wide = Prior { shift: 1e4, level: 1.0, sex: 1e-4, age: 1e-4 };
    let local = re_estimate(&s, &[at(0, 70.0), at(1, 30.0)], wide).unwrap();
    assert!((local.schedule.levels[0].prevalence[[0, 80]] - 0.3).abs() < 1e-6);
    // The standard error of a log odds: sqrt(1/30 + 1/70).
    assert!((local.standard_error[0] - (1.0_f64 / 30.0 + 1.0 / 70.0).sqrt()).abs() < 1e-4);
}

#[test]
fn assessments_that_are_none_are_refused() {
    let s = schedule("survey_2015").unwrap();
    let bad = Assessed { sex: 2, age: 59, level: 2, persons: f64::NAN };
    assert_eq!(re_estimate(&s, &[bad], Prior::of(&s)).unwrap_err().problems().len(), 4);
    let none = Prior { shift: 0.0, level: f64::NAN, sex: -1.0, age: 1.0 };
    assert_eq!(re_estimate(&s, &[], none).unwrap_err().problems().len(), 3);
}
