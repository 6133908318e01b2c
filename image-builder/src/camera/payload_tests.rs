//! Tests of `payload`: a frame of any size arrives whole at hosts that cut transfers in different ways.

use super::{FrameHeader, Outgoing, PACKET_BYTES, PAYLOAD_BYTES_MAX};

/// What a host controller makes of an answer that is shorter than the transfer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Controller {
    /// xHCI, EHCI: any short answer ends the transfer.
    ShortAnswerEnds,
    /// QEMU's dwc2: only an answer with a short packet at its end does; else it asks for the rest.
    ShortPacketEnds,
}

/// Receives transfers of `transfer` bytes, asked for in requests of `request` bytes, as `uvcvideo` does; gives the
/// frames as (frame id, error, bytes).
fn receive(
    frames: &mut [Outgoing],
    transfer: usize,
    request: usize,
    controller: Controller,
) -> Vec<(bool, bool, Vec<u8>)> {
    let mut done = Vec::new();
    let mut frame: Vec<u8> = Vec::new();
    let mut payload: Vec<u8> = Vec::new();
    let mut sources = frames.iter_mut().peekable();
    while sources.peek().is_some() {
        let mut urb = Vec::new();
        while urb.len() < transfer {
            let Some(source) = sources.peek_mut() else { break };
            let wanted = request.min(transfer - urb.len());
            let answer = source.next(wanted).expect("asked a complete frame");
            if source.is_complete() {
                sources.next();
            }
            urb.extend_from_slice(&answer);
            let short = answer.len() < wanted;
            if short
                && (controller == Controller::ShortAnswerEnds || !answer.len().is_multiple_of(PACKET_BYTES))
            {
                break;
            }
        }
        payload.extend_from_slice(&urb);
        if urb.len() == transfer && payload.len() < PAYLOAD_BYTES_MAX {
            continue;
        }
        let header = usize::from(payload[0]);
        frame.extend_from_slice(&payload[header..]);
        if payload[1] & 2 != 0 {
            done.push((payload[1] & 1 != 0, payload[1] & 0x40 != 0, std::mem::take(&mut frame)));
        }
        payload.clear();
    }
    assert!(frame.is_empty() && payload.is_empty(), "bytes left over");
    done
}

fn image(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at * 7 + at / 251) as u8).collect()
}

/// Sizes around every boundary: packets, payloads, with both header lengths.
fn edge_sizes() -> Vec<usize> {
    let mut sizes: Vec<usize> = (0..20).collect();
    // A header of up to 6 bytes in each of up to two payloads, and a byte on either side.
    for boundary in [PACKET_BYTES, 2 * PACKET_BYTES, PAYLOAD_BYTES_MAX, 2 * PAYLOAD_BYTES_MAX] {
        sizes.extend(boundary - 14..boundary + 2);
    }
    sizes
}

#[test]
fn frames_of_all_edge_sizes_arrive_whole() {
    let pattern = image(3 * PAYLOAD_BYTES_MAX);
    let hosts = [(16384, 16384), (16384, 512), (16384, 4096), (16384, 1024), (8192, 8192), (512, 512)];
    for controller in [Controller::ShortAnswerEnds, Controller::ShortPacketEnds] {
        for (transfer, request) in hosts {
            for pts in [None, Some(0x1234_5678)] {
                for bytes in edge_sizes() {
                    let image = |bytes: usize| pattern[..bytes].to_vec();
                    let make = |frame_id, bytes| {
                        Outgoing::new(FrameHeader { frame_id, error: false, pts }, image(bytes))
                    };
                    let mut frames = [make(false, bytes), make(true, 777), make(false, bytes)];
                    let got = receive(&mut frames, transfer, request, controller);
                    let expected = [
                        (false, false, image(bytes)),
                        (true, false, image(777)),
                        (false, false, image(bytes)),
                    ];
                    assert!(got == expected, "{bytes} bytes, {controller:?}, {transfer}/{request}, {pts:?}");
                }
            }
        }
    }
}

#[test]
fn no_payload_needs_a_zero_length_packet() {
    for bytes in 0..3 * PAYLOAD_BYTES_MAX {
        let mut frame = Outgoing::new(FrameHeader::default(), vec![0; bytes]);
        while let Some(payload) = frame.next(usize::MAX >> 1) {
            let total = payload.len();
            assert!((2..=PAYLOAD_BYTES_MAX).contains(&total));
            assert!(total == PAYLOAD_BYTES_MAX || !total.is_multiple_of(PACKET_BYTES), "{bytes}: {total}");
        }
        assert!(frame.is_complete());
    }
}

#[test]
fn error_bit_and_time_are_in_every_header() {
    let header = FrameHeader { frame_id: true, error: true, pts: Some(0x0403_0201) };
    let mut frame = Outgoing::new(header, image(40_000));
    let mut headers = Vec::new();
    while let Some(payload) = frame.next(PAYLOAD_BYTES_MAX) {
        headers.push(payload[..6].to_vec());
    }
    assert_eq!(headers, [[6, 0xc5, 1, 2, 3, 4], [6, 0xc5, 1, 2, 3, 4], [6, 0xc7, 1, 2, 3, 4]]);
}
