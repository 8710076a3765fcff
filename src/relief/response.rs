//! What a rise of a standard does to a caseload: more come, and they stay for a while.

/// A standard's path and what it is taken to do.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The standard by year.
    pub standard: &'a [f64],
    /// The standard by year that the caseload already has in it.
    pub reference: &'a [f64],
    pub elasticity: f64,
    /// Share of the persons that leaves in a year, 0..=1.
    pub exit_rate: f64,
    /// Position of the last year before the standard can have moved anything.
    pub from: usize,
}

/// Factor by year on a caseload whose inflow is (standard ÷ reference)^elasticity times as large.
///
/// Of the caseload S(t), the share k = min(1, (1 − h)·S(t−1) ÷ S(t)) was there a year ago, h being the
/// exit rate; the rest came within the year. So the factor of the stock follows that of the inflow,
/// r(t) = g(t) + k·(r(t−1) − g(t)), and is exactly 1 while the two standards are equal. Where the
/// caseload falls faster than h lets it, nobody came and the factor stays.
pub fn response(caseload: &[f64], change: &Change<'_>) -> Vec<f64> {
    let kept = 1.0 - change.exit_rate.clamp(0.0, 1.0);
    let mut factor = 1.0;
    (0..caseload.len())
        .map(|t| {
            if t <= change.from {
                return 1.0;
            }
            let (before, now) = (caseload[t - 1], caseload[t]);
            let ratio = change.standard[t] / change.reference[t];
            let inflow = if ratio > 0.0 { ratio.powf(change.elasticity) } else { 1.0 };
            if inflow.is_finite() && before >= 0.0 && now > 0.0 {
                let stayed = (kept * before / now).min(1.0);
                factor = inflow + stayed * (factor - inflow);
            }
            factor
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAT: [f64; 4] = [500.0; 4];

    fn change(standard: &[f64], elasticity: f64, exit_rate: f64) -> Change<'_> {
        Change { standard, reference: &FLAT, elasticity, exit_rate, from: 0 }
    }

    /// By hand: 1,000 persons, 100 leave and 100 come; with a tenth more inflow 1,010, then 1,019.
    #[test]
    fn a_steady_caseload_fills_up_to_the_new_inflow() {
        let raised = [500.0, 550.0, 550.0, 550.0];
        let r = response(&[1000.0; 4], &change(&raised, 1.0, 0.1));
        for (got, want) in r.iter().zip([1.0, 1.01, 1.019, 1.0271]) {
            assert!((got - want).abs() < 1e-12, "{got} {want}");
        }
    }

    #[test]
    fn nothing_moves_without_elasticity_or_without_a_rise() {
        let raised = [500.0, 550.0, 600.0, 900.0];
        let falling = [1000.0, 930.0, 700.0, 0.0];
        assert_eq!(response(&falling, &change(&raised, 0.0, 0.12)), vec![1.0; 4]);
        assert_eq!(response(&falling, &change(&FLAT, 0.7, 0.12)), vec![1.0; 4]);
    }

    /// With everybody leaving within a year the stock is the inflow.
    #[test]
    fn full_turnover_gives_the_factor_of_the_inflow() {
        let raised = [500.0, 550.0, 605.0, 605.0];
        let r = response(&[1000.0; 4], &change(&raised, 0.3, 1.0));
        assert!((r[1] - 1.1_f64.powf(0.3)).abs() < 1e-12 && (r[2] - 1.21_f64.powf(0.3)).abs() < 1e-12);
    }

    #[test]
    fn a_caseload_that_only_shrinks_and_unknown_years_do_not_move() {
        let raised = [500.0, 900.0, 900.0, 900.0];
        assert_eq!(response(&[1000.0, 800.0, 600.0, 400.0], &change(&raised, 1.0, 0.1)), vec![1.0; 4]);
        let r = response(&[f64::NAN, f64::NAN, 100.0, 100.0], &change(&raised, 1.0, 0.1));
        assert_eq!(r[..3], [1.0; 3]);
        assert!(r[3] > 1.0);
    }
}
