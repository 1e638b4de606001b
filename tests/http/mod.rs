//! Scenarios over a real socket, on every store.

pub mod app;
pub mod wire;

mod access;
mod canaries;
mod connections;
mod deliveries;
mod errors;
mod following;
mod limits;
mod live;
mod malformed_http;
mod malformed_json;
mod polling;
mod rates;
mod readiness;
mod reading;
mod receiving;
mod refusing;
mod rejections;
mod server_stats;
mod service;
mod sources;
mod stopping;
mod timeline;

/// Makes a test of each scenario for each store. `over stores:` those that make their application
/// themselves.
macro_rules! scenarios {
    (over stores: $($scenario:ident)*) => {
        crate::http::scenarios!(@everywhere (|store| async { store }) [$($scenario)*]);
    };
    (@everywhere ($open:expr) [$($scenario:ident)*]) => {
        crate::http::scenarios!(@on memory on_memory ($open) [$($scenario)*]);
        crate::http::scenarios!(@on sqlite on_sqlite ($open) [$($scenario)*]);
        crate::http::scenarios!(@on postgres on_postgres ($open) [$($scenario)*]);
    };
    (@on $store:ident $on:ident ($open:expr) [$($scenario:ident)*]) => {
        mod $on {
            $(
                #[tokio::test]
                async fn $scenario() {
                    let Some(store) = crate::store::$store().await else { return };
                    super::$scenario($open(store).await).await;
                }
            )*
        }
    };
    ($($scenario:ident)*) => {
        crate::http::scenarios!(@everywhere (crate::http::app::App::on) [$($scenario)*]);
    };
}
pub(crate) use scenarios;
