import CKernels
import ZLColumnar

/// Sums of whole numbers and DECIMALs of up to 64 bits, exact in 128, and their means.
///
/// - Complexity: O(1) a row.
final class ExactSumState: BatchAggregateState {
    private struct Slot {
        var sum: Int128
        var count: Int64
    }

    private var slots = GroupArray(Slot(sum: 0, count: 0))
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
        switch vector.physical {
        case .int32: add(vector, Int32.self, rows)
        case .uint64: add(vector, UInt64.self, rows)
        default: if !addSteps(vector, rows), !addFewGroups(vector, rows) { add(vector, Int64.self, rows) }
        }
        withExtendedLifetime(vector) {}
    }

    /// False, and nothing added, where groups do not follow each other or values are not narrow.
    private func addSteps(_ vector: ColumnVector, _ rows: AggregateRows) -> Bool {
        guard let steps = rows.steps, !vector.mayHaveNulls, rows.count <= FewGroups.mostNarrow else { return false }
        let (slots, starts) = (slots.values + steps.firstGroup, steps.starts)
        return withUnsafeTemporaryAllocation(of: Int64.self, capacity: steps.count) { buffer in
            guard let sums = buffer.baseAddress, zl_run_sums(vector.values(Int64.self), starts, steps.count, sums) == 1 else { return false }
            for step in 0..<steps.count {
                slots[step].sum &+= Int128(sums[step])
                slots[step].count &+= Int64(starts[step + 1] &- starts[step])
            }
            return true
        }
    }

    /// False, and nothing added, where the groups are not few or the values not narrow.
    private func addFewGroups(_ vector: ColumnVector, _ rows: AggregateRows) -> Bool {
        let (values, groupCount) = (slots.values, slots.count)
        guard let tally = FewGroups.tally(of: rows, groupCount: groupCount, vector), ExactSumState.areNarrow(vector, rows) else { return false }
        FewGroups.add(vector.values(Int64.self), step: 1, tally, groupCount: groupCount) { group, sum, count in
            values[group].sum &+= Int128(sum)
            values[group].count &+= count
        }
        return true
    }

    /// Whether 64 bits hold the sum of any of a run's, or a group's, signed 64-bit values.
    private static func areNarrow(_ vector: ColumnVector, _ rows: AggregateRows) -> Bool {
        FewGroups.areShort(rows) && zl_are_narrow(vector.values(UInt64.self), rows.count) == 1
    }

    /// No number of rows fills 128 bits.
    @inline(__always)
    private func add<T: FixedWidthInteger>(_ vector: ColumnVector, _ element: T.Type, _ rows: AggregateRows) {
        let values = vector.values(T.self)
        let slots = slots.values
        let nulls = NullMask(vector)
        if let groups = rows.groups {
            for row in 0..<rows.count {
                if nulls.isNull(row) { continue }
                let slot = slots + Int(groups[row])
                slot.pointee.sum &+= Int128(truncatingIfNeeded: values[row])
                slot.pointee.count &+= 1
            }
            return
        }
        if !nulls.mayHaveNulls, T.bitWidth < Int64.bitWidth ? FewGroups.areShort(rows) : T.isSigned && ExactSumState.areNarrow(vector, rows) {
            for run in rows.runs {
                var sum: Int64 = 0
                for row in run.start..<run.end { sum &+= Int64(truncatingIfNeeded: values[row]) }
                slots[run.group].sum &+= Int128(sum)
                slots[run.group].count &+= Int64(run.end - run.start)
            }
            return
        }
        for run in rows.runs {
            var (sum, count): (Int128, Int64) = (0, 0)
            for row in run.start..<run.end where !nulls.isNull(row) {
                sum &+= Int128(truncatingIfNeeded: values[row])
                count &+= 1
            }
            slots[run.group].sum &+= sum
            slots[run.group].count &+= count
        }
    }

    func makePartial() -> (any AggregateState)? { ExactSumState(argument: argument, result: result, averages: averages) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? ExactSumState else { return }
        let (slots, theirs) = (slots.values, partial.slots.values)
        for other in 0..<partial.slots.count {
            let slot = slots + Int(groups[other])
            slot.pointee.sum &+= theirs[other].sum
            slot.pointee.count &+= theirs[other].count
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        let slots = slots.values
        guard averages else {
            return .groups(count: self.slots.count, type: result, isPresent: { slots[$0].count > 0 }) { slots[$0].sum }
        }
        let divisor = Cast.unit(of: argument)
        return .groups(count: self.slots.count, type: .double, isPresent: { slots[$0].count > 0 }) {
            Double(slots[$0].sum) / (Double(slots[$0].count) * divisor)
        }
    }
}
