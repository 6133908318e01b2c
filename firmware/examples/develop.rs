//! Makes JPEG pictures of raw frames, for `cost/develop.sh` to measure.
//!
//! Arguments: a file of frames, their format, width and height, passes, and optionally where the last picture goes.

use firmware::develop::{Encode, Fixed, Picture};
use firmware::ring::{Coding, FRAME_BYTES_MAX, Meta, Pool, channel};
use std::error::Error;
use vision::bayer::Darkroom;
use vision::luma::RawFormat;

const QUALITY: u8 = 80;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, fourcc, width, height, passes, rest @ ..] = arguments.as_slice() else {
        return Err("FILE FOURCC WIDTH HEIGHT PASSES [PICTURE]".into());
    };
    let fourcc: [u8; 4] = fourcc.as_bytes().try_into()?;
    let (width, height) = (width.parse::<u16>()?, height.parse::<u16>()?);
    let format = RawFormat::find(fourcc).ok_or("an unknown format")?;
    let stride = format.row_bytes(width);
    let coding = Coding::Raw { fourcc, stride_bytes: u32::try_from(stride)?, is_full_range: false };
    let meta = Meta { width: width.into(), height: height.into(), coding, ..Meta::default() };
    let ways = [channel()?.1, channel()?.1, channel()?.1];
    let mut pool = Pool::new(1, 8 << 20, ways);
    let (content, mut out) = (std::fs::read(file)?, vec![0; FRAME_BYTES_MAX]);
    let (mut bytes, mut encoder, mut darkroom) = (0, Fixed::new(), Box::new(Darkroom::new()));
    for _ in 0..passes.parse::<u32>()? {
        for raw in content.chunks_exact(format.frame_bytes(stride, height)) {
            let frame = pool.take(raw, meta).map_err(|refusal| format!("{refusal:?}"))?;
            let mut picture = Picture::of(&frame, &[], &mut darkroom).ok_or("no picture")??;
            bytes = encoder.encode(&mut picture, QUALITY, &mut out).map_err(|_| "too long")?;
            pool.put(frame.into_slot());
        }
    }
    println!("{bytes} bytes");
    if let [picture] = rest {
        std::fs::write(picture, &out[..bytes])?;
    }
    Ok(())
}
