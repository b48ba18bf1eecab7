import Glibc
import ZLColumnar

/// Turns the key columns of grouping, joining and DISTINCT into fixed-width rows of 64-bit words that are equal exactly where
/// the keys are: NULL equals NULL, NaN equals NaN, -0 equals 0.
///
/// A row is one word of NULL bits, then one or two words a column (two for 16-byte layouts). Long strings are interned, so
/// that equal strings have equal views; a string met while `inserting` is false and never interned equals nothing.
final class KeyEncoder: @unchecked Sendable {  // proof: encoding without inserting only reads; inserting is done by one thread
    let types: [DataType]
    /// Words a row.
    let width: Int
    private let offsets: [Int]
    private let strings = StringInterner()

    init(types: [DataType]) {
        precondition(types.count <= 64)
        self.types = types
        var offset = 1
        var offsets: [Int] = []
        for type in types {
            offsets.append(offset)
            offset += type.physical.stride == 16 ? 2 : 1
        }
        self.offsets = offsets
        width = offset
    }

    /// Rows of encoded keys.
    struct Rows {
        let buffer: Buffer
        let width: Int
        let count: Int

        func row(_ index: Int) -> UnsafePointer<UInt64> { UnsafePointer(buffer.values(UInt64.self) + index * width) }

        func equals(_ index: Int, _ other: Rows, _ otherIndex: Int) -> Bool {
            let a = row(index)
            let b = other.row(otherIndex)
            for word in 0..<width where a[word] != b[word] { return false }
            return true
        }

        /// Whether some key of the row is NULL.
        func hasNull(_ index: Int) -> Bool { row(index)[0] & ~KeyEncoder.unknownString != 0 }
    }

    /// Marks a row with a string that no interned string equals.
    static let unknownString: UInt64 = 1 << 63

    /// - Complexity: O(rows * columns), plus a hash of each long string (each dictionary entry, in dictionary form).
    func encode(_ columns: [ColumnVector], count: Int, inserting: Bool) -> Rows {
        let buffer = Buffer(byteCount: max(16, count * width * 8))
        let words = buffer.values(UInt64.self)
        for row in 0..<count { words[row * width] = 0 }
        for (index, column) in columns.enumerated() {
            encode(column, bit: UInt64(1) << UInt64(index), at: offsets[index], words, count, inserting)
        }
        return Rows(buffer: buffer, width: width, count: count)
    }

    private func encode(
        _ column: ColumnVector, bit: UInt64, at offset: Int, _ words: UnsafeMutablePointer<UInt64>, _ count: Int,
        _ inserting: Bool
    ) {
        if column.physical == .string { return encodeStrings(column, bit: bit, at: offset, words, count, inserting) }
        let flat = column.flattened()
        switch flat.physical {
        case .bool, .uint8: copy(flat.values(UInt8.self), words, offset, count)
        case .int8: copy(flat.values(Int8.self), words, offset, count)
        case .int16: copy(flat.values(Int16.self), words, offset, count)
        case .int32: copy(flat.values(Int32.self), words, offset, count)
        case .int64: copy(flat.values(Int64.self), words, offset, count)
        case .uint16: copy(flat.values(UInt16.self), words, offset, count)
        case .uint32: copy(flat.values(UInt32.self), words, offset, count)
        case .uint64: copy(flat.values(UInt64.self), words, offset, count)
        case .float32:
            let values = flat.values(Float.self)
            for row in 0..<count {
                let value = values[row]
                words[row * width + offset] = value.isNaN ? UInt64.max : UInt64((value == 0 ? 0 : value).bitPattern)
            }
        case .float64:
            let values = flat.values(Double.self)
            for row in 0..<count {
                let value = values[row]
                words[row * width + offset] = value.isNaN ? UInt64.max : (value == 0 ? 0 : value).bitPattern
            }
        case .int128:
            let values = flat.values(Int128.self)
            for row in 0..<count {
                words[row * width + offset] = UInt64(truncatingIfNeeded: values[row])
                words[row * width + offset + 1] = UInt64(truncatingIfNeeded: values[row] >> 64)
            }
        case .interval:
            let values = flat.values(Interval.self)
            for row in 0..<count {
                let value = values[row].normalized
                words[row * width + offset] = UInt64(truncatingIfNeeded: value)
                words[row * width + offset + 1] = UInt64(truncatingIfNeeded: value >> 64)
            }
        case .string:
            preconditionFailure("strings are encoded elsewhere")
        }
        markNulls(flat, bit: bit, at: offset, words, count)
    }

    private func copy<T: FixedWidthInteger>(
        _ values: UnsafePointer<T>, _ words: UnsafeMutablePointer<UInt64>, _ offset: Int, _ count: Int
    ) {
        for row in 0..<count { words[row * width + offset] = UInt64(truncatingIfNeeded: values[row]) }
    }

    private func markNulls(
        _ column: ColumnVector, bit: UInt64, at offset: Int, _ words: UnsafeMutablePointer<UInt64>, _ count: Int
    ) {
        guard column.mayHaveNulls else { return }
        let isWide = column.physical.stride == 16
        let nulls = NullMask(column)
        for row in 0..<count where column.form == .constant ? column.isNull(0) : nulls.isNull(row) {
            words[row * width] |= bit
            words[row * width + offset] = 0
            if isWide { words[row * width + offset + 1] = 0 }
        }
    }

    private func encodeStrings(
        _ column: ColumnVector, bit: UInt64, at offset: Int, _ words: UnsafeMutablePointer<UInt64>, _ count: Int,
        _ inserting: Bool
    ) {
        if column.form == .dictionary, let dictionary = column.dictionary, dictionary.count <= count {
            let entries = dictionary.values(StringView.self)
            let canonical = (0..<dictionary.count).map { strings.canonical(entries + $0, inserting: inserting) }
            let nulls = NullMask(column)
            let codes = column.codes
            canonical.withUnsafeBufferPointer { canonical in
                for row in 0..<count where !nulls.isNull(row) { store(canonical[Int(codes[row])], row: row, at: offset, words) }
            }
        } else if column.form == .constant {
            let view = column.isNull(0) ? StringView() : strings.canonical(column.values(StringView.self), inserting: inserting)
            for row in 0..<count { store(view, row: row, at: offset, words) }
        } else {
            let flat = column.flattened()
            let views = flat.values(StringView.self)
            for row in 0..<count {
                if views[row].isInline {
                    words[row * width + offset] = views[row].head
                    words[row * width + offset + 1] = views[row].tail
                } else {
                    store(strings.canonical(views + row, inserting: inserting), row: row, at: offset, words)
                }
            }
        }
        markNulls(column, bit: bit, at: offset, words, count)
    }

    @inline(__always)
    private func store(_ view: StringView?, row: Int, at offset: Int, _ words: UnsafeMutablePointer<UInt64>) {
        if let view {
            words[row * width + offset] = view.head
            words[row * width + offset + 1] = view.tail
        } else {
            words[row * width] |= KeyEncoder.unknownString
            words[row * width + offset] = 0
            words[row * width + offset + 1] = 0
        }
    }

    /// Key `index` of encoded rows as a vector again; -0 comes back as 0.
    func decode(_ index: Int, of rows: UnsafePointer<UInt64>, count: Int) -> ColumnVector {
        let type = types[index]
        let offset = offsets[index]
        let bit = UInt64(1) << UInt64(index)
        let buffer = Buffer(byteCount: max(16, count * type.physical.stride))
        switch type.physical {
        case .bool, .int8, .uint8: restore(buffer.values(UInt8.self), rows, offset, count)
        case .int16, .uint16: restore(buffer.values(UInt16.self), rows, offset, count)
        case .int32, .uint32, .float32: restore(buffer.values(UInt32.self), rows, offset, count)
        case .int64, .uint64, .float64: restore(buffer.values(UInt64.self), rows, offset, count)
        case .int128, .string:
            let pairs = buffer.values(UInt64.self)
            for row in 0..<count {
                pairs[2 * row] = rows[row * width + offset]
                pairs[2 * row + 1] = rows[row * width + offset + 1]
            }
        case .interval:
            let values = buffer.values(Interval.self)
            for row in 0..<count {
                let low = UInt128(rows[row * width + offset])
                let total = Int128(truncatingIfNeeded: low | UInt128(rows[row * width + offset + 1]) << 64)
                values[row] = Interval(normalized: total)
            }
        }
        if type.physical == .float64 {
            let values = buffer.values(Double.self)
            for row in 0..<count where values[row].isNaN { values[row] = .nan }
        } else if type.physical == .float32 {
            let values = buffer.values(Float.self)
            for row in 0..<count where values[row].isNaN { values[row] = .nan }
        }
        var validity: ValidityBitmap?
        for row in 0..<count where rows[row * width] & bit != 0 {
            let bitmap = validity ?? ValidityBitmap(count: count, allValid: true)
            bitmap.setNull(row)
            validity = bitmap
        }
        let heaps = type.physical == .string ? [strings.heap] : []
        return ColumnVector(type: type, count: count, buffer: buffer, validity: validity, heaps: heaps)
    }

    private func restore<T: FixedWidthInteger>(
        _ target: UnsafeMutablePointer<T>, _ rows: UnsafePointer<UInt64>, _ offset: Int, _ count: Int
    ) {
        for row in 0..<count { target[row] = T(truncatingIfNeeded: rows[row * width + offset]) }
    }
}

extension Interval {
    /// The canonical interval of a length with months of 30 days and days of 24 hours.
    init(normalized total: Int128) {
        let day: Int128 = 86_400_000_000
        let months = total / (30 * day)
        let rest = total - months * 30 * day
        self.init(
            months: Int32(truncatingIfNeeded: months), days: Int32(truncatingIfNeeded: rest / day),
            microseconds: Int64(truncatingIfNeeded: rest % day))
    }
}
