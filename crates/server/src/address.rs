//! Where connections come in.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// How many connections may wait to be accepted, as with tokio's own listeners.
const BACKLOG: i32 = 1024;

/// Where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// One address of this machine, or all of one family: `127.0.0.1:8443`, `0.0.0.0:8443`, `[::1]:8443`.
    One(SocketAddr),
    /// A port on all addresses, of IPv6 and IPv4: `:8443`.
    All(u16),
}

impl Address {
    /// Whether only this machine can connect.
    pub fn is_loopback(self) -> bool {
        matches!(self, Address::One(address) if address.ip().is_loopback())
    }

    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// Where the address is in use, not of this machine, or not to be had.
    pub async fn bind(self) -> io::Result<TcpListener> {
        match self {
            Address::One(address) => TcpListener::bind(address).await,
            Address::All(port) => match both_families(port) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
                // A machine without IPv6.
                Err(_) => TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await,
                Ok(listener) => TcpListener::from_std(listener),
            },
        }
    }
}

fn both_families(port: u16) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::IPV6, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_only_v6(false)?;
    // A server that starts anew does not wait for connections of the one before.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORMS: &str = "write it as :8443, or as IP address and port: 0.0.0.0:8443, 127.0.0.1:8443 or [::1]:8443";
        match text.strip_prefix(':') {
            // Rust's numbers may have a sign.
            Some(port) if port.starts_with('+') => Err(FORMS),
            Some(port) => port.parse().map(Address::All).map_err(|_| FORMS),
            None => text.parse().map(Address::One).map_err(|_| FORMS),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::One(address) => address.fmt(formatter),
            Address::All(port) => write!(formatter, ":{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for text in [":8443", ":0", "0.0.0.0:8443", "127.0.0.1:80", "[::]:8443", "[::1]:1"] {
            assert_eq!(text.parse::<Address>().map(|address| address.to_string()).as_deref(), Ok(text));
        }
        for wrong in ["", ":", ":+1", ":65536", "8443", "localhost:8443", "::1:8443", "*:8443", ":8443 "] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_port_is_open_to_ipv4_wherever_it_is_to_ipv6() {
        let listener = Address::All(0).bind().await.expect("it listens");
        let port = listener.local_addr().expect("an address").port();
        let connects = async |address: SocketAddr| tokio::net::TcpStream::connect(address).await.is_ok();
        assert!(connects(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await);
        let has_ipv6 = std::net::TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
        assert_eq!(connects(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await, has_ipv6);
    }
}
