import CKernels

/// What is known of some rows of a column without reading them.
package struct ZoneMap: Hashable, Sendable {
    /// Rows of a column that have a zone of their own, in files too. A multiple of `DataChunk.blockSize`; chunks are a multiple of it.
    package static let zoneRows = 2048

    package var rowCount: Int
    package var nullCount: Int
    /// Order keys of the least and the greatest value; nil where all are NULL or the layout has none (INTERVAL, 128-bit integers).
    package var bounds: ClosedRange<Int64>?
    /// No NULL, and no value below the one before.
    package var isAscending: Bool

    package init(rowCount: Int, nullCount: Int, bounds: ClosedRange<Int64>?, isAscending: Bool) {
        self.rowCount = rowCount
        self.nullCount = nullCount
        self.bounds = bounds
        self.isAscending = isAscending
    }

    /// The bounds of DOUBLE values; nil where some row is NULL, NaN or infinite, or there is none.
    package var doubles: ClosedRange<Double>? {
        guard nullCount == 0, let bounds else { return nil }
        let (least, greatest) = (OrderKey.double(bounds.lowerBound), OrderKey.double(bounds.upperBound))
        return least.isFinite && greatest.isFinite && least <= greatest ? least...greatest : nil
    }

    /// The zones of a column, of `zoneRows` rows each, and of the whole.
    ///
    /// - Complexity: O(rows)
    static func zones(of column: PiecedColumn, type: DataType) -> (whole: ZoneMap, parts: [ZoneMap]) {
        let keys = column.pieces.map { OrderKeys($0) }
        var start = 0
        let starts = keys.map { key in
            defer { start += key.vector.count }
            return start
        }
        func zone(_ rows: Range<Int>) -> ZoneMap {
            let piece = starts.lastIndex { $0 <= rows.lowerBound } ?? 0
            if rows.upperBound <= starts[piece] + keys[piece].vector.count {
                return keys[piece].zone(rows.lowerBound - starts[piece]..<rows.upperBound - starts[piece])
            }
            return OrderKeys(column.rows(rows, type: type)).zone(0..<rows.count)
        }
        let parts = stride(from: 0, to: column.count, by: zoneRows).map { zone($0..<min(column.count, $0 + zoneRows)) }
        return (union(parts, zone), parts)
    }

    /// The zone of a vector.
    ///
    /// - Complexity: O(rows)
    package static func of(_ vector: ColumnVector) -> ZoneMap { OrderKeys(vector).zone(0..<vector.count) }

    /// The zone of a whole column from those of its parts.
    ///
    /// - Parameter zone: gives that of any of its rows.
    private static func union(_ zones: [ZoneMap], _ zone: (Range<Int>) -> ZoneMap) -> ZoneMap {
        var result = ZoneMap(rowCount: 0, nullCount: 0, bounds: nil, isAscending: true)
        for next in zones where next.rowCount > 0 {
            let border = result.rowCount
            result.isAscending = result.isAscending && next.isAscending && (border == 0 || zone(border - 1..<border + 1).isAscending)
            if let left = result.bounds, let right = next.bounds {
                result.bounds = min(left.lowerBound, right.lowerBound)...max(left.upperBound, right.upperBound)
            } else {
                result.bounds = result.bounds ?? next.bounds
            }
            result.rowCount += next.rowCount
            result.nullCount += next.nullCount
        }
        return result
    }
}

/// The order keys of a column's rows, by layout.
private struct OrderKeys {
    let vector: ColumnVector
    /// Keys of a dictionary's values.
    let dictionary: [Int64]
    let dictionaryIsAscending: Bool

    init(_ vector: ColumnVector) {
        self.vector = vector.form == .sequence ? vector.flattened() : vector
        guard let values = vector.dictionary else {
            dictionary = []
            dictionaryIsAscending = false
            return
        }
        let views = values.values(StringView.self)
        dictionary = values.physical == .string ? (0..<values.count).map { OrderKey.key((views + $0).prefix) } : []
        dictionaryIsAscending = (1..<max(1, values.count)).allSatisfy { StringView.compare(views + $0 - 1, views + $0) < 0 }
    }

    func zone(_ rows: Range<Int>) -> ZoneMap {
        if vector.form == .constant {
            let isNull = vector.isNull(0)
            let bounds = isNull ? nil : OrderKeys(vector.resized(to: 1).flattened()).zone(0..<1).bounds
            return ZoneMap(rowCount: rows.count, nullCount: isNull ? rows.count : 0, bounds: bounds, isAscending: bounds != nil)
        }
        if vector.form == .dictionary {
            let codes = vector.codes
            var zone = scan(rows, all: { zl_zone_uint32s(codes + rows.lowerBound, rows.count) }, key: { Int64(codes[$0]) })
            zone.bounds = zone.bounds.flatMap { found in
                if dictionary.isEmpty { return nil }
                return dictionaryIsAscending
                    ? dictionary[Int(found.lowerBound)]...dictionary[Int(found.upperBound)] : bounds(rows) { dictionary[Int(codes[$0])] }
            }
            zone.isAscending = zone.isAscending && dictionaryIsAscending
            return zone
        }
        switch vector.physical {
        case .bool, .uint8: return integers(UInt8.self, rows)
        case .int8: return integers(Int8.self, rows)
        case .int16: return integers(Int16.self, rows)
        case .int32:
            let values = vector.values(Int32.self)
            return scan(rows, all: { zl_zone_int32s(values + rows.lowerBound, rows.count) }, key: { Int64(values[$0]) })
        case .int64:
            let values = vector.values(Int64.self)
            return scan(rows, all: { zl_zone_int64s(values + rows.lowerBound, rows.count) }, key: { values[$0] })
        case .uint16: return integers(UInt16.self, rows)
        case .uint32: return integers(UInt32.self, rows)
        case .uint64:
            let values = vector.values(UInt64.self)
            return scan(rows) { OrderKey.key(values[$0]) }
        case .float32:
            let values = vector.values(Float.self)
            return scan(rows) { OrderKey.key(Double(values[$0])) }
        case .float64:
            let values = vector.values(Double.self)
            return scan(rows, all: { zl_zone_doubles(values + rows.lowerBound, rows.count) }, key: { OrderKey.key(values[$0]) })
        case .string:
            let views = vector.values(StringView.self)
            var zone = scan(rows) { OrderKey.key((views + $0).prefix) }
            zone.isAscending = zone.isAscending
                && (rows.lowerBound + 1..<max(rows.lowerBound + 1, rows.upperBound)).allSatisfy {
                    StringView.compare(views + $0 - 1, views + $0) <= 0
                }
            return zone
        case .int128, .interval:
            let nullCount = self.nullCount(rows)
            return ZoneMap(rowCount: rows.count, nullCount: nullCount, bounds: nil, isAscending: false)
        }
    }

    private func integers<T: FixedWidthInteger>(_ type: T.Type, _ rows: Range<Int>) -> ZoneMap {
        let values = vector.values(T.self)
        return scan(rows) { Int64(truncatingIfNeeded: values[$0]) }
    }

    private func nullCount(_ rows: Range<Int>) -> Int {
        guard let validity = vector.validity else { return 0 }
        return rows.reduce(0) { $0 + (validity.isValid($1) ? 0 : 1) }
    }

    @inline(__always)
    private func bounds(_ rows: Range<Int>, _ key: (Int) -> Int64) -> ClosedRange<Int64>? {
        var least = Int64.max
        var greatest = Int64.min
        for row in rows where vector.validity?.isValid(row) ?? true {
            least = min(least, key(row))
            greatest = max(greatest, key(row))
        }
        return least <= greatest ? least...greatest : nil
    }

    @inline(__always)
    private func scan(_ rows: Range<Int>, _ key: (Int) -> Int64) -> ZoneMap {
        scan(
            rows,
            all: {
                var zone = zl_zone(least: Int64.max, greatest: Int64.min, falls: false)
                var last = Int64.min
                for row in rows {
                    let value = key(row)
                    zone.least = min(zone.least, value)
                    zone.greatest = max(zone.greatest, value)
                    zone.falls = zone.falls || value < last
                    last = value
                }
                return zone
            }, key: key)
    }

    /// - Parameter all: the zone of one row or more, none of them NULL.
    @inline(__always)
    private func scan(_ rows: Range<Int>, all: () -> zl_zone, key: (Int) -> Int64) -> ZoneMap {
        let nulls = nullCount(rows)
        guard nulls == 0 else {
            return ZoneMap(rowCount: rows.count, nullCount: nulls, bounds: bounds(rows, key), isAscending: false)
        }
        guard !rows.isEmpty else { return ZoneMap(rowCount: 0, nullCount: 0, bounds: nil, isAscending: true) }
        let zone = all()
        return ZoneMap(rowCount: rows.count, nullCount: 0, bounds: zone.least...zone.greatest, isAscending: !zone.falls)
    }
}
