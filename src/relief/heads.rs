//! Heads and payments: who draws several programs is one head and as many payments.
//!
//! Of n programs the caseloads are known, and of some pairs or larger sets how many persons draw all of
//! them. Where every set that can overlap is given, inclusion and exclusion give the heads. Where not,
//! they lie between bounds, and independence is never assumed: those who draw one program are poorer,
//! older or more often disabled than others, so they draw another more often than chance.
//!
//! Below: the largest, over sets within which every pair is given or excluded, of the caseloads less the
//! pairs (Bonferroni 1936); one program alone and programs that exclude each other are such sets. Above:
//! the payments less the given pairs along the heaviest forest (Hunter 1976, Worsley 1982). Up to three
//! programs the two are the sharpest that the numbers allow; beyond, sharper ones may exist.

/// Which programs there are, which sets of them have a number, which pairs nobody draws.
#[derive(Debug, Clone)]
pub struct Heads {
    programs: usize,
    overlaps: Vec<Vec<usize>>,
    never: Vec<Vec<bool>>,
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
    /// Overlaps that were taken off for `high`, each once for each time.
    pub high_by: Terms,
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
        let overlaps = overlaps
            .into_iter()
            .map(|mut set| {
                set.sort_unstable();
                set.dedup();
                set
            })
            .collect();
        let mut heads = Self { programs, overlaps, never: apart, sets: Vec::new() };
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
        let at = |p: usize| caseloads.get(p).copied().unwrap_or(0.0);
        let held: Vec<f64> = self
            .overlaps
            .iter()
            .zip(overlaps)
            .map(|(set, v)| set.iter().map(|p| at(*p)).fold(v.max(0.0), f64::min))
            .collect();
        let value = |t: &Terms| {
            let sum: f64 = t.programs.iter().map(|p| at(*p)).sum();
            t.overlaps.iter().fold(sum, |s, (plus, o)| if *plus { s + held[*o] } else { s - held[*o] })
        };
        let largest = (0..self.programs).map(at).fold(0.0, f64::max);
        let mut best: Option<(f64, &Terms)> = None;
        for set in &self.sets {
            let v = value(set);
            if best.is_none_or(|(b, _)| v > b) {
                best = Some((v, set));
            }
        }
        let nothing = Terms { programs: Vec::new(), overlaps: Vec::new(), exact: false };
        let (low, low_by) = best.map_or((0.0, nothing), |(v, t)| (v, t.clone()));
        // A set of three or more that is known exactly is a sharper start than its pairs.
        let starts = self.sets.iter().filter(|s| s.overlaps.iter().any(|(plus, _)| *plus) && s.exact);
        let (high, high_by) =
            starts.map(Some).chain([None]).map(|start| self.forest(start, &at, &held)).fold(
                (f64::INFINITY, None),
                |least, (terms, v)| if v < least.0 { (v, Some(terms)) } else { least },
            );
        let high_by = high_by.unwrap_or_else(|| low_by.clone());
        Bounds { low: low.max(largest), high: high.max(largest), low_by, high_by }
    }

    /// Payments less the heaviest forest of overlaps, from a set whose heads are known.
    fn forest(&self, start: Option<&Terms>, at: &dyn Fn(usize) -> f64, held: &[f64]) -> (Terms, f64) {
        let mut terms = start.cloned().unwrap_or(Terms { programs: vec![], overlaps: vec![], exact: false });
        let mut tree: Vec<usize> = (0..self.programs).collect();
        if let Some(&root) = terms.programs.first() {
            terms.programs.iter().for_each(|p| tree[*p] = root);
        }
        terms.programs = (0..self.programs).collect();
        // Each overlap of k programs is a floor of each of its pairs.
        let mut edges: Vec<(usize, usize, usize)> = Vec::new();
        for (o, set) in self.overlaps.iter().enumerate() {
            for (k, i) in set.iter().enumerate() {
                edges.extend(set[k + 1..].iter().map(|j| (*i, *j, o)));
            }
        }
        edges.sort_by(|a, b| held[b.2].total_cmp(&held[a.2]));
        for (i, j, o) in edges {
            let (from, to) = (tree[i], tree[j]);
            if from != to {
                tree.iter_mut().filter(|t| **t == from).for_each(|t| *t = to);
                terms.overlaps.push((false, o));
            }
        }
        let sum: f64 = (0..self.programs).map(at).sum();
        let v =
            terms.overlaps.iter().fold(sum, |s, (plus, o)| if *plus { s + held[*o] } else { s - held[*o] });
        (terms, v)
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
