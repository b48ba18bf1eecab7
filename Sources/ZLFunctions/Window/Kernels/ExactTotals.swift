import ZLColumnar

/// Counts and sums of whole numbers over any frame: exact, so a frame's total is that of the row before, plus what came in, less what
/// went out.
///
/// NULLs and rows that FILTER leaves out do not count. A sum of nothing is NULL, a count 0.
///
/// - Complexity: O(1) a row over frames whose ends do not move back, else O(rows by which they move).
struct ExactTotals: FramedForm {
    private enum Kind: Sendable { case rows, trueRows, sum, mean(divisor: Double) }
    private let kind: Kind

    init(countsTrue: Bool) { kind = countsTrue ? .trueRows : .rows }

    /// Nil for 16-byte integers, whose sums may overflow.
    init?(sumOf signature: ResolvedSignature, averages: Bool) {
        guard signature.arguments.count == 1 else { return nil }
        switch signature.arguments[0].physical {
        case .int32, .int64, .uint64: break
        default: return nil
        }
        var scale = 0
        if case .decimal(_, let digits) = signature.arguments[0] { scale = Int(digits) }
        kind = averages ? .mean(divisor: Double(PowersOfTen.integer(scale))) : .sum
    }

    func reach(_ use: WindowUse) -> WindowReach? { use.frameReach }

    func covers(_ partition: WindowPartition) -> Bool { partition.exclusion == .noOthers }

    func evaluate(_ partition: WindowPartition, into output: WindowOutput) throws(ZLError) {
        let argument = partition.arguments.first
        switch (kind, argument?.physical) {
        case (.rows, _): slide(partition, output) { _ in 0 }
        case (.trueRows, _):
            guard let flags = argument?.values(UInt8.self) else { return }
            slide(partition, output) { Int128(flags[$0] == 0 ? 0 : 1) }
        case (_, .int32):
            guard let values = argument?.values(Int32.self) else { return }
            slide(partition, output) { Int128(values[$0]) }
        case (_, .uint64):
            guard let values = argument?.values(UInt64.self) else { return }
            slide(partition, output) { Int128(values[$0]) }
        default:
            guard let values = argument?.values(Int64.self) else { return }
            slide(partition, output) { Int128(values[$0]) }
        }
        withExtendedLifetime(argument) {}
    }

    @inline(__always)
    private func slide(_ partition: WindowPartition, _ output: WindowOutput, _ value: (Int) -> Int128) {
        let argument = partition.arguments.first
        let filter = partition.filter
        var sum: Int128 = 0
        var count: Int64 = 0
        func move(_ rows: Range<Int>, _ sign: Int64) {
            for row in rows where filter?[row] != 0 && argument?.isNull(row) != true {
                // why: never overflows, for a partition has fewer than 2^32 rows of 64 bits
                sum &+= Int128(sign) &* value(row)
                count &+= sign
            }
        }
        var frame = partition.rows.lowerBound..<partition.rows.lowerBound
        for row in partition.targets {
            let next = partition.frameRange(row)
            if next.lowerBound >= frame.upperBound || next.upperBound <= frame.lowerBound {
                sum = 0
                count = 0
                move(next, 1)
            } else {
                if next.upperBound > frame.upperBound { move(frame.upperBound..<next.upperBound, 1) }
                if next.upperBound < frame.upperBound { move(next.upperBound..<frame.upperBound, -1) }
                if next.lowerBound > frame.lowerBound { move(frame.lowerBound..<next.lowerBound, -1) }
                if next.lowerBound < frame.lowerBound { move(next.lowerBound..<frame.lowerBound, 1) }
            }
            frame = next
            switch kind {
            case .rows: output.set(count, at: row)
            case .trueRows: output.set(Int64(truncatingIfNeeded: sum), at: row)
            case .sum:
                guard count > 0 else { continue }
                output.values(Int128.self)[row] = sum
                output.valid[row] = 1
            case .mean(let divisor):
                if count > 0 { output.set(Double(sum) / (Double(count) * divisor), at: row) }
            }
        }
    }
}
