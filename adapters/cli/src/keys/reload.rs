//! SIGHUP: the files are read again.

use std::{io, sync::Arc};

use countersign_core::{Clock, Inbox};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};

use super::{ENVIRONMENT, KeyArgs, Keys};
use crate::{
    settings::{file::ConfigFile, layers},
    stop::Stop,
};

/// At every SIGHUP, reads the configuration file and all files with secrets again, and puts what
/// they say into the place of what there was. If something is wrong, everything stays as it is. The
/// environment of a process does not change; of that, what the start found is taken.
///
/// # Errors
/// If signals cannot be received.
pub fn reload_on_hangup(
    args: KeyArgs,
    inbox: Inbox,
    clock: Arc<dyn Clock>,
) -> Result<JoinHandle<()>, Stop> {
    let mut hangup = signal(SignalKind::hangup()).map_err(|error: io::Error| {
        Stop::internal(format!("signals cannot be received: {error}"))
    })?;
    Ok(tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let (args, theirs) = (args.clone(), Arc::clone(&clock));
            // A file may be on a disk that is far away.
            let read = tokio::task::spawn_blocking(move || {
                let file = match args.config.trim() {
                    "" => None,
                    path => Some(ConfigFile::read(path.as_ref()).map_err(Stop::first_of)?),
                };
                // First: what is refused may be so because a setting of the start still holds.
                warn_of_settings(file.as_ref());
                Keys::read(&args, file.as_ref(), ENVIRONMENT, &theirs)
            });
            match read.await {
                Ok(Ok(keys)) => {
                    let before = inbox.sources();
                    inbox.replace_sources(keys.verifiers());
                    let now = inbox.sources();
                    for gone in before.keys().filter(|name| !now.contains_key(name)) {
                        tracing::warn!(
                            source = %gone,
                            help = "what is sent to it is answered 404 now; if it should be there, \
                                    put it back into the configuration file",
                            "a source is not configured any more"
                        );
                    }
                    tracing::info!(sources = keys.configured.len(), "the keys were read again");
                    keys.report(clock.now());
                }
                Ok(Err(stop)) => stop.log_refused_reload(),
                Err(error) => tracing::error!(cause = %error, "the keys could not be read again"),
            }
        }
    }))
}

/// Of the file's settings only the sources are taken anew.
fn warn_of_settings(now: Option<&ConfigFile>) {
    let (Some(before), Some(now)) = (layers::file_at_start(), now) else {
        return;
    };
    let changed = now.changed(before);
    if !changed.is_empty() {
        tracing::warn!(
            settings = changed.join(", "),
            help = "restart it, and they hold; until then, those of the start do",
            "settings in the configuration file have changed, which needs a restart"
        );
    }
}
