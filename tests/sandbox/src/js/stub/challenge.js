// The bank's question to the customer (3-D Secure), in a frame over the whole page.
const CHALLENGE_TITLE = "3D Secure authentication frame";

// Shows the question; resolves when it was answered, whichever way, or when it was closed: then
// the intent still waits.
const showChallenge = (settings) =>
  new Promise((resolve) => {
    const before = document.activeElement;
    const frame = document.createElement("iframe");
    const address = new URL("/v3/challenge.html", frameOrigin);
    address.searchParams.set("parent", location.origin);
    frame.src = address.href;
    frame.title = CHALLENGE_TITLE;
    Object.assign(frame.style, {
      border: "0",
      colorScheme: "normal",
      height: "100%",
      inset: "0",
      position: "fixed",
      width: "100%",
      zIndex: "2147483647",
    });
    const challenge = {
      get frameWindow() {
        return frame.contentWindow;
      },
      receive(message) {
        if (message.kind === "hello") {
          const init = { channel: CHANNEL, kind: "init", settings };
          frame.contentWindow.postMessage(init, frameOrigin);
        }
        if (message.kind === "done" || message.kind === "closed") {
          framed.delete(challenge);
          frame.remove();
          if (before instanceof HTMLElement) before.focus();
          resolve();
        }
      },
    };
    framed.add(challenge);
    document.body.append(frame);
  });
