//! A way to a server that can be bad: what goes wrong between a client and the API server.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// Everything goes through.
    Good,
    /// Everything goes through, each 16 KiB after this long.
    Slow(Duration),
    /// Connections are closed, those that there are, too.
    Cut,
}

/// A port on loopback that leads to another one. Dropping it cuts it.
#[derive(Debug)]
pub struct Link {
    /// Where it begins.
    pub address: SocketAddr,
    quality: Arc<Mutex<Quality>>,
}

/// How soon a change of quality shows in a connection on which nothing is said.
const SOON: Duration = Duration::from_millis(20);

impl Link {
    /// A link to an address.
    ///
    /// # Panics
    ///
    /// Where there is no port left.
    #[must_use]
    pub fn to(server: SocketAddr, quality: Quality) -> Link {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let quality = Arc::new(Mutex::new(quality));
        let held = Arc::downgrade(&quality);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                // Without a link there is nothing to listen for.
                let Some(quality) = held.upgrade() else { return };
                if now(&quality) == Quality::Cut {
                    continue;
                }
                let Ok(server) = TcpStream::connect(server) else { continue };
                let ways = [(&client, &server), (&server, &client)];
                for (from, to) in ways.map(|(from, to)| (from.try_clone(), to.try_clone())) {
                    let quality = Arc::clone(&quality);
                    if let (Ok(from), Ok(to)) = (from, to) {
                        thread::spawn(move || {
                            // Either side may end a connection.
                            let _ = carry(&from, &to, &quality);
                            let _ = from.shutdown(Shutdown::Both);
                            let _ = to.shutdown(Shutdown::Both);
                        });
                    }
                }
            }
        });
        Link { address, quality }
    }

    /// Makes it better or worse, for connections that there are, too.
    pub fn set(&self, quality: Quality) {
        *self.quality.lock().unwrap_or_else(PoisonError::into_inner) = quality;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.set(Quality::Cut);
        // Wakes the thread that listens.
        let _ = TcpStream::connect(self.address);
    }
}

fn now(quality: &Mutex<Quality>) -> Quality {
    *quality.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries one direction, until it ends or is cut.
fn carry(mut from: &TcpStream, mut to: &TcpStream, quality: &Mutex<Quality>) -> io::Result<()> {
    from.set_read_timeout(Some(SOON))?;
    let mut bytes = vec![0; 16 << 10];
    while now(quality) != Quality::Cut {
        let read = match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => continue,
            Err(error) => return Err(error),
        };
        if let Quality::Slow(each) = now(quality) {
            thread::sleep(each);
        }
        to.write_all(&bytes[..read])?;
    }
    Ok(())
}
