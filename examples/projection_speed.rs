//! Times the bare projection of 100 years × 202 cells into standing output: seconds of the fastest run.

use std::time::Instant;

use minsuan::demography::kernel;

fn main() {
    const YEARS: usize = 100;
    const GROUPS: usize = 101;
    let survival = vec![0.99; YEARS * 2 * GROUPS];
    let bears = |x: usize| if (15..50).contains(&x) { 0.04 } else { 0.0 };
    let fertility: Vec<f64> = (0..YEARS * GROUPS).map(|i| bears(i % GROUPS)).collect();
    let srb = [1.06; YEARS];
    let mut population = vec![0.0; (YEARS + 1) * 2 * GROUPS];
    for (i, p) in population.iter_mut().enumerate().take(2 * GROUPS) {
        *p = 3000.0 * (-((i % GROUPS) as f64 / 70.0).powi(4)).exp();
    }
    let mut births = vec![[0.0; 2]; YEARS];
    let mut fastest = f64::INFINITY;
    for _ in 0..5000 {
        let start = Instant::now();
        kernel::run_into(&survival, &fertility, &srb, GROUPS, &mut population, &mut births);
        fastest = fastest.min(start.elapsed().as_secs_f64());
        std::hint::black_box((&population, &births));
    }
    println!("{fastest:e}");
}
