import Testing

@testable import ZLColumnar

@Suite struct IntegerStreamTests {
    enum Pattern: CaseIterable {
        case constant, runs, small, steps, regularSteps, wide, extremes, outlier

        func values(_ count: Int) -> [Int64] {
            var random = SeededGenerator(seed: 7)
            return (0..<count).map { row in
                switch self {
                case .constant: -5
                case .runs: Int64(row / 300) * 1_000_000_007
                case .small: Int64.random(in: -100...100, using: &random)
                case .steps: Int64(row) * 3_600_000_000_000 + Int64.random(in: 0...50, using: &random)
                case .regularSteps: 1_577_836_800_000_000_000 + Int64(row) * 60_000_000_000
                case .wide: Int64.random(in: .min ... .max, using: &random)
                case .extremes: row % 2 == 0 ? .min : .max
                case .outlier: row % 257 == 13 ? 1 << 45 : Int64(row % 10)
                }
            }
        }
    }

    static func stream(_ values: [Int64]) throws -> IntegerStream {
        let bytes = ByteBuffer()
        IntegerEncoder.append(values, count: values.count, to: bytes)
        #expect(bytes.count % 8 == 0)
        let buffer = Buffer(byteCount: bytes.count)
        buffer.address.copyMemory(from: bytes.address, byteCount: bytes.count)
        return try #require(IntegerStream(buffer, at: 0, end: bytes.count, count: values.count))
    }

    @Test(arguments: Pattern.allCases, [1, 2, 255, 256, 257, 1000, 2048, 5000])
    func anyRowsComeBack(pattern: Pattern, count: Int) throws {
        let values = pattern.values(count)
        let stream = try Self.stream(values)
        for (low, high) in [(0, count), (0, 1), (count - 1, count), (count / 3, count / 2 + 1), (min(256, count), count)] {
            var back = [Int64](repeating: 0, count: high - low)
            stream.decode(low..<high, into: &back)
            #expect(back == Array(values[low..<high]))
            var small = [Int16](repeating: 0, count: high - low)
            stream.decode(low..<high, into: &small)
            #expect(small == values[low..<high].map { Int16(truncatingIfNeeded: $0) })
            var doubles = [Double](repeating: 0, count: high - low)
            stream.decodeScaled(low..<high, divisor: 100, into: &doubles)
            #expect(doubles == values[low..<high].map { Double($0) / 100 })
        }
    }

    @Test(arguments: Pattern.allCases, [1, 2, 255, 256, 257, 1000, 2048, 5000])
    func pickedRowsComeBack(pattern: Pattern, count: Int) throws {
        let values = pattern.values(count)
        let stream = try Self.stream(values)
        for start in [0, count / 3, count - 1] {
            for step in [1, 3, 7, 100, 300, 700] {
                let rows = stride(from: step / 2, to: count - start, by: step).map { UInt32($0) }
                let expected = rows.map { values[start + Int($0)] }
                var picked = [Int64](repeating: 0, count: rows.count)
                stream.pick(rows, count: rows.count, from: start, into: &picked)
                #expect(picked == expected, "from \(start) in steps of \(step)")
                var small = [Int16](repeating: 0, count: rows.count)
                stream.pick(rows, count: rows.count, from: start, into: &small)
                #expect(small == expected.map { Int16(truncatingIfNeeded: $0) })
                var doubles = [Double](repeating: 0, count: rows.count)
                stream.pickScaled(rows, count: rows.count, from: start, divisor: 100, into: &doubles)
                #expect(doubles == expected.map { Double($0) / 100 })
            }
        }
    }

    @Test func eachPatternIsWrittenInTheFormThatIsSmallest() throws {
        #expect(try Self.stream(Pattern.constant.values(1000)).kind == .constant)
        #expect(try Self.stream(Pattern.runs.values(1000)).kind == .runs)
        #expect(try Self.stream(Pattern.small.values(1000)).kind == .packed)
        #expect(try Self.stream(Pattern.regularSteps.values(1000)).kind == .delta)
        // Regular steps cost their directory only: 16 + 4 blocks of 8 + 8 + 4 + 1 bytes, padded.
        #expect(try Self.stream(Pattern.regularSteps.values(1000)).byteCount == 16 + 4 * 16 + 16 + 8)
    }

    /// Doubles that are scaled block by block give the bytes of their integers, or none.
    @Test(arguments: Pattern.allCases, [1, 2, 255, 256, 257, 1000, 2048, 50_000])
    func scaledDoublesAreWrittenAsTheirIntegers(pattern: Pattern, count: Int) {
        let integers = pattern.values(count).map { $0 >> 20 }
        let expected = ByteBuffer()
        IntegerEncoder.append(integers, count: count, to: expected)
        for (odd, value) in [(nil, 0), (0, 0.125), (count - 1, .nan), (count / 2, -0.0)] as [(Int?, Double)] {
            var doubles = integers.map { Double($0) / 100 }
            if let odd { doubles[odd] = value }
            let bytes = ByteBuffer()
            for _ in 0..<8 { bytes.append(UInt8.max) }
            let isWritten = IntegerEncoder.append(doubles, count: count, scale: 100, to: bytes)
            if isWritten {
                #expect(odd == nil && bytes.bytes.dropFirst(8).elementsEqual(expected.bytes))
            } else {
                #expect(bytes.count == 8)
                let isExact = doubles.allSatisfy { ScaledDoubles.exponent([$0], count: 1).map { $0 <= 2 } ?? false }
                #expect(!isExact || [IntegerStream.Kind.constant, .runs].contains { $0.rawValue == expected.address[0] })
            }
        }
    }

    @Test func damagedBytesAreRefusedOrHarmless() throws {
        for pattern in Pattern.allCases {
            let bytes = ByteBuffer()
            let values = pattern.values(600)
            IntegerEncoder.append(values, count: 600, to: bytes)
            for place in 0..<min(bytes.count, 400) {
                for bit in [0, 3, 7] {
                    let buffer = Buffer(byteCount: bytes.count)
                    buffer.address.copyMemory(from: bytes.address, byteCount: bytes.count)
                    buffer.values(UInt8.self)[place] ^= 1 << UInt8(bit)
                    guard let stream = IntegerStream(buffer, at: 0, end: bytes.count, count: 600) else { continue }
                    var back = [Int64](repeating: 0, count: 600)
                    stream.decode(0..<600, into: &back)
                    stream.pick([0, 299, 300, 599], count: 4, from: 0, into: &back)
                }
            }
            let cut = Buffer(byteCount: bytes.count - 8)
            cut.address.copyMemory(from: bytes.address, byteCount: bytes.count - 8)
            #expect(IntegerStream(cut, at: 0, end: bytes.count - 8, count: 600) == nil)
        }
    }
}
