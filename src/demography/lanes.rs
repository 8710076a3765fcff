//! Draws side by side: one year of eight draws at a time, ages in place.
//!
//! Every operation is plain IEEE arithmetic in a fixed order in each lane, never contracted, so the
//! same draw has the same bits on every vector unit, in every lane and in every batch.

use super::indicators::{Flow, Indicator, State};
use super::mortality::{AGES, Surface};
use crate::draws::Stream;

/// Draws that go side by side.
pub const L: usize = 8;
/// One cell of eight draws.
pub type V = [f64; L];
pub const ZERO: V = [0.0; L];
/// First and last age (exclusive) at which women bear children in schedules.
const FERTILE: (usize, usize) = (10, 60);

/// What eight draws are given for one year.
pub(super) struct Year<'a> {
    /// Life expectancy, female and male.
    pub e0: [V; 2],
    pub tfr: V,
    pub srb: f64,
    /// Net migration per person.
    pub migration: V,
    /// Shares of fertility by age, sum 1.
    pub shares: &'a [f64],
}

/// What stays the same over a run.
pub(super) struct Setting<'a> {
    pub surfaces: [&'a Surface; 2],
    /// Profile of those who come and of the rates of those who leave, [female, male], sum 1 each.
    pub profile_in: &'a [f64],
    pub profile_out: &'a [f64],
    pub indicators: &'a [Indicator],
    pub any_by_sex: bool,
    pub any_nrr: bool,
}

/// The state of eight draws.
pub(super) struct Block {
    /// [female 0…100, male 0…100]
    pub population: Vec<V>,
    /// Survival ratios of each lane, [sex][lane][age]; of the first lane alone where all are the same.
    survival: Vec<[f64; AGES]>,
    /// All lanes survive alike.
    alike: bool,
    /// Everybody, at the end of the last step.
    total: V,
    /// Flows of the last year, by `Flow`.
    pub flows: [V; 7],
    both: Vec<V>,
    by_sex: Vec<V>,
    /// Deaths and net migration by cell of the last year, kept where asked for.
    pub deaths: Vec<V>,
    pub moved: Vec<V>,
    pub births: [V; 2],
    keep_cells: bool,
}

impl Block {
    pub fn new(keep_cells: bool) -> Self {
        let cells = if keep_cells { 2 * AGES } else { 0 };
        Self {
            population: vec![ZERO; 2 * AGES],
            survival: vec![[0.0; AGES]; 2 * L],
            alike: false,
            total: ZERO,
            flows: [ZERO; 7],
            both: vec![ZERO; AGES + 1],
            by_sex: vec![ZERO; 2 * (AGES + 1)],
            deaths: vec![ZERO; cells],
            moved: vec![ZERO; cells],
            births: [ZERO; 2],
            keep_cells,
        }
    }

    /// To be called once `population` has been set.
    pub fn begin(&mut self) {
        self.flows = [ZERO; 7];
        self.total = ZERO;
        for cell in &self.population {
            for (sum, persons) in self.total.iter_mut().zip(cell) {
                *sum += persons;
            }
        }
    }

    /// Survival ratios of each lane's life expectancies.
    #[inline(always)]
    fn fill_survival(&mut self, year: &Year<'_>, surfaces: [&Surface; 2]) {
        self.alike = year.e0.iter().all(|e0| e0.iter().all(|e| *e == e0[0]));
        let lanes = if self.alike { 1 } else { L };
        for (sex, surface) in surfaces.iter().enumerate() {
            for i in 0..lanes {
                let (row, w) = surface.position(year.e0[sex][i]);
                let (low, high) = surface.rows(row);
                for ((s, a), b) in self.survival[sex * L + i].iter_mut().zip(low).zip(high) {
                    *s = a + w * (b - a);
                }
            }
        }
    }

    /// Survival of one sex and age in one lane.
    fn survives(&self, sex: usize, age: usize, lane: usize) -> f64 {
        self.survival[sex * L + if self.alike { 0 } else { lane }][age]
    }

    /// One year of expected numbers.
    #[inline(always)]
    pub fn step(&mut self, year: &Year<'_>, setting: &Setting<'_>) {
        self.fill_survival(year, setting.surfaces);
        if self.alike {
            self.survive::<true>(year, setting);
        } else {
            self.survive::<false>(year, setting);
        }
    }

    #[inline(always)]
    fn survive<const ALIKE: bool>(&mut self, year: &Year<'_>, setting: &Setting<'_>) {
        let before = self.total;
        let mut mothers = ZERO;
        let mut after = ZERO;
        for sex in 0..2 {
            let rows: &[[f64; AGES]; L] = match self.survival[sex * L..(sex + 1) * L].first_chunk() {
                Some(rows) => rows,
                None => return,
            };
            let ratio =
                |x: usize| -> V { if ALIKE { [rows[0][x]; L] } else { std::array::from_fn(|i| rows[i][x]) } };
            let Some(p) = self.population[sex * AGES..(sex + 1) * AGES].first_chunk_mut::<AGES>() else {
                return;
            };
            let mut deaths = self.deaths.get_mut(sex * AGES..(sex + 1) * AGES);
            let s = ratio(AGES - 1);
            let top: V = std::array::from_fn(|i| p[AGES - 2][i] + p[AGES - 1][i]);
            let open: V = std::array::from_fn(|i| s[i] * top[i]);
            if let Some(d) = &mut deaths {
                d[AGES - 1] = std::array::from_fn(|i| top[i] - open[i]);
                for x in 1..AGES - 1 {
                    let s = ratio(x);
                    d[x] = std::array::from_fn(|i| (1.0 - s[i]) * p[x - 1][i]);
                }
            }
            p[AGES - 1] = open;
            for i in 0..L {
                after[i] += open[i];
            }
            let mut one = |p: &mut [V; AGES], x: usize| -> V {
                let (s, from) = (ratio(x), p[x - 1]);
                let end: V = std::array::from_fn(|i| s[i] * from[i]);
                for i in 0..L {
                    after[i] += end[i];
                }
                end
            };
            // From the top down, so that each age still finds the year before below it.
            let fertile = if sex == 0 { FERTILE } else { (1, 1) };
            for x in (fertile.1..AGES - 1).rev() {
                p[x] = one(p, x);
            }
            for x in (fertile.0..fertile.1).rev() {
                let end = one(p, x);
                let f = year.shares[x];
                for i in 0..L {
                    mothers[i] += f * (p[x][i] + end[i]);
                }
                p[x] = end;
            }
            for x in (1..fertile.0).rev() {
                p[x] = one(p, x);
            }
        }
        let born: V = std::array::from_fn(|i| 0.5 * year.tfr[i] * mothers[i]);
        let girls: V = born.map(|b| b / (1.0 + year.srb));
        let boys: V = std::array::from_fn(|i| born[i] - girls[i]);
        self.births = [girls, boys];
        for (sex, b) in [girls, boys].iter().enumerate() {
            let newborn: V = std::array::from_fn(|i| self.survives(sex, 0, i) * b[i]);
            for i in 0..L {
                after[i] += newborn[i];
            }
            if let Some(d) = self.deaths.get_mut(sex * AGES) {
                *d = std::array::from_fn(|i| b[i] - newborn[i]);
            }
            self.population[sex * AGES] = newborn;
        }
        let dead: V = std::array::from_fn(|i| before[i] + born[i] - after[i]);
        let moved = self.migrate(year, setting, &before);
        self.total = std::array::from_fn(|i| after[i] + moved[i]);
        self.finish(year, &born, &dead, &moved, setting);
    }

    /// Adds those who come and takes those who leave; returns the net number.
    #[inline(always)]
    fn migrate(&mut self, year: &Year<'_>, setting: &Setting<'_>, before: &V) -> V {
        let mut net = ZERO;
        if year.migration == ZERO {
            self.moved.fill(ZERO);
            return net;
        }
        // Rates of leaving: the profile, scaled so that the survivors lose |rate| of last year's people.
        let mut weight = ZERO;
        for (p, w) in self.population.iter().zip(setting.profile_out) {
            for i in 0..L {
                weight[i] += w * p[i];
            }
        }
        let (mut come, mut leave) = (ZERO, ZERO);
        for i in 0..L {
            let persons = year.migration[i] * before[i];
            come[i] = persons.max(0.0);
            leave[i] = if weight[i] > 0.0 { (-persons).max(0.0) / weight[i] } else { 0.0 };
        }
        for (x, p) in self.population.iter_mut().enumerate() {
            let (w_in, w_out) = (setting.profile_in[x], setting.profile_out[x]);
            let change: V =
                std::array::from_fn(|i| come[i] * w_in - p[i] * (leave[i] * w_out).min(HIGHEST_OUT));
            for i in 0..L {
                p[i] += change[i];
                net[i] += change[i];
            }
            if let Some(m) = self.moved.get_mut(x) {
                *m = change;
            }
        }
        net
    }

    /// One year of whole persons: binomial deaths and leavers, Poisson births and comers.
    pub fn step_noisy(&mut self, year: &Year<'_>, setting: &Setting<'_>, streams: &mut [Stream]) {
        self.fill_survival(year, setting.surfaces);
        let (mut born, mut dead, mut moved) = (ZERO, ZERO, ZERO);
        for (i, stream) in streams.iter_mut().enumerate().take(L) {
            let mut before = 0.0;
            let mut mothers = 0.0;
            for sex in 0..2 {
                let at = sex * AGES;
                let survival = self.survival[sex * L + if self.alike { 0 } else { i }];
                let p = &mut self.population;
                before += p[at..at + AGES].iter().map(|c| c[i]).sum::<f64>();
                let n = p[at + AGES - 2][i] + p[at + AGES - 1][i];
                let lost = noise::binomial(stream, n, 1.0 - survival[AGES - 1]);
                dead[i] += lost;
                p[at + AGES - 1][i] = n - lost;
                if self.keep_cells {
                    self.deaths[at + AGES - 1][i] = lost;
                }
                for x in (1..AGES - 1).rev() {
                    let n = p[at + x - 1][i];
                    let lost = noise::binomial(stream, n, 1.0 - survival[x]);
                    let end = n - lost;
                    if sex == 0 && x >= FERTILE.0 && x < FERTILE.1 {
                        mothers += year.shares[x] * (p[at + x][i] + end);
                    }
                    dead[i] += lost;
                    p[at + x][i] = end;
                    if self.keep_cells {
                        self.deaths[at + x][i] = lost;
                    }
                }
            }
            let children = noise::poisson(stream, 0.5 * year.tfr[i] * mothers);
            let girls = noise::binomial(stream, children, 1.0 / (1.0 + year.srb));
            born[i] = children;
            for (sex, b) in [girls, children - girls].into_iter().enumerate() {
                let lost = noise::binomial(stream, b, 1.0 - self.survives(sex, 0, i));
                dead[i] += lost;
                self.births[sex][i] = b;
                self.population[sex * AGES][i] = b - lost;
                if self.keep_cells {
                    self.deaths[sex * AGES][i] = lost;
                }
            }
            let persons = year.migration[i] * before;
            let weight: f64 = self.population.iter().zip(setting.profile_out).map(|(p, w)| w * p[i]).sum();
            for (x, p) in self.population.iter_mut().enumerate() {
                let change = if persons > 0.0 {
                    noise::poisson(stream, persons * setting.profile_in[x])
                } else if persons < 0.0 && weight > 0.0 {
                    let rate = (-persons / weight * setting.profile_out[x]).min(HIGHEST_OUT);
                    -noise::binomial(stream, p[i], rate)
                } else {
                    0.0
                };
                p[i] += change;
                moved[i] += change;
                if self.keep_cells {
                    self.moved[x][i] = change;
                }
            }
        }
        for i in 0..L {
            self.total[i] += born[i] - dead[i] + moved[i];
        }
        self.finish(year, &born, &dead, &moved, setting);
    }

    #[inline(always)]
    fn finish(&mut self, year: &Year<'_>, born: &V, dead: &V, moved: &V, setting: &Setting<'_>) {
        self.flows[Flow::Births as usize] = *born;
        self.flows[Flow::Deaths as usize] = *dead;
        self.flows[Flow::NetMigration as usize] = *moved;
        self.flows[Flow::E0Female as usize] = year.e0[0];
        self.flows[Flow::E0Male as usize] = year.e0[1];
        self.flows[Flow::Tfr as usize] = year.tfr;
        if setting.any_nrr {
            // Σ f(x)·L(x)/l0, the girls' share of it: survivors of birth at each age.
            let (mut living, mut daughters) = ([1.0; L], ZERO);
            for x in 0..FERTILE.1 {
                for i in 0..L {
                    living[i] *= self.survives(0, x, i);
                    daughters[i] += year.shares[x] * living[i];
                }
            }
            self.flows[Flow::Nrr as usize] =
                std::array::from_fn(|i| year.tfr[i] * daughters[i] / (1.0 + year.srb));
        }
    }

    /// Values of the indicators for the stock and flows as they stand, handed to `write(indicator, values)`.
    #[inline(always)]
    pub fn indicators(&mut self, setting: &Setting<'_>, mut write: impl FnMut(usize, &V)) {
        let mut sum = ZERO;
        let (female, male) = self.population.split_at(AGES);
        for x in 0..AGES {
            for i in 0..L {
                sum[i] += female[x][i] + male[x][i];
            }
            self.both[x + 1] = sum;
        }
        if setting.any_by_sex {
            for sex in 0..2 {
                let mut sum = ZERO;
                for x in 0..AGES {
                    for (s, p) in sum.iter_mut().zip(&self.population[sex * AGES + x]) {
                        *s += p;
                    }
                    self.by_sex[sex * (AGES + 1) + x + 1] = sum;
                }
            }
        }
        let state = State { both: &self.both, by_sex: &self.by_sex, flows: &self.flows };
        for (k, indicator) in setting.indicators.iter().enumerate() {
            write(k, &indicator.value(&state));
        }
    }
}

/// No more than this share of a cell leaves in a year.
const HIGHEST_OUT: f64 = 0.9;

/// Small-number noise.
pub(super) mod noise {
    use rand_distr::{Binomial, Distribution, Poisson};

    use crate::draws::Stream;

    /// Rounds up or down at random so that the mean is kept.
    pub fn whole(stream: &mut Stream, value: f64) -> f64 {
        let low = value.floor();
        if value > low && stream.uniform() < value - low { low + 1.0 } else { low }
    }

    /// How many of `n` whole persons meet an event of probability `p`.
    pub fn binomial(stream: &mut Stream, n: f64, p: f64) -> f64 {
        if n <= 0.0 || p <= 0.0 {
            return 0.0;
        }
        if p >= 1.0 {
            return n;
        }
        // Few expected: walk up the distribution; one uniform and a handful of multiplications.
        if n * p < 12.0 && p < 0.5 {
            let odds = p / (1.0 - p);
            let mut probability = (n * (-p).ln_1p()).exp();
            let mut left = stream.uniform();
            let mut k = 0.0;
            while left > probability && k < n {
                left -= probability;
                probability *= odds * (n - k) / (k + 1.0);
                k += 1.0;
            }
            return k;
        }
        Binomial::new(n as u64, p).map_or(0.0, |b| b.sample(stream) as f64)
    }

    /// A Poisson count.
    pub fn poisson(stream: &mut Stream, mean: f64) -> f64 {
        if mean <= 0.0 {
            return 0.0;
        }
        if mean < 12.0 {
            let mut probability = (-mean).exp();
            let mut left = stream.uniform();
            let mut k = 0.0;
            while left > probability && k < 200.0 {
                left -= probability;
                k += 1.0;
                probability *= mean / k;
            }
            return k;
        }
        Poisson::new(mean).map_or(mean.round(), |d| d.sample(stream))
    }
}
