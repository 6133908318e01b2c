//! Reads a baseline JPEG's coefficients bit by bit, straight from ITU T.81; shares nothing with the crate.
//!
//! For whole frames that are known to be good: anything else panics.

/// One Huffman table: length, code, symbol of each code (annex C).
pub type Codes = Vec<(u32, u32, u8)>;

/// The blocks of one component.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Component {
    /// Blocks of an MCU across and down.
    pub factors: (usize, usize),
    /// Blocks across, those that only fill up the last MCU included.
    pub across: usize,
    /// Coefficients in zigzag order, row by row.
    pub blocks: Vec<[i32; 64]>,
    /// Quantisers in zigzag order.
    pub quantisers: [i32; 64],
}

/// All that is in a frame.
#[derive(Clone, Default, Debug)]
pub struct Coefficients {
    pub width: usize,
    pub height: usize,
    /// MCUs across and down.
    pub mcus: (usize, usize),
    pub components: Vec<Component>,
    /// Bytes between the last block and the next marker, for each interval.
    pub slack: Vec<usize>,
    /// DC and AC tables by slot.
    pub tables: [[Codes; 4]; 2],
}

struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    bit: u32,
}

impl Bits<'_> {
    fn next(&mut self) -> u32 {
        let byte = self.data[self.at];
        assert!(byte != 0xFF || self.data[self.at + 1] == 0, "a marker in the middle of a block");
        let value = u32::from(byte) >> (7 - self.bit) & 1;
        self.bit += 1;
        if self.bit == 8 {
            (self.bit, self.at) = (0, self.at + 1 + usize::from(byte == 0xFF));
        }
        value
    }
    fn number(&mut self, count: u32) -> u32 {
        (0..count).fold(0, |number, _| number << 1 | self.next())
    }
    fn symbol(&mut self, codes: &Codes) -> u8 {
        let (mut length, mut code) = (0, 0);
        loop {
            (length, code) = (length + 1, code << 1 | self.next());
            assert!(length <= 16, "no such code");
            if let Ok(found) = codes.binary_search_by_key(&(length, code), |c| (c.0, c.1)) {
                return codes[found].2;
            }
        }
    }
    /// RECEIVE and EXTEND (F.2.2.1).
    fn signed(&mut self, category: u32) -> i32 {
        let raw = self.number(category) as i32;
        if category > 0 && raw < 1 << (category - 1) { raw - (1 << category) + 1 } else { raw }
    }
    /// To the next marker, over padding and `slack` bytes.
    fn skip_to_marker(&mut self) -> usize {
        if self.bit > 0 {
            self.at += 1 + usize::from(self.data[self.at] == 0xFF);
            self.bit = 0;
        }
        let from = self.at;
        while self.data[self.at] != 0xFF || self.data[self.at + 1] == 0 {
            self.at += 1;
        }
        self.at - from
    }
}

fn word(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

pub fn codes(counts: &[u8], symbols: &[u8]) -> Codes {
    let (mut codes, mut code, mut symbols) = (Vec::new(), 0, symbols.iter());
    for (length, &count) in (1..).zip(counts) {
        for _ in 0..count {
            codes.push((length, code, *symbols.next().unwrap()));
            code += 1;
        }
        code <<= 1;
    }
    codes
}

/// Reads a frame; Huffman tables that it leaves out are those of `usual`, a frame with typical tables.
pub fn read(jpeg: &[u8], usual: Option<&Coefficients>) -> Coefficients {
    let mut frame = Coefficients::default();
    if let Some(usual) = usual {
        frame.tables = usual.tables.clone();
    }
    let (mut at, mut quantisers, mut header, mut restart) = (2, [[0; 64]; 4], Vec::new(), 0);
    loop {
        assert_eq!(jpeg[at], 0xFF);
        let (marker, length) = (jpeg[at + 1], word(&jpeg[at + 2..]));
        let payload = &jpeg[at + 4..at + 2 + length];
        at += 2 + length;
        match marker {
            0xDB => {
                for table in payload.chunks_exact(65) {
                    assert!(table[0] < 4, "8 bits");
                    quantisers[usize::from(table[0])] = std::array::from_fn(|k| i32::from(table[1 + k]));
                }
            }
            0xC4 => {
                let mut rest = payload;
                while !rest.is_empty() {
                    let total: usize = rest[1..17].iter().map(|&n| usize::from(n)).sum();
                    frame.tables[usize::from(rest[0] >> 4)][usize::from(rest[0] & 15)] =
                        codes(&rest[1..17], &rest[17..17 + total]);
                    rest = &rest[17 + total..];
                }
            }
            0xC0 | 0xC1 => header = payload.to_vec(),
            0xDD => restart = word(payload),
            0xDA => {
                (frame.height, frame.width) = (word(&header[1..]), word(&header[3..]));
                frame.scan(&header[6..], payload, &quantisers, restart, &jpeg[at..]);
                return frame;
            }
            _ => {}
        }
    }
}

impl Coefficients {
    fn scan(&mut self, header: &[u8], scan: &[u8], quantisers: &[[i32; 64]; 4], restart: usize, data: &[u8]) {
        let factor = |c: &[u8]| (usize::from(c[1] >> 4), usize::from(c[1] & 15));
        let alone = header.len() == 3;
        let luma = if alone { (1, 1) } else { factor(header) };
        self.mcus = (self.width.div_ceil(8 * luma.0), self.height.div_ceil(8 * luma.1));
        for component in header.chunks_exact(3) {
            let factors = if alone { (1, 1) } else { factor(component) };
            let across = self.mcus.0 * factors.0;
            let blocks = vec![[0; 64]; across * self.mcus.1 * factors.1];
            let quantisers = quantisers[usize::from(component[2])];
            self.components.push(Component { factors, across, blocks, quantisers });
        }
        let (mut bits, mut dc) = (Bits { data, at: 0, bit: 0 }, [0; 3]);
        for mcu in 0..self.mcus.0 * self.mcus.1 {
            if restart > 0 && mcu > 0 && mcu % restart == 0 {
                self.slack.push(bits.skip_to_marker());
                assert_eq!(data[bits.at + 1], 0xD0 + (mcu / restart - 1) as u8 % 8, "restart marker");
                (bits.at, dc) = (bits.at + 2, [0; 3]);
            }
            for (number, component) in self.components.iter_mut().enumerate() {
                let tables = usize::from(scan[2 + 2 * number]);
                let (dc_codes, ac_codes) = (&self.tables[0][tables >> 4], &self.tables[1][tables & 15]);
                for at in 0..component.factors.0 * component.factors.1 {
                    let x = mcu % self.mcus.0 * component.factors.0 + at % component.factors.0;
                    let y = mcu / self.mcus.0 * component.factors.1 + at / component.factors.0;
                    let block = &mut component.blocks[y * component.across + x];
                    let category = bits.symbol(dc_codes);
                    dc[number] += bits.signed(category.into());
                    block[0] = dc[number];
                    let mut k = 1;
                    while k < 64 {
                        let symbol = bits.symbol(ac_codes);
                        match symbol {
                            0 => break,
                            0xF0 => k += 16,
                            _ => {
                                k += usize::from(symbol >> 4);
                                block[k] = bits.signed((symbol & 15).into());
                                k += 1;
                            }
                        }
                    }
                    assert!(k <= 64);
                }
            }
        }
        self.slack.push(bits.skip_to_marker());
        assert_eq!(data[bits.at + 1], 0xD9, "end of image");
    }
}

/// Row * 8 + column of each coefficient in zigzag order, by walking (figure A.6).
pub fn zigzag() -> [usize; 64] {
    let mut order: Vec<(usize, usize)> = (0..64).map(|at| (at / 8, at % 8)).collect();
    order.sort_by_key(|&(y, x)| (y + x, if (y + x) % 2 == 0 { x } else { y }));
    std::array::from_fn(|k| order[k].0 * 8 + order[k].1)
}

fn cosine(x: usize, u: usize) -> f64 {
    static TABLE: std::sync::LazyLock<[f64; 64]> = std::sync::LazyLock::new(|| {
        std::array::from_fn(|at| {
            let (x, u) = ((at / 8) as f64, (at % 8) as f64);
            let scale = if at % 8 == 0 { 0.5f64.sqrt() } else { 1.0 };
            scale / 2.0 * ((2.0 * x + 1.0) * u * std::f64::consts::PI / 16.0).cos()
        })
    });
    TABLE[x * 8 + u]
}

/// Samples of a block (A.3.3), row by row.
pub fn samples(block: &[i32; 64], quantisers: &[i32; 64]) -> [u8; 64] {
    let order = zigzag();
    std::array::from_fn(|at| {
        let terms = (0..64).filter(|&k| block[k] != 0).map(|k| {
            let value = f64::from(block[k] * quantisers[k]);
            value * cosine(at % 8, order[k] % 8) * cosine(at / 8, order[k] / 8)
        });
        (terms.sum::<f64>() + 128.0).round().clamp(0.0, 255.0) as u8
    })
}

/// Coefficients of a block before quantisation (A.3.3), in zigzag order.
pub fn transformed(samples: &[u8; 64]) -> [f64; 64] {
    let order = zigzag();
    std::array::from_fn(|k| {
        let terms = (0..64).map(|at| {
            (f64::from(samples[at]) - 128.0) * cosine(at % 8, order[k] % 8) * cosine(at / 8, order[k] / 8)
        });
        terms.sum()
    })
}
