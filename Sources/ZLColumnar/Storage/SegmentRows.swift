/// The rows of a segment, in memory: what many ranges are read from.
package struct SegmentRows: Sendable {
    enum Content: Sendable {
        /// As built: text in dictionary form where that is smaller, everything else as it came.
        case column(PiecedColumn)
        case encoded(EncodedSegment)
    }

    let type: DataType
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
