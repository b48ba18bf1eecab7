import CKernels
import ZLColumnar

/// Where a field's text lies in a block, without the quotes around it.
struct CSVField {
    var start: UInt32
    private var lengthAndFlags: UInt32

    private static let quotedBit: UInt32 = 1 << 31
    private static let escapedBit: UInt32 = 1 << 30
    static let longest = 1 << 30 - 1

    @inline(__always)
    init(start: Int, length: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        lengthAndFlags = UInt32(truncatingIfNeeded: length)
    }

    init(start: Int, length: Int, isEscaped: Bool) {
        self.init(start: start, length: length)
        lengthAndFlags |= CSVField.quotedBit | (isEscaped ? CSVField.escapedBit : 0)
    }

    @inline(__always)
    var length: Int { Int(lengthAndFlags & ~(CSVField.quotedBit | CSVField.escapedBit)) }
    @inline(__always)
    var isQuoted: Bool { lengthAndFlags & CSVField.quotedBit != 0 }
    /// Whether doubled or escaped quotes are still in it.
    @inline(__always)
    var isEscaped: Bool { lengthAndFlags & CSVField.escapedBit != 0 }

    @inline(__always)
    func bytes(in base: UnsafePointer<UInt8>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + Int(start), count: length)
    }

    /// Whether two texts of 16 to 32 bytes are the same; false for others.
    @inline(__always)
    func hasText(of other: CSVField, in base: UnsafePointer<UInt8>) -> Bool {
        guard lengthAndFlags == other.lengthAndFlags, lengthAndFlags >= 16, lengthAndFlags <= 32 else { return false }
        let (left, right) = (UnsafeRawPointer(base + Int(start)), UnsafeRawPointer(base + Int(other.start)))
        let last = Int(lengthAndFlags) &- 16
        let first = left.loadUnaligned(as: SIMD2<UInt64>.self) ^ right.loadUnaligned(as: SIMD2<UInt64>.self)
        let rest = left.loadUnaligned(fromByteOffset: last, as: SIMD2<UInt64>.self) ^ right.loadUnaligned(fromByteOffset: last, as: SIMD2<UInt64>.self)
        let differing = first | rest
        return differing[0] | differing[1] == 0
    }
}

/// Why a row is no row, with its place in the block.
struct CSVProblem: Error {
    enum Reason {
        case fieldCount(found: Int)
        case unterminatedQuote
        case textBehindQuote
        case notUTF8
    }

    var reason: Reason
    var offset: Int
}

/// Splits blocks of whole rows into fields.
struct CSVTokenizer {
    let dialect: CSVDialect
    /// Fields that every row must have.
    let columnCount: Int

    /// `tokenizePlain` for a block without quotes, else `tokenize`.
    func tokenize(
        _ base: UnsafePointer<UInt8>, position: inout Int, end: Int, rowLimit: Int, isPlain: Bool,
        fields: UnsafeMutablePointer<CSVField>
    ) throws(CSVProblem) -> Int {
        isPlain
            ? try tokenizePlain(base, position: &position, end: end, rowLimit: rowLimit, fields: fields)
            : try tokenize(base, position: &position, end: end, rowLimit: rowLimit, fields: fields)
    }

    /// Memory for the fields of so many rows, and for what `tokenize` may write behind them.
    func fieldTable(rows: Int) -> Buffer {
        Buffer(byteCount: (rows * columnCount + Int(ZL_SPLIT_SLACK)) * MemoryLayout<CSVField>.stride)
    }

    /// The same as `tokenize` for a block without quotes: 64 bytes are searched at a time, and only their hits are looked at.
    ///
    /// `base[0..<end]` ends in a line end and is followed by at least 64 readable bytes.
    func tokenizePlain(
        _ base: UnsafePointer<UInt8>, position: inout Int, end: Int, rowLimit: Int,
        fields: UnsafeMutablePointer<CSVField>
    ) throws(CSVProblem) -> Int {
        let delimiter = dialect.delimiter
        let columnCount = columnCount
        let fieldsOfC = UnsafeMutableRawPointer(fields).assumingMemoryBound(to: zl_field.self)
        var place = position
        // why: what is left behind a row with a field too many or too few is found here, and whether that row is blank
        var rows = zl_split_rows(base, &place, end, delimiter, columnCount, rowLimit, fieldsOfC)
        var rowStart = place
        var column = 0
        var out = fields + rows * columnCount
        var window = place
        var hits = place < end ? zl_match_either(base + window, delimiter, CSVDialect.newline) : 0
        while rows < rowLimit, place < end {
            while hits == 0 {
                window &+= 64
                hits = zl_match_either(base + window, delimiter, CSVDialect.newline)
            }
            let stop = window &+ hits.trailingZeroBitCount
            hits &= hits &- 1
            if base[stop] == delimiter {
                if column < columnCount { out[column] = CSVField(start: place, length: stop &- place) }
                column &+= 1
                place = stop &+ 1
                continue
            }
            var length = stop &- place
            if length > 0, base[stop &- 1] == CSVDialect.carriageReturn { length &-= 1 }
            if column < columnCount { out[column] = CSVField(start: place, length: length) }
            column &+= 1
            place = stop &+ 1
            if column == columnCount {
                out += columnCount
                rows &+= 1
            } else if column != 1 || length > 0 {
                throw CSVProblem(reason: .fieldCount(found: column), offset: rowStart)
            }
            column = 0
            rowStart = place
        }
        position = place
        return rows
    }

    /// Writes the fields of up to `rowLimit` rows to `fields`, row by row, and moves `position` behind them.
    ///
    /// `base[0..<end]` ends in a line end and is followed by at least 8 readable bytes. Blank lines do not count unless there is one column.
    /// - Returns: the number of rows.
    func tokenize(
        _ base: UnsafePointer<UInt8>, position: inout Int, end: Int, rowLimit: Int,
        fields: UnsafeMutablePointer<CSVField>
    ) throws(CSVProblem) -> Int {
        let delimiter = dialect.delimiter
        // why: a quote of 0 never begins a text field, so files without quoting need no second loop.
        let quote = dialect.quote ?? 0
        let delimiters = CSVTokenizer.repeated(delimiter)
        var rows = 0
        var place = position
        var out = fields
        while rows < rowLimit, place < end {
            let rowStart = place
            var column = 0
            var isBlank = false
            while true {
                let field: CSVField
                let stop: Int
                if base[place] == quote, dialect.quote != nil {
                    (field, stop) = try quoted(base, at: place, end: end)
                } else {
                    stop = CSVTokenizer.find(base, from: place, delimiters)
                    var length = stop - place
                    if length > 0, base[stop] == CSVDialect.newline, base[stop - 1] == CSVDialect.carriageReturn { length -= 1 }
                    field = CSVField(start: place, length: length)
                    isBlank = column == 0 && length == 0
                }
                if column < columnCount { out[column] = field }
                column += 1
                place = stop + 1
                if base[stop] == CSVDialect.newline { break }
            }
            if column != columnCount {
                if isBlank, column == 1 { continue }
                throw CSVProblem(reason: .fieldCount(found: column), offset: rowStart)
            }
            out += columnCount
            rows += 1
        }
        position = place
        return rows
    }

    @inline(__always)
    private static func repeated(_ byte: UInt8) -> UInt64 { UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// The next delimiter or line end.
    @inline(__always)
    private static func find(_ base: UnsafePointer<UInt8>, from start: Int, _ delimiters: UInt64) -> Int {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let newlines = repeated(CSVDialect.newline)
        var place = start
        while true {
            let word = UnsafeRawPointer(base + place).loadUnaligned(as: UInt64.self)
            let a = word ^ delimiters
            let b = word ^ newlines
            // why: a byte of `x` is zero exactly where this leaves its top bit set; the shorter test errs behind a hit.
            let zeroA = ~(((a & low) &+ low) | a | low)
            let zeroB = ~(((b & low) &+ low) | b | low)
            let hits = zeroA | zeroB
            if hits != 0 { return place &+ hits.trailingZeroBitCount >> 3 }
            place &+= 8
        }
    }

    /// A field in quotes, and where it stops: at a delimiter or a line end.
    private func quoted(
        _ base: UnsafePointer<UInt8>, at start: Int, end: Int
    ) throws(CSVProblem) -> (field: CSVField, stop: Int) {
        let quote = dialect.quote ?? 0
        let escape = dialect.escape ?? quote
        var place = start + 1
        var isEscaped = false
        while place < end {
            let byte = base[place]
            if byte == escape, place + 1 < end, dialect.isEscapable(base[place + 1]) {
                isEscaped = true
                place += 2
            } else if byte == quote {
                break
            } else {
                place += 1
            }
        }
        guard place < end else { throw CSVProblem(reason: .unterminatedQuote, offset: start) }
        let field = CSVField(start: start + 1, length: place - start - 1, isEscaped: isEscaped)
        var stop = place + 1
        if stop + 1 < end, base[stop] == CSVDialect.carriageReturn, base[stop + 1] == CSVDialect.newline { stop += 1 }
        guard stop < end, base[stop] == dialect.delimiter || base[stop] == CSVDialect.newline else {
            throw CSVProblem(reason: .textBehindQuote, offset: place)
        }
        return (field, stop)
    }

    /// The text of a field with escaped quotes, unescaped.
    func unescaped(_ field: CSVField, in base: UnsafePointer<UInt8>, into scratch: ByteBuffer) -> UnsafeRawBufferPointer {
        let escape = dialect.escape ?? dialect.quote ?? 0
        let bytes = field.bytes(in: base)
        scratch.removeAll()
        var index = 0
        while index < bytes.count {
            if bytes[index] == escape, index + 1 < bytes.count, dialect.isEscapable(bytes[index + 1]) { index += 1 }
            scratch.append(bytes[index])
            index += 1
        }
        return scratch.bytes
    }
}
