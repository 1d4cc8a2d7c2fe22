//! Is somebody listening on a port, and does it answer HTTP?

use crate::error::{Context, Result, fail};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// A local server that does not take a connection in this time is not ready.
const CONNECT_LIMIT: Duration = Duration::from_millis(500);

/// A first answer may have to wait for the code to be compiled.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Only the status line is of interest.
const STATUS_LINE_BYTES: u64 = 64;

fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Fails with one clear line if `port` is taken on the loopback interface.
pub(crate) fn require_free(port: u16, purpose: &str) -> Result<()> {
    match TcpListener::bind(address(port)) {
        Ok(_) => Ok(()),
        Err(error) => fail(format!(
            "port {port}, needed for {purpose}, is not free ({error}): stop the program that \
             listens there, or choose other ports with --base-port"
        )),
    }
}

/// The status code of `GET path`, if somebody answers HTTP on `port`.
pub(crate) fn http_status(port: u16, path: &str) -> Result<u16> {
    let mut stream =
        TcpStream::connect_timeout(&address(port), CONNECT_LIMIT).context("connect")?;
    stream.set_read_timeout(Some(ANSWER_LIMIT)).context("set a limit")?;
    stream.set_write_timeout(Some(ANSWER_LIMIT)).context("set a limit")?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).context("send")?;
    let mut head = String::new();
    // An answer that is cut off by the limit may end inside a character.
    let mut bytes = Vec::new();
    stream.take(STATUS_LINE_BYTES).read_to_end(&mut bytes).context("receive")?;
    head.push_str(&String::from_utf8_lossy(&bytes));
    parse_status(&head).context("the answer is not HTTP")
}

fn parse_status(head: &str) -> Option<u16> {
    let mut words = head.lines().next()?.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_line_gives_its_code_and_anything_else_gives_none() {
        assert_eq!(parse_status("HTTP/1.1 204 No Content\r\n"), Some(204));
        assert_eq!(parse_status("SSH-2.0-x\r\n"), None);
        assert_eq!(parse_status(""), None);
    }

    #[test]
    fn a_taken_port_is_named_with_its_purpose() {
        let listener = TcpListener::bind(address(0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let text = require_free(port, "the edge").unwrap_err().to_string();
        assert!(text.contains(&port.to_string()) && text.contains("the edge"), "{text}");
    }
}
