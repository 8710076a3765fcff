//! The value of a term: a span, what is printed, its unit and its formula.

use num_traits::{CheckedAdd, CheckedMul};

use super::context::Context;
use super::phrase::{decimal, printed};
use super::{Declared, Term};
use crate::error::Problem;
use crate::figures::{Exact, Figure, Span, Unit, from_decimal};

/// A term with numbers put in.
#[derive(Debug, Clone)]
pub(super) struct Quantity<'a> {
    /// What is printed, or follows from it.
    pub value: Exact,
    /// What printed precision leaves open.
    pub span: Span,
    pub unit: Unit,
    pub formula: String,
    pub figures: Vec<&'a Figure>,
    /// 约, 近, 左右, 余: the span is wide, and nothing outside it is certain either.
    pub about: bool,
}

impl Quantity<'_> {
    pub fn ids(&self) -> Vec<&str> {
        self.figures.iter().map(|f| f.id.as_str()).collect()
    }
}

/// A figure as a quantity; `None` for a date or a value too large to be compared.
pub(super) fn of_figure(figure: &Figure) -> Option<Quantity<'_>> {
    let about = figure.approximate();
    let span = figure.span()?;
    Some(Quantity {
        value: figure.base()?,
        span: if about { around(&span)? } else { span },
        unit: figure.base_unit().clone(),
        formula: printed(figure),
        figures: vec![figure],
        about,
    })
}

/// What 约 leaves open: a tenth on either side.
fn around(span: &Span) -> Option<Span> {
    let low = Exact::new(9, 10).checked_mul(&span.lo)?;
    let high = match span.hi {
        Some(hi) => Some(Exact::new(11, 10).checked_mul(&hi)?),
        None => None,
    };
    Some(Span { lo: low, hi: high })
}

/// Product of quantities; `None` on overflow.
pub(super) fn product<'a>(factors: &[Quantity<'a>]) -> Option<Quantity<'a>> {
    let (first, rest) = factors.split_first()?;
    let mut all = first.clone();
    for factor in rest {
        all.value = all.value.checked_mul(&factor.value)?;
        all.span = all.span.times(&factor.span)?;
        all.about |= factor.about;
        all.unit = all.unit.times(&factor.unit);
        all.formula = format!("{} × {}", all.formula, factor.formula);
        all.figures.extend(&factor.figures);
    }
    within(all)
}

/// What is larger than any plan is no result: it could not be divided by without overflow.
fn within(q: Quantity<'_>) -> Option<Quantity<'_>> {
    let largest = Exact::from_integer(10_000_000_000_000_000);
    (q.value < largest && q.value > -largest).then_some(q)
}

/// Sum of quantities of one kind; `None` on overflow. Units are the caller's to check.
pub(super) fn sum<'a>(parts: &[Quantity<'a>]) -> Option<Quantity<'a>> {
    let (first, rest) = parts.split_first()?;
    let mut all = first.clone();
    for part in rest {
        all.value = all.value.checked_add(&part.value)?;
        all.span = all.span.plus(&part.span)?;
        all.about |= part.about;
        all.formula = format!("{} + {}", all.formula, part.formula);
        all.figures.extend(&part.figures);
    }
    within(all)
}

/// Evaluates declared terms; problems are told with the file and line of the check.
pub(super) struct Evaluator<'c, 'a> {
    pub context: &'c Context<'a>,
    pub declared: &'c Declared,
    pub problems: Vec<Problem>,
}

impl<'c, 'a> Evaluator<'c, 'a> {
    pub fn new(context: &'c Context<'a>, declared: &'c Declared) -> Self {
        Self { context, declared, problems: Vec::new() }
    }

    pub fn tell(&mut self, column: &str, value: impl std::fmt::Display, message: &str, expected: &str) {
        self.problems.push(
            Problem::new(message)
                .file(&self.declared.file)
                .row(self.declared.line)
                .column(format!("{}.{column}", self.declared.id))
                .value(value)
                .expected(expected),
        );
    }

    /// The figure that a term must be.
    pub fn figure(&mut self, column: &str, term: &Term) -> Option<&'a Figure> {
        let Term::Figure(id) = term else {
            self.tell(column, "a computed term", "not a figure", "the id of a figure");
            return None;
        };
        let found = self.context.ledger.get(id);
        if found.is_none() {
            self.unknown(column, id);
        }
        found
    }

    fn unknown(&mut self, column: &str, id: &str) {
        let expected = format!("an id of {}", self.context.ledger.file());
        self.tell(column, id, "cites an unknown figure", &expected);
    }

    pub fn quantity(&mut self, column: &str, term: &Term) -> Option<Quantity<'a>> {
        match term {
            Term::Figure(id) => {
                let figure = self.figure(column, term)?;
                let quantity = of_figure(figure);
                if quantity.is_none() {
                    self.tell(
                        column,
                        id,
                        "not a number that can be computed with",
                        "a figure with a numeric value",
                    );
                }
                quantity
            }
            Term::Number(d) => Some(Quantity {
                value: from_decimal(*d),
                span: Span::point(from_decimal(*d)),
                unit: Unit::parse(""),
                formula: decimal(*d),
                figures: Vec::new(),
                about: false,
            }),
            Term::Product(terms) => {
                let all = self.quantities(column, terms)?;
                let result = product(&all);
                if result.is_none() {
                    self.tell(column, "product", "too large to be computed", "smaller values");
                }
                result
            }
            Term::Sum(terms) => {
                let all = self.quantities(column, terms)?;
                self.addable(column, &all)?;
                let result = sum(&all);
                if result.is_none() {
                    self.tell(column, "sum", "too large to be computed", "smaller values");
                }
                result.map(|r| Quantity { formula: format!("({})", r.formula), ..r })
            }
        }
    }

    pub fn quantities(&mut self, column: &str, terms: &[Term]) -> Option<Vec<Quantity<'a>>> {
        let all: Vec<Option<Quantity<'a>>> = terms.iter().map(|t| self.quantity(column, t)).collect();
        all.into_iter().collect()
    }

    /// Whether all can be added to the first; bare numbers go with anything.
    pub fn addable(&mut self, column: &str, all: &[Quantity<'_>]) -> Option<()> {
        let (first, rest) = all.split_first()?;
        let mut fine = true;
        for other in rest.iter().filter(|q| !q.figures.is_empty() && !first.figures.is_empty()) {
            if !first.unit.adds_to(&other.unit) {
                fine = false;
                let name = |q: &Quantity<'_>| format!("{} ({})", q.ids().join("×"), q.unit);
                let value = format!("{} and {}", name(first), name(other));
                let expected = format!("units that can be added, such as those of {}", name(first));
                self.tell(column, value, "units that cannot be added", &expected);
            }
        }
        fine.then_some(())
    }

    /// What the family made of it, or the problems that were met.
    pub fn done(self, found: Option<Vec<super::Finding>>) -> Result<Vec<super::Finding>, Vec<Problem>> {
        match found {
            Some(found) if self.problems.is_empty() => Ok(found),
            _ if !self.problems.is_empty() => Err(self.problems),
            _ => {
                let mut this = self;
                this.tell("", "", "too large to be computed", "smaller values");
                Err(this.problems)
            }
        }
    }
}
