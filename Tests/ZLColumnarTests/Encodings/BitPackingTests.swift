import CKernels
import Testing

@testable import ZLColumnar

@Suite struct BitPackingTests {
    @Test(arguments: 0...32)
    func whatIsPackedComesBackCutToTheWidth(width: Int) {
        var random = SeededGenerator(seed: UInt64(width) + 1)
        var values = [UInt32](repeating: 0, count: BitPacking.blockSize)
        for index in values.indices { values[index] = UInt32.random(in: .min ... .max, using: &random) }
        let mask: UInt32 = width == 32 ? .max : (1 << UInt32(width)) - 1
        var words = [UInt32](repeating: 0xDEAD_BEEF, count: BitPacking.wordCount(width: width) + 8)
        BitPacking.pack(values, width: width, into: &words)
        #expect(words.suffix(8).allSatisfy { $0 == 0xDEAD_BEEF })
        var back = [UInt32](repeating: 1, count: BitPacking.blockSize)
        BitPacking.unpack(words, width: width, into: &back)
        #expect(back == values.map { $0 & mask })
        guard width > 0 else { return }
        for base in [0, 1, -1, Int64(Int32.max), Int64(Int32.min), .max, .min] {
            let small = UInt32(truncatingIfNeeded: base)
            zl_unpack_uint32(words, UInt32(width), small, &back)
            #expect(back == values.map { ($0 & mask) &+ small })
            var wide = [Int64](repeating: 1, count: BitPacking.blockSize)
            zl_unpack_int64(words, UInt32(width), base, &wide)
            #expect(wide == values.map { Int64($0 & mask) &+ base })
            var scaled = [Double](repeating: 1, count: BitPacking.blockSize)
            for divisor in PowersOfTen.exactDoubles {
                zl_unpack_scaled(words, UInt32(width), small, divisor, &scaled)
                let quotients = values.map { (Double(Int32(bitPattern: ($0 & mask) &+ small)) / divisor).bitPattern }
                #expect(scaled.map(\.bitPattern) == quotients, "by \(divisor)")
            }
        }
    }

    /// Three values of 12 bits in lane 0, by hand: 0xABC, 0x123, 0x456 from the low bits up.
    @Test func lanesLieSideBySide() {
        var values = [UInt32](repeating: 0, count: BitPacking.blockSize)
        values[0] = 0xABC
        values[8] = 0x123
        values[16] = 0x456
        var words = [UInt32](repeating: 0, count: BitPacking.wordCount(width: 12))
        BitPacking.pack(values, width: 12, into: &words)
        #expect(words[0] == 0x5612_3ABC)
        #expect(words[8] == 0x4)
    }
}

/// The same numbers in each run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
