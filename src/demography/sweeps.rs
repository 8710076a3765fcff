//! The sweeps over the ages of eight draws that a year takes: survival, births, migration.
//!
//! Each is compiled for the vectors of several processors and chosen when the program runs: the same
//! operations in the same order. They are functions of their own, and small, because the compiler keeps
//! eight lanes in one register only where a loop holds little else.

use multiversion::multiversion;

use super::lanes::{FERTILE, L, V, ZERO};
use super::mortality::AGES;
use super::sums::{Sums, plus, sum_by};

/// Begins where a cache line does, so that no vector of eight lanes lies across two.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(super) struct Aligned<T>(pub T);

impl<T> std::ops::Deref for Aligned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::ops::DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Cells of eight draws, [sex][age].
pub(super) type Cells = [[V; AGES]; 2];
/// Survival ratios of each lane, [sex][lane][age].
pub(super) type Survival = [[[f64; AGES]; L]; 2];
/// A profile over both sexes.
pub(super) type Profile = [[f64; AGES]; 2];

/// Straight between two rows of ratios.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn between(into: &mut [f64; AGES], low: &[f64; AGES], high: &[f64; AGES], w: f64) {
    for x in 0..AGES {
        into[x] = low[x] + w * (high[x] - low[x]);
    }
}

/// What survivors add up to.
pub(super) struct Swept {
    /// Σ f(x)·(women at the start + women at the end) by age of mother.
    pub mothers: V,
    /// Σ of the profile of leaving over all who survived, newborns aside.
    pub leavers: V,
}

/// Everybody a year older, where all draws survive alike; age 0 is left as it was.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn survive_alike(
    cells: &mut Cells,
    survival: &Profile,
    shares: &[f64; AGES],
    out: &Profile,
) -> Swept {
    survive(cells, |sex, x| [survival[sex][x]; L], shares, out)
}

/// Everybody a year older, each draw by its own survival; age 0 is left as it was.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn survive_apart(
    cells: &mut Cells,
    survival: &Survival,
    shares: &[f64; AGES],
    out: &Profile,
) -> Swept {
    survive(cells, |sex, x| std::array::from_fn(|i| survival[sex][i][x]), shares, out)
}

#[inline(always)]
fn add(sum: &mut V, by: f64, value: &V) {
    for i in 0..L {
        sum[i] += by * value[i];
    }
}

#[inline(always)]
fn survive(
    cells: &mut Cells,
    ratio: impl Fn(usize, usize) -> V + Copy,
    shares: &[f64; AGES],
    out: &Profile,
) -> Swept {
    const OPEN: usize = AGES - 1;
    let mut leavers = ZERO;
    for (sex, p) in cells.iter_mut().enumerate() {
        let s = ratio(sex, OPEN);
        for i in 0..L {
            p[OPEN][i] = s[i] * (p[OPEN - 1][i] + p[OPEN][i]);
        }
        add(&mut leavers, out[sex][OPEN], &p[OPEN]);
    }
    let mut sums = Swept { mothers: ZERO, leavers };
    // From the top down, so that each age still finds the year before below it.
    stretch::<false>(FERTILE.1..OPEN, cells, ratio, shares, out, &mut sums);
    stretch::<true>(FERTILE.0..FERTILE.1, cells, ratio, shares, out, &mut sums);
    stretch::<false>(1..FERTILE.0, cells, ratio, shares, out, &mut sums);
    sums
}

/// Some ages of both sexes a year older, the oldest first.
#[inline(always)]
fn stretch<const BEARING: bool>(
    ages: std::ops::Range<usize>,
    [women, men]: &mut Cells,
    ratio: impl Fn(usize, usize) -> V,
    shares: &[f64; AGES],
    out: &Profile,
    sums: &mut Swept,
) {
    let (mut mothers, mut leaving_women, mut leaving_men) = (sums.mothers, sums.leavers, ZERO);
    for x in ages.rev() {
        let (s, t) = (ratio(0, x), ratio(1, x));
        let (mut w, mut m) = (women[x - 1], men[x - 1]);
        for i in 0..L {
            w[i] *= s[i];
        }
        for i in 0..L {
            m[i] *= t[i];
        }
        if BEARING {
            for i in 0..L {
                mothers[i] += shares[x] * (women[x][i] + w[i]);
            }
        }
        add(&mut leaving_women, out[0][x], &w);
        add(&mut leaving_men, out[1][x], &m);
        women[x] = w;
        men[x] = m;
    }
    sums.mothers = mothers;
    for i in 0..L {
        sums.leavers[i] = leaving_women[i] + leaving_men[i];
    }
}

/// Who was born in a year.
pub(super) struct Born {
    /// Girls and boys.
    pub births: [V; 2],
    pub all: V,
    /// Those alive at the end of the year.
    pub alive: [V; 2],
    /// Σ of the profile of leaving over all who survived, newborns too.
    pub leavers: V,
}

/// Births of the mothers of a year; `survival` is that of those born, by sex.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn births(swept: &Swept, tfr: &V, srb: f64, survival: &[V; 2], out: &Profile) -> Born {
    let (mut all, mut girls, mut boys) = (*tfr, ZERO, ZERO);
    for i in 0..L {
        all[i] = 0.5 * all[i] * swept.mothers[i];
        girls[i] = all[i] / (1.0 + srb);
        boys[i] = all[i] - girls[i];
    }
    let (mut alive, mut leavers) = ([girls, boys], swept.leavers);
    for (sex, alive) in alive.iter_mut().enumerate() {
        for i in 0..L {
            alive[i] *= survival[sex][i];
            leavers[i] += out[sex][0] * alive[i];
        }
    }
    Born { births: [girls, boys], all, alive, leavers }
}

/// What [`migrate`] takes, and the net number of movers: the given share of last year's people, who come by
/// a profile, or leave at the rates by age that take as many of the survivors.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn moves(share: &V, before: &V, leavers: &V, highest_rate: f64) -> (V, V) {
    let (mut moves, mut net) = (ZERO, ZERO);
    for i in 0..L {
        let persons = share[i] * before[i];
        let somebody = leavers[i] > 0.0;
        let rate = persons / if somebody { leavers[i] } else { 1.0 };
        let rate = if rate > -highest_rate { rate } else { -highest_rate };
        let rate = if somebody { rate } else { 0.0 };
        moves[i] = if persons < 0.0 { rate } else { persons };
        net[i] = if persons < 0.0 { rate * leavers[i] } else { persons };
    }
    (moves, net)
}

/// Those who come or leave, and the sums over ages of what is there then. `moves` is, in each lane, a number
/// of persons who come by a profile, or below 0 a rate that multiplies the profile of leaving.
#[multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+avx2", "x86_64+avx2"), dispatcher = "direct")]
pub(super) fn migrate(
    cells: &mut Cells,
    moves: &V,
    profile_in: &Profile,
    profile_out: &Profile,
    sums: &mut Sums,
) {
    let [women, men] = cells;
    sum_by(sums, |x| {
        let (w, m) = (&mut women[x], &mut men[x]);
        for i in 0..L {
            w[i] += moved(moves[i], w[i], profile_in[0][x], profile_out[0][x]);
        }
        for i in 0..L {
            m[i] += moved(moves[i], m[i], profile_in[1][x], profile_out[1][x]);
        }
        plus(w, m)
    });
}

/// How many of `people` come, or below 0 leave.
#[inline(always)]
pub(super) fn moved(moves: f64, people: f64, profile_in: f64, profile_out: f64) -> f64 {
    let leaving = people * profile_out;
    moves * if moves < 0.0 { leaving } else { profile_in }
}
