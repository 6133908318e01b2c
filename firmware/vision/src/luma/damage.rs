//! Why a camera frame was refused: one variant a reason, one plain sentence each.
//!
//! No control flow, no recovery: the caller counts the reason and waits for the next frame.
use crate::words::spoken;

spoken! {
    /// The reason why a frame cannot be used; `Display` gives a sentence for the log.
    Damage {
        NotJpeg => "The frame does not begin as a JPEG picture.",
        NoEnd => "The frame is cut off: its end-of-image marker is missing.",
        DataAfterEnd => "The frame carries other data after its end-of-image marker.",
        BadMarker => "A byte that should begin a JPEG marker does not.",
        BadSegment => "A JPEG segment is longer than the frame or shorter than its content.",
        NoFrameHeader => "The frame has no frame header before its picture data.",
        SecondFrameHeader => "The frame has two frame headers.",
        NoPicture => "The frame ends without any luma picture data.",
        Progressive => "The frame is a progressive JPEG; choose baseline JPEG in the camera.",
        Lossless => "The frame is a lossless or hierarchical JPEG; choose baseline JPEG in the camera.",
        Arithmetic => "The frame uses arithmetic coding; choose baseline JPEG in the camera.",
        Precision => "The frame does not have 8 bits a sample; choose 8 bits in the camera.",
        NoHeight => "The frame header does not say how high the picture is.",
        TooSmall => "The picture is smaller than 8 x 8 pixels.",
        TooLarge => "The picture is wider or higher than 8192 pixels; choose a smaller format.",
        Components => "The picture has neither one (grey) nor three (YCbCr) components.",
        Sampling => "The colour subsampling of the picture is not one that cameras use.",
        NoQuantTable => "The quantisation table of the luma is missing.",
        BadQuantTable => "A quantisation table is malformed.",
        NoHuffmanTable => "A Huffman table that the picture refers to is missing.",
        BadHuffmanTable => "A Huffman table is malformed.",
        BadScanHeader => "The header of the picture data is malformed.",
        BadCode => "The picture data holds a code that its Huffman table does not know.",
        TooManyCoefficients => "A block of the picture holds more than 64 coefficients.",
        DcRange => "The brightness of a block lies outside what a picture can have.",
        ScanTooShort => "The picture data ends before the last block.",
        ScanTooLong => "The picture data goes on after the last block.",
        RestartOrder => "A restart marker is missing or out of order.",
        StrideTooSmall => "The lines of the frame are shorter than its width and format need.",
        FrameTooShort => "The frame holds fewer bytes than its size and format need.",
        OutputTooSmall => "The buffer for the detection plane is too small.",
    }
}

impl core::error::Error for Damage {}
