//! The oracle of rules about claims, on serde_json.

use super::judge::RuleText;
use countermark::Status;
use serde_json::Value;

pub const ALL_OF: i32 = 1;
pub const ANY_OF: i32 = 2;
pub const NONE_OF: i32 = 3;

/// What becomes of one rule; `None` when it is met.
pub fn oracle(rule: &RuleText, claims: &Value) -> Option<Status> {
    let found = match rule.path.strip_prefix('/') {
        Some(_) => claims.pointer(&rule.path),
        None => rule.path.split('.').try_fold(claims, |value, name| value.as_object()?.get(name)),
    };
    if rule.test >= 4 {
        let Some(found) = found else { return Some(Status::RightsMissing) };
        let Some(found) = found.as_i64() else { return Some(Status::RightsType) };
        let holds = match rule.test {
            4 => found < rule.number,
            5 => found <= rule.number,
            6 => found == rule.number,
            7 => found >= rule.number,
            _ => found > rule.number,
        };
        return (!holds).then_some(Status::RightsMissing);
    }
    let is_list = ["scope", "scp", "/scope", "/scp"].contains(&rule.path.as_str());
    let granted: Vec<String> = match found {
        None => vec![],
        Some(Value::String(text)) if is_list => text.split(' ').filter(|part| !part.is_empty()).map(String::from).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => match list.iter().map(|value| value.as_str().map(String::from)).collect() {
            Some(list) => list,
            None => return Some(Status::RightsType),
        },
        Some(_) => return Some(Status::RightsType),
    };
    let has = |value: &String| match value.strip_suffix('*') {
        Some(beginning) if rule.wildcards => granted.iter().any(|granted| granted.starts_with(beginning)),
        _ => granted.contains(value),
    };
    match rule.test {
        ALL_OF => (!rule.values.iter().all(has)).then_some(Status::RightsMissing),
        ANY_OF => (!rule.values.iter().any(has)).then_some(Status::RightsMissing),
        _ => rule.values.iter().any(has).then_some(Status::RightsForbidden),
    }
}
