//! The media controller (linux/media.h): which parts a camera has and how they are linked; links made.
//!
//! No policy: who wants which link is the caller's business.

use nix::errno::Errno;
use std::os::fd::{AsFd, AsRawFd};

/// Parts of each kind that are asked for: twenty times what a camera has.
const PARTS_MAX: usize = 256;

/// `struct media_v2_entity`.
#[repr(C)]
#[derive(Clone, Copy)]
struct RawEntity {
    id: u32,
    name: [u8; 64],
    function: u32,
    flags: u32,
    reserved: [u32; 5],
}

/// `struct media_v2_interface`, its union being that of a device node.
#[repr(C)]
#[derive(Clone, Copy)]
struct RawInterface {
    id: u32,
    kind: u32,
    flags: u32,
    reserved: [u32; 9],
    major: u32,
    minor: u32,
    rest: [u32; 14],
}

/// `struct media_v2_pad`.
#[repr(C)]
#[derive(Clone, Copy)]
struct RawPad {
    id: u32,
    entity: u32,
    flags: u32,
    index: u32,
    reserved: [u32; 4],
}

/// `struct media_v2_link`.
#[repr(C)]
#[derive(Clone, Copy)]
struct RawLink {
    id: u32,
    source: u32,
    sink: u32,
    flags: u32,
    reserved: [u32; 6],
}

/// Of `struct media_v2_topology`: how many parts there is room for, and where.
#[repr(C)]
#[derive(Clone, Copy)]
struct List {
    count: u32,
    reserved: u32,
    address: u64,
}

/// `struct media_v2_topology`.
#[repr(C)]
struct RawTopology {
    version: u64,
    entities: List,
    interfaces: List,
    pads: List,
    links: List,
}

/// `struct media_pad_desc`.
#[repr(C)]
#[derive(Default)]
struct PadDescription {
    entity: u32,
    index: u16,
    flags: u32,
    reserved: [u32; 2],
}

/// `struct media_link_desc`.
#[repr(C)]
#[derive(Default)]
struct LinkDescription {
    source: PadDescription,
    sink: PadDescription,
    flags: u32,
    reserved: [u32; 2],
}

/// `struct v4l2_capability`.
#[repr(C)]
#[derive(Default)]
struct Capability {
    names: [u64; 10],
    version: u32,
    all: u32,
    device: u32,
    reserved: [u32; 3],
}

// The kernel's sizes; a wrong layout must not compile.
const _: () = assert!(size_of::<RawEntity>() == 96);
const _: () = assert!(size_of::<RawInterface>() == 112);
const _: () = assert!(size_of::<RawPad>() == 32);
const _: () = assert!(size_of::<RawLink>() == 40);
const _: () = assert!(size_of::<RawTopology>() == 72);
const _: () = assert!(size_of::<LinkDescription>() == 52);
const _: () = assert!(size_of::<Capability>() == 104);

/// `V4L2_CAP_IO_MC`: what the device captures is decided by the links and formats of a media graph.
const CAPABILITY_GRAPH: u32 = 0x2000_0000;
/// `V4L2_CAP_VIDEO_CAPTURE`.
const CAPABILITY_CAPTURE: u32 = 1;
/// `MEDIA_LNK_FL_ENABLED`.
const LINK_ENABLED: u32 = 1;

/// The requests of linux/media.h and linux/videodev2.h, as functions.
#[allow(missing_docs)]
mod request {
    use super::{Capability, LinkDescription, RawTopology};
    nix::ioctl_readwrite!(setup_link, b'|', 3, LinkDescription);
    nix::ioctl_readwrite!(topology, b'|', 4, RawTopology);
    nix::ioctl_read!(capability, b'V', 0, Capability);
}

/// A part of a camera: sensor, receiver, scaler, or where pictures come out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entity {
    /// Its number.
    pub id: u32,
    /// As its driver names it.
    pub name: String,
    /// `MEDIA_ENT_F_...`.
    pub function: u32,
}

/// A device node of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// Its number.
    pub id: u32,
    /// Major and minor number of the device.
    pub device: (u32, u32),
}

/// Where links begin and end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pad {
    /// Its number.
    pub id: u32,
    /// Whose.
    pub entity: u32,
    /// Which of its entity's.
    pub index: u32,
    /// Pictures leave here; else they come in.
    pub is_source: bool,
}

/// From a pad to a pad, or from an interface to the entity that it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Number of the pad or interface.
    pub source: u32,
    /// Number of the pad or entity.
    pub sink: u32,
    /// `MEDIA_LNK_FL_...`.
    pub flags: u32,
}

/// All of a camera.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// Parts.
    pub entities: Vec<Entity>,
    /// Device nodes.
    pub interfaces: Vec<Interface>,
    /// Pads.
    pub pads: Vec<Pad>,
    /// Links.
    pub links: Vec<Link>,
}

/// Reads all of a media device.
///
/// # Errors
/// [`Errno::ENOSPC`] if it has more parts than any camera.
pub fn topology(media: &impl AsFd) -> Result<Topology, Errno> {
    let mut entities =
        [RawEntity { id: 0, name: [0; 64], function: 0, flags: 0, reserved: [0; 5] }; PARTS_MAX];
    let none = RawInterface { id: 0, kind: 0, flags: 0, reserved: [0; 9], major: 0, minor: 0, rest: [0; 14] };
    let mut interfaces = [none; PARTS_MAX];
    let mut pads = [RawPad { id: 0, entity: 0, flags: 0, index: 0, reserved: [0; 4] }; PARTS_MAX];
    let mut links = [RawLink { id: 0, source: 0, sink: 0, flags: 0, reserved: [0; 6] }; PARTS_MAX];
    let list = |address: u64| List { count: PARTS_MAX as u32, reserved: 0, address };
    let mut raw = RawTopology {
        version: 0,
        entities: list(entities.as_mut_ptr() as u64),
        interfaces: list(interfaces.as_mut_ptr() as u64),
        pads: list(pads.as_mut_ptr() as u64),
        links: list(links.as_mut_ptr() as u64),
    };
    // SAFETY: the descriptor is open for the call. Each list's address is that of an array of ours with as many places as its count says,
    // of the kernel's layout, which nothing else refers to while the kernel writes at most that many.
    unsafe { request::topology(media.as_fd().as_raw_fd(), &mut raw) }?;
    // The counts are now those of what there is. Each place holds numbers only: any bytes are a value.
    let given = |list: List| PARTS_MAX.min(list.count as usize);
    Ok(Topology {
        entities: entities[..given(raw.entities)]
            .iter()
            .map(|raw| Entity { id: raw.id, name: text(&raw.name), function: raw.function })
            .collect(),
        interfaces: interfaces[..given(raw.interfaces)]
            .iter()
            .map(|raw| Interface { id: raw.id, device: (raw.major, raw.minor) })
            .collect(),
        pads: pads[..given(raw.pads)]
            .iter()
            .map(|raw| Pad {
                id: raw.id,
                entity: raw.entity,
                index: raw.index,
                is_source: raw.flags & 2 != 0,
            })
            .collect(),
        links: links[..given(raw.links)]
            .iter()
            .map(|raw| Link { source: raw.source, sink: raw.sink, flags: raw.flags })
            .collect(),
    })
}

/// Makes a link from pad to pad, or takes it away.
pub fn set_link(media: &impl AsFd, source: Pad, sink: Pad, is_enabled: bool) -> Result<(), Errno> {
    let end = |pad: Pad| PadDescription {
        entity: pad.entity,
        // No entity has that many pads.
        index: pad.index as u16,
        ..PadDescription::default()
    };
    let mut link = LinkDescription {
        source: end(source),
        sink: end(sink),
        flags: if is_enabled { LINK_ENABLED } else { 0 },
        ..LinkDescription::default()
    };
    // SAFETY: the descriptor is open for the call; `link` has the kernel's layout and is exclusively ours.
    unsafe { request::setup_link(media.as_fd().as_raw_fd(), &mut link) }.map(drop)
}

/// Whether a video device captures what a media graph brings to it.
pub fn is_end_of_graph(video: &impl AsFd) -> Result<bool, Errno> {
    let mut said = Capability::default();
    // SAFETY: the descriptor is open for the call; `said` has the kernel's layout and is exclusively ours.
    unsafe { request::capability(video.as_fd().as_raw_fd(), &mut said) }?;
    let wanted = CAPABILITY_GRAPH | CAPABILITY_CAPTURE;
    Ok(said.device & wanted == wanted)
}

/// Up to the first zero.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
