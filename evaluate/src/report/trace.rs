//! A row for each frame, for plots and spreadsheets.
use std::io::{self, Write};

use crate::watch::Row;

/// Writes `frame,time_s,alarm,changes,blob_px,x1,y1,x2,y2,tamper,why`: the region is the first one, in parts of the picture;
/// `alarm` is 1, 0, or empty for a frame that could not be looked at.
///
/// # Errors
/// Writing failed.
pub fn trace_csv(rows: &[Row], mut out: impl Write) -> io::Result<()> {
    writeln!(out, "frame,time_s,alarm,changes,blob_px,x1,y1,x2,y2,tamper,why")?;
    for (frame, Row { timestamp_us, seen }) in rows.iter().enumerate() {
        let (seconds, part) = (timestamp_us / 1_000_000, timestamp_us % 1_000_000);
        let alarm = seen.alarm.map_or("", |alarm| if alarm { "1" } else { "0" });
        write!(out, "{frame},{seconds}.{part:06},{alarm},{},{},", seen.changes, seen.blob_px)?;
        match seen.regions.first() {
            Some(area) => write!(out, "{:.4},{:.4},{:.4},{:.4}", area.x1, area.y1, area.x2, area.y2)?,
            None => write!(out, ",,,")?,
        }
        writeln!(out, ",{},{}", seen.tamper.as_deref().unwrap_or_default(), quoted(&seen.why))?;
    }
    out.flush()
}

/// A field as RFC 4180 wants it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::trace_csv;
    use crate::labels::Area;
    use crate::watch::{Row, Seen};

    #[test]
    fn rows_have_every_field() {
        let area = Area { x1: 0.0, y1: 0.25, x2: 0.5, y2: 1.0 };
        let seen = Seen {
            alarm: Some(true),
            tamper: Some("covered".into()),
            regions: vec![area],
            why: "say \"moved\", twice".into(),
            changes: 7,
            blob_px: 5,
            crossings: Vec::new(),
        };
        let rows = [Row { timestamp_us: 1_040_000, seen }, Row::default()];
        let mut text = Vec::new();
        trace_csv(&rows, &mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "frame,time_s,alarm,changes,blob_px,x1,y1,x2,y2,tamper,why\n\
             0,1.040000,1,7,5,0.0000,0.2500,0.5000,1.0000,covered,\"say \"\"moved\"\", twice\"\n\
             1,0.000000,,0,0,,,,,,\"\"\n"
        );
    }
}
