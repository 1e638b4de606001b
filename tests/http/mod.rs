//! Scenarios over a real socket, on every store.

pub mod app;

mod errors;
mod following;
mod live;
mod polling;
mod reading;
mod receiving;
mod service;

/// Makes a test of each scenario for each store. `over stores:` those that make their application
/// themselves.
macro_rules! scenarios {
    (over stores: $($scenario:ident)*) => {
        mod on_memory {
            $(
                #[tokio::test]
                async fn $scenario() {
                    super::$scenario(crate::store::memory().await).await;
                }
            )*
        }
        mod on_sqlite {
            $(
                #[tokio::test]
                async fn $scenario() {
                    super::$scenario(crate::store::sqlite().await).await;
                }
            )*
        }
    };
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
