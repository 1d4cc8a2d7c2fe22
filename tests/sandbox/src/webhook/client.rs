//! A small HTTP client for endpoints: POST over plain HTTP, one connection a request.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Longest answer read from an endpoint; the rest is ignored with its connection.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Where a webhook goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// `host:port`, for the connection.
    address: String,
    /// As it stands in the URL, for the `Host` header.
    authority: String,
    path: String,
}

impl Target {
    /// Reads a URL such as `http://127.0.0.1:8720/v1/webhooks/stripe`.
    pub(crate) fn parse(url: &str) -> Result<Self, &'static str> {
        let uri: hyper::Uri = url.parse().map_err(|_| "it cannot be read")?;
        if uri.scheme_str() != Some("http") {
            // No TLS: the sandbox is for one machine, and its webhooks carry test data only.
            return Err("the sandbox delivers to http:// addresses only");
        }
        let authority = uri.authority().ok_or("it has no host")?;
        let address = format!("{}:{}", authority.host(), authority.port_u16().unwrap_or(80));
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { address, authority: authority.to_string(), path })
    }
}

/// Sends `body`; returns the status of the answer, or why there was none.
pub(crate) async fn post(
    target: &Target,
    headers: &[(&str, String)],
    body: Bytes,
    timeout_ms: u64,
) -> Result<u16, String> {
    let limit = Duration::from_millis(timeout_ms);
    match tokio::time::timeout(limit, exchange(target, headers, body)).await {
        Ok(result) => result,
        Err(_) => Err(format!("no answer within {timeout_ms} ms")),
    }
}

async fn exchange(target: &Target, headers: &[(&str, String)], body: Bytes) -> Result<u16, String> {
    let stream = TcpStream::connect(&target.address).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    // Ends by itself when the answer was read and the sender is dropped.
    let driver = tokio::spawn(connection);
    let mut request = hyper::Request::post(&target.path)
        .header("host", &target.authority)
        .header("connection", "close");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
    let answer = sender.send_request(request).await.map_err(|error| error.to_string());
    let status = match answer {
        Ok(answer) => {
            let status = answer.status().as_u16();
            // The body is read so that the endpoint can finish; its content does not matter.
            let _ = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
            Ok(status)
        }
        Err(error) => Err(error),
    };
    driver.abort();
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read() {
        let target = Target::parse("http://localhost:8720/a/b?c=1").unwrap();
        assert_eq!((target.address.as_str(), target.path.as_str()), ("localhost:8720", "/a/b?c=1"));
        assert_eq!(Target::parse("http://example.com").unwrap().address, "example.com:80");
        for bad in ["https://example.com", "/relative", "", "http://"] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }
}
