import ZLColumnar

@testable import ZLFunctions

/// Small deterministic generator (xorshift64*), so that a failure can be repeated.
struct TestNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func word() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// Uniform on 0 ..< 1.
    mutating func unit() -> Double { Double(word() >> 11) * 0x1p-53 }

    /// Roughly normal with mean 0 and variance 1: the sum of twelve uniforms.
    mutating func normal() -> Double {
        var total = -6.0
        for _ in 0..<12 { total += unit() }
        return total
    }

    mutating func below(_ limit: Int) -> Int { Int(word() % UInt64(limit)) }
}

/// One column of a window's input.
func column(_ values: [Double?]) -> ColumnVector {
    let builder = ColumnBuilder(type: .double, capacity: max(values.count, 1))
    for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
    return builder.finish()
}

/// A window input with its peers, one partition.
struct WindowFixture {
    let partition: WindowPartition
    private let held: [Buffer]

    init(
        _ arguments: [ColumnVector], frame: WindowFrame, filter: [Bool]? = nil
    ) throws {
        let count = arguments.first?.count ?? 0
        let peers = PeerGroups(try KeyRuns(partitionBy: [], orderBy: [], count: count, threads: 1), count: count)
        let bytes = Buffer(byteCount: max(16, count))
        for (index, isIn) in (filter ?? []).enumerated() { bytes.values(UInt8.self)[index] = isIn ? 1 : 0 }
        held = [bytes]
        self.peers = peers
        partition = WindowPartition(
            arguments: arguments, rows: 0..<count, frame: frame, peerStart: peers.start, peerEnd: peers.end,
            filter: filter == nil ? nil : UnsafePointer(bytes.values(UInt8.self)))
    }

    private let peers: PeerGroups

    /// The results of one evaluator, NULL as nil.
    func doubles(_ evaluator: any WindowEvaluator) throws -> [Double?] {
        let output = WindowOutput(type: .double, rows: 0..<(partition.arguments.first?.count ?? 0))
        try evaluator.evaluate(partition, into: output)
        return output.rows.map { output.valid[$0] == 1 ? output.values(Double.self)[$0] : nil }
    }

    /// The same read frame by frame, for the rows that `isWanted`; nil for others.
    func single<S: FrameStatistic>(_ statistic: S, minimum: Int = 0, isWanted: (Int) -> Bool = { _ in true }) -> [Double?] {
        let frames = SingleFrames(
            statistic: statistic, input: FrameInput(partition, arity: S.arity), minimum: minimum, greatestFrame: partition.rows.count)
        return partition.rows.map { isWanted($0) ? frames.value($0, partition.frameRange($0)) : nil }
    }
}

/// Both NULL, both NaN, the same infinity, or closer than `bound` times the greater of `scale` and the expected size.
func agree(_ found: Double?, _ expected: Double?, within bound: Double, scale: Double = 0) -> Bool {
    guard let found, let expected else { return found == nil && expected == nil }
    if found.isNaN || expected.isNaN { return found.isNaN && expected.isNaN }
    if found == expected { return true }
    return abs(found - expected) <= bound * max(scale, abs(expected))
}

/// The first row that does not agree, told in words; nil where all do.
func difference(_ found: [Double?], _ expected: [Double?], within bound: Double, scale: Double = 0) -> String? {
    guard found.count == expected.count else { return "\(found.count) rows, expected \(expected.count)" }
    for row in found.indices where !agree(found[row], expected[row], within: bound, scale: scale) {
        return "row \(row): \(String(describing: found[row])), expected \(String(describing: expected[row]))"
    }
    return nil
}
