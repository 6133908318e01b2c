//! Tests of `uvc`: negotiation as a host does it, and the refusal of everything else.

use super::{Answer, Controls, Event, Setup, block};
use crate::camera::descriptors::USB_ID;
use crate::camera::format::PixelFormat;
use crate::camera::modes::{Mode, SIZES, interval_of};

const PROBE: u16 = 0x0100;
const COMMIT: u16 = 0x0200;

fn get(controls: &mut Controls, request: u8, value: u16, index: u16, length: u16) -> Answer {
    let (answer, event) = controls.answer(&Setup { request_type: 0xa1, request, value, index, length }, &[]);
    assert_eq!(event, None);
    answer
}

fn data(answer: Answer) -> Vec<u8> {
    let Answer::Data(bytes) = answer else { panic!("stalled") };
    bytes
}

fn set(controls: &mut Controls, value: u16, bytes: &[u8]) -> (Answer, Option<Event>) {
    let setup = Setup { request_type: 0x21, request: 1, value, index: 1, length: bytes.len() as u16 };
    controls.answer(&setup, bytes)
}

fn wish(frame: u8, interval: u32, bytes: usize) -> Vec<u8> {
    let mut wish = vec![0; bytes];
    wish[0] = 1;
    wish[2] = 1;
    wish[3] = frame;
    wish[4..8].copy_from_slice(&interval.to_le_bytes());
    wish
}

#[test]
fn every_mode_can_be_negotiated_and_is_what_starts() {
    for (index, size) in (1..).zip(SIZES) {
        for &fps in size.fps {
            let mut controls = Controls::new(&[PixelFormat::Mjpeg], USB_ID);
            assert_eq!(
                set(&mut controls, PROBE, &wish(index, interval_of(fps), 34)),
                (Answer::Data(vec![]), None)
            );
            let found = data(get(&mut controls, 0x81, PROBE, 1, 34));
            assert_eq!(found.len(), 34);
            let frame_bytes = u32::from_le_bytes(found[block::MAX_FRAME_BYTES].try_into().unwrap());
            assert_eq!(frame_bytes, u32::from(size.width) * u32::from(size.height) * 2);
            assert_eq!(found[block::MAX_PAYLOAD_BYTES], 16384_u32.to_le_bytes());
            let mode = Mode { width: size.width, height: size.height, fps };
            assert_eq!(
                set(&mut controls, COMMIT, &found),
                (Answer::Data(vec![]), Some(Event::Start(mode, PixelFormat::Mjpeg)))
            );
            assert_eq!(data(get(&mut controls, 0x81, COMMIT, 1, 34)), found);
        }
    }
}

#[test]
fn a_wish_is_rounded_but_a_commit_is_not() {
    let mut controls = Controls::new(&[PixelFormat::Mjpeg], USB_ID);
    assert_eq!(set(&mut controls, PROBE, &wish(2, 400_000, 26)).0, Answer::Data(vec![]));
    let found = data(get(&mut controls, 0x81, PROBE, 1, 26));
    assert_eq!((found.len(), found[3]), (26, 2));
    assert_eq!(found[4..8], interval_of(30).to_le_bytes());
    assert_eq!(set(&mut controls, COMMIT, &wish(2, 400_000, 34)), (Answer::Stall, None));
    assert_eq!(set(&mut controls, COMMIT, &wish(99, interval_of(15), 34)), (Answer::Stall, None));
    assert_eq!(set(&mut controls, PROBE, &wish(99, 0, 34)).0, Answer::Data(vec![]));
    assert_eq!(data(get(&mut controls, 0x81, PROBE, 1, 34))[3], 1);
    assert_eq!(set(&mut controls, PROBE, &[0; 25]), (Answer::Stall, None));
}

#[test]
fn limits_lengths_and_info() {
    let mut controls = Controls::new(&[PixelFormat::Mjpeg], USB_ID);
    let interval = |bytes: Vec<u8>| u32::from_le_bytes(bytes[4..8].try_into().unwrap());
    assert_eq!(interval(data(get(&mut controls, 0x82, PROBE, 1, 34))), interval_of(30));
    assert_eq!(interval(data(get(&mut controls, 0x83, PROBE, 1, 34))), interval_of(5));
    assert_eq!(interval(data(get(&mut controls, 0x87, PROBE, 1, 34))), interval_of(15));
    assert_eq!(data(get(&mut controls, 0x85, PROBE, 1, 2)), [34, 0]);
    assert_eq!(data(get(&mut controls, 0x86, COMMIT, 1, 1)), [3]);
    assert_eq!(get(&mut controls, 0x82, COMMIT, 1, 34), Answer::Stall);
}

#[test]
fn unknown_requests_stall_and_the_reason_can_be_asked() {
    let mut controls = Controls::new(&[PixelFormat::Mjpeg], USB_ID);
    assert_eq!(get(&mut controls, 0x81, 0x0500, 1, 4), Answer::Stall);
    assert_eq!(data(get(&mut controls, 0x81, 0x0200, 0, 1)), [6]);
    assert_eq!(data(get(&mut controls, 0x81, 0x0200, 0, 1)), [0]);
    assert_eq!(get(&mut controls, 0x84, PROBE, 1, 34), Answer::Stall);
    assert_eq!(data(get(&mut controls, 0x81, 0x0200, 0, 1)), [7]);
    let odd = Setup { request_type: 0x40, request: 0x51, value: 0, index: 0, length: 0 };
    assert_eq!(controls.answer(&odd, &[]), (Answer::Stall, None));
    let qualifier = Setup { request_type: 0x80, request: 6, value: 0x0600, index: 0, length: 10 };
    assert_eq!(controls.answer(&qualifier, &[]), (Answer::Stall, None));
}

#[test]
fn descriptors_are_cut_to_what_was_asked_and_clearing_halt_stops() {
    let mut controls = Controls::new(&[PixelFormat::Mjpeg], USB_ID);
    let first = Setup { request_type: 0x80, request: 6, value: 0x0200, index: 0, length: 9 };
    assert_eq!(data(controls.answer(&first, &[]).0).len(), 9);
    let second = Setup { value: 0x0201, ..first };
    assert_eq!(controls.answer(&second, &[]).0, Answer::Stall);
    let clear = Setup { request_type: 2, request: 1, value: 0, index: 0x81, length: 0 };
    assert_eq!(controls.answer(&clear, &[]), (Answer::Data(vec![]), Some(Event::Stop)));
    assert_eq!(controls.answer(&Setup { index: 0x82, ..clear }, &[]), (Answer::Stall, None));
}

#[test]
fn the_second_format_is_negotiated_by_its_number_and_one_that_is_not_there_is_not() {
    let formats = [PixelFormat::Mjpeg, PixelFormat::Nv12];
    let mut controls = Controls::new(&formats, USB_ID);
    let mut second = wish(3, interval_of(15), 34);
    second[2] = 2;
    assert_eq!(set(&mut controls, PROBE, &second).0, Answer::Data(vec![]));
    let found = data(get(&mut controls, 0x81, PROBE, 1, 34));
    let frame_bytes = u32::from_le_bytes(found[block::MAX_FRAME_BYTES].try_into().unwrap());
    assert_eq!((found[2], frame_bytes), (2, 320 * 240 * 3 / 2));
    let mode = Mode { width: 320, height: 240, fps: 15 };
    assert_eq!(set(&mut controls, COMMIT, &found).1, Some(Event::Start(mode, PixelFormat::Nv12)));
    second[2] = 3;
    assert_eq!(set(&mut controls, COMMIT, &second), (Answer::Stall, None));
}
