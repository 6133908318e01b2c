//! Tests of `wire`: every message survives a round trip, in any pieces, and bad bytes give a sentence.

use super::{
    BODY_BYTES_MAX, Bulk, Control, Decoder, DeviceConnect, ENDPOINTS, Endpoint, Interface, Message,
    WireError, caps, encode,
};

fn hello(capabilities: u32) -> Message {
    Message::Hello { version: "a camera".into(), capabilities }
}

fn one_of_each() -> Vec<Message> {
    let device = DeviceConnect {
        speed: 2,
        class: 0xef,
        subclass: 2,
        protocol: 1,
        vendor: 0x1d6b,
        product: 0x0102,
        version_bcd: 0x0123,
    };
    let interface = |number| Interface { number, class: 14, subclass: number + 1, protocol: 7 };
    let mut endpoints = [Endpoint { kind: 255, interval: 0, interface: 0, max_packet: 0 }; ENDPOINTS];
    endpoints[17] = Endpoint { kind: 2, interval: 3, interface: 1, max_packet: 512 };
    let control = Control {
        endpoint: 0x80,
        request: 6,
        request_type: 0x80,
        status: 0,
        value: 0x0102,
        index: 0x0304,
        length: 0x0506,
        data: vec![1, 2, 3],
    };
    let bulk = Bulk { endpoint: 0x81, status: 1, length: 0x1_2345, stream_id: 9, data: vec![7; 700] };
    vec![
        Message::DeviceConnect(device),
        Message::DeviceDisconnect,
        Message::Reset,
        Message::InterfaceInfo(vec![interface(0), interface(1)]),
        Message::EndpointInfo(Box::new(endpoints)),
        Message::SetConfiguration { configuration: 1 },
        Message::GetConfiguration,
        Message::ConfigurationStatus { status: 4, configuration: 1 },
        Message::SetAltSetting { interface: 1, alt: 2 },
        Message::GetAltSetting { interface: 1 },
        Message::AltSettingStatus { status: 0, interface: 1, alt: 2 },
        Message::CancelDataPacket,
        Message::FilterReject,
        Message::DisconnectAck,
        Message::Control(control),
        Message::Bulk(bulk),
        Message::Other { kind: 77 },
    ]
}

#[test]
fn every_message_survives_in_pieces_of_any_size() {
    let mut messages = vec![hello(caps::NEEDED)];
    messages.extend(one_of_each());
    let mut bytes = Vec::new();
    for (id, message) in messages.iter().enumerate() {
        encode(id as u64 * 0x1_0000_0001, message, &mut bytes);
    }
    for piece in [1, 2, 7, 15, 16, 17, 100, bytes.len()] {
        let mut decoder = Decoder::default();
        let mut found = Vec::new();
        for part in bytes.chunks(piece) {
            decoder.push(part);
            while let Some(message) = decoder.next().unwrap() {
                found.push(message);
            }
        }
        let expected: Vec<_> = messages
            .iter()
            .enumerate()
            .map(|(id, message)| (id as u64 * 0x1_0000_0001, message.clone()))
            .collect();
        assert_eq!(found, expected, "pieces of {piece}");
    }
}

#[test]
fn layout_is_that_of_the_protocol() {
    let mut bytes = Vec::new();
    encode(0, &hello(0x72), &mut bytes);
    assert_eq!(bytes.len(), 12 + 68);
    assert_eq!(bytes[..12], [0, 0, 0, 0, 68, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[76..], [0x72, 0, 0, 0]);
    bytes.clear();
    let bulk = Bulk { endpoint: 0x81, status: 0, length: 0x0001_0002, stream_id: 0, data: vec![] };
    encode(5, &Message::Bulk(bulk), &mut bytes);
    assert_eq!(bytes, [101, 0, 0, 0, 10, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0x81, 0, 2, 0, 0, 0, 0, 0, 1, 0]);
}

fn decode(bytes: &[u8]) -> Result<Option<(u64, Message)>, WireError> {
    let mut decoder = Decoder::default();
    decoder.push(bytes);
    let first = decoder.next()?;
    if first.is_none() { Ok(None) } else { decoder.next() }
}

#[test]
fn wrong_bytes_are_refused() {
    let mut bytes = vec![];
    encode(0, &Message::Reset, &mut bytes);
    assert_eq!(decode(&bytes), Err(WireError::NoHello(3)));
    bytes.clear();
    encode(0, &hello(caps::NEEDED & !caps::IDS_64BIT), &mut bytes);
    assert!(matches!(decode(&bytes), Err(WireError::TooOld(_))));
    bytes.clear();
    encode(0, &hello(caps::NEEDED), &mut bytes);
    let long = bytes.len();
    bytes.extend([6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(decode(&bytes), Err(WireError::TooShort { kind: 6, bytes: 0 }));
    bytes[long + 4..long + 8].copy_from_slice(&(BODY_BYTES_MAX as u32 + 1).to_le_bytes());
    assert_eq!(decode(&bytes), Err(WireError::TooLong { kind: 6, bytes: BODY_BYTES_MAX + 1 }));
}

#[test]
fn version_text_is_cut_not_overrun() {
    let mut bytes = Vec::new();
    encode(0, &Message::Hello { version: "x".repeat(200), capabilities: caps::NEEDED }, &mut bytes);
    let mut decoder = Decoder::default();
    decoder.push(&bytes);
    let Ok(Some((0, Message::Hello { version, .. }))) = decoder.next() else { panic!("no hello") };
    assert_eq!(version, "x".repeat(63));
}
