//! One step of the cohort-component projection on plain slices: the innermost loop of everything.

use multiversion::multiversion;

/// The rates of one step; A groups, the last open.
#[derive(Debug, Clone, Copy)]
pub struct Schedule<'a> {
    /// [female …, male …], A or A+1 each (the last two: into the open group, within it).
    pub survival: &'a [f64],
    /// Births per woman and year, A; the first and the last are taken as 0.
    pub fertility: &'a [f64],
    /// Males per female.
    pub srb: f64,
    /// Net persons, [female …, male …].
    pub migration: Option<&'a [f64]>,
    /// Share of survivors who leave at the end, [female …, male …].
    pub emigration: Option<&'a [f64]>,
    pub even: bool,
    pub width: f64,
}

/// Carries `before` (2·A) to `after`; fills `deaths` (2·A) and `mothers` (A) unless they are empty.
/// Returns births, female and male.
///
/// Lengths are the caller's duty: `project` has checked them.
#[inline(always)]
pub fn step(
    before: &[f64],
    r: &Schedule<'_>,
    after: &mut [f64],
    deaths: &mut [f64],
    mothers: &mut [f64],
) -> [f64; 2] {
    let a = before.len() / 2;
    let rows = r.survival.len() / 2;
    let held: Vec<f64>;
    let start: &[f64] = match r.migration {
        Some(m) if r.even => {
            held = before.iter().zip(m).map(|(p, m)| p + 0.5 * m).collect();
            &held
        }
        _ => before,
    };
    for sex in 0..2 {
        let p = &start[sex * a..(sex + 1) * a];
        let s = &r.survival[sex * rows..(sex + 1) * rows];
        let out = &mut after[sex * a..(sex + 1) * a];
        out[0] = 0.0;
        for ((o, s), p) in out[1..a - 1].iter_mut().zip(&s[1..a - 1]).zip(&p[..a - 2]) {
            *o = s * p;
        }
        out[a - 1] =
            if rows == a { s[a - 1] * (p[a - 2] + p[a - 1]) } else { s[a - 1] * p[a - 2] + s[a] * p[a - 1] };
    }
    // "Even": the second half of the migrants is there at the end, and bears.
    let half = |m: &[f64], after: &mut [f64], from: usize| {
        for (p, m) in after[from..from + a - 1].iter_mut().zip(&m[from..from + a - 1]) {
            *p += 0.5 * m;
        }
    };
    let even = r.migration.filter(|_| r.even);
    if let Some(m) = even {
        half(m, after, 1);
        half(m, after, a + 1);
    }
    let born = r.width * births(r.fertility, start, after, a, mothers);
    if !mothers.is_empty() {
        mothers.iter_mut().for_each(|m| *m *= r.width);
    }
    let girls = born / (1.0 + r.srb);
    let births = [girls, born - girls];
    for sex in 0..2 {
        let s = &r.survival[sex * rows..(sex + 1) * rows];
        after[sex * a] = s[0] * births[sex];
        if !deaths.is_empty() {
            let p = &start[sex * a..(sex + 1) * a];
            let d = &mut deaths[sex * a..(sex + 1) * a];
            d[0] = (1.0 - s[0]) * births[sex];
            for ((d, s), p) in d[1..a - 1].iter_mut().zip(&s[1..a - 1]).zip(&p[..a - 2]) {
                *d = (1.0 - s) * p;
            }
            d[a - 1] = if rows == a {
                (1.0 - s[a - 1]) * (p[a - 2] + p[a - 1])
            } else {
                (1.0 - s[a - 1]) * p[a - 2] + (1.0 - s[a]) * p[a - 1]
            };
        }
    }
    if let Some(m) = even {
        after[0] += 0.5 * m[0];
        after[a] += 0.5 * m[a];
    }
    if let Some(e) = r.emigration {
        // Of the survivors, not of those who came in the step.
        for (i, (p, e)) in after.iter_mut().zip(e).enumerate() {
            *p -= (*p - even.map_or(0.0, |m| 0.5 * m[i])) * e;
        }
    }
    if let Some(m) = r.migration.filter(|_| !r.even) {
        for (p, m) in after.iter_mut().zip(m) {
            *p += m;
        }
    }
    births
}

/// Partial sums of the births, added in one fixed order: the same bits however wide the vector unit.
const LANES: usize = 8;

/// Σ f·(F_start + F_end)/2 over groups 1…A-2 (females stand first in `start` and `end`).
#[inline(always)]
fn births(fertility: &[f64], start: &[f64], end: &[f64], a: usize, mothers: &mut [f64]) -> f64 {
    let f = &fertility[1..a - 1];
    let (s, e) = (&start[1..a - 1], &end[1..a - 1]);
    if !mothers.is_empty() {
        mothers.fill(0.0);
        for (((m, f), s), e) in mothers[1..a - 1].iter_mut().zip(f).zip(s).zip(e) {
            *m = 0.5 * f * (s + e);
        }
    }
    let mut sums = [0.0; LANES];
    let (f_rows, f_rest) = f.as_chunks::<LANES>();
    let (s_rows, s_rest) = s.as_chunks::<LANES>();
    let (e_rows, e_rest) = e.as_chunks::<LANES>();
    for ((f, s), e) in f_rows.iter().zip(s_rows).zip(e_rows) {
        for i in 0..LANES {
            sums[i] += f[i] * (s[i] + e[i]);
        }
    }
    let rest: f64 = f_rest.iter().zip(s_rest).zip(e_rest).map(|((f, s), e)| f * (s + e)).sum();
    let pairs = [sums[0] + sums[4], sums[1] + sums[5], sums[2] + sums[6], sums[3] + sums[7]];
    0.5 * (((pairs[0] + pairs[2]) + (pairs[1] + pairs[3])) + rest)
}

/// Years one after another into standing output: no checks, no allocation, no deaths, no migration.
///
/// `survival` (T, 2, A), `fertility` (T, A), `srb` (T,) on end; `population` (T+1, 2, A) with the base in its
/// first year, `births` (T, 2). Lengths that don't fit end the run at the last year that does.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub fn run_into(
    survival: &[f64],
    fertility: &[f64],
    srb: &[f64],
    groups: usize,
    population: &mut [f64],
    births: &mut [[f64; 2]],
) {
    let cells = 2 * groups;
    let years = survival.chunks_exact(cells).zip(fertility.chunks_exact(groups)).zip(srb).zip(births);
    for (t, (((survival, fertility), srb), born)) in years.enumerate() {
        let Some(two) = population.get_mut(t * cells..(t + 2) * cells) else { return };
        let (before, after) = two.split_at_mut(cells);
        let schedule = Schedule {
            survival,
            fertility,
            srb: *srb,
            migration: None,
            emigration: None,
            even: false,
            width: 1.0,
        };
        *born = step(before, &schedule, after, &mut [], &mut []);
    }
}
