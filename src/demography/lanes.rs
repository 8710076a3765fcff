//! Draws side by side: one year of eight draws at a time, ages in place.
//!
//! Every operation is plain IEEE arithmetic in a fixed order in each lane, never contracted, so the
//! same draw has the same bits on every vector unit, in every lane and in every batch.

use super::indicators::Flow;
use super::mortality::{AGES, Surface};
use super::noise;
use super::program::{Program, State};
use super::sums::{self, Sums};
use super::sweeps::{self, Aligned, Cells, Profile, Survival};
use crate::draws::Stream;

/// Draws that go side by side.
pub const L: usize = 8;
/// One cell of eight draws.
pub type V = [f64; L];
pub const ZERO: V = [0.0; L];
/// First and last age (exclusive) at which women bear children in schedules.
pub(super) const FERTILE: (usize, usize) = (10, 60);

/// What eight draws are given for one year.
pub(super) struct Year<'a> {
    /// Life expectancy, female and male.
    pub e0: [V; 2],
    pub tfr: V,
    pub srb: f64,
    /// Net migration per person.
    pub migration: V,
    /// Survival ratios, where all draws have the same; else they follow from e0.
    pub survival: Option<&'a Profile>,
    /// Shares of fertility by age, sum 1.
    pub shares: &'a [f64; AGES],
}

/// What stays the same over a run.
pub(super) struct Setting<'a> {
    pub surfaces: [&'a Surface; 2],
    /// Profile of those who come and of the rates of those who leave, [female, male], sum 1 each.
    pub profile_in: &'a Profile,
    pub profile_out: &'a Profile,
    /// The profile of leaving times this leaves somebody at every age.
    pub highest_rate: f64,
    pub program: Program,
}

/// The state of eight draws.
pub(super) struct Block {
    /// By sex and age. Whoever writes into it calls `begin` or `sum` then.
    pub population: Box<Aligned<Cells>>,
    survival: Box<Survival>,
    /// Everybody, at the end of the last step.
    total: V,
    /// Flows of the last year, by `Flow`.
    pub flows: [V; Flow::COUNT],
    both: Box<Aligned<Sums>>,
    by_sex: Box<Aligned<[Sums; 2]>>,
    /// Deaths and net migration by cell of the last year, where asked for.
    pub cells: Option<Box<Kept>>,
    pub births: [V; 2],
    values: Vec<Aligned<V>>,
}

/// What a year did to each cell: deaths by age at its end, and net migration.
pub(super) struct Kept {
    pub deaths: Cells,
    pub moved: Cells,
}

const NONE: Cells = [[ZERO; AGES]; 2];

impl Block {
    pub fn new(setting: &Setting<'_>, keep_cells: bool) -> Self {
        Self {
            population: Box::new(Aligned(NONE)),
            survival: Box::new([[[0.0; AGES]; L]; 2]),
            total: ZERO,
            flows: [ZERO; Flow::COUNT],
            both: Box::new(Aligned(sums::NO_SUMS)),
            by_sex: Box::new(Aligned([sums::NO_SUMS; 2])),
            cells: keep_cells.then(|| Box::new(Kept { deaths: NONE, moved: NONE })),
            births: [ZERO; 2],
            values: setting.program.room(),
        }
    }

    /// To be called once `population` has been set.
    pub fn begin(&mut self) {
        self.flows = [ZERO; Flow::COUNT];
        self.sum();
        self.total = *sums::all(&self.both);
    }

    /// The sums that indicators stand on, after `population` was changed from outside.
    pub fn sum(&mut self) {
        sums::sum_both(&self.population, &mut self.both);
    }

    /// Everybody, as last summed.
    pub fn everybody(&self) -> &V {
        sums::all(&self.both)
    }

    /// Survival ratios of each lane's life expectancies.
    fn fill_survival(&mut self, year: &Year<'_>, surfaces: [&Surface; 2]) {
        if year.survival.is_some() {
            return;
        }
        for (sex, surface) in surfaces.iter().enumerate() {
            for i in 0..L {
                let (row, w) = surface.position(year.e0[sex][i]);
                let (low, high) = surface.rows(row);
                sweeps::between(&mut self.survival[sex][i], low, high, w);
            }
        }
    }

    /// Survival ratios of one sex in one lane.
    fn survival<'s>(&'s self, year: &Year<'s>, sex: usize, lane: usize) -> &'s [f64; AGES] {
        year.survival.map_or(&self.survival[sex][lane], |same| &same[sex])
    }

    /// One year of expected numbers.
    pub fn step(&mut self, year: &Year<'_>, setting: &Setting<'_>) {
        self.fill_survival(year, setting.surfaces);
        if self.cells.is_some() {
            self.keep_deaths(year);
        }
        let (people, shares, out) = (&mut *self.population, year.shares, setting.profile_out);
        let swept = match year.survival {
            Some(same) => sweeps::survive_alike(people, same, shares, out),
            None => sweeps::survive_apart(people, &self.survival, shares, out),
        };
        let start = std::array::from_fn(|sex| self.newborn_survival(year, sex));
        let born = sweeps::births(&swept, &year.tfr, year.srb, &start, setting.profile_out);
        for sex in 0..2 {
            self.population[sex][0] = born.alive[sex];
            if let Some(cells) = &mut self.cells {
                cells.deaths[sex][0] = std::array::from_fn(|i| born.births[sex][i] - born.alive[sex][i]);
            }
        }
        self.births = born.births;
        let moved = self.migrate(year, setting, &born.leavers);
        let total = *sums::all(&self.both);
        let mut dead = ZERO;
        for i in 0..L {
            dead[i] = self.total[i] + born.all[i] - (total[i] - moved[i]);
        }
        self.total = total;
        self.finish(year, &born.all, &dead, &moved, setting);
    }

    /// Survival ratios of those born, in each lane.
    fn newborn_survival(&self, year: &Year<'_>, sex: usize) -> V {
        match year.survival {
            Some(same) => [same[sex][0]; L],
            None => std::array::from_fn(|i| self.survival[sex][i][0]),
        }
    }

    /// Deaths of all but the newborn, by age at the end of the year that is about to pass.
    fn keep_deaths(&mut self, year: &Year<'_>) {
        for sex in 0..2 {
            for i in 0..L {
                let s = *self.survival(year, sex, i);
                let Some(cells) = &mut self.cells else { return };
                let (d, p) = (&mut cells.deaths[sex], &self.population[sex]);
                for x in 1..AGES - 1 {
                    d[x][i] = (1.0 - s[x]) * p[x - 1][i];
                }
                let top = p[AGES - 2][i] + p[AGES - 1][i];
                d[AGES - 1][i] = top - s[AGES - 1] * top;
            }
        }
    }

    /// Adds those who come and takes those who leave; returns the net number.
    fn migrate(&mut self, year: &Year<'_>, setting: &Setting<'_>, leavers: &V) -> V {
        let (profile_in, profile_out) = (setting.profile_in, setting.profile_out);
        let (moves, net) = sweeps::moves(&year.migration, &self.total, leavers, setting.highest_rate);
        if let Some(cells) = &mut self.cells {
            for (sex, moved) in cells.moved.iter_mut().enumerate() {
                for (x, m) in moved.iter_mut().enumerate() {
                    let (p, w_in, w_out) =
                        (&self.population[sex][x], profile_in[sex][x], profile_out[sex][x]);
                    *m = std::array::from_fn(|i| sweeps::moved(moves[i], p[i], w_in, w_out));
                }
            }
        }
        if year.migration == ZERO {
            self.sum();
            return ZERO;
        }
        sweeps::migrate(&mut self.population, &moves, profile_in, profile_out, &mut self.both);
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
                let survival = *self.survival(year, sex, i);
                let p = &mut self.population[sex];
                let mut deaths = self.cells.as_mut().map(|cells| &mut cells.deaths[sex]);
                before += p.iter().map(|c| c[i]).sum::<f64>();
                let n = p[AGES - 2][i] + p[AGES - 1][i];
                let lost = noise::binomial(stream, n, 1.0 - survival[AGES - 1]);
                dead[i] += lost;
                p[AGES - 1][i] = n - lost;
                if let Some(d) = &mut deaths {
                    d[AGES - 1][i] = lost;
                }
                for x in (1..AGES - 1).rev() {
                    let n = p[x - 1][i];
                    let lost = noise::binomial(stream, n, 1.0 - survival[x]);
                    let end = n - lost;
                    if sex == 0 && x >= FERTILE.0 && x < FERTILE.1 {
                        mothers += year.shares[x] * (p[x][i] + end);
                    }
                    dead[i] += lost;
                    p[x][i] = end;
                    if let Some(d) = &mut deaths {
                        d[x][i] = lost;
                    }
                }
            }
            let children = noise::poisson(stream, 0.5 * year.tfr[i] * mothers);
            let girls = noise::binomial(stream, children, 1.0 / (1.0 + year.srb));
            born[i] = children;
            for (sex, b) in [girls, children - girls].into_iter().enumerate() {
                let lost = noise::binomial(stream, b, 1.0 - self.survival(year, sex, i)[0]);
                dead[i] += lost;
                self.births[sex][i] = b;
                self.population[sex][0][i] = b - lost;
                if let Some(cells) = &mut self.cells {
                    cells.deaths[sex][0][i] = lost;
                }
            }
            let persons = year.migration[i] * before;
            let (profile_in, profile_out) =
                (setting.profile_in.as_flattened(), setting.profile_out.as_flattened());
            let people = self.population.as_flattened_mut();
            let weight: f64 = people.iter().zip(profile_out).map(|(p, w)| w * p[i]).sum();
            for (x, p) in people.iter_mut().enumerate() {
                let change = if persons > 0.0 {
                    noise::poisson(stream, persons * profile_in[x])
                } else if persons < 0.0 && weight > 0.0 {
                    let rate = (-persons / weight).min(setting.highest_rate) * profile_out[x];
                    -noise::binomial(stream, p[i], rate)
                } else {
                    0.0
                };
                p[i] += change;
                moved[i] += change;
                if let Some(cells) = &mut self.cells {
                    cells.moved.as_flattened_mut()[x][i] = change;
                }
            }
        }
        for i in 0..L {
            self.total[i] += born[i] - dead[i] + moved[i];
        }
        self.sum();
        self.finish(year, &born, &dead, &moved, setting);
    }

    fn finish(&mut self, year: &Year<'_>, born: &V, dead: &V, moved: &V, setting: &Setting<'_>) {
        self.flows[Flow::Births as usize] = *born;
        self.flows[Flow::Deaths as usize] = *dead;
        self.flows[Flow::NetMigration as usize] = *moved;
        self.flows[Flow::E0Female as usize] = year.e0[0];
        self.flows[Flow::E0Male as usize] = year.e0[1];
        self.flows[Flow::Tfr as usize] = year.tfr;
        if setting.program.nrr {
            // Σ f(x)·L(x)/l0, the girls' share of it: survivors of birth at each age.
            let (mut living, mut daughters) = ([1.0; L], ZERO);
            for x in 0..FERTILE.1 {
                for i in 0..L {
                    living[i] *= self.survival(year, 0, i)[x];
                    daughters[i] += year.shares[x] * living[i];
                }
            }
            self.flows[Flow::Nrr as usize] =
                std::array::from_fn(|i| year.tfr[i] * daughters[i] / (1.0 + year.srb));
        }
    }

    /// Values of the indicators for the stock and flows as they stand.
    pub fn indicators<'s>(&'s mut self, setting: &'s Setting<'_>) -> impl Iterator<Item = &'s V> {
        if setting.program.by_sex {
            for sex in 0..2 {
                sums::sum_one(&self.population[sex], &mut self.by_sex[sex]);
            }
        }
        let state =
            State { cells: &self.population, both: &self.both, by_sex: &self.by_sex, flows: &self.flows };
        setting.program.run(&state, &mut self.values)
    }
}
