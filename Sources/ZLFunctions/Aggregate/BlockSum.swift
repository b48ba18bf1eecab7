import CKernels
import ZLColumnar

/// Sums and means of doubles: within a block of source rows in order (in lanes where there is no GROUP BY), block sums in order. NULLs are as
/// good as no rows.
///
/// A partial state keeps the sum of each block apart, so that merging adds the same numbers in the same order as one state that
/// saw all rows.
///
/// - Complexity: O(1) a row; a partial state holds O(groups * blocks of its part).
final class BlockSumState: BatchAggregateState {
    private struct Slot {
        /// Closed blocks; not used by a partial state.
        var total: Double
        /// Sum of `block` so far.
        var open: Double
        var block: Int
        var count: Int64
    }

    private struct ClosedBlock {
        var group: Int
        var sum: Double
    }

    private var slots = GroupArray(Slot(total: 0, open: 0, block: -1, count: 0))
    private var closed = GroupArray(ClosedBlock(group: 0, sum: 0))
    private var closedCount = 0
    private let averages: Bool
    private let isPartial: Bool

    init(averages: Bool, isPartial: Bool = false) {
        self.averages = averages
        self.isPartial = isPartial
    }

    var addsByBlock: Bool { true }

    func grow(to groupCount: Int) { slots.grow(to: groupCount) }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        var (vector, rows) = (arguments[0].flattened(), rows)
        if rows.isOneGroup {
            let found = rows.withoutNulls([vector])
            (vector, rows) = (found.arguments[0], found.rows)
        }
        if isPartial { closed.grow(to: closedCount + rows.mostClosed) }
        if vector.mayHaveNulls {
            addNullable(vector, rows)
        } else if let groups = rows.groups, let blocks = rows.blocks {
            addRows(vector.values(Double.self), rows.count, groups, blocks)
        } else if let tally = FewGroups.tally(of: rows, groupCount: slots.count, vector) {
            addFewGroups(vector.values(Double.self), 0..<rows.border, tally, 0, block: rows.block)
            addFewGroups(vector.values(Double.self), rows.border..<rows.count, tally, slots.count, block: rows.block + 1)
        } else if let groups = rows.groups {
            addRows(vector.values(Double.self), 0..<rows.border, groups, block: rows.block)
            addRows(vector.values(Double.self), rows.border..<rows.count, groups, block: rows.block + 1)
        } else {
            addRuns(vector.values(Double.self), rows.runs, rows.isOneGroup)
        }
        withExtendedLifetime(vector) {}
    }

    /// Makes `block` the open block of a group.
    @inline(__always)
    private func open(_ group: Int, _ slot: UnsafeMutablePointer<Slot>, block: Int) {
        if slot.pointee.block != block { close(group, slot, block: block) }
    }

    @inline(never)
    private func close(_ group: Int, _ slot: UnsafeMutablePointer<Slot>, block: Int) {
        if !isPartial {
            slot.pointee.total += slot.pointee.open
        } else if slot.pointee.block >= 0 {
            closed.values[closedCount] = ClosedBlock(group: group, sum: slot.pointee.open)
            closedCount += 1
        }
        slot.pointee.open = 0
        slot.pointee.block = block
    }

    /// Rows of one block. The sums lie close together, without a look at the block or a count a row.
    ///
    /// - Parameter first: where the counts of these rows begin among those of the tally.
    private func addFewGroups(_ values: UnsafePointer<Double>, _ range: Range<Int>, _ tally: GroupTally, _ first: Int, block: Int) {
        if range.isEmpty { return }
        let (slots, groupCount, groups) = (slots.values, slots.count, tally.groups)
        let counts = tally.counts(groupCount: groupCount) + first
        withUnsafeTemporaryAllocation(of: Double.self, capacity: groupCount) { buffer in
            guard let sums = buffer.baseAddress else { return }
            for group in 0..<groupCount { sums[group] = slots[group].block == block ? slots[group].open : 0 }
            for row in range { sums[Int(groups[row])] += values[row] }
            // why: fields of the state are retained at each touch
            let (isPartial, list) = (isPartial, closed.values)
            var listed = closedCount
            for group in 0..<groupCount where counts[group] > 0 {
                let slot = slots + group
                if slot.pointee.block != block {
                    if !isPartial {
                        slot.pointee.total += slot.pointee.open
                    } else if slot.pointee.block >= 0 {
                        list[listed] = ClosedBlock(group: group, sum: slot.pointee.open)
                        listed += 1
                    }
                    slot.pointee.block = block
                }
                slot.pointee.open = sums[group]
                slot.pointee.count += Int64(counts[group])
            }
            closedCount = listed
        }
    }

    private func addRows(
        _ values: UnsafePointer<Double>, _ range: Range<Int>, _ groups: UnsafePointer<UInt32>, block: Int
    ) {
        let slots = slots.values
        let isPartial = isPartial
        for row in range {
            let group = Int(groups[row])
            let slot = slots + group
            if slot.pointee.block != block {
                if isPartial {
                    close(group, slot, block: block)
                } else {
                    slot.pointee.total += slot.pointee.open
                    slot.pointee.open = 0
                    slot.pointee.block = block
                }
            }
            slot.pointee.open += values[row]
            slot.pointee.count &+= 1
        }
    }

    private func addRows(
        _ values: UnsafePointer<Double>, _ count: Int, _ groups: UnsafePointer<UInt32>, _ blocks: UnsafePointer<UInt32>
    ) {
        let slots = slots.values
        for row in 0..<count {
            let group = Int(groups[row])
            open(group, slots + group, block: Int(blocks[row]))
            slots[group].open += values[row]
            slots[group].count &+= 1
        }
    }

    private func addRuns(_ values: UnsafePointer<Double>, _ runs: GroupRuns, _ isOneGroup: Bool) {
        if !isOneGroup, runs.count == 2, runs[0].group == runs[1].group, runs[0].block != runs[1].block {
            return addPair(values, runs[0], runs[1])
        }
        let slots = slots.values
        for run in runs {
            let slot = slots + run.group
            open(run.group, slot, block: run.block)
            if isOneGroup {
                // why: rows of a block without GROUP BY come together whatever the threads, rows of one group among others do not
                slot.pointee.open += zl_sum_lanes(values + run.start, run.end - run.start)
            } else {
                var sum = slot.pointee.open
                for row in run.start..<run.end { sum += values[row] }
                slot.pointee.open = sum
            }
            slot.pointee.count += Int64(run.end - run.start)
        }
    }

    /// Two blocks of one group side by side: each is a chain of dependent additions, two of them hide each other's latency.
    private func addPair(_ values: UnsafePointer<Double>, _ first: GroupRun, _ second: GroupRun) {
        let slot = slots.values + first.group
        open(first.group, slot, block: first.block)
        let (left, right) = (values + first.start, values + second.start)
        let (leftCount, rightCount) = (first.end - first.start, second.end - second.start)
        let shared = min(leftCount, rightCount)
        var (a, b) = (slot.pointee.open, 0.0)
        for row in 0..<shared {
            a += left[row]
            b += right[row]
        }
        for row in shared..<max(shared, leftCount) { a += left[row] }
        for row in shared..<max(shared, rightCount) { b += right[row] }
        slot.pointee.open = a
        open(first.group, slot, block: second.block)
        slot.pointee.open = b
        slot.pointee.count += Int64(leftCount + rightCount)
    }

    private func addNullable(_ vector: ColumnVector, _ rows: AggregateRows) {
        let values = vector.values(Double.self)
        let slots = slots.values
        let nulls = NullMask(vector)
        func add(_ row: Int, _ group: Int, _ block: Int) {
            let slot = slots + group
            open(group, slot, block: block)
            slot.pointee.open += values[row]
            slot.pointee.count += 1
        }
        if let groups = rows.groups {
            for row in 0..<rows.count where !nulls.isNull(row) { add(row, Int(groups[row]), rows.block(of: row)) }
        } else {
            for run in rows.runs {
                for row in run.start..<run.end where !nulls.isNull(row) { add(row, run.group, run.block) }
            }
        }
    }

    func makePartial() -> (any AggregateState)? { BlockSumState(averages: averages, isPartial: true) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? BlockSumState else { return }
        let (slots, blocks, theirs) = (slots.values, partial.closed.values, partial.slots.values)
        for index in 0..<partial.closedCount { slots[Int(groups[blocks[index].group])].total += blocks[index].sum }
        for other in 0..<partial.slots.count {
            let slot = slots + Int(groups[other])
            slot.pointee.total += theirs[other].open
            slot.pointee.count += theirs[other].count
        }
    }

    func finish() throws(ZLError) -> ColumnVector {
        let (slots, averages) = (slots.values, averages)
        return .groups(count: self.slots.count, type: .double, isPresent: { slots[$0].count > 0 }) {
            let sum = slots[$0].total + slots[$0].open
            return averages ? sum / Double(slots[$0].count) : sum
        }
    }
}
