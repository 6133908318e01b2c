//! Tests of `device`: a conversation as QEMU has it, without QEMU.

use crate::camera::PixelFormat;
use std::time::Duration;

use super::{CameraError, Device};
use crate::camera::descriptors::USB_ID;
use crate::camera::modes::interval_of;
use crate::camera::source::{Source, SourceKind};
use crate::camera::wire::{self, Bulk, Control, Decoder, Message, caps, status};

struct Qemu {
    device: Device,
    decoder: Decoder,
}

impl Qemu {
    fn new(plugged: bool) -> Qemu {
        let source = Source::open(&SourceKind::Scene, PixelFormat::Mjpeg, 1).unwrap();
        let mut qemu = Qemu {
            device: Device::new(vec![(PixelFormat::Mjpeg, source)], USB_ID, 1, plugged),
            decoder: Decoder::default(),
        };
        let hello = qemu.heard();
        assert!(matches!(hello[..], [(0, Message::Hello { .. })]), "{hello:?}");
        qemu
    }

    fn heard(&mut self) -> Vec<(u64, Message)> {
        self.decoder.push(&self.device.take_output());
        std::iter::from_fn(|| self.decoder.next().unwrap()).collect()
    }

    fn say(&mut self, id: u64, message: Message) -> Vec<(u64, Message)> {
        let mut bytes = Vec::new();
        wire::encode(id, &message, &mut bytes);
        self.device.receive(&bytes).unwrap();
        self.heard()
    }

    fn hello(&mut self) -> Vec<(u64, Message)> {
        self.say(0, Message::Hello { version: "qemu".into(), capabilities: caps::NEEDED })
    }

    fn commit(&mut self) {
        let mut data = vec![0; 34];
        data[2..4].copy_from_slice(&[1, 3]);
        data[4..8].copy_from_slice(&interval_of(15).to_le_bytes());
        let control = Control {
            endpoint: 0,
            request: 1,
            request_type: 0x21,
            status: 0,
            value: 0x0200,
            index: 1,
            length: 34,
            data,
        };
        let answers = self.say(1, Message::Control(control));
        assert!(
            matches!(&answers[..], [(1, Message::Control(answer))] if answer.status == 0 && answer.length == 34),
            "{answers:?}"
        );
    }

    fn streaming() -> Qemu {
        let mut qemu = Qemu::new(true);
        qemu.hello();
        qemu.say(9, Message::SetConfiguration { configuration: 1 });
        qemu.commit();
        qemu
    }

    fn ask(&mut self, id: u64) -> Vec<(u64, Message)> {
        let bulk = Bulk { endpoint: 0x81, status: 0, length: 16384, stream_id: 0, data: vec![] };
        self.say(id, Message::Bulk(bulk))
    }

    fn tick(&mut self, ms: u64) -> Vec<(u64, Message)> {
        self.device.tick(Duration::from_millis(ms)).unwrap();
        self.heard()
    }
}

fn is_attach(messages: &[(u64, Message)]) -> bool {
    matches!(
        messages,
        [(0, Message::EndpointInfo(_)), (0, Message::InterfaceInfo(_)), (0, Message::DeviceConnect(_))]
    )
}

#[test]
fn it_appears_after_hello_or_when_plugged() {
    let mut qemu = Qemu::new(true);
    assert!(is_attach(&qemu.hello()));
    let mut qemu = Qemu::new(false);
    assert_eq!(qemu.hello(), []);
    qemu.device.plug();
    assert!(is_attach(&qemu.heard()));
    qemu.device.plug();
    assert_eq!(qemu.heard(), []);
    let mut early = Qemu::new(false);
    early.device.plug();
    assert_eq!(early.heard(), []);
    assert!(is_attach(&early.hello()));
}

#[test]
fn a_frame_reaches_the_transfers_and_is_a_jpeg() {
    let mut qemu = Qemu::streaming();
    for id in 10..15 {
        assert_eq!(qemu.ask(id), []);
    }
    let answers = qemu.tick(0);
    let mut image = Vec::new();
    for (at, (id, message)) in answers.iter().enumerate() {
        let Message::Bulk(bulk) = message else { panic!("{message:?}") };
        assert_eq!(
            (*id, bulk.status, bulk.length as usize),
            (10 + at as u64, status::SUCCESS, bulk.data.len())
        );
        image.extend_from_slice(&bulk.data[6..]);
    }
    assert!(image.starts_with(&[0xff, 0xd8]) && image.ends_with(&[0xff, 0xd9]));
    let stats = qemu.device.stats();
    assert_eq!((stats.offered, stats.sent, stats.starts), (1, 1, 1));
    assert!(qemu.device.truth(0).is_some() && qemu.device.truth(1).is_none());
}

#[test]
fn cancels_cross_answers_without_harm() {
    let mut qemu = Qemu::streaming();
    qemu.ask(10);
    let answers = qemu.say(10, Message::CancelDataPacket);
    assert!(
        matches!(&answers[..], [(10, Message::Bulk(bulk))] if bulk.status == status::CANCELLED),
        "{answers:?}"
    );
    assert_eq!(qemu.say(10, Message::CancelDataPacket), []);
}

#[test]
fn unplugging_says_so_and_ignores_what_is_still_under_way() {
    let mut qemu = Qemu::streaming();
    qemu.ask(10);
    qemu.device.unplug();
    assert_eq!(qemu.heard(), [(0, Message::DeviceDisconnect)]);
    assert_eq!(qemu.ask(11), []);
    assert_eq!(qemu.say(10, Message::CancelDataPacket), []);
    assert_eq!(qemu.tick(100), []);
    assert_eq!((qemu.device.stats().mode, qemu.device.stats().plugged), (None, false));
    qemu.device.unplug();
    assert_eq!(qemu.heard(), []);
    qemu.device.plug();
    assert!(is_attach(&qemu.heard()));
    assert_eq!(qemu.tick(200), [], "no stream before the host commits again");
}

#[test]
fn reset_and_configuration_drop_the_stream() {
    let mut qemu = Qemu::streaming();
    qemu.ask(10);
    let answers = qemu.say(0, Message::Reset);
    assert!(
        matches!(&answers[..], [(10, Message::Bulk(bulk))] if bulk.status == status::CANCELLED),
        "{answers:?}"
    );
    assert_eq!(qemu.device.stats().mode, None);
    let answers = qemu.ask(11);
    assert!(
        matches!(&answers[..], [(11, Message::Bulk(bulk))] if bulk.status == status::INVALID),
        "{answers:?}"
    );
    let answers = qemu.say(3, Message::GetConfiguration);
    assert_eq!(answers, [(3, Message::ConfigurationStatus { status: 0, configuration: 0 })]);
    let answers = qemu.say(4, Message::SetConfiguration { configuration: 7 });
    assert_eq!(answers, [(4, Message::ConfigurationStatus { status: status::STALL, configuration: 0 })]);
    let answers = qemu.say(5, Message::SetAltSetting { interface: 1, alt: 1 });
    assert_eq!(answers, [(5, Message::AltSettingStatus { status: status::STALL, interface: 1, alt: 1 })]);
}

#[test]
fn a_refused_camera_says_so() {
    let mut qemu = Qemu::new(true);
    qemu.hello();
    let mut bytes = Vec::new();
    wire::encode(0, &Message::FilterReject, &mut bytes);
    assert_eq!(qemu.device.receive(&bytes), Err(CameraError::Rejected));
}
