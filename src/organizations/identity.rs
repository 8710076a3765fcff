//! Who is one organization where the code alone does not say: codes that do not check and stand for several, changes of
//! name, predecessors and successors under one code.

use std::collections::BTreeMap;

use super::codes;
use super::problems::Finding;
use super::read::{Identity, NAMED, Record};
use super::register::{NO_DAY, Register, Rename, Texts};
use crate::error::Problem;

/// Between code and name in the key of an organization that is known by both.
pub const JOINT: char = '\u{1}';

/// The code of a key.
pub fn code_of(key: &str) -> &str {
    key.split_once(JOINT).map_or(key, |(code, _)| code)
}

/// Whether a code that does not check can still tell an organization from others: one that is mistyped in a character or
/// two, or an office's own number. A word, zeros, a credit code cut short are placeholders.
fn identifies(code: &str) -> bool {
    if codes::is_code_like(code) {
        return true;
    }
    let own = code.bytes().any(|b| b.is_ascii_digit()) && code.chars().any(|c| !code.starts_with(c));
    let credit = code.as_bytes().first() == Some(&b'5') && code.get(2..8).is_some_and(codes::is_area);
    let long = code.chars().count() >= 16;
    own && (!credit || (long && code.len() < 18))
}

/// What is known of the members of a code before they are settled.
struct Member {
    organization: u32,
    years: Vec<i16>,
    named: bool,
}

/// Settles who is who once all rows are read. With identity by code, the names under a code that identifies are one
/// organization where no year has two of them; where one has, or the code is a placeholder, they stay apart and are told.
/// With identity by code and name, each follows the one before. Returns where the births of representatives have to move.
pub fn settle(
    register: &mut Register,
    records: &mut [Record],
    identity: Identity,
    header: &str,
) -> Option<Vec<u32>> {
    let groups = groups(register, records);
    let mut target: Vec<u32> = Vec::new();
    for members in groups.into_values().filter(|m| m.len() > 1) {
        let code = code_of(register.keys.get(members[0].organization as usize)).to_owned();
        let mut seen = std::collections::BTreeSet::new();
        let overlap = members.iter().flat_map(|m| &m.years).any(|y| !seen.insert(*y));
        let one = identifies(&code);
        match identity {
            Identity::CodeAndName if one && !overlap => succession(register, members),
            Identity::CodeAndName => shared(register, &members, &code, header),
            Identity::Code => {
                let named = members.iter().filter(|m| m.named).count();
                if named <= 1 || (one && !overlap) {
                    if target.is_empty() {
                        target = (0..register.organizations.len() as u32).collect();
                    }
                    merge(register, &members, &mut target, header);
                } else {
                    shared(register, &members, &code, header);
                }
            }
        }
    }
    (!target.is_empty()).then(|| compact(register, records, &target))
}

fn groups(register: &Register, records: &[Record]) -> BTreeMap<String, Vec<Member>> {
    let mut groups: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    let mut joint = false;
    let keys = || (0..register.organizations.len()).map(|i| register.keys.get(i));
    for key in keys() {
        joint |= key.contains(JOINT);
    }
    // The usual case: every code checks.
    if !joint {
        return groups;
    }
    let codes: std::collections::BTreeSet<&str> = keys().filter(|k| k.contains(JOINT)).map(code_of).collect();
    let mut place = BTreeMap::new();
    for (i, key) in keys().enumerate() {
        if !key.starts_with(NAMED) && codes.contains(code_of(key)) {
            let members = groups.entry(code_of(key).to_owned()).or_default();
            place.insert(i as u32, (code_of(key), members.len()));
            members.push(Member { organization: i as u32, years: Vec::new(), named: key.contains(JOINT) });
        }
    }
    for record in records {
        if let Some((code, k)) = place.get(&record.organization)
            && let Some(member) = groups.get_mut(*code).and_then(|m| m.get_mut(*k))
            && !member.years.contains(&record.year)
        {
            member.years.push(record.year);
        }
    }
    groups
}

/// Several organizations under one code, told at each of them.
fn shared(register: &mut Register, members: &[Member], code: &str, header: &str) {
    let count = members.len();
    for member in members {
        let row = register.organizations[member.organization as usize].row;
        let name = register.name(member.organization as usize).to_owned();
        register.problems.add(Finding::SharedCode, || {
            Problem::new(format!(
                "{count}个不同名称的组织使用同一代码，该代码不能识别组织，按名称分别统计（{name}）"
            ))
            .row(row as usize)
            .column(header)
            .value(code)
            .expected("一个组织一个18位统一社会信用代码")
        });
    }
}

/// By first year: each stands until the year before the next one's first.
fn succession(register: &mut Register, mut members: Vec<Member>) {
    members.retain(|m| !m.years.is_empty());
    members.sort_by_key(|m| m.years.iter().min().copied());
    for pair in members.windows(2) {
        let [before, after] = pair else { continue };
        let Some(first) = after.years.iter().min().copied() else { continue };
        register.organizations[before.organization as usize].until = first - 1;
        register.organizations[after.organization as usize].since = first;
    }
}

/// One organization of several names: what the first lacks the others give.
fn merge(register: &mut Register, members: &[Member], target: &mut [u32], header: &str) {
    let Some(lead) = members.iter().map(|m| m.organization).min() else { return };
    let mut by_year: Vec<&Member> = members.iter().collect();
    by_year.sort_by_key(|m| m.years.iter().max().copied());
    for pair in by_year.windows(2) {
        let [before, after] = pair else { continue };
        let (from, to) = (before.organization as usize, after.organization as usize);
        if register.name(from).is_empty() || register.name(to).is_empty() {
            continue;
        }
        let rename = Rename {
            code: code_of(register.keys.get(to)).to_owned(),
            year: after.years.iter().min().copied(),
            from: register.name(from).to_owned(),
            to: register.name(to).to_owned(),
            row: register.organizations[to].row,
        };
        register.renames.push(rename);
    }
    let name = by_year.iter().rev().find(|m| !register.name(m.organization as usize).is_empty());
    let name = name.map(|m| register.organizations[m.organization as usize].name);
    for member in members.iter().filter(|m| m.organization != lead) {
        let other = register.organizations[member.organization as usize];
        target[member.organization as usize] = lead;
        let own = &mut register.organizations[lead as usize];
        let mut differs = false;
        for (mine, theirs) in [
            (&mut own.registered, other.registered),
            (&mut own.deregistered, other.deregistered),
            (&mut own.revoked, other.revoked),
        ] {
            if *mine == NO_DAY {
                *mine = theirs;
            } else {
                differs |= theirs != NO_DAY && theirs != *mine;
            }
        }
        own.undated |= other.undated;
        if own.kind == super::kinds::Kind::Unknown {
            own.kind = other.kind;
        }
        let code = code_of(register.keys.get(lead as usize)).to_owned();
        if differs {
            register.problems.add(Finding::Contradiction, || {
                Problem::new("同一代码前后日期不一，以先出现者为准")
                    .row(other.row as usize)
                    .column(header)
                    .value(code)
                    .expected("同一组织的登记、注销和撤销日期前后一致")
            });
        }
    }
    if let Some(name) = name {
        register.organizations[lead as usize].name = name;
    }
}

/// Leaves out the organizations that were merged into others; where each went.
fn compact(register: &mut Register, records: &mut [Record], target: &[u32]) -> Vec<u32> {
    let mut place = vec![0u32; target.len()];
    let mut keys = Texts::default();
    let mut kept = Vec::new();
    for (i, organization) in register.organizations.iter().enumerate() {
        if target[i] as usize == i {
            place[i] = kept.len() as u32;
            kept.push(*organization);
            keys.push(register.keys.get(i));
        }
    }
    let moved: Vec<u32> = target.iter().map(|t| place[*t as usize]).collect();
    register.organizations = kept;
    register.keys = keys;
    for record in records.iter_mut() {
        record.organization = moved[record.organization as usize];
    }
    moved
}
