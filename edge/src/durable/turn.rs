//! One after the other: runs of one object that write the same things at the provider.
//!
//! Requests of one object overlap while they wait for the provider. Two new cards at once would
//! then be written to the customer's subscriptions in turns, and some would end with the older one.
//! The turn lives in memory only: when the object dies, so do the runs that wait for it, and what
//! they left is taken up from storage.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Whose turn it is.
#[derive(Debug, Default)]
pub struct Turn {
    is_taken: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

/// Held by the run whose turn it is; the next one follows when it is dropped.
#[derive(Debug)]
pub struct TurnGuard<'a>(&'a Turn);

impl Turn {
    /// Waits until nobody else has the turn.
    pub async fn take(&self) -> TurnGuard<'_> {
        poll_fn(|context| {
            if self.is_taken.replace(true) {
                let mut waiting = self.waiting.borrow_mut();
                // Whoever is asked again is still in the list: as many as there are runs.
                if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                    waiting.push(context.waker().clone());
                }
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        TurnGuard(self)
    }
}

impl Drop for TurnGuard<'_> {
    fn drop(&mut self) {
        self.0.is_taken.set(false);
        for waker in self.0.waiting.take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Wake};

    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_second_waits_is_woken_once_and_comes_next() {
        let turn = Turn::default();
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&count));
        let mut context = Context::from_waker(&waker);
        let Poll::Ready(first) = pin!(turn.take()).poll(&mut context) else { panic!("free") };
        let mut second = pin!(turn.take());
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert!(second.as_mut().poll(&mut context).is_pending());
        drop(first);
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert!(second.as_mut().poll(&mut context).is_ready());
    }

    #[test]
    fn one_that_gives_up_waiting_is_not_waited_for() {
        let turn = Turn::default();
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(first) = pin!(turn.take()).poll(&mut context) else { panic!("free") };
        {
            let mut second = pin!(turn.take());
            assert!(second.as_mut().poll(&mut context).is_pending());
        }
        drop(first);
        assert!(pin!(turn.take()).poll(&mut context).is_ready());
    }
}
