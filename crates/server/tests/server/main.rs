//! The server as it is run: its own process, real connections over loopback, real TLS.

mod endpoints;
mod faults;
mod load;
mod machine;
mod support;
