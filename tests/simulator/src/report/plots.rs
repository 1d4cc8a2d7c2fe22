//! The pictures: SVG by `plotters`, with colours that follow the page's light or dark scheme.
#![allow(clippy::float_arithmetic, reason = "pictures for people")]

use super::{Colour, colour_of};
use crate::experiment::{Results, Who, WorldResult, of_oracle, tries};
use crate::issuer::Kind;
use crate::stats::{Estimate, share};
use crate::tally::HOURS;
use plotters::coord::Shift;
use plotters::prelude::*;

type Drawn = Result<(), Box<dyn std::error::Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Stand-ins, replaced by the page's own colours once the picture is drawn.
const INK: RGBColor = RGBColor(1, 2, 3);
const FAINT: RGBColor = RGBColor(4, 5, 6);

fn stand_in(colour: Colour) -> RGBColor {
    RGBColor(7, 8, 10 + colour as u8)
}

/// One picture, as text to be put into the page.
fn picture(
    (width, height): (u32, u32),
    label: &str,
    draw: impl FnOnce(&Area<'_>) -> Drawn,
) -> String {
    let mut svg = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        draw(&area).and_then(|()| area.present().map_err(Into::into))
    };
    if let Err(problem) = drawn {
        return format!(
            "<p>This picture could not be drawn: {}</p>",
            super::escaped(&problem.to_string())
        );
    }
    themed(&svg, (width, height), label)
}

fn themed(svg: &str, (width, height): (u32, u32), label: &str) -> String {
    let hex = |of: RGBColor| format!("#{:02X}{:02X}{:02X}", of.0, of.1, of.2);
    let mut svg = svg.replace(&hex(INK), "var(--ink)").replace(&hex(FAINT), "var(--faint)");
    for colour in Colour::ALL {
        svg = svg.replace(&hex(stand_in(colour)), colour.css());
    }
    let head = format!("<svg width=\"{width}\" height=\"{height}\"");
    let label = super::escaped(label);
    svg.replacen(&head, &format!("<svg role=\"img\" aria-label=\"{label}\""), 1)
}

fn text<'a>(size: i32) -> TextStyle<'a> {
    ("sans-serif", size).into_font().color(&INK)
}

/// How much of the failed value had come after so many days.
pub(super) fn curves(results: &Results, result: &WorldResult) -> String {
    let label = format!("{}: share of the failed value recovered, by day", result.world.name);
    picture((440, 280), &label, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(6)
            .margin_right(14)
            .x_label_area_size(34)
            .y_label_area_size(42)
            .build_cartesian_2d(0.0..30.0, 0.0..100.0)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(FAINT)
            .axis_style(FAINT)
            .label_style(text(13))
            .x_labels(7)
            .y_labels(6)
            .x_label_formatter(&|day| format!("{day:.0}"))
            .y_label_formatter(&|percent| format!("{percent:.0} %"))
            .x_desc("days after the first failure")
            .draw()?;
        for (who, name) in results.everybody() {
            let colour = stand_in(colour_of(name));
            let width = if who == results.shipped() { 3 } else { 2 };
            let points = curve(result, who);
            let style = colour.stroke_width(width);
            if who == Who::Oracle {
                chart.draw_series(DashedLineSeries::new(points, 6, 4, style))?;
            } else {
                chart.draw_series(LineSeries::new(points, style))?;
            }
        }
        Ok(())
    })
}

/// Points every four hours: more cannot be seen.
fn curve(result: &WorldResult, who: Who) -> Vec<(f64, f64)> {
    const STEP: usize = 4;
    let sum = result.sum(who);
    let mut so_far = 0;
    let mut points = vec![(0.0, 0.0)];
    for (hour, minor) in sum.hours_minor.iter().enumerate().take(HOURS) {
        so_far += minor;
        if hour % STEP == STEP - 1 {
            let day = (hour + 1) as f64 / 24.0;
            points.push((day, 100.0 * share(so_far, sum.failed.minor)));
        }
    }
    points
}

/// The share of the oracle's value, world by world, with intervals; and the goal.
pub(super) fn shares(results: &Results) -> String {
    let worlds = &results.worlds;
    let rows = worlds.len() as f64;
    let height = 60 + 46 * u32::try_from(worlds.len()).unwrap_or(20);
    picture((900, height), "Share of the oracle's value by world and policy", |area| {
        let lowest = everything(results).map(|estimate| estimate.low()).fold(0.9, f64::min);
        let from = (lowest * 20.0).floor() * 5.0;
        let mut chart = ChartBuilder::on(area)
            .margin(6)
            .margin_right(24)
            .x_label_area_size(36)
            .y_label_area_size(150)
            .build_cartesian_2d(from..100.5, 0.0..rows)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(FAINT)
            .label_style(text(14))
            .y_labels(0)
            .x_labels(8)
            .x_label_formatter(&|percent| format!("{percent:.0} %"))
            .x_desc("of the value that the oracle recovers")
            .draw()?;
        let goal = vec![(90.0, 0.0), (90.0, rows)];
        chart.draw_series(DashedLineSeries::new(goal, 4, 4, FAINT.stroke_width(2)))?;
        for (at, result) in worlds.iter().enumerate() {
            let top = rows - at as f64;
            chart.draw_series([PathElement::new(vec![(from, top), (100.5, top)], FAINT)])?;
            let name = text(14).pos(plotters::style::text_anchor::Pos::new(
                plotters::style::text_anchor::HPos::Right,
                plotters::style::text_anchor::VPos::Center,
            ));
            let (x, y) = chart.backend_coord(&(from, top - 0.5));
            area.draw_text(result.world.name, &name, (x - 10, y))?;
            let contestants = results.contestants.len() as f64;
            for (place, (name, _)) in results.contestants.iter().enumerate() {
                let estimate = result.estimate(Who::Contestant(place), of_oracle);
                let colour = stand_in(colour_of(name));
                let y = top - (place as f64 + 1.0) / (contestants + 1.0);
                let line = vec![(100.0 * estimate.low(), y), (100.0 * estimate.high(), y)];
                chart.draw_series([PathElement::new(line, colour.stroke_width(2))])?;
                let middle = (100.0 * estimate.mean, y);
                chart.draw_series([Circle::new(middle, 4, colour.filled())])?;
            }
        }
        Ok(())
    })
}

fn everything(results: &Results) -> impl Iterator<Item = Estimate> + '_ {
    results.worlds.iter().flat_map(|result| {
        let places = 0..results.contestants.len();
        places.map(|place| result.estimate(Who::Contestant(place), of_oracle))
    })
}

/// What a try brings: tries against the share of the oracle's value, one point for each policy and
/// world.
pub(super) fn efforts(results: &Results) -> String {
    picture(
        (900, 380),
        "Tries for each failed invoice against the share of the oracle's value",
        |area| {
            let most = results.worlds.iter().flat_map(|result| {
                (0..results.contestants.len())
                    .map(|place| result.estimate(Who::Contestant(place), tries).mean)
            });
            let most = most.fold(1.0, f64::max) * 1.08;
            let lowest = everything(results).map(|estimate| estimate.mean).fold(0.9, f64::min);
            let from = (lowest * 20.0).floor() * 5.0;
            let mut chart = ChartBuilder::on(area)
                .margin(6)
                .margin_right(20)
                .x_label_area_size(36)
                .y_label_area_size(50)
                .build_cartesian_2d(0.0..most, from..100.5)?;
            chart
                .configure_mesh()
                .light_line_style(TRANSPARENT)
                .bold_line_style(FAINT)
                .axis_style(FAINT)
                .label_style(text(14))
                .x_labels(9)
                .y_labels(7)
                .x_label_formatter(&|tries| format!("{tries:.1}"))
                .y_label_formatter(&|percent| format!("{percent:.0} %"))
                .x_desc("automatic tries for each failed invoice")
                .draw()?;
            for result in &results.worlds {
                for (place, (name, _)) in results.contestants.iter().enumerate() {
                    let who = Who::Contestant(place);
                    let point = (
                        result.estimate(who, tries).mean,
                        100.0 * result.estimate(who, of_oracle).mean,
                    );
                    let colour = stand_in(colour_of(name));
                    let style =
                        if result.world.tuned { colour.stroke_width(2) } else { colour.filled() };
                    chart.draw_series([Circle::new(point, 5, style)])?;
                }
            }
            Ok(())
        },
    )
}

/// By kind of decline, over the worlds given: what was recovered by count.
pub(super) fn kinds(results: &Results, worlds: &[&WorldResult]) -> String {
    let height = 50 + 56 * u32::try_from(Kind::ALL.len()).unwrap_or(8);
    picture((900, height), "Recovered invoices by kind of decline", |area| {
        let rows = Kind::ALL.len() as f64;
        let mut chart = ChartBuilder::on(area)
            .margin(6)
            .margin_right(60)
            .x_label_area_size(34)
            .y_label_area_size(170)
            .build_cartesian_2d(0.0..100.0, 0.0..rows)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(FAINT)
            .axis_style(FAINT)
            .label_style(text(14))
            .y_labels(0)
            .x_labels(6)
            .x_label_formatter(&|percent| format!("{percent:.0} %"))
            .draw()?;
        let everybody: Vec<(Who, &str)> = results.everybody().collect();
        let bars = everybody.len() as f64;
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            let top = rows - at as f64;
            let right = plotters::style::text_anchor::Pos::new(
                plotters::style::text_anchor::HPos::Right,
                plotters::style::text_anchor::VPos::Center,
            );
            let (x, y) = chart.backend_coord(&(0.0, top - 0.5));
            area.draw_text(kind.text(), &text(14).pos(right), (x - 10, y))?;
            for (place, (who, name)) in everybody.iter().enumerate() {
                let (failed, recovered) = of_kind(worlds, *who, kind);
                let upper = top - 0.08 - 0.84 * place as f64 / bars;
                let lower = upper - 0.84 / bars;
                let value = 100.0 * share(recovered, failed);
                let bar = [(0.0, upper), (value, lower + 0.02)];
                let colour = stand_in(colour_of(name));
                chart.draw_series([Rectangle::new(bar, colour.filled())])?;
            }
        }
        Ok(())
    })
}

/// Failed and recovered invoices of a kind.
pub(super) fn of_kind(worlds: &[&WorldResult], who: Who, kind: Kind) -> (u64, u64) {
    let mut sum = (0, 0);
    for result in worlds {
        if let Some((failed, recovered)) = result.sum(who).kinds.get(kind as usize) {
            sum = (sum.0 + failed.count, sum.1 + recovered.count);
        }
    }
    sum
}
