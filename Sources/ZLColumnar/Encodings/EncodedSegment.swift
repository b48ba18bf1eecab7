import Glibc

/// A segment's bytes, parsed: hands out any rows as vectors.
final class EncodedSegment: Sendable {
    let type: DataType
    let rowCount: Int
    /// A zone for each `ZoneMap.zoneRows` rows.
    let zones: [ZoneMap]
    let validity: ValidityBitmap?
    let values: Values

    enum Values: Sendable {
        case column(ColumnVector)
        case stream(IntegerStream, Meaning)
    }

    /// What the numbers of a stream stand for.
    enum Meaning: Sendable {
        case integers
        case scaled(divisor: Double)
        case codes(ColumnVector)
    }

    private let exceptions: Exceptions

    /// Rows of scaled doubles that are no decimals, ascending, and their values.
    private struct Exceptions: Sendable {
        var rows: [UInt32] = []
        var values: [Double] = []
    }

    /// The segment of `length` bytes at `offset` of `buffer`.
    ///
    /// - Parameter name: table, column and row group, for the message.
    /// - Throws: class corruption where the bytes are no segment of this type and row count.
    init(_ buffer: Buffer, at offset: Int, length: Int, type: DataType, rowCount: Int, _ name: String) throws(ZLError) {
        self.type = type
        self.rowCount = rowCount
        let damage = ZLError(.corruption, "damaged_segment", "\(name) is damaged: its bytes are not those of a segment")
        let base = buffer.address + offset
        guard length >= SegmentEncoder.headerLength, let encoding = SegmentEncoding(rawValue: base.load(as: UInt8.self)),
            base.load(fromByteOffset: 4, as: UInt32.self) == UInt32(rowCount)
        else { throw damage }
        let hasBitmap = base.load(fromByteOffset: 1, as: UInt8.self) == 1
        let exponent = Int(base.load(fromByteOffset: 2, as: UInt8.self))
        let extra = Int(base.load(fromByteOffset: 8, as: UInt32.self))
        var place = SegmentEncoder.headerLength
        let bitmapLength = hasBitmap ? (rowCount + 63) / 64 * 8 : 0
        let zoneCount = (rowCount + ZoneMap.zoneRows - 1) / ZoneMap.zoneRows
        let bodyStart = place + bitmapLength + zoneCount * SegmentEncoder.zoneLength
        place = (bodyStart + SegmentEncoder.bodyAlignment - 1) / SegmentEncoder.bodyAlignment * SegmentEncoder.bodyAlignment
        guard place <= length else { throw damage }
        var bitmap: ValidityBitmap?
        if hasBitmap {
            let words = ValidityBitmap(count: rowCount, allValid: true)
            memcpy(words.words, base + SegmentEncoder.headerLength, bitmapLength)
            bitmap = words
        }
        zones = EncodedSegment.zones(base + SegmentEncoder.headerLength + bitmapLength, rowCount)
        validity = bitmap
        let body = offset + place
        let end = offset + length
        var apart = Exceptions()
        switch encoding {
        case .raw:
            guard let column = EncodedSegment.raw(buffer, at: body, end: end, type, rowCount, bitmap) else { throw damage }
            values = .column(column)
        case .constant:
            if zones.allSatisfy({ $0.nullCount == $0.rowCount }) {
                values = .column(.nulls(type, count: rowCount))
            } else {
                guard let one = EncodedSegment.raw(buffer, at: body, end: end, type, 1, nil) else { throw damage }
                values = .column(one.repeated(rowCount))
            }
        case .integers:
            guard let integers = IntegerStream(buffer, at: body, end: end, count: rowCount) else { throw damage }
            values = .stream(integers, .integers)
        case .scaled:
            guard type.physical == .float64, exponent < PowersOfTen.exactDoubles.count,
                let integers = IntegerStream(buffer, at: body, end: end, count: rowCount),
                let exceptions = EncodedSegment.exceptions(buffer, at: body + integers.byteCount, end: end, extra, rowCount)
            else { throw damage }
            apart = exceptions
            values = .stream(integers, .scaled(divisor: PowersOfTen.exactDoubles[exponent]))
        case .dictionary:
            guard type.physical == .string, extra > 0, let codes = IntegerStream(buffer, at: body, end: end, count: rowCount),
                let dictionary = EncodedSegment.raw(buffer, at: body + codes.byteCount, end: end, type, extra, nil)
            else { throw damage }
            values = .stream(codes, .codes(dictionary))
        }
        exceptions = apart
    }

    private static func zones(_ place: UnsafeMutableRawPointer, _ rowCount: Int) -> [ZoneMap] {
        stride(from: 0, to: rowCount, by: ZoneMap.zoneRows).enumerated().map { index, start in
            let zone = place + index * SegmentEncoder.zoneLength
            let flags = zone.load(fromByteOffset: 4, as: UInt32.self)
            let least = zone.load(fromByteOffset: 8, as: Int64.self)
            let greatest = zone.load(fromByteOffset: 16, as: Int64.self)
            return ZoneMap(
                rowCount: min(ZoneMap.zoneRows, rowCount - start), nullCount: Int(zone.load(as: UInt32.self)),
                bounds: flags & 1 == 1 && least <= greatest ? least...greatest : nil, isAscending: flags & 2 == 2)
        }
    }

    private static func raw(
        _ buffer: Buffer, at offset: Int, end: Int, _ type: DataType, _ count: Int, _ validity: ValidityBitmap?
    ) -> ColumnVector? {
        guard type.physical == .string else {
            guard end - offset >= count * type.physical.stride else { return nil }
            return ColumnVector(type: type, count: count, buffer: buffer, byteOffset: offset, validity: validity)
        }
        guard count <= (end - offset) / 4 else { return nil }
        var place = offset + 4 * count
        let result = Buffer(byteCount: max(16, count * 16))
        let views = result.values(StringView.self)
        for row in 0..<count {
            let length = Int(buffer.address.loadUnaligned(fromByteOffset: offset + 4 * row, as: UInt32.self))
            guard end - place >= length else { return nil }
            views[row] = StringView(buffer.address + place, count: length)
            place += length
        }
        return ColumnVector(type: type, count: count, buffer: result, validity: validity, heaps: [StringHeap(adopting: buffer)])
    }

    private static func exceptions(_ buffer: Buffer, at offset: Int, end: Int, _ count: Int, _ rowCount: Int) -> Exceptions? {
        guard count <= (end - offset) / 12 else { return nil }
        let values = (buffer.address + offset).assumingMemoryBound(to: Double.self)
        let rows = (buffer.address + offset + count * 8).assumingMemoryBound(to: UInt32.self)
        guard (0..<count).allSatisfy({ rows[$0] < rowCount && ($0 == 0 || rows[$0 - 1] < rows[$0]) }) else { return nil }
        return Exceptions(rows: (0..<count).map { rows[$0] }, values: (0..<count).map { values[$0] })
    }

    /// The rows of `range`.
    ///
    /// - Throws: class corruption for a code that has no text.
    /// - Complexity: O(rows of the range, rounded up to blocks of 256)
    func decode(_ range: Range<Int>) throws(ZLError) -> ColumnVector {
        let (stream, meaning): (IntegerStream, Meaning)
        switch values {
        case .column(let column): return column.slice(range)
        case .stream(let found, let itsMeaning): (stream, meaning) = (found, itsMeaning)
        }
        let stride = type.physical == .string ? 4 : type.physical.stride
        let target = Buffer(byteCount: max(16, range.count * stride))
        let valid = validity?.slice(range)
        write(range, stream, meaning, to: target.address)
        if case .codes(let dictionary) = meaning { return try texts(target, count: range.count, dictionary, valid) }
        return ColumnVector(type: type, count: range.count, buffer: target, validity: valid)
    }

    /// Writes the values of `range`, of a type of fixed size, to memory with room for them.
    ///
    /// - Returns: which of them are valid; nil where all are.
    func decode(_ range: Range<Int>, to target: UnsafeMutableRawPointer) -> ValidityBitmap? {
        switch values {
        case .column(let column): return column.slice(range).copy(to: target)
        case .stream(let stream, let meaning): write(range, stream, meaning, to: target)
        }
        return validity?.slice(range)
    }

    /// Values, or the codes of texts.
    private func write(_ range: Range<Int>, _ stream: IntegerStream, _ meaning: Meaning, to target: UnsafeMutableRawPointer) {
        switch meaning {
        case .integers:
            switch type.physical {
            case .bool, .uint8, .int8: stream.decode(range, into: target.assumingMemoryBound(to: UInt8.self))
            case .int16, .uint16: stream.decode(range, into: target.assumingMemoryBound(to: UInt16.self))
            case .int32, .uint32: stream.decode(range, into: target.assumingMemoryBound(to: UInt32.self))
            case .int64, .uint64: stream.decode(range, into: target.assumingMemoryBound(to: Int64.self))
            default: stream.decode(range, into: target.assumingMemoryBound(to: Int128.self))
            }
        case .scaled(let divisor):
            let doubles = target.assumingMemoryBound(to: Double.self)
            stream.decodeScaled(range, divisor: divisor, into: doubles)
            eachException(range) { doubles[$0] = $1 }
        case .codes: stream.decode(range, into: target.assumingMemoryBound(to: UInt32.self))
        }
    }

    /// Calls `body` with the places in `range` of scaled doubles that are no decimals, and their values.
    func eachException(_ range: Range<Int>, _ body: (Int, Double) -> Void) {
        if exceptions.rows.isEmpty { return }
        var place = exceptions.rows.partitioningIndex { $0 >= UInt32(range.lowerBound) }
        while place < exceptions.rows.count, exceptions.rows[place] < UInt32(range.upperBound) {
            body(Int(exceptions.rows[place]) - range.lowerBound, exceptions.values[place])
            place += 1
        }
    }

    func texts(
        _ codes: Buffer, count: Int, _ dictionary: ColumnVector, _ validity: ValidityBitmap?
    ) throws(ZLError) -> ColumnVector {
        let numbers = codes.values(UInt32.self)
        var greatest: UInt32 = 0
        for row in 0..<count { greatest = max(greatest, numbers[row]) }
        guard greatest < UInt32(dictionary.count) || count == 0 else {
            throw ZLError(.corruption, "damaged_segment", "a text column is damaged: code \(greatest) of \(dictionary.count) texts")
        }
        return ColumnVector(type: type, form: .dictionary, count: count, buffer: codes, validity: validity, dictionary: dictionary)
    }

    /// Of more rows than this part of a range it is faster to decode all and to gather.
    static let mostPicked = 32

    /// Some rows of `range`: those at `rows`, which ascend and count from the range's first.
    ///
    /// - Throws: class corruption for a code that has no text.
    /// - Complexity: O(count) for few rows, for differences also the rows before them in blocks of 256
    func decode(_ range: Range<Int>, at rows: UnsafePointer<UInt32>, count: Int) throws(ZLError) -> ColumnVector {
        guard case .stream(let stream, let meaning) = values, count <= range.count / EncodedSegment.mostPicked else {
            return try decode(range).gather(rows, count: count)
        }
        let first = range.lowerBound
        let stride = type.physical == .string ? 4 : type.physical.stride
        let target = Buffer(byteCount: max(16, count * stride))
        let valid = validity.map { validity in
            let picked = ValidityBitmap(count: count, allValid: true)
            for place in 0..<count where !validity.isValid(first + Int(rows[place])) { picked.setNull(place) }
            return picked
        }
        switch meaning {
        case .integers:
            switch type.physical {
            case .bool, .uint8, .int8: stream.pick(rows, count: count, from: first, into: target.values(UInt8.self))
            case .int16, .uint16: stream.pick(rows, count: count, from: first, into: target.values(UInt16.self))
            case .int32, .uint32: stream.pick(rows, count: count, from: first, into: target.values(UInt32.self))
            case .int64, .uint64: stream.pick(rows, count: count, from: first, into: target.values(Int64.self))
            default: stream.pick(rows, count: count, from: first, into: target.values(Int128.self))
            }
        case .scaled(let divisor):
            let doubles = target.values(Double.self)
            stream.pickScaled(rows, count: count, from: first, divisor: divisor, into: doubles)
            var exception = exceptions.rows.partitioningIndex { $0 >= UInt32(first) }
            for place in 0..<count {
                let row = UInt32(first) + rows[place]
                while exception < exceptions.rows.count, exceptions.rows[exception] < row { exception += 1 }
                guard exception < exceptions.rows.count else { break }
                if exceptions.rows[exception] == row { doubles[place] = exceptions.values[exception] }
            }
        case .codes(let dictionary):
            stream.pick(rows, count: count, from: first, into: target.values(UInt32.self))
            return try texts(target, count: count, dictionary, valid)
        }
        return ColumnVector(type: type, count: count, buffer: target, validity: valid)
    }
}

extension Array {
    /// The first place whose element passes; elements that pass stand behind those that do not. - Complexity: O(log count)
    fileprivate func partitioningIndex(where passes: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if passes(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
