import CKernels

/// Packs 256 integers of at most 32 bits into `width` bits each, eight lanes side by side.
///
/// Value i lies in lane i % 8 as that lane's number i / 8; a lane is a bit string in 32-bit words, and word k of lane l is word
/// 8 k + l of the block. Eight neighbours are shifted by the same amount, so a block unpacks in SIMD steps without a table or
/// a loop a width (the vertical layout of Lemire and Boytsov, 2015).
enum BitPacking {
    /// Values of a block.
    static let blockSize = 256

    /// 32-bit words of a packed block. Above 32 bits a width is two: the low halves at 32, behind them the high ones.
    static func wordCount(width: Int) -> Int { 8 * width }

    /// The 256 values of `width` bits (0...32) that lie packed at `words`. Up to 32 bytes behind the words are read.
    static func unpack(_ words: UnsafePointer<UInt32>, width: Int, into values: UnsafeMutablePointer<UInt32>) {
        guard width > 0 else {
            values.update(repeating: 0, count: blockSize)
            return
        }
        zl_unpack_uint32(words, UInt32(width), 0, values)
    }

    /// One of the 256 values, with the same reach.
    @inline(__always)
    static func value(_ index: Int, of words: UnsafePointer<UInt32>, width: Int) -> UInt32 {
        guard width > 0 else { return 0 }
        let bit = index / 8 * width
        let word = words + bit / 32 * 8 + index % 8
        let pair = UInt64(word[0]) | UInt64(word[8]) << 32
        return UInt32(truncatingIfNeeded: (pair >> UInt64(bit % 32)) & (1 << UInt64(width) - 1))
    }
}
