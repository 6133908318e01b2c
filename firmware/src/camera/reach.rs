//! A bare sensor reached through the media graph: which modes it has, links made and formats set along the way.
//!
//! What the sensor is told while it streams is [`super::sensor`]'s. Must not choose a mode.

use super::bus::{self, CODES};
use super::graph::Route;
use super::{Format, Mode};
use crate::sys::media::{self, Topology};
use crate::sys::subdevice::{self, BusFormat};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Codes and sizes that are looked at: no sensor has as many.
const CODES_MAX: u32 = 64;
const SIZES_MAX: u32 = 32;
/// Parts behind a sensor that are told its format: no camera has as many.
const PARTS_MAX: usize = 32;
/// Rates that are offered, tenths of frames a second: a sensor can be slowed to any; how fast it can be shows when it is set.
const RATES_TENTHS: [u32; 6] = [50, 100, 150, 200, 250, 300];
/// Sizes that are offered of a sensor that makes any.
const ANY_SIZES: [(u32, u32); 3] = [(640, 480), (1280, 720), (320, 240)];

/// A sensor and the way from it to a video device.
pub struct Reach {
    media: File,
    topology: Topology,
    route: Route,
    /// The sensor's own device.
    pub sensor: File,
    /// As its driver names it.
    pub name: String,
}

impl Reach {
    /// The sensor whose pictures come out of a video device; nothing if that is no end of a media graph.
    ///
    /// # Errors
    /// A device of the graph cannot be opened or asked, or nothing leads from a sensor to this one.
    pub fn of(video: &File) -> io::Result<Option<Reach>> {
        if !media::is_end_of_graph(video)? {
            return Ok(None);
        }
        let number = video.metadata()?.rdev();
        let device = (nix::sys::stat::major(number) as u32, nix::sys::stat::minor(number) as u32);
        for path in media_devices() {
            let media = File::options().read(true).write(true).open(path)?;
            let topology = media::topology(&media)?;
            let Some(entity) = topology.entity_of(device) else { continue };
            let missing = |what: &str| io::Error::new(io::ErrorKind::NotFound, what.to_owned());
            let route = topology.route_to(entity).ok_or_else(|| missing("no sensor leads to it"))?;
            let name = topology.name_of(route.sensor).unwrap_or_default().to_owned();
            let sensor = open_part(&topology, route.sensor)?;
            let sensor = sensor.ok_or_else(|| missing("its sensor has no device"))?;
            return Ok(Some(Reach { media, topology, route, sensor, name }));
        }
        Ok(None)
    }

    /// What the sensor can send in formats that we read and the video device writes (`offered`).
    pub fn modes(&self, offered: &[[u8; 4]]) -> Vec<Mode> {
        let pad = self.pad();
        let codes: Vec<u32> =
            (0..CODES_MAX).map_while(|index| subdevice::code(&self.sensor, pad, index)).collect();
        let mut modes = Vec::new();
        for row in CODES.iter().filter(|row| codes.contains(&row.code)) {
            let Some(fourcc) = row.fourccs.iter().find(|fourcc| offered.contains(fourcc)) else { continue };
            for (width, height) in self.sizes(pad, row.code) {
                let mode = |fps_tenths| Mode { format: Format::Raw(*fourcc), width, height, fps_tenths };
                modes.extend(RATES_TENTHS.map(mode));
            }
        }
        modes
    }

    fn sizes(&self, pad: u32, code: u32) -> Vec<(u32, u32)> {
        let ranges = (0..SIZES_MAX).map_while(|index| subdevice::sizes(&self.sensor, pad, code, index));
        let of_range = |[least, most]: [(u32, u32); 2]| {
            if least == most {
                return vec![most];
            }
            let fits = |(width, height): &(u32, u32)| {
                (least.0..=most.0).contains(width) && (least.1..=most.1).contains(height)
            };
            ANY_SIZES.into_iter().filter(fits).collect()
        };
        ranges.flat_map(of_range).collect()
    }

    /// Makes the links and sets the format on every part that the sensor's pictures pass, wherever they go: a pipeline whose other branches do not
    /// fit is refused as a whole. The mode as the sensor takes it.
    ///
    /// # Errors
    /// A part refuses.
    pub fn configure(&self, mode: Mode) -> io::Result<Mode> {
        for step in self.topology.in_the_way(&self.route) {
            media::set_link(&self.media, step.source, step.sink, false)?;
        }
        for step in self.route.steps.iter().filter(|step| step.is_to_be_made) {
            media::set_link(&self.media, step.source, step.sink, true)?;
        }
        let unknown = || io::Error::from(io::ErrorKind::Unsupported);
        let code = bus::code_of(mode.format.fourcc()).ok_or_else(unknown)?;
        let wanted = BusFormat::new(code, mode.width, mode.height);
        let taken = subdevice::set_format(&self.sensor, self.pad(), wanted)?;
        if taken.code != code {
            return Err(unknown());
        }
        // As it is after the links were made.
        self.pass_on(&media::topology(&self.media)?)?;
        Ok(Mode { width: taken.width, height: taken.height, ..mode })
    }

    /// Tells each part behind the sensor what comes in, in the order in which it does.
    fn pass_on(&self, topology: &Topology) -> io::Result<()> {
        let mut parts = VecDeque::from([self.route.sensor]);
        for _ in 0..PARTS_MAX {
            let Some(part) = parts.pop_front() else { break };
            let Some(from) = open_part(topology, part)? else { continue };
            for step in topology.steps_from(part) {
                let comes = subdevice::format(&from, step.source.index)?;
                // What has no such device is where pictures come out: its format is set by who reads them.
                if let Some(to) = open_part(topology, step.sink.entity)?
                    && subdevice::set_format(&to, step.sink.index, comes).is_ok()
                {
                    parts.push_back(step.sink.entity);
                }
            }
        }
        Ok(())
    }

    /// Where pictures leave the sensor.
    fn pad(&self) -> u32 {
        self.topology.sources_of(self.route.sensor).next().map_or(0, |pad| pad.index)
    }
}

/// The media devices in the order of their numbers.
fn media_devices() -> Vec<PathBuf> {
    super::device::numbered("media")
}

/// The device of a part, opened; nothing if it has none.
fn open_part(topology: &Topology, entity: u32) -> io::Result<Option<File>> {
    let Some((major, minor)) = topology.device_of(entity) else { return Ok(None) };
    let described = std::fs::read_to_string(format!("/sys/dev/char/{major}:{minor}/uevent"))?;
    let Some(name) = described.lines().find_map(|line| line.strip_prefix("DEVNAME=")) else {
        return Ok(None);
    };
    File::options().read(true).write(true).open(Path::new("/dev").join(name)).map(Some)
}
