//! Bounds of heads against populations in which it is known who draws what.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use minsuan::relief::Heads;
use proptest::prelude::*;

/// People by what they draw: `people[s]` persons draw the programs whose bits are set in `s`.
fn count(people: &[u32], draws_all_of: usize) -> f64 {
    let of = |s: &usize| s & draws_all_of == draws_all_of;
    (0..people.len()).filter(of).map(|s| f64::from(people[s])).sum()
}

fn heads(people: &[u32]) -> f64 {
    people.iter().skip(1).map(|n| f64::from(*n)).sum()
}

fn members(set: usize, programs: usize) -> Vec<usize> {
    (0..programs).filter(|p| set >> p & 1 == 1).collect()
}

/// A population over `programs`, and which of the sets of two or more are told.
fn population(programs: usize) -> impl Strategy<Value = (Vec<u32>, Vec<bool>)> {
    let cells = 1 << programs;
    let person = prop_oneof![Just(0_u32), 0..200_u32];
    (prop::collection::vec(person, cells), prop::collection::vec(any::<bool>(), cells))
}

/// What is told of a population, with the programs in another order where one is given.
fn told(people: &[u32], says: &[bool], order: &[usize]) -> (Heads, Vec<f64>, Vec<f64>) {
    let programs = order.len();
    let at = |p: &usize| order.iter().position(|q| q == p).unwrap();
    let sets = (1..people.len()).filter(|s| s.count_ones() >= 2 && says[*s]);
    let named: Vec<(Vec<usize>, f64)> =
        sets.map(|s| (members(s, programs).iter().map(at).collect(), count(people, s))).collect();
    let mut never = Vec::new();
    for (i, p) in order.iter().enumerate() {
        for (j, q) in order.iter().enumerate().skip(i + 1) {
            // a pair that nobody draws may be known as such
            if count(people, 1 << p | 1 << q) == 0.0 && !says[1 << p | 1 << q] && says[0] {
                never.push((i, j));
            }
        }
    }
    let caseloads = order.iter().map(|p| count(people, 1 << p)).collect();
    let (sets, values) = named.into_iter().unzip();
    (Heads::new(programs, sets, &never), caseloads, values)
}

proptest! {
    #[test]
    fn the_truth_is_within_the_bounds((people, says) in (2_usize..6).prop_flat_map(population)) {
        let programs = people.len().trailing_zeros() as usize;
        let order: Vec<usize> = (0..programs).collect();
        let (h, n, o) = told(&people, &says, &order);
        let b = h.bounds(&n, &o);
        let truth = heads(&people);
        let (largest, payments) = (n.iter().copied().fold(0.0, f64::max), n.iter().sum::<f64>());
        prop_assert!(largest <= b.low && b.low <= truth && truth <= b.high && b.high <= payments, "{b:?} {truth} {n:?} {o:?}");
        if h.exact().is_some() {
            prop_assert_eq!((b.low, b.high), (truth, truth));
        }
    }

    #[test]
    fn the_order_of_programs_does_not_matter(
        (people, says) in population(4), order in Just(vec![0_usize, 1, 2, 3]).prop_shuffle()
    ) {
        let (a, n, o) = told(&people, &says, &[0, 1, 2, 3]);
        let (b, m, p) = told(&people, &says, &order);
        let (x, y) = (a.bounds(&n, &o), b.bounds(&m, &p));
        prop_assert_eq!((x.low, x.high), (y.low, y.high));
        prop_assert_eq!(a.exact().is_some(), b.exact().is_some());
    }

    #[test]
    fn what_is_told_more_never_widens((people, says) in population(4), more in 0_usize..16) {
        let order = [0, 1, 2, 3];
        let (a, n, o) = told(&people, &says, &order);
        let mut wider = says.clone();
        wider[more] = true;
        let (b, m, p) = told(&people, &wider, &order);
        let (x, y) = (a.bounds(&n, &o), b.bounds(&m, &p));
        prop_assert!(x.low <= y.low && y.high <= x.high, "{x:?} {y:?}");
    }

    /// With all pairs of three programs told, the bounds are the sharpest: what all three may share lies
    /// between the largest of 0 and Nij + Nik − Ni, and the smallest pair.
    #[test]
    fn three_pairs_give_the_sharpest_bounds((people, mut says) in population(3)) {
        says[0] = false;
        says[3] = true;
        says[5] = true;
        says[6] = true;
        says[7] = false;
        let (h, n, _) = told(&people, &says, &[0, 1, 2]);
        let (ab, ac, bc) = (count(&people, 3), count(&people, 5), count(&people, 6));
        let b = h.bounds(&n, &[ab, ac, bc]);
        let least = [0.0, ab + ac - n[0], ab + bc - n[1], ac + bc - n[2]].into_iter().fold(0.0, f64::max);
        let most = ab.min(ac).min(bc);
        let rest = n.iter().sum::<f64>() - ab - ac - bc;
        prop_assert_eq!((b.low, b.high), (rest + least, rest + most));
    }

    /// Whatever is claimed, possible or not: finite, and within the largest and the sum.
    #[test]
    fn impossible_overlaps_stay_within_the_largest_and_the_sum(
        n in prop::collection::vec(0.0..1e6_f64, 4), o in prop::collection::vec(-10.0..2e6_f64, 4)
    ) {
        let h = Heads::new(4, vec![vec![0, 1], vec![1, 2], vec![0, 2], vec![0, 1, 2]], &[(2, 3)]);
        let b = h.bounds(&n, &o);
        let (largest, payments) = (n.iter().copied().fold(0.0, f64::max), n.iter().sum::<f64>());
        prop_assert!(largest <= b.high && b.high <= payments * (1.0 + 1e-12) && b.low >= largest && b.low.is_finite());
    }
}

#[test]
fn nothing_shared_means_as_many_heads_as_payments() {
    let h = Heads::new(3, vec![vec![0, 1], vec![0, 2], vec![1, 2], vec![0, 1, 2]], &[]);
    let b = h.bounds(&[10.0, 20.0, 30.0], &[0.0; 4]);
    assert_eq!((b.low, b.high), (60.0, 60.0));
    let b = Heads::new(3, vec![], &[(0, 1), (0, 2), (1, 2)]).bounds(&[10.0, 20.0, 30.0], &[]);
    assert_eq!((b.low, b.high), (60.0, 60.0));
}

/// Thirty programs that exclude each other, and thirty of which nothing is known: neither takes long.
#[test]
fn many_programs() {
    let n: Vec<f64> = (1..=30).map(f64::from).collect();
    let apart: Vec<(usize, usize)> = (0..30).flat_map(|i| (i + 1..30).map(move |j| (i, j))).collect();
    assert_eq!(Heads::new(30, vec![], &apart).bounds(&n, &[]).low, 465.0);
    let b = Heads::new(30, vec![], &[]).bounds(&n, &[]);
    assert_eq!((b.low, b.high), (30.0, 465.0));
    let all: Vec<Vec<usize>> = apart.iter().map(|(i, j)| vec![*i, *j]).collect();
    let b = Heads::new(30, all, &[]).bounds(&n, &vec![0.5; 435]);
    assert!(b.low >= 30.0 && b.low <= b.high && b.high == 465.0 - 29.0 * 0.5);
}
