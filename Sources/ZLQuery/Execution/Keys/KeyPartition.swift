import ZLColumnar

/// Parts rows by a hash of their keys: equal keys go to one part.
enum KeyPartition {
    /// The part of each row, below 2 to the power of `bits`. NULL equals NULL, NaN equals NaN, -0 equals 0.
    ///
    /// - Complexity: O(rows * columns)
    static func parts(_ columns: [ColumnVector], count: Int, bits: Int, into parts: UnsafeMutablePointer<UInt8>) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(count, 1)) { buffer in
            guard let hashes = buffer.baseAddress else { return }
            hashes.update(repeating: 0, count: count)
            // why: neighbouring integers stay together, so that each table addressed by the integer holds whole pages
            let shift: UInt64 = columns.count == 1 ? UInt64(DenseNumbers.pageBits) : 0
            for column in columns { add(column, to: hashes, count, shift) }
            let unused = UInt64(64 - bits)
            // why: the tables hash keys too, by other bits, so that a part's keys still spread over its table
            for row in 0..<count {
                parts[row] = UInt8(truncatingIfNeeded: KeyHash.mix(0x5851_F42D_4C95_7F2D, hashes[row]) >> unused)
            }
        }
    }

    private static func add(_ column: ColumnVector, to hashes: UnsafeMutablePointer<UInt64>, _ count: Int, _ shift: UInt64) {
        if column.physical == .string { return addTexts(column, to: hashes, count) }
        let flat = column.flattened()
        switch flat.physical {
        case .bool, .uint8: mix(flat, UInt8.self, hashes, count) { UInt64($0) }
        case .int8: mix(flat, Int8.self, hashes, count) { UInt64(truncatingIfNeeded: $0) }
        case .int16: mix(flat, Int16.self, hashes, count) { UInt64(truncatingIfNeeded: Int64($0) >> Int64(shift)) }
        case .uint16: mix(flat, UInt16.self, hashes, count) { UInt64($0) >> shift }
        case .int32: mix(flat, Int32.self, hashes, count) { UInt64(truncatingIfNeeded: Int64($0) >> Int64(shift)) }
        case .int64: mix(flat, Int64.self, hashes, count) { UInt64(truncatingIfNeeded: $0 >> Int64(shift)) }
        case .uint32: mix(flat, UInt32.self, hashes, count) { UInt64($0) >> shift }
        case .uint64: mix(flat, UInt64.self, hashes, count) { $0 >> shift }
        case .float32: mix(flat, Float.self, hashes, count) { $0.isNaN ? 1 : UInt64(($0 == 0 ? 0 : $0).bitPattern) }
        case .float64: mix(flat, Double.self, hashes, count) { $0.isNaN ? 1 : ($0 == 0 ? 0 : $0).bitPattern }
        case .int128: mix(flat, Int128.self, hashes, count) { UInt64(truncatingIfNeeded: $0 ^ ($0 >> 64)) }
        case .interval: mix(flat, Interval.self, hashes, count) { UInt64(truncatingIfNeeded: $0.normalized) }
        case .string: break
        }
        withExtendedLifetime(flat) {}
    }

    /// Each entry of a dictionary is hashed once where the rows are more than its entries.
    private static func addTexts(_ column: ColumnVector, to hashes: UnsafeMutablePointer<UInt64>, _ count: Int) {
        let nulls = NullMask(column)
        if column.form == .dictionary, let dictionary = column.dictionary, dictionary.count <= count {
            let entries = dictionary.values(StringView.self)
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: dictionary.count) { words in
                for entry in 0..<dictionary.count { words[entry] = word(entries + entry) }
                let codes = column.codes
                for row in 0..<count where !nulls.isNull(row) { hashes[row] = KeyHash.mix(hashes[row], words[Int(codes[row])]) }
            }
            return
        }
        let flat = column.flattened()
        let views = flat.values(StringView.self)
        let flatNulls = NullMask(flat)
        for row in 0..<count where !flatNulls.isNull(row) { hashes[row] = KeyHash.mix(hashes[row], word(views + row)) }
        withExtendedLifetime(flat) {}
    }

    @inline(__always)
    private static func word(_ view: UnsafePointer<StringView>) -> UInt64 {
        view.pointee.isInline ? view.pointee.head ^ view.pointee.tail &* 3 : KeyHash.hash(view.bytes)
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
