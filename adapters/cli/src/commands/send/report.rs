//! How it went.

use std::{collections::BTreeMap, fmt, ops::AddAssign, time::Duration};

use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// Counts and latencies; those of several connections can be added.
pub struct Report {
    /// Microseconds, to three digits.
    latencies: Histogram<u64>,
    by_status: BTreeMap<u16, u64>,
    /// No answer at all: refused, reset, timed out.
    unanswered: u64,
    /// What the server said the first time that it didn't say 200.
    refusal: Option<String>,
    pub elapsed: Duration,
}

const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];

impl Default for Report {
    #[expect(clippy::expect_used, reason = "3 is a valid number of digits")]
    fn default() -> Self {
        Self {
            latencies: Histogram::new(3).expect("a histogram of three digits"),
            by_status: BTreeMap::new(),
            unanswered: 0,
            refusal: None,
            elapsed: Duration::ZERO,
        }
    }
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        // Histograms that resize themselves can always be added.
        let _ = self.latencies.add(other.latencies);
        for (status, count) in other.by_status {
            *self.by_status.entry(status).or_default() += count;
        }
        self.unanswered += other.unanswered;
        self.refusal = self.refusal.take().or(other.refusal);
    }
}

impl Report {
    pub fn answered(&mut self, status: u16, latency: Duration, body: &[u8]) {
        if status != 200 && self.refusal.is_none() {
            self.refusal = Some(String::from_utf8_lossy(body).into_owned());
        }
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        // It grows as it has to, and holds every u64.
        let _ = self.latencies.record(micros);
        *self.by_status.entry(status).or_default() += 1;
    }

    pub fn unanswered(&mut self) {
        self.unanswered += 1;
    }

    pub fn all_accepted(&self) -> bool {
        self.unanswered == 0 && self.by_status.keys().all(|status| *status == 200)
    }

    fn per_second(&self) -> f64 {
        let answered: u64 = self.by_status.values().sum();
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 messages")]
        let answered = answered as f64;
        answered / self.elapsed.as_secs_f64().max(1e-9)
    }

    /// In milliseconds.
    fn quantiles(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let at = |quantile| self.latencies.value_at_quantile(quantile);
        QUANTILES
            .into_iter()
            .map(move |(name, quantile)| (name, at(quantile)))
            .chain([("max", self.latencies.max())])
            .map(|(name, micros)| (name, Duration::from_micros(micros).as_secs_f64() * 1e3))
    }

    /// For programs: seconds, messages a second, milliseconds.
    pub fn to_json(&self) -> Value {
        let by_status = self.by_status.iter();
        let latency: serde_json::Map<_, _> = self
            .quantiles()
            .map(|(name, millis)| (name.to_owned(), json!(millis)))
            .collect();
        json!({
            "elapsed_s": self.elapsed.as_secs_f64(),
            "per_second": self.per_second(),
            "latency_ms": latency,
            "by_status": by_status
                .map(|(status, count)| (status.to_string(), json!(count)))
                .collect::<serde_json::Map<_, _>>(),
            "unanswered": self.unanswered,
            "refusal": self.refusal,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (status, count) in &self.by_status {
            writeln!(f, "{status:>10}  {count}")?;
        }
        if self.unanswered > 0 {
            writeln!(f, "{:>10}  {}", "no answer", self.unanswered)?;
        }
        if let Some(refusal) = &self.refusal {
            writeln!(f, "{:>10}  {refusal}", "it said")?;
        }
        writeln!(f, "{:>10}  {:.3} s", "took", self.elapsed.as_secs_f64())?;
        if self.latencies.len() < 2 {
            return Ok(());
        }
        writeln!(f, "{:>10}  {:.0} messages", "a second", self.per_second())?;
        for (name, millis) in self.quantiles() {
            writeln!(f, "{name:>10}  {millis:.3} ms")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up() {
        let mut all = Report::default();
        for (status, millis) in [(200, 1), (200, 2), (503, 3)] {
            let mut part = Report::default();
            part.answered(status, Duration::from_millis(millis), b"no");
            all += part;
        }
        assert!(!all.all_accepted());
        assert_eq!(all.to_json()["refusal"], "no");
        all.elapsed = Duration::from_secs(2);
        let json = all.to_json();
        assert_eq!(json["by_status"], json!({"200": 2, "503": 1}));
        assert!(
            json["per_second"]
                .as_f64()
                .is_some_and(|rate| (rate - 1.5).abs() < 1e-9)
        );
        let p50 = json["latency_ms"]["p50"].as_f64().unwrap_or_default();
        assert!((p50 - 2.0).abs() < 0.01, "{p50}");
    }
}
