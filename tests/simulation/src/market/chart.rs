//! What came of the methods, as a picture: to the right, buyers turned away; upwards, units oversold; both by powers of ten.

use std::fmt::{self, Write as _};

use super::{Compared, Method, Tally};

/// The pictures of each market beside one another, as SVG that can be read in the light and in the dark.
#[must_use]
pub fn chart(compared: &[Compared]) -> String {
    let mut text = String::new();
    // Writing into a text can't fail.
    let _ = write(&mut text, compared);
    text
}

/// Pixels of a picture's side, and of what is around it.
const SIDE: f64 = 340.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 40.0;
const APART: f64 = 90.0;
/// What the axes reach from and to.
const ACROSS: (f64, f64) = (100.0, 10_000.0);
const UP: (f64, f64) = (1.0, 2_000.0);
const LINE: f64 = 17.0;

const STYLE: &str = "\
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.grid { stroke: #d0d7de; fill: none }
.weighed { stroke: #0969da; fill: #0969da }
.bound { stroke: #1a7f37; fill: #1a7f37; stroke-dasharray: 4 3 }
.other { stroke: #cf222e; fill: #cf222e }
polyline { fill: none !important; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.grid { stroke: #3d444d }
.weighed { stroke: #4493f8; fill: #4493f8 }
.bound { stroke: #3fb950; fill: #3fb950 }
.other { stroke: #f85149; fill: #f85149 }
}";

fn write(out: &mut String, compared: &[Compared]) -> fmt::Result {
    let pictures = f64::from(u32::try_from(compared.len()).unwrap_or(1));
    let rows = f64::from(u32::try_from(Method::ALL.len().div_ceil(2)).unwrap_or(1));
    let (width, height) = (LEFT + pictures * (SIDE + APART) - APART + 20.0, TOP + SIDE + 60.0 + rows * LINE);
    writeln!(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">")?;
    writeln!(out, "<title>Units oversold and buyers turned away, by how channels are kept in step</title>")?;
    writeln!(out, "<style>\n{STYLE}\n</style>")?;
    let mut left = LEFT;
    for one in compared {
        writeln!(out, "<g transform=\"translate({left:.0} {TOP:.0})\">")?;
        picture(out, one)?;
        writeln!(out, "</g>")?;
        left += SIDE + APART;
    }
    legend(out, (width - LEFT) / 2.0, rows)?;
    writeln!(out, "</svg>")
}

fn picture(out: &mut String, Compared { market, methods }: &Compared) -> fmt::Result {
    writeln!(out, "<text class=\"title\" y=\"-14\">{market}, per 10,000 orders</text>")?;
    writeln!(out, "<rect class=\"grid\" width=\"{SIDE}\" height=\"{SIDE}\"/>")?;
    for number in [1.0, 10.0, 100.0, 1_000.0, 10_000.0] {
        grid(out, number)?;
    }
    writeln!(out, "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">buyers turned away</text>", SIDE / 2.0, SIDE + 36.0)?;
    writeln!(
        out,
        "<text transform=\"translate(-42 {}) rotate(-90)\" text-anchor=\"middle\">units oversold</text>",
        SIDE / 2.0
    )?;
    for class in ["weighed", "bound"] {
        let on_it = methods.iter().filter(|(method, _)| class_of(*method) == class);
        let points: Vec<String> = on_it.map(|(_, tally)| point(tally)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        writeln!(out, "<polyline class=\"{class}\" points=\"{}\"/>", points.join(" "))?;
    }
    for (number, (method, tally)) in (1..).zip(methods) {
        let ((x, y), class) = (point(tally), class_of(*method));
        writeln!(out, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>")?;
        writeln!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{number}</text>", x + 5.0, y - 5.0)?;
    }
    Ok(())
}

/// The lines of a number on the axes that have it.
fn grid(out: &mut String, number: f64) -> fmt::Result {
    if (ACROSS.0..=ACROSS.1).contains(&number) {
        let x = part(number, ACROSS) * SIDE;
        writeln!(out, "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y2=\"{SIDE}\"/>")?;
        writeln!(out, "<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{number}</text>", SIDE + 17.0)?;
    }
    if (UP.0..=UP.1).contains(&number) {
        let y = SIDE - part(number, UP) * SIDE;
        writeln!(out, "<line class=\"grid\" x2=\"{SIDE}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>")?;
        writeln!(out, "<text x=\"-6\" y=\"{:.1}\" text-anchor=\"end\">{number}</text>", y + 4.0)?;
    }
    Ok(())
}

/// What each number stands for, in two columns.
fn legend(out: &mut String, column: f64, rows: f64) -> fmt::Result {
    let (mut x, mut y) = (LEFT, TOP + SIDE + 60.0);
    let bottom = y + (rows - 0.5) * LINE;
    for (number, method) in (1..).zip(Method::ALL) {
        writeln!(out, "<circle class=\"{}\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3.5\"/>", class_of(method), y - 4.0)?;
        writeln!(out, "<text x=\"{:.1}\" y=\"{y:.1}\">{number}  {method}</text>", x + 9.0)?;
        y += LINE;
        if y > bottom {
            (x, y) = (LEFT + column, TOP + SIDE + 60.0);
        }
    }
    Ok(())
}

fn class_of(method: Method) -> &'static str {
    match method {
        Method::Weighed(_) => "weighed",
        Method::Knowing(_) => "bound",
        _ => "other",
    }
}

fn point(tally: &Tally) -> (f64, f64) {
    let (x, y) = (tally.per_10_000(tally.turned_away), tally.per_10_000(tally.oversold));
    (part(x, ACROSS) * SIDE, SIDE - part(y, UP) * SIDE)
}

/// Where a number is on an axis, from 0 to 1. What lies outside is at its end.
fn part(number: f64, (from, to): (f64, f64)) -> f64 {
    let number = number.clamp(from, to);
    (number / from).log10() / (to / from).log10()
}
