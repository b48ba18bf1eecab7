import ZLColumnar

/// Turns one field of a batch of records into a column.
enum DBNColumnDecoder {
    static func decode(
        _ field: DBNField, of batch: DBNRecordBatch, priceAsDecimal: Bool, reader: DBNRecordReader
    ) throws(ZLError) -> ColumnVector {
        let type = field.kind.columnType(priceAsDecimal: priceAsDecimal)
        switch field.kind {
        case .price: return priceAsDecimal ? decimalPrices(field, batch, type) : doublePrices(field, batch)
        case .timestamp: return try timestamps(field, batch, reader)
        case .letter: return letters(field, batch)
        case .uint8: return plain(UInt8.self, field, batch, type)
        case .uint16: return plain(UInt16.self, field, batch, type)
        case .uint32: return plain(UInt32.self, field, batch, type)
        case .uint64: return plain(UInt64.self, field, batch, type)
        case .int32: return plain(Int32.self, field, batch, type)
        case .optionalUInt16: return optional(UInt16.self, field, batch, type)
        case .optionalUInt32: return optional(UInt32.self, field, batch, type)
        case .optionalInt64: return optional(Int64.self, field, batch, type)
        case .widenedInt32: return widened(field, batch)
        }
    }

    /// Collects the rows without value; stays nil while there are none.
    private struct Nulls {
        let count: Int
        private(set) var bitmap: ValidityBitmap?

        init(count: Int) { self.count = count }

        mutating func set(_ row: Int) {
            let made = bitmap ?? ValidityBitmap(count: count, allValid: true)
            made.setNull(row)
            bitmap = made
        }
    }

    private static func buffer(_ batch: DBNRecordBatch, _ type: DataType) -> Buffer {
        Buffer(byteCount: batch.count * type.physical.stride)
    }

    private static func plain<T: FixedWidthInteger & BitwiseCopyable>(
        _ element: T.Type, _ field: DBNField, _ batch: DBNRecordBatch, _ type: DataType
    ) -> ColumnVector {
        let buffer = buffer(batch, type)
        let target = buffer.values(T.self)
        let source = batch.first + field.offset
        let stride = batch.stride
        for row in 0..<batch.count { target[row] = source.loadUnaligned(fromByteOffset: row &* stride, as: T.self) }
        return ColumnVector(type: type, count: batch.count, buffer: buffer)
    }

    private static func optional<T: FixedWidthInteger & BitwiseCopyable>(
        _ element: T.Type, _ field: DBNField, _ batch: DBNRecordBatch, _ type: DataType
    ) -> ColumnVector {
        let vector = plain(element, field, batch, type)
        let values = vector.values(T.self)
        var nulls = Nulls(count: batch.count)
        for row in 0..<batch.count where values[row] == T.max { nulls.set(row) }
        return nulls.bitmap == nil ? vector : vector.withValidity(nulls.bitmap)
    }

    private static func widened(_ field: DBNField, _ batch: DBNRecordBatch) -> ColumnVector {
        let buffer = buffer(batch, .bigint)
        let target = buffer.values(Int64.self)
        let source = batch.first + field.offset
        var nulls = Nulls(count: batch.count)
        for row in 0..<batch.count {
            let value = source.loadUnaligned(fromByteOffset: row &* batch.stride, as: Int32.self)
            target[row] = Int64(value)
            if value == Int32.max { nulls.set(row) }
        }
        return ColumnVector(type: .bigint, count: batch.count, buffer: buffer, validity: nulls.bitmap)
    }

    private static let undefinedPrice = Int64.max
    private static let priceUnitsPerOne = 1e9

    private static func doublePrices(_ field: DBNField, _ batch: DBNRecordBatch) -> ColumnVector {
        let buffer = buffer(batch, .double)
        let target = buffer.values(Double.self)
        let source = batch.first + field.offset
        let stride = batch.stride
        var nulls = Nulls(count: batch.count)
        for row in 0..<batch.count {
            let value = source.loadUnaligned(fromByteOffset: row &* stride, as: Int64.self)
            target[row] = Double(value) / priceUnitsPerOne
            if value == undefinedPrice { nulls.set(row) }
        }
        return ColumnVector(type: .double, count: batch.count, buffer: buffer, validity: nulls.bitmap)
    }

    private static func decimalPrices(_ field: DBNField, _ batch: DBNRecordBatch, _ type: DataType) -> ColumnVector {
        let buffer = buffer(batch, type)
        let target = buffer.values(Int128.self)
        let source = batch.first + field.offset
        var nulls = Nulls(count: batch.count)
        for row in 0..<batch.count {
            let value = source.loadUnaligned(fromByteOffset: row &* batch.stride, as: Int64.self)
            target[row] = Int128(value)
            if value == undefinedPrice { nulls.set(row) }
        }
        return ColumnVector(type: type, count: batch.count, buffer: buffer, validity: nulls.bitmap)
    }

    private static func timestamps(
        _ field: DBNField, _ batch: DBNRecordBatch, _ reader: DBNRecordReader
    ) throws(ZLError) -> ColumnVector {
        let buffer = buffer(batch, .timestampNS)
        let target = buffer.values(Int64.self)
        let source = batch.first + field.offset
        let stride = batch.stride
        var nulls = Nulls(count: batch.count)
        for row in 0..<batch.count {
            let value = source.loadUnaligned(fromByteOffset: row &* stride, as: UInt64.self)
            target[row] = Int64(truncatingIfNeeded: value)
            guard value == 0 || value > UInt64(Int64.max) else { continue }
            guard value == 0 || value == UInt64.max else {
                throw reader.corrupt(
                    "\(field.name) is \(value), beyond the year 2262", at: batch.fileOffset + row * stride)
            }
            nulls.set(row)
        }
        return ColumnVector(type: .timestampNS, count: batch.count, buffer: buffer, validity: nulls.bitmap)
    }

    /// The text of each byte: itself if it is printable ASCII, else escaped as Databento's CSV does.
    private static let letterViews: [StringView] = (0..<256).map { byte in
        var text = String(UnicodeScalar(UInt8(byte)))
        switch byte {
        case 9: text = "\\t"
        case 10: text = "\\n"
        case 13: text = "\\r"
        case 32..<127: break
        default: text = "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return text.withUTF8 { StringView(UnsafeRawBufferPointer($0)) }
    }

    private static func letters(_ field: DBNField, _ batch: DBNRecordBatch) -> ColumnVector {
        let buffer = buffer(batch, .varchar)
        let target = buffer.values(StringView.self)
        let source = batch.first + field.offset
        var nulls = Nulls(count: batch.count)
        letterViews.withUnsafeBufferPointer { views in
            for row in 0..<batch.count {
                let byte = source.load(fromByteOffset: row &* batch.stride, as: UInt8.self)
                target[row] = byte == 0 ? StringView() : views[Int(byte)]
                if byte == 0 { nulls.set(row) }
            }
        }
        return ColumnVector(type: .varchar, count: batch.count, buffer: buffer, validity: nulls.bitmap)
    }

    private static let nanosecondsPerDay: UInt64 = 86_400_000_000_000

    /// The symbols of a batch in dictionary form; NULL where nothing is mapped.
    static func symbols(
        of batch: DBNRecordBatch, dictionary: ColumnVector, lookup: inout DBNSymbolLookup
    ) -> ColumnVector {
        guard dictionary.count > 0 else { return .nulls(.varchar, count: batch.count) }
        let buffer = Buffer(byteCount: batch.count * 4)
        let codes = buffer.values(UInt32.self)
        var nulls = Nulls(count: batch.count)
        for row in 0..<batch.count {
            let record = batch.first + row * batch.stride
            let instrument = record.loadUnaligned(fromByteOffset: DBNRecordLayout.instrumentOffset, as: UInt32.self)
            let timestamp = record.loadUnaligned(fromByteOffset: batch.layout.indexOffset, as: UInt64.self)
            let code = lookup.code(instrument, day: Int32(truncatingIfNeeded: timestamp / nanosecondsPerDay))
            codes[row] = code == DBNSymbolLookup.none ? 0 : code
            if code == DBNSymbolLookup.none { nulls.set(row) }
        }
        return ColumnVector(
            type: .varchar, form: .dictionary, count: batch.count, buffer: buffer, validity: nulls.bitmap,
            dictionary: dictionary, heaps: dictionary.heaps)
    }
}
