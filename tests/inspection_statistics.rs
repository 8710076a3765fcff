//! Transitions, survival, expectation, suppression, the synthetic register: outside numbers, then properties.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use minsuan::organizations::{
    Ending, Kind, Options, Register, Rules, Treatment, count, due, expected_table, publication_table,
    read_path, survival_curve, survival_table, synthetic_table, transition_counts, transitions_table,
    write_synthetic,
};

fn synthetic(seed: u64) -> Register {
    let folder = std::env::temp_dir().join(format!("minsuan-synthetic-{}-{seed}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = write_synthetic(&folder, seed, 2016, 2023).unwrap();
    assert!(path.file_name().unwrap().to_str().unwrap().contains("synthetic"));
    let register = read_path(&path, &Options::default(), &|_, _| true).unwrap();
    fs::remove_dir_all(folder).unwrap();
    register
}

#[test]
fn the_synthetic_register_is_jishous_in_size_and_says_what_it_is() {
    for seed in [0, 1, 7] {
        let register = synthetic(seed);
        assert!(register.is_synthetic());
        let counts = count(&register, 2020, 6);
        let of = |k: Kind| counts[k as usize].registered;
        assert_eq!((of(Kind::Association), of(Kind::ServiceOrganization)), (71, 141));
        assert_eq!(register.problems().total(), 0, "{:?}", register.problems().iter().next());
    }
    let (a, b) = (synthetic_table(3, 2016, 2023).unwrap(), synthetic_table(3, 2016, 2023).unwrap());
    assert_eq!(a.batch(), b.batch());
    assert_ne!(a.batch(), synthetic_table(4, 2016, 2023).unwrap().batch());
    assert!(a.title().contains("合成"));
    let register = synthetic(0);
    let rules = Rules::shipped("jishou").unwrap();
    let due = minsuan::organizations::due_table(&register, 2023, &rules, &Treatment::default()).unwrap();
    assert!(due.title().contains("合成"));
    assert!(synthetic_table(0, 2021, 2023).is_err());
}

#[test]
fn transitions_are_counts_of_pairs_and_rows_add_to_one() {
    let register = synthetic(0);
    let counts = transition_counts(&register);
    let mut pairs = 0;
    for i in 0..register.len() {
        let history: Vec<_> = register.history(i).collect();
        pairs += history.windows(2).filter(|w| w[0].0 + 1 == w[1].0).count() as u64;
    }
    assert_eq!(counts.iter().flatten().flatten().sum::<u64>(), pairs);
    let table = transitions_table(&register, None, 0.95).unwrap();
    let (types, from) = (table.texts("type").unwrap(), table.texts("from").unwrap());
    let p = table.floats("probability").unwrap();
    let (low, high) = (table.floats("low").unwrap(), table.floats("high").unwrap());
    let mut sums = std::collections::BTreeMap::new();
    for i in 0..table.num_rows() {
        *sums.entry((types.value(i), from.value(i))).or_insert(0.0) += p.value(i);
        assert!(low.value(i) <= p.value(i) && p.value(i) <= high.value(i));
    }
    assert!(sums.values().all(|s: &f64| (s - 1.0).abs() < 1e-12), "{sums:?}");
    // Without shrinkage to speak of, the probability is the share; with much, it is the type's own.
    let share = |strength: f64| {
        let t = transitions_table(&register, Some(strength), 0.95).unwrap();
        let at = (0..t.num_rows()).find(|i| {
            t.texts("type").unwrap().value(*i) == "total"
                && t.texts("from").unwrap().value(*i) == "unqualified"
                && t.texts("to").unwrap().value(*i) == "qualified"
        });
        t.floats("probability").unwrap().value(at.unwrap())
    };
    let total: [[u64; 5]; 5] =
        std::array::from_fn(|a| std::array::from_fn(|b| counts.iter().map(|m| m[a][b]).sum()));
    let raw = total[2][0] as f64 / total[2].iter().sum::<u64>() as f64;
    let margin = total.iter().map(|r| r[0]).sum::<u64>() as f64 / total.iter().flatten().sum::<u64>() as f64;
    assert!((share(1e-6) - raw).abs() < 1e-6);
    assert!((share(1e9) - margin).abs() < 0.01);
    assert!(raw < share(20.0) && share(20.0) < margin, "{raw} {} {margin}", share(20.0));
    assert!(transitions_table(&register, Some(0.0), 0.95).is_err());
}

#[test]
fn freireich_leukaemia_as_published() {
    // Remission times under 6-mercaptopurine (Freireich et al. 1963, Blood 21); product-limit estimates as in Cox & Oakes
    // 1984, Analysis of Survival Data, table 1.1 and section 4.2.
    let durations =
        [6., 6., 6., 6., 7., 9., 10., 10., 11., 13., 16., 17., 19., 20., 22., 23., 25., 32., 32., 34., 35.];
    let events = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0].map(|e| e == 1);
    let steps = survival_curve(&durations, &events, None, 0.95).unwrap();
    for (time, at_risk, survival) in [
        (6.0, 21, 0.857),
        (7.0, 17, 0.807),
        (10.0, 15, 0.753),
        (13.0, 12, 0.690),
        (16.0, 11, 0.627),
        (22.0, 7, 0.538),
        (23.0, 6, 0.448),
    ] {
        let step = steps.iter().find(|s| s.time == time).unwrap();
        assert_eq!(step.at_risk, at_risk);
        assert!((step.survival - survival).abs() < 6e-4, "{time}: {}", step.survival);
    }
}

#[test]
fn nonsense_lives_are_refused() {
    assert_eq!(
        survival_curve(&[1.0, f64::NAN, -1.0], &[true; 3], None, 0.95).unwrap_err().problems().len(),
        2
    );
    assert!(survival_curve(&[1.0], &[true, false], None, 0.95).is_err());
    assert!(survival_curve(&[1.0], &[true], Some(&[2.0]), 0.95).is_err());
    assert!(survival_curve(&[], &[], None, 0.95).unwrap().is_empty());
}

#[test]
fn survival_of_the_register_by_hand() {
    // Three service organizations, register from 2018 to 2021. A: registered 2015, revoked 2020 (age 5), enters at 3.
    // B: registered 2018, standing (0 to 3). C: registered 2016, deregistered 2018 (age 2, entered at 2).
    let text = "代码,登记日期,撤销日期,注销日期,年度,结论\n\
        52433101MJK000006G,2015-01-01,2020-05-01,,2018,合格\n\
        524331010000001070,2018-01-01,,,2021,合格\n\
        52433101000000019H,2016-01-01,,2018-06-01,2018,合格\n";
    let path = std::env::temp_dir().join(format!("minsuan-survival-{}.csv", std::process::id()));
    fs::write(&path, text).unwrap();
    let register = read_path(&path, &Options::default(), &|_, _| true).unwrap();
    fs::remove_file(path).unwrap();
    let rows = |ending| {
        let t = survival_table(&register, ending, 0.95).unwrap();
        let i = |n: &str, k| t.ints(n).unwrap().value(k);
        (0..t.num_rows())
            .filter(|k| t.texts("type").unwrap().value(*k) == "total")
            .map(|k| {
                (i("age_years", k), i("at_risk", k), i("events", k), t.floats("survival").unwrap().value(k))
            })
            .collect::<Vec<_>>()
    };
    // Age 2: B and C; age 3: A and B; ages 4 and 5: A alone.
    let all =
        [(0, 1, 0, 1.0), (1, 1, 0, 1.0), (2, 2, 1, 0.5), (3, 2, 0, 0.5), (4, 1, 0, 0.5), (5, 1, 1, 0.0)];
    assert_eq!(rows(Ending::Closed), all);
    assert_eq!(rows(Ending::Revoked)[2].3, 1.0);
    assert_eq!(rows(Ending::Deregistered)[5].3, 0.5);
}

#[test]
fn expected_numbers_add_up_and_are_the_same_for_one_seed() {
    let register = synthetic(0);
    let table = |seed| expected_table(&register, 2024, 6, 400, seed, &|_, _| true).unwrap();
    assert_eq!(table(5).batch(), table(5).batch());
    assert_ne!(table(5).batch(), table(6).batch());
    let t = table(5);
    let mean = |kind: &str, indicator: &str| {
        let at = (0..t.num_rows()).find(|i| {
            t.texts("type").unwrap().value(*i) == kind && t.texts("indicator").unwrap().value(*i) == indicator
        });
        t.floats("mean").unwrap().value(at.unwrap())
    };
    for kind in ["association", "service_organization", "total"] {
        let sum: f64 =
            ["qualified", "basically_qualified", "unqualified"].iter().map(|i| mean(kind, i)).sum();
        assert!((sum - mean(kind, "inspected")).abs() < 1e-9);
        assert!((mean(kind, "inspected") + mean(kind, "absent") - mean(kind, "obliged")).abs() < 1e-9);
        assert!((mean(kind, "obliged") + mean(kind, "exempt") - mean(kind, "registered")).abs() < 1e-9);
    }
    let now = count(&register, 2023, 6).iter().map(|c| c.registered).sum::<u64>() as f64;
    assert!((mean("total", "registered") - now).abs() < 0.1 * now);
    assert!(expected_table(&register, 2026, 6, 10, 0, &|_, _| true).is_err());
    assert!(expected_table(&register, 2024, 6, 10, 0, &|_, _| false).is_err());
}

/// Last year's expectation holds what then came about as often as it says: each year of several registers foretold
/// from the years before it.
#[test]
fn expected_intervals_cover_what_comes() {
    let (mut inside, mut all) = (0, 0);
    for seed in 0..12 {
        let table = synthetic_table(seed, 2010, 2023).unwrap();
        let cut = |last: i64| {
            let years = table.ints("年度").unwrap();
            let keep: Vec<bool> = (0..table.num_rows()).map(|i| years.value(i) <= last).collect();
            let path =
                std::env::temp_dir().join(format!("minsuan-cut-{}-{seed}-{last}.csv", std::process::id()));
            minsuan::tables::csv::write(
                &table.filter(&keep).unwrap(),
                &path,
                "utf-8",
                minsuan::tables::csv::Header::Names,
            )
            .unwrap();
            let register = read_path(&path, &Options::default(), &|_, _| true).unwrap();
            fs::remove_file(path).unwrap();
            register
        };
        let whole = cut(2023);
        let expected = expected_table(&cut(2022), 2023, 6, 500, seed, &|_, _| true).unwrap();
        let truth = count(&whole, 2023, 6);
        for (i, kind) in [Kind::Association, Kind::ServiceOrganization].into_iter().enumerate() {
            for (offset, value) in [
                (3, truth[kind as usize].conclusions[0]),
                (4, truth[kind as usize].conclusions[1]),
                (6, truth[kind as usize].conclusions[3]),
            ] {
                let row = i * 8 + offset;
                let (low, high) = (expected.floats("p2_5").unwrap(), expected.floats("p97_5").unwrap());
                inside += u32::from((low.value(row)..=high.value(row)).contains(&(value as f64)));
                all += 1;
            }
        }
    }
    let share = f64::from(inside) / f64::from(all);
    assert!(share > 0.85, "{inside} of {all}");
}

#[test]
fn the_published_table_hides_small_counts_and_what_tells_them() {
    let register = synthetic(0);
    let counts = count(&register, 2023, 6);
    let small = counts.iter().flat_map(|c| c.conclusions).filter(|n| (1..5).contains(n)).count();
    assert!(small > 0, "this register has small counts");
    let t = publication_table(&register, 2023, 6, 5).unwrap();
    let mut hidden = 0;
    for name in [
        "registered",
        "obliged",
        "inspected",
        "qualified",
        "basically_qualified",
        "unqualified",
        "absent",
        "exempt",
    ] {
        for value in t.ints(name).unwrap().iter() {
            hidden += usize::from(value.is_none());
            assert!(value.is_none_or(|v| v == 0 || v >= 5));
        }
    }
    assert!(hidden > small);
    let rules = Rules::shipped("jishou").unwrap();
    assert!(!due(&register, 2023, &rules, &Treatment::default()).unwrap().is_empty());
}
