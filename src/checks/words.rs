//! `words`: what a reader of the plan declares, with the quotes that it rests on.

use super::context::Context;
use super::term::Evaluator;
use super::{Declared, Finding, Term, Verdict};
use crate::error::Problem;

/// A declared reading; its sentence cites each quote.
pub(super) fn declared(
    context: &Context<'_>,
    one: &Declared,
    figures: &[Term],
    verdict: Verdict,
    sentence: &str,
) -> Result<Vec<Finding>, Vec<Problem>> {
    let mut evaluator = Evaluator::new(context, one);
    let cited: Vec<_> = figures.iter().map(|t| evaluator.figure("figures", t)).collect();
    let cited: Option<Vec<_>> = cited.into_iter().collect();
    let found = cited.map(|cited| {
        let ids: Vec<&str> = cited.iter().map(|f| f.id.as_str()).collect();
        let places: Vec<String> = one.quotes.iter().map(|q| format!("第{}行“{}”", q.line, q.text)).collect();
        let text = if places.is_empty() {
            sentence.to_owned()
        } else {
            format!("{}：{sentence}", places.join("，"))
        };
        let money = cited.iter().filter(|f| f.is_money()).filter_map(|f| f.base()).max();
        vec![Finding::new("words", verdict, &ids, text).money(money)]
    });
    evaluator.done(found)
}
