// The widget as a React component. It draws an empty `div` (on a server, too) and puts the element
// into it once it is on a page; when it goes, everything goes.

import { createElement, forwardRef, useEffect, useImperativeHandle, useRef } from 'react';
import { init } from './index.js';
import { apply, renew } from './handle.js';

const EVENTS = {
  onStatus: 'status',
  onShown: 'shown',
  onDismissed: 'dismissed',
  onDeclined: 'declined',
  onRecovered: 'recovered',
  onCancellation: 'cancellation',
  onAsked: 'asked',
  onClosed: 'closed',
  onError: 'error',
};

/** @type {typeof import('./react.d.ts').Reprieve} */
export const Reprieve = forwardRef((props, ref) => {
  const { origin, tokenUrl, contactUrl, skin, tone, locale, theme, position, wall } = props;
  const place = useRef(null);
  const handle = useRef(null);
  // Functions may be new at each rendering; the widget always calls the latest.
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const { getToken, ...options } = latest.current;
    const own = init({
      ...options,
      getToken: getToken && (() => latest.current.getToken()),
      container: place.current,
    });
    for (const [name, event] of Object.entries(EVENTS)) {
      own.on(event, (detail) => latest.current[name]?.(detail));
    }
    handle.current = own;
    return () => {
      handle.current = null;
      own.destroy();
    };
  }, [origin, tokenUrl, contactUrl, skin, tone, locale]);

  // Looks change in place.
  useEffect(() => {
    apply(handle.current.element, { theme: theme ?? null, position: position ?? null });
  }, [theme, position]);

  // A wall stands or falls with the status.
  useEffect(() => {
    const { element } = handle.current;
    if (element.hasAttribute('wall') === Boolean(wall)) return;
    apply(element, { wall: wall ?? null });
    renew(element);
  }, [wall]);

  useImperativeHandle(ref, () => ({
    open: async (what) => (await handle.current?.open(what)) ?? false,
    setToken: (token) => handle.current?.setToken(token),
    setLocale: (wanted) => handle.current?.setLocale(wanted),
    refresh: () => handle.current?.refresh(),
  }), []);

  return createElement('div', { ref: place, className: props.className });
});
