//! What a person gets wrong in a case folder, and the one message that tells it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::PathBuf;

use minsuan::error::Error;
use minsuan::run::{Options, run};
use minsuan::scenario::{Case, write_template};

/// A fresh template folder of this test's own.
fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("minsuan-case-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    write_template(&dir).unwrap();
    dir
}

fn replace(dir: &std::path::Path, file: &str, from: &str, to: &str) {
    let path = dir.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn told(dir: &std::path::Path) -> Vec<String> {
    match Case::open(dir.to_str().unwrap()) {
        Err(Error::Case(problems) | Error::Data(problems)) => {
            problems.iter().map(ToString::to_string).collect()
        }
        Err(other) => panic!("{other:?}"),
        Ok(case) => {
            let e = run(&case, &Options { draws: 5, ..Options::default() }, &|_, _| true).err();
            e.unwrap_or_else(|| panic!("nothing was told"))
                .problems()
                .iter()
                .map(ToString::to_string)
                .collect()
        }
    }
}

#[track_caller]
fn expect(told: &[String], parts: &[&str]) {
    assert!(
        told.iter().any(|t| parts.iter().all(|p| t.contains(p))),
        "no problem with {parts:?} in {told:#?}"
    );
}

#[test]
fn the_template_runs() {
    let dir = folder("runs");
    let case = Case::open(dir.to_str().unwrap()).unwrap();
    let r = run(&case, &Options { draws: 20, ..Options::default() }, &|_, _| true).unwrap();
    assert_eq!(r.years, (2023..=2035).collect::<Vec<_>>());
    let again = write_template(&dir).unwrap_err().to_string();
    assert!(again.contains("there is something already"), "{again}");
}

const CENSUS: &str = "age,female,male\n0-14,9000,10000\n15-59,30000,31000\n60+,9000,8000\n";

/// The template with a census in place of its totals.
fn census_folder(name: &str, file: &str, more: &str) -> PathBuf {
    let dir = folder(name);
    fs::write(dir.join(file), CENSUS).unwrap();
    let text = fs::read_to_string(dir.join("case.toml")).unwrap();
    let (head, base) = text.split_once("[base]").unwrap();
    let tail = base.split_once("# [base.special").unwrap().1;
    let base = format!("[base]\npopulation = \"resident\"\ncensus = \"{file}\"\n{more}\n#");
    fs::write(dir.join("case.toml"), format!("{head}{base}{tail}")).unwrap();
    dir
}

#[test]
fn a_census_of_another_year_is_refused_or_carried_on() {
    // The template's base year is 2023.
    let dir = census_folder("census-other", "census_2020.csv", "");
    expect(&told(&dir), &["case.toml:", "a census of 2020 as the base of 2023", "census_year = 2020"]);
    let dir = census_folder("census-later", "c.csv", "census_year = 2025");
    expect(&told(&dir), &["case.toml:", "a census of 2025, after the base year 2023"]);
    let dir = census_folder("census-early", "c.csv", "census_year = 1982");
    expect(&told(&dir), &["case.toml:", "a census of 1982, too long before the base year 2023"]);

    let of = |dir: &std::path::Path| {
        let case = Case::open(dir.to_str().unwrap()).unwrap();
        let r = run(&case, &Options { draws: 40, ..Options::default() }, &|_, _| true).unwrap();
        let why = format!("{:?}", r.why("population.base", 2023).unwrap());
        (r.people().ensemble.central.population.index_axis(ndarray::Axis(0), 0).to_owned(), why)
    };
    let (as_it_is, said) = of(&census_folder("census-plain", "c.csv", ""));
    assert!(said.contains("普查表未注明年份，按2023年底使用"), "{said}");
    let (carried, said) = of(&census_folder("census-carried", "c.csv", "census_year = 2013"));
    assert!(said.contains("普查为2013年，基年为2023年底"), "{said}");
    // Ten years on: who was 50 is 60 less the dead, and the children of ten years are there.
    let old = |p: &ndarray::Array2<f64>, a: usize, b: usize| p.slice(ndarray::s![.., a..b]).sum();
    let left = old(&carried, 60, 70) / old(&as_it_is, 50, 60);
    assert!((0.85..1.0).contains(&left), "{left}");
    assert!(old(&carried, 0, 10) > 1000.0);
}

#[test]
fn special_populations_are_in_the_totals_and_do_not_age() {
    let special = |persons: &str| {
        format!("[base.special.students]\nlabel = \"在校大学生\"\nsource = \"假设\"\npersons = {persons}")
    };
    let with = special("{ \"female 18-22\" = 2_000, \"male 18-22\" = \"0.1万\" }");
    let run_of = |dir: &std::path::Path| {
        let case = Case::open(dir.to_str().unwrap()).unwrap();
        run(&case, &Options { draws: 20, ..Options::default() }, &|_, _| true).unwrap()
    };
    let (plain, held) = (
        run_of(&census_folder("special-none", "c.csv", "")),
        run_of(&census_folder("special-some", "c.csv", &with)),
    );
    let stock = |r: &minsuan::run::Run, year: usize, a: usize, b: usize| {
        r.people().ensemble.central.population.slice(ndarray::s![year, .., a..b]).sum()
    };
    // The same people at the start; twelve years on the students are still 18-22, and not 30-34.
    assert!((stock(&plain, 0, 0, 101) - stock(&held, 0, 0, 101)).abs() < 1e-6);
    assert!(stock(&held, 12, 18, 23) > 3000.0);
    let gone = stock(&plain, 12, 30, 35) - stock(&held, 12, 30, 35);
    assert!((2800.0..3000.0).contains(&gone), "{gone}");
    let draws = &held.people().draws;
    assert!(draws.slice(ndarray::s![.., 12, .., 18..23]).outer_iter().all(|d| d.sum() > 3000.0));
    let why = format!("{:?}", held.why("population.base", 2023).unwrap());
    assert!(why.contains("在校大学生（female 18-22）") && why.contains("特殊人群3000人"), "{why}");

    // From two totals as well.
    let dir = folder("special-thin");
    let text = fs::read_to_string(dir.join("case.toml")).unwrap();
    fs::write(dir.join("case.toml"), format!("{text}\n{with}\n")).unwrap();
    let people = run_of(&dir);
    assert!((people.people().special.as_ref().unwrap().sum() - 3000.0).abs() < 1e-6);
    assert!(stock(&people, 12, 18, 23) > 3000.0);

    let wrong = |name: &str, persons: &str, parts: &[&str]| {
        expect(&told(&census_folder(name, "c.csv", &special(persons))), parts);
    };
    wrong(
        "special-a",
        "{ \"students\" = 10 }",
        &["case.toml:", "special.students.persons.students", "no age group"],
    );
    wrong("special-b", "{ \"18-22\" = \"F999\" }", &["case.toml:", "no such figure", "F999"]);
    wrong("special-c", "{ \"18-22\" = 90_000 }", &["case.toml:", "more persons than the", "18-22"]);
    wrong("special-d", "{ \"18-22\" = -5 }", &["case.toml:", "-5"]);
    wrong("special-e", "{ \"18-22\" = \"12%\" }", &["case.toml:", "persons, not a share"]);
    wrong("special-f", "{}", &["case.toml:", "nobody"]);
    let no_source = "[base.special.x]\npersons = { \"18-22\" = 5 }\npeople = 3";
    let all = told(&census_folder("special-g", "c.csv", no_source));
    expect(&all, &["case.toml:", "source", "is missing"]);
    expect(&all, &["case.toml:", "people", "unknown key"]);
    let dir = folder("special-h");
    let text = fs::read_to_string(dir.join("case.toml")).unwrap();
    fs::write(dir.join("case.toml"), format!("{text}\n{}\n", special("{ \"70-74\" = \"9万\" }"))).unwrap();
    expect(&told(&dir), &["case.toml:", "the special population has 90000 persons in 60+"]);
}

#[test]
fn no_such_case() {
    let e = Case::open("jishu").unwrap_err().to_string();
    assert!(e.contains("no such case") && e.contains("jishou"), "{e}");
}

#[test]
fn a_missing_file() {
    let dir = folder("missing");
    fs::remove_file(dir.join("figures.csv")).unwrap();
    expect(&told(&dir), &["figures.csv", "no such file"]);
    fs::remove_file(dir.join("case.toml")).unwrap();
    expect(&told(&dir), &["case.toml", "no such file"]);
}

#[test]
fn many_mistakes_are_told_at_once() {
    let dir = folder("many");
    replace(&dir, "case.toml", "horizon = 2035", "horizon = 2035\nhorizn = 2040");
    replace(&dir, "scenarios/base.toml", "label = \"新建福利院\"\nkind = \"capital\"", "kind = \"captial\"");
    replace(&dir, "scenarios/base.toml", "\"F003 + F004\"", "\"F003 + F999\"");
    replace(&dir, "scenarios/base.toml", "standard = \"child_director\"", "standard = \"child_directr\"");
    let told = told(&dir);
    expect(&told, &["case.toml:", "horizn", "unknown key", "horizon, perhaps?"]);
    expect(&told, &["base.toml:", "kind", "captial", "recurrent, capital"]);
    expect(&told, &["base.toml:", "F999", "no such figure", "figures.csv"]);
    expect(&told, &["base.toml:", "child_directr", "child_director, perhaps?"]);
}

#[test]
fn a_year_before_the_base() {
    let dir = folder("year");
    replace(&dir, "case.toml", "horizon = 2035", "horizon = 2020");
    expect(&told(&dir), &["case.toml:", "horizon", "not after the base year 2023", "2020", "from 2024"]);
    let dir = folder("why-year");
    let case = Case::open(dir.to_str().unwrap()).unwrap();
    let r = run(&case, &Options { draws: 5, ..Options::default() }, &|_, _| true).unwrap();
    let e = r.why("budget.total", 2019).unwrap_err().to_string();
    assert!(e.contains("2019") && e.contains("from 2023 to 2035"), "{e}");
    let e = r.why("budget.totl", 2025).unwrap_err().to_string();
    assert!(e.contains("no such path") && e.contains("budget.total"), "{e}");
}

#[test]
fn a_share_of_1452_percent_and_a_negative_count() {
    let dir = folder("share");
    replace(&dir, "case.toml", "\"F002\"", "\"1452%\"");
    expect(&told(&dir), &["case.toml:", "1452"]);
    let dir = folder("negative");
    replace(&dir, "case.toml", "\"F001\"", "-52000");
    expect(&told(&dir), &["case.toml:", "-52000"]);
}

#[test]
fn files_that_are_not_what_they_should_be() {
    let dir = folder("encoding");
    // 某县 in GB18030.
    fs::write(dir.join("case.toml"), b"name = \"\xc4\xb3\xcf\xd8\"\n").unwrap();
    expect(&told(&dir), &["case.toml:1", "not UTF-8", "GB18030"]);
    let dir = folder("cut");
    let path = dir.join("scenarios/base.toml");
    let text = fs::read_to_string(&path).unwrap();
    let cut = text.find("[standard.child_director]").unwrap() + 12;
    fs::write(&path, &text[..cut]).unwrap();
    expect(&told(&dir), &["base.toml:", "valid TOML"]);
    let dir = folder("cut-csv");
    let path = dir.join("figures.csv");
    let text = fs::read_to_string(&path).unwrap();
    let cut = text.find("F006").unwrap() + 20;
    fs::write(&path, &text[..text.floor_char_boundary(cut)]).unwrap();
    expect(&told(&dir), &["figures.csv:7"]);
}

#[test]
fn a_circle_of_formulas_and_of_scenarios() {
    let dir = folder("circle");
    replace(
        &dir,
        "scenarios/base.toml",
        "[relief.old_age_allowance]",
        "[quantity.a]\nformula = \"quantity.b\"\n[quantity.b]\nformula = \"quantity.a\"\n[relief.old_age_allowance]",
    );
    expect(&told(&dir), &["depends on itself"]);
    let dir = folder("extends");
    replace(&dir, "scenarios/base.toml", "seed = 1", "extends = \"base\"\nseed = 1");
    expect(&told(&dir), &["base.toml:", "extends itself"]);
}

#[test]
fn a_response_to_a_standard_says_what_it_lacks() {
    let relief =
        "[relief.old_age_allowance]\nlabel = \"高龄津贴（90岁及以上）\"\nformula = \"population.age_90\"";
    let cases = [
        ("standard = \"child_director\"\nelasticity = 0.3\nexit_rate = 12.6", "exit_rate is 12.6"),
        (
            "standard = \"child_director\"\nelasticity = \"assume.x\"\nexit_rate = 0.1",
            "no such name under assume",
        ),
        ("standard = \"child_directr\"\nelasticity = 0.3\nexit_rate = 0.1", "child_director, perhaps?"),
        ("standard = \"child_director\"\nexit_rate = 0.1", "elasticity"),
    ];
    for (i, (lines, words)) in cases.into_iter().enumerate() {
        let dir = folder(&format!("response-{i}"));
        let with = format!("{relief}\n[relief.old_age_allowance.response]\n{lines}");
        replace(&dir, "scenarios/base.toml", relief, &with);
        expect(&told(&dir), &["base.toml:", words]);
    }
    let dir = folder("until");
    replace(&dir, "scenarios/base.toml", relief, &format!("{relief}\nuntil = \"2019-13\""));
    expect(&told(&dir), &["base.toml:", "until", "2019-11"]);
}

#[test]
fn a_broken_formula_says_at_which_character() {
    let dir = folder("formula");
    replace(&dir, "scenarios/base.toml", "\"F003 + F004\"", "\"F003 + + F004\"");
    expect(&told(&dir), &["base.toml:", "quantity", "character 8"]);
}

#[test]
fn a_population_name_that_does_not_exist() {
    let dir = folder("population");
    replace(&dir, "scenarios/base.toml", "population.age_90", "population.90_plus");
    expect(&told(&dir), &["base.toml:", "population", "age_90"]);
}

#[test]
fn draws_out_of_range() {
    let case = Case::open("jishou").unwrap();
    let e = run(&case, &Options { draws: 0, ..Options::default() }, &|_, _| true).err().unwrap().to_string();
    assert!(e.contains("from 1 to"), "{e}");
    let options = Options { scenario: Some("bse".to_owned()), ..Options::default() };
    let e = run(&case, &options, &|_, _| true).err().unwrap().to_string();
    assert!(e.contains("base, perhaps?"), "{e}");
}

#[test]
fn figures_that_are_counted_otherwise_than_the_formulas_need_are_told() {
    // another county's ledger in a folder that was begun from the template
    let dir = folder("units");
    replace(&dir, "figures.csv", "5.2,,exact,万人,52000,人", "5.2,,exact,万元,52000,元");
    replace(&dir, "figures.csv", "60岁以上户籍老年人5.2万人", "投入5.2万元");
    replace(&dir, "figures.csv", "18.6,,exact,%,0.186,比例", "1452,,exact,%,14.52,比例");
    replace(&dir, "figures.csv", "占户籍人口的18.6%", "增长1452%");
    replace(&dir, "figures.csv", "200,,exact,元/人/月,2400,元/人/年", "2,,exact,个,2,个");
    replace(&dir, "figures.csv", "每人每月200元", "2个乡");
    replace(&dir, "figures.csv", "150,,exact,张,150,张", "150,,exact,万元,1500000,元");
    replace(&dir, "figures.csv", "新建护理型床位150张", "投资150万元");
    replace(&dir, "figures.csv", "4200,,exact,万元,42000000,元", "312,,exact,个,312,个");
    replace(&dir, "figures.csv", "项目投资4200万元", "312个行政村");
    replace(&dir, "figures.csv", "22,,exact,个,22,个", "22,,exact,元,22,元");
    replace(&dir, "figures.csv", "22个社区", "22元");
    // no run can be made of them, but the plan can be checked
    Case::open(dir.to_str().unwrap()).unwrap().check().unwrap();
    let all = told(&dir);
    for parts in [
        ["case.toml:13", "F001", "万元", "number of persons"],
        ["case.toml:14", "F002", "1452%", "less than 100 %"],
        ["base.toml", "standard.child_director", "F005 is in 个", "expected 元/人/月"],
        ["base.toml", "projects.welfare_home.size", "F006 is in 元", "expected 张"],
        ["base.toml", "budget.welfare_home", "F007 is in 个", "expected 元"],
        ["base.toml", "budget.child_directors", "can't be added", "F004 is in 元"],
    ] {
        expect(&all, &parts);
    }
    assert_eq!(all.len(), 6, "{all:#?}");
}

#[test]
fn a_yearly_amount_is_no_monthly_standard_and_printed_money_no_yuan() {
    let dir = folder("months");
    // without .value it is the amount of a year
    replace(&dir, "scenarios/base.toml", "\"F005.value\"", "\"F005\"");
    replace(&dir, "scenarios/base.toml", "total = \"F007\"", "total = \"F007.value\"");
    let all = told(&dir);
    expect(&all, &["standard.child_director", "F005 is in 元/人/年", "expected 元/人/月"]);
    expect(&all, &["budget.welfare_home", "F007 is in 万元", "expected 元"]);
    assert_eq!(all.len(), 2, "{all:#?}");
}
