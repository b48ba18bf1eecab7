import ZLColumnar

package enum FrameUnitKind: Sendable { case rows, range, groups }

/// One end of a frame. Offsets are vectors over the whole sorted input: BIGINT for ROWS and GROUPS, for RANGE the type of the
/// ORDER BY key or INTERVAL.
package enum FrameEdge: Sendable {
    case unboundedPreceding
    case preceding(ColumnVector)
    case currentRow
    case following(ColumnVector)
    case unboundedFollowing
}

/// Turns a frame as written into the rows it covers, one partition at a time.
///
/// A frame in constant ROWS without EXCLUDE stays symbolic; any other becomes arrays of starts and ends. A frame that ends
/// before it starts is empty. Under RANGE a NULL key's frame is the NULL rows, unless it is unbounded.
package struct FrameBuilder: Sendable {
    private let unit: FrameUnitKind
    private let start: FrameEdge
    private let end: FrameEdge
    private let exclude: FrameExclusion
    private let key: RangeKey?
    private let peers: PeerGroups
    private let count: Int

    package init(
        unit: FrameUnitKind, start: FrameEdge, end: FrameEdge, exclude: FrameExclusion, orderKey: ColumnVector?,
        isDescending: Bool, nullsFirst: Bool, peers: PeerGroups, count: Int
    ) {
        self.unit = unit
        self.start = start
        self.end = end
        self.exclude = exclude
        key = orderKey.map { RangeKey($0, isDescending: isDescending, nullsFirst: nullsFirst) }
        self.peers = peers
        self.count = count
    }

    /// - Parameter held: keeps the arrays of the frame alive.
    package func frame(of partition: Range<Int>) throws(ZLError) -> (frame: WindowFrame, held: [Buffer]) {
        if let (preceding, following) = try constantRows(), exclude == .noOthers {
            return (.rows(preceding: preceding, following: following), [])
        }
        let starts = Buffer(byteCount: max(16, partition.count * 4))
        let ends = Buffer(byteCount: max(16, partition.count * 4))
        let first = starts.values(UInt32.self) - partition.lowerBound
        let last = ends.values(UInt32.self) - partition.lowerBound
        let groups = unit == .groups ? groupNumbers(partition) : ([], [])
        for row in partition {
            let low = try bound(start, row, partition, groups, isEnd: false)
            let high = try bound(end, row, partition, groups, isEnd: true)
            first[row] = UInt32(min(max(low, partition.lowerBound), partition.upperBound))
            last[row] = UInt32(min(max(high, partition.lowerBound), partition.upperBound))
        }
        return (.bounds(start: UnsafePointer(first), end: UnsafePointer(last), exclude: exclude), [starts, ends])
    }

    /// The offsets of a frame whose rows do not depend on data.
    private func constantRows() throws(ZLError) -> (preceding: Int?, following: Int?)? {
        if case .unboundedPreceding = start, case .unboundedFollowing = end { return (nil, nil) }
        guard unit == .rows else { return nil }
        var preceding: Int?
        var following: Int?
        switch start {
        case .unboundedPreceding: preceding = nil
        case .currentRow: preceding = 0
        case .preceding(let offset) where offset.form == .constant && offset.count > 0: preceding = try rows(offset, 0)
        case .following(let offset) where offset.form == .constant && offset.count > 0: preceding = try -rows(offset, 0)
        default: return nil
        }
        switch end {
        case .unboundedFollowing: following = nil
        case .currentRow: following = 0
        case .following(let offset) where offset.form == .constant && offset.count > 0: following = try rows(offset, 0)
        case .preceding(let offset) where offset.form == .constant && offset.count > 0: following = try -rows(offset, 0)
        default: return nil
        }
        return (preceding, following)
    }

    /// A number of rows or groups: not NULL, not negative, cut off at what any table holds.
    private func rows(_ offsets: ColumnVector, _ row: Int) throws(ZLError) -> Int {
        guard case .integer(let number) = offsets.value(at: row) else { throw FrameBuilder.badOffset("NULL") }
        guard number >= 0 else { throw FrameBuilder.badOffset("\(number)") }
        return Int(min(number, Int128(UInt32.max)))
    }

    static func badOffset(_ found: String) -> ZLError {
        ZLError(.execution, "frame_offset", "the offset of a window frame is \(found), expected a value that is not negative")
    }

    private func bound(
        _ edge: FrameEdge, _ row: Int, _ partition: Range<Int>, _ groups: (number: [Int], starts: [Int]), isEnd: Bool
    ) throws(ZLError) -> Int {
        switch edge {
        case .unboundedPreceding: return partition.lowerBound
        case .unboundedFollowing: return partition.upperBound
        case .currentRow:
            if unit == .rows { return isEnd ? row + 1 : row }
            return Int(isEnd ? peers.end[row] : peers.start[row])
        case .preceding(let offset): return try moved(offset, row, partition, groups, isEnd, direction: -1)
        case .following(let offset): return try moved(offset, row, partition, groups, isEnd, direction: 1)
        }
    }

    private func moved(
        _ offset: ColumnVector, _ row: Int, _ partition: Range<Int>, _ groups: (number: [Int], starts: [Int]), _ isEnd: Bool,
        direction: Int
    ) throws(ZLError) -> Int {
        switch unit {
        case .rows:
            return row + direction * (try rows(offset, row)) + (isEnd ? 1 : 0)
        case .groups:
            let number = groups.number[row - partition.lowerBound] + direction * (try rows(offset, row)) + (isEnd ? 1 : 0)
            if number < 0 { return partition.lowerBound }
            return number < groups.starts.count ? groups.starts[number] : partition.upperBound
        case .range:
            guard let key else { throw ZLError(.binding, "range_key", "a RANGE frame with an offset needs one ORDER BY key") }
            if key.column.isNull(row) { return Int(isEnd ? peers.end[row] : peers.start[row]) }
            return try key.bound(row, offset, direction: direction, partition, isEnd: isEnd)
        }
    }

    /// For each row of the partition the number of its peer group, and the first row of each group.
    private func groupNumbers(_ partition: Range<Int>) -> (number: [Int], starts: [Int]) {
        var numbers: [Int] = []
        var starts: [Int] = []
        for row in partition {
            if Int(peers.start[row]) == row { starts.append(row) }
            numbers.append(starts.count - 1)
        }
        return (numbers, starts)
    }
}

/// The ORDER BY key of a RANGE frame.
struct RangeKey: Sendable {
    let column: ColumnVector
    private let isDescending: Bool
    private let nullsFirst: Bool

    init(_ column: ColumnVector, isDescending: Bool, nullsFirst: Bool) {
        self.column = column.flattened()
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }

    /// The first row at or after the value `key ± offset`, or after all rows equal to it where `isEnd`. Binary search.
    func bound(
        _ row: Int, _ offset: ColumnVector, direction: Int, _ partition: Range<Int>, isEnd: Bool
    ) throws(ZLError) -> Int {
        let sign = isDescending ? -direction : direction
        let limit = try target(row, offset.value(at: row), sign)
        var low = partition.lowerBound
        var high = partition.upperBound
        while low < high {
            let middle = low + (high - low) / 2
            if isBefore(middle, limit, isEnd) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whether the row lies before the bound that is looked for.
    private func isBefore(_ row: Int, _ limit: Double, _ isEnd: Bool) -> Bool {
        if column.isNull(row) { return nullsFirst }
        let value = number(row)
        if value.isNaN { return limit.isNaN ? isEnd : isDescending }
        if limit.isNaN { return !isDescending }
        if value == limit { return isEnd }
        return isDescending ? value > limit : value < limit
    }

    private func number(_ row: Int) -> Double {
        switch column.physical {
        case .int8: Double(column.values(Int8.self)[row])
        case .int16: Double(column.values(Int16.self)[row])
        case .int32: Double(column.values(Int32.self)[row])
        case .int64: Double(column.values(Int64.self)[row])
        case .int128: Double(column.values(Int128.self)[row])
        case .uint8, .bool: Double(column.values(UInt8.self)[row])
        case .uint16: Double(column.values(UInt16.self)[row])
        case .uint32: Double(column.values(UInt32.self)[row])
        case .uint64: Double(column.values(UInt64.self)[row])
        case .float32: Double(column.values(Float.self)[row])
        case .float64: column.values(Double.self)[row]
        case .string, .interval: 0
        }
    }

    private func target(_ row: Int, _ offset: Value, _ sign: Int) throws(ZLError) -> Double {
        let key = number(row)
        switch offset {
        case .null: throw FrameBuilder.badOffset("NULL")
        case .integer(let distance), .decimal(let distance):
            guard distance >= 0 else { throw FrameBuilder.badOffset("\(distance)") }
            return key + Double(sign) * Double(distance)
        case .double(let distance):
            guard distance >= 0 else { throw FrameBuilder.badOffset("\(distance)") }
            return key + Double(sign) * distance
        case .real(let distance):
            guard distance >= 0 else { throw FrameBuilder.badOffset("\(distance)") }
            return key + Double(sign) * Double(distance)
        case .interval(let interval):
            guard interval.normalized >= 0 else { throw FrameBuilder.badOffset("a negative INTERVAL") }
            return try moved(row, interval, sign)
        default: throw ZLError(.binding, "range_offset", "a RANGE frame cannot move a \(column.type) key by this offset")
        }
    }

    private func moved(_ row: Int, _ interval: Interval, _ sign: Int) throws(ZLError) -> Double {
        switch column.type {
        case .date:
            let start = Int64(column.values(Int32.self)[row]) * Cast.microsecondsPerDay
            guard let end = TemporalArithmetic.moved(start, by: interval, Int64(sign), 1) else { throw TemporalArithmetic.outOfRange(.date) }
            return Double(end) / Double(Cast.microsecondsPerDay)
        case .timestamp, .timestampTZ, .timestampNS:
            let start = column.values(Int64.self)[row]
            let unit: Int64 = column.type == .timestampNS ? 1000 : 1
            guard let end = TemporalArithmetic.moved(start, by: interval, Int64(sign), unit) else { throw TemporalArithmetic.outOfRange(column.type) }
            return Double(end)
        default:
            throw ZLError(.binding, "range_offset", "an INTERVAL cannot move a key of type \(column.type)")
        }
    }
}
