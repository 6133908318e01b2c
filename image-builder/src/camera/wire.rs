//! usb-redir messages: bytes to `Message` and back. No state of a device, no I/O.
//!
//! Protocol: "USB Network Redirection protocol description version 0.7" of the spice project's usbredir. All integers
//! are little-endian and packed. We insist on the capabilities that QEMU has had since 1.4, so every message has one
//! layout; only the hello message has a header with a 32-bit id, as nothing is agreed before it.

use std::ops::Range;

use super::layout::{bulk, control, device_connect, ep_info, header, hello, interface_info, kind};

/// Capability bits (bit = value of the protocol's enum).
pub mod caps {
    /// `device_connect` carries the device version.
    pub const CONNECT_DEVICE_VERSION: u32 = 1 << 1;
    /// The peer tells us when it refuses the device.
    pub const FILTER: u32 = 1 << 2;
    /// A disconnect is acknowledged, if both sides have this.
    pub const DISCONNECT_ACK: u32 = 1 << 3;
    /// `ep_info` carries the packet size.
    pub const EP_INFO_MAX_PACKET_SIZE: u32 = 1 << 4;
    /// Message ids are 64 bits.
    pub const IDS_64BIT: u32 = 1 << 5;
    /// Lengths of bulk messages are 32 bits.
    pub const BULK_LENGTH_32BIT: u32 = 1 << 6;
    /// What the peer must have for the layouts of this file to hold.
    pub const NEEDED: u32 = CONNECT_DEVICE_VERSION | EP_INFO_MAX_PACKET_SIZE | IDS_64BIT | BULK_LENGTH_32BIT;
    /// What we announce.
    pub const OURS: u32 = NEEDED | FILTER | DISCONNECT_ACK;
}

/// Status of an answer.
pub mod status {
    pub const SUCCESS: u8 = 0;
    pub const CANCELLED: u8 = 1;
    pub const INVALID: u8 = 2;
    pub const STALL: u8 = 4;
}

/// Transfer types of endpoints in `ep_info`.
pub mod endpoint_type {
    pub const CONTROL: u8 = 0;
    pub const BULK: u8 = 2;
    pub const INVALID: u8 = 255;
}

/// `usb_redir_speed_high`: 480 Mbit/s.
pub const SPEED_HIGH: u8 = 2;

/// Endpoints of a device: 16 out, then 16 in.
pub const ENDPOINTS: usize = 32;

/// A body never needs to be longer: control data is at most 64 KiB, and we have no OUT endpoint. The limit keeps a
/// wrong length field from making us wait for gigabytes.
pub const BODY_BYTES_MAX: usize = 128 * 1024;

/// Bytes that are not usb-redir as we speak it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The first message is not hello.
    #[error("the first message has type {0}, not hello")]
    NoHello(u32),
    /// The peer's implementation is too old.
    #[error(
        "the other side has capabilities {0:#x}, of which some needed ones are missing: use QEMU 1.4 or newer"
    )]
    TooOld(u32),
    /// A length field beyond the limit.
    #[error("a message of type {kind} claims {bytes} bytes")]
    TooLong {
        /// Message type.
        kind: u32,
        /// Claimed length.
        bytes: usize,
    },
    /// A body shorter than its type needs.
    #[error("a message of type {kind} has only {bytes} bytes")]
    TooShort {
        /// Message type.
        kind: u32,
        /// Length of the body.
        bytes: usize,
    },
}

/// One interface of `InterfaceInfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interface {
    pub number: u8,
    pub class: u8,
    pub subclass: u8,
    pub protocol: u8,
}

/// One endpoint of `EndpointInfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// One of `endpoint_type`.
    pub kind: u8,
    pub interval: u8,
    pub interface: u8,
    pub max_packet: u16,
}

/// A control transfer: the request, or its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    pub endpoint: u8,
    pub request: u8,
    pub request_type: u8,
    pub status: u8,
    pub value: u16,
    pub index: u16,
    pub length: u16,
    pub data: Vec<u8>,
}

/// A bulk transfer: a request for `length` bytes, or its answer with `length` = bytes of data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bulk {
    pub endpoint: u8,
    pub status: u8,
    pub length: u32,
    pub stream_id: u32,
    pub data: Vec<u8>,
}

/// What a device says of itself before it appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceConnect {
    pub speed: u8,
    pub class: u8,
    pub subclass: u8,
    pub protocol: u8,
    pub vendor: u16,
    pub product: u16,
    pub version_bcd: u16,
}

/// The messages that a camera sends or gets; others are `Other`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Hello { version: String, capabilities: u32 },
    DeviceConnect(DeviceConnect),
    DeviceDisconnect,
    Reset,
    InterfaceInfo(Vec<Interface>),
    EndpointInfo(Box<[Endpoint; ENDPOINTS]>),
    SetConfiguration { configuration: u8 },
    GetConfiguration,
    ConfigurationStatus { status: u8, configuration: u8 },
    SetAltSetting { interface: u8, alt: u8 },
    GetAltSetting { interface: u8 },
    AltSettingStatus { status: u8, interface: u8, alt: u8 },
    CancelDataPacket,
    FilterReject,
    DisconnectAck,
    Control(Control),
    Bulk(Bulk),
    Other { kind: u32 },
}

/// Appends one message to `out`. `id` is that of the request which it answers, 0 for an unsolicited one.
pub fn encode(id: u64, message: &Message, out: &mut Vec<u8>) {
    let (kind, body, data) = body_of(message);
    let length = (body.len() + data.len()) as u32;
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    if kind == kind::HELLO {
        out.extend_from_slice(&(id as u32).to_le_bytes());
    } else {
        out.extend_from_slice(&id.to_le_bytes());
    }
    out.extend_from_slice(&body);
    out.extend_from_slice(data);
}

fn body_of(message: &Message) -> (u32, Vec<u8>, &[u8]) {
    let (kind, body) = match message {
        Message::Hello { version, capabilities } => (kind::HELLO, hello_body(version, *capabilities)),
        Message::DeviceConnect(device) => (kind::DEVICE_CONNECT, device_connect_body(device)),
        Message::DeviceDisconnect => (kind::DEVICE_DISCONNECT, Vec::new()),
        Message::Reset => (kind::RESET, Vec::new()),
        Message::InterfaceInfo(interfaces) => (kind::INTERFACE_INFO, interface_info_body(interfaces)),
        Message::EndpointInfo(endpoints) => (kind::EP_INFO, ep_info_body(endpoints)),
        Message::SetConfiguration { configuration } => (kind::SET_CONFIGURATION, vec![*configuration]),
        Message::GetConfiguration => (kind::GET_CONFIGURATION, Vec::new()),
        Message::ConfigurationStatus { status, configuration } => {
            (kind::CONFIGURATION_STATUS, vec![*status, *configuration])
        }
        Message::SetAltSetting { interface, alt } => (kind::SET_ALT_SETTING, vec![*interface, *alt]),
        Message::GetAltSetting { interface } => (kind::GET_ALT_SETTING, vec![*interface]),
        Message::AltSettingStatus { status, interface, alt } => {
            (kind::ALT_SETTING_STATUS, vec![*status, *interface, *alt])
        }
        Message::CancelDataPacket => (kind::CANCEL_DATA_PACKET, Vec::new()),
        Message::FilterReject => (kind::FILTER_REJECT, Vec::new()),
        Message::DisconnectAck => (kind::DISCONNECT_ACK, Vec::new()),
        Message::Control(control) => return (kind::CONTROL_PACKET, control_body(control), &control.data),
        Message::Bulk(bulk) => return (kind::BULK_PACKET, bulk_body(bulk), &bulk.data),
        Message::Other { kind } => (*kind, Vec::new()),
    };
    (kind, body, &[])
}

fn put(body: &mut [u8], field: Range<usize>, value: &[u8]) {
    body[field].copy_from_slice(value);
}

fn hello_body(version: &str, capabilities: u32) -> Vec<u8> {
    let mut body = vec![0; hello::CAPABILITIES.end];
    // The last byte stays 0: the version is a C string.
    let kept = version.len().min(hello::VERSION.end - 1);
    put(&mut body, 0..kept, &version.as_bytes()[..kept]);
    put(&mut body, hello::CAPABILITIES, &capabilities.to_le_bytes());
    body
}

fn device_connect_body(device: &DeviceConnect) -> Vec<u8> {
    let mut body = vec![0; device_connect::BYTES];
    body[device_connect::SPEED] = device.speed;
    body[device_connect::CLASS] = device.class;
    body[device_connect::SUBCLASS] = device.subclass;
    body[device_connect::PROTOCOL] = device.protocol;
    put(&mut body, device_connect::VENDOR, &device.vendor.to_le_bytes());
    put(&mut body, device_connect::PRODUCT, &device.product.to_le_bytes());
    put(&mut body, device_connect::VERSION, &device.version_bcd.to_le_bytes());
    body
}

fn interface_info_body(interfaces: &[Interface]) -> Vec<u8> {
    let mut body = vec![0; interface_info::BYTES];
    let interfaces = &interfaces[..interfaces.len().min(interface_info::MAX)];
    put(&mut body, interface_info::COUNT, &(interfaces.len() as u32).to_le_bytes());
    for (at, interface) in interfaces.iter().enumerate() {
        body[interface_info::NUMBER + at] = interface.number;
        body[interface_info::CLASS + at] = interface.class;
        body[interface_info::SUBCLASS + at] = interface.subclass;
        body[interface_info::PROTOCOL + at] = interface.protocol;
    }
    body
}

fn ep_info_body(endpoints: &[Endpoint; ENDPOINTS]) -> Vec<u8> {
    let mut body = vec![0; ep_info::BYTES];
    for (at, endpoint) in endpoints.iter().enumerate() {
        body[ep_info::TYPE + at] = endpoint.kind;
        body[ep_info::INTERVAL + at] = endpoint.interval;
        body[ep_info::INTERFACE + at] = endpoint.interface;
        let field = ep_info::MAX_PACKET + 2 * at..ep_info::MAX_PACKET + 2 * at + 2;
        put(&mut body, field, &endpoint.max_packet.to_le_bytes());
    }
    body
}

fn control_body(control: &Control) -> Vec<u8> {
    let mut body = vec![0; control::BYTES];
    body[control::ENDPOINT] = control.endpoint;
    body[control::REQUEST] = control.request;
    body[control::REQUEST_TYPE] = control.request_type;
    body[control::STATUS] = control.status;
    put(&mut body, control::VALUE, &control.value.to_le_bytes());
    put(&mut body, control::INDEX, &control.index.to_le_bytes());
    put(&mut body, control::LENGTH, &control.length.to_le_bytes());
    body
}

fn bulk_body(bulk: &Bulk) -> Vec<u8> {
    let mut body = vec![0; bulk::BYTES];
    let [l0, l1, h0, h1] = bulk.length.to_le_bytes();
    body[bulk::ENDPOINT] = bulk.endpoint;
    body[bulk::STATUS] = bulk.status;
    put(&mut body, bulk::LENGTH_LOW, &[l0, l1]);
    put(&mut body, bulk::STREAM_ID, &bulk.stream_id.to_le_bytes());
    put(&mut body, bulk::LENGTH_HIGH, &[h0, h1]);
    body
}

/// Takes bytes in any pieces and gives whole messages.
#[derive(Debug, Default)]
pub struct Decoder {
    bytes: Vec<u8>,
    agreed: bool,
}

impl Decoder {
    /// Adds bytes from the socket.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole message with its id, or `None` until more bytes come. After an error the stream is lost.
    pub fn next(&mut self) -> Result<Option<(u64, Message)>, WireError> {
        let id_field = if self.agreed { header::ID_64 } else { header::ID_32 };
        if self.bytes.len() < id_field.end {
            return Ok(None);
        }
        let head = Body { kind: 0, bytes: &self.bytes };
        let kind = head.u32(header::TYPE)?;
        let length = head.u32(header::LENGTH)? as usize;
        let id =
            if self.agreed { head.u64(id_field.clone())? } else { u64::from(head.u32(id_field.clone())?) };
        if !self.agreed && kind != kind::HELLO {
            return Err(WireError::NoHello(kind));
        }
        if length > BODY_BYTES_MAX {
            return Err(WireError::TooLong { kind, bytes: length });
        }
        let end = id_field.end + length;
        let Some(body) = self.bytes.get(id_field.end..end) else { return Ok(None) };
        let message = Body { kind, bytes: body }.message()?;
        if let Message::Hello { capabilities, .. } = &message {
            if capabilities & caps::NEEDED != caps::NEEDED {
                return Err(WireError::TooOld(*capabilities));
            }
            self.agreed = true;
        }
        self.bytes.drain(..end);
        Ok(Some((id, message)))
    }
}

/// A message's body, read without ever indexing beyond it.
struct Body<'a> {
    kind: u32,
    bytes: &'a [u8],
}

impl Body<'_> {
    fn field<const N: usize>(&self, field: Range<usize>) -> Result<[u8; N], WireError> {
        let found = self.bytes.get(field).and_then(|bytes| bytes.try_into().ok());
        found.ok_or(WireError::TooShort { kind: self.kind, bytes: self.bytes.len() })
    }

    fn u8(&self, at: usize) -> Result<u8, WireError> {
        Ok(self.field::<1>(at..at + 1)?[0])
    }

    fn u16(&self, field: Range<usize>) -> Result<u16, WireError> {
        Ok(u16::from_le_bytes(self.field(field)?))
    }

    fn u32(&self, field: Range<usize>) -> Result<u32, WireError> {
        Ok(u32::from_le_bytes(self.field(field)?))
    }

    fn u64(&self, field: Range<usize>) -> Result<u64, WireError> {
        Ok(u64::from_le_bytes(self.field(field)?))
    }

    fn rest(&self, from: usize) -> Vec<u8> {
        self.bytes.get(from..).unwrap_or_default().to_vec()
    }

    fn message(&self) -> Result<Message, WireError> {
        Ok(match self.kind {
            kind::HELLO => self.hello()?,
            kind::DEVICE_CONNECT => self.device_connect()?,
            kind::DEVICE_DISCONNECT => Message::DeviceDisconnect,
            kind::RESET => Message::Reset,
            kind::INTERFACE_INFO => self.interface_info()?,
            kind::EP_INFO => self.ep_info()?,
            kind::SET_CONFIGURATION => Message::SetConfiguration { configuration: self.u8(0)? },
            kind::GET_CONFIGURATION => Message::GetConfiguration,
            kind::CONFIGURATION_STATUS => {
                Message::ConfigurationStatus { status: self.u8(0)?, configuration: self.u8(1)? }
            }
            kind::SET_ALT_SETTING => Message::SetAltSetting { interface: self.u8(0)?, alt: self.u8(1)? },
            kind::GET_ALT_SETTING => Message::GetAltSetting { interface: self.u8(0)? },
            kind::ALT_SETTING_STATUS => {
                Message::AltSettingStatus { status: self.u8(0)?, interface: self.u8(1)?, alt: self.u8(2)? }
            }
            kind::CANCEL_DATA_PACKET => Message::CancelDataPacket,
            kind::FILTER_REJECT => Message::FilterReject,
            kind::DISCONNECT_ACK => Message::DisconnectAck,
            kind::CONTROL_PACKET => self.control()?,
            kind::BULK_PACKET => self.bulk()?,
            kind => Message::Other { kind },
        })
    }

    fn hello(&self) -> Result<Message, WireError> {
        let version: [u8; 64] = self.field(hello::VERSION)?;
        let text = version.split(|byte| *byte == 0).next().unwrap_or_default();
        // A peer without the capability array has none of them.
        let capabilities = self.u32(hello::CAPABILITIES).unwrap_or(0);
        Ok(Message::Hello { version: String::from_utf8_lossy(text).into_owned(), capabilities })
    }

    fn device_connect(&self) -> Result<Message, WireError> {
        Ok(Message::DeviceConnect(DeviceConnect {
            speed: self.u8(device_connect::SPEED)?,
            class: self.u8(device_connect::CLASS)?,
            subclass: self.u8(device_connect::SUBCLASS)?,
            protocol: self.u8(device_connect::PROTOCOL)?,
            vendor: self.u16(device_connect::VENDOR)?,
            product: self.u16(device_connect::PRODUCT)?,
            version_bcd: self.u16(device_connect::VERSION)?,
        }))
    }

    fn interface_info(&self) -> Result<Message, WireError> {
        let count = (self.u32(interface_info::COUNT)? as usize).min(interface_info::MAX);
        let one = |at| {
            Ok(Interface {
                number: self.u8(interface_info::NUMBER + at)?,
                class: self.u8(interface_info::CLASS + at)?,
                subclass: self.u8(interface_info::SUBCLASS + at)?,
                protocol: self.u8(interface_info::PROTOCOL + at)?,
            })
        };
        Ok(Message::InterfaceInfo((0..count).map(one).collect::<Result<_, WireError>>()?))
    }

    fn ep_info(&self) -> Result<Message, WireError> {
        let mut endpoints = [Endpoint { kind: 0, interval: 0, interface: 0, max_packet: 0 }; ENDPOINTS];
        for (at, endpoint) in endpoints.iter_mut().enumerate() {
            endpoint.kind = self.u8(ep_info::TYPE + at)?;
            endpoint.interval = self.u8(ep_info::INTERVAL + at)?;
            endpoint.interface = self.u8(ep_info::INTERFACE + at)?;
            endpoint.max_packet = self.u16(ep_info::MAX_PACKET + 2 * at..ep_info::MAX_PACKET + 2 * at + 2)?;
        }
        Ok(Message::EndpointInfo(Box::new(endpoints)))
    }

    fn control(&self) -> Result<Message, WireError> {
        Ok(Message::Control(Control {
            endpoint: self.u8(control::ENDPOINT)?,
            request: self.u8(control::REQUEST)?,
            request_type: self.u8(control::REQUEST_TYPE)?,
            status: self.u8(control::STATUS)?,
            value: self.u16(control::VALUE)?,
            index: self.u16(control::INDEX)?,
            length: self.u16(control::LENGTH)?,
            data: self.rest(control::BYTES),
        }))
    }

    fn bulk(&self) -> Result<Message, WireError> {
        let low = u32::from(self.u16(bulk::LENGTH_LOW)?);
        let high = u32::from(self.u16(bulk::LENGTH_HIGH)?);
        Ok(Message::Bulk(Bulk {
            endpoint: self.u8(bulk::ENDPOINT)?,
            status: self.u8(bulk::STATUS)?,
            length: high << 16 | low,
            stream_id: self.u32(bulk::STREAM_ID)?,
            data: self.rest(bulk::BYTES),
        }))
    }
}

#[cfg(test)]
#[path = "wire_tests.rs"]
mod tests;
