//! The configuration file is read and checked before anything is made of it.

use crate::config::Config;
use std::ops::RangeInclusive;
use std::path::Path;

/// Reads the file. Paths in it are taken from its folder.
pub fn read(path: &Path) -> Result<Config, String> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| at(&error))?;
    let mut config: Config = toml::from_str(&text).map_err(|error| at(&error))?;
    check(&config).map_err(|error| at(&error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let files = [Some(&mut config.keys.file), config.geo.asn.as_mut(), config.geo.country.as_mut()];
    let secrets = [config.state.secret_file.as_mut(), config.fingerprint.as_mut().map(|print| &mut print.pepper_file)];
    for file in files.into_iter().chain(secrets).flatten() {
        *file = folder.join(&*file);
    }
    Ok(config)
}

/// What the types cannot say.
fn check(config: &Config) -> Result<(), String> {
    let within = |name: &str, value: u64, range: RangeInclusive<u64>| {
        if range.contains(&value) { Ok(()) } else { Err(format!("{name} = {value} is not in {range:?}")) }
    };
    let (limits, state) = (&config.limits, &config.state);
    within("limits.connections", limits.connections as u64, 1..=65_536)?;
    within("limits.verdicts", limits.verdicts as u64, 1..=1024)?;
    // hyper's buffer has no less than 8 KiB.
    within("limits.header_bytes", limits.header_bytes as u64, 8192..=262_144)?;
    within("limits.headers", limits.headers as u64, 8..=1024)?;
    within("limits.seconds", limits.seconds, 1..=60)?;
    within("token.bytes_max", config.token.bytes_max as u64, 64..=65_535)?;
    within("token.life_seconds", config.token.life_seconds.into(), 1..=366 * 86_400)?;
    within("keys.watch_seconds", config.keys.watch_seconds, 1..=3600)?;
    within("state.timeout_ms", state.timeout_ms, 10..=5000)?;
    for (name, entries) in [("proofs", state.proofs), ("revocations", state.revocations), ("clients", state.clients)] {
        within(&format!("state.{name}"), entries as u64, 1..=10_000_000)?;
    }
    if let Some(risk) = &config.risk {
        within("risk.subjects", risk.subjects as u64, 1..=10_000_000)?;
    }
    if state.redis.is_some() && state.secret_file.is_none() {
        return Err("state.redis needs state.secret_file, the same for every instance".into());
    }
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    for name in config.doors.keys() {
        if name.is_empty() || !name.bytes().all(is_name) {
            return Err(format!("doors.{name:?}: letters, digits, - and _ make a name"));
        }
    }
    // A proof is for a host. The one that the client names would take a proof that it made for another service.
    if config.holder.dpop && config.proxy.origin.is_none() {
        return Err("holder.dpop needs proxy.origin".into());
    }
    let is_origin = |text: &str| {
        let host = text.strip_prefix("https://").or(text.strip_prefix("http://"));
        host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']))
    };
    if config.proxy.origin.as_deref().is_some_and(|origin| !is_origin(origin)) {
        return Err("proxy.origin is scheme and host, such as https://api.example".into());
    }
    if config.holder.nonce_seconds.is_some() && !config.holder.dpop {
        return Err("holder.nonce_seconds needs holder.dpop".into());
    }
    if config.holder.required && !config.holder.dpop && config.holder.certificate.is_none() {
        // Where there is a fingerprint, every token must have one, whatever this says.
        return Err("holder.required needs holder.dpop or holder.certificate; [fingerprint] is always required".into());
    }
    match config.doors.is_empty() {
        true => Err("there are no doors".into()),
        false => Ok(()),
    }
}
