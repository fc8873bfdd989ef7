//! The answer to a proxy, and what the log and the counts are told of it. Nothing here holds a byte of a token.

use countermark::{Challenge, Failures, Report, Scheme, Status};

/// An answer in the making.
pub struct Answer {
    pub http: u16,
    pub headers: Vec<(String, String)>,
    pub told: Told,
}

/// What is logged and counted.
#[derive(Default)]
pub struct Told {
    pub status: Option<Status>,
    pub failures: Failures,
    pub scheme: Option<Scheme>,
    /// What became of the fingerprint, where one was asked for.
    pub fingerprint: Option<&'static str>,
    /// 0 to 1,000. For the log alone: whoever sees it can walk towards the threshold.
    pub similarity: Option<u16>,
    /// Where there was no verdict: why.
    pub fault: Option<&'static str>,
    /// What is odd about the visit: the bits of the core's `Signals`, and what was done.
    pub risk: Option<(u32, &'static str)>,
}

impl Answer {
    /// Without a verdict: the proxy or the client asked wrongly, or there is no time.
    pub fn fault(http: u16, fault: &'static str) -> Answer {
        Answer { http, headers: Vec::new(), told: Told { fault: Some(fault), ..Told::default() } }
    }

    pub fn of(http: u16, report: &Report) -> Answer {
        let told = Told { status: Some(report.status), failures: report.failures, ..Told::default() };
        Answer { http, headers: Vec::new(), told }
    }

    /// Adds a field, unless it is empty.
    pub fn with(mut self, name: &str, value: impl ToString) -> Answer {
        let value = value.to_string();
        if !value.is_empty() {
            self.headers.push((name.into(), value));
        }
        self
    }

    /// Adds what RFC 6750 3, RFC 9449 7.1 and RFC 9470 3 tell the client; nothing with 429, 500 and 503.
    pub fn challenged(self, status: Status, scheme: Scheme, realm: Option<&str>, scope: &str) -> Answer {
        if matches!(self.http, 200 | 429 | 500..) {
            return self;
        }
        let challenge =
            Challenge { scheme, realm, scope: Some(scope).filter(|scope| !scope.is_empty()), ..Challenge::default() };
        let mut text = [0; 1024];
        let text = challenge.write(status, &mut text).unwrap_or_default().to_owned();
        self.with("WWW-Authenticate", text)
    }
}
