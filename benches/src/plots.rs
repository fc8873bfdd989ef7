//! The two pictures of the docs, by `plotters`.

use crate::report::{Line, Size};
use plotters::prelude::*;
use std::path::Path;

const SIZE: (u32, u32) = (760, 380);
const OURS: RGBColor = RGBColor(0x1f, 0x77, 0xb4);
const PEER: RGBColor = RGBColor(0xd6, 0x7a, 0x2a);
const MAC: RGBColor = RGBColor(0x88, 0x88, 0x88);

/// Each algorithm's time through that of the fastest peer.
pub fn algorithms(path: &Path, lines: &[Line]) {
    draw_algorithms(path, lines).expect("a picture");
}

fn draw_algorithms(path: &Path, lines: &[Line]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let most = lines.iter().map(|line| line.ratio).fold(1.0, f64::max) * 1.1;
    let mut chart = ChartBuilder::on(&root)
        .caption("Whole verification: time through that of the fastest peer (below 1 is faster)", ("sans-serif", 15))
        .margin(12)
        .x_label_area_size(32)
        .y_label_area_size(40)
        .build_cartesian_2d((0..lines.len().saturating_sub(1)).into_segmented(), 0.0..most)?;
    // Such a range has its end in it.
    let edge = |at: usize| if at < lines.len() { SegmentValue::Exact(at) } else { SegmentValue::Last };
    let name = |at: &SegmentValue<usize>| match at {
        SegmentValue::CenterOf(at) => lines.get(*at).map_or(String::new(), |line| line.what.into()),
        _ => String::new(),
    };
    chart.configure_mesh().disable_x_mesh().x_label_formatter(&name).x_labels(lines.len()).max_light_lines(1).draw()?;
    chart.draw_series(lines.iter().enumerate().map(|(at, line)| {
        let mut bar = Rectangle::new([(edge(at), 0.0), (edge(at + 1), line.ratio)], OURS.filled());
        bar.set_margin(0, 0, 24, 24);
        bar
    }))?;
    chart.draw_series(std::iter::once(PathElement::new(
        vec![(edge(0), 1.0), (edge(lines.len()), 1.0)],
        PEER.stroke_width(2),
    )))?;
    Ok(root.present()?)
}

/// What tokens of growing length take.
pub fn sizes(path: &Path, sizes: &[Size]) {
    draw_sizes(path, sizes).expect("a picture");
}

fn draw_sizes(path: &Path, sizes: &[Size]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let longest = sizes.iter().map(|size| size.bytes).max().unwrap_or(1);
    let most = sizes.iter().map(|size| size.ours.max(size.peer)).fold(1.0, f64::max) / 1e3 * 1.1;
    let mut chart = ChartBuilder::on(&root)
        .caption("HS256, whole verification by token length", ("sans-serif", 15))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(48)
        .build_cartesian_2d(0..longest, 0.0..most)?;
    chart.configure_mesh().x_desc("bytes of token").y_desc("microseconds").max_light_lines(1).draw()?;
    type Of = fn(&Size) -> f64;
    let curves: [(&str, RGBColor, Of); 3] = [
        ("countermark", OURS, |size| size.ours),
        ("the fastest peer", PEER, |size| size.peer),
        ("the bare HMAC", MAC, |size| size.mac),
    ];
    for (name, color, of) in curves {
        let points = sizes.iter().map(|size| (size.bytes, of(size) / 1e3));
        chart
            .draw_series(LineSeries::new(points, color.stroke_width(2)).point_size(3))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(MAC)
        .draw()?;
    Ok(root.present()?)
}
