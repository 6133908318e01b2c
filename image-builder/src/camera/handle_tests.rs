//! Tests of the handle with a socket but without QEMU: waiting for it, losing it, and parting from it in order.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use super::{Camera, CameraError, Options};
use crate::camera::wire::{self, Decoder, Message, caps};

fn place() -> (tempfile::TempDir, Options) {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new(directory.path().join("camera.sock"));
    (directory, options)
}

fn greet(mut stream: &UnixStream) {
    let mut bytes = Vec::new();
    let hello = Message::Hello { version: "test".into(), capabilities: caps::NEEDED };
    wire::encode(0, &hello, &mut bytes);
    stream.write_all(&bytes).unwrap();
}

fn until(mut condition: impl FnMut() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("did not happen within 5 s");
}

#[test]
fn it_waits_for_qemu_and_parts_with_a_disconnect_and_no_half_message() {
    let (_directory, options) = place();
    let path = options.socket.clone();
    let camera = Camera::start(options).unwrap();
    std::thread::sleep(Duration::from_millis(120));
    let listener = UnixListener::bind(path).unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    greet(&stream);
    until(|| camera.stats().plugged);
    let stats = camera.stop().unwrap();
    assert!(!stats.plugged);
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let mut decoder = Decoder::default();
    decoder.push(&bytes);
    let heard: Vec<_> = std::iter::from_fn(|| decoder.next().unwrap()).collect();
    assert_eq!(heard.last(), Some(&(0, Message::DeviceDisconnect)));
    assert_eq!(heard.len(), 5);
}

#[test]
fn it_ends_with_a_reason() {
    let (_directory, mut options) = place();
    options.connect_ms_max = 1;
    let mut camera = Camera::start(options.clone()).unwrap();
    until(|| camera.ended().is_some());
    assert!(matches!(camera.ended(), Some(CameraError::NobodyListens { .. })));
    assert!(matches!(camera.stop(), Err(CameraError::NobodyListens { .. })));

    let listener = UnixListener::bind(&options.socket).unwrap();
    let mut camera = Camera::start(options.clone()).unwrap();
    drop(listener.accept().unwrap());
    until(|| camera.ended().is_some());
    assert_eq!(camera.ended(), Some(CameraError::QemuGone));

    let mut camera = Camera::start(options).unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    stream.write_all(&[9; 40]).unwrap();
    until(|| camera.ended().is_some());
    assert!(matches!(camera.ended(), Some(CameraError::Wire(_))));
}
