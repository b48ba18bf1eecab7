import Glibc

/// How a segment's values are written. The number is in the file; numbers are never given a second meaning.
enum SegmentEncoding: UInt8 {
    /// Values as they lie in memory; text as lengths and bytes.
    case raw = 0
    /// One value, or all rows NULL.
    case constant = 1
    /// An `IntegerStream`: constant, runs, frame of reference, differences.
    case integers = 2
    /// Doubles as an `IntegerStream` over a power of ten, with exceptions.
    case scaled = 3
    /// Distinct texts in binary order, and an `IntegerStream` of codes.
    case dictionary = 4
}

/// Writes a column as a segment in the lightest encoding. The layout is in docs/file-format.md.
enum SegmentEncoder {
    static let headerLength = 32
    static let zoneLength = 24
    static let bodyAlignment = 64

    /// The bytes of a flat, constant or dictionary column and its vectors' zones.
    static func encode(_ column: ColumnVector, _ zones: [ZoneMap]) -> ByteBuffer {
        let bytes = ByteBuffer(capacity: 4096)
        let nullCount = zones.reduce(0) { $0 + $1.nullCount }
        if nullCount == column.count || isConstant(column, nullCount) {
            begin(.constant, column, zones, hasBitmap: false, to: bytes)
            if nullCount < column.count { appendRaw(column.slice(0..<1), to: bytes) }
            return bytes
        }
        if column.form == .dictionary, let dictionary = column.dictionary {
            encode(column, dictionary, zones, nullCount, to: bytes)
            return bytes
        }
        let flat = column.flattened()
        if flat.physical == .float64, encodeScaled(flat, zones, nullCount, to: bytes) { return bytes }
        if encodeIntegers(flat, zones, nullCount, to: bytes) { return bytes }
        begin(.raw, flat, zones, hasBitmap: nullCount > 0, to: bytes)
        appendRaw(flat, to: bytes)
        return bytes
    }

    private static func isConstant(_ column: ColumnVector, _ nullCount: Int) -> Bool {
        if nullCount > 0 || column.count == 0 { return false }
        if column.form == .constant { return true }
        if let dictionary = column.dictionary { return dictionary.count == 1 }
        if column.physical == .string || column.form == .sequence { return false }
        let stride = column.physical.stride
        let first = column.values(UInt8.self)
        return memcmp(first, first + stride, (column.count - 1) * stride) == 0
    }

    /// Header, validity bitmap and zones, up to where the body begins.
    private static func begin(
        _ encoding: SegmentEncoding, _ column: ColumnVector, _ zones: [ZoneMap], hasBitmap: Bool, exponent: Int = 0, extra: Int = 0,
        to bytes: ByteBuffer
    ) {
        bytes.append(count: headerLength) { place in
            memset(place, 0, headerLength)
            place.storeBytes(of: encoding.rawValue, as: UInt8.self)
            place.storeBytes(of: hasBitmap ? 1 : 0, toByteOffset: 1, as: UInt8.self)
            place.storeBytes(of: UInt8(exponent), toByteOffset: 2, as: UInt8.self)
            place.storeBytes(of: UInt32(column.count), toByteOffset: 4, as: UInt32.self)
            place.storeBytes(of: UInt32(extra), toByteOffset: 8, as: UInt32.self)
        }
        if hasBitmap, let validity = column.validity {
            let length = validity.wordCount * 8
            bytes.append(count: length) { place in
                memcpy(place, validity.words, length)
                // why: the bits behind the last row are undefined in memory, and a file must not depend on them
                if column.count & 63 != 0 {
                    let last = place.assumingMemoryBound(to: UInt64.self) + (column.count >> 6)
                    last.pointee &= (1 << UInt64(column.count & 63)) - 1
                }
            }
        }
        for zone in zones {
            bytes.append(count: zoneLength) { place in
                place.storeBytes(of: UInt32(zone.nullCount), as: UInt32.self)
                place.storeBytes(of: (zone.bounds == nil ? 0 : 1) | (zone.isAscending ? 2 : 0), toByteOffset: 4, as: UInt32.self)
                place.storeBytes(of: zone.bounds?.lowerBound ?? 0, toByteOffset: 8, as: Int64.self)
                place.storeBytes(of: zone.bounds?.upperBound ?? 0, toByteOffset: 16, as: Int64.self)
            }
        }
        bytes.align(to: bodyAlignment)
    }

    private static func encode(
        _ column: ColumnVector, _ dictionary: ColumnVector, _ zones: [ZoneMap], _ nullCount: Int, to bytes: ByteBuffer
    ) {
        begin(.dictionary, column, zones, hasBitmap: nullCount > 0, extra: dictionary.count, to: bytes)
        append(widened(column.codes, nil, column.count), to: bytes)
        appendRaw(dictionary, to: bytes)
    }

    /// Writes nothing and says false where more values than not have full mantissas.
    private static func encodeScaled(_ column: ColumnVector, _ zones: [ZoneMap], _ nullCount: Int, to bytes: ByteBuffer) -> Bool {
        let values = column.values(Double.self)
        if nullCount == 0, let exponent = ScaledDoubles.exponent(values, count: column.count) {
            let start = bytes.count
            begin(.scaled, column, zones, hasBitmap: false, exponent: exponent, to: bytes)
            if IntegerEncoder.append(values, count: column.count, scale: PowersOfTen.exactDoubles[exponent], to: bytes) { return true }
            bytes.truncate(to: start)
        }
        guard let scaled = ScaledDoubles.scale(values, nullCount > 0 ? column.validity : nil, count: column.count) else { return false }
        begin(
            .scaled, column, zones, hasBitmap: nullCount > 0, exponent: scaled.exponent, extra: scaled.exceptions.count, to: bytes)
        IntegerEncoder.append(scaled.integers.values(Int64.self), count: column.count, to: bytes)
        for row in scaled.exceptions { bytes.append(count: 8) { $0.storeBytes(of: values[row].bitPattern, as: UInt64.self) } }
        for row in scaled.exceptions { bytes.append(count: 4) { $0.storeBytes(of: UInt32(row), as: UInt32.self) } }
        return true
    }

    private static func encodeIntegers(_ column: ColumnVector, _ zones: [ZoneMap], _ nullCount: Int, to bytes: ByteBuffer) -> Bool {
        let start = bytes.count
        let isWhole = column.physical == .int64 && nullCount == 0
        let integers = isWhole ? [] : integers(column, nullCount > 0 ? column.validity : nil)
        guard let integers else { return false }
        begin(.integers, column, zones, hasBitmap: nullCount > 0, to: bytes)
        let body = bytes.count
        if isWhole {
            IntegerEncoder.append(column.values(Int64.self), count: column.count, to: bytes)
        } else {
            append(integers, to: bytes)
        }
        if bytes.count - body < column.count * column.physical.stride { return true }
        bytes.truncate(to: start)
        return false
    }

    private static func append(_ integers: [Int64], to bytes: ByteBuffer) {
        integers.withUnsafeBufferPointer { values in
            if let first = values.baseAddress { IntegerEncoder.append(first, count: values.count, to: bytes) }
        }
    }

    /// The values in 64 bits, a NULL as the value before it; nil for a layout that is no integer or does not fit.
    private static func integers(_ column: ColumnVector, _ validity: ValidityBitmap?) -> [Int64]? {
        switch column.physical {
        case .bool, .uint8: widened(column.values(UInt8.self), validity, column.count)
        case .int8: widened(column.values(Int8.self), validity, column.count)
        case .int16: widened(column.values(Int16.self), validity, column.count)
        case .int32: widened(column.values(Int32.self), validity, column.count)
        case .int64: widened(column.values(Int64.self), validity, column.count)
        case .uint16: widened(column.values(UInt16.self), validity, column.count)
        case .uint32: widened(column.values(UInt32.self), validity, column.count)
        case .uint64: widened(column.values(UInt64.self), validity, column.count)
        case .int128: narrowed(column, validity)
        case .float32, .float64, .string, .interval: nil
        }
    }

    private static func widened<T: FixedWidthInteger>(_ values: UnsafePointer<T>, _ validity: ValidityBitmap?, _ count: Int) -> [Int64] {
        [Int64](unsafeUninitializedCapacity: count) { target, initialized in
            if let validity {
                var last = (0..<count).first { validity.isValid($0) }.map { Int64(truncatingIfNeeded: values[$0]) } ?? 0
                for row in 0..<count {
                    if validity.isValid(row) { last = Int64(truncatingIfNeeded: values[row]) }
                    target[row] = last
                }
            } else {
                for row in 0..<count { target[row] = Int64(truncatingIfNeeded: values[row]) }
            }
            initialized = count
        }
    }

    private static func narrowed(_ column: ColumnVector, _ validity: ValidityBitmap?) -> [Int64]? {
        let values = column.values(Int128.self)
        let fits = (0..<column.count).allSatisfy { !(validity?.isValid($0) ?? true) || Int64(exactly: values[$0]) != nil }
        return fits ? widened(values, validity, column.count) : nil
    }

    /// Fixed-width values as they lie in memory, a NULL as zero bytes; texts as lengths in 32 bits, then the bytes.
    private static func appendRaw(_ column: ColumnVector, to bytes: ByteBuffer) {
        let flat = column.flattened()
        let count = flat.count
        if flat.physical == .string {
            let views = flat.values(StringView.self)
            bytes.append(count: count * 4) { place in
                for row in 0..<count { place.storeBytes(of: UInt32(flat.isNull(row) ? 0 : views[row].count), toByteOffset: row * 4, as: UInt32.self) }
            }
            for row in 0..<count where !flat.isNull(row) { bytes.append((views + row).bytes) }
            return
        }
        let stride = flat.physical.stride
        bytes.append(count: count * stride) { place in
            memcpy(place, flat.values(UInt8.self), count * stride)
            guard flat.validity != nil else { return }
            for row in 0..<count where flat.isNull(row) { memset(place + row * stride, 0, stride) }
        }
        withExtendedLifetime(flat) {}
    }
}
