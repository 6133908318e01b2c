//! The camera as QEMU sees it: messages in, messages out, and time as an argument. No socket, no thread, no clock.
//!
//! It ties the layers together: the decoder's messages go to `uvc` (control) and `stream` (bulk); frames come from the
//! source when `stream` says that one is due. The owner moves bytes between this and a socket.

use std::time::Duration;

use super::descriptors::{self, CONFIGURATION, STREAMING_INTERFACE, UsbId, VIDEO_ENDPOINT};
use super::error::CameraError;
use super::faults::{Damage, Plan};
use super::format::PixelFormat;
use super::habits::Habit;
use super::limit::{Limit, Shortage};
use super::scene::{Act, Truth};
use super::source::Source;
use super::stats::Stats;
use super::stream::{Frame, Stream};
use super::turnable::Turned;
use super::uvc::{Answer, Controls, Event, Setup};
use super::wire::{self, Bulk, Control, Decoder, Message, caps, status};

/// How the camera names itself to QEMU (for its logs only).
const VERSION: &str = concat!("kerberos emulated camera ", env!("CARGO_PKG_VERSION"));

/// The whole device.
#[derive(Debug)]
pub struct Device {
    decoder: Decoder,
    out: Vec<u8>,
    /// QEMU said hello: from now on we may speak of a device.
    greeted: bool,
    /// The user wants it plugged in.
    wanted: bool,
    /// QEMU was told of the device.
    attached: bool,
    configuration: u8,
    /// Those that it offers, each with its source.
    formats: Vec<PixelFormat>,
    sources: Vec<Source>,
    /// Which of them is streamed.
    format_at: usize,
    /// Which one it says it is.
    usb_id: UsbId,
    controls: Controls,
    stream: Stream,
    plan: Plan,
    limit: Option<Limit>,
    habit: Option<Habit>,
}

impl Device {
    /// A camera that will appear once QEMU answers, or, if not `plugged`, once it is plugged.
    pub fn new(offered: Vec<(PixelFormat, Source)>, usb_id: UsbId, seed: u64, plugged: bool) -> Device {
        let (formats, sources): (Vec<_>, Vec<_>) = offered.into_iter().unzip();
        let mut out = Vec::new();
        wire::encode(0, &Message::Hello { version: VERSION.into(), capabilities: caps::OURS }, &mut out);
        Device {
            decoder: Decoder::default(),
            out,
            greeted: false,
            wanted: plugged,
            attached: false,
            configuration: 0,
            controls: Controls::new(&formats, usb_id),
            formats,
            sources,
            format_at: 0,
            usb_id,
            stream: Stream::default(),
            plan: Plan::none(seed),
            limit: None,
            habit: None,
        }
    }

    /// Takes bytes from QEMU.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), CameraError> {
        self.decoder.push(bytes);
        while let Some((id, message)) = self.decoder.next()? {
            self.handle(id, message)?;
        }
        Ok(())
    }

    /// Takes a frame if one is due, and answers what can be answered.
    pub fn tick(&mut self, now: Duration) -> Result<(), CameraError> {
        if let Some(mode) = self.stream.tick(now) {
            let index = self.stream.stats().offered;
            match self.source().map_or(Ok(None), |source| source.frame(mode, index))? {
                Some(mut image) => {
                    if let Some(habit) = self.habit {
                        habit.apply(&mut image);
                    }
                    let damage = self.plan.damage(index, &mut image);
                    self.stream.offer(Frame { image, damage, pts: now.as_micros() as u32 });
                }
                None => self.stream.source_was_late(),
            }
        }
        let out = &mut self.out;
        self.stream.deliver(now, |id, data| answer_bulk(id, status::SUCCESS, data, out));
        Ok(())
    }

    /// When `tick` must be called next, if nothing comes from QEMU before.
    pub fn due(&self, now: Duration) -> Option<Duration> {
        self.stream.due(now)
    }

    /// The bytes for QEMU so far; always whole messages.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// Pulls the plug: QEMU is told, and forgets all transfers itself.
    pub fn unplug(&mut self) {
        self.wanted = false;
        if self.attached {
            self.attached = false;
            self.stream.stop();
            self.stream.cancel_all();
            self.stream.set_plugged(false);
            self.send(0, &Message::DeviceDisconnect);
        }
    }

    /// Puts the plug in: now, or once QEMU has said hello.
    pub fn plug(&mut self) {
        self.wanted = true;
        if self.greeted && !self.attached {
            self.attached = true;
            self.controls = Controls::new(&self.formats, self.usb_id);
            self.stream.set_plugged(true);
            self.describe();
            self.send(0, &Message::DeviceConnect(descriptors::connect(self.usb_id)));
        }
    }

    /// Stops or goes on delivering frames while plugged in.
    pub fn set_stalled(&mut self, stalled: bool) {
        self.stream.set_stalled(stalled);
    }

    /// What is wrong with every picture from the next frame on.
    pub fn set_habit(&mut self, habit: Option<Habit>) {
        self.habit = habit;
    }

    /// How much the bus carries, from the next start of the stream on.
    pub fn set_limit(&mut self, limit: Option<Limit>) {
        self.limit = limit;
    }

    /// What happens in the scene from the next frame on.
    pub fn set_act(&mut self, act: Act) {
        self.sources.iter_mut().for_each(|source| source.set_act(act));
    }

    /// Damages a share of the frames from the next one on.
    pub fn set_damage(&mut self, percent: f64, kinds: &[Damage]) -> Result<(), CameraError> {
        self.plan.set(percent, kinds)
    }

    /// The account.
    pub fn stats(&self) -> Stats {
        self.stream.stats()
    }

    /// Where the controls stand that a user can turn.
    pub fn turned(&self) -> Turned {
        self.controls.turned()
    }

    /// What was in a frame that was taken.
    pub fn truth(&self, index: u64) -> Option<Truth> {
        let source = self.sources.get(self.format_at).filter(|_| index < self.stream.stats().offered)?;
        source.truth(index)
    }

    fn source(&mut self) -> Option<&mut Source> {
        self.sources.get_mut(self.format_at)
    }

    fn handle(&mut self, id: u64, message: Message) -> Result<(), CameraError> {
        match message {
            Message::Hello { .. } => {
                self.greeted = true;
                if self.wanted {
                    self.plug();
                }
            }
            Message::FilterReject => return Err(CameraError::Rejected),
            // QEMU's queue may still hold requests to a device that is already gone.
            _ if !self.attached => {}
            Message::Reset => {
                self.configuration = 0;
                self.controls = Controls::new(&self.formats, self.usb_id);
                self.drop_transfers();
            }
            Message::SetConfiguration { configuration } => self.configure(id, configuration),
            Message::GetConfiguration => self.configuration_status(id, status::SUCCESS),
            Message::SetAltSetting { interface, alt } => self.set_alt(id, interface, alt),
            Message::GetAltSetting { interface } => {
                self.alt_status(id, interface, 0, interface_known(interface))
            }
            Message::CancelDataPacket => self.cancel(id),
            Message::Control(control) => self.control(id, &control),
            Message::Bulk(bulk) => self.bulk(id, &bulk),
            _ => {}
        }
        Ok(())
    }

    fn control(&mut self, id: u64, control: &Control) {
        let setup = Setup {
            request_type: control.request_type,
            request: control.request,
            value: control.value,
            index: control.index,
            length: control.length,
        };
        let (answer, event) = self.controls.answer(&setup, &control.data);
        let answer = self.act(event).unwrap_or(answer);
        let (status, data) = match answer {
            Answer::Data(data) => (status::SUCCESS, data),
            Answer::Stall => (status::STALL, Vec::new()),
        };
        // An IN answer has the length of its data; an OUT answer repeats how much was taken.
        let inward = control.request_type & 0x80 != 0;
        let length = if inward || status != status::SUCCESS { data.len() as u16 } else { control.length };
        self.send(id, &Message::Control(Control { status, length, data, ..*control }));
    }

    /// What a request means for the stream; the answer, if it is another one than that of a bus with room for everything.
    fn act(&mut self, event: Option<Event>) -> Option<Answer> {
        match event? {
            Event::Stop => self.stream.stop(),
            Event::Start(mode, format) => {
                let shortage = self.limit.and_then(|limit| limit.shortage_of(mode, format));
                if shortage == Some(Shortage::Refuse) {
                    return Some(Answer::Stall);
                }
                self.format_at = self.formats.iter().position(|known| *known == format).unwrap_or(0);
                self.stream.start(mode, shortage.is_some());
            }
        }
        None
    }

    fn bulk(&mut self, id: u64, bulk: &Bulk) {
        let known = bulk.endpoint == VIDEO_ENDPOINT && self.configuration == CONFIGURATION;
        if !known || !self.stream.queue(id, bulk.length as usize) {
            self.send(
                id,
                &Message::Bulk(Bulk { status: status::INVALID, length: 0, data: Vec::new(), ..*bulk }),
            );
        }
    }

    fn cancel(&mut self, id: u64) {
        // An id that is not queued was answered while the cancel was under way: that answer stands.
        if self.stream.cancel(id) {
            answer_bulk(id, status::CANCELLED, Vec::new(), &mut self.out);
        }
    }

    fn configure(&mut self, id: u64, configuration: u8) {
        if configuration > CONFIGURATION {
            return self.configuration_status(id, status::STALL);
        }
        self.drop_transfers();
        self.configuration = configuration;
        self.describe();
        self.configuration_status(id, status::SUCCESS);
    }

    fn configuration_status(&mut self, id: u64, status: u8) {
        let configuration = self.configuration;
        self.send(id, &Message::ConfigurationStatus { status, configuration });
    }

    fn set_alt(&mut self, id: u64, interface: u8, alt: u8) {
        let known = interface_known(interface) && alt == 0;
        if known && interface == STREAMING_INTERFACE {
            self.drop_transfers();
        }
        self.alt_status(id, interface, alt, known);
    }

    fn alt_status(&mut self, id: u64, interface: u8, alt: u8, known: bool) {
        let status = if known { status::SUCCESS } else { status::STALL };
        self.send(id, &Message::AltSettingStatus { status, interface, alt });
    }

    /// Stops the stream and tells QEMU that the transfers it waits for are cancelled.
    fn drop_transfers(&mut self) {
        self.stream.stop();
        for id in self.stream.cancel_all() {
            answer_bulk(id, status::CANCELLED, Vec::new(), &mut self.out);
        }
    }

    /// Endpoints and interfaces, in the order that the protocol demands before a device connects.
    fn describe(&mut self) {
        self.send(0, &Message::EndpointInfo(descriptors::endpoints()));
        self.send(0, &Message::InterfaceInfo(descriptors::interfaces()));
    }

    fn send(&mut self, id: u64, message: &Message) {
        wire::encode(id, message, &mut self.out);
    }
}

fn interface_known(interface: u8) -> bool {
    interface <= STREAMING_INTERFACE
}

fn answer_bulk(id: u64, status: u8, data: Vec<u8>, out: &mut Vec<u8>) {
    let length = data.len() as u32;
    let bulk = Bulk { endpoint: VIDEO_ENDPOINT, status, length, stream_id: 0, data };
    wire::encode(id, &Message::Bulk(bulk), out);
}

#[cfg(test)]
#[path = "device_tests.rs"]
mod tests;
