//! What kind of camera it is: the numbers of its sensor and of its control loops.
//!
//! Values are those of cheap 1/3" to 1/4" sensors as they sit in webcams and doorbells.

/// A camera's numbers.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Time between frames, in microseconds.
    pub frame_us: u64,
    /// Electrons of a white pixel at gain 1.
    pub full_well_e: f32,
    /// Read noise in electrons.
    pub read_e: f32,
    /// Exposure (relative) up to which the shutter alone does it; beyond, gain amplifies the noise too.
    pub shutter_max: f32,
    /// Largest gain.
    pub gain_max: f32,
    /// Mean luma, 0 to 1, that exposure aims at.
    pub target: f32,
    /// Frames between metering and a change of exposure.
    pub lag_frames: u32,
    /// Largest change at once, in steps of three percent.
    pub step_max: i32,
    /// Exposure that never finds its rest: part of the mean by which its aim swings.
    pub hunting: f32,
    /// White balance that never finds its rest: part of the colour gains by which its aim swings.
    pub tinting: f32,
    /// Brightness that mains light takes and gives in rolling bands, as a part.
    pub bands: f32,
    /// Pixels in a million that glow of themselves at high gain.
    pub hot_per_million: f32,
    /// Compression artefacts, 0 to 1.
    pub blocking: Option<f32>,
    /// The camera shakes by so much (picture heights, at full wind).
    pub shake: f32,
    /// No noise, and loops that hold still once settled: for tests that compare pixels with the truth.
    pub is_ideal: bool,
}

/// A webcam outdoors by day.
pub const DAY: Settings = Settings {
    frame_us: 40_000,
    full_well_e: 7_000.0,
    read_e: 6.0,
    shutter_max: 8.0,
    gain_max: 24.0,
    target: 0.44,
    lag_frames: 3,
    step_max: 4,
    hunting: 0.0,
    tinting: 0.0,
    bands: 0.0,
    hot_per_million: 0.0,
    blocking: None,
    shake: 0.0,
    is_ideal: false,
};

/// The same by night: warm, with hot pixels.
pub const NIGHT: Settings = Settings { target: 0.34, hot_per_million: 60.0, ..DAY };
