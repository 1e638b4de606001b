//! Scenarios over a real socket, on every store.

pub mod app;

mod errors;
mod reading;
mod receiving;
mod service;

/// Makes a test of each scenario for each store.
macro_rules! scenarios {
    ($($scenario:ident)*) => {
        mod on_memory {
            $(
                #[tokio::test]
                async fn $scenario() {
                    super::$scenario(crate::http::app::App::on(crate::store::memory().await).await).await;
                }
            )*
        }
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $scenario() {
                    super::$scenario(crate::http::app::App::on(crate::store::sqlite().await).await).await;
                }
            )*
        }
    };
}
pub(crate) use scenarios;
