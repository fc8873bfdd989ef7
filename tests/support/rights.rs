//! The oracle of rules about claims, on serde_json.

use super::judge::RuleText;
use countermark::Status;
use serde_json::Value;

pub const ALL_OF: i32 = 1;
pub const ANY_OF: i32 = 2;
pub const NONE_OF: i32 = 3;

/// Where the path leads; an error where a value on the way can have nothing inside.
fn walk<'c>(path: &str, claims: &'c Value) -> Result<Option<&'c Value>, ()> {
    let (steps, is_pointer): (Vec<String>, bool) = match path.strip_prefix('/') {
        Some(pointer) => (pointer.split('/').map(|step| step.replace("~1", "/").replace("~0", "~")).collect(), true),
        None => (path.split('.').map(String::from).collect(), false),
    };
    let mut value = claims;
    for step in steps {
        let next = match value {
            Value::Object(members) => members.get(&step),
            Value::Array(_) if is_pointer => value.pointer(&format!("/{step}")),
            _ => return Err(()),
        };
        let Some(next) = next else { return Ok(None) };
        value = next;
    }
    Ok(Some(value))
}

/// What becomes of one rule; `None` when it is met.
pub fn oracle(rule: &RuleText, claims: &Value) -> Option<Status> {
    let Ok(found) = walk(&rule.path, claims) else { return Some(Status::RightsType) };
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
