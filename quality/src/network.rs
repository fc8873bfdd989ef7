//! A Bayesian network as `apify-fingerprint-datapoints` stores it, sampled parents first.
//!
//! A node's table is nested: under `deeper` the value of its first parent, then of the second, and so on; where a value was
//! never seen, `skip` holds the table without that parent. A leaf is value to probability.

use crate::random::Random;
use serde_json::Value;
use std::collections::HashMap;

enum Table {
    Split { deeper: HashMap<String, Table>, skip: Option<Box<Table>> },
    Leaf(Vec<(String, f64)>),
}

struct Node {
    name: String,
    parents: Vec<String>,
    table: Table,
}

pub struct Network {
    nodes: Vec<Node>,
}

/// Values of nodes, by the nodes' names.
pub type Sample = HashMap<String, String>;

impl Network {
    pub fn parse(json: &Value) -> Result<Network, String> {
        let nodes = json["nodes"].as_array().ok_or("a network without nodes")?;
        let mut network = Network { nodes: Vec::new() };
        for node in nodes {
            let name = node["name"].as_str().ok_or("a node without a name")?.to_owned();
            let parents: Option<Vec<String>> = match &node["parentNames"] {
                Value::Array(names) => names.iter().map(|name| name.as_str().map(str::to_owned)).collect(),
                _ => Some(Vec::new()),
            };
            let parents = parents.ok_or("a parent without a name")?;
            let unordered = parents.iter().any(|parent| !network.nodes.iter().any(|known| known.name == *parent));
            if unordered {
                return Err(format!("{name} comes before one of its parents"));
            }
            let table = Table::parse(&node["conditionalProbabilities"], parents.len())?;
            network.nodes.push(Node { name, parents, table });
        }
        Ok(network)
    }

    /// Draws every node that `known` does not fix, each from its table given its parents' values.
    pub fn sample(&self, known: Sample, random: &mut Random) -> Sample {
        let mut sample = known;
        for node in &self.nodes {
            if sample.contains_key(&node.name) {
                continue;
            }
            if let Some(leaf) = node.leaf(&sample) {
                let place = random.weighted(leaf.iter().map(|(_, share)| *share));
                if let Some((value, _)) = leaf.get(place) {
                    sample.insert(node.name.clone(), value.clone());
                }
            }
        }
        sample
    }

    /// The probabilities of a node given values of its parents.
    pub fn probabilities(&self, name: &str, given: &Sample) -> &[(String, f64)] {
        self.nodes.iter().find(|node| node.name == name).and_then(|node| node.leaf(given)).unwrap_or(&[])
    }
}

impl Node {
    fn leaf(&self, sample: &Sample) -> Option<&[(String, f64)]> {
        let mut table = &self.table;
        for parent in &self.parents {
            let Table::Split { deeper, skip } = table else { break };
            let found = sample.get(parent).and_then(|value| deeper.get(value));
            table = found.or(skip.as_deref())?;
        }
        match table {
            Table::Leaf(leaf) if !leaf.is_empty() => Some(leaf),
            _ => None,
        }
    }
}

impl Table {
    fn parse(json: &Value, depth: usize) -> Result<Table, String> {
        let members = json.as_object().ok_or("a table that is no object")?;
        if depth == 0 {
            let pair = |(value, share): (&String, &Value)| share.as_f64().map(|share| (value.clone(), share));
            let mut leaf = members.iter().map(pair).collect::<Option<Vec<_>>>().ok_or("a share that is no number")?;
            leaf.sort_by(|left, right| left.0.cmp(&right.0)); // the same draw whatever order the reader kept
            return Ok(Table::Leaf(leaf));
        }
        let mut split = HashMap::new();
        if let Some(deeper) = members.get("deeper").and_then(Value::as_object) {
            for (value, table) in deeper {
                split.insert(value.clone(), Table::parse(table, depth - 1)?);
            }
        }
        let skip = members.get("skip").map(|table| Table::parse(table, depth - 1)).transpose()?.map(Box::new);
        Ok(Table::Split { deeper: split, skip })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn weather() -> Network {
        let network = json!({"nodes": [
            {"name": "rain", "parentNames": [], "conditionalProbabilities": {"yes": 0.2, "no": 0.8}},
            {"name": "sprinkler", "parentNames": ["rain"], "conditionalProbabilities": {"deeper": {
                "yes": {"on": 0.01, "off": 0.99}, "no": {"on": 0.4, "off": 0.6}}}},
            {"name": "wet", "parentNames": ["rain", "sprinkler"], "conditionalProbabilities": {"deeper": {
                "yes": {"deeper": {"on": {"yes": 0.99, "no": 0.01}, "off": {"yes": 0.8, "no": 0.2}}},
                "no": {"deeper": {"on": {"yes": 0.9, "no": 0.1}}, "skip": {"no": 1.0}}}}},
        ]});
        Network::parse(&network).expect("a network")
    }

    /// Every joint probability, multiplied out by hand from the tables above.
    #[test]
    fn samples_meet_the_exact_joint_probabilities() {
        let exact = [
            ("yes on yes", 0.2 * 0.01 * 0.99),
            ("yes on no", 0.2 * 0.01 * 0.01),
            ("yes off yes", 0.2 * 0.99 * 0.8),
            ("yes off no", 0.2 * 0.99 * 0.2),
            ("no on yes", 0.8 * 0.4 * 0.9),
            ("no on no", 0.8 * 0.4 * 0.1),
            ("no off no", 0.8 * 0.6),
        ];
        let (network, mut random, draws) = (weather(), Random::new(1), 200_000);
        let mut seen: HashMap<String, u32> = HashMap::new();
        for _ in 0..draws {
            let sample = network.sample(Sample::new(), &mut random);
            *seen.entry(format!("{} {} {}", sample["rain"], sample["sprinkler"], sample["wet"])).or_default() += 1;
        }
        assert!(seen.keys().all(|key| exact.iter().any(|(name, _)| name == key)), "{seen:?}");
        for (name, probability) in exact {
            let share = f64::from(seen.get(name).copied().unwrap_or(0)) / f64::from(draws);
            let deviation = (probability * (1.0 - probability) / f64::from(draws)).sqrt();
            assert!((share - probability).abs() < 5.0 * deviation + 1e-9, "{name}: {share} for {probability}");
        }
    }

    #[test]
    fn known_values_stay() {
        let mut random = Random::new(2);
        let known = Sample::from([("rain".to_owned(), "yes".to_owned())]);
        for _ in 0..100 {
            assert_eq!(weather().sample(known.clone(), &mut random)["rain"], "yes");
        }
    }

    #[test]
    fn a_child_before_its_parent_is_refused() {
        let network = json!({"nodes": [{"name": "a", "parentNames": ["b"], "conditionalProbabilities": {}}]});
        assert!(Network::parse(&network).is_err());
    }
}
