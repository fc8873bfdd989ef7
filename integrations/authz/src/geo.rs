//! What databases in MaxMind's format say of an address. They are read once, at start.

use crate::Fault;
use crate::config::Geo;
use countermark::Position;
use maxminddb::{Reader, geoip2};
use std::net::IpAddr;
use std::path::Path;

/// The databases that are there.
#[derive(Default)]
pub struct Places {
    asn: Option<Reader<Vec<u8>>>,
    country: Option<Reader<Vec<u8>>>,
}

/// What is known of an address; empty where nothing is.
#[derive(Debug, Default, PartialEq)]
pub struct Place {
    /// The number alone, as the core's fingerprints take it.
    pub asn: String,
    /// Two letters.
    pub country: String,
    pub position: Option<Position>,
}

impl Places {
    pub fn open(config: &Geo) -> Result<Places, Fault> {
        let open = |path: &Option<std::path::PathBuf>| path.as_deref().map(open).transpose();
        Ok(Places { asn: open(&config.asn)?, country: open(&config.country)? })
    }

    /// An address that is in no database, or a record that is not what its database promises, is a place of which nothing is known.
    pub fn find(&self, address: IpAddr) -> Place {
        let mut place = Place::default();
        let asn = self.asn.as_ref().and_then(|reader| reader.lookup(address).ok()?.decode::<geoip2::Asn<'_>>().ok()?);
        if let Some(number) = asn.and_then(|found| found.autonomous_system_number) {
            place.asn = number.to_string();
        }
        // A country database is a city database with less in it.
        let city =
            self.country.as_ref().and_then(|reader| reader.lookup(address).ok()?.decode::<geoip2::City<'_>>().ok()?);
        if let Some(city) = city {
            place.country = city.country.iso_code.unwrap_or_default().to_owned();
            let hundredths = |degrees: f64| (degrees * 100.0).round() as i16;
            if let (Some(latitude), Some(longitude)) = (city.location.latitude, city.location.longitude) {
                let accuracy_km = city.location.accuracy_radius.unwrap_or(1000);
                place.position =
                    Some(Position { latitude: hundredths(latitude), longitude: hundredths(longitude), accuracy_km });
            }
        }
        place
    }
}

fn open(path: &Path) -> Result<Reader<Vec<u8>>, Fault> {
    Reader::open_readfile(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
