import CKernels
import Testing

@testable import ZLColumnar

@Suite struct BitPackingTests {
    /// Bit by bit, as the layout says.
    static func packed(_ values: [UInt32], width: Int) -> [UInt32] {
        var words = [UInt32](repeating: 0, count: BitPacking.wordCount(width: width))
        for (index, value) in values.enumerated() {
            for bit in 0..<width where value >> UInt32(bit) & 1 == 1 {
                let place = index / 8 * width + bit
                words[place / 32 * 8 + index % 8] |= 1 << UInt32(place % 32)
            }
        }
        return words
    }

    @Test(arguments: 1...32)
    func packingSetsTheBitsThatTheLayoutNames(width: Int) {
        var random = SeededGenerator(seed: UInt64(width))
        for base in [0, 5, -7, Int64.min, Int64.max] {
            let values = (0..<BitPacking.blockSize).map { _ in base &+ Int64(UInt32.random(in: .min ... .max, using: &random)) }
            var words = [UInt32](repeating: 0xDEAD_BEEF, count: BitPacking.wordCount(width: width) + 8)
            zl_pack_int64(values, UInt32(width), base, &words)
            #expect(Array(words.dropLast(8)) == Self.packed(values.map { UInt32(truncatingIfNeeded: $0 &- base) }, width: width))
            #expect(words.suffix(8).allSatisfy { $0 == 0xDEAD_BEEF })
        }
    }

    @Test(arguments: 0...32)
    func oneValueIsTheOneThatWasPacked(width: Int) {
        var random = SeededGenerator(seed: UInt64(width))
        let values = (0..<BitPacking.blockSize).map { _ in UInt32(truncatingIfNeeded: random.next() & (1 << UInt64(width) - 1)) }
        // What lies behind the block is read, and must not count.
        let words = Self.packed(values, width: width) + [UInt32](repeating: .max, count: 8)
        #expect((0..<BitPacking.blockSize).map { BitPacking.value($0, of: words, width: width) } == values)
    }

    @Test func boundsOfBlocksAreThoseOfAPlainLook() {
        var random = SeededGenerator(seed: 3)
        for count in [1, 2, 3, 7, 8, 9, 255, 256] {
            for range in [0...0, -3...3, Int64.min...Int64.max] {
                let values = (0..<count).map { _ in Int64.random(in: range, using: &random) }
                let found = zl_pack_bounds(values, count)
                let steps = zip(values.dropFirst(), values).map { $0 &- $1 }
                #expect(found.least == values.min() && found.greatest == values.max())
                #expect(found.least_step == steps.min() ?? .max && found.greatest_step == steps.max() ?? .min)
                #expect(found.changes == steps.filter { $0 != 0 }.count)
                let frame = zl_pack_frame(values, count)
                #expect(frame.least == found.least && frame.greatest == found.greatest)
            }
        }
    }

    /// Whatever the kernel calls exact comes back by a plain division, whatever it calls inexact does not.
    @Test func scaledDoublesAreExactWhereADivisionSaysSo() {
        var random = SeededGenerator(seed: 4)
        for exponent in 0...10 {
            let scale = PowersOfTen.exactDoubles[exponent]
            for round in 0..<200 {
                let values = (0..<BitPacking.blockSize).map { index -> Double in
                    let whole = Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 10...60, using: &random)
                    switch (round + index) % 12 {
                    case 0: return (Double(whole) / scale).nextUp
                    case 1: return [Double.nan, .infinity, -.infinity, -0.0, 0.0, 1e300, Double.leastNonzeroMagnitude, 0x1p51, 0x1p52][index % 9]
                    default: return Double(whole) / scale
                    }
                }
                var integers = [Int64](repeating: 0, count: BitPacking.blockSize)
                let inexact = zl_scale_doubles(values, scale, &integers)
                let expected = values.filter { value in
                    let rounded = (value * scale).rounded(.toNearestOrEven)
                    return !(abs(value * scale) < 0x1p51) || (rounded + 0.0) / scale != value || (value == 0 && value.sign == .minus)
                }
                #expect(inexact == expected.count)
                for (value, integer) in zip(values, integers) where abs(value * scale) < 0x1p51 {
                    #expect(Double(integer) == (value * scale).rounded(.toNearestOrEven))
                }
            }
        }
    }

    @Test(arguments: 0...32)
    func whatIsPackedComesBackCutToTheWidth(width: Int) {
        var random = SeededGenerator(seed: UInt64(width) + 1)
        var values = [UInt32](repeating: 0, count: BitPacking.blockSize)
        for index in values.indices { values[index] = UInt32.random(in: .min ... .max, using: &random) }
        let mask: UInt32 = width == 32 ? .max : (1 << UInt32(width)) - 1
        var words = [UInt32](repeating: 0xDEAD_BEEF, count: BitPacking.wordCount(width: width) + 8)
        words.replaceSubrange(0..<BitPacking.wordCount(width: width), with: Self.packed(values, width: width))
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
        var values = [Int64](repeating: 0, count: BitPacking.blockSize)
        values[0] = 0xABC
        values[8] = 0x123
        values[16] = 0x456
        var words = [UInt32](repeating: 0, count: BitPacking.wordCount(width: 12))
        zl_pack_int64(values, 12, 0, &words)
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
