//! Scenarios over a real socket, on every store.

pub mod app;

mod errors;
mod reading;
mod receiving;
mod service;

/// Makes a test of each scenario for each store.
macro_rules! scenarios {
    ($($scenario:ident)*) => {
        crate::http::scenarios!(@on memory on_memory [$($scenario)*]);
        crate::http::scenarios!(@on sqlite on_sqlite [$($scenario)*]);
        crate::http::scenarios!(@on postgres on_postgres [$($scenario)*]);
    };
    (@on $store:ident $on:ident [$($scenario:ident)*]) => {
        mod $on {
            $(
                #[tokio::test]
                async fn $scenario() {
                    let Some(store) = crate::store::$store().await else { return };
                    super::$scenario(crate::http::app::App::on(store).await).await;
                }
            )*
        }
    };
}
pub(crate) use scenarios;
