//! Faults of the card that the guest cannot tell from real ones.
//!
//! They are made in the PCI command register of the card's controller.
//! QEMU's SD card reports no error of its image to the guest (`sd_blk_write` in hw/sd/sd.c prints a line and goes on: `blkdebug`
//! makes a card that keeps nothing, and no other fault), and while it waits for its image (`throttle`) no other device is emulated. So the image
//! is left alone, and the controller is kept from answering: without its interrupt the card is silent while everything else
//! goes on; without access to memory each transfer ends with the controller's own error, in reading and in writing. The
//! register is written through QEMU's qtest socket, while the machine runs.

use crate::Failure;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::TempDir;

/// The command register of the first device on the bus: the generic host bridge's configuration space (ECAM), 32 KiB for
/// each device, offset 4 (PCI Local Bus Specification 3.0, 6.2.2).
const COMMAND_REGISTER: u64 = 0x40_1000_0000 + (1 << 15) + 4;
/// The register that says where the controller's own registers are, 12 bytes further (6.2.5.1); its low four bits are flags.
const BASE_REGISTER: u64 = COMMAND_REGISTER + 12;
/// The controller's interrupt status (SD Host Controller Specification, 2.2.17).
const INTERRUPT_STATUS: u64 = 0x30;
/// Bit 2: the device may access memory.
const BUS_MASTER: u16 = 1 << 2;
/// Bit 10: the device may not interrupt.
const NO_INTERRUPT: u16 = 1 << 10;
/// The driver gives access to memory back when it starts the controller anew after an error: it is taken away this often.
const HOLD_EVERY: Duration = Duration::from_millis(1);
/// QEMU makes its socket within milliseconds.
const CONNECT_TRIES: u32 = 2000;

/// The way to the controller.
pub struct CardFaults {
    folder: TempDir,
    qtest: Option<Qtest>,
    holder: Option<Holder>,
}

/// A thread that keeps the card failing, and gives the socket back.
struct Holder {
    stop: Sender<()>,
    thread: JoinHandle<Result<Qtest, String>>,
}

impl CardFaults {
    /// Makes a place for the socket.
    pub fn new() -> Result<CardFaults, Failure> {
        // A Unix socket's path has room for 107 bytes.
        Ok(CardFaults { folder: tempfile::tempdir_in("/tmp")?, qtest: None, holder: None })
    }

    /// What QEMU must be started with.
    pub fn arguments(&self) -> Vec<String> {
        let socket = format!("unix:{},server=on,wait=off", self.socket().display());
        ["-qtest", &socket, "-qtest-log", "none"].map(String::from).to_vec()
    }

    /// The card takes requests and does not answer.
    pub fn silent(&mut self) -> Result<(), Failure> {
        self.change(NO_INTERRUPT, 0)
    }

    /// Whether the controller has something to say that the guest does not hear: a request waits for its answer.
    pub fn is_unheard(&mut self) -> Result<bool, Failure> {
        let qtest = self.qtest.as_mut().ok_or("no qtest socket")?;
        let base = qtest.read("readl", BASE_REGISTER)? & !0xf;
        Ok(qtest.read("readw", base + INTERRUPT_STATUS)? != 0)
    }

    /// Each transfer from or to the card fails.
    pub fn failing(&mut self) -> Result<(), Failure> {
        self.change(0, BUS_MASTER)?;
        let mut qtest = self.qtest.take().ok_or("no qtest socket")?;
        let (stop, stopped) = channel();
        let hold = move || {
            while stopped.recv_timeout(HOLD_EVERY) == Err(RecvTimeoutError::Timeout) {
                qtest.change(0, BUS_MASTER).map_err(|e| e.to_string())?;
            }
            Ok(qtest)
        };
        self.holder = Some(Holder { stop, thread: std::thread::spawn(hold) });
        Ok(())
    }

    /// The card works.
    pub fn healed(&mut self) -> Result<(), Failure> {
        if let Some(Holder { stop, thread }) = self.holder.take() {
            drop(stop);
            self.qtest = Some(thread.join().map_err(|_| "the thread that held the card died")??);
        }
        self.change(BUS_MASTER, NO_INTERRUPT)
    }

    fn change(&mut self, set: u16, clear: u16) -> Result<(), Failure> {
        if self.qtest.is_none() {
            self.qtest = Some(Qtest(BufReader::new(self.connect()?)));
        }
        self.qtest.as_mut().ok_or("no qtest socket")?.change(set, clear)
    }

    fn connect(&self) -> Result<UnixStream, Failure> {
        for _ in 0..CONNECT_TRIES {
            if let Ok(stream) = UnixStream::connect(self.socket()) {
                return Ok(stream);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err("QEMU made no qtest socket".into())
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("qtest")
    }
}

/// QEMU's qtest protocol: a line each way.
struct Qtest(BufReader<UnixStream>);

impl Qtest {
    fn change(&mut self, set: u16, clear: u16) -> Result<(), Failure> {
        let now = u16::try_from(self.read("readw", COMMAND_REGISTER)? & 0xffff)?;
        let wanted = (now | set) & !clear;
        self.ask(&format!("writew {COMMAND_REGISTER:#x} {wanted:#x}")).map(drop)
    }

    fn read(&mut self, command: &str, address: u64) -> Result<u64, Failure> {
        let answer = self.ask(&format!("{command} {address:#x}"))?;
        Ok(u64::from_str_radix(answer.trim_start_matches("0x"), 16)?)
    }

    /// Asks one line; what follows the `OK`.
    fn ask(&mut self, line: &str) -> Result<String, Failure> {
        writeln!(self.0.get_mut(), "{line}")?;
        loop {
            let mut answer = String::new();
            if self.0.read_line(&mut answer)? == 0 {
                return Err("QEMU closed its qtest socket".into());
            }
            match answer.trim().split_once(' ').unwrap_or((answer.trim(), "")) {
                ("OK", rest) => return Ok(rest.to_owned()),
                // Interrupts of the machine are told as they come.
                ("IRQ", _) => {}
                _ => return Err(format!("qtest answered `{}` to `{line}`", answer.trim()).into()),
            }
        }
    }
}
