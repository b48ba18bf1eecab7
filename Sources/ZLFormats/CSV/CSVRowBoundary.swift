import ZLColumnar

/// Follows quotes through CSV text byte by byte, so that a line end inside a quoted field is told from one that ends a row.
struct CSVRowBoundary {
    private enum State { case fieldStart, unquoted, quoted, quoteInQuoted, escapeInQuoted }

    private let dialect: CSVDialect
    private var state = State.fieldStart

    init(_ dialect: CSVDialect) { self.dialect = dialect }

    /// Takes the next byte; true if it ends a row.
    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        switch state {
        case .quoted:
            if let escape = dialect.escape, escape != dialect.quote, byte == escape {
                state = .escapeInQuoted
            } else if byte == dialect.quote {
                state = .quoteInQuoted
            }
            return false
        case .escapeInQuoted:
            // why: an escape that stands before anything but a quote is text.
            state = .quoted
            return false
        case .quoteInQuoted where byte == dialect.quote && (dialect.escape ?? dialect.quote) == dialect.quote:
            state = .quoted
            return false
        case .fieldStart where byte == dialect.quote:
            state = .quoted
            return false
        case .fieldStart, .unquoted, .quoteInQuoted:
            if byte == CSVDialect.newline || byte == dialect.delimiter {
                state = .fieldStart
                return byte == CSVDialect.newline
            }
            state = .unquoted
            return false
        }
    }

    private static let pieceSize = 1 << 20

    /// The offset behind the row that begins at `start`; the end of the content if it has no line end.
    static func rowEnd(_ source: CSVSource, _ dialect: CSVDialect, from start: Int) throws(ZLError) -> Int {
        var boundary = CSVRowBoundary(dialect)
        var place = start
        while place < source.byteCount {
            let range = place..<min(source.byteCount, place + (place == start ? 4096 : pieceSize))
            let (buffer, _) = try source.load(range)
            defer { withExtendedLifetime(buffer) {} }
            let bytes = buffer.values(UInt8.self)
            for index in 0..<range.count where boundary.take(bytes[index]) { return place + index + 1 }
            place = range.upperBound
        }
        return source.byteCount
    }

    /// Cuts the rows from `start` on into ranges of at least `blockSize` bytes.
    ///
    /// - Complexity: O(bytes), one thread.
    static func blocks(
        _ source: CSVSource, _ dialect: CSVDialect, from start: Int, blockSize: Int
    ) throws(ZLError) -> [Range<Int>] {
        var boundary = CSVRowBoundary(dialect)
        var blocks: [Range<Int>] = []
        var blockStart = start
        var place = start
        while place < source.byteCount {
            let range = place..<min(source.byteCount, place + pieceSize)
            let (buffer, _) = try source.load(range)
            defer { withExtendedLifetime(buffer) {} }
            let bytes = buffer.values(UInt8.self)
            for index in 0..<range.count where boundary.take(bytes[index]) {
                let end = place + index + 1
                guard end - blockStart >= blockSize else { continue }
                blocks.append(blockStart..<end)
                blockStart = end
            }
            place = range.upperBound
        }
        if blockStart < source.byteCount { blocks.append(blockStart..<source.byteCount) }
        return blocks
    }
}
