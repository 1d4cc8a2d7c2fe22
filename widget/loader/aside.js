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
      const isUnder = (top, bottom) =>
        theirs.top < bottom &&
        theirs.bottom > top &&
        theirs.left < ours.right &&
        theirs.right > ours.left;
      // What fills the window, such as a game, is under it at either edge.
      const isThere = isUnder(innerHeight - ours.bottom, innerHeight - ours.top);
      if (isUnder(ours.top, ours.bottom) && !isThere && !root.getRootNode().host.contains(target))
        root.dataset.edge = root.dataset.edge === 'top' ? 'bottom' : 'top';
    },
    { signal: gone },
  );
