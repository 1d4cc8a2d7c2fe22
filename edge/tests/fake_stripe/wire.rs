//! The way to Stripe and back: answers come late, twice, wrong or never, and the process may die
//! while it waits.

use super::api::{Answer, Asked};
use super::books::Books;
use super::rng::Rng;
use super::{API_BASE, pass_ms, true_now};
use reprieve_core::time::{SECOND_MS, Timestamp};
use reprieve_edge::provider::stripe::client::API_VERSION;
use reprieve_edge::provider::stripe::transport::{
    EXCHANGE_MS_MAX, Request, Response, Transport, TransportError,
};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, pending};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The last requests, told when a rule breaks.
const LOG_LINES: usize = 200;

/// What happens to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing: it arrives, and so does its answer.
    None,
    /// 500 before anything was done; whether Stripe keeps the error under the key.
    ErrorBefore { is_kept: bool },
    /// Everything was done, and Stripe answers 500, now and later.
    ErrorAfter,
    /// Silence; nothing was done.
    SilenceBefore,
    /// Silence; everything was done.
    SilenceAfter,
    /// Silence; the request arrives so much later.
    Late { ms: i64 },
    /// The connection breaks before the request arrived.
    CutBefore,
    /// The connection breaks while the answer is on its way.
    CutAfter,
    /// 409: another request with this key is under way; nothing was done.
    Busy,
    /// 429, with or without `Retry-After`; nothing was done.
    TooMany { retry_after_s: Option<u32> },
    /// Somebody between us and Stripe answers.
    BadGateway,
    /// Everything was done, and the answer is cut short.
    Garbled,
    /// The process dies before the request leaves.
    DieBefore,
    /// The process dies while the answer is on its way.
    DieAfter,
}

impl Fault {
    /// For tests that go through all of them.
    pub(crate) const ALL: [Self; 16] = [
        Self::None,
        Self::ErrorBefore { is_kept: false },
        Self::ErrorBefore { is_kept: true },
        Self::ErrorAfter,
        Self::SilenceBefore,
        Self::SilenceAfter,
        Self::Late { ms: 30 * SECOND_MS },
        Self::Late { ms: 600 * SECOND_MS },
        Self::CutBefore,
        Self::CutAfter,
        Self::Busy,
        Self::TooMany { retry_after_s: None },
        Self::TooMany { retry_after_s: Some(30) },
        Self::BadGateway,
        Self::Garbled,
        Self::DieBefore,
    ];
}

pub(crate) struct Wire {
    pub(crate) books: RefCell<Books>,
    pub(crate) rng: RefCell<Rng>,
    /// Faults of so many requests in a hundred; 0: calm.
    pub(crate) fault_percent: Cell<usize>,
    /// Requests that let others go first, of a hundred.
    pub(crate) yield_percent: Cell<usize>,
    /// Whether requests may arrive long after they were sent.
    pub(crate) lets_late: Cell<bool>,
    /// What happens to the next requests, before chance decides.
    pub(crate) script: RefCell<VecDeque<Fault>>,
    /// The process has died and waits to be buried.
    pub(crate) is_dead: Cell<bool>,
    /// Faults that happened, by name.
    pub(crate) tally: RefCell<BTreeMap<&'static str, u64>>,
    /// A change of a default arrived long after it was sent: nobody can take that back.
    pub(crate) has_late_default: Cell<bool>,
    late: RefCell<Vec<(Timestamp, Asked)>>,
    log: RefCell<VecDeque<String>>,
}

impl Wire {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            books: RefCell::new(Books::new()),
            rng: RefCell::new(Rng::new(seed)),
            fault_percent: Cell::new(0),
            yield_percent: Cell::new(0),
            lets_late: Cell::new(true),
            script: RefCell::default(),
            is_dead: Cell::new(false),
            tally: RefCell::default(),
            has_late_default: Cell::new(false),
            late: RefCell::default(),
            log: RefCell::default(),
        }
    }

    pub(crate) fn note(&self, text: String) {
        let mut log = self.log.borrow_mut();
        if log.len() >= LOG_LINES {
            log.pop_front();
        }
        log.push_back(format!("{} {text}", true_now().as_ms() - super::BEGINNING_MS));
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.borrow().iter().cloned().collect()
    }

    /// Requests that were on their way for long arrive; nobody waits for their answers.
    pub(crate) fn deliver_late(&self) {
        let now = true_now();
        let arrived: Vec<Asked> = {
            let mut late = self.late.borrow_mut();
            let (arrived, waiting) = late.drain(..).partition(|(at, _)| *at <= now);
            *late = waiting;
            let mut arrived: Vec<(Timestamp, Asked)> = arrived;
            arrived.sort_by_key(|(at, _)| *at);
            arrived.into_iter().map(|(_, asked)| asked).collect()
        };
        for asked in arrived {
            self.note(format!("arrives late: {}", asked.text));
            if asked.text.contains("default_payment_method") {
                self.has_late_default.set(true);
            }
            self.books.borrow_mut().answer(&asked);
        }
    }

    /// When the next request that is late arrives.
    pub(crate) fn next_late(&self) -> Option<Timestamp> {
        self.late.borrow().iter().map(|(at, _)| *at).min()
    }

    fn next_fault(&self) -> Fault {
        if let Some(fault) = self.script.borrow_mut().pop_front() {
            return fault;
        }
        let mut rng = self.rng.borrow_mut();
        if !rng.percent(self.fault_percent.get()) {
            return Fault::None;
        }
        match rng.below(18) {
            0 => Fault::ErrorBefore { is_kept: false },
            1 => Fault::ErrorBefore { is_kept: true },
            2 | 3 => Fault::ErrorAfter,
            4 => Fault::SilenceBefore,
            5 => Fault::SilenceAfter,
            6 | 7 if !self.lets_late.get() => Fault::SilenceBefore,
            6 => Fault::Late { ms: rng.between(0, 40 * SECOND_MS) },
            7 => Fault::Late { ms: rng.between(0, 3_600 * SECOND_MS) },
            8 => Fault::CutBefore,
            9 => Fault::CutAfter,
            10 => Fault::Busy,
            11 => Fault::TooMany { retry_after_s: None },
            12 => Fault::TooMany { retry_after_s: Some(rng.pick(&[1, 2, 30])) },
            13 => Fault::BadGateway,
            14 | 15 => Fault::Garbled,
            16 => Fault::DieBefore,
            _ => Fault::DieAfter,
        }
    }

    /// Lets others go first, sometimes.
    async fn yield_maybe(&self) {
        let yields = self.rng.borrow_mut().percent(self.yield_percent.get());
        if yields {
            YieldOnce(false).await;
        }
    }

    async fn dies(&self) -> ! {
        self.is_dead.set(true);
        pending::<()>().await;
        unreachable!("a dead process does not go on")
    }

    fn exchange(&self, fault: Fault, asked: Asked) -> Came {
        let mut books = self.books.borrow_mut();
        match fault {
            Fault::None => Came::Answer(books.answer(&asked)),
            Fault::ErrorBefore { is_kept } => {
                self.server_error(&mut books, &asked, (false, is_kept))
            }
            Fault::ErrorAfter => self.server_error(&mut books, &asked, (true, true)),
            Fault::SilenceBefore => Came::Nothing,
            Fault::SilenceAfter => {
                books.answer(&asked);
                Came::Nothing
            }
            Fault::Late { ms } => {
                self.late.borrow_mut().push((true_now().plus_ms(ms), asked));
                Came::Nothing
            }
            Fault::CutBefore => Came::End,
            Fault::CutAfter => {
                books.answer(&asked);
                Came::End
            }
            Fault::Busy => {
                Came::Answer(Answer::error(409, "idempotency_error", "idempotency_key_in_use"))
            }
            Fault::TooMany { retry_after_s } => {
                let mut answer = Answer::error(429, "invalid_request_error", "rate_limit");
                answer.headers.extend(retry_after_s.map(|s| ("retry-after", s.to_string())));
                Came::Answer(answer)
            }
            Fault::BadGateway => Came::Answer(Answer::of(502, "<html>".into())),
            Fault::Garbled => {
                let mut answer = books.answer(&asked);
                answer.body = "cut short".into();
                Came::Answer(answer)
            }
            Fault::DieBefore => Came::Death,
            Fault::DieAfter => {
                books.answer(&asked);
                Came::Death
            }
        }
    }

    /// 500, with or without the effect, kept under the key or not; Stripe may say whether to ask
    /// again.
    fn server_error(
        &self,
        books: &mut Books,
        asked: &Asked,
        (happens, is_kept): (bool, bool),
    ) -> Came {
        let key = asked.key.as_deref().filter(|_| is_kept);
        if let Some(Ok(kept)) = key.and_then(|key| books.keys.recall(key, &asked.text)) {
            return Came::Answer(kept);
        }
        if happens {
            books.answer(asked);
        }
        let mut answer = Answer::error(500, "api_error", "internal");
        let said = match self.rng.borrow_mut().below(4) {
            0 => Some("true"),
            1 => Some("false"),
            _ => None,
        };
        if let Some(key) = key {
            books.keys.keep(key, &asked.text, &answer);
        }
        answer.headers.extend(said.map(|said| ("stripe-should-retry", said.to_owned())));
        Came::Answer(answer)
    }
}

/// What comes back over the wire.
enum Came {
    Answer(Answer),
    /// The connection ends.
    End,
    /// Nobody says anything.
    Nothing,
    /// The process does not live to see it.
    Death,
}

impl Transport for &Wire {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let asked = read(request);
        self.yield_maybe().await;
        let sent_at = true_now();
        let fault = self.next_fault();
        let name = format!("{fault:?}");
        *self.tally.borrow_mut().entry(kind_of(fault)).or_default() += 1;
        let text = asked.text.clone();
        let answer = match self.exchange(fault, asked) {
            Came::Answer(answer) => Ok(answer),
            Came::End => Err(TransportError::Network),
            Came::Nothing => {
                pass_ms(i64::from(EXCHANGE_MS_MAX));
                Err(TransportError::Timeout)
            }
            Came::Death => self.dies().await,
        };
        let status = answer.as_ref().map(|answer| answer.status);
        self.note(format!("{name} → {status:?}: {text}"));
        self.yield_maybe().await;
        if true_now().since_ms(sent_at) > i64::from(EXCHANGE_MS_MAX) {
            return Err(TransportError::Timeout);
        }
        answer.map(|answer| {
            let mut headers = answer.headers;
            headers.push(("request-id", "req_fake".to_owned()));
            let body = answer.body.to_string().into_bytes();
            Response { status: answer.status, headers, body }
        })
    }

    async fn pause(&self, delay_ms: u32) {
        self.yield_maybe().await;
        pass_ms(i64::from(delay_ms));
    }

    fn now(&self) -> Timestamp {
        super::our_now()
    }
}

const fn kind_of(fault: Fault) -> &'static str {
    match fault {
        Fault::None => "answered",
        Fault::ErrorBefore { is_kept: true } => "500 before, kept",
        Fault::ErrorBefore { is_kept: false } => "500 before",
        Fault::ErrorAfter => "500 after, kept",
        Fault::SilenceBefore => "timeout before",
        Fault::SilenceAfter => "timeout after",
        Fault::Late { .. } => "timeout, arrives late",
        Fault::CutBefore => "cut before",
        Fault::CutAfter => "cut after",
        Fault::Busy => "409",
        Fault::TooMany { .. } => "429",
        Fault::BadGateway => "502",
        Fault::Garbled => "unreadable answer",
        Fault::DieBefore => "death before",
        Fault::DieAfter => "death after",
    }
}

/// Reads a request as strictly as Stripe does.
fn read(request: &Request) -> Asked {
    let header = |name: &str| {
        let found = request.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.expose().to_owned())
    };
    assert_eq!(header("authorization").as_deref(), Some("Bearer sk_test_fault"));
    assert_eq!(header("stripe-version").as_deref(), Some(API_VERSION));
    let rest = request.url.strip_prefix(API_BASE).expect("nothing goes elsewhere");
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let encoded = request.body.as_deref().unwrap_or(query);
    let mut form: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(encoded.as_bytes()).into_owned() {
        form.entry(name).or_default().push(value);
    }
    let path = path.strip_prefix("/v1/").expect("API v1").split('/').map(str::to_owned).collect();
    let verb = request.method.as_str();
    let key = header("idempotency-key");
    let text = format!("{verb} {rest} {} {key:?}", request.body.as_deref().unwrap_or_default());
    Asked { verb: request.method, path, form, key, text }
}

struct YieldOnce(bool);

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
