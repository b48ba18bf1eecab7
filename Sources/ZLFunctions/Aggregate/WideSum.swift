import CKernels
import ZLColumnar

/// Sums of HUGEINTs and of DECIMALs of 128 bits, and their means: exact on the way, so that the order of the rows does not decide whether
/// a sum fits.
///
/// - Complexity: O(1) a row.
final class WideSumState: BatchAggregateState {
    private struct Slot {
        var low: Int128
        var high: Int128
        var count: Int64

        /// Adds the sum of some values, its halves as those of a value.
        @inline(__always)
        mutating func add(_ sum: Int64, count: Int64) {
            low &+= Int128(UInt64(bitPattern: sum))
            high &+= Int128(sum >> 63)
            self.count &+= count
        }
    }

    /// The low halves as unsigned numbers and the high halves of the values, added up apart; no number of rows fills either.
    private var slots = GroupArray(Slot(low: 0, high: 0, count: 0))
    private let argument: DataType
    private let result: DataType
    private let averages: Bool

    init(argument: DataType, result: DataType, averages: Bool) {
        self.argument = argument
        self.result = result
        self.averages = averages
    }

    var isOrderFree: Bool { true }

    func grow(to groupCount: Int) { slots.grow(to: groupCount) }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let vector = arguments[0].flattened()
        let values = vector.values(Int128.self)
        let sums = slots.values
        let isNarrow = !vector.mayHaveNulls && FewGroups.areShort(rows)
            && zl_are_narrow_int128(vector.values(UInt64.self), rows.count) == 1
        if isNarrow, let tally = FewGroups.tally(of: rows, groupCount: slots.count, vector) {
            FewGroups.add(vector.values(Int64.self), step: 2, tally, groupCount: slots.count) { group, sum, count in
                sums[group].add(sum, count: count)
            }
        } else if isNarrow, rows.groups == nil {
            for run in rows.runs {
                var sum: Int64 = 0
                for row in run.start..<run.end { sum &+= Int64(truncatingIfNeeded: values[row]) }
                sums[run.group].add(sum, count: Int64(run.end - run.start))
            }
        } else {
            try rows.forEachValid(vector) { (row, group) throws(ZLError) in
                sums[group].low &+= Int128(UInt64(truncatingIfNeeded: values[row]))
                sums[group].high &+= values[row] >> 64
                sums[group].count &+= 1
            }
        }
        withExtendedLifetime(vector) {}
    }

    func makePartial() -> (any AggregateState)? { WideSumState(argument: argument, result: result, averages: averages) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? WideSumState else { return }
        let (held, theirs) = (slots.values, partial.slots.values)
        for other in 0..<partial.slots.count {
            let slot = held + Int(groups[other])
            slot.pointee.low &+= theirs[other].low
            slot.pointee.high &+= theirs[other].high
            slot.pointee.count &+= theirs[other].count
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        let sums = slots.values
        let totals = try (0..<slots.count).map { (group) throws(ZLError) in try total(sums[group]) }
        guard averages else {
            return .groups(count: slots.count, type: result, isPresent: { sums[$0].count > 0 }) { totals[$0] }
        }
        let divisor = Cast.unit(of: argument)
        return .groups(count: slots.count, type: .double, isPresent: { sums[$0].count > 0 }) {
            Double(totals[$0]) / (Double(sums[$0].count) * divisor)
        }
    }

    private func total(_ sum: Slot) throws(ZLError) -> Int128 {
        let high = sum.high &+ (sum.low >> 64)
        guard Int64(exactly: high) != nil else { throw ZLError(.execution, "overflow", "sum does not fit into \(averages ? .hugeint : result)") }
        return high << 64 | Int128(UInt64(truncatingIfNeeded: sum.low))
    }
}
