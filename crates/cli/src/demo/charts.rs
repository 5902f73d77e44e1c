//! Charts as SVG text: lines, stacked areas, bars. Titles and legends are the page's.

use std::ops::Range;

use anyhow::{Result, anyhow};
use plotters::{
    coord::{
        Shift,
        ranged1d::{DefaultFormatting, KeyPointHint, Ranged},
        types::RangedCoordf64,
    },
    prelude::*,
};

use crate::figures::grouped;

/// Width and height of a chart in its own units; the page scales it.
const SIZE: (u32, u32) = (960, 300);
const GRID: RGBColor = RGBColor(228, 231, 236);
const INK: RGBColor = RGBColor(71, 84, 103);
const LABEL_SIZE: u32 = 14;

/// Colours, by what they stand for.
pub(crate) mod colour {
    use plotters::style::RGBColor;

    pub(crate) const PRICE: RGBColor = RGBColor(29, 78, 137);
    pub(crate) const SECOND: RGBColor = RGBColor(127, 166, 209);
    pub(crate) const LOSS: RGBColor = RGBColor(190, 49, 68);
    pub(crate) const WARM: RGBColor = RGBColor(224, 142, 54);
    pub(crate) const GOOD: RGBColor = RGBColor(46, 125, 91);
    /// From insolvent to safe.
    pub(crate) const HEALTH: [RGBColor; 6] = [
        RGBColor(190, 49, 68),
        RGBColor(224, 142, 54),
        RGBColor(242, 201, 110),
        RGBColor(190, 214, 170),
        RGBColor(120, 178, 145),
        RGBColor(46, 125, 91),
    ];

    /// As CSS writes it.
    pub(crate) fn css(colour: RGBColor) -> String {
        format!("rgb({},{},{})", colour.0, colour.1, colour.2)
    }
}

/// The frame of a chart over time: hours since the first midnight, and the labels at midnights.
#[derive(Clone, Debug)]
pub(crate) struct Time {
    pub(crate) hours: Range<f64>,
    pub(crate) midnights: Vec<(f64, String)>,
}

/// How the vertical axis writes its values.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Dollars,
    Thousands,
    Millions,
    Count,
}

impl Unit {
    fn text(self, value: f64) -> String {
        match self {
            Self::Dollars => format!("${}", grouped(value.max(0.0).round() as u128)),
            Self::Thousands => format!("${}k", grouped((value.max(0.0) / 1e3).round() as u128)),
            // as many digits as the value needs: 5, 2.5
            Self::Millions => format!("${}M", (value / 1e4).round() / 1e2),
            Self::Count => format!("{value:.0}"),
        }
    }
}

/// A mark on a chart: where, and in which colour.
pub(crate) type Mark = ((f64, f64), RGBColor);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Labelled, RangedCoordf64>>;

/// A horizontal axis with labels at chosen places only.
#[derive(Clone, Debug)]
struct Labelled {
    range: Range<f64>,
    places: Vec<f64>,
}

impl Ranged for Labelled {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        limit.0 + (f64::from(limit.1 - limit.0) * share).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.places.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// Lines over time and marks on them.
pub(crate) fn lines(
    time: &Time,
    values: Range<f64>,
    unit: Unit,
    series: &[(RGBColor, Vec<(f64, f64)>)],
    marks: &[Mark],
) -> Result<String> {
    over_time(time, values, unit, |chart| {
        for (colour, points) in series {
            let style = ShapeStyle::from(colour).stroke_width(2);
            chart.draw_series(LineSeries::new(points.iter().copied(), style)).map_err(broken)?;
        }
        let circles = marks.iter().map(|&(at, colour)| Circle::new(at, 4, colour.filled()));
        chart.draw_series(circles).map_err(broken)?;
        Ok(())
    })
}

/// Areas on top of each other over time: at each point of time a value for each colour, the lowest first.
pub(crate) fn stacked<const N: usize>(
    time: &Time,
    most: f64,
    unit: Unit,
    colours: [RGBColor; N],
    points: &[(f64, [f64; N])],
) -> Result<String> {
    over_time(time, 0.0..most, unit, |chart| {
        for (layer, colour) in colours.iter().enumerate() {
            let height = |values: &[f64; N], count: usize| values.iter().take(count).sum::<f64>();
            let below = points.iter().map(|(x, v)| (*x, height(v, layer)));
            let above = points.iter().rev().map(|(x, v)| (*x, height(v, layer + 1)));
            let outline: Vec<(f64, f64)> = below.chain(above).collect();
            chart.draw_series([Polygon::new(outline, colour.filled())]).map_err(broken)?;
        }
        Ok(())
    })
}

/// Bars over time, each as wide as its range.
pub(crate) fn bars(
    time: &Time,
    most: f64,
    unit: Unit,
    colour: RGBColor,
    bars: &[(Range<f64>, f64)],
) -> Result<String> {
    over_time(time, 0.0..most, unit, |chart| {
        let shapes = bars
            .iter()
            .map(|(x, height)| Rectangle::new([(x.start, 0.0), (x.end, *height)], colour.filled()));
        chart.draw_series(shapes).map_err(broken)?;
        Ok(())
    })
}

/// Pairs of bars side by side, one pair for each name.
pub(crate) fn pairs(
    names: &[String],
    most: f64,
    unit: Unit,
    colours: [RGBColor; 2],
    values: &[[f64; 2]],
) -> Result<String> {
    svg(|area| {
        let label = |x: &f64| {
            let index = *x - 0.5;
            // Every bar's name when there is room, every other one when not.
            let stride = names.len().div_ceil(16).max(1);
            let whole = index.round();
            match names.get(whole as usize) {
                Some(name) if whole >= 0.0 && (whole as usize).is_multiple_of(stride) => name.clone(),
                _ => String::new(),
            }
        };
        let places = (0..names.len()).map(|i| i as f64 + 0.5).collect();
        let x = Labelled { range: 0.0..names.len().max(1) as f64, places };
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .margin_right(20)
            .x_label_area_size(30)
            .y_label_area_size(64)
            .build_cartesian_2d(x, 0.0..most)
            .map_err(broken)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(("sans-serif", LABEL_SIZE).into_font().color(&INK))
            .y_labels(6)
            .x_labels(names.len().max(1))
            .x_label_formatter(&label)
            .y_label_formatter(&|y| unit.text(*y))
            .draw()
            .map_err(broken)?;
        for (side, colour) in colours.iter().enumerate() {
            let shapes = values.iter().enumerate().map(|(i, pair)| {
                let left = i as f64 + 0.12 + 0.38 * side as f64;
                Rectangle::new([(left, 0.0), (left + 0.36, pair[side])], colour.filled())
            });
            chart.draw_series(shapes).map_err(broken)?;
        }
        Ok(())
    })
}

fn over_time(
    time: &Time,
    values: Range<f64>,
    unit: Unit,
    draw: impl FnOnce(&mut Chart<'_, '_>) -> Result<()>,
) -> Result<String> {
    svg(|area| {
        let places = time.midnights.iter().map(|(at, _)| *at).collect();
        let hours = Labelled { range: time.hours.clone(), places };
        let mut chart = ChartBuilder::on(area)
            .margin(8)
            .margin_right(20)
            .x_label_area_size(30)
            .y_label_area_size(64)
            .build_cartesian_2d(hours, values)
            .map_err(broken)?;
        let label = |x: &f64| {
            let near = time.midnights.iter().find(|(at, _)| (at - x).abs() < 0.01);
            near.map_or_else(String::new, |(_, name)| name.clone())
        };
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(INK)
            .label_style(("sans-serif", LABEL_SIZE).into_font().color(&INK))
            .x_labels(6)
            .y_labels(6)
            .x_label_formatter(&label)
            .y_label_formatter(&|y| unit.text(*y))
            .draw()
            .map_err(broken)?;
        draw(&mut chart)
    })
}

fn svg(draw: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw(&area)?;
        area.present().map_err(broken)?;
    }
    Ok(text)
}

fn broken(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("drawing a chart: {error}")
}
