import CKernels
import ZLColumnar

/// A key to sort by: a column, its direction and the place of NULLs.
struct SortInput: Sendable {
    let column: ColumnVector
    let isDescending: Bool
    let nullsFirst: Bool

    init(_ column: ColumnVector, isDescending: Bool = false, nullsFirst: Bool = false) {
        self.column = column
        self.isDescending = isDescending
        self.nullsFirst = nullsFirst
    }

    var words: SortColumn { SortColumn(column, isDescending: isDescending, nullsFirst: nullsFirst) }

    func slice(_ rows: Range<Int>) -> SortInput { SortInput(column.slice(rows), isDescending: isDescending, nullsFirst: nullsFirst) }
}

/// All sort keys of a row in one number of few bits, whose order is that of the rows: each key as its distance from the least one, without
/// the low bits that never differ. Texts are their place among the different ones; doubles that are decimal numbers count their last
/// digit.
struct SortFields: Sendable {
    private let fields: [Field]
    /// The bits of all keys together, at most 64.
    let bits: Int

    /// Rows whose words lie in the cache together.
    private static let block = 2048

    fileprivate struct Field: Sendable {
        let source: Source
        let least: UInt64
        let shift: UInt64
        /// Bits of a value; one more says what is NULL.
        let valueBits: UInt64
        var bits: Int { Int(valueBits) + (source.vector.mayHaveNulls ? 1 : 0) }
    }

    /// Where the words of a key come from.
    fileprivate struct Source: Sendable {
        let vector: ColumnVector
        let isDescending: Bool
        let nullsFirst: Bool
        /// Doubles count units of the power of ten that they are decimal numbers of.
        var scale: Double?
    }

    /// What the words of some rows have in common.
    fileprivate struct Extent: Sendable {
        var least = UInt64.max
        var greatest = UInt64.min
        var differing: UInt64 = 0
        var isExact = true

        mutating func add(_ other: Extent) {
            if other.least <= other.greatest, least <= greatest { differing |= other.differing | (least ^ other.least) } else { differing |= other.differing }
            least = min(least, other.least)
            greatest = max(greatest, other.greatest)
            isExact = isExact && other.isExact
        }
    }

    /// Nil where the keys of a row do not fit a word: keys of 128 bits, texts with many different values, many keys.
    ///
    /// - Complexity: O(rows * keys), spread over the threads.
    init?(_ inputs: [SortInput], count: Int, threads: Int) throws {
        var fields: [Field] = []
        for input in inputs {
            guard let source = SortFields.source(of: input) else { return nil }
            fields.append(try SortFields.field(source, count, threads))
        }
        bits = fields.reduce(0) { $0 + $1.bits }
        guard bits <= 64 else { return nil }
        self.fields = fields.filter { $0.bits > 0 }
    }

    private static func source(of input: SortInput) -> Source? {
        let vector: ColumnVector
        switch input.column.physical {
        case .int128, .interval: return nil
        case .string:
            if let dictionary = input.column.dictionary, StringDictionary.isAscending(dictionary) {
                vector = input.column
                break
            }
            guard let coded = StringDictionary.build([input.column]) else { return nil }
            vector = coded
        default: vector = input.column.flattened()
        }
        return Source(vector: vector, isDescending: input.isDescending, nullsFirst: input.nullsFirst)
    }

    private static func field(_ source: Source, _ count: Int, _ threads: Int) throws -> Field {
        if source.vector.physical == .float64, source.vector.form == .flat, let scale = decimalScale(source.vector) {
            var scaled = source
            scaled.scale = scale
            let extent = try extent(scaled, count, threads)
            if extent.isExact { return field(scaled, extent) }
        }
        return field(source, try extent(source, count, threads))
    }

    private static func field(_ source: Source, _ extent: Extent) -> Field {
        guard extent.least < extent.greatest else { return Field(source: source, least: extent.least, shift: 0, valueBits: 0) }
        // why: the distance of words that share their low bits has these bits at 0
        let shift = extent.differing.trailingZeroBitCount
        let range = (extent.greatest - extent.least) >> UInt64(shift)
        return Field(source: source, least: extent.least, shift: UInt64(shift), valueBits: UInt64(64 - range.leadingZeroBitCount))
    }

    private static func extent(_ source: Source, _ count: Int, _ threads: Int) throws -> Extent {
        let pieces = count > 1 << 16 ? threads * 4 : 1
        let parts = try WorkerPool.shared.map(count: pieces, threads: threads) { piece throws(ZLError) in
            var extent = Extent()
            let words = Buffer(byteCount: block * 8)
            var row = count * piece / pieces
            let end = count * (piece + 1) / pieces
            while row < end {
                let rows = row..<min(end, row + block)
                if !source.fill(words.values(UInt64.self), rows) { extent.isExact = false }
                extent.add(source.extent(of: words.values(UInt64.self), rows))
                row = rows.upperBound
            }
            return extent
        }
        return parts.reduce(into: Extent()) { $0.add($1) }
    }

    /// The keys of `rows`, `target` being that of the first.
    func fill(_ target: UnsafeMutablePointer<UInt64>, _ rows: Range<Int>) {
        let scratch = Buffer(byteCount: SortFields.block * 8)
        let words = scratch.values(UInt64.self)
        target.update(repeating: 0, count: rows.count)
        var row = rows.lowerBound
        while row < rows.upperBound {
            let part = row..<min(rows.upperBound, row + SortFields.block)
            let keys = target + (row - rows.lowerBound)
            for field in fields {
                _ = field.source.fill(words, part, isKnownExact: true)
                let (least, shift, bits) = (field.least, field.shift, field.valueBits)
                if field.source.vector.mayHaveNulls {
                    let (nullKey, valueKey) = field.source.nullsFirst ? (UInt64(0), UInt64(1) << bits) : (UInt64(1) << bits, UInt64(0))
                    for index in 0..<part.count {
                        let value = field.source.vector.isNull(row + index) ? nullKey : (words[index] &- least) >> shift | valueKey
                        keys[index] = keys[index] << (bits + 1) | value
                    }
                } else {
                    for index in 0..<part.count { keys[index] = keys[index] << bits | (words[index] &- least) >> shift }
                }
            }
            row = part.upperBound
        }
    }
}

extension SortFields.Source {
    /// The words of `rows`; false where a double is no decimal number. The word of a NULL means nothing.
    ///
    /// - Parameter isKnownExact: these doubles were all found to be decimal numbers.
    fileprivate func fill(_ target: UnsafeMutablePointer<UInt64>, _ rows: Range<Int>, isKnownExact: Bool = false) -> Bool {
        let first = rows.lowerBound
        let count = rows.count
        var isExact = true
        if vector.form == .dictionary {
            let codes = vector.codes + first
            for index in 0..<count { target[index] = UInt64(codes[index]) }
        } else {
            switch vector.physical {
            case .bool, .uint8: integers(UInt8.self, target, first, count)
            case .uint16: integers(UInt16.self, target, first, count)
            case .uint32: integers(UInt32.self, target, first, count)
            case .uint64:
                let values = vector.values(UInt64.self) + first
                for index in 0..<count { target[index] = values[index] }
            case .int8: integers(Int8.self, target, first, count)
            case .int16: integers(Int16.self, target, first, count)
            case .int32: integers(Int32.self, target, first, count)
            case .int64: integers(Int64.self, target, first, count)
            case .float32:
                let values = vector.values(Float.self) + first
                for index in 0..<count { target[index] = SortColumn.ordered(Double(values[index])) }
            case .float64:
                let values = vector.values(Double.self) + first
                if let scale, isKnownExact {
                    SortFields.scaled(values, scale, target, count)
                } else if let scale {
                    isExact = SortFields.scaled(values, scale, target, count, vector.validity, first)
                } else {
                    for index in 0..<count { target[index] = SortColumn.ordered(values[index]) }
                }
            case .int128, .interval, .string: preconditionFailure("keys of these layouts are no words")
            }
        }
        if isDescending { for index in 0..<count { target[index] = ~target[index] } }
        return isExact
    }

    private func integers<T: FixedWidthInteger>(_ type: T.Type, _ target: UnsafeMutablePointer<UInt64>, _ first: Int, _ count: Int) {
        let values = vector.values(T.self) + first
        for index in 0..<count { target[index] = UInt64(bitPattern: Int64(truncatingIfNeeded: values[index])) ^ (1 << 63) }
    }

    /// What the words of the rows that are not NULL have in common.
    fileprivate func extent(of words: UnsafePointer<UInt64>, _ rows: Range<Int>) -> SortFields.Extent {
        var extent = SortFields.Extent()
        if vector.mayHaveNulls {
            for index in 0..<rows.count where !vector.isNull(rows.lowerBound + index) {
                extent.add(SortFields.Extent(least: words[index], greatest: words[index]))
            }
            return extent
        }
        let found = zl_extent_uint64s(words, rows.count)
        return SortFields.Extent(least: found.least, greatest: found.greatest, differing: found.differing)
    }
}

extension SortFields {
    private static let largest = 0x1p51
    /// Adding it rounds to the nearest whole number and leaves that in the low bits.
    private static let magic = 0x1.8p52
    private static let scales = [1.0, 10, 100, 1000, 10_000, 100_000, 1_000_000]
    private static let sampleSize = 256

    /// The least power of ten that a sample of the values are multiples of the inverse of.
    fileprivate static func decimalScale(_ vector: ColumnVector) -> Double? {
        let values = vector.values(Double.self)
        let step = max(1, vector.count / sampleSize)
        var word: UInt64 = 0
        return scales.first { scale in
            stride(from: 0, to: vector.count, by: step).allSatisfy { row in
                vector.isNull(row) || scaled(values + row, scale, &word, 1, nil, 0)
            }
        }
    }

    /// Doubles that are whole numbers of units `1 / scale`, as words in order.
    fileprivate static func scaled(_ values: UnsafePointer<Double>, _ scale: Double, _ target: UnsafeMutablePointer<UInt64>, _ count: Int) {
        for index in 0..<count { target[index] = ((values[index] * scale + magic).bitPattern &- magic.bitPattern) ^ (1 << 63) }
    }

    /// Doubles as whole numbers of units `1 / scale`, as words in order; false where one of them that is not NULL is none.
    ///
    /// Division rounds such a number back to the same double, so different doubles have different numbers, in the same order.
    fileprivate static func scaled(
        _ values: UnsafePointer<Double>, _ scale: Double, _ target: UnsafeMutablePointer<UInt64>, _ count: Int, _ validity: ValidityBitmap?,
        _ first: Int
    ) -> Bool {
        var wrong: UInt64 = 0
        for index in 0..<count {
            let product = values[index] * scale
            let shifted = product + magic
            let isWrong = ((shifted - magic) / scale).bitPattern ^ values[index].bitPattern | (abs(product) < largest ? 0 : 1)
            target[index] = (shifted.bitPattern &- magic.bitPattern) ^ (1 << 63)
            wrong |= isWrong
        }
        guard wrong != 0, let validity else { return wrong == 0 }
        return (0..<count).allSatisfy { index in
            var word: UInt64 = 0
            return !validity.isValid(first + index) || scaled(values + index, scale, &word, 1, nil, 0)
        }
    }
}
