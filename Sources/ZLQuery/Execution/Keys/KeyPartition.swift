import ZLColumnar

/// Parts rows by a hash of their keys: equal keys go to one part.
enum KeyPartition {
    /// The rows of each part, ascending. NULL equals NULL, NaN equals NaN, -0 equals 0.
    ///
    /// - Complexity: O(rows * (columns + parts))
    static func rows(_ columns: [ColumnVector], count: Int, partitions: Int) -> [Selection] {
        let buffer = Buffer(byteCount: max(16, count * 8))
        let hashes = buffer.values(UInt64.self)
        hashes.update(repeating: 0, count: count)
        for column in columns { add(column, to: hashes, count) }
        let factor = UInt64(partitions)
        for row in 0..<count {
            // why: the tables hash keys too, by other bits, so that a part's keys still spread over its table
            hashes[row] = (KeyHash.mix(0x5851_F42D_4C95_7F2D, hashes[row]) >> 32 &* factor) >> 32
        }
        return (0..<partitions).map { part in
            let chosen = Selection(capacity: count)
            chosen.fill(count, where: { hashes[$0] == UInt64(part) })
            return chosen
        }
    }

    private static func add(_ column: ColumnVector, to hashes: UnsafeMutablePointer<UInt64>, _ count: Int) {
        let flat = column.flattened()
        switch flat.physical {
        case .bool, .uint8: mix(flat, UInt8.self, hashes, count) { UInt64($0) }
        case .int8: mix(flat, Int8.self, hashes, count) { UInt64(truncatingIfNeeded: $0) }
        case .int16: mix(flat, Int16.self, hashes, count) { UInt64(truncatingIfNeeded: $0) }
        case .uint16: mix(flat, UInt16.self, hashes, count) { UInt64($0) }
        // why: neighbouring integers stay together, so that tables addressed by the integer share no cache lines
        case .int32: mix(flat, Int32.self, hashes, count) { UInt64(truncatingIfNeeded: $0 >> 6) }
        case .int64: mix(flat, Int64.self, hashes, count) { UInt64(truncatingIfNeeded: $0 >> 6) }
        case .uint32: mix(flat, UInt32.self, hashes, count) { UInt64($0 >> 6) }
        case .uint64: mix(flat, UInt64.self, hashes, count) { $0 >> 6 }
        case .float32: mix(flat, Float.self, hashes, count) { $0.isNaN ? 1 : UInt64(($0 == 0 ? 0 : $0).bitPattern) }
        case .float64: mix(flat, Double.self, hashes, count) { $0.isNaN ? 1 : ($0 == 0 ? 0 : $0).bitPattern }
        case .int128: mix(flat, Int128.self, hashes, count) { UInt64(truncatingIfNeeded: $0 ^ ($0 >> 64)) }
        case .interval: mix(flat, Interval.self, hashes, count) { UInt64(truncatingIfNeeded: $0.normalized) }
        case .string:
            let views = flat.values(StringView.self)
            let nulls = NullMask(flat)
            for row in 0..<count where !nulls.isNull(row) {
                let view = views[row]
                hashes[row] = KeyHash.mix(hashes[row], view.isInline ? view.head ^ view.tail &* 3 : KeyHash.hash((views + row).bytes))
            }
        }
        withExtendedLifetime(flat) {}
    }

    @inline(__always)
    private static func mix<T>(
        _ column: ColumnVector, _ element: T.Type, _ hashes: UnsafeMutablePointer<UInt64>, _ count: Int, _ word: (T) -> UInt64
    ) {
        let values = column.values(T.self)
        let nulls = NullMask(column)
        if nulls.mayHaveNulls {
            for row in 0..<count where !nulls.isNull(row) { hashes[row] = KeyHash.mix(hashes[row], word(values[row])) }
        } else {
            for row in 0..<count { hashes[row] = KeyHash.mix(hashes[row], word(values[row])) }
        }
    }
}
