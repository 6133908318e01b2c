//! The camera against its own model: noise, exposure, white balance, bands.

use super::settings::{DAY, NIGHT};
use super::{Camera, Exposing, Settings, develop::variances};
use crate::maths::gamma;
use crate::picture::Picture;
use crate::plane::Rgb;

const SIZE: (usize, usize) = (96, 64);

fn flat(level: f32) -> Rgb {
    let mut radiance = Rgb::new(SIZE.0, SIZE.1);
    for plane in &mut radiance.planes {
        plane.fill(level);
    }
    radiance
}

fn exposing(index: u64) -> Exposing {
    Exposing { index, t: index as f64 * 0.04, is_infrared: false, defocus_px: 0.0 }
}

/// Mean over time, and variance over time, of the luma in the middle of the picture, where no vignette falls.
fn middle(settings: Settings, level: f32) -> (f64, f64, f32) {
    let mut camera = Camera::new(settings, SIZE.0, SIZE.1, 5);
    let mut picture = Picture::new();
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for index in 0..60 {
        camera.expose(&mut flat(level), exposing(index), &mut picture);
        for row in 26..38 {
            for column in 40..56 {
                let value = f64::from(picture.luma[row * SIZE.0 + column]);
                (sum, squares, count) = (sum + value, squares + value * value, count + 1.0);
            }
        }
    }
    let mean = sum / count;
    (mean, squares / count - mean * mean, camera.exposure.total())
}

/// G6: the noise of a flat wall is what shot noise and read noise make of it, by day and at high gain.
#[test]
fn noise_follows_the_model() {
    for (settings, level) in [(DAY, 0.4), (DAY, 0.05), (NIGHT, 0.004), (NIGHT, 0.0015)] {
        let settings = Settings { hot_per_million: 0.0, ..settings };
        let (mean, variance, exposure) = middle(settings, level);
        let signal = (level * exposure).min(1.0);
        let (shot, read) = variances(&settings, exposure);
        // How much coded luma changes with linear signal there; luma is a weighted sum of three noises.
        let slope = f64::from((gamma(signal * 1.02) - gamma(signal * 0.98)) / (signal * 0.04)) * 255.0;
        let weights = 0.299_f64.powi(2) + 0.587_f64.powi(2) + 0.114_f64.powi(2);
        let expected = f64::from(signal * shot + read) * slope * slope * weights + 1.0 / 12.0;
        assert!(
            (variance / expected - 1.0).abs() < 0.2,
            "{level}: mean {mean}, {variance}, expected {expected}"
        );
    }
}

/// G6: each frame has noise of its own, and no pixel's noise is told by the frame before.
#[test]
fn noise_is_new_in_every_frame() {
    let mut camera = Camera::new(DAY, SIZE.0, SIZE.1, 5);
    let mut pictures = [Picture::new(), Picture::new()];
    for (index, picture) in pictures.iter_mut().enumerate() {
        camera.expose(&mut flat(0.3), exposing(index as u64), picture);
    }
    let of = |picture: &Picture| -> Vec<f64> {
        let mean = picture.luma.iter().map(|v| f64::from(*v)).sum::<f64>() / picture.luma.len() as f64;
        let middle = (26..38).flat_map(|row| (40..56).map(move |column| row * SIZE.0 + column));
        middle.map(|index| f64::from(picture.luma[index]) - mean).collect()
    };
    let (a, b) = (of(&pictures[0]), of(&pictures[1]));
    let centre = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (centre(&a), centre(&b));
    let product = |x: &[f64], y: &[f64], mx: f64, my: f64| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum()
    };
    let both = product(&a, &b, mean_a, mean_b);
    let correlation = both / (product(&a, &a, mean_a, mean_a) * product(&b, &b, mean_b, mean_b)).sqrt();
    assert!(correlation.abs() < 0.3, "{correlation}");
}

/// G7: exposure comes back to its aim after the light has changed, and not within a frame.
#[test]
fn exposure_follows_with_lag() {
    let mut camera = Camera::new(DAY, SIZE.0, SIZE.1, 5);
    let mut picture = Picture::new();
    let mean = |picture: &Picture| {
        picture.luma.iter().map(|v| f32::from(*v)).sum::<f32>() / (255 * picture.luma.len()) as f32
    };
    let mut means = Vec::new();
    for index in 0..160 {
        let level = if index < 10 { 0.3 } else { 0.1 };
        camera.expose(&mut flat(level), exposing(index), &mut picture);
        means.push(mean(&picture));
    }
    let aim = DAY.target;
    assert!((means[9] / aim - 1.0).abs() < 0.1, "settled from the first frame: {}", means[9]);
    assert!(means[11] < 0.75 * means[9], "nobody is that fast: {}", means[11]);
    assert!((means[159] / aim - 1.0).abs() < 0.1, "back: {}", means[159]);
}

/// G7: white balance takes a part of a cast away, slowly.
#[test]
fn balance_follows_a_cast() {
    let mut camera = Camera::new(DAY, SIZE.0, SIZE.1, 5);
    let mut picture = Picture::new();
    let mut reds = Vec::new();
    for index in 0..300 {
        let mut radiance = flat(0.3);
        if index >= 5 {
            radiance.planes[0].fill(0.45);
        }
        camera.expose(&mut radiance, exposing(index), &mut picture);
        reds.push(picture.red.iter().map(|v| f32::from(*v)).sum::<f32>() / picture.red.len() as f32 - 128.0);
    }
    assert!(reds[4].abs() < 3.0 && reds[6] > 10.0, "{} {}", reds[4], reds[6]);
    assert!(reds[299] < 0.75 * reds[6], "{} {}", reds[6], reds[299]);
}

/// G7: bands of mains light differ from row to row, and roll.
#[test]
fn mains_light_makes_rolling_bands() {
    let settings = Settings { bands: 0.15, is_ideal: true, ..DAY };
    let mut camera = Camera::new(settings, SIZE.0, SIZE.1, 5);
    let mut rows = Vec::new();
    for index in [0, 20] {
        let mut picture = Picture::new();
        camera.expose(&mut flat(0.3), exposing(index), &mut picture);
        rows.push((16..48).map(|row| i32::from(picture.luma[row * SIZE.0 + 48])).collect::<Vec<i32>>());
    }
    let (low, high) = (rows[0].iter().min().unwrap_or(&0), rows[0].iter().max().unwrap_or(&0));
    assert!(high - low >= 8, "{low} {high}");
    assert!(rows[0].iter().zip(&rows[1]).any(|(a, b)| (a - b).abs() >= 2), "they stand still");
}
