// A floating notice must not hide what has the keyboard (WCAG 2.2, 2.4.11): it goes to the other
// edge of the window.

/** Until `gone`. */
export const stepAside = (root, gone) =>
  addEventListener(
    'focusin',
    ({ target }) => {
      const notice = root.firstElementChild;
      if (!notice || getComputedStyle(notice).position !== 'fixed') return;
      const [ours, theirs] = [notice, target].map((node) => node.getBoundingClientRect());
      // What is as large as a game is never hidden as a whole, and may be under either edge.
      const isUnder =
        theirs.height < innerHeight / 2 &&
        theirs.top < ours.bottom &&
        theirs.bottom > ours.top &&
        theirs.left < ours.right &&
        theirs.right > ours.left;
      if (isUnder && !root.getRootNode().host.contains(target))
        root.dataset.edge = root.dataset.edge === 'top' ? 'bottom' : 'top';
    },
    { signal: gone },
  );
