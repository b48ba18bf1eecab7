import Glibc

/// Grows a flat vector value by value or vector by vector, then hands it over.
///
/// Appending is amortised O(1) a value. The typed appends do not check the type: the caller picks the one that belongs
/// to the layout.
package final class ColumnBuilder {
    package let type: DataType
    package private(set) var count = 0
    private var capacity: Int
    private let stride: Int
    private var buffer: Buffer
    /// Allocated at the first NULL; covers `capacity` rows.
    private var validity: ValidityBitmap?
    private var heap: StringHeap?
    private var foreignHeaps: [StringHeap] = []
    private var foreignHeapIDs: Set<ObjectIdentifier> = []
    /// Those of the vector that came last.
    private var lastHeaps: [StringHeap] = []
    /// From so many arenas on, with fewer than `rowsPerHeap` rows for each, strings are copied into one: many small appends
    /// would otherwise leave an arena each.
    private static let heapLimit = 8
    private static let rowsPerHeap = 64

    package init(type: DataType, capacity: Int = DataChunk.capacity) {
        self.type = type
        self.capacity = max(capacity, 16)
        stride = type.physical.stride
        buffer = Buffer(byteCount: self.capacity * stride)
    }

    /// Makes room for `extra` more rows.
    package func reserve(_ extra: Int) {
        guard count + extra > capacity else { return }
        let grown = max(count + extra, capacity * 2)
        let larger = Buffer(byteCount: grown * stride)
        larger.address.copyMemory(from: buffer.address, byteCount: count * stride)
        buffer = larger
        capacity = grown
        if let old = validity {
            let bitmap = ValidityBitmap(count: grown, allValid: true)
            let words = (count + 63) >> 6
            bitmap.words.update(from: old.words, count: words)
            validity = bitmap
            markValid(from: count)
        }
    }

    /// Sets the bits from `row` to the end of its word, which a copied word may hold as anything.
    private func markValid(from row: Int) {
        guard let validity, row & 63 != 0 else { return }
        validity.words[row >> 6] |= ~((1 << UInt64(row & 63)) - 1)
    }

    private func bitmap() -> ValidityBitmap {
        if let validity { return validity }
        let made = ValidityBitmap(count: capacity, allValid: true)
        validity = made
        return made
    }

    @inline(__always)
    package func append<T: BitwiseCopyable>(_ value: T) {
        if count == capacity { reserve(1) }
        buffer.values(T.self)[count] = value
        count += 1
    }

    package func appendNull() {
        if count == capacity { reserve(1) }
        memset(buffer.address + count * stride, 0, stride)
        bitmap().setNull(count)
        count += 1
    }

    /// Appends a copy of a byte string.
    package func append(bytes: UnsafeRawBufferPointer) {
        let heap = heap ?? StringHeap()
        self.heap = heap
        append(heap.view(copying: bytes))
    }

    package func append(text: String) {
        var text = text
        text.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Appends a value of the column's own type; `value` must fit its layout.
    package func append(value: Value) {
        switch value {
        case .null: appendNull()
        case .boolean(let flag): append(UInt8(flag ? 1 : 0))
        case .integer(let number), .decimal(let number): append(integer: number)
        case .real(let number): append(number)
        case .double(let number): append(number)
        case .string(let text): append(text: text)
        case .blob(let bytes): bytes.withUnsafeBytes { append(bytes: $0) }
        case .date(let days): append(days)
        case .ticks(let ticks): append(ticks)
        case .interval(let interval): append(interval)
        }
    }

    private func append(integer number: Int128) {
        switch type.physical {
        case .bool, .uint8: append(UInt8(truncatingIfNeeded: number))
        case .int8: append(Int8(truncatingIfNeeded: number))
        case .int16: append(Int16(truncatingIfNeeded: number))
        case .int32: append(Int32(truncatingIfNeeded: number))
        case .int64: append(Int64(truncatingIfNeeded: number))
        case .int128: append(number)
        case .uint16: append(UInt16(truncatingIfNeeded: number))
        case .uint32: append(UInt32(truncatingIfNeeded: number))
        case .uint64: append(UInt64(truncatingIfNeeded: number))
        case .float32: append(Float(number))
        case .float64: append(Double(number))
        case .string, .interval: preconditionFailure("an integer has no string or interval layout")
        }
    }

    /// Appends all rows of a vector of the same layout; long strings are shared, not copied, unless they lie in many small arenas.
    package func append(_ vector: ColumnVector) {
        precondition(vector.physical == type.physical)
        guard vector.count > 0 else { return }
        let flat = vector.flattened()
        reserve(flat.count)
        (buffer.address + count * stride).copyMemory(from: flat.data, byteCount: flat.count * stride)
        if flat.mayHaveNulls { bitmap().setNulls(of: flat, at: count) }
        if type.physical == .string, flat.heaps.count > ColumnBuilder.heapLimit, flat.heaps.count * ColumnBuilder.rowsPerHeap > flat.count {
            copyBytes(of: flat)
        } else if !sharesHeaps(flat) {
            lastHeaps = flat.heaps
            for heap in flat.heaps where foreignHeapIDs.insert(ObjectIdentifier(heap)).inserted { foreignHeaps.append(heap) }
        }
        count += flat.count
    }

    /// Whether a vector has the very array of arenas of the one before, as slices of one vector do.
    private func sharesHeaps(_ flat: ColumnVector) -> Bool {
        flat.heaps.isEmpty
            || flat.heaps.withUnsafeBufferPointer { new in lastHeaps.withUnsafeBufferPointer { $0.baseAddress == new.baseAddress && $0.count == new.count } }
    }

    /// Gives the long strings of the rows behind the last one, which are those of `flat`, bytes in the builder's own arena.
    private func copyBytes(of flat: ColumnVector) {
        let heap = heap ?? StringHeap()
        self.heap = heap
        let views = buffer.values(StringView.self) + count
        let nulls = NullMask(flat)
        for row in 0..<flat.count where !views[row].isInline {
            views[row] = nulls.isNull(row) ? StringView() : heap.view(copying: UnsafePointer(views + row).bytes)
        }
    }

    /// The vector; the builder is empty afterwards.
    package func finish() -> ColumnVector {
        var heaps = foreignHeaps
        if let heap { heaps.append(heap) }
        let rows = count
        let vector = ColumnVector(
            type: type, count: rows, buffer: buffer, validity: validity.flatMap { $0.slice(0..<rows) }, heaps: heaps)
        capacity = 16
        buffer = Buffer(byteCount: capacity * stride)
        validity = nil
        heap = nil
        foreignHeaps = []
        foreignHeapIDs = []
        lastHeaps = []
        count = 0
        return vector
    }
}

extension ColumnVector {
    /// One flat vector of all rows, in order. Vectors must have one layout.
    package static func concatenate(_ vectors: [ColumnVector], type: DataType) -> ColumnVector {
        if vectors.count == 1 { return vectors[0].flattened() }
        if let whole = joined(vectors) { return whole }
        let total = vectors.reduce(0) { $0 + $1.count }
        let builder = ColumnBuilder(type: type, capacity: total)
        for vector in vectors { builder.append(vector) }
        return builder.finish()
    }

    /// All rows, in order: codes of the one dictionary where all vectors have it, flat otherwise. For at least one vector, of one layout.
    package static func concatenateKeepingForm(_ vectors: [ColumnVector]) -> ColumnVector {
        let type = vectors[0].type
        guard let dictionary = vectors[0].dictionary, vectors.allSatisfy({ $0.form == .dictionary && $0.dictionary === dictionary }) else {
            return concatenate(vectors, type: type)
        }
        let builder = CodeBuilder(dictionary: dictionary, capacity: vectors.reduce(0) { $0 + $1.count })
        for vector in vectors { builder.append(vector) }
        return builder.finish()
    }

    /// `count` rows of one value.
    package static func constant(_ value: Value, type: DataType, count: Int) -> ColumnVector {
        if value.isNull { return .nulls(type, count: count) }
        let builder = ColumnBuilder(type: type, capacity: 1)
        builder.append(value: value)
        let one = builder.finish()
        return ColumnVector(
            type: type, form: .constant, count: count, buffer: one.storage.buffer, heaps: one.heaps)
    }

    /// The value of a row, for results and messages. O(1); not for loops over data.
    package func value(at row: Int) -> Value {
        if isNull(row) { return .null }
        switch form {
        case .constant: return element(at: 0)
        case .dictionary: return dictionary?.element(at: Int(codes[row])) ?? .null
        case .sequence: return flattened().element(at: row)
        case .flat: return element(at: row)
        }
    }

    private func element(at row: Int) -> Value {
        switch type {
        case .null: return .null
        case .boolean: return .boolean(values(UInt8.self)[row] != 0)
        case .tinyint: return .integer(Int128(values(Int8.self)[row]))
        case .smallint: return .integer(Int128(values(Int16.self)[row]))
        case .integer: return .integer(Int128(values(Int32.self)[row]))
        case .bigint: return .integer(Int128(values(Int64.self)[row]))
        case .hugeint: return .integer(values(Int128.self)[row])
        case .utinyint: return .integer(Int128(values(UInt8.self)[row]))
        case .usmallint: return .integer(Int128(values(UInt16.self)[row]))
        case .uinteger: return .integer(Int128(values(UInt32.self)[row]))
        case .ubigint: return .integer(Int128(values(UInt64.self)[row]))
        case .real: return .real(values(Float.self)[row])
        case .double: return .double(values(Double.self)[row])
        case .decimal(let precision, _):
            return .decimal(precision <= 18 ? Int128(values(Int64.self)[row]) : values(Int128.self)[row])
        case .varchar: return .string((values(StringView.self) + row).string)
        case .blob: return .blob(Array((values(StringView.self) + row).bytes))
        case .date: return .date(values(Int32.self)[row])
        case .time, .timestamp, .timestampNS, .timestampTZ: return .ticks(values(Int64.self)[row])
        case .interval: return .interval(values(Interval.self)[row])
        }
    }
}
