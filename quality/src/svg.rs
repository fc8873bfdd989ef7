//! The ROC curves as a picture, both axes logarithmic.

use crate::curve::Point;
use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 30.0;
const SIZE: (f64, f64) = (430.0, 420.0);
/// The lowest rate shown: one in ten thousand.
const FLOOR: f64 = 1e-4;
const COLOURS: [&str; 7] = ["#1b6ca8", "#c0392b", "#27823b", "#8e44ad", "#d68910", "#566573", "#16a085"];

fn place(rate: f64) -> f64 {
    (rate.max(FLOOR).log10() - FLOOR.log10()) / -FLOOR.log10()
}

fn x(rate: f64) -> f64 {
    LEFT + SIZE.0 * place(rate)
}

fn y(rate: f64) -> f64 {
    TOP + SIZE.1 * (1.0 - place(rate))
}

pub fn picture(curves: &[(String, Vec<Point>)]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <title>False rejects against false accepts</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    for (rate, label) in [(1e-4, "0.01%"), (1e-3, "0.1%"), (1e-2, "1%"), (1e-1, "10%"), (1.0, "100%")] {
        let (across, down) = (x(rate), y(rate));
        let (right, bottom) = (LEFT + SIZE.0, TOP + SIZE.1);
        let _ = writeln!(svg, "<path d=\"M{across:.1} {TOP}V{bottom}M{LEFT} {down:.1}H{right}\" stroke=\"#ddd\"/>");
        let _ = writeln!(svg, "<text x=\"{across:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>", bottom + 18.0);
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", LEFT - 6.0, down + 4.0);
    }
    let (centre, bottom) = (LEFT + SIZE.0 / 2.0, TOP + SIZE.1 + 42.0);
    let _ = writeln!(svg, "<text x=\"{centre}\" y=\"{bottom}\" text-anchor=\"middle\">false accepts</text>");
    let middle = TOP + SIZE.1 / 2.0;
    let _ =
        writeln!(svg, "<text transform=\"translate(18 {middle}) rotate(-90)\" text-anchor=\"middle\">false rejects</text>");
    let _ = writeln!(
        svg,
        "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#aaa\" stroke-dasharray=\"4 4\"/>",
        x(FLOOR),
        y(FLOOR),
        x(1.0),
        y(1.0)
    );
    for (number, (name, curve)) in curves.iter().enumerate() {
        let colour = COLOURS[number % COLOURS.len()];
        let mut points: Vec<String> =
            curve.iter().map(|point| format!("{:.1},{:.1}", x(point.false_accepts), y(point.false_rejects))).collect();
        points.dedup();
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.8\" points=\"{}\"/>",
            points.join(" ")
        );
        let line = TOP + 20.0 + 22.0 * number as f64;
        let (from, to) = (LEFT + SIZE.0 + 14.0, LEFT + SIZE.0 + 34.0);
        let _ = writeln!(
            svg,
            "<path d=\"M{from} {line}H{to}\" stroke=\"{colour}\" stroke-width=\"3\"/><text x=\"{}\" y=\"{}\">{name}</text>",
            to + 6.0,
            line + 4.0
        );
    }
    svg.push_str("</svg>\n");
    svg
}
