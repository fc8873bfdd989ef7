//! Ways in: the first part of a path says what a token must be like there. That is the route's policy, and never found out from
//! the token.

/// One way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Signed tokens.
    Api,
    /// Signed, then encrypted: nobody on the way reads them.
    Sealed,
    /// Encrypted, then signed: everybody sees by whom.
    Signed,
    /// Signed under the user's secret of the day, or of the day before.
    Daily,
    /// The same without the day before.
    Today,
    /// Signed tokens that must be allowed to read orders.
    Orders,
    /// Signed tokens whose users' visits are watched.
    Watched,
    /// Signed tokens that open a stream.
    Stream,
}

impl Door {
    const ALL: [Door; 8] =
        [Door::Api, Door::Sealed, Door::Signed, Door::Daily, Door::Today, Door::Orders, Door::Watched, Door::Stream];

    /// What the paths behind it begin with.
    const fn prefix(self) -> &'static str {
        match self {
            Door::Api => "/api/",
            Door::Sealed => "/sealed/",
            Door::Signed => "/signed/",
            Door::Daily => "/daily/",
            Door::Today => "/today/",
            Door::Orders => "/orders/",
            Door::Watched => "/watched/",
            Door::Stream => "/stream/",
        }
    }

    /// Where its tokens are handed out.
    pub const fn login(self) -> &'static str {
        match self {
            Door::Api => "/login",
            Door::Sealed => "/sealed/login",
            Door::Signed => "/signed/login",
            Door::Daily => "/daily/login",
            Door::Today => "/today/login",
            Door::Orders => "/orders/login",
            Door::Watched => "/watched/login",
            Door::Stream => "/stream/login",
        }
    }

    /// The one that a path leads to.
    pub fn of(path: &str) -> Option<Door> {
        Door::ALL.into_iter().find(|door| path.starts_with(door.prefix()))
    }

    /// The one whose logins go to this path.
    pub fn of_login(path: &str) -> Option<Door> {
        Door::ALL.into_iter().find(|door| path == door.login())
    }
}
