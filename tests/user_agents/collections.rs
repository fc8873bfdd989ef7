//! Public collections of user agents: the test files of uap-core, and npm's `user-agents`.

use std::path::Path;
use std::process::Command;

/// One case of uap-core.
pub struct Fixture {
    pub text: String,
    pub family: String,
    pub major: Option<u16>,
}

impl Fixture {
    /// The files are lines of `name: 'value'`; each case begins with its text. No value has an escape but '' in single
    /// quotes, and none goes over a line.
    pub fn read_all(yaml: &str) -> Vec<Fixture> {
        let mut all: Vec<Fixture> = Vec::new();
        for line in yaml.lines() {
            let Some((name, value)) = line.trim_start_matches([' ', '-']).split_once(':') else { continue };
            let value = scalar(value.trim());
            match (name, all.last_mut()) {
                ("user_agent_string", _) => all.push(Fixture { text: value, family: String::new(), major: None }),
                ("family", Some(fixture)) => fixture.family = value,
                ("major", Some(fixture)) => fixture.major = value.parse().ok(),
                _ => {}
            }
        }
        assert!(all.iter().all(|fixture| !fixture.family.is_empty()), "a case without a family");
        all
    }
}

fn scalar(value: &str) -> String {
    let inside = |quote: char| value.strip_prefix(quote).and_then(|value| value.strip_suffix(quote));
    match (inside('\''), inside('"')) {
        (Some(single), _) => single.replace("''", "'"),
        (_, Some(double)) => {
            assert!(!double.contains('\\'), "an escape: {double}");
            double.to_string()
        }
        _ => value.to_string(),
    }
}

/// One of a population: what it sends, what it is, and how many are like it.
pub struct Person {
    pub text: String,
    pub device: String,
    pub weight: f64,
}

/// None when the file or gzip is missing.
pub fn population(path: &Path) -> Option<Vec<Person>> {
    let output = path.is_file().then(|| Command::new("gzip").arg("-dc").arg(path).output().ok()).flatten()?;
    assert!(output.status.success());
    let all: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let person = |value: &serde_json::Value| Person {
        text: value["userAgent"].as_str().unwrap().to_string(),
        device: value["deviceCategory"].as_str().unwrap().to_string(),
        weight: value["weight"].as_f64().unwrap(),
    };
    Some(all.as_array().unwrap().iter().map(person).collect())
}
