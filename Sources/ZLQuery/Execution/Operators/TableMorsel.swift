import ZLColumnar

/// Reads a row group vector by vector: columns that filters need first, the others where rows pass.
final class TableMorsel {
    private let source: TableSource
    private let group: RowGroup
    /// The group's first row within the table.
    private let position: Int
    /// What each column is read from, once it was read.
    private var segments: [SegmentRows?]
    /// Tests of keys, with the rows that were tested and that passed.
    private var tests: [(test: TableSource.KeyTest, tested: Int, passed: Int)]
    private lazy var mask = RowMask(count: source.rowsAtOnce)

    /// Of so many rows of a morsel that were tested nearly all passed: the test costs more than it saves.
    private static let testedRows = 4 * DataChunk.capacity

    init(_ source: TableSource, _ group: RowGroup, at position: Int) {
        self.source = source
        self.group = group
        self.position = position
        segments = [SegmentRows?](repeating: nil, count: source.indices.count)
        tests = source.keyTests.map { ($0, 0, 0) }
    }

    private func rows(of place: Int) throws(ZLError) -> SegmentRows {
        if let known = segments[place] { return known }
        let rows = try group.segments[source.indices[place]].rows()
        segments[place] = rows
        return rows
    }

    /// Those rows of `rows`, from the start of a zone and no more than are to be read at once, that pass the filters; nil where none does.
    func read(_ rows: Range<Int>) throws(ZLError) -> Batch? {
        if source.filters.isEmpty, source.limit == nil, tests.isEmpty { return try whole(rows) }
        var columns = [ColumnVector?](repeating: nil, count: source.indices.count)
        var kept: Selection?
        if let limit = source.limit, let place = source.indices.firstIndex(of: limit.column) {
            let key = try self.rows(of: place).decode(rows)
            kept = limit.bar.rows(of: key, upTo: limit.bar.place)
            if kept?.count == 0 { return nil }
            columns[place] = key
        }
        if !source.filters.isEmpty {
            func filtered() throws(ZLError) -> DataChunk {
                for place in source.early where columns[place] == nil { columns[place] = try self.rows(of: place).decode(rows) }
                return DataChunk(columns: source.early.compactMap { columns[$0] }, rowCount: rows.count)
            }
            mask.restart(count: rows.count)
            try source.filters.narrow(
                mask, rows, segment: { column throws(ZLError) in try self.rows(of: source.early[column]) }, chunk: filtered)
            let count = mask.keptCount()
            if count == 0 { return nil }
            let isDecided = source.filters.isOnlyComparisons
            if isDecided, kept == nil, tests.isEmpty, count < rows.count { return try marked(count, of: columns, rows) }
            var passing = mask.selection()
            if !isDecided { passing = try source.filters.rows(among: passing, of: try filtered()) }
            if let passing {
                kept = kept?.intersection(passing) ?? passing
                if kept?.count == 0 { return nil }
            }
        }
        for index in tests.indices where tests[index].tested < TableMorsel.testedRows || tests[index].passed < tests[index].tested / 8 * 7 {
            let place = tests[index].test.place
            let column = if let known = columns[place] { known } else { try self.rows(of: place).decode(rows) }
            columns[place] = column
            tests[index].tested += kept?.count ?? rows.count
            kept = tests[index].test.keys.rows(of: column, among: kept)
            tests[index].passed += kept?.count ?? rows.count
            if kept?.count == 0 { return nil }
        }
        return if let kept { try picked(kept, of: columns, rows) } else { try whole(rows, columns) }
    }

    /// All rows; no column is read yet.
    private func whole(_ rows: Range<Int>) throws(ZLError) -> Batch {
        var columns: [ColumnVector] = []
        columns.reserveCapacity(segments.count)
        for place in segments.indices { columns.append(try self.rows(of: place).decode(rows)) }
        return batch(columns, rows.count, ends: TableMorsel.ends(of: rows), rows)
    }

    /// All rows; columns that are not read yet are nil.
    private func whole(_ rows: Range<Int>, _ known: [ColumnVector?]) throws(ZLError) -> Batch {
        let columns = try columns(known, count: rows.count) { column in column } _: { segment throws(ZLError) in try segment.decode(rows) }
        return batch(columns, rows.count, ends: TableMorsel.ends(of: rows), rows)
    }

    /// The rows that the mask leaves; columns that are not read yet are nil.
    private func marked(_ count: Int, of known: [ColumnVector?], _ rows: Range<Int>) throws(ZLError) -> Batch {
        let (mask, marks) = (mask, mask.words)
        let columns = try columns(known, count: count) { $0.keeping(marks, count) } _: { segment throws(ZLError) in
            try segment.decode(rows, marks: marks, count)
        }
        return batch(columns, count, ends: mask.keptCounts(by: DataChunk.blockSize), rows)
    }

    /// Some of the rows; columns that are not read yet are nil.
    private func picked(_ kept: Selection, of known: [ColumnVector?], _ rows: Range<Int>) throws(ZLError) -> Batch {
        let columns = try columns(known, count: kept.count) { $0.gather(kept.rows, count: kept.count) } _: { segment throws(ZLError) in
            try segment.decode(rows, at: kept.rows, count: kept.count)
        }
        let ends = TableMorsel.ends(of: rows).map { Batch.border($0, of: kept.rows, count: kept.count) }
        return batch(columns, kept.count, ends: ends, rows)
    }

    private func batch(_ columns: [ColumnVector], _ count: Int, ends: [Int], _ rows: Range<Int>) -> Batch {
        Batch(chunk: DataChunk(columns: columns, rowCount: count), block: (position + rows.lowerBound) / DataChunk.blockSize, ends: ends)
    }

    /// Where the blocks of some rows end.
    private static func ends(of rows: Range<Int>) -> [Int] {
        stride(from: 0, to: rows.count, by: DataChunk.blockSize).map { min($0 + DataChunk.blockSize, rows.count) }
    }

    /// Blanks for what only filters read, the rows wanted of columns that are read, and those of the others.
    @inline(__always)
    private func columns(
        _ known: [ColumnVector?], count: Int, _ some: (ColumnVector) -> ColumnVector, _ decode: (SegmentRows) throws(ZLError) -> ColumnVector
    ) throws(ZLError) -> [ColumnVector] {
        var columns: [ColumnVector] = []
        columns.reserveCapacity(known.count)
        for place in known.indices {
            if source.isFilterOnly[place] {
                columns.append(source.blanks[place].resized(to: count))
            } else if let column = known[place] {
                columns.append(some(column))
            } else {
                columns.append(try decode(try rows(of: place)))
            }
        }
        return columns
    }
}
