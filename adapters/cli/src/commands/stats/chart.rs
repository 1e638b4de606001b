//! Bars of block characters.

use crate::api::Timeline;

/// A whole block, and its eighths: from the left, and from below.
const FROM_LEFT: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const FROM_BELOW: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// How many lines the columns have.
const HEIGHT: u64 = 4;

/// How many characters the longest bar has.
const LENGTH: u64 = 30;

/// A bar for a count, the longest one for `most`. What is not nothing, can be seen.
pub fn bar(count: u64, most: u64) -> String {
    let eighths = eighths(count, most, LENGTH);
    (0..LENGTH)
        .map_while(|place| block(eighths, place, &FROM_LEFT))
        .collect()
}

/// How many eighths of a block stand for a count.
fn eighths(count: u64, most: u64, blocks: u64) -> u64 {
    let share = u128::from(count) * u128::from(blocks * 8);
    let share = share.div_ceil(u128::from(most.max(1)));
    u64::try_from(share).unwrap_or(blocks * 8)
}

/// What of the bar is at this place; `None` beyond it.
fn block(eighths: u64, place: u64, blocks: &[char; 8]) -> Option<char> {
    let here = eighths.saturating_sub(place * 8).min(8);
    let index = usize::try_from(here).ok()?.checked_sub(1)?;
    blocks.get(index).copied()
}

/// A column for each bucket, and under every third the hour in which it begins.
pub fn columns(timeline: &Timeline) -> Vec<String> {
    let most = timeline
        .data
        .iter()
        .map(|bucket| bucket.count)
        .max()
        .unwrap_or(0);
    let heights: Vec<_> = timeline
        .data
        .iter()
        .map(|bucket| eighths(bucket.count, most, HEIGHT))
        .collect();
    let mut lines = Vec::new();
    for place in (0..HEIGHT).rev() {
        let blocks = heights.iter().map(|eighths| {
            let block = block(*eighths, place, &FROM_BELOW).unwrap_or(' ');
            format!("{block}{block} ")
        });
        let mut line: String = blocks.collect();
        if place == HEIGHT - 1 && most > 0 {
            line.push_str(&crate::terminal::number(most));
        }
        lines.push(line);
    }
    let hours = timeline.data.iter().enumerate().map(|(index, bucket)| {
        // The hour of 2026-11-29T10:00:00Z.
        let hour = bucket.start.get(11..13).filter(|_| index % 3 == 0);
        format!("{:<3}", hour.unwrap_or_default())
    });
    lines.push(hours.collect());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_counts() {
        assert_eq!(bar(0, 10), "");
        assert_eq!(bar(1, 1_000_000), "▏");
        assert_eq!(bar(10, 10).chars().count(), 30);
        assert_eq!(bar(5, 10), "█".repeat(15));
        assert_eq!(bar(u64::MAX, u64::MAX).chars().count(), 30);
        assert_eq!(bar(0, 0), "");
    }

    #[test]
    fn columns_stand_over_their_hours() {
        let timeline = |counts: &[(u32, u64)]| {
            let data = counts.iter().map(|(hour, count)| {
                let start = format!("2026-11-29T{hour:02}:00:00Z");
                serde_json::json!({"start": start, "count": count})
            });
            let data = data.collect::<Vec<_>>();
            let timeline = serde_json::json!({"total": 41, "data": data});
            serde_json::from_value::<Timeline>(timeline).expect("a timeline")
        };
        let timeline_of_four = timeline(&[(9, 0), (10, 8), (11, 1), (12, 32)]);
        assert_eq!(
            columns(&timeline_of_four),
            [
                "         ██ 32",
                "         ██ ",
                "         ██ ",
                "   ██ ▁▁ ██ ",
                "09       12 ",
            ]
        );
        let quiet = timeline(&[(0, 0)]);
        assert_eq!(columns(&quiet)[0], "   ");
    }
}
