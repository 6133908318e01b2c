//! Where a transfer by ZMODEM ends in what its sender says, so that what is said after it is not the receiver's.
//!
//! `rz` takes all that there is, and throws away what comes behind the end: the console's next words, if it was late to read. It must not
//! understand a transfer.

/// How the sender's last header begins (ZFIN, in hexadecimal). Content cannot hold it: there the first byte is always escaped.
const LAST_HEADER: &[u8] = b"\x18B08";
/// What the sender says when that was answered: over and out.
const OVER: &[u8] = b"OO";

/// See the head of this file.
#[derive(Debug, Default)]
pub struct Handover {
    /// Bytes of [`LAST_HEADER`] and then of [`OVER`] that have come, one after the other.
    matched: usize,
}

impl Handover {
    /// How many of these bytes, which follow those before, are the receiver's.
    pub fn take(&mut self, bytes: &[u8]) -> usize {
        let end = LAST_HEADER.len() + OVER.len();
        for (index, byte) in bytes.iter().enumerate() {
            if self.matched == end {
                return index;
            }
            let expected = LAST_HEADER.iter().chain(OVER).nth(self.matched);
            if expected == Some(byte) {
                self.matched += 1;
            } else {
                // Behind the header its numbers come, and perhaps the header again.
                self.matched = if self.matched >= LAST_HEADER.len() {
                    LAST_HEADER.len()
                } else {
                    usize::from(LAST_HEADER.first() == Some(byte))
                };
            }
        }
        bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Handover;

    #[test]
    fn what_comes_behind_the_end_is_not_the_receivers_wherever_the_pieces_end() {
        let transfer = b"OO **\x18B0100000023be50\r\n\x11 content OO \x18\x18B **\x18B0800000000022d\r\nOO";
        let all = [&transfer[..], b"\r\nSent: 1 file.\r\nOO"].concat();
        for at in 0..all.len() {
            let mut handover = Handover::default();
            let taken = handover.take(&all[..at]) + handover.take(&all[at..]);
            assert_eq!(taken, transfer.len(), "in two pieces at {at}");
        }
    }
}
