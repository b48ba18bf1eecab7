import CKernels

/// Finds a value's place among ascending bounds in about a nanosecond: a table over equal steps of their range narrows the search
/// down to the few bounds within a step. Immutable; may be used from several threads.
// why @unchecked: the buffers are filled in `init` and only read afterwards.
final class RankTable: @unchecked Sendable {
    /// Ranks are bytes.
    static let boundLimit = 255
    /// Steps a bound: enough for most steps of a normal distribution's quantiles to hold one bound.
    private static let stepsPerBound = 4

    private let bounds: UnsafeMutableBufferPointer<Double>
    private let first: UnsafeMutableBufferPointer<UInt16>
    private let table: ZLRankTable

    /// `values` ascend, none of them NaN, at most `boundLimit`.
    init(_ values: some Collection<Double>) {
        precondition(values.count <= Self.boundLimit)
        let finite: [Double] = values.filter(\.isFinite)
        let low: Double = finite.first ?? 0
        let wanted: Int = max(1, values.count * Self.stepsPerBound)
        var scale: Double = Double(wanted) / ((finite.last ?? 0) - low)
        if !(scale.isFinite && scale > 0) { scale = 0 }
        let stepCount: Int = scale > 0 ? wanted : 1
        first = .allocate(capacity: stepCount)
        var sizes: [Int] = Array(repeating: 0, count: stepCount)
        for value in values { sizes[Int(zl_rank_step(value, low, scale, UInt32(stepCount)))] += 1 }
        var place = 0
        for (step, size) in sizes.enumerated() {
            first.initializeElement(at: step, to: UInt16(place))
            place += size
        }
        var depth = 0
        while 1 << depth <= (sizes.max() ?? 0) { depth += 1 }
        bounds = .allocate(capacity: values.count + 1 << depth)
        bounds.initialize(repeating: .infinity)
        for (index, value) in values.enumerated() { bounds[index] = value }
        table = ZLRankTable(
            bounds: bounds.baseAddress, first: first.baseAddress, low: low, scale: scale, step_count: UInt32(stepCount),
            depth: UInt32(depth))
    }

    deinit {
        bounds.deallocate()
        first.deallocate()
    }

    /// Writes `base` and the number of bounds that a value is larger than, or the rank of missing values; no sum exceeds a byte.
    func rank(
        _ values: UnsafePointer<Double>, count: Int, missing: ZLMissing, base: UInt8, into ranks: UnsafeMutablePointer<UInt8>
    ) {
        withUnsafePointer(to: table) { zl_ranks(values, count, $0, missing, base, ranks) }
    }
}
