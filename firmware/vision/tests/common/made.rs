//! Frames of random coefficients, which no encoder at hand makes: odd samplings in one scan, tables with few codes.
//!
//! Written bit by bit, straight from ITU T.81; shares nothing with the crate.
use super::Random;
use super::coefficients::{Codes, Coefficients, codes};

/// Which Huffman tables a frame carries.
#[derive(Clone, Copy)]
pub enum TablesOf<'a> {
    /// Those of this frame: slots 0 for luma, 1 for chroma.
    Frame(&'a Coefficients),
    /// Codes of eight bits for exactly what the frame uses.
    Used,
}

/// What is to be made.
#[derive(Clone)]
pub struct Made<'a> {
    pub width: usize,
    pub height: usize,
    /// Sampling factors of each component.
    pub factors: Vec<(usize, usize)>,
    pub restart: usize,
    /// All quantisers.
    pub step: u8,
    pub tables: TablesOf<'a>,
    pub seed: u64,
}

/// A run of zeros and a value to be coded: symbol, value, its category.
type Token = (u8, i32, u32);

fn category(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

struct Bits {
    out: Vec<u8>,
    byte: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, bits: u32, count: u32) {
        for at in (0..count).rev() {
            self.byte = self.byte << 1 | bits >> at & 1;
            self.count += 1;
            if self.count == 8 {
                self.out.push(self.byte as u8);
                if self.byte == 0xFF {
                    self.out.push(0);
                }
                (self.byte, self.count) = (0, 0);
            }
        }
    }
    fn token(&mut self, codes: &Codes, (symbol, value, category): Token) {
        let code = codes.iter().find(|code| code.2 == symbol).expect("a code");
        self.put(code.1, code.0);
        self.put((value - i32::from(value < 0)) as u32 & ((1 << category) - 1), category);
    }
    fn align(&mut self) {
        while self.count != 0 {
            self.put(1, 1);
        }
    }
}

/// DC differences that stay in range, AC coefficients that grow fewer and smaller.
fn block(random: &mut Random, dc: &mut i32, step: u8) -> (Token, Vec<Token>) {
    let span = 1000 / i32::from(step);
    // Now and then a hard edge.
    let reach = if random.below(12) == 0 { span } else { span / 4 };
    let next = (*dc + random.below(2 * reach as usize + 1) as i32 - reach).clamp(-span, span);
    let (difference, mut ac, mut run) = (next - *dc, Vec::new(), 0);
    *dc = next;
    let dense = random.below(40);
    for k in 1..64 {
        let most = 300 / i32::from(step) / k + 1;
        let value = if random.below(k as usize + 1) * 4 < dense { random.noise(most) } else { 0 };
        if value == 0 {
            run += 1;
            continue;
        }
        while run >= 16 {
            ac.push((0xF0, 0, 0));
            run -= 16;
        }
        ac.push(((run as u8) << 4 | category(value) as u8, value, category(value)));
        run = 0;
    }
    if run > 0 {
        ac.push((0, 0, 0));
    }
    ((category(difference) as u8, difference, category(difference)), ac)
}

fn segment(out: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    out.extend_from_slice(&[0xFF, marker]);
    out.extend_from_slice(&(payload.len() as u16 + 2).to_be_bytes());
    out.extend_from_slice(payload);
}

fn huffman(class: u8, codes: &Codes) -> Vec<u8> {
    let mut payload = vec![class];
    payload.extend((1..=16).map(|length| codes.iter().filter(|code| code.0 == length).count() as u8));
    payload.extend(codes.iter().map(|code| code.2));
    payload
}

impl Made<'_> {
    /// The frame.
    pub fn frame(&self) -> Vec<u8> {
        let luma = if self.factors.len() == 1 { (1, 1) } else { self.factors[0] };
        let mcus = self.width.div_ceil(8 * luma.0) * self.height.div_ceil(8 * luma.1);
        let (mut random, mut dc, mut blocks) = (Random::new(self.seed), [0; 3], Vec::new());
        for mcu in 0..mcus {
            if self.restart > 0 && mcu % self.restart == 0 {
                dc = [0; 3];
            }
            for (component, factors) in self.factors.iter().enumerate() {
                let count = if self.factors.len() == 1 { 1 } else { factors.0 * factors.1 };
                for _ in 0..count {
                    blocks.push((mcu, component.min(1), block(&mut random, &mut dc[component], self.step)));
                }
            }
        }
        let used = |slot: usize, ac: bool| -> Codes {
            let of = blocks.iter().filter(|block| block.1 == slot);
            let tokens = of.flat_map(|block| if ac { block.2.1.clone() } else { vec![block.2.0] });
            let mut symbols: Vec<u8> = tokens.map(|token| token.0).collect();
            symbols.sort_unstable();
            symbols.dedup();
            let mut counts = [0; 16];
            counts[7] = symbols.len() as u8;
            codes(&counts, &symbols)
        };
        let tables: Vec<[Codes; 2]> = (0..2)
            .map(|slot| match self.tables {
                TablesOf::Frame(frame) => [frame.tables[0][slot].clone(), frame.tables[1][slot].clone()],
                TablesOf::Used => [used(slot, false), used(slot, true)],
            })
            .collect();
        let mut bits = Bits { out: self.head(&tables), byte: 0, count: 0 };
        let mut last = 0;
        for (mcu, slot, (dc, ac)) in &blocks {
            if *mcu != last && self.restart > 0 && mcu % self.restart == 0 {
                bits.align();
                bits.out.extend_from_slice(&[0xFF, 0xD0 + (mcu / self.restart - 1) as u8 % 8]);
            }
            last = *mcu;
            bits.token(&tables[*slot][0], *dc);
            ac.iter().for_each(|token| bits.token(&tables[*slot][1], *token));
        }
        bits.align();
        bits.out.extend_from_slice(&[0xFF, 0xD9]);
        bits.out
    }

    fn head(&self, tables: &[[Codes; 2]]) -> Vec<u8> {
        let mut out = vec![0xFF, 0xD8];
        let mut quantisers = vec![0];
        quantisers.extend_from_slice(&[self.step; 64]);
        segment(&mut out, 0xDB, &quantisers);
        let (h, w) = ((self.height as u16).to_be_bytes(), (self.width as u16).to_be_bytes());
        let mut header = vec![8, h[0], h[1], w[0], w[1], self.factors.len() as u8];
        let mut scan = vec![self.factors.len() as u8];
        for (number, factors) in (0u8..).zip(&self.factors) {
            header.extend_from_slice(&[number + 1, (factors.0 << 4 | factors.1) as u8, 0]);
            scan.extend_from_slice(&[number + 1, 0x11 * number.min(1)]);
        }
        scan.extend_from_slice(&[0, 63, 0]);
        segment(&mut out, 0xC0, &header);
        for (slot, [dc, ac]) in (0u8..).zip(tables).take(self.factors.len()) {
            segment(&mut out, 0xC4, &huffman(slot, dc));
            segment(&mut out, 0xC4, &huffman(0x10 | slot, ac));
        }
        if self.restart > 0 {
            segment(&mut out, 0xDD, &(self.restart as u16).to_be_bytes());
        }
        segment(&mut out, 0xDA, &scan);
        out
    }
}
