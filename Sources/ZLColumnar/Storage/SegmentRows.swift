/// The rows of a segment, in memory: what many ranges are read from.
package struct SegmentRows: Sendable {
    enum Content: Sendable {
        /// As built: text in dictionary form where that is smaller, everything else as it came.
        case column(PiecedColumn)
        case encoded(EncodedSegment)
    }

    package let type: DataType
    let content: Content

    /// The rows of `range`.
    ///
    /// - Throws: class corruption for a code that has no text.
    package func decode(_ range: Range<Int>) throws(ZLError) -> ColumnVector {
        switch content {
        case .column(let column): column.rows(range, type: type)
        case .encoded(let segment): try segment.decode(range)
        }
    }

    /// Writes the values of `range`, of a type of fixed size, to memory with room for them.
    ///
    /// - Returns: which of them are valid; nil where all are.
    package func decode(_ range: Range<Int>, to target: UnsafeMutableRawPointer) -> ValidityBitmap? {
        switch content {
        case .column(let column): column.rows(range, type: type).copy(to: target)
        case .encoded(let segment): segment.decode(range, to: target)
        }
    }

    /// Some rows of `range`: those at `rows`, which ascend and count from the range's first.
    ///
    /// - Throws: class corruption for a code that has no text.
    package func decode(_ range: Range<Int>, at rows: UnsafePointer<UInt32>, count: Int) throws(ZLError) -> ColumnVector {
        switch content {
        case .column(let column): column.rows(range, type: type).gather(rows, count: count)
        case .encoded(let segment): try segment.decode(range, at: rows, count: count)
        }
    }

    /// Those rows of `range` whose bit is 1 (bit i % 64 of marks[i / 64]), of which there are `kept`.
    ///
    /// - Throws: class corruption for a code that has no text.
    package func decode(_ range: Range<Int>, marks: UnsafePointer<UInt64>, _ kept: Int) throws(ZLError) -> ColumnVector {
        switch content {
        case .column(let column): column.rows(range, type: type).keeping(marks, kept)
        case .encoded(let segment): try segment.decode(range, marks: marks, kept)
        }
    }

    /// Takes the marks off the rows of `range` that do not pass, without decoding them; false, with the marks as they were, where that cannot be.
    package func narrow(_ marks: UnsafeMutablePointer<UInt64>, _ range: Range<Int>, _ test: ConstantTest) -> Bool {
        guard case .encoded(let segment) = content else { return false }
        return segment.narrow(marks, range, test)
    }
}
