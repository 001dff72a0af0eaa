//! Which addresses are inside: a webhook reaches them only if the operator says
//! so, and the worst of them never (SSRF).

mod allow;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use anyhow::{Context, Result};
use url::{Host, Url};

pub use allow::{Allow, ranges};

/// Addresses that begin with the same bits, as in `10.0.0.0/8`.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    first: IpAddr,
    bits: u32,
}

impl Range {
    const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u32) -> Range {
        Range { first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), bits }
    }

    const fn v6(first: u16, second: u16, bits: u32) -> Range {
        Range { first: IpAddr::V6(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0)), bits }
    }

    /// `10.0.0.0/8`, `fd00::/8`, or one address.
    pub fn parse(text: &str) -> Result<Range> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let first: IpAddr = address.parse().with_context(|| format!("\"{text}\""))?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().ok().filter(|bits| *bits <= most),
            None => Some(most),
        };
        Ok(Range { first, bits: bits.with_context(|| format!("\"{text}\" has no such prefix"))? })
    }

    pub fn has(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= self.bits
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

/// Loopback, private, shared, documentation, test, multicast and reserved
/// (the special-purpose registry of IANA).
const PRIVATE_V4: &[Range] = &[
    Range::v4(0, 0, 0, 0, 8),
    Range::v4(10, 0, 0, 0, 8),
    Range::v4(100, 64, 0, 0, 10),
    Range::v4(127, 0, 0, 0, 8),
    Range::v4(169, 254, 0, 0, 16),
    Range::v4(172, 16, 0, 0, 12),
    Range::v4(192, 0, 0, 0, 24),
    Range::v4(192, 0, 2, 0, 24),
    Range::v4(192, 88, 99, 0, 24),
    Range::v4(192, 168, 0, 0, 16),
    Range::v4(198, 18, 0, 0, 15),
    Range::v4(198, 51, 100, 0, 24),
    Range::v4(203, 0, 113, 0, 24),
    Range::v4(224, 0, 0, 0, 3),
];

const PUBLIC_V6: Range = Range::v6(0x2000, 0, 3);
/// Teredo is in the first, 6to4 is the third.
const PRIVATE_IN_PUBLIC_V6: &[Range] = &[
    Range::v6(0x2001, 0, 23),
    Range::v6(0x2001, 0xdb8, 32),
    Range::v6(0x2002, 0, 16),
    Range::v6(0x3fff, 0, 20),
];

/// Addresses no list opens: link-local ones and the metadata services of
/// clouds, which hand out credentials to whoever asks from inside.
pub fn never_allowed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => never_allowed_v4(address),
        IpAddr::V6(address) => {
            address.is_unicast_link_local()
                || address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
                || embedded_v4(address).is_some_and(never_allowed_v4)
        }
    }
}

fn never_allowed_v4(address: Ipv4Addr) -> bool {
    address.is_link_local() || address == Ipv4Addr::new(100, 100, 100, 200)
}

/// Not of the public internet: open only to what is listed.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => PRIVATE_V4.iter().any(|range| range.has(v4.into())),
        // In a network that has only IPv6 this is how every IPv4 host looks.
        IpAddr::V6(v6) if v6.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => {
            embedded_v4(v6).is_none_or(|v4| is_private(v4.into()))
        }
        IpAddr::V6(_) => {
            !PUBLIC_V6.has(address) || PRIVATE_IN_PUBLIC_V6.iter().any(|range| range.has(address))
        }
    }
}

/// The IPv4 address that `::ffff:a.b.c.d`, `::a.b.c.d`, NAT64, 6to4 and Teredo lead to.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match address.segments() {
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x64, 0xff9b, 1, _, _, _, high, low]
        | [0x2002, high, low, ..] => (high, low),
        [0x2001, 0, _, _, _, _, high, low] => (!high, !low),
        _ => return None,
    };
    let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
    Some(Ipv4Addr::new(a, b, c, d))
}

/// The address that stands in a URL; the parser has already made `2130706433`,
/// `0x7f.1` and full-width digits of it. `localhost` is one by definition (RFC 6761).
pub fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(name) => is_localhost(name).then_some(Ipv4Addr::LOCALHOST.into()),
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
}

/// What no webhook can have in its URL, as what is expected instead.
pub fn check_form(url: &Url) -> Result<(), &'static str> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err("a URL that starts with \"http://\" or \"https://\"");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL without user name and password");
    }
    if url.port() == Some(0) {
        return Err("a URL with another port than 0");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &str) -> impl Iterator<Item = IpAddr> {
        list.split_whitespace().map(|address| address.parse().unwrap())
    }

    #[test]
    fn the_public_internet_is_all_that_is_open_without_a_list() {
        let public = "8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.0.1 \
            172.32.0.0 192.0.1.0 198.17.0.1 198.20.0.0 223.255.255.255 \
            2606:4700::1111 2001:200::1 64:ff9b::808:808";
        for address in addresses(public) {
            assert!(!is_private(address) && !never_allowed(address), "{address}");
        }
        let private = "0.0.0.0 10.0.0.5 100.64.0.1 127.0.0.1 172.31.255.255 192.0.0.8 192.0.2.1 \
            192.88.99.1 192.168.1.1 198.19.0.1 198.51.100.7 203.0.113.1 224.0.0.1 255.255.255.255 \
            :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::a00:5 64:ff9b:1::1 100::1 \
            2001::1 2001:db8::1 2002:808:808::1 3fff::1 fc00::1 fd12::1 fec0::1 ff02::1";
        for address in addresses(private) {
            assert!(is_private(address) && !never_allowed(address), "{address}");
        }
        // The last is Teredo, which has it with every bit turned.
        let never = "169.254.169.254 100.100.100.200 fe80::1 fd00:ec2::254 ::169.254.169.254 \
            ::ffff:169.254.0.1 ::ffff:100.100.100.200 64:ff9b::a9fe:a9fe 64:ff9b:1::a9fe:a9fe \
            2002:a9fe:a9fe::1 2001:0:1:2:3:4:5601:5601";
        for address in addresses(never) {
            assert!(is_private(address) && never_allowed(address), "{address}");
        }
    }
}
