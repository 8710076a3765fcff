//! Heads and payments: who draws several programs is one head and as many payments.
//!
//! Of n programs the caseloads are known, and of some pairs or larger sets how many persons draw all of
//! them. Where every set that can overlap is given, inclusion and exclusion give the heads. Where not,
//! they lie between bounds, and independence is never assumed: those who draw one program are poorer,
//! older or more often disabled than others, so they draw another more often than chance.
//!
//! Below: the largest, over sets within which every pair is given or excluded, of the caseloads less the
//! pairs (Bonferroni 1936); one program alone and programs that exclude each other are such sets. Above:
//! the payments less the given pairs along the heaviest forest (Hunter 1976, Worsley 1982). With pairs
//! of up to three programs the two are the sharpest that the numbers allow; beyond, sharper ones may exist.

/// Which programs there are, which sets of them have a number, which pairs nobody draws.
#[derive(Debug, Clone)]
pub struct Heads {
    programs: usize,
    overlaps: Vec<Vec<usize>>,
    never: Vec<Vec<bool>>,
    /// Pairs within the overlaps, each with its overlap.
    edges: Vec<(usize, usize, usize)>,
    /// Sets whose heads, or a bound of them, are caseloads plus and minus overlaps.
    sets: Vec<Terms>,
}

/// Caseloads of `programs`, plus (true) or minus (false) overlaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub programs: Vec<usize>,
    pub overlaps: Vec<(bool, usize)>,
    /// The heads themselves; else no more than the heads.
    pub exact: bool,
}

/// Between what the heads lie, and by which terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    /// May be above `high` where the overlaps contradict each other.
    pub low: f64,
    pub high: f64,
    pub low_by: Terms,
    pub high_by: Terms,
}

struct Ends {
    low: f64,
    /// The set that gives `low`.
    set: Option<usize>,
    high: f64,
    /// The set that `high` starts from, and the overlaps taken off after it.
    start: Option<usize>,
    taken: Vec<usize>,
}

/// More sets than a county has programs to name; those beyond would only sharpen the lower bound.
const MAX_SETS: usize = 2048;
const MAX_STEPS: usize = 65_536;

impl Heads {
    /// `overlaps` are sets of two or more positions below `programs` whose numbers are known, each once;
    /// `never` are pairs that nobody draws.
    ///
    /// ```
    /// use minsuan::relief::Heads;
    /// // 300 and 200 persons, 80 of them in both; then 50 of whom nothing is known
    /// let two = Heads::new(2, vec![vec![0, 1]], &[]);
    /// assert!(two.exact().is_some());
    /// assert_eq!(two.bounds(&[300.0, 200.0], &[80.0]).low, 420.0);
    /// let three = Heads::new(3, vec![vec![0, 1]], &[]);
    /// let b = three.bounds(&[300.0, 200.0, 50.0], &[80.0]);
    /// assert_eq!((b.low, b.high), (420.0, 470.0));
    /// ```
    pub fn new(programs: usize, overlaps: Vec<Vec<usize>>, never: &[(usize, usize)]) -> Self {
        let mut apart = vec![vec![false; programs]; programs];
        for &(i, j) in never.iter().filter(|(i, j)| *i < programs && *j < programs && i != j) {
            apart[i][j] = true;
            apart[j][i] = true;
        }
        let overlaps: Vec<Vec<usize>> = overlaps
            .into_iter()
            .map(|mut set| {
                set.sort_unstable();
                set.dedup();
                set
            })
            .collect();
        let mut edges = Vec::new();
        for (o, set) in overlaps.iter().enumerate() {
            for (k, i) in set.iter().enumerate() {
                edges.extend(set[k + 1..].iter().map(|j| (*i, *j, o)));
            }
        }
        let mut heads = Self { programs, overlaps, never: apart, edges, sets: Vec::new() };
        let mut steps = 0;
        for first in 0..programs {
            heads.extend(&mut vec![first], &mut steps);
        }
        heads
    }

    /// The heads as caseloads and overlaps, where they follow from them.
    pub fn exact(&self) -> Option<&Terms> {
        self.sets.iter().find(|s| s.exact && s.programs.len() == self.programs)
    }

    /// Pairs that some person may draw and of which no number is given.
    pub fn open_pairs(&self) -> Vec<(usize, usize)> {
        let all = (0..self.programs).flat_map(|i| (i + 1..self.programs).map(move |j| (i, j)));
        all.filter(|&(i, j)| !self.known(i, j)).collect()
    }

    /// Bounds of the heads; `caseloads` and `overlaps` in the order given to [`Heads::new`], persons. An
    /// overlap above the smallest of its programs is held to that.
    pub fn bounds(&self, caseloads: &[f64], overlaps: &[f64]) -> Bounds {
        let ends = self.ends(caseloads, overlaps);
        let nothing = || Terms { programs: Vec::new(), overlaps: Vec::new(), exact: false };
        let set = |at: Option<usize>| at.and_then(|s| self.sets.get(s)).cloned().unwrap_or_else(nothing);
        let mut high_by = set(ends.start);
        high_by.programs = (0..self.programs).collect();
        high_by.overlaps.extend(ends.taken.iter().map(|o| (false, *o)));
        Bounds { low: ends.low, high: ends.high, low_by: set(ends.set), high_by }
    }

    /// The ends of [`Heads::bounds`] alone, `(low, high)`: for each of many draws.
    pub fn limits(&self, caseloads: &[f64], overlaps: &[f64]) -> (f64, f64) {
        let ends = self.ends(caseloads, overlaps);
        (ends.low, ends.high)
    }

    fn ends(&self, caseloads: &[f64], overlaps: &[f64]) -> Ends {
        let at = |p: usize| caseloads.get(p).copied().unwrap_or(0.0);
        let held: Vec<f64> = self
            .overlaps
            .iter()
            .zip(overlaps)
            .map(|(set, v)| set.iter().map(|p| at(*p)).fold(v.max(0.0), f64::min))
            .collect();
        let signed =
            |sum: f64, (plus, o): &(bool, usize)| if *plus { sum + held[*o] } else { sum - held[*o] };
        let payments: f64 = (0..self.programs).map(at).sum();
        let mut low = (0..self.programs).map(at).fold(0.0, f64::max);
        let largest = low;
        let mut set = None;
        for (s, terms) in self.sets.iter().enumerate() {
            let sum: f64 = terms.programs.iter().map(|p| at(*p)).sum();
            let v = terms.overlaps.iter().fold(sum, signed);
            if v > low || (v == low && set.is_none()) {
                (low, set) = (v, Some(s));
            }
        }
        // A set of three or more that is known exactly is a sharper start than its pairs.
        let known = |t: &Terms| t.exact && t.overlaps.iter().any(|(plus, _)| *plus);
        let starts = self.sets.iter().enumerate().filter(|(_, t)| known(t)).map(|(s, _)| Some(s));
        let mut least: Option<(f64, Option<usize>, Vec<usize>)> = None;
        for start in starts.chain([None]) {
            let from = start.and_then(|s| self.sets.get(s));
            let taken = self.forest(from, &held);
            let sum = from.map_or(payments, |t| t.overlaps.iter().fold(payments, signed));
            let v = taken.iter().fold(sum, |sum, o| sum - held[*o]);
            if least.as_ref().is_none_or(|(l, ..)| v < *l) {
                least = Some((v, start, taken));
            }
        }
        let (high, start, taken) = least.unwrap_or((payments, None, Vec::new()));
        Ends { low, set, high: high.max(largest), start, taken }
    }

    /// Overlaps along the heaviest forest, from a set whose heads are known. Each overlap of k programs is
    /// a floor of each of its pairs.
    fn forest(&self, start: Option<&Terms>, held: &[f64]) -> Vec<usize> {
        let mut tree: Vec<usize> = (0..self.programs).collect();
        if let Some(start) = start
            && let Some(&root) = start.programs.first()
        {
            start.programs.iter().for_each(|p| tree[*p] = root);
        }
        let mut edges = self.edges.clone();
        edges.sort_by(|a, b| held[b.2].total_cmp(&held[a.2]));
        let mut taken = Vec::new();
        for (i, j, o) in edges {
            let (from, to) = (tree[i], tree[j]);
            if from != to {
                tree.iter_mut().filter(|t| **t == from).for_each(|t| *t = to);
                taken.push(o);
            }
        }
        taken
    }

    fn given(&self, set: &[usize]) -> bool {
        self.overlaps.iter().any(|o| o == set)
    }

    fn known(&self, i: usize, j: usize) -> bool {
        self.never[i][j] || self.given(&[i.min(j), i.max(j)])
    }

    /// Keeps `set` and every larger one within which each pair is known.
    fn extend(&mut self, set: &mut Vec<usize>, steps: &mut usize) {
        *steps += 1;
        if *steps > MAX_STEPS || self.sets.len() >= MAX_SETS {
            return;
        }
        let after = set.last().map_or(0, |l| l + 1);
        for next in after..self.programs {
            if set.iter().all(|p| self.known(*p, next)) {
                set.push(next);
                self.extend(set, steps);
                set.pop();
            }
        }
        // One that shares nobody with the set only adds: the larger set is kept and this one not.
        let outside = |p: &usize| !set.contains(p);
        if (0..self.programs).filter(outside).any(|p| set.iter().all(|q| self.never[p][*q])) {
            return;
        }
        let inside = |o: &Vec<usize>| o.iter().all(|p| set.contains(p));
        let exact = self.complete(set, &mut Vec::new());
        let overlaps = self.overlaps.iter().enumerate().filter(|(_, o)| inside(o) && (exact || o.len() == 2));
        let overlaps = overlaps.map(|(i, o)| (o.len() % 2 == 1, i)).collect();
        self.sets.push(Terms { programs: set.clone(), overlaps, exact });
    }

    /// Whether every subset of `set` that can overlap has a number; `chosen` is the subset so far.
    fn complete(&self, set: &[usize], chosen: &mut Vec<usize>) -> bool {
        for (k, p) in set.iter().enumerate() {
            if chosen.iter().any(|q| self.never[*p][*q]) {
                continue;
            }
            chosen.push(*p);
            let fine = (chosen.len() < 2 || self.given(chosen)) && self.complete(&set[k + 1..], chosen);
            chosen.pop();
            if !fine {
                return false;
            }
        }
        true
    }
}
