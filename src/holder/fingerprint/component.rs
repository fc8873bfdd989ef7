//! The components of a fingerprint: stable numbers, never reused; the kind follows from the number.

use crate::bytes;

/// How the values of a component are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum ComponentKind {
    /// Equal or not.
    Exact = 1,
    /// A number of 0 to 65,535 that grows over time, in decimal text: near is nearly equal.
    Ordinal = 2,
    /// A set of byte strings: similar as far as they overlap.
    Set = 3,
}

/// One component of a fingerprint. Those below 128 have names; the others are the host's own: 128 to 191 exact, 192 to 223
/// ordinal, 224 to 255 sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Component(u8);

macro_rules! components {
    ($( $number:literal $constant:ident $name:literal $kind:ident; )*) => {
        impl Component {
            $( #[doc = concat!("`", $name, "`")] pub const $constant: Component = Component($number); )*

            /// Every component that has a name, in the order of the numbers.
            pub const NAMED: &'static [Component] = &[ $( Component($number), )* ];

            /// The name; empty for one of the host's own.
            pub const fn name(self) -> &'static str {
                match self.0 { $( $number => $name, )* _ => "" }
            }

            const fn kind_of(number: u8) -> Option<ComponentKind> {
                match number {
                    $( $number => Some(ComponentKind::$kind), )*
                    128..=191 => Some(ComponentKind::Exact),
                    192..=223 => Some(ComponentKind::Ordinal),
                    224..=255 => Some(ComponentKind::Set),
                    _ => None,
                }
            }
        }
    };
}

components! {
    1 IP_ADDRESS "ip.address" Exact;
    2 IP_NETWORK "ip.network" Exact;
    3 IP_ASN "ip.asn" Exact;
    4 IP_COUNTRY "ip.country" Exact;
    5 IP_ORGANISATION "ip.organisation" Exact;
    6 IP_ISP "ip.isp" Exact;
    16 UA_FAMILY "ua.family" Exact;
    17 UA_VERSION "ua.version" Ordinal;
    18 UA_OS "ua.os" Exact;
    19 UA_DEVICE "ua.device" Exact;
    20 CH_BRANDS "ch.brands" Set;
    21 CH_PLATFORM "ch.platform" Exact;
    22 CH_MOBILE "ch.mobile" Exact;
    23 ACCEPT_LANGUAGE "accept-language" Set;
    24 UPGRADE_INSECURE_REQUESTS "upgrade-insecure-requests" Exact;
    25 ACCEPT_ENCODING "accept-encoding" Set;
    26 ACCEPT "accept" Exact;
    27 HEADER_NAMES "header.names" Set;
    28 PRIVACY "privacy" Exact;
    32 SCREEN_SIZE "screen.size" Exact;
    33 SCREEN_DEPTH "screen.depth" Exact;
    34 TIMEZONE "timezone" Exact;
    35 LANGUAGES "languages" Set;
    36 PLATFORM "platform" Exact;
    37 TOUCH "touch" Exact;
    38 CPU_CORES "cpu.cores" Exact;
    39 MEMORY "memory" Exact;
    48 FONTS "fonts" Set;
    49 PLUGINS "plugins" Set;
    50 FEATURES "features" Set;
    64 CANVAS "canvas" Exact;
    65 AUDIO "audio" Exact;
    66 WEBGL_VENDOR "webgl.vendor" Exact;
    67 WEBGL_RENDERER "webgl.renderer" Exact;
    68 WEBGL_PARAMETERS "webgl.parameters" Exact;
    80 INCOGNITO "incognito" Exact;
    81 BATTERY "battery" Exact;
    82 NETWORK_TYPE "network.type" Exact;
    83 INPUT_DEVICES "input.devices" Exact;
    96 TLS_JA4 "tls.ja4" Exact;
    97 HTTP2 "http2" Exact;
    112 COOKIE "cookie" Exact;
}

impl Component {
    /// The component with this number; none for 0 and for a number below 128 that has no name.
    pub const fn from_number(number: u8) -> Option<Component> {
        match Self::kind_of(number) {
            Some(_) => Some(Component(number)),
            None => None,
        }
    }

    /// The component of this name; one of the host's own by its decimal number.
    pub fn from_name(name: &str) -> Option<Component> {
        let is_named = |component: &&Component| bytes::equal(component.name().as_bytes(), name.as_bytes());
        // Three characters from 128 up: no sign, no leading zero.
        let is_plain = name.len() == 3;
        let own = || name.parse().ok().filter(|number| *number >= 128 && is_plain).and_then(Self::from_number);
        Self::NAMED.iter().find(is_named).copied().or_else(own)
    }

    /// The number, as the claim holds it.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// How its values are compared.
    pub const fn kind(self) -> ComponentKind {
        match Self::kind_of(self.0) {
            Some(kind) => kind,
            None => ComponentKind::Exact,
        }
    }

    /// Whether the core derives it from the request: 1, 2 and 16 to 28.
    pub const fn is_derived(self) -> bool {
        matches!(self.0, 1 | 2 | 16..=28)
    }

    /// Whether the page or the host supplies it as a value: not what is derived, and not 3 to 6, which a host looks up by
    /// the address and for which the evidence has members of its own.
    pub const fn is_supplied(self) -> bool {
        !self.is_derived() && !matches!(self.0, 3..=6)
    }
}

/// A set of components, as 256 bits: component `n` is bit `n % 64` of word `n / 64`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComponentSet(pub [u64; 4]);

impl ComponentSet {
    /// No component.
    pub const EMPTY: ComponentSet = ComponentSet([0; 4]);

    /// These components.
    pub const fn of(mut components: &[Component]) -> ComponentSet {
        let mut set = ComponentSet::EMPTY;
        while let [first, rest @ ..] = components {
            set = set.with(*first);
            components = rest;
        }
        set
    }

    /// The same set with this component.
    pub const fn with(self, component: Component) -> ComponentSet {
        let [a, b, c, d] = self.0;
        let bit = 1 << (component.0 % 64);
        ComponentSet(match component.0 / 64 {
            0 => [a | bit, b, c, d],
            1 => [a, b | bit, c, d],
            2 => [a, b, c | bit, d],
            _ => [a, b, c, d | bit],
        })
    }

    /// Adds one component.
    pub fn insert(&mut self, component: Component) {
        *self = self.with(component);
    }

    /// Whether the component is in the set.
    pub const fn contains(self, component: Component) -> bool {
        let [a, b, c, d] = self.0;
        let word = match component.0 / 64 {
            0 => a,
            1 => b,
            2 => c,
            _ => d,
        };
        word >> (component.0 % 64) & 1 == 1
    }

    /// How many components the set has.
    pub fn len(self) -> u32 {
        // Never more than 256. Saturating, it was a branch, and which components changed is secret.
        self.0.iter().fold(0, |sum, word| sum.wrapping_add(word.count_ones()))
    }

    /// Whether the set has none.
    pub fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }

    /// How many components of the set have smaller numbers than this one.
    pub(crate) fn rank(self, component: Component) -> usize {
        let [a, b, c, d] = self.0;
        let below = |word: u64| (word & 1u64.wrapping_shl(u32::from(component.0 % 64)).wrapping_sub(1)).count_ones();
        let rank = match component.0 / 64 {
            0 => below(a),
            1 => a.count_ones().wrapping_add(below(b)),
            2 => a.count_ones().wrapping_add(b.count_ones()).wrapping_add(below(c)),
            _ => a.count_ones().wrapping_add(b.count_ones()).wrapping_add(c.count_ones()).wrapping_add(below(d)),
        };
        rank as usize
    }

    /// Those that are in both.
    pub fn and(self, other: ComponentSet) -> ComponentSet {
        self.zip(other, |left, right| left & right)
    }

    /// Those that are in this set and not in the other.
    pub fn without(self, other: ComponentSet) -> ComponentSet {
        self.zip(other, |left, right| left & !right)
    }

    /// The components, in ascending order.
    pub fn iter(self) -> impl Iterator<Item = Component> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let (word, bits) = rest.iter_mut().enumerate().find(|(_, bits)| **bits != 0)?;
            let number = bits.trailing_zeros().wrapping_add((word as u32).wrapping_mul(64));
            *bits &= bits.wrapping_sub(1);
            Some(Component(number as u8))
        })
    }

    fn zip(self, other: ComponentSet, join: impl Fn(u64, u64) -> u64) -> ComponentSet {
        let mut joined = [0; 4];
        for (place, (left, right)) in joined.iter_mut().zip(self.0.iter().zip(other.0)) {
            *place = join(*left, right);
        }
        ComponentSet(joined)
    }
}
