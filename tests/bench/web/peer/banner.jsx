// The peers' banner, written once: `ui` is Preact in one build and React in the other.

import { useEffect, useRef, useState } from "ui";
import { isDismissed, rememberDismissal } from "./client.js";
import { due, message } from "./texts.js";

const PENDING_POLL_MS = 3000;
const POLLS_MAX = 40;

/** Everything the customer sees: nothing, a notice, or the notice and the dialog. */
export function Banner({ words, request }) {
  const [status, setStatus] = useState(null);
  const [work, setWork] = useState("idle");
  const [note, setNote] = useState("");
  const [open, setOpen] = useState(false);
  const [gone, setGone] = useState(false);
  const polls = useRef(0);

  const read = async () => {
    const answer = await request("GET", "/v1/status");
    if (answer.status === 200) setStatus(answer.body);
  };
  useEffect(() => {
    read();
  }, []);
  useEffect(() => {
    if (status?.state !== "pending" || polls.current >= POLLS_MAX) return undefined;
    polls.current += 1;
    const timer = setTimeout(read, PENDING_POLL_MS);
    return () => clearTimeout(timer);
  }, [status]);

  const retry = async () => {
    setWork("retrying");
    setNote("");
    const answer = await request("POST", "/v1/retries");
    if (answer.status === 200) setStatus(answer.body);
    else setNote(words.say(answer.status ? "error.message" : "offline.message"));
    setWork("idle");
  };
  const dismiss = () => {
    rememberDismissal(status);
    setGone(true);
  };

  if (!status || gone || status.state === "clear" || isDismissed(status)) return null;
  if (status.state === "pending") {
    return (
      <Card words={words} icon="clock" title={words.say("pending.title")}
        text={words.say("pending.message")} />
    );
  }
  if (status.state === "recovered") {
    return (
      <Card words={words} icon="check" title={words.say("recovered.title")}
        text={words.say("recovered.plain")} dismiss={() => setGone(true)} />
    );
  }
  const busy = work === "retrying";
  return (
    <>
      <Card words={words} icon="card" title={words.say("banner.title")}
        text={message(words, status)} facts={due(words, status)} note={note} dismiss={dismiss}>
        {status.can_retry && (
          <button type="button" className="secondary" aria-busy={busy} aria-disabled={busy}
            onClick={retry}>
            {words.say(busy ? "action.retrying" : "action.retry")}
          </button>
        )}
        <button type="button" className="primary" aria-disabled={busy} onClick={() => setOpen(true)}>
          {words.say("action.update")}
        </button>
      </Card>
      {open && (
        <Panel words={words} status={status} request={request} close={() => setOpen(false)} />
      )}
    </>
  );
}

function Card({ words, icon, title, text, facts, note, dismiss, children }) {
  return (
    <div className="inline">
      <section className="card" part="banner" aria-label={words.say("region.label")}>
        <span className="icon" data-icon={icon} aria-hidden="true" />
        <div className="words">
          <p className="title">{title}</p>
          <p className="message">{text}</p>
          {facts && <div className="facts"><b>{facts}</b></div>}
          {note && <p className="note">{note}</p>}
        </div>
        <div className="actions">{children}</div>
        {dismiss && (
          <button type="button" className="cross" aria-label={words.say("action.dismiss")}
            onClick={dismiss}>
            <span className="icon" data-icon="cross" aria-hidden="true" />
          </button>
        )}
      </section>
    </div>
  );
}

function Panel({ words, status, request, close }) {
  const dialog = useRef(null);
  const [setup, setSetup] = useState(null);
  useEffect(() => {
    dialog.current.showModal();
    request("POST", "/v1/payment-methods").then((answer) => setSetup(answer));
  }, []);
  const failed = setup && setup.status !== 201;
  return (
    <dialog className="panel" ref={dialog} onClose={close} aria-label={words.say("panel.title")}>
      <div className="form">
        <header>
          <h2 className="title">{words.say("panel.title")}</h2>
          <button type="button" className="cross" aria-label={words.say("action.close")}
            onClick={() => dialog.current.close()}>
            <span className="icon" data-icon="cross" aria-hidden="true" />
          </button>
        </header>
        <p className="message">{words.say("panel.lead")}</p>
        <dl className="bill">
          {status.invoices.map((invoice) => (
            <div className="row" key={invoice.id}>
              <dt>{invoice.description ?? words.say("panel.invoice_plain")}</dt>
              <dd>{words.money(invoice.amount_due)}</dd>
            </div>
          ))}
        </dl>
        {failed ? <p className="note">{words.say("error.fields")}</p>
          : <p className="message">{words.say("panel.loading")}</p>}
        <p className="message">{words.say("panel.safe")}</p>
      </div>
    </dialog>
  );
}
