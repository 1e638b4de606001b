//! What the system says of this process, under the names that Prometheus' clients have for it.

use opentelemetry::metrics::Meter;

/// Makes the instruments. Where there is no `/proc`, there are none.
#[cfg(target_os = "linux")]
pub fn observe(meter: &Meter) {
    linux::observe(meter);
}

/// See the other.
#[cfg(not(target_os = "linux"))]
pub const fn observe(_: &Meter) {}

#[cfg(target_os = "linux")]
mod linux {
    use opentelemetry::metrics::Meter;
    use procfs::{
        ProcResult,
        process::{LimitValue, Process, Stat},
    };

    /// The exporter adds the units, and `_total`, to the names.
    pub fn observe(meter: &Meter) {
        meter
            .f64_observable_counter("process_cpu")
            .with_unit("s")
            .with_callback(|counter| {
                if let Ok(seconds) = stat().map(|stat| cpu_seconds(&stat)) {
                    counter.observe(seconds, &[]);
                }
            })
            .build();
        // When it began does not change.
        if let Ok(began) = stat().and_then(|stat| began(&stat)) {
            meter
                .f64_gauge("process_start_time")
                .with_unit("s")
                .build()
                .record(began, &[]);
        }
        gauge(meter, "process_resident_memory", "By", || {
            Ok(stat()?.rss.saturating_mul(procfs::page_size()))
        });
        gauge(meter, "process_virtual_memory", "By", || Ok(stat()?.vsize));
        gauge(meter, "process_threads", "{thread}", || {
            Ok(u64::try_from(stat()?.num_threads).unwrap_or_default())
        });
        gauge(meter, "process_open_fds", "{descriptor}", || {
            Ok(Process::myself()?.fd_count()? as u64)
        });
        gauge(meter, "process_max_fds", "{descriptor}", || {
            let limits = Process::myself()?.limits()?;
            Ok(match limits.max_open_files.soft_limit {
                LimitValue::Value(most) => most,
                LimitValue::Unlimited => u64::MAX,
            })
        });
    }

    /// A gauge that is left out where the system does not say it.
    fn gauge(
        meter: &Meter,
        name: &'static str,
        unit: &'static str,
        read: impl Fn() -> ProcResult<u64> + Send + Sync + 'static,
    ) {
        meter
            .u64_observable_gauge(name)
            .with_unit(unit)
            .with_callback(move |gauge| {
                if let Ok(value) = read() {
                    gauge.observe(value, &[]);
                }
            })
            .build();
    }

    fn stat() -> ProcResult<Stat> {
        Process::myself()?.stat()
    }

    /// A tick is a hundredth of a second nearly everywhere, and numbers stay far below 2^53.
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    fn cpu_seconds(stat: &Stat) -> f64 {
        (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "as above")]
    fn began(stat: &Stat) -> ProcResult<f64> {
        let after_boot = stat.starttime as f64 / procfs::ticks_per_second() as f64;
        Ok(procfs::boot_time_secs()? as f64 + after_boot)
    }

    #[cfg(test)]
    mod tests {
        use std::time::{Duration, SystemTime, UNIX_EPOCH};

        use crate::metrics::{Metrics, MetricsError};

        #[test]
        fn the_process_is_shown_as_it_is() -> Result<(), MetricsError> {
            let text = Metrics::new()?.render()?;
            let value = |name: &str| -> Option<f64> {
                let line = text.lines().find_map(|line| line.strip_prefix(name));
                line.and_then(|value| value.trim().parse().ok())
            };
            let at_least = |name: &str, least: f64| {
                let value = value(&format!("{name} "));
                assert!(value.is_some_and(|value| value >= least), "{name}: {text}");
            };
            at_least("process_cpu_seconds_total", 0.0);
            at_least("process_resident_memory_bytes", 1e6);
            at_least("process_virtual_memory_bytes", 1e6);
            at_least("process_open_fds", 3.0);
            at_least("process_max_fds", 3.0);
            at_least("process_threads", 1.0);
            #[expect(clippy::disallowed_methods, reason = "it is the process's own clock")]
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.as_ref().map_or(0.0, Duration::as_secs_f64);
            let began = value("process_start_time_seconds ").unwrap_or_default();
            // Tests are over within an hour; clocks are set by seconds.
            assert!((now - 3600.0..now + 10.0).contains(&began), "{began} {now}");
            Ok(())
        }
    }
}
