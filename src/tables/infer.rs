//! Columns of text → typed columns, without turning a code into a number.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};

/// Whole numbers beyond this many digits are codes; a float would lose their end.
const MAX_DIGITS: usize = 15;

/// The narrowest type that holds every value: integers, floats, else text. Blank cells are null.
/// Codes (by the column's name, by leading zeros or by length) stay text; thousands commas
/// (`12,345`) are taken in numbers.
pub fn column(name: &str, values: &[Option<String>]) -> ArrayRef {
    let known = || values.iter().flatten();
    if known().next().is_some() && !is_code(name) {
        if let Some(ints) = each(values, int) {
            return Arc::new(Int64Array::from(ints));
        }
        if let Some(floats) = each(values, float) {
            return Arc::new(Float64Array::from(floats));
        }
    }
    Arc::new(values.iter().map(|v| v.as_deref()).collect::<StringArray>())
}

fn each<T>(values: &[Option<String>], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
    values.iter().map(|v| v.as_deref().map_or(Some(None), |text| parse(text).map(Some))).collect()
}

fn is_code(name: &str) -> bool {
    let lower = name.to_lowercase();
    let word = |w: &str| lower.split('_').any(|part| part == w);
    word("code") || word("id") || ["代码", "编号", "编码", "证号", "号码"].iter().any(|w| name.contains(w))
}

fn int(text: &str) -> Option<i64> {
    let plain = plain_number(text)?;
    let digits = plain.trim_start_matches('-');
    if digits.is_empty() || digits.len() > MAX_DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    plain.parse().ok()
}

fn float(text: &str) -> Option<f64> {
    let plain = plain_number(text)?;
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let whole = plain.trim_start_matches('-').bytes().take_while(u8::is_ascii_digit).count();
    // "nan", "inf" and "1e5x" are words, not numbers; a code of 18 digits is not a float.
    if digits == 0
        || whole > MAX_DIGITS
        || !plain.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
    {
        return None;
    }
    plain.parse::<f64>().ok().filter(|v| v.is_finite())
}

/// Without thousands commas; `None` where commas or leading zeros say that it is no number.
fn plain_number(text: &str) -> Option<String> {
    let body = text.strip_prefix('-').unwrap_or(text);
    if body.len() > 1 && body.starts_with('0') && !body.starts_with("0.") {
        return None;
    }
    if !body.contains(',') {
        return Some(text.to_owned());
    }
    let whole = body.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    ((1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3) && !body[whole.len()..].contains(','))
        .then(|| text.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use arrow_schema::DataType;

    fn kind(name: &str, values: &[&str]) -> DataType {
        let values: Vec<_> = values.iter().map(|v| (!v.is_empty()).then(|| (*v).to_owned())).collect();
        column(name, &values).data_type().clone()
    }

    #[test]
    fn numbers_become_numbers_and_codes_stay_codes() {
        assert_eq!(kind("n", &["1", "", "-2", "12,345"]), DataType::Int64);
        assert_eq!(kind("n", &["1", "2.5", "1e-3", "1,234.5"]), DataType::Float64);
        assert_eq!(kind("n", &["1", "x"]), DataType::Utf8);
        assert_eq!(kind("n", &["433101002000001"]), DataType::Int64);
        assert_eq!(kind("n", &["433101195202290008"]), DataType::Utf8);
        assert_eq!(kind("n", &["007"]), DataType::Utf8);
        assert_eq!(kind("area_code", &["433101"]), DataType::Utf8);
        assert_eq!(kind("统一社会信用代码", &["524331010000001070"]), DataType::Utf8);
        assert_eq!(kind("n", &["nan", "inf"]), DataType::Utf8);
        assert_eq!(kind("n", &["1,23"]), DataType::Utf8);
        assert_eq!(kind("n", &["", ""]), DataType::Utf8);
    }
}
