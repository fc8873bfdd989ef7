//! The two published collections of real browsers, read from where they were fetched to; nothing of them is in this project.

use crate::network::Network;
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The networks of PyPI's `apify-fingerprint-datapoints` and the sample of npm's `user-agents`.
pub struct Data {
    pub input: Network,
    pub headers: Network,
    pub fingerprints: Network,
    pub user_agents: Vec<Row>,
    pub versions: String,
}

/// One browser of npm's `user-agents`.
pub struct Row {
    pub user_agent: String,
    pub language: String,
    pub platform: String,
    pub screen: (u64, u64),
    pub plugins: u64,
    pub connection: Option<String>,
    pub mobile: bool,
    pub weight: f64,
}

pub const MISSING: &str = "quality: no data. Run quality/fetch.sh (npm and pip, into quality/data, which is ignored),\n\
    or put the copies under ../shared/vectors/fingerprint, or name a folder with --data.";

impl Data {
    /// Looks in the folder named, then in `quality/data`, then in the shared vectors.
    pub fn load(named: Option<&str>) -> Result<Data, String> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = match named {
            Some(folder) => vec![PathBuf::from(folder)],
            None => vec![here.join("data"), here.join("../../shared/vectors/fingerprint")],
        };
        let found = folders.iter().find_map(|folder| {
            let zip = find(folder, "fingerprint-network-definition.zip")?;
            let agents = find(folder, ".json.gz").filter(|path| path.to_string_lossy().contains("user-agents"))?;
            Some((zip.parent()?.to_owned(), agents))
        });
        let (networks, agents) = found.ok_or(MISSING)?;
        let network = |name: &str| -> Result<Network, String> {
            Network::parse(&unzip(&networks.join(format!("{name}-network-definition.zip")))?)
        };
        let name_of = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Data {
            input: network("input")?,
            headers: network("header")?,
            fingerprints: network("fingerprint")?,
            user_agents: rows(&agents)?,
            versions: format!("apify-fingerprint-datapoints {}, {}", name_of(&networks), name_of(&agents)),
        })
    }
}

/// The first file, in the order of the names, whose name ends so.
fn find(folder: &Path, end: &str) -> Option<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    let here = entries.iter().find(|path| path.is_file() && path.to_string_lossy().ends_with(end));
    here.cloned().or_else(|| entries.iter().filter(|path| path.is_dir()).find_map(|path| find(path, end)))
}

fn unzip(path: &Path) -> Result<Value, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let file = fs::File::open(path).map_err(|error| wrong(&error))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| wrong(&error))?;
    let mut text = String::new();
    archive.by_index(0).map_err(|error| wrong(&error))?.read_to_string(&mut text).map_err(|error| wrong(&error))?;
    serde_json::from_str(&text).map_err(|error| wrong(&error))
}

fn rows(path: &Path) -> Result<Vec<Row>, String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| wrong(&error))?;
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).map_err(|error| wrong(&error))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let row = |row: &Value| Row {
        user_agent: text(row, "userAgent"),
        language: text(row, "language"),
        platform: text(row, "platform"),
        screen: (row["screenWidth"].as_u64().unwrap_or(0), row["screenHeight"].as_u64().unwrap_or(0)),
        plugins: row["pluginsLength"].as_u64().unwrap_or(0),
        connection: row["connection"]["effectiveType"].as_str().map(str::to_owned),
        mobile: row["deviceCategory"] != "desktop",
        weight: row["weight"].as_f64().unwrap_or(0.0),
    };
    Ok(json.as_array().ok_or_else(|| wrong(&"no list"))?.iter().map(row).collect())
}
