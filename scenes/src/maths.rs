//! Functions that give the same bits on every machine: nothing but exact operations.
//!
//! The standard library's sine and exponential differ from platform to platform in the last bit; these do not. They
//! must stay free of `mul_add` and of calls into libm other than floor and square root, which IEEE 754 makes exact.

/// Sine of an angle in turns (1.0 is a full circle), within 0.002.
///
/// A parabola through the zeros and peaks, sharpened once (the classic two-step approximation).
pub fn sin_turns(turns: f32) -> f32 {
    let x = turns - (turns + 0.5).floor();
    let y = 8.0 * x - 16.0 * x * x.abs();
    y * (0.775 + 0.225 * y.abs())
}

/// Cosine of an angle in turns.
pub fn cos_turns(turns: f32) -> f32 {
    sin_turns(turns + 0.25)
}

/// From `a` to `b` as `part` goes from 0 to 1.
pub fn lerp(a: f32, b: f32, part: f32) -> f32 {
    a + (b - a) * part
}

/// [`lerp`] for each colour.
pub fn lerp3(a: [f32; 3], b: [f32; 3], part: f32) -> [f32; 3] {
    [lerp(a[0], b[0], part), lerp(a[1], b[1], part), lerp(a[2], b[2], part)]
}

/// Each colour times a factor.
pub fn scale3(a: [f32; 3], factor: f32) -> [f32; 3] {
    [a[0] * factor, a[1] * factor, a[2] * factor]
}

/// Colour by colour.
pub fn times3(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[0] * b[0], a[1] * b[1], a[2] * b[2]]
}

/// Within 0..1.
pub fn unit(x: f32) -> f32 {
    x.clamp(0.0, 1.0)
}

/// 0 up to `from`, 1 from `to` on, smooth between (cubic).
pub fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let part = unit((x - from) / (to - from));
    part * part * (3.0 - 2.0 * part)
}

/// Length of a vector.
pub fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

/// 1 at 0, falling like a bell with wide skirts; half at about 0.64.
pub fn bell(x: f32) -> f32 {
    let base = 1.0 + x * x;
    1.0 / (base * base)
}

/// Linear light to what a display wants (sRGB), within 0.003; three square roots (Ian Taylor's fit).
pub fn gamma(linear: f32) -> f32 {
    let s1 = linear.sqrt();
    let s2 = s1.sqrt();
    let s3 = s2.sqrt();
    let curve = 0.585_122_4 * s1 + 0.783_140_36 * s2 - 0.368_262_74 * s3;
    if linear < 0.003_130_8 { 12.92 * linear } else { curve }
}
