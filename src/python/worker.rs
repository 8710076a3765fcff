//! Long work beside Python: no GIL, Ctrl-C seen, progress shown.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use pyo3::prelude::*;

use super::errors::internal;
use crate::error::Result;

const POLL: Duration = Duration::from_millis(100);

/// What the running work shares with the waiting thread.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicUsize,
    total: AtomicUsize,
    stop: AtomicBool,
}

impl Progress {
    /// The work calls this at each step; `false` means that it should stop with `Error::Interrupted`.
    pub fn step(&self, done: usize, total: usize) -> bool {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }
}

/// Runs `work` on a thread of its own. Meanwhile signals are checked and `progress(done, total)`,
/// where given, is called each 100 ms; an exception of either stops the work and is raised.
pub fn run<T, F>(python: Python<'_>, progress: Option<&Bound<'_, PyAny>>, work: F) -> PyResult<T>
where
    T: Send,
    F: FnOnce(&Progress) -> Result<T> + Send,
{
    let owned = Progress::default();
    let shared = &owned;
    let (sender, mut receiver) = channel();
    std::thread::scope(|scope| {
        let handle = scope.spawn(move || {
            let result = work(shared);
            // The receiver outlives this thread, so a failed send can't happen.
            let _ = sender.send(());
            result
        });
        let mut stopped: Option<PyErr> = None;
        loop {
            // A disconnected channel means that the work panicked: the join below tells.
            let (receiver_back, waited) = python.detach(move || {
                let waited = receiver.recv_timeout(POLL);
                (receiver, waited)
            });
            receiver = receiver_back;
            if waited != Err(RecvTimeoutError::Timeout) {
                break;
            }
            if stopped.is_none() {
                let (done, total) =
                    (shared.done.load(Ordering::Relaxed), shared.total.load(Ordering::Relaxed));
                let told = python
                    .check_signals()
                    .and_then(|()| progress.map_or(Ok(()), |p| p.call1((done, total)).map(|_| ())));
                if let Err(error) = told {
                    shared.stop.store(true, Ordering::Relaxed);
                    stopped = Some(error);
                }
            }
        }
        let result = python.detach(|| handle.join());
        if let Some(error) = stopped {
            return Err(error);
        }
        match result {
            Ok(result) => Ok(result?),
            Err(_) => Err(internal("a fault inside minsuan: please report it with the input".to_owned())),
        }
    })
}
