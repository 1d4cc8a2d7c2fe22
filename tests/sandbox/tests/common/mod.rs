//! Starts the program, talks HTTP to it, and listens for its webhooks. Nothing but the standard
//! library: a second reading of the protocol, so that both sides cannot share a mistake.

pub mod story;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

pub const SECRET_KEY: &str = "sk_test_integration";
pub const WEBHOOK_SECRET: &str = "whsec_integration";
/// Longest wait for anything, in steps of `POLL`.
const POLL_COUNT_MAX: usize = 1_000;
const POLL: Duration = Duration::from_millis(20);

/// A running sandbox; killed when dropped.
pub struct Sandbox {
    child: Child,
    pub api: String,
    pub js: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The body of a 200; anything else ends the test.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.body
    }

    /// The error object of another status.
    pub fn error(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body["error"].clone()
    }
}

impl Sandbox {
    /// Starts on free ports.
    pub fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_reprieve-sandbox"))
            .args(["--api-port", "0", "--js-port", "0", "--tick-ms", "20"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the sandbox starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let ready: Value = serde_json::from_str(&line).expect("as JSON");
        assert_eq!(ready["ready"], true);
        let origin = |name: &str| ready[name].as_str().expect("an origin").to_owned();
        Self { child, api: origin("api"), js: origin("js") }
    }

    /// Ends the process as a crash does.
    pub fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], "")
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send("POST", path, &[], &encode(form))
    }

    pub fn post_key(&self, path: &str, form: &[(&str, &str)], key: &str) -> Answer {
        self.send("POST", path, &[("idempotency-key", key)], &encode(form))
    }

    /// Asks the control API.
    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("content-type", "application/json")];
        request(&self.api, method, &format!("/_sandbox/{path}"), &headers, &text).ok()
    }

    /// Sends a form with the secret key.
    pub fn send(&self, method: &str, path: &str, more: &[(&str, &str)], form: &str) -> Answer {
        let bearer = format!("Bearer {SECRET_KEY}");
        let mut headers = vec![
            ("authorization", bearer.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        headers.extend_from_slice(more);
        request(&self.api, method, path, &headers, form)
    }

    pub fn scenario(&self, card: &str) -> Value {
        let story = serde_json::json!({
            "name": "declined_renewal", "card": card, "amount_minor": 1900, "currency": "eur",
            "test_clock": true,
        });
        self.control("POST", "scenario", &story)
    }

    /// Moves a test clock and waits until it is ready.
    pub fn advance(&self, clock: &str, to_s: i64) {
        let path = format!("/v1/test_helpers/test_clocks/{clock}");
        let answer = self.post(&format!("{path}/advance"), &[("frozen_time", &to_s.to_string())]);
        assert_eq!(answer.ok()["status"], "advancing");
        until(|| (self.get(&path).ok()["status"] == "ready").then_some(()));
    }

    /// Successes and failures in the ledger for one invoice.
    pub fn ledger(&self, invoice: &str) -> (usize, usize) {
        let ledger = self.control("GET", &format!("ledger?invoice={invoice}"), &Value::Null);
        let charges = ledger["charges"].as_array().expect("a list").clone();
        let count = |status: &str| charges.iter().filter(|row| row["status"] == status).count();
        (count("succeeded"), count("failed"))
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `look` finds something.
pub fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..POLL_COUNT_MAX {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(POLL);
    }
    panic!("nothing happened in time");
}

pub fn encode(form: &[(&str, &str)]) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(form);
    out.finish()
}

/// One request on its own connection.
pub fn request(
    origin: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let address = origin.strip_prefix("http://").expect("a plain origin");
    let mut stream = TcpStream::connect(address).expect("it listens");
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(head.as_bytes()).expect("the request is taken");
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).expect("an answer comes");
    let text = String::from_utf8(raw).expect("as UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    Answer {
        status: status.parse().expect("a number"),
        headers,
        body: serde_json::from_str(body).unwrap_or(Value::Null),
        text: body.to_owned(),
    }
}

/// A webhook that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub signature: String,
    pub raw: String,
    pub event: Value,
}

/// An endpoint that answers `status` and keeps what it got.
#[derive(Clone)]
pub struct Endpoint {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    status: Arc<Mutex<u16>>,
}

impl Endpoint {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let endpoint = Self { url, received: Arc::default(), status: Arc::new(Mutex::new(200)) };
        let worker = endpoint.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                worker.take(stream);
            }
        });
        endpoint
    }

    pub fn answer_with(&self, status: u16) {
        *self.status.lock().expect("no panic before") = status;
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no panic before").clone()
    }

    pub fn count(&self, kind: &str) -> usize {
        self.received().iter().filter(|got| got.event["type"] == kind).count()
    }

    fn take(&self, mut stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        let (mut length, mut signature) = (0, String::new());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a head");
            let Some((name, value)) = line.trim().split_once(": ") else {
                if line.trim().is_empty() {
                    break;
                }
                continue;
            };
            match name.to_lowercase().as_str() {
                "content-length" => length = value.parse().expect("a number"),
                "stripe-signature" => value.clone_into(&mut signature),
                _ => {}
            }
        }
        let mut raw = vec![0; length];
        reader.read_exact(&mut raw).expect("a body");
        let raw = String::from_utf8(raw).expect("as UTF-8");
        let event = serde_json::from_str(&raw).expect("as JSON");
        self.received.lock().expect("no panic before").push(Received { signature, raw, event });
        let status = *self.status.lock().expect("no panic before");
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).expect("the answer is taken");
    }
}

/// An empty directory for this test, named after it.
pub fn directory(name: &str) -> std::path::PathBuf {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    path
}
