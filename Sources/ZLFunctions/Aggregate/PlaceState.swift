import ZLColumnar

/// first and last of values of fixed size, NULL or not.
///
/// - Complexity: O(1) a row, O(1) a run of rows of one group.
final class PlaceState: BatchAggregateState {
    private let isLast: Bool
    private let type: DataType
    private var values: RawGroupArray
    private var found = GroupArray<UInt8>(PlaceState.nothing)

    /// What a group has: no row, a value or a NULL.
    private static var nothing: UInt8 { 0 }
    private static var value: UInt8 { 1 }
    private static var null: UInt8 { 2 }

    init(isLast: Bool, type: DataType) {
        self.isLast = isLast
        self.type = type
        values = RawGroupArray([UInt8](repeating: 0, count: type.physical.stride))
    }

    func grow(to groupCount: Int) {
        values.grow(to: groupCount)
        found.grow(to: groupCount)
    }

    func update(_ arguments: [ColumnVector], _ rows: AggregateRows) throws(ZLError) {
        let vector = arguments[0].flattened()
        let nulls = NullMask(vector)
        if let steps = rows.steps, !nulls.mayHaveNulls {
            take(vector.values(UInt8.self), steps)
        } else {
            take(vector.values(UInt8.self), rows) { nulls.isNull($0) ? PlaceState.null : PlaceState.value }
        }
        withExtendedLifetime(vector) {}
    }

    /// Takes values of groups that follow each other.
    private func take(_ source: UnsafeRawPointer, _ steps: GroupSteps) {
        let skipped = !isLast && steps.isBegun ? 1 : 0
        let (first, count) = (steps.firstGroup + skipped, steps.count - skipped)
        guard count > 0 else { return }
        (found.values + first).update(repeating: PlaceState.value, count: count)
        // why: the last row is the one before the next group's first
        let rows = isLast ? steps.starts + 1 : steps.starts + skipped
        switch type.physical.stride {
        case 1: pick(source.assumingMemoryBound(to: UInt8.self), rows, first, count)
        case 2: pick(source.assumingMemoryBound(to: UInt16.self), rows, first, count)
        case 4: pick(source.assumingMemoryBound(to: UInt32.self), rows, first, count)
        case 8: pick(source.assumingMemoryBound(to: UInt64.self), rows, first, count)
        default: pick(source.assumingMemoryBound(to: Int128.self), rows, first, count)
        }
    }

    @inline(__always)
    private func pick<T>(_ source: UnsafePointer<T>, _ rows: UnsafePointer<UInt32>, _ first: Int, _ count: Int) {
        let target = values.address.assumingMemoryBound(to: T.self) + first
        let step = isLast ? 1 : 0
        for index in 0..<count { target[index] = source[Int(rows[index]) &- step] }
    }

    /// - Parameter kind: what a row has; a row with nothing is passed over.
    @inline(__always)
    private func take(_ source: UnsafeRawPointer, _ rows: AggregateRows, _ kind: (Int) -> UInt8) {
        switch type.physical.stride {
        case 1: takeRows(source.assumingMemoryBound(to: UInt8.self), rows, kind)
        case 2: takeRows(source.assumingMemoryBound(to: UInt16.self), rows, kind)
        case 4: takeRows(source.assumingMemoryBound(to: UInt32.self), rows, kind)
        case 8: takeRows(source.assumingMemoryBound(to: UInt64.self), rows, kind)
        default: takeRows(source.assumingMemoryBound(to: Int128.self), rows, kind)
        }
    }

    @inline(__always)
    private func takeRows<T>(_ source: UnsafePointer<T>, _ rows: AggregateRows, _ kind: (Int) -> UInt8) {
        let (held, found, isLast) = (values.address.assumingMemoryBound(to: T.self), found.values, isLast)
        if let groups = rows.groups {
            for row in 0..<rows.count {
                let group = Int(groups[row])
                if !isLast, found[group] != PlaceState.nothing { continue }
                let kind = kind(row)
                if kind == PlaceState.nothing { continue }
                held[group] = source[row]
                found[group] = kind
            }
            return
        }
        for run in rows.runs {
            if !isLast, found[run.group] != PlaceState.nothing { continue }
            let row = isLast ? run.end - 1 : run.start
            held[run.group] = source[row]
            found[run.group] = kind(row)
        }
    }

    func makePartial() -> (any AggregateState)? { PlaceState(isLast: isLast, type: type) }

    func merge(_ partial: any AggregateState, groups: UnsafePointer<UInt32>) throws(ZLError) {
        guard let partial = partial as? PlaceState else { return }
        let theirs = UnsafePointer(partial.found.values)
        take(partial.values.address, AggregateRows(count: partial.found.count, groups: groups, blocks: nil)) { theirs[$0] }
    }

    func finish() throws(ZLError) -> ColumnVector {
        values.column(type: type, found, present: PlaceState.value)
    }
}
