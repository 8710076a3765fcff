//! Demography: life tables, schedules, thin base, projection, indicators.

pub mod backtest; // what a projection from an earlier census would have said
pub mod base; // thin base, census table as base, Hamilton-Perry
mod chunk; // some draws through the projection
mod drawn; // the paths that a draw is given
pub mod ensemble; // draws of TFR, e0, migration and base through the projection
mod ensemble_checks; // what an ensemble may be asked for
pub mod fertility; // schedules by age of mother from a total
mod formula; // the grammar of indicators
mod from_qx; // rates that give a q(x) back, the open group carried on
pub mod graduation; // five-year groups to single years
mod hazards; // single years of a hazard from its means
pub mod indicators; // named indicators and expressions over age groups
pub mod kannisto; // old ages extended and closed
pub mod kernel; // one step of the projection
pub mod lanes; // eight draws side by side
pub mod life_table; // m(x) or q(x) to e0 and survival ratios
pub mod local; // levels of e0 and TFR from known local births and deaths
pub mod migration; // age profiles of movers
pub mod models; // Lee-Carter, Brass, log-quadratic
pub mod mortality; // m(x) by e0
mod noise; // whole persons at random
pub mod output; // tables of draws: indicators, ages, peak years
mod program; // the formulas of several indicators as one list of steps
pub mod project; // the checked projection of arrays
pub mod quantiles; // exact quantiles by selection
pub mod regions; // many regions at once, raked to a parent
pub mod residual; // net migration by age that two populations and the rates between them imply
mod simulation; // the draws of indicators, kept in chunks
pub mod standards; // the shipped demographic tables
mod store; // room for the values of draws
mod sums; // sums over ages, medians and means
mod sweeps; // what a year does to all ages of eight draws
pub mod told; // what the notes of a run say
